//! Refusals that help nobody.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};

use super::{Defect, Part};
use crate::error::Problem;

const FIRES: &[&str] = &["authn-challenge-missing"];

pub(super) const NO_CHALLENGE: Defect = Defect {
    id: "authn-challenge-missing-on-orders",
    title: "the list of orders refuses without saying which credential it wants",
    operations: &["GET /orders"],
    part: Part::Answer,
    fires: FIRES,
    also: &[],
    build: |plan| plan.wrap(|handler| handler.route_layer(from_fn(no_challenge))),
};

pub(super) const SERVER_ERROR: Defect = Defect {
    id: "authn-challenge-missing-but-a-failure",
    title: "the kitchen's tickets fail with 500 when no credential is sent",
    operations: &["GET /kitchen/tickets"],
    part: Part::Answer,
    fires: FIRES,
    also: &[("input-server-error", "a request without a credential is answered with 500")],
    build: |plan| plan.wrap(|handler| handler.route_layer(from_fn(failing))),
};

pub(super) const UNKNOWN: Defect = Defect {
    id: "authn-challenge-missing-a-403",
    title: "customers who ask for the accounts are told to log in",
    operations: &["GET /admin/accounts"],
    part: Part::Answer,
    fires: FIRES,
    also: &[],
    build: |plan| plan.wrap(|handler| handler.route_layer(from_fn(unknown))),
};

async fn no_challenge(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().remove(WWW_AUTHENTICATE);
    response
}

async fn failing(request: Request, next: Next) -> Response {
    if request.headers().contains_key(AUTHORIZATION) {
        next.run(request).await
    } else {
        Problem::internal().into_response()
    }
}

async fn unknown(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if response.status() == StatusCode::FORBIDDEN {
        Problem::unauthorized(r#"Bearer realm="canteen""#).into_response()
    } else {
        response
    }
}
