//! Orders. Whoever asks is part of every statement, so that there is no way to reach another's order.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;

use super::Store;

/// An order, as its owner sees it.
#[derive(Serialize)]
pub(crate) struct Order {
    pub(crate) id: String,
    pub(crate) status: String,
    pub(crate) pickup: String,
    pub(crate) note: String,
    pub(crate) created_at: String,
    pub(crate) total_cents: u32,
}

impl Order {
    pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            status: row.get("status")?,
            pickup: row.get("pickup")?,
            note: row.get("note")?,
            created_at: row.get("created_at")?,
            total_cents: row.get("total_cents")?,
        })
    }
}

/// A line of an order: a dish at the price that it had.
#[derive(Serialize)]
pub(crate) struct Line {
    pub(crate) dish: u32,
    pub(crate) name: String,
    pub(crate) quantity: u32,
    pub(crate) price_cents: u32,
}

/// What it takes to place an order.
pub(crate) struct Placed<'a> {
    pub(crate) id: &'a str,
    pub(crate) owner: &'a str,
    pub(crate) pickup: &'a str,
    pub(crate) note: &'a str,
    pub(crate) created_at: &'a str,
    /// Dish and quantity.
    pub(crate) lines: &'a [(u32, u32)],
}

/// What can be changed; `None` stays as it is.
pub(crate) struct Change<'a> {
    pub(crate) pickup: Option<&'a str>,
    pub(crate) note: Option<&'a str>,
    pub(crate) status: Option<&'a str>,
}

impl Store {
    /// Places an order. `false`: there is no such dish, and nothing was stored.
    pub(crate) fn place(&self, order: &Placed<'_>) -> rusqlite::Result<bool> {
        let mut connection = self.connection();
        let transaction = connection.transaction()?;
        transaction
            .prepare_cached(
                "INSERT INTO orders (id, owner, number, status, pickup, note, created_at)
                 VALUES (?1, ?2, (SELECT coalesce(max(number), 0) + 1 FROM orders), 'placed', ?3, ?4, ?5)",
            )?
            .execute(params![order.id, order.owner, order.pickup, order.note, order.created_at])?;
        for (position, (dish, quantity)) in (0u32..).zip(order.lines) {
            let added = transaction
                .prepare_cached(
                    "INSERT INTO order_lines (order_id, position, dish_id, quantity, price_cents)
                     SELECT ?1, ?4, id, ?3, price_cents FROM dishes WHERE id = ?2",
                )?
                .execute(params![order.id, dish, quantity, position])?;
            if added == 0 {
                return Ok(false);
            }
        }
        transaction.commit()?;
        Ok(true)
    }

    pub(crate) fn orders(&self, owner: &str, limit: u32) -> rusqlite::Result<Vec<Order>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(concat!(
            include_str!("orders.sql"),
            "WHERE owner = ?1 ORDER BY number DESC LIMIT ?2"
        ))?;
        statement.query_map(params![owner, limit], Order::read)?.collect()
    }

    pub(crate) fn order(&self, owner: &str, id: &str) -> rusqlite::Result<Option<Order>> {
        let connection = self.connection();
        let mut statement =
            connection.prepare_cached(concat!(include_str!("orders.sql"), "WHERE id = ?1 AND owner = ?2"))?;
        statement.query_row([id, owner], Order::read).optional()
    }

    /// The lines of an order; none when the order is not `owner`'s.
    pub(crate) fn lines(&self, owner: &str, id: &str) -> rusqlite::Result<Vec<Line>> {
        let connection = self.connection();
        let ours = connection
            .prepare_cached("SELECT 1 FROM orders WHERE id = ?1 AND owner = ?2")?
            .exists([id, owner])?;
        if ours { lines(&connection, id) } else { Ok(Vec::new()) }
    }

    /// Changes an order that is placed. `false`: there is no such order, or it is not `owner`'s, or it has been cancelled.
    pub(crate) fn change(&self, owner: &str, id: &str, change: &Change<'_>) -> rusqlite::Result<bool> {
        let changed = self
            .connection()
            .prepare_cached(
                "UPDATE orders SET pickup = coalesce(?3, pickup), note = coalesce(?4, note), status = coalesce(?5, status)
                 WHERE id = ?1 AND owner = ?2 AND status = 'placed'",
            )?
            .execute(params![id, owner, change.pickup, change.note, change.status])?;
        Ok(changed == 1)
    }

    /// Deletes an order. `false`: there is no such order, or it is not `owner`'s.
    pub(crate) fn delete(&self, owner: &str, id: &str) -> rusqlite::Result<bool> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached("DELETE FROM orders WHERE id = ?1 AND owner = ?2")?;
        Ok(statement.execute([id, owner])? == 1)
    }
}

pub(crate) fn lines(connection: &Connection, id: &str) -> rusqlite::Result<Vec<Line>> {
    let mut statement = connection.prepare_cached(
        "SELECT dish_id, name, quantity, order_lines.price_cents FROM order_lines
         JOIN dishes ON dishes.id = dish_id WHERE order_id = ?1 ORDER BY position",
    )?;
    let read = |row: &Row<'_>| {
        Ok(Line { dish: row.get(0)?, name: row.get(1)?, quantity: row.get(2)?, price_cents: row.get(3)? })
    };
    statement.query_map([id], read)?.collect()
}
