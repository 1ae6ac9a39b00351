//! A lending library: books that anybody may search, and loans that belong to whoever took them.
//!
//! A service as services are: axum, its own database, a login that gives a token. [`app`] builds it sound, or with one
//! of the bugs that are easily made.

mod answer;
mod books;
mod loans;
mod login;
mod store;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, header};
use axum::routing::{get, post};

use answer::Problem;
use store::Store;

/// A bug that is easily made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// The search builds its SQL from what was asked for.
    SearchInSql,
    /// A loan is shown to whoever knows its number.
    LoanOfAnybody,
    /// Giving a book back asks for no token.
    ReturnWithoutToken,
    /// A loan of no days divides by zero.
    NoDays,
}

impl Bug {
    /// Every one.
    pub const ALL: [Self; 4] =
        [Self::SearchInSql, Self::LoanOfAnybody, Self::ReturnWithoutToken, Self::NoDays];
}

/// What every handler works with.
#[derive(Clone)]
pub(crate) struct App {
    store: Arc<Store>,
    bug: Option<Bug>,
}

impl App {
    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }
}

/// The service, with a database of its own.
pub fn app(bug: Option<Bug>) -> Router {
    let state = App { store: Arc::new(Store::new()), bug };
    Router::new()
        .route("/login", post(login::login))
        .route("/books", get(books::search))
        .route("/loans", get(loans::list).post(loans::take))
        .route("/loans/{id}", get(loans::read).delete(loans::give_back))
        .fallback(async || Problem::NOT_FOUND)
        .method_not_allowed_fallback(async || Problem::METHOD)
        .layer(axum::middleware::map_response(async |mut response: axum::response::Response| {
            response
                .headers_mut()
                .insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
            response
        }))
        .layer(DefaultBodyLimit::max(16 << 10))
        .with_state(state)
}
