//! Request bodies of several samples, by media type.

use indexmap::IndexMap;
use serde_json::{Map, Value as Json, json};

use super::Sample;
use super::body::{Content, Field, Payload};
use super::operation::of_texts;
use super::secret::{Secrets, is_secret_name};
use super::shape::{Keep, Shape, kept};

/// Whole bodies that are kept as examples, and the bytes of the largest.
const MAX_BODIES: usize = 4;
const MAX_BODY: usize = 16 << 10;

/// The body, a schema for each media type.
pub(super) fn request_body(samples: &[&Sample], secrets: &Secrets) -> Option<Json> {
    let mut by_type: IndexMap<&str, Vec<&Content>> = IndexMap::new();
    let bodies = || samples.iter().filter_map(|sample| sample.body.as_ref());
    for body in bodies() {
        by_type.entry(&body.media_type).or_default().push(body);
    }
    if by_type.is_empty() {
        return None;
    }
    let content = by_type
        .into_iter()
        .map(|(media_type, bodies)| (media_type.to_owned(), media(media_type, &bodies, secrets)));
    let content: Map<String, Json> = content.collect();
    Some(json!({"required": bodies().count() == samples.len(), "content": content}))
}

fn media(media_type: &str, bodies: &[&Content], secrets: &Secrets) -> Json {
    let forms: Vec<&Vec<Field>> = bodies.iter().filter_map(|body| body.payload.fields()).collect();
    if !forms.is_empty() {
        return json!({"schema": form(&forms, secrets)});
    }
    let mut shape = Shape::default();
    let mut examples: Vec<Json> = Vec::new();
    for body in bodies {
        let value = match &body.payload {
            Payload::Json(json) => json.clone(),
            Payload::Text(text) => json!(text),
            _ => continue,
        };
        shape.add(&value, Keep { secrets, examples: true });
        let small = || value.to_string().len() <= MAX_BODY;
        if examples.len() < MAX_BODIES && !examples.contains(&value) && is_open(&value, secrets) && small() {
            examples.push(value);
        }
    }
    let mut schema = shape.schema(true);
    if schema == json!({}) && !media_type.contains("json") {
        schema = json!({"type": "string"});
    }
    let examples = examples.into_iter().enumerate();
    let examples: Map<String, Json> =
        examples.map(|(index, value)| (index.to_string(), json!({"value": value}))).collect();
    json!({"schema": schema, "examples": examples})
}

/// Whether a whole value may be kept: nothing in it is a credential or a variable.
fn is_open(value: &Json, secrets: &Secrets) -> bool {
    match value {
        Json::Array(items) => items.iter().all(|item| is_open(item, secrets)),
        Json::Object(members) => {
            members.iter().all(|(name, value)| !is_secret_name(name) && is_open(value, secrets))
        }
        scalar => kept(scalar, secrets),
    }
}

/// A form: its fields are texts, numbers, flags and files.
fn form(forms: &[&Vec<Field>], secrets: &Secrets) -> Json {
    let mut fields: IndexMap<&str, Vec<&Field>> = IndexMap::new();
    for field in forms.iter().flat_map(|form| form.iter()) {
        fields.entry(&field.name).or_default().push(field);
    }
    let mut required = Vec::new();
    let mut properties = Map::new();
    for (name, seen) in fields {
        let values = seen.iter().filter_map(|field| field.value.as_deref());
        let mut schema = if seen.iter().any(|field| field.file) {
            json!({"type": "string", "format": "binary"})
        } else {
            of_texts(values, !is_secret_name(name), secrets)
        };
        let times = |form: &Vec<Field>| form.iter().filter(|field| field.name == name).count();
        if forms.iter().any(|form| times(form) > 1) {
            schema = json!({"type": "array", "items": schema});
        }
        if forms.iter().all(|form| times(form) > 0) {
            required.push(name);
        }
        properties.insert(name.to_owned(), schema);
    }
    json!({"type": "object", "properties": properties, "required": required})
}
