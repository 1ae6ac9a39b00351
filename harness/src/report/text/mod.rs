//! Reports as text for terminals. Whatever came from the target is made inert where it is written.

mod apart;
mod command;
mod entry;
mod explain;
mod findings;
mod grid;
mod head;
mod page;
mod practices;
mod sent;
mod standing;
mod tone;
mod transcript;
mod unproven;
mod verdict;

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;

pub(crate) use explain::{HEADINGS, by_practice, facts};
pub use explain::{check_table, explain};
pub use transcript::{exchanges, transcript};

use crate::finding::Finding;
use crate::report::Report;
use page::Page;

/// How a text is laid out, and what its commands say.
#[derive(Clone, Copy)]
pub struct TextOptions<'a> {
    /// Columns; at least 40 are used.
    pub width: usize,
    /// Colours, by ANSI codes.
    pub color: bool,
    /// The corpora directory that the case files are in, as the reader would write it.
    pub corpora: &'a str,
    /// What `proofhouse replay CASE` needs behind it for a finding, such as `--target URL` or `--defect ID`, in
    /// the words of a shell; without it, the report's target.
    pub replay_with: Option<&'a dyn Fn(&Finding) -> String>,
    /// How many operations of a check are told in full; the others get a line each.
    pub details: usize,
}

impl Default for TextOptions<'_> {
    fn default() -> Self {
        Self { width: 100, color: false, corpora: "corpora", replay_with: None, details: 5 }
    }
}

impl std::fmt::Debug for TextOptions<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TextOptions")
            .field("width", &self.width)
            .field("color", &self.color)
            .finish_non_exhaustive()
    }
}

/// The scorecard of a run. It ends with a line of counts; whether a gate lets the run through is for the caller
/// to say below it.
pub fn scorecard(report: &Report, options: &TextOptions<'_>) -> String {
    let mut page = Page::new(options.width, options.color);
    head::write(&mut page, report);
    practices::write(&mut page, &report.practices);
    findings::write(&mut page, report, options);
    apart::write(&mut page, report, options);
    standing::identities(&mut page, report);
    grid::operations(&mut page, report);
    standing::left_out(&mut page, &report.left_out);
    unproven::vacuous(&mut page, report);
    unproven::skipped(&mut page, &report.skipped);
    verdict::write(&mut page, report);
    page.finish()
}

/// What there is to say of a finding, each with its name, in the order in which a reader asks.
#[cfg(feature = "service")]
pub(crate) fn fields(finding: &Finding) -> Vec<(&'static str, String)> {
    entry::fields(finding)
}

/// How what a check finds is mended.
#[cfg(feature = "service")]
pub(crate) fn fix(check: &str) -> Option<String> {
    crate::checks::by_id(check)?.about().section("How to fix")
}

/// One finding in full, with how to fix it: what a failing test or `triage show` prints. Without
/// [`TextOptions::replay_with`] it names no target.
pub fn one_finding(finding: &Finding, options: &TextOptions<'_>) -> String {
    let mut page = Page::new(options.width, options.color);
    findings::alone(&mut page, finding, options);
    page.finish()
}
