//! Learning from refusals: what the answer to a refused request says about the request that would be accepted.
//!
//! Documents leave out required fields, values, formats and ranges. The servers know them, and most say so:
//! [`lessons`] reads the refusal, [`Learned`] keeps what one operation taught, and hands out the operation as
//! the generator should see it. The document itself stays what it is: only what is drawn changes.
//!
//! Everything here is pure. Answers are hostile: their size, depth, messages and number of lessons are bounded.

mod amend;
mod apply;
mod clause;
mod code;
mod ending;
mod entry;
mod leaf;
mod learned;
mod lesson;
pub mod names;
mod path;
mod phrase;
mod phrases;
mod read;
mod shape;
mod speech;
mod subject;
#[cfg(test)]
mod tests;
mod touch;
mod values;
mod words;

pub(crate) use ending::{other_ending, with_other_ending};
pub use learned::Learned;
pub use lesson::{Format, Kind, Lesson, Rule, Where};
pub use read::{lessons, lessons_of};
pub use words::plain_words;
