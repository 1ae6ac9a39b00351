//! The router: every operation, and what surrounds them all.

use axum::Router;
use axum::middleware::from_fn;

use crate::error::Problem;
use crate::layers::{catch_panics, safe_headers};
use crate::routes::Operation;

/// The OpenAPI 3.1 document of the range, as `GET /openapi.json` serves it.
pub fn openapi() -> &'static str {
    include_str!("../openapi.json")
}

/// Puts the operations together, and around them what holds for all: one shape of error, safe headers, no panic that escapes.
pub(crate) fn assemble(operations: Vec<Operation>) -> Router {
    operations
        .into_iter()
        .fold(Router::new(), |router, operation| {
            router.route(operation.path, operation.handler.with_state(operation.state))
        })
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .fallback(async || Problem::not_found())
        .layer(from_fn(catch_panics))
        .layer(from_fn(safe_headers))
}
