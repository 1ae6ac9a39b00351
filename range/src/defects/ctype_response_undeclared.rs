//! Answers that are not of the documented type.

use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;

use super::{Defect, Part};

const FIRES: &[&str] = &["ctype-response-undeclared"];

pub(super) const PAGE: Defect = Defect {
    id: "ctype-response-undeclared-page",
    title: "a dish is answered as a page",
    operations: &["GET /menu/{id}"],
    part: Part::Answer,
    fires: FIRES,
    also: &[("ctype-html-from-api", "the answer is HTML to whoever goes by its type")],
    build: |plan| plan.wrap(|handler| handler.route_layer(from_fn(page))),
};

async fn page(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if response.status() == StatusCode::OK {
        let media = HeaderValue::from_static("text/html; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, media);
    }
    response
}

pub(super) const NO_JSON: Defect = Defect {
    id: "ctype-response-undeclared-no-json",
    title: "whether the service is up is answered as JSON that is none",
    operations: &["GET /health"],
    part: Part::Answer,
    fires: FIRES,
    also: &[],
    build: |plan| plan.replace(&get(async || ([(header::CONTENT_TYPE, "application/json")], "status=ok\n"))),
};
