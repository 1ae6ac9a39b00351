//! Nobody passes for somebody else.

mod forged;
mod jwt_alg_none;
mod jwt_exp_ignored;

pub use jwt_alg_none::JwtAlgNone;
pub use jwt_exp_ignored::JwtExpIgnored;
