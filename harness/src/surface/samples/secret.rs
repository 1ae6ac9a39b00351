//! What must not be kept: credentials, by the names that they have, by how they look, and by where they were seen.

use std::collections::BTreeSet;

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use serde_json::Value as Json;

use super::Sample;
use super::body::Payload;

/// Secrets of one file that are looked for elsewhere in it.
const MAX_SECRETS: usize = 4_096;
/// Shorter values are words that may stand anywhere.
const LEAST: usize = 6;

/// The credentials of a file.
#[derive(Debug, Default)]
pub(super) struct Secrets {
    known: Option<AhoCorasick>,
}

impl Secrets {
    /// Collects what headers and cookies carried, and what members with such names held.
    pub(super) fn of(samples: &[Sample]) -> Self {
        let mut found = BTreeSet::new();
        for sample in samples {
            let answered = sample.answer.iter().flat_map(|answer| &answer.headers);
            for (name, value) in sample.headers.iter().chain(answered) {
                if is_secret_name(name) {
                    pieces(value, &mut found);
                }
            }
            for (name, value) in &sample.url.query {
                if is_secret_name(name) {
                    found.insert(value.clone());
                }
            }
            match sample.body.as_ref().map(|body| &body.payload) {
                Some(Payload::Json(json)) => members(json, false, &mut found),
                Some(Payload::Form(fields)) => {
                    for field in fields.iter().filter(|field| is_secret_name(&field.name)) {
                        found.extend(field.value.clone());
                    }
                }
                _ => {}
            }
            let text = sample.answer.as_ref().and_then(|answer| answer.text.as_deref());
            if let Some(json) = text.and_then(|text| serde_json::from_str(text).ok()) {
                members(&json, false, &mut found);
            }
        }
        found.retain(|secret| secret.len() >= LEAST && !secret.contains("{{"));
        let found: Vec<String> = found.into_iter().take(MAX_SECRETS).collect();
        Self { known: (!found.is_empty()).then(|| AhoCorasick::new(found).ok()).flatten() }
    }

    /// Whether a text holds a credential of the file, or looks like one.
    pub(super) fn holds(&self, text: &str) -> bool {
        self.known.as_ref().is_some_and(|known| known.is_match(text)) || looks_secret(text)
    }
}

/// A header's value in the parts that may be secrets: what is after a scheme, each cookie, both halves of Basic.
fn pieces(value: &str, found: &mut BTreeSet<String>) {
    found.insert(value.to_owned());
    for part in value.split(';') {
        let part = part.trim();
        let after = part.split_once([' ', '=']).map_or(part, |(_, after)| after.trim());
        found.insert(after.to_owned());
        let decoded = base64::engine::general_purpose::STANDARD.decode(after);
        let plain = decoded.ok().and_then(|bytes| String::from_utf8(bytes).ok());
        if let Some((_, password)) = plain.as_deref().and_then(|plain| plain.split_once(':')) {
            found.insert(password.to_owned());
        }
    }
}

/// Texts below members with such names.
fn members(json: &Json, secret: bool, found: &mut BTreeSet<String>) {
    match json {
        Json::String(text) if secret && found.len() < MAX_SECRETS * 4 => {
            found.insert(text.clone());
        }
        Json::Array(items) => items.iter().for_each(|item| members(item, secret, found)),
        Json::Object(inner) => {
            inner.iter().for_each(|(name, value)| members(value, is_secret_name(name), found));
        }
        _ => {}
    }
}

/// Whether what has this name is a credential.
pub(super) fn is_secret_name(name: &str) -> bool {
    const PARTS: &[&str] = &[
        "authorization",
        "password",
        "passwd",
        "passphrase",
        "passcode",
        "secret",
        "token",
        "apikey",
        "accesskey",
        "privatekey",
        "authkey",
        "session",
        "cookie",
        "credential",
        "csrf",
        "xsrf",
        "signature",
        "onetime",
    ];
    const WHOLE: &[&str] = &["auth", "xauth", "pwd", "pass", "jwt", "sid", "otp", "totp", "cvv", "cvc"];
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let plain = plain.to_ascii_lowercase();
    PARTS.iter().any(|part| plain.contains(part)) || WHOLE.contains(&plain.as_str()) || plain.ends_with("jwt")
}

/// Tokens that show what they are.
fn looks_secret(text: &str) -> bool {
    const BEGINS: &[&str] = &[
        "Bearer ",
        "bearer ",
        "Basic ",
        "sk_live_",
        "sk_test_",
        "sk-",
        "ghp_",
        "gho_",
        "github_pat_",
        "glpat-",
        "xox",
        "AKIA",
        "ASIA",
        "AIza",
        "-----BEGIN",
    ];
    // JSON in base64url begins so (RFC 7519).
    let jwt = text.match_indices("eyJ").any(|(at, _)| {
        let word = text[at..].split_whitespace().next().unwrap_or_default();
        word.len() >= 20 && word.matches('.').count() >= 2
    });
    jwt || BEGINS.iter().any(|begin| text.starts_with(begin) && text.len() >= begin.len() + 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_known_by_name_look_and_place() {
        for name in
            ["Authorization", "X-Api-Key", "api_key", "newPassword", "refresh_token", "JSESSIONID", "sid"]
        {
            assert!(is_secret_name(name), "{name}");
        }
        for name in ["name", "author", "passenger", "keyword", "page", "X-Tenant", "tokyo"] {
            assert!(!is_secret_name(name), "{name}");
        }
        let sample = Sample {
            headers: vec![
                ("Authorization".to_owned(), "Basic YWRhOmh1bnRlcjIh".to_owned()),
                ("Cookie".to_owned(), "theme=dark; sessionid=c00k1e-value".to_owned()),
            ],
            ..Sample::default()
        };
        let secrets = Secrets::of(&[sample]);
        for text in
            ["x hunter2! y", "c00k1e-value", "YWRhOmh1bnRlcjIh", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."]
        {
            assert!(secrets.holds(text), "{text}");
        }
        assert!(!secrets.holds("Ada Lovelace"));
    }
}
