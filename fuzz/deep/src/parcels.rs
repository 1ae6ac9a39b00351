//! Parcels: a tracking number is a carrier and a serial number.

use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::answer::Refusal;

/// A carrier whose serial numbers are looked at once more.
const CARRIER: u32 = 0x9c3b;
/// The serial number that nobody thought of.
const SERIAL: u32 = 0x51d7;

/// What is sent in.
#[derive(Debug, Deserialize)]
pub(crate) struct Sent {
    tracking: u32,
    #[serde(default)]
    weight: u32,
}

#[derive(Debug, Default)]
pub(crate) struct Parcels {
    kept: Vec<(u32, u32)>,
}

impl Parcels {
    /// Takes a parcel in; its id.
    pub(crate) fn take_in(&mut self, sent: &Sent) -> Result<usize, Refusal> {
        let (carrier, serial) = (sent.tracking >> 16, sent.tracking & 0xffff);
        if carrier == CARRIER {
            self.look_again(serial);
        }
        if sent.weight > 30_000 {
            return Err(Refusal(StatusCode::BAD_REQUEST, "it is too heavy"));
        }
        self.kept.push((sent.tracking, sent.weight));
        Ok(self.kept.len())
    }

    // Apart, so that the two halves stay two comparisons.
    #[inline(never)]
    fn look_again(&self, serial: u32) {
        assert!(serial != SERIAL, "no parcel of this carrier can have this number");
    }

    /// A parcel.
    pub(crate) fn get(&self, id: usize) -> Option<Json> {
        let (tracking, weight) = self.kept.get(id.checked_sub(1)?)?;
        Some(json!({"id": id, "tracking": tracking, "weight": weight}))
    }
}
