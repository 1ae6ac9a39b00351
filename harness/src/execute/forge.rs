//! Forged tokens: made at execution from the genuine one, never written down.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret as _, SecretSlice};
use serde_json::{Map, Value as Json};

use super::session::Session;
use crate::case::{FlipAt, Forgery, Signature};

/// A key that signs tokens as the target's issuer does; enables the checks of claims.
#[derive(Clone)]
pub struct SigningKey {
    algorithm: Algorithm,
    key: std::sync::Arc<SecretSlice<u8>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Algorithm {
    Hs256,
    Hs384,
    Hs512,
}

/// Why a signing key is refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` keys are not supported as a signing key yet: HS256, HS384 and HS512 are")]
pub struct KeyError(String);

impl SigningKey {
    /// An HMAC key for `HS256`, `HS384` or `HS512`.
    pub fn hmac(algorithm: &str, key: impl Into<Vec<u8>>) -> Result<Self, KeyError> {
        let algorithm = match algorithm {
            "HS256" => Algorithm::Hs256,
            "HS384" => Algorithm::Hs384,
            "HS512" => Algorithm::Hs512,
            other => return Err(KeyError(other.to_owned())),
        };
        Ok(Self { algorithm, key: std::sync::Arc::new(SecretSlice::from(key.into())) })
    }

    /// The bytes of the key, to be kept out of every output.
    pub fn expose(&self) -> &[u8] {
        self.key.expose_secret()
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let key = self.key.expose_secret();
        match self.algorithm {
            Algorithm::Hs256 => hmac_sha256::HMAC::mac(message, key).to_vec(),
            Algorithm::Hs384 => hmac_sha512::sha384::HMAC::mac(message, key).to_vec(),
            Algorithm::Hs512 => hmac_sha512::HMAC::mac(message, key).to_vec(),
        }
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({:?})", self.algorithm)
    }
}

/// Header and claims of a compact JWS (RFC 7515 section 7.1); `None` when it is not one.
pub(crate) fn read_token(token: &str) -> Option<(Map<String, Json>, Map<String, Json>, Vec<u8>)> {
    let mut segments = token.split('.');
    let (header, claims, signature) = (segments.next()?, segments.next()?, segments.next()?);
    if segments.next().is_some() {
        return None;
    }
    let object = |segment: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(segment.trim_end_matches('=')).ok()?;
        serde_json::from_slice::<Map<String, Json>>(&bytes).ok()
    };
    Some((object(header)?, object(claims)?, URL_SAFE_NO_PAD.decode(signature.trim_end_matches('=')).ok()?))
}

/// Forges a token from the genuine one.
pub(super) fn forge(genuine: &str, forgery: &Forgery, session: &Session) -> Result<String, String> {
    let (mut header, mut claims, mut signature) =
        read_token(genuine).ok_or("this identity's credential is not a JWT")?;
    let now = session.unix_seconds();
    merge(&mut header, &forgery.header, now);
    merge(&mut claims, &forgery.claims, now);
    // An untouched part keeps its genuine bytes: the signature covers those.
    let mut segments = genuine.split('.');
    let part = |old: Option<&str>, changed: bool, object: &Map<String, Json>| match old {
        Some(old) if !changed => old.to_owned(),
        _ => URL_SAFE_NO_PAD.encode(Json::Object(object.clone()).to_string()),
    };
    let header = part(segments.next(), !forgery.header.is_empty(), &header);
    let claims = part(segments.next(), !forgery.claims.is_empty(), &claims);
    let message = format!("{header}.{claims}");
    match forgery.signature {
        Signature::Keep => {}
        Signature::Empty => signature.clear(),
        Signature::Absent => return Ok(message),
        Signature::Random => signature = session.random_bytes(signature.len().max(32)),
        Signature::Flip(at) => flip(&mut signature, at)?,
        Signature::Sign => {
            let key = session.signing_key().ok_or("this run has no signing key")?;
            signature = key.sign(message.as_bytes());
        }
    }
    Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// Flips a bit of the decoded bytes: the last character of the text may carry unused bits.
fn flip(signature: &mut [u8], at: FlipAt) -> Result<(), String> {
    let last = signature.len().checked_sub(1).ok_or("the genuine token has no signature")?;
    let index = match at {
        FlipAt::First => 0,
        FlipAt::Middle => last / 2,
        FlipAt::Last => last,
    };
    signature[index] ^= 1;
    Ok(())
}

fn merge(into: &mut Map<String, Json>, changes: &Map<String, Json>, now: i64) {
    for (name, value) in changes {
        let relative =
            value.as_object().filter(|o| o.len() == 1).and_then(|o| o.get("$now")).and_then(Json::as_i64);
        match (value, relative) {
            (Json::Null, _) => {
                into.remove(name);
            }
            (_, Some(seconds)) => {
                into.insert(name.clone(), (now + seconds).into());
            }
            (value, None) => {
                into.insert(name.clone(), value.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231 sections 4.3 and 4.7: a short key, and one that is longer than a block.
    #[test]
    fn signatures_are_those_of_the_standard() {
        let (short, long) = (b"Jefe".to_vec(), vec![0xaa; 131]);
        for (algorithm, length, of_short, of_long) in [
            ("HS256", 32, "5bdcc146bf60754e6a042426089575c7", "60e431591ee0b67f0d8a26aacbf5b77f"),
            ("HS384", 48, "af45d2e376484031617f78d2b58a6b1b", "4ece084485813e9088d2c63a041bc5b4"),
            ("HS512", 64, "164b7a7bfcf819e2e395fbe73b56e0a3", "80b24263c7c1a3ebb71493c1dd7be8b4"),
        ] {
            for (key, message, begins) in [
                (&short, "what do ya want for nothing?", of_short),
                (&long, "Test Using Larger Than Block-Size Key - Hash Key First", of_long),
            ] {
                let key = SigningKey::hmac(algorithm, key.clone()).expect("a known algorithm");
                let signature = key.sign(message.as_bytes());
                assert_eq!(signature.len(), length, "{algorithm}");
                assert_eq!(crate::case::hex(&signature[..16]), begins, "{algorithm}");
            }
        }
    }
}
