//! Nobody passes for somebody else.

mod authn_challenge_missing;
mod authn_invalid_credential;
mod authn_missing_credential;
mod authn_not_enforced;
mod entry;
mod forged;
mod jwt_alg_none;
mod jwt_exp_ignored;
mod jwt_payload_swap;
mod jwt_sig_bitflip;
mod jwt_sig_stripped;
mod proof;

pub use authn_challenge_missing::ChallengeMissing;
pub use authn_invalid_credential::InvalidCredential;
pub use authn_missing_credential::MissingCredential;
pub use authn_not_enforced::NotEnforced;
pub use jwt_alg_none::JwtAlgNone;
pub use jwt_exp_ignored::JwtExpIgnored;
pub use jwt_payload_swap::JwtPayloadSwap;
pub use jwt_sig_bitflip::JwtSigBitflip;
pub use jwt_sig_stripped::JwtSigStripped;
