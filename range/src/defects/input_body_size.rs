//! Layers that read whatever is sent.

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};

use super::{Defect, Part, intake};

const FIRES: &[&str] = &["input-body-size"];

pub(super) const ORDER: Defect = Defect {
    id: "input-body-size-of-order",
    title: "a layer that trims bodies reads an order of any size",
    operations: &["POST /orders"],
    part: Part::Intake,
    fires: FIRES,
    also: &[],
    build: |plan| plan.wrap(|handler| handler.route_layer(from_fn(trimmed))),
};

pub(super) const LOGIN: Defect = Defect {
    id: "input-body-size-of-login",
    title: "a layer that trims bodies reads a login of any size",
    operations: &["POST /login"],
    part: Part::Intake,
    fires: FIRES,
    also: &[],
    build: |plan| plan.wrap(|handler| handler.route_layer(from_fn(trimmed))),
};

async fn trimmed(request: Request, next: Next) -> Response {
    let (parts, body) = match intake::read(request, usize::MAX).await {
        Ok(read) => read,
        Err(refused) => return refused.into_response(),
    };
    let end = body.trim_ascii_end().len();
    let kept = body.slice(..end);
    next.run(intake::with(parts, kept)).await
}
