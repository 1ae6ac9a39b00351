//! The secrets of a run, and the one place that takes them out of everything that is written or shown.

use std::sync::{Arc, RwLock};

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

/// Shorter texts are not taken out: they would eat into everything.
const SHORTEST: usize = 4;

/// Shorter middles of base64 are looked for by themselves only.
const SHORTEST_INNER: usize = 12;

/// Shorter values of headers say something else than a secret.
const SHORTEST_OF_HEADER: usize = 8;
/// The most exchanges of one trace whose answers are searched for secrets.
const MOST_LEARNT: usize = 64;

/// Whether a text could open anything: long, and no sentence.
fn opens_doors(text: &str) -> bool {
    (12..=4_096).contains(&text.len()) && !text.contains(char::is_whitespace)
}

/// Whether a member of this name holds what opens doors.
fn is_secret_name(name: &str) -> bool {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    let parts =
        ["token", "secret", "password", "passwd", "apikey", "privatekey", "sessionid", "jwt", "credential"];
    !name.ends_with("type") && parts.iter().any(|part| name.contains(part))
}

/// Whether an id that stands in a member of this name opens doors by itself, as the keys and codes of some APIs do.
pub(crate) fn is_secret_member(name: &str, value: &str) -> bool {
    let is_key = matches!(name.to_ascii_lowercase().as_str(), "key" | "code");
    is_web_token(value) || is_secret_name(name) || (is_key && opens_doors(value))
}

/// A compact JWS (RFC 7515 section 7.1).
fn is_web_token(text: &str) -> bool {
    text.starts_with("eyJ") && text.split('.').count() == 3
}

/// Every secret that this run knows: configured, given by a login, forged.
#[derive(Default)]
pub struct Vault {
    inner: RwLock<Inner>,
}

#[derive(Default)]
struct Inner {
    /// (secret, its label)
    secrets: Vec<(String, String)>,
    finder: Option<Arc<Finder>>,
}

struct Finder {
    automaton: AhoCorasick,
    labels: Vec<String>,
}

impl Vault {
    /// Registers a secret under a label that may be shown.
    pub fn register(&self, label: &str, secret: &str) {
        if secret.len() < SHORTEST {
            return;
        }
        let known = |inner: &Inner| inner.secrets.iter().any(|(old, _)| old == secret);
        if known(&self.inner.read().unwrap_or_else(std::sync::PoisonError::into_inner)) {
            return;
        }
        let mut inner = self.inner.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !known(&inner) {
            inner.secrets.push((secret.to_owned(), label.to_owned()));
            inner.finder = None;
        }
    }

    /// Registers the values of headers that the user adds, but for those that are too short to be a secret.
    pub fn register_headers(&self, headers: &[(String, String)]) {
        for (name, value) in headers.iter().filter(|(_, value)| value.len() >= SHORTEST_OF_HEADER) {
            self.register(&format!("header.{name}"), value);
            // `Bearer TOKEN`: the token alone is the secret.
            if let Some((_, token)) =
                value.split_once(' ').filter(|(_, token)| token.len() >= SHORTEST_OF_HEADER)
            {
                self.register(&format!("header.{name}"), token);
            }
        }
    }

    /// Registers what an answer gives out that opens doors: tokens and the like, by the names of their members, and
    /// cookies. What was found in an answer must not stand in a report.
    pub(crate) fn learn(&self, trace: &crate::trace::Trace) {
        for exchange in trace.exchanges.iter().take(MOST_LEARNT) {
            for cookie in exchange.headers().into_iter().flat_map(|headers| headers.get_all("set-cookie")) {
                let cookie = String::from_utf8_lossy(cookie);
                let pair = cookie.split(';').next().unwrap_or_default();
                if let Some((_, value)) = pair.split_once('=').filter(|(_, value)| opens_doors(value)) {
                    self.register("found.cookie", value.trim());
                }
            }
            if let Some(json) = exchange.json() {
                self.learn_json(json, false);
            }
        }
    }

    fn learn_json(&self, json: &serde_json::Value, named: bool) {
        use serde_json::Value as Json;
        match json {
            Json::String(text) if opens_doors(text) && (named || is_web_token(text)) => {
                self.register("found.token", text);
            }
            Json::Array(items) => items.iter().for_each(|item| self.learn_json(item, named)),
            Json::Object(members) => {
                members.iter().for_each(|(name, value)| self.learn_json(value, is_secret_name(name)));
            }
            _ => {}
        }
    }

    /// How many secrets are known.
    pub fn len(&self) -> usize {
        self.inner.read().unwrap_or_else(std::sync::PoisonError::into_inner).secrets.len()
    }

