//! # What it sends
//! Nothing of its own: it looks at every answer of every other check and of the exploring phase.
//!
//! # What must hold
//! A body is what its `Content-Type` says, and that is a type which the document names for the status. Four forms are
//! told apart. *bytes-differ* (medium): the header says JSON, the bytes are none. *html* (medium): a valid request is answered with a
//! page where the document says JSON. *missing* (low, once): a success has no type, or none that can be read.
//! *undocumented* (once; low on successes, informational on errors): the type is not among those of the status. A status
//! without documented types is not looked at, types of one family are one type, and no charset is asked for (RFC 8259
//! has none). Pages count only where a valid request met them, so that a filter's page is nobody's fault. Smallest effect: one answer.
//!
//! # Why it matters
//! Clients parse by the type. A page where data are due runs what users wrote, and what is not as announced is where
//! validation and caches part ways.
//!
//! # How to fix
//! Set the type where the body is serialised, and document the errors as well as the successes.
//!
//! # References
//! CWE-436, CWE-838; OWASP API8:2023; RFC 9110 section 8.3.

use crate::checks::{
    About, Confirm, Effect, Grain, Interest, Isolation, Passive, Phase, Practice, Seen, Severity, Sighting,
};
use crate::controls::media_family;
use crate::message::{Decoded, inert};

/// An answer that is not what it says, or not what the document says.
pub struct ResponseUndeclared;

static ABOUT: About = About {
    id: "ctype-response-undeclared",
    title: "an answer whose body is not of the declared type",
    practice: Practice::ContentType,
    source: include_str!("ctype_response_undeclared.rs"),
    grain: Grain::Operation,
    phase: Phase::Shape,
    needs: &[],
    effect: Effect::Reads,
    isolation: Isolation::Shared,
    budget: 20,
    confirm: Confirm::AT_ONCE,
    severity: Severity::Low,
    chance: 30,
    cwe: &[436, 838],
    owasp: &["API8:2023"],
    wfc: None,
    once: false,
};

/// What is seen beside the type itself.
const FALSIFIED_BY: &str = "a proxy or filter in front of the service that made this answer";

impl Passive for ResponseUndeclared {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn interest(&self) -> Interest {
        Interest::bodies(200, 500, &[])
    }

    fn inspect(&self, seen: &Seen<'_>) -> Option<Sighting> {
        if !is_of_a_handler(seen) {
            return None;
        }
        let success = seen.status < 300;
        let header = seen.exchange.headers()?.text("content-type").unwrap_or_default();
        let actual = plain(header);
        let shown = || inert(header.as_bytes(), 80).to_string();
        let sighting = |detector, what: &str, expected: &'static str| {
            Sighting::new(detector, what, shown()).because(expected, FALSIFIED_BY)
        };
        if !actual.contains('/') {
            let found = || {
                let shown = if header.is_empty() { "no Content-Type".to_owned() } else { shown() };
                Sighting::new("missing", "a body without a readable type", shown)
                    .because("a Content-Type", FALSIFIED_BY)
                    .once()
            };
            return success.then(found);
        }
        if media_family(&actual) == "json" && differs(seen) {
            let begin = seen.exchange.answer().map(|answer| inert(&answer.body, 60).to_string());
            let mut sighting = sighting("bytes-differ", "a body that is not the JSON it says", "JSON");
            sighting.evidence = format!("{}: {}", shown(), begin.unwrap_or_default());
            return Some(sighting.severity(Severity::Medium));
        }
        let declared = declared(seen)?;
        if declared.iter().any(|declared| covers(declared, &actual)) {
            return None;
        }
        // Whoever was provoked may be a filter.
        if !seen.is_harmless() && (is_page(&actual) || seen.status == 403) {
            return None;
        }
        let json = declared.iter().any(|declared| media_family(&plain(declared)) == "json");
        if success && json && is_page(&actual) {
            let sighting = sighting("html", "a page where the document says JSON", "JSON");
            return Some(sighting.severity(Severity::Medium));
        }
        let (detector, severity) =
            if success { ("undocumented", Severity::Low) } else { ("undocumented-error", Severity::Info) };
        let what = "a type that the document does not name for the status";
        let sighting = sighting(detector, what, "one of the documented types").severity(severity).once();
        Some(sighting)
    }

    fn is_telling(&self, seen: &Seen<'_>) -> bool {
        let declared = || is_of_a_handler(seen) && declared(seen).is_some();
        seen.status < 300 && self.interest().covers(seen.exchange) && declared()
    }

    fn unseen(&self) -> &'static str {
        "the operation never answered a success whose type is documented"
    }

    fn counts_always(&self) -> bool {
        true
    }
}

