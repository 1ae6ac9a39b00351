//! The operations, with what is proven of each: practice by practice, and identity by identity.

use super::page::{Page, Span, listed, words};
use super::tone::{brief, count, faint, glyph, heading, plain, verdict};
use crate::checks::Practice;
use crate::report::{Coverage, OperationSummary, Report};

/// The most operations that are told.
const SHOWN: usize = 40;
/// The most identities that are told.
const PEOPLE: usize = 8;
/// Room for a share, and for what is proven of a practice.
const SHARE: usize = 6;
const CELL: usize = 7;

/// What is proven of something in one practice.
#[derive(Clone, Copy, Default)]
struct Sum {
    held: usize,
    violated: usize,
    vacuous: usize,
    skipped: usize,
}

impl Sum {
    fn of<'c>(rows: impl Iterator<Item = &'c Coverage>) -> Self {
        rows.fold(Self::default(), |sum, row| Self {
            held: sum.held + row.held,
            violated: sum.violated + row.violated,
            vacuous: sum.vacuous + row.vacuous,
            skipped: sum.skipped + row.skipped,
        })
    }

    fn verdict(self) -> &'static str {
        match self {
            Self { violated: 1.., .. } => "violated",
            Self { held: 1.., .. } => "held",
            Self { vacuous: 1.., .. } => "vacuous",
            _ => "skipped",
        }
    }

    /// The verdict, and how many of the cells are proven where not all are.
    fn span(self) -> Span {
        let (proven, all) =
            (self.held + self.violated, self.held + self.violated + self.vacuous + self.skipped);
        let text = match (proven, all) {
            (_, 0) => String::new(),
            (0, _) => glyph(self.verdict()).to_owned(),
            _ if proven == all => glyph(self.verdict()).to_owned(),
            _ if all > 99 => format!("{} {} %", glyph(self.verdict()), proven * 100 / all),
            _ => format!("{} {proven}/{all}", glyph(self.verdict())),
        };
        Span::padded(verdict(self.verdict()), &text, CELL)
    }
}

/// A short name, which fits above a column.
fn short(practice: Practice) -> &'static str {
    match practice {
        Practice::ContentType => "types",
        Practice::ErrorHandling => "errors",
        Practice::Authentication => "authn",
        Practice::Authorization => "authz",
        Practice::InputValidation => "input",
        Practice::RateLimiting => "limits",
        Practice::Exposure => "shares",
        Practice::Inventory => "invent",
        Practice::Encryption => "tls",
        Practice::Waf => "waf",
        Practice::Monitoring => "logs",
        Practice::Gateway => "gatewy",
        Practice::IpAllowlisting => "ip",
        Practice::AttackMode => "attack",
        Practice::RecoveryCodes => "codes",
        Practice::Bounty => "bounty",
        Practice::Headers => "header",
        Practice::Robustness => "robust",
    }
}

