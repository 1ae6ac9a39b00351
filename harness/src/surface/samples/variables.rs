//! Variables of collections and lists of requests.

use std::collections::HashMap;

use serde_json::Value as Json;

/// Variables in the values of variables.
const MAX_ROUNDS: usize = 8;
/// The longest text that filling in may make, in bytes.
const MAX_LENGTH: usize = 1 << 20;

/// Values by name. Those that are marked as secret are not known.
pub(in crate::surface) struct Variables(HashMap<String, String>);

impl Variables {
    /// `variable` of a collection; `key` in 2.1, sometimes `id` in 2.0.
    pub(in crate::surface) fn of(owner: &Json) -> Self {
        let listed = owner.get("variable").and_then(Json::as_array).into_iter().flatten();
        let open = listed.filter(|variable| {
            let is = |key: &str, value: Json| variable.get(key) == Some(&value);
            !is("type", "secret".into()) && !is("disabled", true.into())
        });
        let pairs = open.filter_map(|variable| {
            let name = variable.get("key").or_else(|| variable.get("id"))?.as_str()?;
            let value = match variable.get("value")? {
                Json::String(text) => text.clone(),
                scalar @ (Json::Number(_) | Json::Bool(_)) => scalar.to_string(),
                _ => return None,
            };
            (!value.is_empty()).then(|| (name.to_owned(), value))
        });
        Self(pairs.collect())
    }

    /// These values.
    pub(in crate::surface) fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(pairs.into_iter().collect())
    }

    /// A text with what is known filled in; what is not stays in its braces.
    pub(in crate::surface) fn fill(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for _ in 0..MAX_ROUNDS {
            let filled = self.once(&text);
            if filled == text || filled.len() > MAX_LENGTH.max(text.len()) {
                break;
            }
            text = filled;
        }
        text
    }

    fn once(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            out.push_str(before);
            rest = after;
            let Some((name, behind)) = after.split_once("}}") else {
                out.push_str("{{");
                break;
            };
            if let Some(value) = self.0.get(name.trim()) {
                out.push_str(value);
            } else {
                out.push_str("{{");
                out.push_str(name);
                out.push_str("}}");
            }
            rest = behind;
        }
        out.push_str(rest);
        out
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_known_is_filled_in() {
        let variables = Variables::of(&json!({"variable": [
            {"key": "base", "value": "https://{{host}}/v1"}, {"id": "host", "value": "api.example.com"},
            {"key": "token", "value": "hidden", "type": "secret"}, {"key": "round", "value": "{{round}}x"},
        ]}));
        assert_eq!(
            variables.fill("{{base}}/a?t={{token}}&u={{ unknown }}"),
            "https://api.example.com/v1/a?t={{token}}&u={{ unknown }}"
        );
        assert_eq!(variables.fill("{{open"), "{{open");
        assert!(variables.fill("{{round}}").len() < 100);
    }
}
