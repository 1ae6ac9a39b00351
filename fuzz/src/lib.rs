//! What the fuzz targets share: the range and who uses it.

use std::io::Write as _;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use proofhouse::identity::Identity;
use proofhouse::{Prove, prove_with};
use proofhouse_range::{Account, Config};
use serde_json::json;

/// Names the defects that the range of the targets is built with, with commas between; hardened without.
pub const DEFECTS: &str = "PROOFHOUSE_FUZZ_DEFECTS";

/// The range, with those who use it.
///
/// # Panics
///
/// When the variable names a defect that there is not.
pub fn range() -> Prove {
    let config = configured();
    let accounts = config.accounts.clone();
    let person = |name: &str, role: &str, account: &Account| {
        let body = json!({"username": account.name, "password": account.password});
        Identity::login(name, "POST", "/login", body, "/access_token").role(role)
    };
    prove_with(move || {
        let config = config.clone();
        async move { app(&config) }
    })
    .openapi(proofhouse_range::openapi())
    .identity(person("alice", "customer", &accounts.alice))
    .identity(person("bob", "customer", &accounts.bob))
    .identity(person("olga", "admin", &accounts.admin))
    .identity(Identity::api_key("reports", "X-API-Key", accounts.api_key.clone()).role("reports"))
    .virtual_clock()
}

static BUILT: AtomicU64 = AtomicU64::new(0);
static ASKED: AtomicU64 = AtomicU64::new(0);
static COUNTS: LazyLock<bool> = LazyLock::new(|| !variable("PROOFHOUSE_FUZZ_COUNT").is_empty());

/// A range of its own. With `PROOFHOUSE_FUZZ_COUNT`, what was asked of all of them is told now and then.
pub fn app(config: &Config) -> Router {
    let app = proofhouse_range::app(config);
    if !*COUNTS {
        return app;
    }
    let built = BUILT.fetch_add(1, Ordering::Relaxed);
    if built.is_power_of_two() {
        let asked = ASKED.load(Ordering::Relaxed);
        let _ = writeln!(std::io::stderr(), "proofhouse: {asked} requests in {built} executions");
    }
    app.layer(from_fn(async |request: Request, next: Next| {
        ASKED.fetch_add(1, Ordering::Relaxed);
        next.run(request).await
    }))
}

#[expect(clippy::disallowed_methods, reason = "the targets are programs of their own")]
fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

fn configured() -> Config {
    let named = variable(DEFECTS);
    let ids = named.split(',').map(str::trim).filter(|id| !id.is_empty());
    ids.fold(Config::default(), |config, id| match config.defect(id) {
        Ok(config) => config,
        Err(error) => panic!("{DEFECTS}: {error}"),
    })
}

/// The guide's code.
#[cfg(doctest)]
#[doc = include_str!("../../docs/fuzzing.md")]
struct Guide;
