//! Values that the document rules out, and that are stored.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header::LOCATION};
use axum::routing::{patch, post};
use serde::Deserialize;

use super::{Defect, Part};
use crate::auth::Caller;
use crate::clock;
use crate::error::{Invalid, Problem};
use crate::extract::{self, Id, present};
use crate::routes::orders::Pickup;
use crate::state::AppState;
use crate::store::{Change, Order, Placed};

const FIRES: &[&str] = &["input-schema-violation-accepted"];

pub(super) const PLACED: Defect = Defect {
    id: "input-schema-violation-accepted-in-new-note",
    title: "the note of a new order may be as long as one likes",
    operations: &["POST /orders"],
    part: Part::Answer,
    fires: FIRES,
    also: &[],
    build: |plan| plan.replace(&post(place)),
};

pub(super) const CHANGED: Defect = Defect {
    id: "input-schema-violation-accepted-in-changed-note",
    title: "the note of an order may be changed to one as long as one likes",
    operations: &["PATCH /orders/{id}"],
    part: Part::Answer,
    fires: FIRES,
    also: &[],
    build: |plan| plan.replace(&patch(change)),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    pickup: Pickup,
    #[serde(default)]
    note: String,
    lines: Vec<extract::Object<Portion>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Portion {
    dish: u32,
    quantity: u32,
}

fn is_plain(note: &str) -> Result<(), Problem> {
    let control = note.chars().any(|c| c < ' ' || c == '\u{7f}');
    if control { Err(Invalid::body("note", "must have no control characters").into()) } else { Ok(()) }
}

async fn place(
    State(state): State<AppState>,
    caller: Caller,
    extract::Json(wanted): extract::Json<Wanted>,
) -> Result<(StatusCode, [(HeaderName, String); 1], Json<Order>), Problem> {
    is_plain(&wanted.note)?;
    let few = (1..=20).contains(&wanted.lines.len());
    if !few || wanted.lines.iter().any(|extract::Object(line)| !(1..=20).contains(&line.quantity)) {
        return Err(Invalid::body("lines", "must have 1 to 20 entries of 1 to 20").into());
    }
    let lines: Vec<_> = wanted.lines.iter().map(|extract::Object(line)| (line.dish, line.quantity)).collect();
    let id = state.fresh_id();
    let order = Placed {
        id: &id,
        owner: &caller.name,
        pickup: wanted.pickup.as_str(),
        note: &wanted.note,
        created_at: &clock::now(),
        lines: &lines,
    };
    if !state.store.place(&order)? {
        return Err(Invalid::body("lines", "must name dishes that are on the menu").into());
    }
    let order = state.store.order(&caller.name, &id)?.ok_or_else(Problem::internal)?;
    Ok((StatusCode::CREATED, [(LOCATION, format!("/orders/{id}"))], Json(order)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    #[serde(default, deserialize_with = "present")]
    pickup: Option<Pickup>,
    #[serde(default, deserialize_with = "present")]
    note: Option<String>,
    #[serde(default, deserialize_with = "present")]
    status: Option<String>,
}

async fn change(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<String>,
    extract::Json(wish): extract::Json<Wish>,
) -> Result<Json<Order>, Problem> {
    if wish.pickup.is_none() && wish.note.is_none() && wish.status.is_none() {
        return Err(Invalid::body("", "must have pickup, note or status").into());
    }
    if wish.status.as_deref().is_some_and(|status| status != "cancelled") {
        return Err(Invalid::body("status", "must be cancelled").into());
    }
    wish.note.as_deref().map(is_plain).transpose()?;
    state.store.order(&caller.name, &id)?.ok_or_else(Problem::not_found)?;
    let change = Change {
        pickup: wish.pickup.map(Pickup::as_str),
        note: wish.note.as_deref(),
        status: wish.status.as_deref(),
    };
    if !state.store.change(&caller.name, &id, &change)? {
        return Err(Problem::conflict());
    }
    state.store.order(&caller.name, &id)?.map(Json).ok_or_else(Problem::not_found)
}