pub(super) fn operations(page: &mut Page, report: &Report) {
    let (operations, met) = (&report.operations, report.behaviours);
    let reached = operations.iter().filter(|operation| operation.reached).count();
    let mut amount = format!("{reached} of {} reached", operations.len());
    if met.new + met.known > 0 {
        let all = usize::try_from(met.new + met.known).unwrap_or(usize::MAX);
        amount.push_str(&format!(", {} of answering, {} new", count(all, "way", "ways"), met.new));
    }
    page.blank();
    heading(page, "OPERATIONS", &amount);
    let practices: Vec<Practice> = Practice::ALL
        .iter()
        .copied()
        .filter(|practice| report.coverage.iter().any(|row| row.practice == *practice))
        .collect();
    let name = |operation: &OperationSummary| format!("{} {}", operation.method, operation.path);
    let ordered = in_order(report);
    let told: Vec<_> = ordered.iter().take(SHOWN).collect();
    let fixed = 4 + 2 * SHARE + practices.len() * CELL;
    let room = page.width().saturating_sub(fixed).clamp(16, 44);
    let widest = told.iter().map(|operation| Span::plain(&name(operation)).width()).max().unwrap_or_default();
    let wide = (widest + 2).clamp(10, room);
    if !told.is_empty() {
        let legend =
            "valid: sent as the document says · 2xx: of those · then what is proven in each practice";
        page.flow(&[Span::plain("  ")], &words(faint(), legend), 2);
        let mut head = vec![
            Span::padded(faint(), "", 4 + wide),
            Span::padded(faint(), "valid", SHARE),
            Span::padded(faint(), "2xx", SHARE),
        ];
        head.extend(practices.iter().map(|practice| Span::padded(faint(), short(*practice), CELL)));
        page.line(&head);
    }
    for operation in told {
        let own = |row: &&Coverage| {
            row.operation.method == operation.method && row.operation.path == operation.path
        };
        let mark = if operation.reached { "held" } else { "vacuous" };
        let mut line = vec![
            Span::new(verdict(mark), &format!("  {} ", glyph(mark))),
            Span::padded(plain(), &brief(&name(operation), wide - 2), wide),
            Span::padded(faint(), &share(operation.valid, operation.requests), SHARE),
            Span::padded(faint(), &share(operation.granted, operation.valid), SHARE),
        ];
        line.extend(practices.iter().map(|practice| {
            Sum::of(report.coverage.iter().filter(own).filter(|row| row.practice == *practice)).span()
        }));
        page.line(&line);
        if !operation.reached {
            why(page, operation);
        }
    }
    if ordered.len() > SHOWN {
        page.line(&[Span::new(faint(), &format!("  … {} more in report.json", ordered.len() - SHOWN))]);
    }
    identities(page, report, &practices, wide);
}

/// Those with findings first, then those that nobody reached, where not all can be told; else as in the document.
fn in_order(report: &Report) -> Vec<&OperationSummary> {
    let mut operations: Vec<_> = report.operations.iter().collect();
    if operations.len() > SHOWN {
        let violated = |operation: &OperationSummary| {
            report.coverage.iter().any(|row| {
                row.violated > 0
                    && row.operation.method == operation.method
                    && row.operation.path == operation.path
            })
        };
        operations.sort_by_key(|operation| (!violated(operation), operation.reached));
    }
    operations
}

/// Why an operation was not reached, and how it answered.
fn why(page: &mut Page, operation: &OperationSummary) {
    let mut text = words(faint(), &brief(&operation.note, 200));
    let statuses = operation.statuses.iter().map(|(status, n)| format!("{n} × {}", brief(status, 12)));
    let statuses: Vec<_> = statuses.collect();
    if !text.is_empty() && !statuses.is_empty() {
        text.push(Span::new(faint(), "·"));
    }
    text.extend(listed(&statuses));
    page.flow(&[Span::plain("      ")], &text, 3);
}

/// What is proven for each identity, over all operations.
fn identities(page: &mut Page, report: &Report, practices: &[Practice], wide: usize) {
    let people: Vec<&str> = report.identities.iter().map(|identity| identity.name.as_str()).collect();
    for name in people.iter().take(PEOPLE) {
        let rows = || report.coverage.iter().filter(|row| row.identity == *name);
        if rows().next().is_none() {
            continue;
        }
        let mut line = vec![
            Span::padded(faint(), &format!("    as {}", brief(name, wide - 4)), 4 + wide),
            Span::padded(faint(), "", 2 * SHARE),
        ];
        line.extend(
            practices.iter().map(|practice| Sum::of(rows().filter(|row| row.practice == *practice)).span()),
        );
        page.line(&line);
    }
}

/// A share in percent; nothing where there is nothing to share.
fn share(part: u64, whole: u64) -> String {
    match (part, whole) {
        (_, 0) => String::new(),
        (0, _) => "0 %".to_owned(),
        // Some of them is never none of them.
        _ => format!("{} %", (part * 100 / whole).max(1)),
    }
}
