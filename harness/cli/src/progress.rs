//! Progress on standard error: a bar at a terminal, a line a phase elsewhere.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use proofhouse::engine::campaign::{Announcement, Progress};

use crate::output;

/// Shows what a campaign does.
pub(crate) struct Shown {
    bar: Option<ProgressBar>,
    phase: Arc<str>,
    began: Instant,
    time: Option<Duration>,
}

impl Shown {
    pub(crate) fn new(time: Option<Duration>) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(0);
            let style = ProgressStyle::with_template("{spinner} {prefix:14} [{bar:24}] {pos}/{len} {msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self { bar, phase: Arc::from(""), began: Instant::now(), time }
    }

    pub(crate) fn update(&mut self, progress: &Progress) {
        let seconds = self.began.elapsed().as_secs_f64().max(0.001);
        if let Some(bar) = &self.bar {
            bar.set_prefix(progress.phase.to_string());
            bar.set_length(progress.of as u64);
            bar.set_position(progress.done as u64);
            let left = match self.time {
                Some(time) => format!("{} s left", time.saturating_sub(self.began.elapsed()).as_secs()),
                None => format!("{seconds:.0} s"),
            };
            let rate = progress.requests as f64 / seconds;
            bar.set_message(format!(
                "{} requests, {rate:.0}/s, {} findings, {left}",
                progress.requests, progress.findings
            ));
        } else if self.phase != progress.phase {
            output::note(&format!(
                "{:>6.1} s  {} ({} requests so far)",
                seconds, progress.phase, progress.requests
            ));
        }
        self.phase = Arc::clone(&progress.phase);
    }

    /// Says what was found, once it is on disk.
    pub(crate) fn teller(&self) -> Box<dyn Fn(&Announcement) + Send> {
        let bar = self.bar.clone();
        let told = std::sync::Mutex::new(std::collections::HashSet::new());
        Box::new(move |announcement| {
            let Announcement::Confirmed(found) = announcement else { return };
            let (finding, _) = &**found;
            let first = told.lock().is_ok_and(|mut told| told.insert(finding.fingerprint.clone()));
            if !first {
                return;
            }
            let line = format!(
                "found  {:8} {} ({} of {}), {}",
                finding.severity,
                finding.title,
                finding.reproduced.k,
                finding.reproduced.n,
                finding.case_file
            );
            match &bar {
                Some(bar) => bar.println(proofhouse::message::inert_text(&line)),
                None => output::note(&line),
            }
        })
    }

    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
