//! What was sent, in a line or two, from the evidence.

use crate::case::Place;
use crate::finding::{Evidence, Finding};

/// The exchange that shows a finding: the attack whose answer has the status of the cause.
pub(super) fn decisive(finding: &Finding) -> Option<&Evidence> {
    let attacks = || finding.evidence.iter().filter(|evidence| evidence.label == "attack");
    let outcome = finding.cause.outcome.as_deref();
    attacks()
        .find(|attack| outcome.is_some() && status(attack) == outcome)
        .or_else(|| attacks().next())
        .or_else(|| finding.evidence.last())
}

/// The status of an answer, as text.
pub(super) fn status(evidence: &Evidence) -> Option<&str> {
    evidence.response.strip_prefix("HTTP/1.1 ")?.split_whitespace().next()
}

/// Who sent which request, and how often.
pub(super) fn line(evidence: &Evidence) -> String {
    let request = evidence.request.lines().next().unwrap_or_default().trim_end_matches(" HTTP/1.1");
    let copies =
        if evidence.copies > 1 { format!(" ({} times at once)", evidence.copies) } else { String::new() };
    format!("{}: {request}{copies}", evidence.identity)
}

/// The attacked input as it went out, readable.
pub(super) fn payload(finding: &Finding, evidence: &Evidence) -> Option<String> {
    let (head, body) = evidence.request.split_once("\n\n").unwrap_or((&evidence.request, ""));
    let target = head.split_whitespace().nth(1)?;
    let header = |name: &str| {
        head.lines()
            .skip(1)
            .find(|line| line.split(':').next().is_some_and(|key| key.eq_ignore_ascii_case(name)))
    };
    let body = || (!body.trim().is_empty()).then(|| body.trim().to_owned());
    let Ok(place) = finding.place.parse() else { return body() };
    match place {
        Place::Query(name) => {
            let (_, query) = target.split_once('?')?;
            let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
            let mut values = pairs.filter(|(key, _)| decoded(key) == name).map(|(_, value)| decoded(value));
            values.next().map(|value| format!("{name} = {value}"))
        }
        Place::Path(_) if target.contains('%') => Some(decoded(target)),
        Place::Header(name) => header(&name).map(str::to_owned),
        Place::Cookie(_) => header("cookie").map(str::to_owned),
        Place::Credential => {
            let redacted = || head.lines().skip(1).find(|line| line.contains('‹'));
            header("authorization").or_else(redacted).map(str::to_owned)
        }
        Place::MediaType => {
            Some(header("content-type").map_or_else(|| "no Content-Type header".to_owned(), str::to_owned))
        }
        Place::Body | Place::Node(_) => body(),
        Place::Path(_) | Place::Method | Place::Target => None,
    }
}

fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = bytes.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
        match (bytes[at], hex.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 3;
            }
            (b'+', _) => {
                out.push(b' ');
                at += 1;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn escapes_are_read_and_broken_ones_kept() {
        assert_eq!(decoded("a%27%20b+c%zz%2"), "a' b c%zz%2");
        assert_eq!(decoded("%ff%é"), "\u{fffd}%é");
    }
}
