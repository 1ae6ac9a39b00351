//! Errors that name files of the server.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::Response;

use super::answer::problem;
use super::{Defect, Part};

const FIRES: &[&str] = &["error-path-disclosure"];

pub(super) const ARCHIVE: Defect = Defect {
    id: "error-path-disclosure-of-archive",
    title: "an order that does not exist is looked for in an archive, and the 404 names its file",
    operations: &["GET /orders/{id}"],
    part: Part::Answer,
    fires: FIRES,
    also: &[],
    build: |plan| plan.wrap(|handler| handler.route_layer(from_fn(archive))),
};

const ARCHIVE_FILE: &str = "/srv/canteen/archive/orders.db";

async fn archive(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    match std::fs::metadata(ARCHIVE_FILE) {
        Err(error) if response.status() == StatusCode::NOT_FOUND => {
            problem(StatusCode::NOT_FOUND, &format!("cannot open {ARCHIVE_FILE}: {error}"))
        }
        _ => response,
    }
}

pub(super) const COUPONS: Defect = Defect {
    id: "error-path-disclosure-of-coupons",
    title: "a coupon that cannot be one is a 422 that names a file on a Windows drive",
    operations: &["POST /coupons/check"],
    part: Part::Answer,
    fires: FIRES,
    also: &[("error-unactionable", "the file stands where the field and its rule should")],
    build: |plan| plan.wrap(|handler| handler.route_layer(from_fn(coupons))),
};

async fn coupons(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if response.status() != StatusCode::UNPROCESSABLE_ENTITY {
        return response;
    }
    let detail = r"The code is not in 'C:\inetpub\canteen\App_Data\coupons.xml'.";
    problem(StatusCode::UNPROCESSABLE_ENTITY, detail)
}
