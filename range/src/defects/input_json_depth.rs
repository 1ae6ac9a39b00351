//! Readers of brackets that have room for some.

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};

use super::{Defect, Part, intake};

const FIRES: &[&str] = &["input-json-depth"];

pub(super) const COUNTER: Defect = Defect {
    id: "input-json-depth-counter",
    title: "a layer counts the levels of a document in one byte",
    operations: &["POST /orders"],
    part: Part::Intake,
    fires: FIRES,
    also: &[],
    build: |plan| plan.wrap(|handler| handler.route_layer(from_fn(counted))),
};

async fn counted(request: Request, next: Next) -> Response {
    let (mut parts, body) = match intake::read(request, intake::MOST).await {
        Ok(read) => read,
        Err(refused) => return refused.into_response(),
    };
    let mut level: u8 = 0;
    for bracket in brackets(&body) {
        level = match bracket {
            b'{' | b'[' => level.checked_add(1).expect("no document is as deep as that"),
            _ => level.saturating_sub(1),
        };
    }
    parts.extensions.insert(level);
    next.run(intake::with(parts, body)).await
}

pub(super) const STACK: Defect = Defect {
    id: "input-json-depth-stack",
    title: "a layer that matches brackets has a stack of sixty-four",
    operations: &["PATCH /orders/{id}"],
    part: Part::Intake,
    fires: FIRES,
    also: &[],
    build: |plan| plan.wrap(|handler| handler.route_layer(from_fn(matched))),
};

async fn matched(request: Request, next: Next) -> Response {
    let (parts, body) = match intake::read(request, intake::MOST).await {
        Ok(read) => read,
        Err(refused) => return refused.into_response(),
    };
    let mut stack = [0_u8; 64];
    let mut level = 0_usize;
    for bracket in brackets(&body) {
        match bracket {
            b'{' | b'[' => {
                stack[level] = bracket;
                level += 1;
            }
            _ => level = level.saturating_sub(1),
        }
    }
    next.run(intake::with(parts, body)).await
}

/// The brackets of a document, those within strings included.
fn brackets(body: &[u8]) -> impl Iterator<Item = u8> + '_ {
    body.iter().copied().filter(|byte| matches!(byte, b'{' | b'[' | b'}' | b']'))
}
