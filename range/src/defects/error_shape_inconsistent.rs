//! One operation whose errors look unlike all others.

use axum::Json;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::answer::with_body;
use super::{Defect, Part};

const FIRES: &[&str] = &["error-shape-inconsistent"];
const UNDECLARED: (&str, &str) =
    ("ctype-response-undeclared", "the document has no such type for this status");
const UNACTIONABLE: (&str, &str) = ("error-unactionable", "the field and its rule are gone with the shape");

pub(super) const PLAIN_TEXT: Defect = Defect {
    id: "error-shape-inconsistent-plain-text",
    title: "one operation answers its errors in plain text",
    operations: &["GET /orders/{id}"],
    part: Part::Answer,
    fires: FIRES,
    also: &[UNDECLARED, UNACTIONABLE],
    build: |plan| plan.wrap(|handler| handler.route_layer(from_fn(plain_text))),
};

pub(super) const OTHER_JSON: Defect = Defect {
    id: "error-shape-inconsistent-other-json",
    title: "one operation answers its errors in a JSON shape of its own",
    operations: &["POST /orders"],
    part: Part::Answer,
    fires: FIRES,
    also: &[UNDECLARED, UNACTIONABLE],
    build: |plan| plan.wrap(|handler| handler.route_layer(from_fn(other_json))),
};

pub(super) const HTML: Defect = Defect {
    id: "error-shape-inconsistent-html",
    title: "one operation answers its errors with an HTML page",
    operations: &["GET /menu/{id}"],
    part: Part::Answer,
    fires: FIRES,
    also: &[UNDECLARED, UNACTIONABLE, ("ctype-html-from-api", "the page is HTML")],
    build: |plan| plan.wrap(|handler| handler.route_layer(from_fn(html))),
};

pub(super) const SUCCESS: Defect = Defect {
    id: "error-shape-inconsistent-success",
    title: "one operation answers its errors with 200",
    operations: &["GET /menu/{id}"],
    part: Part::Answer,
    fires: FIRES,
    also: &[
        ("input-schema-violation-accepted", "an id that is no number is answered with 200"),
        ("expose-undocumented-field", "the answer is not the one that the document describes"),
    ],
    build: |plan| plan.wrap(|handler| handler.route_layer(from_fn(success))),
};

fn failed(response: &Response) -> bool {
    response.status().as_u16() >= 400
}

fn phrase(response: &Response) -> &'static str {
    response.status().canonical_reason().unwrap_or("Error")
}

async fn plain_text(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let body = phrase(&response).to_lowercase();
    if failed(&response) { with_body(response, "text/plain; charset=utf-8", body) } else { response }
}

async fn other_json(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let body =
        json!({"ok": false, "error": {"code": response.status().as_u16(), "message": phrase(&response)}});
    if failed(&response) { with_body(response, "application/json", body.to_string()) } else { response }
}

async fn html(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let title = phrase(&response);
    let body = format!("<!doctype html>\n<title>{title}</title>\n<h1>{title}</h1>\n");
    if failed(&response) { with_body(response, "text/html; charset=utf-8", body) } else { response }
}

async fn success(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if failed(&response) {
        (StatusCode::OK, Json(json!({"error": phrase(&response)}))).into_response()
    } else {
        response
    }
}