/// Successes, and errors that servers in front do not make up by themselves.
fn is_of_a_handler(seen: &Seen<'_>) -> bool {
    matches!(seen.status, 200..=203 | 206..=299 | 401 | 403 | 404 | 409 | 410 | 412 | 415 | 422 | 500)
}

/// The documented types of the answer; `None` when the document has none for the status.
fn declared<'a>(seen: &Seen<'a>) -> Option<&'a [String]> {
    seen.declared()?.media_types(seen.status).filter(|types| !types.is_empty())
}

fn plain(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn is_page(media_type: &str) -> bool {
    matches!(media_type, "text/html" | "application/xhtml+xml")
}

/// Whether a documented type, which may be a range, covers an actual one.
fn covers(declared: &str, actual: &str) -> bool {
    let declared = plain(declared);
    let family = |media_type: &str| match media_type {
        "text/json" => "json".to_owned(),
        "application/javascript" | "application/x-javascript" => "text/javascript".to_owned(),
        "application/x-yaml" | "text/yaml" | "text/x-yaml" => "application/yaml".to_owned(),
        other => media_family(other),
    };
    declared.contains("*/*")
        || declared.strip_suffix("/*").is_some_and(|kind| actual.split('/').next() == Some(kind))
        || family(&declared) == family(actual)
}

/// Whether a body that says it is JSON is none: not one value, nor several one after the other, nor one behind the
/// prefix that keeps scripts from reading it, nor in another encoding.
fn differs(seen: &Seen<'_>) -> bool {
    let Some(answer) = seen.exchange.answer() else { return false };
    if answer.cut
        || matches!(answer.decoded, Decoded::Unknown | Decoded::Malformed)
        || seen.exchange.json().is_some()
    {
        return false;
    }
    let mut bytes = &answer.body[..];
    for prefix in [&b"\xef\xbb\xbf"[..], b")]}'", b"while(1);", b"for(;;);"] {
        bytes = bytes.strip_prefix(prefix).unwrap_or(bytes);
    }
    bytes = bytes.strip_prefix(b",").unwrap_or(bytes).trim_ascii();
    if bytes.is_empty()
        || bytes.starts_with(b"\xff\xfe")
        || bytes.starts_with(b"\xfe\xff")
        || bytes.contains(&0)
    {
        return false;
    }
    let mut values = serde_json::Deserializer::from_slice(bytes).into_iter::<serde::de::IgnoredAny>();
    match values.next() {
        Some(Ok(_)) => false,
        // `NaN` somewhere in it is a slip of a serialiser, and no other type.
        _ => !(bytes.starts_with(b"{\"") || bytes.starts_with(b"[{")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Base, Case, Excerpt, Request, Role, Step};
    use crate::checks::look;
    use crate::controls::tests_support::answer_as;
    use crate::trace::Trace;

    fn class(status: u16, media_type: &str, body: &str) -> Option<String> {
        let mut case = Case::new(ABOUT.id, "GET /a");
        let responses = [("200", "application/json"), ("4XX", "application/problem+json")];
        case.operations.push(std::sync::Arc::new(Excerpt {
            name: "GET /a".to_owned(),
            responses: responses.map(|(s, t)| (s.to_owned(), vec![t.to_owned()])).into(),
            needs_credential: None,
            rate_limit: None,
        }));
        let base = "target".to_owned();
        case.bases.push(Base { name: base, operation: "GET /a".to_owned(), request: Request::default() });
        case.steps.push(Step::send("attack", Role::Attack, "anonymous", "target", vec![]));
        let (trace, exchange) = (Trace::default(), answer_as(status, media_type, body));
        Some(look(&ResponseUndeclared, &Seen::new(&case, &trace, &exchange)?)?.class)
    }

    #[test]
    fn the_four_forms_are_told_apart() {
        assert_eq!(class(200, "application/json", "{}"), None);
        assert_eq!(class(200, "application/hal+json; charset=utf-8", "{}"), None, "one family");
        assert_eq!(class(200, "application/json", "status=ok").as_deref(), Some("bytes-differ"));
        assert_eq!(class(200, "text/html", "<p>").as_deref(), Some("html"));
        assert_eq!(class(200, "", "{}").as_deref(), Some("missing"));
        assert_eq!(class(200, "text/csv", "a,b").as_deref(), Some("undocumented"));
        assert_eq!(class(404, "text/plain", "no").as_deref(), Some("undocumented-error"));
        assert_eq!(class(500, "text/plain", "no"), None, "the status is not documented");
        assert_eq!(class(503, "text/html", "<p>"), None, "a proxy's");
    }

    #[test]
    fn json_in_other_clothes_is_json() {
        for body in ["\u{feff}{}", ")]}',\n[1]", "{\"a\":1}\n{\"a\":2}\n", "null", "{\"a\": NaN}", " 7 "] {
            assert_eq!(class(200, "application/json", body), None, "{body}");
        }
    }
}
