//! What the kitchen and the office see of the orders: no names, no notes.

use rusqlite::params;
use serde::Serialize;

use super::Store;
use super::orders::{Line, lines};

/// An order that the kitchen has to cook.
#[derive(Serialize)]
pub(crate) struct Ticket {
    pub(crate) number: u32,
    pub(crate) pickup: String,
    pub(crate) lines: Vec<Line>,
}

/// What a day brought in.
#[derive(Serialize)]
pub(crate) struct Day {
    pub(crate) date: String,
    pub(crate) orders: u32,
    pub(crate) revenue_cents: i64,
}

impl Store {
    /// The newest orders that are placed.
    pub(crate) fn tickets(&self, limit: u32) -> rusqlite::Result<Vec<Ticket>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT id, number, pickup FROM orders WHERE status = 'placed' ORDER BY number DESC LIMIT ?1",
        )?;
        let mut rows = statement.query([limit])?;
        let mut tickets = Vec::new();
        while let Some(row) = rows.next()? {
            let id: String = row.get(0)?;
            tickets.push(Ticket {
                number: row.get(1)?,
                pickup: row.get(2)?,
                lines: lines(&connection, &id)?,
            });
        }
        Ok(tickets)
    }

    /// What the day `date` (`YYYY-MM-DD`, UTC) brought in.
    pub(crate) fn day(&self, date: String) -> rusqlite::Result<Day> {
        let (orders, revenue_cents) = self
            .connection()
            .prepare_cached(
                "SELECT count(DISTINCT orders.id), coalesce(sum(quantity * price_cents), 0)
                 FROM orders JOIN order_lines ON order_id = orders.id
                 WHERE status = 'placed' AND substr(created_at, 1, 10) = ?1",
            )?
            .query_row(params![date], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Day { date, orders, revenue_cents })
    }
}
