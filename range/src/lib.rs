//! The range: the reference API of proofhouse, a small canteen that takes orders.
//!
//! It is hardened by default and meant to be read, and copied from: [`app()`] builds a complete axum router with a
//! database of its own. Every [`Defect`] is declared as data and lives under `defects/`, away from the code that one would copy; a [`Config`]
//! names the ones to build in.
//!
//! ```
//! # async fn f() -> Result<(), proofhouse_range::DefectError> {
//! let hardened = proofhouse_range::Config::default();
//! let broken = proofhouse_range::Config::default().defect("jwt-alg-none-lowercase")?;
//! let router = proofhouse_range::app(&broken);
//! # Ok(()) }
//! ```

mod accounts;
mod app;
mod auth;
mod clock;
mod config;
mod defects;
mod error;
mod extract;
mod layers;
mod limits;
mod routes;
mod server;
mod state;
mod store;

pub use accounts::{AUDIENCE, Account, Accounts, ISSUER, Role};
pub use app::openapi;
pub use config::{Config, DefectError};
pub use defects::{Defect, Part, defect, defects};
pub use server::{Range, serve};

/// Builds a range, with a fresh database. It does no I/O, and goes by tokio's clock wherever it counts or waits, so that a paused clock drives it.
pub fn app(config: &Config) -> axum::Router {
    let state = state::AppState::new(config);
    app::assemble(defects::build_in(&config.defects, routes::operations(&state)))
}
