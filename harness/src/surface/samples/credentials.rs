//! How the credentials of samples travel: schemes, never values.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::secret::is_secret_name;
use super::{Sample, header};

/// The schemes that a request used: a name, and the scheme as OpenAPI writes it.
pub(super) fn schemes(sample: &Sample) -> BTreeMap<String, Json> {
    let mut found = BTreeMap::new();
    if let Some(value) =
        header(&sample.headers, "authorization").map(str::trim).filter(|value| !value.is_empty())
    {
        let (name, scheme) = authorization(value);
        found.insert(name, scheme);
    }
    for (name, _) in &sample.headers {
        let lower = name.to_ascii_lowercase();
        if is_key(&lower) {
            found.insert(named(&lower), json!({"type": "apiKey", "in": "header", "name": name}));
        }
    }
    let cookies = sample.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("cookie"));
    for part in cookies.flat_map(|(_, value)| value.split(';')) {
        let name = part.split('=').next().unwrap_or_default().trim();
        if is_session(name) {
            found.insert(named(name), json!({"type": "apiKey", "in": "cookie", "name": name}));
        }
    }
    for (name, _) in sample.url.query.iter().filter(|(name, _)| is_query_key(name)) {
        found.insert(named(name), json!({"type": "apiKey", "in": "query", "name": name}));
    }
    found
}

fn authorization(value: &str) -> (String, Json) {
    let scheme = value.split_once(' ').map(|(scheme, _)| scheme.to_ascii_lowercase());
    match scheme.as_deref() {
        Some("bearer") if value.contains("eyJ") => {
            ("bearer".to_owned(), json!({"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}))
        }
        Some("bearer") => ("bearer".to_owned(), json!({"type": "http", "scheme": "bearer"})),
        Some("basic") => ("basic".to_owned(), json!({"type": "http", "scheme": "basic"})),
        Some("digest") => ("digest".to_owned(), json!({"type": "http", "scheme": "digest"})),
        // Something of its own: a key in this header.
        _ => ("authorization".to_owned(), json!({"type": "apiKey", "in": "header", "name": "Authorization"})),
    }
}

/// A name that OpenAPI allows for a component.
fn named(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
    name.chars().take(60).map(plain).collect()
}

/// A header that holds a key: secret by its name, and neither the standard ones nor a twin against forgery.
pub(super) fn is_key(lower: &str) -> bool {
    let standard = matches!(
        lower,
        "authorization" | "proxy-authorization" | "cookie" | "set-cookie" | "cookie2" | "www-authenticate"
    );
    is_secret_name(lower) && !standard && !is_twin(lower) && !lower.contains("signature")
}

/// Tokens against forged requests, which are no credential.
fn is_twin(lower: &str) -> bool {
    lower.contains("csrf") || lower.contains("xsrf")
}

fn is_session(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let known = lower == "connect.sid" || lower.ends_with("sid") || lower.contains("auth");
    (known || is_secret_name(&lower))
        && !is_twin(&lower)
        && !lower.starts_with('_')
        && !lower.contains("consent")
}

/// Query parameters by which keys travel.
pub(super) fn is_query_key(name: &str) -> bool {
    let lower = name.to_ascii_lowercase().replace(['-', '_'], "");
    matches!(lower.as_str(), "apikey" | "accesstoken" | "authtoken" | "accesskey" | "subscriptionkey")
}
