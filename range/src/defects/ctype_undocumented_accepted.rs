//! Bodies that are read although their type is not documented.

use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;

use super::answer::announce_json;
use super::{Defect, Part};

const FIRES: &[&str] = &["ctype-undocumented-accepted"];

pub(super) const ANY: Defect = Defect {
    id: "ctype-undocumented-accepted-of-any-type",
    title: "an order is read whatever its type says",
    operations: &["POST /orders"],
    part: Part::Answer,
    fires: FIRES,
    also: &[],
    build: |plan| plan.wrap(|handler| handler.route_layer(from_fn(any))),
};

pub(super) const TEXT: Defect = Defect {
    id: "ctype-undocumented-accepted-as-text",
    title: "the change of an order may be sent as text, as pages of other origins can",
    operations: &["PATCH /orders/{id}"],
    part: Part::Answer,
    fires: FIRES,
    also: &[("ctype-csrf-simple", "text is what a page of another origin may send")],
    build: |plan| plan.wrap(|handler| handler.route_layer(from_fn(text))),
};

async fn any(mut request: Request, next: Next) -> Response {
    if request.headers().contains_key(header::CONTENT_TYPE) {
        announce_json(&mut request);
    }
    next.run(request).await
}

async fn text(mut request: Request, next: Next) -> Response {
    if request.headers().get(header::CONTENT_TYPE) == Some(&HeaderValue::from_static("text/plain")) {
        announce_json(&mut request);
    }
    next.run(request).await
}