    /// Whether no secret is known.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The text without any secret, whatever it was encoded as.
    pub fn redact(&self, text: &str) -> String {
        let finder = self.finder();
        let mut clean = String::with_capacity(text.len());
        let mut last = 0;
        for found in finder.automaton.find_iter(text) {
            clean.push_str(&text[last..found.start()]);
            clean.push('‹');
            clean.push_str(&finder.labels[found.pattern().as_usize()]);
            clean.push('›');
            last = found.end();
        }
        clean.push_str(&text[last..]);
        clean
    }

    /// The same as [`Self::redact`] for a text of a line at most: what is too long to stand in it is not looked for, so
    /// that nothing is built anew for each secret that a run comes to know.
    pub fn redact_short(&self, text: &str) -> String {
        let inner = self.inner.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        // Only the middle of a secret in base64 is shorter than the secret, and never by more than this.
        let fits = |secret: &str| secret.len() <= text.len() + SHORTEST;
        let known = inner.secrets.iter().filter(|(secret, _)| fits(secret));
        let mut found: Vec<_> = known
            .flat_map(|(secret, label)| forms(secret).into_iter().map(move |form| (form, label)))
            .filter(|(form, _)| text.contains(form.as_str()))
            .collect();
        found.sort_by_key(|(form, _)| std::cmp::Reverse(form.len()));
        let mut clean = text.to_owned();
        for (form, label) in found {
            clean = clean.replace(&form, &format!("‹{label}›"));
        }
        clean
    }

    /// Whether the bytes hold a secret in any encoding.
    pub fn leaks(&self, bytes: &[u8]) -> bool {
        let finder = self.finder();
        !finder.labels.is_empty() && finder.automaton.is_match(bytes)
    }

    fn finder(&self) -> Arc<Finder> {
        if let Some(finder) = &self.inner.read().unwrap_or_else(std::sync::PoisonError::into_inner).finder {
            return Arc::clone(finder);
        }
        let mut inner = self.inner.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        let (mut patterns, mut labels) = (Vec::new(), Vec::new());
        for (secret, label) in &inner.secrets {
            for form in forms(secret) {
                patterns.push(form);
                labels.push(label.clone());
            }
        }
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(&patterns)
            .unwrap_or_else(|_| AhoCorasick::new::<_, &str>([]).expect("no pattern is always a pattern set"));
        let finder = Arc::new(Finder { automaton, labels });
        inner.finder = Some(Arc::clone(&finder));
        finder
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vault({} secrets)", self.len())
    }
}

/// The encodings in which a secret is looked for: as it is, base64, hex, percent-encoded, JSON-escaped.
fn forms(secret: &str) -> Vec<String> {
    let bytes = secret.as_bytes();
    let hex = crate::case::hex(bytes);
    let json = serde_json::to_string(secret).unwrap_or_default();
    let percent = crate::execute::percent(bytes, b"-._~");
    let mut forms = vec![
        secret.to_owned(),
        STANDARD.encode(bytes),
        STANDARD_NO_PAD.encode(bytes),
        URL_SAFE.encode(bytes),
        URL_SAFE_NO_PAD.encode(bytes),
        hex.to_uppercase(),
        hex,
        lower_percent(&percent),
        percent,
        json.trim_matches('"').to_owned(),
    ];
    // Within a longer text: what of it does not depend on what stands around it.
    for skip in 0..3 {
        let inner = bytes.get(skip..).unwrap_or_default();
        let inner = STANDARD_NO_PAD.encode(&inner[..inner.len() / 3 * 3]);
        forms.extend((inner.len() >= SHORTEST_INNER).then_some(inner));
    }
    forms.sort_unstable();
    forms.dedup();
    forms.retain(|form| form.len() >= SHORTEST);
    forms
}

/// Percent-encoding with small digits.
fn lower_percent(text: &str) -> String {
    let mut parts = text.split('%');
    let mut lower = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (digits, rest) = part.split_at(part.len().min(2));
        lower.push('%');
        lower.push_str(&digits.to_ascii_lowercase());
        lower.push_str(rest);
    }
    lower
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_secret_is_taken_out() {
        let vault = Vault::default();
        vault.register("alice.password", "p\"ss/w0rd+ü");
        for form in forms("p\"ss/w0rd+ü") {
            let text = format!("before {form} after");
            assert!(vault.leaks(text.as_bytes()), "{form}");
            assert_eq!(vault.redact(&text), "before ‹alice.password› after", "{form}");
            assert_eq!(vault.redact_short(&text), "before ‹alice.password› after", "{form}");
        }
    }

    #[test]
    fn what_is_registered_later_is_found_too() {
        let vault = Vault::default();
        assert_eq!(vault.redact("token-one token-two"), "token-one token-two");
        vault.register("t", "token-one");
        assert_eq!(vault.redact("token-one token-two"), "‹t› token-two");
        vault.register("u", "token-two");
        assert_eq!(vault.redact("token-one token-two"), "‹t› ‹u›");
    }
}
