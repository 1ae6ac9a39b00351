//! Answers whose type browsers may guess.

use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;

use super::{Defect, Part};

const FIRES: &[&str] = &["ctype-nosniff-missing"];

pub(super) const MISSPELLED: Defect = Defect {
    id: "ctype-nosniff-missing-misspelled",
    title: "one operation says `no-sniff`, which no browser knows",
    operations: &["GET /menu"],
    part: Part::Answer,
    fires: FIRES,
    also: &[],
    build: |plan| plan.wrap(|handler| handler.route_layer(from_fn(misspelled))),
};

pub(super) const ON_ERRORS: Defect = Defect {
    id: "ctype-nosniff-missing-on-errors",
    title: "the errors of one operation say `none`",
    operations: &["GET /me"],
    part: Part::Answer,
    fires: FIRES,
    also: &[],
    build: |plan| plan.wrap(|handler| handler.route_layer(from_fn(on_errors))),
};

async fn misspelled(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("no-sniff"));
    response
}

async fn on_errors(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if response.status().is_client_error() {
        response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("none"));
    }
    response
}
