//! Access tokens: JWTs, HS256 and nothing else.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};

use crate::accounts::{AUDIENCE, ISSUER, Role};
use crate::clock::unix_seconds;

/// What a token says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub(crate) iss: String,
    pub(crate) aud: String,
    pub(crate) sub: String,
    pub(crate) role: Role,
    pub(crate) iat: i64,
    pub(crate) exp: i64,
}

/// Says what a token claims, if it is one of ours and still good.
pub(crate) trait Verifier: Send + Sync {
    fn verify(&self, token: &str) -> Option<Claims>;
}

/// Issues tokens, and verifies them.
pub(crate) struct Tokens {
    pub(crate) signing: EncodingKey,
    pub(crate) verifying: DecodingKey,
    /// How long a token lives, in seconds.
    pub(crate) seconds: i64,
}

impl Tokens {
    pub(crate) fn new(key: &str, seconds: i64) -> Self {
        let key = key.as_bytes();
        Self { signing: EncodingKey::from_secret(key), verifying: DecodingKey::from_secret(key), seconds }
    }

    pub(crate) fn issue(&self, sub: &str, role: Role) -> String {
        self.issue_at(sub, role, unix_seconds(), self.seconds)
    }

    /// Issues a token that says it was issued at `now`, or earlier when it is to have expired before.
    pub(crate) fn issue_at(&self, sub: &str, role: Role, now: i64, seconds: i64) -> String {
        let (iat, exp) = (now.min(now + seconds - 1), now + seconds);
        let claims =
            Claims { iss: ISSUER.to_owned(), aud: AUDIENCE.to_owned(), sub: sub.to_owned(), role, iat, exp };
        encode(&Header::new(Algorithm::HS256), &claims, &self.signing).expect("HMAC signs any bytes")
    }

    /// All that is required of a token besides its header: one algorithm, our issuer, our audience, and a time that has not passed.
    pub(crate) fn validation() -> Validation {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        validation.validate_nbf = true;
        validation.leeway = 0;
        validation
    }
}

impl Verifier for Tokens {
    fn verify(&self, token: &str) -> Option<Claims> {
        ours(token)?;
        let claims = decode::<Claims>(token, &self.verifying, &Self::validation()).ok()?.claims;
        let now = unix_seconds();
        (claims.iat <= now && now < claims.exp).then_some(claims)
    }
}

/// The header of a token that we issue has these two members and no other: no `crit`, no `kid`, no key of its own (RFC 8725, 3.1).
fn ours(token: &str) -> Option<()> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Head {
        alg: String,
        typ: String,
    }
    let head = URL_SAFE_NO_PAD.decode(token.split('.').next()?).ok()?;
    let head: Head = serde_json::from_slice(&head).ok()?;
    (head.alg == "HS256" && head.typ == "JWT").then_some(())
}
