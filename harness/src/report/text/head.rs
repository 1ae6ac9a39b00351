//! The head of the scorecard: what was attacked, how much, how long, with which seed.

use jiff::Timestamp;

use super::page::{Page, Span, dotted, words};
use super::tone::{brief, count, faint, grouped, strong};
use crate::report::Report;

pub(super) fn write(page: &mut Page, report: &Report) {
    let name = format!("{} {}  ", report.tool.name, report.tool.version);
    let mut what = words(strong(), &brief(&report.environment.document, 80));
    if !what.is_empty() {
        what.push(Span::plain("at"));
    }
    what.push(Span::new(strong(), &brief(&report.target, 200)));
    page.flow(&[Span::new(faint(), &name)], &what, 2);
    let workers = match report.environment.kind.as_str() {
        "service" => format!("{} in process", count(report.environment.workers, "worker", "workers")),
        _ => count(report.environment.workers, "worker", "workers"),
    };
    let workers = match report.environment.at_once {
        Some(most) => format!("{workers}, {most} at once"),
        None => workers,
    };
    let mut facts = vec![
        format!("{} requests in {}", grouped(report.requests), duration(report)),
        format!("{} a second", report.requests_per_second),
        workers,
        format!("seed {}", report.seed),
        moment(&report.started),
    ];
    if report.waited_seconds > 1.0 {
        facts.insert(2, format!("{} s waited for its limits", report.waited_seconds));
    }
    page.flow(&[Span::plain("  ")], &dotted(facts), 3);
}

fn moment(text: &str) -> String {
    text.parse::<Timestamp>()
        .map_or_else(|_| brief(text, 40), |time| time.strftime("%Y-%m-%d %H:%M UTC").to_string())
}

fn duration(report: &Report) -> String {
    let (Ok(from), Ok(to)) = (report.started.parse::<Timestamp>(), report.finished.parse::<Timestamp>())
    else {
        return "unknown time".to_owned();
    };
    let millis = to.as_millisecond().saturating_sub(from.as_millisecond()).max(0);
    match millis {
        0..10_000 => format!("{}.{} s", millis / 1_000, millis % 1_000 / 100),
        10_000..120_000 => format!("{} s", millis / 1_000),
        120_000..7_200_000 => format!("{} min {} s", millis / 60_000, millis % 60_000 / 1_000),
        _ => format!("{} h {} min", millis / 3_600_000, millis % 3_600_000 / 60_000),
    }
}
