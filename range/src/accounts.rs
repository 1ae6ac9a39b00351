//! Who exists on a fresh range, and the secrets that it is configured with.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde::{Deserialize, Serialize};

use crate::auth::{PasswordHash, Tokens};
use crate::clock;

/// What an account may do. An admin may do all that a customer may, and list the accounts; orders stay their creator's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Orders, for itself.
    Customer,
    /// Orders for itself, and sees who has an account.
    Admin,
}

impl Role {
    /// The word that tokens, answers and the database use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Admin => "admin",
        }
    }
}

/// Someone who can log in.
#[derive(Clone)]
pub struct Account {
    /// The login name, which is also the `sub` of its tokens.
    pub name: String,
    /// The name for people.
    pub display_name: String,
    /// The password, in the clear, for whoever tests the range. The range keeps only its hash.
    pub password: String,
    /// What it may do.
    pub role: Role,
    pub(crate) hash: PasswordHash,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("name", &self.name).field("role", &self.role).finish_non_exhaustive()
    }
}

/// The accounts and secrets of a range. All secrets are made at random with each [`Config`](crate::Config); none is in the binary.
#[derive(Clone)]
pub struct Accounts {
    /// A customer, `alice`.
    pub alice: Account,
    /// Another customer, `bob`.
    pub bob: Account,
    /// An admin, `olga`.
    pub admin: Account,
    /// The name of the HTTP Basic account of the kitchen's screen.
    pub kitchen_name: String,
    /// The password of the kitchen's screen.
    pub kitchen_password: String,
    /// The key that `GET /reports/daily` takes in `X-API-Key`.
    pub api_key: String,
    /// The HS256 key of the access tokens: its bytes, as they stand, are the key.
    pub signing_key: String,
}

/// The `iss` of every access token.
pub const ISSUER: &str = "https://canteen.example";
/// The `aud` of every access token.
pub const AUDIENCE: &str = "canteen-api";

impl Accounts {
    /// Makes new ones; the same seed makes the same.
    pub(crate) fn generate(seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed ^ 0x00c0_ffee);
        Self {
            alice: account("alice", "Alice Ardent", Role::Customer, &mut rng),
            bob: account("bob", "Bob Burnish", Role::Customer, &mut rng),
            admin: account("olga", "Olga Overseer", Role::Admin, &mut rng),
            kitchen_name: "kitchen".to_owned(),
            kitchen_password: secret(&mut rng, 18),
            api_key: secret(&mut rng, 32),
            signing_key: secret(&mut rng, 48),
        }
    }

    /// The three who can log in: two customers, then the admin.
    pub fn people(&self) -> [&Account; 3] {
        [&self.alice, &self.bob, &self.admin]
    }

    /// An access token for one of [`people`](Self::people), as `POST /login` would issue it. It expires `seconds` from now; a negative
    /// number makes one that has expired already.
    pub fn token(&self, of: &Account, seconds: i64) -> String {
        Tokens::new(&self.signing_key, 0).issue_at(&of.name, of.role, clock::unix_seconds(), seconds)
    }
}

impl fmt::Debug for Accounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.people()).finish()
    }
}

fn account(name: &str, display_name: &str, role: Role, rng: &mut StdRng) -> Account {
    let password = secret(rng, 15);
    let mut salt = [0; 16];
    rng.fill_bytes(&mut salt);
    let hash = PasswordHash::new(&password, salt);
    Account { name: name.to_owned(), display_name: display_name.to_owned(), password, role, hash }
}

fn secret(rng: &mut StdRng, bytes: usize) -> String {
    let mut raw = vec![0; bytes];
    rng.fill_bytes(&mut raw);
    URL_SAFE_NO_PAD.encode(raw)
}
