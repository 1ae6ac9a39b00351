//! The wall clock, which only dates things: tokens, orders, reports. Whatever waits or counts goes by [`tokio::time`].

use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// Seconds since 1970, UTC.
pub(crate) fn unix_seconds() -> i64 {
    Timestamp::now().as_second()
}

/// Now, as RFC 3339 to the second.
pub(crate) fn now() -> String {
    Timestamp::from_second(unix_seconds()).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}

/// Today, UTC.
pub(crate) fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}
