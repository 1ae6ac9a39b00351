//! What the checks are: one page each, and a table.

use super::page::{Page, Span, words};
use super::tone::plain;
use crate::checks::{About, CHECKS, Effect, Isolation, Kind, Need, Practice, by_id};

/// The headings of a check's page, in order.
pub(crate) const HEADINGS: [&str; 5] =
    ["What it sends", "What must hold", "Why it matters", "How to fix", "References"];

/// The columns of what is written here.
const WIDTH: usize = 100;

/// A check's page; none when there is no such check.
pub fn explain(id: &str) -> Option<String> {
    let about = by_id(id)?.about();
    let mut page = Page::new(WIDTH, false);
    page.line(&[Span::plain(&format!("{}: {}", about.id, about.title))]);
    page.blank();
    for (name, text) in facts(about) {
        page.flow(&[Span::padded(plain(), &format!("  {name}"), 14)], &words(plain(), &text), usize::MAX);
    }
    for heading in HEADINGS {
        page.blank();
        page.line(&[Span::plain(heading)]);
        for paragraph in about.section(heading).unwrap_or_default().split("\n\n") {
            page.flow(&[Span::plain("  ")], &words(plain(), paragraph), usize::MAX);
        }
    }
    Some(page.finish())
}

/// Every check, by practice: id, severity, title, and what it needs.
pub fn check_table() -> String {
    let mut page = Page::new(WIDTH, false);
    let wide = CHECKS.iter().map(|check| check.about().id.len()).max().unwrap_or_default();
    for (practice, checks) in by_practice() {
        page.blank();
        page.line(&[Span::plain(&format!("{} ({practice})", practice.title()))]);
        for about in checks {
            let lead = format!("  {:<wide$}  {:<8}  ", about.id, about.severity);
            let mut text = about.title.to_owned();
            if !about.needs.is_empty() {
                text = format!("{text}; needs {}", needs(about));
            }
            page.flow(&[Span::plain(&lead)], &words(plain(), &text), usize::MAX);
        }
    }
    page.finish()
}

/// The practices that have checks, with their checks.
pub(crate) fn by_practice() -> Vec<(Practice, Vec<&'static About>)> {
    let of = |practice| {
        let own = CHECKS.iter().map(Kind::about).filter(move |about| about.practice == practice);
        (practice, own.collect::<Vec<_>>())
    };
    Practice::ALL.iter().map(|practice| of(*practice)).filter(|(_, checks)| !checks.is_empty()).collect()
}

/// What a check declares, for people.
pub(crate) fn facts(about: &About) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("practice", format!("{} ({})", about.practice.title(), about.practice)),
        (
            "severity",
            if about.once {
                format!("{}, one issue a run", about.severity)
            } else {
                about.severity.to_string()
            },
        ),
        ("CWE", about.cwe.iter().map(|cwe| format!("CWE-{cwe}")).collect::<Vec<_>>().join(", ")),
        ("OWASP", about.owasp.join(", ")),
        ("WFC", about.wfc.map_or_else(String::new, |code| code.to_string())),
        ("needs", if about.needs.is_empty() { "nothing".to_owned() } else { needs(about) }),
        ("effect", effect(about)),
        ("a cell is", cell(about).to_owned()),
    ];
    facts.retain(|(_, text)| !text.is_empty());
    facts
}

fn needs(about: &About) -> String {
    about.needs.iter().map(|need| need_text(*need)).collect::<Vec<_>>().join(", ")
}

fn need_text(need: Need) -> &'static str {
    match need {
        Need::Identity => "an identity",
        Need::TwoIdentities => "two identities",
        Need::Jwt => "an identity with a JSON web token",
        Need::SigningKeyOrSample => "a signing key or a sample of an expired token",
        Need::RateLimit => "a declared rate limit",
        Need::RateLimitOrStrict => "a declared rate limit, or `gate.strict` with `rate-limit`",
        Need::HiddenFields => "a policy with `hidden_fields`",
        Need::ErrorAnswers => "an answer in error",
    }
}

fn effect(about: &About) -> String {
    let effect = match about.effect {
        Effect::Reads => "reads",
        Effect::Writes => "makes objects of its own",
        Effect::Poisons => "disturbs other checks for a while",
        Effect::Destroys => "may destroy something",
    };
    let alone = if about.isolation == Isolation::Alone { "; runs alone" } else { "" };
    format!("{effect}{alone}; at most {} requests a cell", about.budget)
}

fn cell(about: &About) -> &'static str {
    use crate::checks::Grain;
    match about.grain {
        Grain::Input => "an input of an operation",
        Grain::Operation => "an operation",
        Grain::Identity => "an operation, for an identity",
        Grain::Target => "the target",
    }
}
