//! Tokens: HS256 and nothing else.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};

const KEY: &[u8] = b"a key that is new at each start, in a service that is no example";

/// A time that is far enough away.
const NEVER: u64 = 32_503_680_000;

#[derive(Deserialize, Serialize)]
struct Claims {
    sub: String,
    exp: u64,
}

/// A token for a name.
pub fn issue(name: &str) -> String {
    let claims = Claims { sub: name.to_owned(), exp: NEVER };
    encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(KEY))
        .expect("HMAC signs any bytes")
}

/// The name that a token is for, if it is one of ours.
pub(crate) fn verify(token: &str, trusts_none: bool) -> Option<String> {
    if trusts_none && says_none(token) {
        let claims: Claims = serde_json::from_slice(&part(token, 1)?).ok()?;
        return Some(claims.sub);
    }
    let data = decode::<Claims>(token, &DecodingKey::from_secret(KEY), &Validation::new(Algorithm::HS256));
    data.ok().map(|data| data.claims.sub)
}

/// Whether the header of a token names no algorithm, however it is spelled.
fn says_none(token: &str) -> bool {
    let header = part(token, 0).and_then(|header| serde_json::from_slice::<serde_json::Value>(&header).ok());
    header.is_some_and(|header| header["alg"].as_str().is_some_and(|alg| alg.eq_ignore_ascii_case("none")))
}

fn part(token: &str, index: usize) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(token.split('.').nth(index)?).ok()
}
