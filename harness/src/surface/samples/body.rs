//! Bodies of requests.

use serde_json::{Value as Json, json};

use super::{essence, url};
use crate::surface::openapi::is_json;

/// Fields that one form may have.
const MAX_FIELDS: usize = 1_000;

/// A body that was sent.
#[derive(Clone, Debug)]
pub(in crate::surface) struct Content {
    /// Without parameters, in lower case.
    pub(in crate::surface) media_type: String,
    pub(in crate::surface) payload: Payload,
}

/// What a body holds.
#[derive(Clone, Debug)]
pub(in crate::surface) enum Payload {
    Json(Json),
    /// A form, of either media type.
    Form(Vec<Field>),
    Text(String),
    /// Something was sent, and it is not known what.
    Unknown,
}

/// A field of a form.
#[derive(Clone, Debug, Default)]
pub(in crate::surface) struct Field {
    pub(in crate::surface) name: String,
    /// `None` when it is not known, or no text.
    pub(in crate::surface) value: Option<String>,
    /// The content of a file.
    pub(in crate::surface) file: bool,
}

impl Content {
    /// Reads a body as its media type says; without one, as it looks. `None` when nothing was sent.
    pub(in crate::surface) fn read(media_type: Option<&str>, text: &str) -> Option<Self> {
        if text.trim().is_empty() {
            return None;
        }
        let said = media_type.and_then(essence);
        let begins = text.trim_start().starts_with(['{', '[']);
        let media_type = match said {
            Some(known) => known,
            None if begins => "application/json".to_owned(),
            None => "text/plain".to_owned(),
        };
        let payload = match media_type.as_str() {
            json if is_json(json) => parse(text).map_or(Payload::Unknown, Payload::Json),
            "application/x-www-form-urlencoded" => Payload::Form(form(text)),
            "multipart/form-data" => Payload::Form(multipart(text)),
            _ => Payload::Text(text.to_owned()),
        };
        Some(Self { media_type, payload })
    }

    /// GraphQL over HTTP: a JSON document with the query, its variables (JSON as text, or nothing) and its name.
    pub(in crate::surface) fn graphql(query: &str, variables: &str, name: Option<String>) -> Self {
        let mut json = json!({"query": query});
        if let Some(variables) = parse(variables) {
            json["variables"] = variables;
        }
        if let Some(name) = name {
            json["operationName"] = Json::String(name);
        }
        Self { media_type: "application/json".to_owned(), payload: Payload::Json(json) }
    }

    /// A form whose fields are known already.
    pub(in crate::surface) fn form(media_type: &str, mut fields: Vec<Field>) -> Self {
        fields.truncate(MAX_FIELDS);
        fields.retain(|field| !field.name.is_empty());
        Self { media_type: media_type.to_owned(), payload: Payload::Form(fields) }
    }
}

impl Payload {
    pub(super) fn fields(&self) -> Option<&Vec<Field>> {
        match self {
            Self::Form(fields) => Some(fields),
            _ => None,
        }
    }
}

/// JSON; where it does not parse, with `null` for variables that stand where a value belongs.
fn parse(text: &str) -> Option<Json> {
    serde_json::from_str(text).ok().or_else(|| serde_json::from_str(&without_variables(text)).ok())
}

/// `{"id": {{id}}}` as `{"id": null}`; inside quotes nothing changes.
fn without_variables(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut quoted, mut rest) = (false, text);
    while let Some(c) = rest.chars().next() {
        let variable = rest.strip_prefix("{{").filter(|_| !quoted).and_then(|inner| inner.split_once("}}"));
        if let Some((_, after)) = variable.filter(|(name, _)| !name.contains(['"', '{', '\n'])) {
            out.push_str("null");
            rest = after;
            continue;
        }
        out.push(c);
        rest = &rest[c.len_utf8()..];
        if c == '\\' && quoted {
            let escaped = rest.chars().next();
            out.extend(escaped);
            rest = &rest[escaped.map_or(0, char::len_utf8)..];
        }
        quoted ^= c == '"';
    }
    out
}

fn form(text: &str) -> Vec<Field> {
    let pairs = url::pairs(&text.replace(['\r', '\n'], "")).into_iter().take(MAX_FIELDS);
    pairs.map(|(name, value)| Field { name, value: Some(value), file: false }).collect()
}

/// The parts of a multipart body by what their heads say (RFC 7578). The boundary is its first line.
fn multipart(text: &str) -> Vec<Field> {
    let Some(boundary) = text.lines().find(|line| line.starts_with("--")).map(str::trim_end) else {
        return Vec::new();
    };
    let mut fields = Vec::new();
    for part in text.split(boundary).skip(1).take(MAX_FIELDS) {
        let part = part.replace("\r\n", "\n");
        let Some((head, body)) = part.trim_start_matches('\n').split_once("\n\n") else { continue };
        let parameter = |name: &str| {
            let (_, after) = head.split_once(&format!("; {name}=\""))?;
            Some(after.split('"').next().unwrap_or_default().to_owned())
        };
        let Some(name) = parameter("name") else { continue };
        let file = parameter("filename").is_some();
        let value = (!file).then(|| body.trim_end_matches(['\n', '-']).to_owned());
        fields.push(Field { name, value, file });
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_read_as_they_say_or_look() {
        let json = |text| match Content::read(None, text).expect("a body").payload {
            Payload::Json(json) => json,
            other => panic!("{other:?}"),
        };
        assert_eq!(json(r#"{"a": 1}"#), json!({"a": 1}));
        let filled = json(r#"{"id": {{id}}, "name": "{{name}}", "q": "\"{{", "all": [{{a}},{{b}}]}"#);
        assert_eq!(filled, json!({"id": null, "name": "{{name}}", "q": "\"{{", "all": [null, null]}));
        assert!(Content::read(Some("application/json"), "  ").is_none());
        let broken = Content::read(Some("application/json; charset=utf-8"), "{oops").expect("a body");
        assert!(matches!(broken.payload, Payload::Unknown));
        assert_eq!(broken.media_type, "application/json");
    }

    #[test]
    fn parts_of_multipart_bodies() {
        let text = "--xx\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nHat\r\n--xx\r\n\
                    Content-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\
                    Content-Type: image/png\r\n\r\n...\r\n--xx--\r\n";
        let fields: Vec<_> =
            multipart(text).into_iter().map(|field| (field.name, field.value, field.file)).collect();
        let expected = [("title".to_owned(), Some("Hat".to_owned()), false), ("file".to_owned(), None, true)];
        assert_eq!(fields, expected);
    }
}
