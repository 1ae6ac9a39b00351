//! The operations: one file for each resource.

mod admin;
mod coupons;
mod document;
mod health;
mod kitchen;
mod login;
pub(crate) mod me;
pub(crate) mod menu;
pub(crate) mod orders;
pub(crate) mod receipts;
mod reports;

use axum::routing::{MethodRouter, delete, get, patch, post};

use crate::state::AppState;

/// An operation: where it is, what answers it, and the services that it is given.
pub(crate) struct Operation {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) handler: MethodRouter<AppState>,
    pub(crate) state: AppState,
}

/// All operations of the API.
pub(crate) fn operations(state: &AppState) -> Vec<Operation> {
    let operation = |method, path, handler| Operation { method, path, handler, state: state.clone() };
    vec![
        operation("GET", "/openapi.json", get(document::read)),
        operation("GET", "/health", get(health::read)),
        operation("POST", "/login", post(login::create)),
        operation("GET", "/me", get(me::read)),
        operation("GET", "/menu", get(menu::list)),
        operation("GET", "/menu/{id}", get(menu::read)),
        operation("GET", "/orders", get(orders::list)),
        operation("POST", "/orders", post(orders::create)),
        operation("GET", "/orders/{id}", get(orders::read)),
        operation("PATCH", "/orders/{id}", patch(orders::update)),
        operation("DELETE", "/orders/{id}", delete(orders::delete)),
        operation("GET", "/orders/{id}/receipt", get(receipts::read)),
        operation("POST", "/coupons/check", post(coupons::check)),
        operation("GET", "/admin/accounts", get(admin::list)),
        operation("GET", "/reports/daily", get(reports::daily)),
        operation("GET", "/kitchen/tickets", get(kitchen::tickets)),
    ]
}
