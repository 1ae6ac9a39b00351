//! The formats of text that samples show.

use super::segment::{is_date, is_email, is_uuid};

/// Formats that every text so far had (JSON Schema, "Defined Formats").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Formats(u8);

const NAMES: [&str; 6] = ["uuid", "date-time", "date", "email", "uri", "ipv4"];

impl Formats {
    pub(super) fn all() -> Self {
        Self(u8::MAX)
    }

    /// Keeps those that this text has, too.
    pub(super) fn narrow(&mut self, text: &str) {
        let has = [
            is_uuid(text),
            text.parse::<jiff::Timestamp>().is_ok() && text.contains('T'),
            is_date(text),
            is_email(text),
            text.starts_with("https://") || text.starts_with("http://"),
            text.parse::<std::net::Ipv4Addr>().is_ok(),
        ];
        for (bit, has) in has.into_iter().enumerate() {
            if !has {
                self.0 &= !(1 << bit);
            }
        }
    }

    pub(super) fn name(self) -> Option<&'static str> {
        (0..NAMES.len()).find(|bit| self.0 & (1 << bit) != 0).map(|bit| NAMES[bit])
    }
}
