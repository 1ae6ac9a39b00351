//! `GET` and `POST /orders`, `GET`, `PATCH` and `DELETE /orders/{id}`
//!
//! Orders belong to whoever placed them. To everyone else, the admin included, they do not exist.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header::LOCATION};
use serde::{Deserialize, Serialize};

use crate::auth::Caller;
use crate::clock;
use crate::error::{Invalid, Problem};
use crate::extract::{self, Id, Object, QueryReader, plain_text, present};
use crate::state::AppState;
use crate::store::{Change, Line, Order, Placed};

#[derive(Serialize)]
pub(crate) struct List {
    orders: Vec<Order>,
}

/// An order, with its lines when they were asked for.
#[derive(Serialize)]
pub(crate) struct Shown {
    #[serde(flatten)]
    pub(crate) order: Order,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lines: Option<Vec<Line>>,
}

/// Read from a string, since what serde derives for an enum also takes an object.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum Pickup {
    Counter,
    Table,
}

impl TryFrom<String> for Pickup {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.as_str() {
            "counter" => Ok(Self::Counter),
            "table" => Ok(Self::Table),
            _ => Err("must be one of: counter, table"),
        }
    }
}

impl Pickup {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Table => "table",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOrder {
    pickup: Pickup,
    #[serde(default)]
    note: String,
    lines: Vec<Object<NewLine>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewLine {
    dish: u32,
    quantity: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrderChange {
    #[serde(default, deserialize_with = "present")]
    pickup: Option<Pickup>,
    #[serde(default, deserialize_with = "present")]
    note: Option<String>,
    #[serde(default, deserialize_with = "present")]
    status: Option<Cancelled>,
}

/// The one status that a client can set.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
struct Cancelled;

impl TryFrom<String> for Cancelled {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text == "cancelled" { Ok(Self) } else { Err("no such status") }
    }
}

pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    mut query: QueryReader,
) -> Result<Json<List>, Problem> {
    let limit = query.integer("limit", "must be an integer from 1 to 100", 1..=100, 20)?;
    query.finish()?;
    Ok(Json(List { orders: state.store.orders(&caller.name, limit)? }))
}

pub(crate) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    extract::Json(new): extract::Json<NewOrder>,
) -> Result<(StatusCode, [(HeaderName, String); 1], Json<Order>), Problem> {
    let note = checked_note(&new.note)?;
    let lines = checked_lines(&new.lines)?;
    let id = state.fresh_id();
    let order = Placed {
        id: &id,
        owner: &caller.name,
        pickup: new.pickup.as_str(),
        note,
        created_at: &clock::now(),
        lines: &lines,
    };
    if !state.store.place(&order)? {
        return Err(Invalid::body("lines", "must name dishes that are on the menu").into());
    }
    let order = state.store.order(&caller.name, &id)?.ok_or_else(Problem::internal)?;
    Ok((StatusCode::CREATED, [(LOCATION, format!("/orders/{id}"))], Json(order)))
}

pub(crate) async fn read(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<String>,
    mut query: QueryReader,
) -> Result<Json<Shown>, Problem> {
    let full = wants_lines(&mut query)?;
    query.finish()?;
    let order = state.store.order(&caller.name, &id)?.ok_or_else(Problem::not_found)?;
    let lines = if full { Some(state.store.lines(&caller.name, &id)?) } else { None };
    Ok(Json(Shown { order, lines }))
}

pub(crate) async fn update(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<String>,
    extract::Json(change): extract::Json<OrderChange>,
) -> Result<Json<Order>, Problem> {
    if change.pickup.is_none() && change.note.is_none() && change.status.is_none() {
        return Err(Invalid::body("", "must have pickup, note or status").into());
    }
    state.store.order(&caller.name, &id)?.ok_or_else(Problem::not_found)?;
    let change = Change {
        pickup: change.pickup.map(Pickup::as_str),
        note: change.note.as_deref().map(checked_note).transpose()?,
        status: change.status.map(|Cancelled| "cancelled"),
    };
    if !state.store.change(&caller.name, &id, &change)? {
        return Err(Problem::conflict());
    }
    state.store.order(&caller.name, &id)?.map(Json).ok_or_else(Problem::not_found)
}

pub(crate) async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<String>,
) -> Result<StatusCode, Problem> {
    if state.store.delete(&caller.name, &id)? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found())
    }
}

/// Whether `view` asks for the lines.
pub(crate) fn wants_lines(query: &mut QueryReader) -> Result<bool, Problem> {
    let view = query.take("view", "must be summary or full", |text| match text {
        "summary" => Some(false),
        "full" => Some(true),
        _ => None,
    })?;
    Ok(view.unwrap_or(false))
}

fn checked_note(note: &str) -> Result<&str, Problem> {
    if !plain_text(note, 0, 280) {
        return Err(Invalid::body("note", "must have at most 280 characters, none of them control").into());
    }
    Ok(note)
}

/// Dish and quantity of each line.
fn checked_lines(lines: &[Object<NewLine>]) -> Result<Vec<(u32, u32)>, Problem> {
    if !(1..=20).contains(&lines.len()) {
        return Err(Invalid::body("lines", "must have 1 to 20 entries").into());
    }
    if let Some(at) = lines.iter().position(|Object(line)| !(1..=20).contains(&line.quantity)) {
        return Err(Invalid::body(format!("lines[{at}].quantity"), "must be an integer from 1 to 20").into());
    }
    Ok(lines.iter().map(|Object(line)| (line.dish, line.quantity)).collect())
}
