//! Refusals of a type that do not say so.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::Response;

use super::answer::problem;
use super::{Defect, Part};

const FIRES: &[&str] = &["ctype-refusal-not-415"];

pub(super) const BAD_REQUEST: Defect = Defect {
    id: "ctype-refusal-not-415-but-400",
    title: "an order of a bad type is malformed",
    operations: &["POST /orders"],
    part: Part::Answer,
    fires: FIRES,
    also: &[],
    build: |plan| plan.wrap(|handler| handler.route_layer(from_fn(bad_request))),
};

pub(super) const UNPROCESSABLE: Defect = Defect {
    id: "ctype-refusal-not-415-but-422",
    title: "credentials of a bad type are not as documented",
    operations: &["POST /login"],
    part: Part::Answer,
    fires: FIRES,
    also: &[("error-unactionable", "the refusal names neither the type nor a field")],
    build: |plan| plan.wrap(|handler| handler.route_layer(from_fn(unprocessable))),
};

async fn bad_request(request: Request, next: Next) -> Response {
    otherwise(next.run(request).await, StatusCode::BAD_REQUEST)
}

async fn unprocessable(request: Request, next: Next) -> Response {
    otherwise(next.run(request).await, StatusCode::UNPROCESSABLE_ENTITY)
}

fn otherwise(response: Response, status: StatusCode) -> Response {
    if response.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE {
        problem(status, "The request is not as documented.")
    } else {
        response
    }
}
