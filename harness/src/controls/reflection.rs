//! P5 and P7: what we sent is no evidence, and neither is what a harmless request brings too.

use std::collections::BTreeSet;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

use crate::execute::{FORM, QUERY, SEGMENT};
use crate::trace::Exchange;

/// Shorter payloads are not stripped: they would take everything away.
const SHORTEST: usize = 3;
/// Longer ones are not either: nobody echoes them whole, and looking for all their forms would take gigabytes.
const LONGEST: usize = 256 << 10;
/// How many runs of letters and digits make evidence known again.
const RUNS: usize = 3;

/// Everything that a request brought in, to be taken out of its answer before anything is looked for.
#[derive(Debug)]
pub struct Reflections(Option<AhoCorasick>);

impl Reflections {
    /// What this exchange's edits sent, in every encoding that answers echo it in.
    pub fn of(exchange: &Exchange) -> Self {
        Self::new(exchange.sent.payloads.iter().map(|(_, payload)| payload.as_slice()))
    }

    /// These payloads.
    pub fn new<'a>(payloads: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut forms: Vec<Vec<u8>> = Vec::new();
        // The length of the payload counts and not that of its form: whoever sends a quote must not have every
        // `&#39;` of an answer taken out of it.
        for payload in payloads.into_iter().filter(|payload| (SHORTEST..=LONGEST).contains(&payload.len())) {
            encodings(payload, &mut forms);
        }
        if forms.is_empty() {
            return Self(None);
        }
        forms.sort_unstable();
        forms.dedup();
        let builder = || {
            AhoCorasick::builder()
                // Used once or twice: a payload of some kilobytes would take seconds to become a DFA.
                .kind(Some(AhoCorasickKind::NoncontiguousNFA))
                .match_kind(MatchKind::LeftmostLongest)
                .ascii_case_insensitive(true)
                .build(&forms)
        };
        Self(builder().ok())
    }

    /// The text without them, longest first; each leaves a space, so that what stood apart does not join.
    pub fn strip(&self, text: &str) -> String {
        match &self.0 {
            None => text.to_owned(),
            Some(finder) => {
                let mut clean = String::with_capacity(text.len());
                let mut last = 0;
                for found in finder.find_iter(text) {
                    // A payload that is not text may match inside a character; leave that alone.
                    if text.is_char_boundary(found.start()) && text.is_char_boundary(found.end()) {
                        clean.push_str(&text[last..found.start()]);
                        clean.push(' ');
                        last = found.end();
                    }
                }
                clean.push_str(&text[last..]);
                clean
            }
        }
    }
}

fn encodings(payload: &[u8], into: &mut Vec<Vec<u8>>) {
    let text = String::from_utf8_lossy(payload);
    into.push(payload.to_vec());
    for keep in [&b""[..], b"-._~", b"-._~!$&'()*+,;=:@/?", SEGMENT, QUERY, FORM] {
        let percent = crate::execute::percent(payload, keep);
        into.push(percent.replace("%20", "+").into_bytes());
        into.push(percent.into_bytes());
    }
    let json = serde_json::to_string(&text).unwrap_or_default();
    let json = json[1..json.len().max(2) - 1].to_owned();
    let twice = serde_json::to_string(&json).unwrap_or_default();
    into.push(json.replace('\'', "\\u0027").replace('"', "\\u0022").into_bytes());
    into.push(twice.as_bytes()[1..twice.len().max(2) - 1].to_vec());
    into.push(json.into_bytes());
    let named = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    into.push(named.replace('"', "&quot;").replace('\'', "&#39;").into_bytes());
    into.push(named.replace('"', "&#34;").replace('\'', "&#39;").into_bytes());
    into.push(named.replace('"', "&quot;").replace('\'', "&#x27;").into_bytes());
    into.push(named.into_bytes());
    into.push(text.replace('\'', "\\'").replace('"', "\\\"").into_bytes());
    into.push(text.replace('\'', "''").into_bytes());
    into.push(STANDARD.encode(payload).into_bytes());
    into.push(STANDARD_NO_PAD.encode(payload).into_bytes());
}

