//! What the fuzz targets share: the range and who uses it.

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
        async move { proofhouse_range::app(&config) }
    })
    .openapi(proofhouse_range::openapi())
    .identity(person("alice", "customer", &accounts.alice))
    .identity(person("bob", "customer", &accounts.bob))
    .identity(person("olga", "admin", &accounts.admin))
    .identity(Identity::api_key("reports", "X-API-Key", accounts.api_key.clone()).role("reports"))
    .virtual_clock()
}

#[expect(clippy::disallowed_methods, reason = "the targets are programs of their own")]
fn configured() -> Config {
    let named = std::env::var(DEFECTS).unwrap_or_default();
    let ids = named.split(',').map(str::trim).filter(|id| !id.is_empty());
    ids.fold(Config::default(), |config, id| match config.defect(id) {
        Ok(config) => config,
        Err(error) => panic!("{DEFECTS}: {error}"),
    })
}
