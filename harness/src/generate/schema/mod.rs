//! Valid values of a schema.
//!
//! Every value is checked by the real validator before it is handed out; what is here only has to be right
//! most of the time. Whatever is random comes from the [`Source`], so that a seed is a value.

mod array;
mod fits;
mod flat;
mod format;
mod harmless;
mod number;
mod object;
mod pattern;
mod plausible;
mod string;
#[cfg(test)]
mod tests;
mod told;
mod walk;
mod want;

use serde_json::Value as Json;

use super::Source;
use crate::case::Value;
use crate::surface::Schema;

pub use harmless::harmless;
pub use plausible::{plausible, plausible_in};
pub use want::{Examples, Place, Size, Want};

/// Attempts before a schema counts as unsatisfiable.
const ATTEMPTS: u32 = 16;

/// A valid value of a self-contained schema; `None` when there is none, or none was found in bounded effort.
/// It compiles the schema at every call: [`draw`] does not.
pub fn value(schema: &Json, want: Want<'_>, source: &mut dyn Source) -> Option<Value> {
    draw(&Schema::new(schema.clone()), want, source)
}

/// A valid value of a schema, now and then from its examples.
pub fn draw(schema: &Schema, want: Want<'_>, source: &mut dyn Source) -> Option<Value> {
    if !schema.examples.is_empty() && want.examples.draws(source) {
        let example = source.pick(&schema.examples).cloned();
        let example = example.map(|example| harmless(Value::from(example)));
        if let Some(example) = example.filter(|example| usable(schema, want, example, false)) {
            if !want.fresh {
                return Some(example);
            }
            let fresh = walk::freshened(&schema.json, want, example);
            if usable(schema, want, &fresh, false) {
                return Some(fresh);
            }
        }
    }
    for attempt in 0..ATTEMPTS {
        if let Some(value) = walk::attempt(&schema.json, want, attempt, source) {
            // Enumerations may leave no choice but an odd value.
            if usable(schema, want, &value, attempt + 4 >= ATTEMPTS) {
                return Some(value);
            }
        }
        if source.exhausted() && attempt >= 2 {
            break;
        }
    }
    None
}

fn usable(schema: &Schema, want: Want<'_>, value: &Value, forced: bool) -> bool {
    let plain = plausible(value);
    (forced || want.place.carries(&plain)) && want.place.can_carry(&plain) && schema.accepts(&plain)
}
