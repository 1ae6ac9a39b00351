//! Bodies of requests by their mode.

use serde_json::Value as Json;

use crate::surface::samples::{Content, Field, Payload, Variables, header};

pub(super) fn read(body: &Json, headers: &[(String, String)], variables: &Variables) -> Option<Content> {
    if body.get("disabled") == Some(&Json::Bool(true)) {
        return None;
    }
    let said = header(headers, "content-type");
    match body.get("mode").and_then(Json::as_str)? {
        "raw" => {
            let language = body.pointer("/options/raw/language").and_then(Json::as_str);
            let media_type = said.or_else(|| language.and_then(media_type_of));
            Content::read(media_type, &variables.fill(body.get("raw")?.as_str()?))
        }
        "urlencoded" => form("application/x-www-form-urlencoded", body.get("urlencoded")?, variables),
        "formdata" => form("multipart/form-data", body.get("formdata")?, variables),
        "graphql" => Some(graphql(body.get("graphql")?, variables)),
        "file" => {
            Some(Content { media_type: "application/octet-stream".to_owned(), payload: Payload::Unknown })
        }
        _ => None,
    }
}

/// The media type of a language of the editor.
pub(super) fn media_type_of(language: &str) -> Option<&'static str> {
    match language {
        "json" => Some("application/json"),
        "xml" => Some("application/xml"),
        "html" => Some("text/html"),
        "javascript" => Some("application/javascript"),
        "text" => Some("text/plain"),
        _ => None,
    }
}

/// A list of fields, or the text of a form in 2.0.
fn form(media_type: &str, fields: &Json, variables: &Variables) -> Option<Content> {
    if let Json::String(text) = fields {
        return Content::read(Some(media_type), &variables.fill(text));
    }
    let on = fields.as_array()?.iter().filter(|field| field.get("disabled") != Some(&Json::Bool(true)));
    let fields = on.filter_map(|field| {
        let file = field.get("type").and_then(Json::as_str) == Some("file");
        let value = field.get("value").and_then(Json::as_str).filter(|_| !file);
        let name = variables.fill(field.get("key")?.as_str()?);
        Some(Field { name, value: value.map(|value| variables.fill(value)), file })
    });
    Some(Content::form(media_type, fields.collect()))
}

fn graphql(body: &Json, variables: &Variables) -> Content {
    let text = |key: &str| body.get(key).and_then(Json::as_str).map(|text| variables.fill(text));
    let name = text("operationName").filter(|name| !name.is_empty());
    Content::graphql(&text("query").unwrap_or_default(), &text("variables").unwrap_or_default(), name)
}
