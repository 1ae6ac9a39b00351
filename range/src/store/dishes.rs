//! The menu.

use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;

use super::Store;

/// A dish, as the menu shows it.
#[derive(Serialize)]
pub(crate) struct Dish {
    pub(crate) id: u32,
    pub(crate) name: String,
    pub(crate) category: String,
    pub(crate) description: String,
    pub(crate) price_cents: u32,
}

impl Dish {
    pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            category: row.get("category")?,
            description: row.get("description")?,
            price_cents: row.get("price_cents")?,
        })
    }
}

/// Which dishes, and in which order.
pub(crate) struct Filter {
    /// A part of the name.
    pub(crate) q: Option<String>,
    pub(crate) category: Option<String>,
    pub(crate) sort: Sort,
    pub(crate) limit: u32,
}

#[derive(Clone, Copy)]
pub(crate) enum Sort {
    Id,
    Name,
    Price,
}

impl Store {
    pub(crate) fn dishes(&self, filter: &Filter) -> rusqlite::Result<Vec<Dish>> {
        let sql = match filter.sort {
            Sort::Id => concat!(include_str!("dishes.sql"), "ORDER BY id LIMIT ?3"),
            Sort::Name => concat!(include_str!("dishes.sql"), "ORDER BY name, id LIMIT ?3"),
            Sort::Price => concat!(include_str!("dishes.sql"), "ORDER BY price_cents, id LIMIT ?3"),
        };
        let pattern = filter.q.as_deref().map(containing);
        let connection = self.connection();
        let mut statement = connection.prepare_cached(sql)?;
        statement.query_map(params![pattern, filter.category, filter.limit], Dish::read)?.collect()
    }

    pub(crate) fn dish(&self, id: u32) -> rusqlite::Result<Option<Dish>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT id, name, category, description, price_cents FROM dishes WHERE id = ?1",
        )?;
        statement.query_row([id], Dish::read).optional()
    }
}

/// A LIKE pattern for what contains `text`: the wildcards in it stand for themselves.
fn containing(text: &str) -> String {
    format!("%{}%", text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_"))
}
