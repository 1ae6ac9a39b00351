//! Accounts, and the coupons that they may look at.

use rusqlite::{OptionalExtension, Row};
use serde::Serialize;

use super::Store;
use crate::accounts::Role;
use crate::auth::PasswordHash;

/// What others may know about an account.
#[derive(Serialize)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) display_name: String,
    pub(crate) role: Role,
}

impl Store {
    pub(crate) fn role(&self, name: &str) -> Option<Role> {
        self.profile(name).map(|profile| profile.role)
    }

    pub(crate) fn profile(&self, name: &str) -> Option<Profile> {
        let connection = self.connection();
        let mut statement = connection
            .prepare_cached("SELECT name, display_name, role FROM accounts WHERE name = ?1")
            .ok()?;
        statement.query_row([name], profile).ok()
    }

    pub(crate) fn password(&self, name: &str) -> rusqlite::Result<Option<PasswordHash>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached("SELECT salt, hash FROM accounts WHERE name = ?1")?;
        statement
            .query_row([name], |row| Ok(PasswordHash { salt: row.get(0)?, hash: row.get(1)? }))
            .optional()
    }

    pub(crate) fn profiles(&self) -> rusqlite::Result<Vec<Profile>> {
        let connection = self.connection();
        let mut statement =
            connection.prepare_cached("SELECT name, display_name, role FROM accounts ORDER BY name")?;
        statement.query_map([], profile)?.collect()
    }

    /// How many percent a coupon takes off, if there is such a coupon.
    pub(crate) fn coupon(&self, code: &str) -> rusqlite::Result<Option<u32>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached("SELECT percent FROM coupons WHERE code = ?1")?;
        statement.query_row([code], |row| row.get(0)).optional()
    }
}

fn profile(row: &Row<'_>) -> rusqlite::Result<Profile> {
    let role: String = row.get(2)?;
    let role = if role == "admin" { Role::Admin } else { Role::Customer };
    Ok(Profile { name: row.get(0)?, display_name: row.get(1)?, role })
}
