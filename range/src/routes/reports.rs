//! `GET /reports/daily`

use axum::Json;
use axum::extract::State;
use jiff::civil::Date;

use crate::auth::ReportsReader;
use crate::clock;
use crate::error::Problem;
use crate::extract::QueryReader;
use crate::state::AppState;
use crate::store::Day;

pub(crate) async fn daily(
    _: ReportsReader,
    State(state): State<AppState>,
    mut query: QueryReader,
) -> Result<Json<Day>, Problem> {
    let date = query.take("date", "must be a date, YYYY-MM-DD", date)?;
    query.finish()?;
    Ok(Json(state.store.day(date.unwrap_or_else(clock::today).to_string())?))
}

/// A date as RFC 3339 writes it, and no other way that ISO 8601 knows.
fn date(text: &str) -> Option<Date> {
    text.parse().ok().filter(|date: &Date| date.to_string() == text)
}
