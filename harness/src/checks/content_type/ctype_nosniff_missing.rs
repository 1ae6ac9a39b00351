//! # What it sends
//! Nothing of its own: it looks at every answer of every other check and of the exploring phase.
//!
//! # What must hold
//! Every answer with a body carries `X-Content-Type-Options: nosniff`, errors of the service too. What servers and
//! proxies answer before any handler runs (400, 405, 413, 414, 429, 431, 501 and above) is not looked at. One finding a
//! run for successes and one for errors, however many operations lack it. Smallest effect: one answer whose header is missing
//! or says something else than browsers know.
//!
//! # Why it matters
//! Without it old clients and embedded browsers guess what a body is, and a text that a user wrote may become a page or a
//! script of the API's origin.
//!
//! # How to fix
//! Set the header in one place for all answers, the errors of the server in front included (nginx: `always`).
//!
//! # References
//! CWE-693; OWASP API8:2023; WHATWG Fetch, "X-Content-Type-Options".

use crate::checks::{
    About, Confirm, Effect, Grain, Interest, Isolation, Passive, Phase, Practice, Seen, Severity, Sighting,
};

/// An answer that may be taken for something else.
pub struct NosniffMissing;

static ABOUT: About = About {
    id: "ctype-nosniff-missing",
    title: "an answer whose type may be guessed: no X-Content-Type-Options: nosniff",
    practice: Practice::ContentType,
    source: include_str!("ctype_nosniff_missing.rs"),
    grain: Grain::Operation,
    phase: Phase::Shape,
    needs: &[],
    effect: Effect::Reads,
    isolation: Isolation::Shared,
    budget: 20,
    confirm: Confirm::AT_ONCE,
    severity: Severity::Low,
    chance: 50,
    cwe: &[693],
    owasp: &["API8:2023"],
    wfc: None,
    once: true,
};

impl Passive for NosniffMissing {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn interest(&self) -> Interest {
        Interest::bodies(200, 500, &[])
    }

    fn inspect(&self, seen: &Seen<'_>) -> Option<Sighting> {
        if !self.is_telling(seen) {
            return None;
        }
        let value = seen.exchange.headers()?.text("x-content-type-options");
        // Of several values the first counts (WHATWG Fetch).
        let first = value.and_then(|value| value.split(',').next()).map(str::trim);
        if first.is_some_and(|first| first.eq_ignore_ascii_case("nosniff")) {
            return None;
        }
        let (detector, what) = if seen.status < 400 {
            ("nosniff-missing", "a body whose type may be guessed")
        } else {
            ("nosniff-missing-in-errors", "an error whose type may be guessed")
        };
        let shown = match value {
            None => "no X-Content-Type-Options".to_owned(),
            Some(value) => format!("X-Content-Type-Options: {}", crate::message::inert(value.as_bytes(), 60)),
        };
        let sighting = Sighting::new(detector, what, shown);
        let falsified_by = "the header in the same answer when the server in front of the service gives it";
        Some(sighting.because("X-Content-Type-Options: nosniff", falsified_by).once())
    }

    fn is_telling(&self, seen: &Seen<'_>) -> bool {
        let by_a_handler = matches!(seen.status, 200..=299 | 401..=404 | 406..=412 | 415..=428 | 500);
        by_a_handler && self.interest().covers(seen.exchange)
    }

    fn unseen(&self) -> &'static str {
        "the operation never answered with a body"
    }

    fn counts_always(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Case;
    use crate::checks::look;
    use crate::controls::tests_support::exchange;
    use crate::message::{Headers, Incoming, Outcome};
    use crate::trace::Trace;

    fn sighting(status: u16, value: Option<&str>, body: &str) -> Option<Sighting> {
        let headers: Headers = value.map(|value| ("X-Content-Type-Options", value)).into_iter().collect();
        let answer = Incoming { status, headers, body: body.to_owned().into(), ..Incoming::default() };
        let (case, trace) = (Case::new(ABOUT.id, "*"), Trace::default());
        let exchange = exchange(Outcome::Answered(answer));
        look(&NosniffMissing, &Seen::new(&case, &trace, &exchange)?)
    }

    fn class(status: u16, value: Option<&str>, body: &str) -> Option<String> {
        Some(sighting(status, value, body)?.class)
    }

    #[test]
    fn errors_and_other_bodies_read_differently() {
        let what = |status| sighting(status, None, "{}").expect("seen").what;
        assert_eq!(what(200), "a body whose type may be guessed");
        assert_eq!(what(404), "an error whose type may be guessed");
    }

    #[test]
    fn missing_and_misspelled_is_the_same() {
        assert_eq!(class(200, None, "{}").as_deref(), Some("nosniff-missing"));
        assert_eq!(class(200, Some("no-sniff"), "{}").as_deref(), Some("nosniff-missing"));
        assert_eq!(class(404, None, "{}").as_deref(), Some("nosniff-missing-in-errors"));
        for value in ["nosniff", "NoSniff", " nosniff , nosniff"] {
            assert_eq!(class(200, Some(value), "{}"), None, "{value}");
        }
    }

    #[test]
    fn what_no_handler_answered_or_has_no_body_is_not_looked_at() {
        for (status, body) in [(204, ""), (413, "too large"), (400, "bad"), (503, "later"), (302, "moved")] {
            assert_eq!(class(status, None, body), None, "{status}");
        }
    }
}
