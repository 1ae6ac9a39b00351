//! What went through: a request, and its answer.

use serde_json::Value as Json;

use crate::surface::openapi::percent_decoded;

/// A request as it went through, and its answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: String,
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    pub(super) status: u16,
    pub(super) answer: Option<Json>,
}

impl Seen {
    pub(super) fn of(head: &http::request::Parts, body: &[u8]) -> Self {
        let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        Self {
            method: head.method.to_string(),
            path: head.uri.path().to_owned(),
            query: head.uri.query().unwrap_or_default().to_owned(),
            headers: head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
            body: body.to_owned(),
            status: 0,
            answer: None,
        }
    }

    pub(super) fn answered(&mut self, status: u16, body: &[u8]) {
        self.status = status;
        self.answer = serde_json::from_slice(body).ok();
    }

    /// Whether a header field or the query holds this text.
    pub(super) fn carries(&self, text: &str) -> bool {
        self.headers.iter().any(|(_, value)| value.contains(text)) || self.query.contains(text)
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// The values of a template's parameters, where a path is of it.
pub(super) fn matched(template: &str, path: &str) -> Option<Vec<(String, String)>> {
    let (mut params, mut left) = (Vec::new(), path.split('/'));
    for part in template.split('/') {
        let text = left.next()?;
        match part.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) if !text.is_empty() => params.push((name.to_owned(), decoded(text))),
            None if part == text => {}
            _ => return None,
        }
    }
    left.next().is_none().then_some(params)
}

pub(super) fn pairs(query: &str) -> Vec<(String, String)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(k, v)| (decoded(&k.replace('+', " ")), decoded(&v.replace('+', " "))))
        .collect()
}

/// A text as it was meant; what is no text is kept as it was written.
fn decoded(text: &str) -> String {
    percent_decoded(text).unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_matched_and_decoded() {
        let id = |text: &str| Some(vec![("id".to_owned(), text.to_owned())]);
        assert_eq!(matched("/orders/{id}", "/orders/a%20b"), id("a b"));
        assert_eq!(matched("/orders/{id}/notes", "/orders/7/notes"), id("7"));
        for other in ["/orders", "/orders/", "/orders/7/notes", "/menus/7"] {
            assert_eq!(matched("/orders/{id}", other), None, "{other}");
        }
    }

    #[test]
    fn queries_are_read() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(pairs("q=a+b%26c&flag&x="), [pair("q", "a b&c"), pair("flag", ""), pair("x", "")]);
    }
}
