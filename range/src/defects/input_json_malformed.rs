//! Readers of JSON that are content with less.

use axum::body::Bytes;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::{Defect, Part, intake};

const FIRES: &[&str] = &["input-json-malformed"];

pub(super) const FIRST_ONLY: Defect = Defect {
    id: "input-json-malformed-behind-the-end",
    title: "the reader stops at the end of the first document, whatever comes behind it",
    operations: &["POST /coupons/check"],
    part: Part::Intake,
    fires: FIRES,
    also: &[],
    build: |plan| plan.wrap(|handler| handler.route_layer(from_fn(first_only))),
};

async fn first_only(request: Request, next: Next) -> Response {
    let (parts, body) = match intake::read(request, intake::MOST).await {
        Ok(read) => read,
        Err(refused) => return refused.into_response(),
    };
    let mut documents = serde_json::Deserializer::from_slice(&body).into_iter::<Value>();
    let end = documents.next().and_then(Result::ok).map_or(body.len(), |_| documents.byte_offset());
    let first = body.slice(..end);
    next.run(intake::with(parts, first)).await
}

pub(super) const RELAXED: Defect = Defect {
    id: "input-json-malformed-commas-and-comments",
    title: "the reader takes commas before a closing bracket, and comments",
    operations: &["PATCH /orders/{id}"],
    part: Part::Intake,
    fires: FIRES,
    also: &[],
    build: |plan| plan.wrap(|handler| handler.route_layer(from_fn(relaxed))),
};

async fn relaxed(request: Request, next: Next) -> Response {
    let (parts, body) = match intake::read(request, intake::MOST).await {
        Ok(read) => read,
        Err(refused) => return refused.into_response(),
    };
    next.run(intake::with(parts, strict(&body))).await
}

/// The document without what only this reader takes.
fn strict(body: &[u8]) -> Bytes {
    let mut out: Vec<u8> = Vec::with_capacity(body.len());
    let mut rest = body;
    let mut text = false;
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        match first {
            b'\\' if text => {
                out.push(b'\\');
                if let Some((escaped, tail)) = tail.split_first() {
                    out.push(*escaped);
                    rest = tail;
                }
                continue;
            }
            b'"' => text = !text,
            b'/' if !text && tail.first() == Some(&b'*') => {
                let end = tail.windows(2).position(|pair| pair == b"*/").map_or(tail.len(), |at| at + 2);
                rest = &tail[end..];
                continue;
            }
            b'}' | b']' if !text => {
                let end = out.iter().rposition(|byte| !byte.is_ascii_whitespace());
                if let Some(comma) = end.filter(|at| out[*at] == b',') {
                    out.remove(comma);
                }
            }
            _ => {}
        }
        out.push(*first);
    }
    out.into()
}
