//! Wallets: money goes in, out, and from one to another.
//!
//! What each request may do is simple; what several of them do one after the other is where the bugs are. `tests/model.rs`
//! holds a reference model beside the service.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

/// A bug that only several requests show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// Money may be taken out that is not there, once something was put in.
    Overdraft,
    /// The second transfer from a wallet is not taken from it.
    FreeTransfer,
    /// A wallet forgets a hundred where it holds more than a thousand.
    LosesHundred,
}

impl Bug {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Overdraft, Self::FreeTransfer, Self::LosesHundred];
}

#[derive(Clone, Debug, Default)]
struct Wallet {
    balance: i64,
    deposits: u32,
    transfers: u32,
}

#[derive(Clone, Default)]
struct Bank {
    bug: Option<Bug>,
    wallets: Arc<Mutex<BTreeMap<String, Wallet>>>,
}

/// The service, with wallets of its own.
pub fn app(bug: Option<Bug>) -> Router {
    let bank = Bank { bug, ..Bank::default() };
    Router::new()
        .route("/wallets", post(open))
        .route("/wallets/{id}", get(read))
        .route("/wallets/{id}/deposits", post(deposit))
        .route("/wallets/{id}/withdrawals", post(withdraw))
        .route("/transfers", post(transfer))
        .with_state(bank)
}

fn problem(status: StatusCode) -> Response {
    let body = json!({"title": status.canonical_reason(), "status": status.as_u16()});
    (status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
}

/// A whole number of cents, from one to a thousand.
fn amount(headers: &HeaderMap, body: &Bytes) -> Result<(Value, i64), Response> {
    let media_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if media_type.split(';').next().unwrap_or_default().trim() != "application/json" {
        return Err(problem(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let json = serde_json::from_slice::<Value>(body).map_err(|_| problem(StatusCode::BAD_REQUEST))?;
    let amount = json["amount"].as_i64().filter(|amount| (1..=1_000).contains(amount));
    let amount = amount.ok_or_else(|| problem(StatusCode::UNPROCESSABLE_ENTITY))?;
    Ok((json, amount))
}

impl Bank {
    fn change(&self, id: &str, change: impl FnOnce(&mut Wallet) -> bool) -> Response {
        let mut wallets = self.wallets.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(wallet) = wallets.get_mut(id) else { return problem(StatusCode::NOT_FOUND) };
        if !change(wallet) {
            return problem(StatusCode::CONFLICT);
        }
        if self.bug == Some(Bug::LosesHundred) && wallet.balance > 1_000 {
            wallet.balance -= 100;
        }
        Json(json!({"id": id, "balance": wallet.balance})).into_response()
    }
}

async fn open(State(bank): State<Bank>) -> Response {
    let mut wallets = bank.wallets.lock().unwrap_or_else(PoisonError::into_inner);
    let id = format!("w{}", wallets.len() + 1);
    wallets.insert(id.clone(), Wallet::default());
    (StatusCode::CREATED, Json(json!({"id": id, "balance": 0}))).into_response()
}

async fn read(State(bank): State<Bank>, Path(id): Path<String>) -> Response {
    bank.change(&id, |_| true)
}

async fn deposit(
    State(bank): State<Bank>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let amount = match amount(&headers, &body) {
        Ok((_, amount)) => amount,
        Err(refusal) => return refusal,
    };
    bank.change(&id, |wallet| {
        wallet.balance += amount;
        wallet.deposits += 1;
        true
    })
}

async fn withdraw(
    State(bank): State<Bank>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let amount = match amount(&headers, &body) {
        Ok((_, amount)) => amount,
        Err(refusal) => return refusal,
    };
    let overdraft = bank.bug == Some(Bug::Overdraft);
    bank.change(&id, |wallet| take(wallet, amount, overdraft))
}

fn take(wallet: &mut Wallet, amount: i64, overdraft: bool) -> bool {
    let is_there = wallet.balance >= amount || (overdraft && wallet.deposits > 0);
    if is_there {
        wallet.balance -= amount;
    }
    is_there
}

async fn transfer(State(bank): State<Bank>, headers: HeaderMap, body: Bytes) -> Response {
    let (json, amount) = match amount(&headers, &body) {
        Ok(read) => read,
        Err(refusal) => return refusal,
    };
    let (Some(from), Some(to)) = (json["from_wallet_id"].as_str(), json["to_wallet_id"].as_str()) else {
        return problem(StatusCode::UNPROCESSABLE_ENTITY);
    };
    let is_free = bank.bug == Some(Bug::FreeTransfer);
    if bank.change(to, |_| true).status() != StatusCode::OK {
        return problem(StatusCode::NOT_FOUND);
    }
    let taken = bank.change(from, |wallet| {
        wallet.transfers += 1;
        if is_free && wallet.transfers > 1 && wallet.balance >= amount {
            true
        } else {
            take(wallet, amount, false)
        }
    });
    if taken.status() != StatusCode::OK {
        return taken;
    }
    bank.change(to, |wallet| {
        wallet.balance += amount;
        true
    })
}
