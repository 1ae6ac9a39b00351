//! Bodies that are read although they do not say what they are.

use axum::extract::Request;
use axum::http::header;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::MethodRouter;

use super::answer::announce_json;
use super::{Defect, Part};
use crate::state::AppState;

const FIRES: &[&str] = &["ctype-absent-accepted"];

pub(super) const ORDER: Defect = Defect {
    id: "ctype-absent-accepted-of-order",
    title: "an order without a type is taken for JSON",
    operations: &["POST /orders"],
    part: Part::Answer,
    fires: FIRES,
    also: &[],
    build: |plan| plan.wrap(guessing),
};

pub(super) const LOGIN: Defect = Defect {
    id: "ctype-absent-accepted-of-login",
    title: "credentials without a type are taken for JSON",
    operations: &["POST /login"],
    part: Part::Answer,
    fires: FIRES,
    also: &[],
    build: |plan| plan.wrap(guessing),
};

fn guessing(handler: MethodRouter<AppState>) -> MethodRouter<AppState> {
    handler.route_layer(from_fn(guess))
}

async fn guess(mut request: Request, next: Next) -> Response {
    if !request.headers().contains_key(header::CONTENT_TYPE) {
        announce_json(&mut request);
    }
    next.run(request).await
}
