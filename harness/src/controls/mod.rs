//! Controls: what separates evidence from coincidence. Each stands here once, and every check uses these.
//!
//! | id | control | here |
//! | --- | --- | --- |
//! | P1 | A/A stability | [`Template`] |
//! | P2 | placebo | [`placebo()`] |
//! | P3 | differential with rotation | [`Differential`] |
//! | P4 | counter-proof | [`counter_proof()`] |
//! | P5 | reflection strip | [`Reflections`], [`was_sent()`] |
//! | P6 | block filter | [`is_blocked_sample`] |
//! | P7 | baseline absence | [`absent_from`] |
//! | P8 | computation canary | [`Computation`] |
//! | P12 | seeded content canary | [`holds_canary`] |
//! | P13 | A-B-A frame | [`Frame`] |
//! | P16 | positive control before and after | [`Acceptance`] |
//! | P17 | repeat and minimise | the engine's confirmation |

mod acceptance;
mod block;
mod canary;
mod computation;
mod counter_proof;
mod differential;
mod failing;
mod frame;
mod granted;
mod personal;
mod placebo;
mod reflection;
mod template;
#[cfg(test)]
pub(crate) mod tests_support;

pub use acceptance::{Acceptance, Decision};
pub use block::is_blocked_sample;
pub use canary::holds_canary;
pub use computation::Computation;
pub use counter_proof::counter_proof;
pub use differential::{Arm, Differential, Reading, Sample};
pub use failing::{Failing, Fate, TURNS, failed, failing, fate, in_turn, manner, turns};
pub use frame::{Frame, Framed};
pub use granted::is_granted;
pub use personal::personal;
pub use placebo::placebo;
pub use reflection::{Reflections, absent_from, was_sent};
pub use template::{Kept, Shape, Template, media_family};
