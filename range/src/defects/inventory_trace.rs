//! Requests that come back.

use axum::extract::Request;
use axum::http::header;
use axum::response::IntoResponse;

use super::{Defect, Part};

const FIRES: &[&str] = &["inventory-trace"];

pub(super) const HEALTH: Defect = Defect {
    id: "inventory-trace-of-health",
    title: "the server in front answers TRACE itself, as many did by default",
    operations: &["GET /health"],
    part: Part::Method,
    fires: FIRES,
    also: &[],
    build: |plan| plan.wrap(|handler| handler.trace(trace)),
};

pub(super) const MENU: Defect = Defect {
    id: "inventory-trace-of-menu",
    title: "a route for debugging was left in: TRACE on the menu shows the request",
    operations: &["GET /menu"],
    part: Part::Method,
    fires: FIRES,
    also: &[],
    build: |plan| plan.wrap(|handler| handler.trace(trace)),
};

async fn trace(request: Request) -> impl IntoResponse {
    let mut echo = format!("TRACE {} {:?}\r\n", request.uri(), request.version());
    for (name, value) in request.headers() {
        echo.push_str(&format!("{name}: {}\r\n", String::from_utf8_lossy(value.as_bytes())));
    }
    ([(header::CONTENT_TYPE, "message/http")], echo)
}
