//! `auth`: which kind of credential a request needs. The credential itself is never read.

use serde_json::{Value as Json, json};

/// The schemes of an `auth`; none when it says that no credential is sent; `None` when nothing is said.
pub(super) fn security(owner: &Json) -> Option<Vec<(String, Json)>> {
    let auth = owner.get("auth").filter(|auth| auth.is_object())?;
    let kind = auth.get("type").and_then(Json::as_str)?;
    let scheme = match kind {
        "noauth" => return Some(Vec::new()),
        "inherit" => return None,
        "bearer" => json!({"type": "http", "scheme": "bearer"}),
        "jwt" => json!({"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}),
        "basic" => json!({"type": "http", "scheme": "basic"}),
        "oauth2" => json!({"type": "oauth2", "flows": {}}),
        "apikey" => {
            let place = if part(auth, "in") == Some("query") { "query" } else { "header" };
            json!({"type": "apiKey", "in": place, "name": part(auth, "key").unwrap_or("X-Api-Key")})
        }
        other => json!({"type": "http", "scheme": other}),
    };
    let name = if kind == "apikey" { "apiKey" } else { kind };
    Some(vec![(name.to_owned(), scheme)])
}

/// A member of the kind's settings: a list of keys and values in 2.1, an object in 2.0.
fn part<'a>(auth: &'a Json, name: &str) -> Option<&'a str> {
    match auth.get("apikey")? {
        Json::Array(parts) => {
            let found = parts.iter().find(|part| part.get("key").and_then(Json::as_str) == Some(name));
            found?.get("value")?.as_str()
        }
        settings => settings.get(name)?.as_str(),
    }
    .filter(|text| !text.is_empty() && !text.contains("{{"))
}
