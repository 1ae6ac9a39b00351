//! Bodies that are read although they are not of their type.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use serde_json::{Map, Value};

use super::{Defect, Part};

const FIRES: &[&str] = &["ctype-mismatch-body"];

pub(super) const FORM: Defect = Defect {
    id: "ctype-mismatch-body-form-as-json",
    title: "what is no JSON is read as a form, whatever its type says",
    operations: &["POST /coupons/check"],
    part: Part::Answer,
    fires: FIRES,
    also: &[],
    build: |plan| plan.wrap(|handler| handler.route_layer(from_fn(form))),
};

pub(super) const QUOTES: Defect = Defect {
    id: "ctype-mismatch-body-single-quotes",
    title: "what is no JSON is read with single quotes for double ones",
    operations: &["POST /orders"],
    part: Part::Answer,
    fires: FIRES,
    also: &[("input-json-malformed", "the parser takes what RFC 8259 does not know")],
    build: |plan| plan.wrap(|handler| handler.route_layer(from_fn(quotes))),
};

async fn form(request: Request, next: Next) -> Response {
    reread(request, next, |text| {
        let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
        let members: Map<String, Value> =
            pairs.map(|(name, value)| (name.to_owned(), Value::from(value.replace('+', " ")))).collect();
        (!members.is_empty()).then(|| Value::Object(members).to_string())
    })
    .await
}

async fn quotes(request: Request, next: Next) -> Response {
    reread(request, next, |text| text.contains('\'').then(|| text.replace('\'', "\""))).await
}

/// Another reading of a body that is no JSON; where it has none, the body stays as it is.
async fn reread(request: Request, next: Next, read: fn(&str) -> Option<String>) -> Response {
    let (mut parts, body) = request.into_parts();
    let mut body = to_bytes(body, 1 << 17).await.unwrap_or_default();
    if serde_json::from_slice::<Value>(&body).is_err()
        && let Some(json) = std::str::from_utf8(&body).ok().and_then(read)
    {
        parts.headers.remove(header::CONTENT_LENGTH);
        body = json.into();
    }
    next.run(Request::from_parts(parts, Body::from(body))).await
}
