//! Nobody gets more than their share.

mod limited;
mod ratelimit_missing;
mod ratelimit_never_recovers;
mod ratelimit_retry_after_dishonest;

pub use ratelimit_missing::Missing;
pub use ratelimit_never_recovers::NeverRecovers;
pub use ratelimit_retry_after_dishonest::RetryAfterDishonest;
