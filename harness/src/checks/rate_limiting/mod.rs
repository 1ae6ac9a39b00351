//! Nobody gets more than their share.

mod limited;
mod ratelimit_missing;
mod ratelimit_never_recovers;

pub use ratelimit_missing::Missing;
pub use ratelimit_never_recovers::NeverRecovers;
