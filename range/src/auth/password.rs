//! Passwords at rest.

use sha2::{Digest, Sha256};

use super::same_secret;

/// A salted, iterated hash of a password.
///
/// The range is logged in to hundreds of times a second by tests, so it iterates SHA-256 a few times only. Do not copy that number:
/// with people's passwords, use Argon2id (19 MiB, 2 passes) or PBKDF2-HMAC-SHA-256 with 600,000 iterations (OWASP Password Storage).
#[derive(Clone)]
pub(crate) struct PasswordHash {
    pub(crate) salt: [u8; 16],
    pub(crate) hash: [u8; 32],
}

const ROUNDS: usize = 500;

impl PasswordHash {
    pub(crate) fn new(password: &str, salt: [u8; 16]) -> Self {
        Self { salt, hash: stretch(password, salt) }
    }

    pub(crate) fn matches(&self, password: &str) -> bool {
        same_secret(&self.hash, &stretch(password, self.salt))
    }

    /// The hash of no password: to spend the time of a comparison on an account that does not exist.
    pub(crate) fn of_nobody() -> Self {
        Self { salt: [0; 16], hash: [0; 32] }
    }
}

fn stretch(password: &str, salt: [u8; 16]) -> [u8; 32] {
    let round = |previous: &[u8]| Sha256::new().chain_update(salt).chain_update(previous).finalize();
    (1..ROUNDS).fold(round(password.as_bytes()), |hash, _| round(&hash)).into()
}
