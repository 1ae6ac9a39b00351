//! The written body.

use super::bind::{Bindings, Unbound};
use super::json::bound_json;
use super::percent::{FORM, percent};
use crate::case::{Content, Pairs, Request, Value};
use crate::trace::Trace;

const BOUNDARY: &str = "----proofhouse-7b1f0c2d";

pub(super) fn body(
    request: &Request,
    bindings: &mut Bindings<'_>,
    trace: &Trace,
) -> Result<(Vec<u8>, String), Unbound> {
    let Some(body) = &request.body else { return Ok((Vec::new(), String::new())) };
    let mut media_type = body.media_type.clone();
    let bytes = match &body.content {
        Content::Json(value) => bound_json(value, bindings, trace)?,
        Content::Text(value) => bindings.bytes(value, trace)?,
        Content::Form(pairs) => {
            let mut text = Vec::new();
            for (name, value) in each(pairs) {
                if !text.is_empty() {
                    text.push(b'&');
                }
                text.extend(percent(name.as_bytes(), FORM).as_bytes());
                text.push(b'=');
                text.extend(percent(&bindings.bytes(value, trace)?, FORM).as_bytes());
            }
            text
        }
        Content::Multipart(parts) => {
            if media_type.eq_ignore_ascii_case("multipart/form-data") {
                media_type = format!("{media_type}; boundary={BOUNDARY}");
            }
            let mut text = Vec::new();
            for part in parts {
                text.extend(
                    format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{}\"", part.name).bytes(),
                );
                if let Some(filename) = &part.filename {
                    text.extend(format!("; filename=\"{filename}\"").bytes());
                }
                if let Some(media_type) = &part.media_type {
                    text.extend(format!("\r\nContent-Type: {media_type}").bytes());
                }
                text.extend(b"\r\n\r\n");
                text.extend(bindings.bytes(&part.value, trace)?);
                text.extend(b"\r\n");
            }
            text.extend(format!("--{BOUNDARY}--\r\n").bytes());
            text
        }
    };
    Ok((bytes, media_type))
}

/// Every name and value, with lists spread.
pub(super) fn each(pairs: &Pairs) -> impl Iterator<Item = (&String, &Value)> {
    pairs.0.iter().flat_map(|(name, value)| {
        let values = match value {
            Value::List(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        values.iter().map(move |value| (name, value))
    })
}
