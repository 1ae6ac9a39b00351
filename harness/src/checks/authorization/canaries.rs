//! Texts that only their owner may see, put where the owner writes freely.

use serde_json::json;

use crate::case::{Content, Dynamic, FreshKind, Value, escape_token};
use crate::generate::schema::plausible_in;
use crate::generate::{Draft, World};
use crate::surface::Schema;
use crate::trace::Trace;

/// Methods whose bodies are kept.
const WRITES: &[&str] = &["POST", "PUT", "PATCH"];
/// Names under which people find objects: a canary there is the id in the attacker's own URL.
const IDENTIFYING: &[&str] =
    &["id", "name", "username", "login", "email", "title", "slug", "key", "code", "label", "displayname"];
/// Names of members that hold what people write, for whom only they know.
const FREE_TEXT: &[&str] = &[
    "description",
    "note",
    "notes",
    "comment",
    "comments",
    "text",
    "content",
    "summary",
    "message",
    "memo",
    "remark",
    "details",
    "body",
    "reason",
    "purpose",
    "instructions",
    "feedback",
    "bio",
    "about",
];

/// The canaries whose name begins so, as they were bound.
pub(super) fn canaries<'t>(trace: &'t Trace, lead: &str) -> Vec<&'t String> {
    trace.bindings.iter().filter(|(name, _)| name.starts_with(lead)).map(|(_, text)| text).collect()
}

/// Puts canaries into the free text of what the setup creates; returns how many.
pub(in crate::checks) fn plant(draft: &mut Draft, world: &World) -> usize {
    let target = draft.target.clone();
    let mut planted = 0;
    for base in draft.bases.iter_mut().filter(|base| base.name != target) {
        let operation = world.surface.named(&base.operation).map(|(_, operation)| operation);
        let Some(operation) = operation.filter(|operation| WRITES.contains(&operation.method.as_str()))
        else {
            continue;
        };
        let Some(body) = &mut base.request.body else { continue };
        let schema = operation.bodies.iter().find(|known| known.media_type == body.media_type);
        let Some(schema) = schema.map(|known| &known.schema) else { continue };
        let mut whole = match &body.content {
            Content::Json(value) => value.clone(),
            Content::Form(pairs) => Value::Object(pairs.0.clone()),
            Content::Multipart(_) | Content::Text(_) => continue,
        };
        add_free_text(&mut whole, schema);
        for pointer in texts(&whole) {
            let mut sample = plausible_in(schema, &whole);
            // The canary must be as valid as what it replaces, or the object is never made.
            let Some(node) = sample.pointer_mut(&pointer) else { continue };
            if node.as_str().is_some_and(is_formatted) {
                continue;
            }
            *node = json!("ph-0000-k3v9q0w8e7zz");
            if schema.accepts(&sample)
                && let Some(node) = whole.pointer_mut(&pointer)
            {
                *node = Value::canary(format!("canary-{}{pointer}", base.name));
                planted += 1;
            }
        }
        match (&mut body.content, whole) {
            (Content::Json(value), whole) => *value = whole,
            (Content::Form(pairs), Value::Object(members)) => pairs.0 = members,
            _ => {}
        }
    }
    planted
}

/// Whether a text is of a format, such as a date: validators take formats for annotations, services do not.
fn is_formatted(text: &str) -> bool {
    let bytes = text.as_bytes();
    let only = |allowed: &[u8]| bytes.iter().all(|byte| byte.is_ascii_digit() || allowed.contains(byte));
    let is_date = bytes.len() >= 10
        && bytes[4] == b'-'
        && bytes[7] == b'-'
        && bytes[..4].iter().all(u8::is_ascii_digit);
    let is_uuid = bytes.len() == 36 && text.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
    let is_number = !bytes.is_empty() && only(b":.+-/ ");
    is_date || is_uuid || is_number || text.contains('@') || text.contains("://")
}

/// Adds optional members for free text where the schema has them: an object without one has no room for a canary.
fn add_free_text(whole: &mut Value, schema: &Schema) {
    let documented = schema.json.get("properties").and_then(serde_json::Value::as_object);
    let names: Vec<&str> = match documented {
        Some(properties) => FREE_TEXT.iter().copied().filter(|name| properties.contains_key(*name)).collect(),
        // What the schema refers to has its members elsewhere: validation decides.
        None => FREE_TEXT.to_vec(),
    };
    let closed = |sample: &serde_json::Value| schema.accepts(sample);
    for name in names {
        let Value::Object(members) = &*whole else { return };
        if members.iter().any(|(key, _)| key == name) {
            continue;
        }
        let mut sample = plausible_in(schema, whole);
        let Some(object) = sample.as_object_mut() else { return };
        // A member that may be anything is one that the document does not know.
        object.insert(name.to_owned(), json!({"x": [1]}));
        let unknown = closed(&sample);
        if let Some(object) = sample.as_object_mut() {
            object.insert(name.to_owned(), json!("ph-0000-k3v9q0w8e7zz"));
        }
        if !unknown
            && closed(&sample)
            && let Value::Object(members) = whole
        {
            members.push((name.to_owned(), Value::text("ph-0000-k3v9q0w8e7zz")));
        }
    }
}

/// The pointers of texts that are not names by which people find objects.
fn texts(value: &Value) -> Vec<String> {
    fn walk(value: &Value, at: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                members
                    .iter()
                    .for_each(|(key, value)| walk(value, &format!("{at}/{}", escape_token(key)), found));
            }
            Value::List(items) => {
                items
                    .iter()
                    .enumerate()
                    .for_each(|(index, item)| walk(item, &format!("{at}/{index}"), found));
            }
            Value::Text(_) => found.push(at.to_owned()),
            Value::Dynamic(leaf) => {
                if let Dynamic::Fresh(fresh) = &**leaf
                    && fresh.kind == FreshKind::Text
                {
                    found.push(at.to_owned());
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(value, "", &mut found);
    found.retain(|pointer| {
        let name = pointer.rsplit('/').find(|token| token.parse::<usize>().is_err()).unwrap_or_default();
        let plain: String =
            name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        !IDENTIFYING.contains(&plain.as_str())
    });
    found
}

#[cfg(test)]
mod tests {
    use super::is_formatted;

    #[test]
    fn texts_of_a_format_are_left_alone() {
        for text in [
            "2025-03-02",
            "2025-03-02T10:00:00Z",
            "09:30",
            "a@b.example",
            "https://a.example",
            "12.50",
            "00000000-0000-4000-8000-000000000001",
        ] {
            assert!(is_formatted(text), "{text}");
        }
        for text in ["A", "some words", "fa9c21", "on the 3rd", ""] {
            assert!(!is_formatted(text), "{text}");
        }
    }
}
