//! Paths that end in a slash where the document has none, or the other way round: who asks is sent to the other one.

use crate::case::Request;
use crate::trace::Exchange;

/// Whether an answer sends to the same path with, or without, a slash at its end, at the same host (RFC 9110 section
/// 15.4). Nobody follows it: what is asked for next is the request's own path with the other ending.
pub(crate) fn other_ending(exchange: &Exchange) -> bool {
    let is_moved = matches!(exchange.status(), Some(301 | 302 | 307 | 308));
    let location = exchange.headers().and_then(|headers| headers.text("location")).filter(|_| is_moved);
    let Some(location) = location else { return false };
    let sent = &exchange.sent.request;
    let host = sent.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(b"host"));
    let Some(path) = path_at(location, host.map_or(&b""[..], |(_, host)| &host[..])) else { return false };
    let own = sent.target.split(|byte| *byte == b'?').next().unwrap_or_default();
    let (own, path) = (own.strip_suffix(b"/").ok_or(own), path.strip_suffix('/').ok_or(path));
    match (own, path) {
        (Ok(own), Err(path)) | (Err(own), Ok(path)) => own == path.as_bytes(),
        _ => false,
    }
}

/// The path of a `Location`, where it is at this host.
fn path_at<'l>(location: &'l str, host: &[u8]) -> Option<&'l str> {
    let path = location.split(['?', '#']).next().unwrap_or_default();
    let there = path.strip_prefix("http://").or_else(|| path.strip_prefix("https://"));
    let Some(there) = there.or_else(|| path.strip_prefix("//")) else {
        return path.starts_with('/').then_some(path);
    };
    let (authority, _) = there.split_once('/')?;
    authority.as_bytes().eq_ignore_ascii_case(host).then(|| &there[authority.len()..])
}

/// The path with the other ending.
pub(crate) fn with_other_ending(request: &mut Request) {
    if request.path.len() > 1 && request.path.ends_with('/') {
        request.path.pop();
    } else {
        request.path.push('/');
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::controls::tests_support::answer;
    use crate::message::Outgoing;
    use crate::trace::Sent;

    fn sends_there(status: u16, target: &str, location: &str) -> bool {
        let mut exchange = answer(status, "");
        let request = Outgoing::new("POST", target).header("Host", "notes.test:8080");
        exchange.sent = Arc::new(Sent { request, ..Sent::default() });
        if let crate::message::Outcome::Answered(answer) = &mut exchange.delivery.outcome {
            answer.headers = [("location", location)].into_iter().collect();
        }
        other_ending(&exchange)
    }

    #[test]
    fn only_the_same_path_at_the_same_host_counts() {
        for (target, location) in [
            ("/notes", "/notes/"),
            ("/notes/", "/notes"),
            ("/notes?q=a", "/notes/?q=a"),
            ("/notes", "http://Notes.test:8080/notes/"),
            ("/notes", "https://notes.test:8080/notes/"),
        ] {
            assert!(sends_there(308, target, location), "{target} {location}");
        }
        for (target, location) in [
            ("/notes", "/login"),
            ("/notes", "/notes"),
            ("/notes", "notes/"),
            ("/notes", "//elsewhere.test/notes/"),
            ("/notes", "http://notes.test/notes/"),
            ("/notes", "http://elsewhere.test/notes/"),
        ] {
            assert!(!sends_there(308, target, location), "{target} {location}");
        }
        assert!(!sends_there(200, "/notes", "/notes/"));
    }
}