/// Whether evidence found in an answer is what was sent, under however many escapes and however often: nearly all of
/// its runs of letters and digits stand in the payloads, or in the URL that carried them.
pub fn was_sent(evidence: &str, exchange: &Exchange) -> bool {
    let runs = |text: &str| -> Vec<String> {
        // `%20at` is `at`: what two hexadecimal digits escape is no part of the run behind it.
        let mut plain = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('%') {
            plain.push_str(&rest[..at]);
            plain.push(' ');
            rest = &rest[at + 1..];
            while rest.get(..2).is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit())) {
                // An escaped percent sign leaves the digits that it escaped.
                let percent = rest.starts_with("25");
                rest = &rest[2..];
                if !percent {
                    break;
                }
            }
        }
        plain.push_str(rest);
        let runs = plain.split(|c: char| !c.is_ascii_alphanumeric()).filter(|run| run.len() >= SHORTEST);
        runs.map(str::to_ascii_lowercase).collect()
    };
    let sent = &exchange.sent;
    let mut there: BTreeSet<String> = BTreeSet::new();
    for (_, payload) in &sent.payloads {
        there.extend(runs(&String::from_utf8_lossy(payload)));
    }
    if there.is_empty() {
        return false;
    }
    there.extend(runs(&String::from_utf8_lossy(&sent.request.target)));
    // What the service says before it shows what was sent is its own.
    let wanted: Vec<_> = runs(evidence).into_iter().skip_while(|run| !there.contains(run)).collect();
    let found = wanted.iter().filter(|run| there.contains(*run)).count();
    wanted.len() >= RUNS && found * 5 >= wanted.len() * 4
}

/// P7: whether a signature that the attack's answer shows is absent from every answer of the controls.
pub fn absent_from<'a>(
    controls: impl IntoIterator<Item = &'a Exchange>,
    shows: impl Fn(&Exchange) -> bool,
) -> bool {
    !controls.into_iter().any(shows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_is_stripped() {
        let payload = "Traceback <x> 'at' \"File\"";
        let stripper = Reflections::new([payload.as_bytes()]);
        let mut forms = Vec::new();
        encodings(payload.as_bytes(), &mut forms);
        for form in forms {
            let text = format!("a{}b", String::from_utf8(form).expect("text"));
            assert_eq!(stripper.strip(&text), "a b", "{text}");
        }
        assert_eq!(stripper.strip("nothing of ours"), "nothing of ours");
    }

    #[test]
    fn case_folding_does_not_hide_an_echo() {
        assert_eq!(Reflections::new([&b"AbCdEf"[..]]).strip("x ABCDEF y abcdef"), "x   y  ");
    }

    #[test]
    fn a_short_payload_takes_no_reference_out_of_an_answer() {
        let page = "thread &#39;main&#39; panicked";
        assert_eq!(Reflections::new([&b"'"[..]]).strip(page), page);
    }

    #[test]
    fn evidence_that_was_sent_is_known_under_any_escaping() {
        use crate::case::Place;
        use crate::controls::tests_support::answer;
        use crate::trace::Sent;
        let sent = b"TypeError: x\n    at show (/app/src/a.js:813:13)";
        let mut exchange = answer(404, "");
        assert!(!was_sent("at show (/app/src/a.js:813:13)", &exchange), "nothing was sent");
        let payloads = vec![(Place::Path("id".to_owned()), sent.to_vec())];
        exchange.sent = std::sync::Arc::new(Sent { payloads, ..Sent::default() });
        let escaped =
            r"no such item: a.js:813:13: TypeError:%20x%0A | at%2520show%20(%2Fapp%2Fsrc%2Fa.js:813:13)";
        assert!(was_sent(escaped, &exchange));
        assert!(!was_sent("at other (/srv/lib/b.js:7:77) | at more (/srv/lib/c.js:1:1)", &exchange));
    }

    #[test]
    fn absence_is_over_all_controls() {
        use crate::controls::tests_support::answer;
        let controls = [answer(200, "{}"), answer(404, r#"{"at": "x.rs"}"#)];
        let shows = |needle: &'static str| {
            move |exchange: &Exchange| {
                exchange
                    .answer()
                    .is_some_and(|a| a.body.windows(needle.len()).any(|w| w == needle.as_bytes()))
            }
        };
        assert!(!absent_from(&controls, shows("x.rs")));
        assert!(absent_from(&controls, shows("y.rs")));
    }
}
