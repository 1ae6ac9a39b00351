//! P3, the differential with rotation: true conditions answer alike, false ones do not, however they are written.

use super::block::{is_blocked_sample, is_page};
use super::template::Template;
use crate::trace::Exchange;

/// How much of the baseline an answer must keep to be like it.
const LIKE: f64 = 0.98;
/// How much at most an answer may keep to be unlike it.
const UNLIKE: f64 = 0.8;

/// What one arm of a differential sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arm {
    /// The request as it is.
    Original,
    /// A condition that is true, if it is evaluated.
    Truth,
    /// A condition that is false, if it is evaluated.
    Lie,
    /// Broken syntax: an interpreter cannot take it for the true one.
    Broken,
    /// As many harmless characters.
    Placebo,
}

/// How the arms relate if the condition is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// `AND`: truth acts like the original, the lie loses something.
    Narrowing,
    /// `OR`: the lie acts like the original, truth gains something.
    Widening,
    /// An order: truth keeps the original's, the lie loses it. Values are compared in their places.
    Ordering,
}

/// One answer of one arm.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// The arm.
    pub arm: Arm,
    /// The exchange.
    pub exchange: &'a Exchange,
}

/// What a differential concludes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Differential {
    /// The condition is evaluated.
    Evaluated,
    /// The condition is not evaluated: the operation took the text as text.
    Inert,
    /// Nothing follows.
    Inconclusive(&'static str),
}

impl Differential {
    /// Concludes from all samples of all rounds.
    ///
    /// Smallest effect: a fifth of the original's stable values, or the status class or shape, lost by the lie
    /// (narrowing), gained by the truth (widening), or in other places (ordering).
    pub fn conclude(samples: &[Sample<'_>], reading: Reading) -> Self {
        let of =
            |arm: Arm| samples.iter().filter(move |sample| sample.arm == arm).map(|sample| sample.exchange);
        let originals: Vec<_> = of(Arm::Original).collect();
        if originals.is_empty() || originals.iter().any(|exchange| is_blocked_sample(exchange)) {
            return Self::Inconclusive("the original request was not answered each time");
        }
        let Some(original) = Template::learn(originals.iter().copied()) else {
            return Self::Inconclusive("the original request is answered differently each time");
        };
        // A login that refuses the original may still be widened into one that does not.
        let refused_login = reading == Reading::Widening && matches!(original.status, 401 | 403 | 404);
        if original.status >= 400 && !refused_login {
            return Self::Inconclusive("the original request was refused");
        }
        if !original.is_stable() {
            return Self::Inconclusive("too much of the answer changes by itself");
        }
        // The arm that must act like the original, and the one that must not.
        let (same, other) = match reading {
            Reading::Narrowing | Reading::Ordering => (Arm::Truth, Arm::Lie),
            Reading::Widening => (Arm::Lie, Arm::Truth),
        };
        // A filter in front may let one arm through and not the other; a failure of the operation may not decide
        // for the arm that must succeed.
        let is_filtered = |exchange: &Exchange| is_filtered(&original, exchange);
        if of(same).any(|exchange| is_blocked_sample(exchange) || is_filtered(exchange))
            || of(other).any(is_filtered)
        {
            return Self::Inconclusive("a filter or a failure stood in front of the operation");
        }
        let is = |exchange: &Exchange, wanted: Likeness| likeness(&original, exchange, reading) == wanted;
        let all_same = of(same).count() > 0 && of(same).all(|exchange| is(exchange, Likeness::Like));
        let all_other = of(other).count() > 0 && of(other).all(|exchange| is(exchange, Likeness::Unlike));
        if !all_same || !all_other {
            return Self::Inert;
        }
        if reading == Reading::Widening
            && !of(other).all(|exchange| exchange.status().is_some_and(|s| s < 300))
        {
            return Self::Inert;
        }
        if of(Arm::Placebo).chain(of(Arm::Broken)).any(is_filtered) {
            return Self::Inconclusive("a control was not answered");
        }
        let letters_explain = match reading {
            // Any text would have restored it.
            Reading::Narrowing | Reading::Ordering => {
                of(Arm::Placebo).any(|exchange| !is(exchange, Likeness::Unlike))
            }
            // Any text would have changed it.
            Reading::Widening => of(Arm::Placebo).any(|exchange| !is(exchange, Likeness::Like)),
        };
        let broken_explains = match reading {
            Reading::Narrowing | Reading::Ordering => {
                of(Arm::Broken).any(|exchange| is(exchange, Likeness::Like))
            }
            Reading::Widening => {
                let Some(gained) = Template::learn(of(Arm::Truth)) else { return Self::Inert };
                of(Arm::Broken).any(|exchange| likeness(&gained, exchange, reading) == Likeness::Like)
            }
        };
        if letters_explain || broken_explains {
            return Self::Inert;
        }
        Self::Evaluated
    }

    /// Whether one pair of conditions is worth the whole differential.
    pub fn stands_out(originals: &[&Exchange], truth: &Exchange, lie: &Exchange, reading: Reading) -> bool {
        let Some(original) = Template::learn(originals.iter().copied()) else { return false };
        let (same, other) = if reading == Reading::Widening { (lie, truth) } else { (truth, lie) };
        !is_blocked_sample(same)
            && !is_filtered(&original, other)
            && likeness(&original, same, reading) == Likeness::Like
            && likeness(&original, other, reading) == Likeness::Unlike
    }
}

/// Held back by somebody in front; a failure of the operation itself is an answer here.
fn is_filtered(original: &Template, exchange: &Exchange) -> bool {
    exchange.is_blocked() || matches!(exchange.status(), Some(403 | 406)) || is_page(original, exchange)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Likeness {
    Like,
    Between,
    Unlike,
}

fn likeness(original: &Template, exchange: &Exchange, reading: Reading) -> Likeness {
    let Some(answer) = Template::of(exchange) else { return Likeness::Between };
    if answer.status / 100 != original.status / 100
        || answer.family != original.family
        || !original.is_kind_of(&answer)
    {
        return Likeness::Unlike;
    }
    let kept = match reading {
        Reading::Narrowing => original.content_kept_by(&answer),
        // What was gained counts as well as what was lost.
        Reading::Widening => original.content_kept_by(&answer).min(answer.content_kept_by_masked(original)),
        Reading::Ordering => original.kept_by(&answer),
    };
    if kept <= UNLIKE {
        Likeness::Unlike
    } else if kept >= LIKE {
        Likeness::Like
    } else {
        Likeness::Between
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls::tests_support::answer;

    fn conclude_as(
        reading: Reading,
        original: &str,
        truth: (u16, &str),
        lie: (u16, &str),
        broken: (u16, &str),
        placebo: (u16, &str),
    ) -> Differential {
        let exchanges = [
            (Arm::Original, answer(200, original)),
            (Arm::Truth, answer(truth.0, truth.1)),
            (Arm::Lie, answer(lie.0, lie.1)),
            (Arm::Broken, answer(broken.0, broken.1)),
            (Arm::Placebo, answer(placebo.0, placebo.1)),
            (Arm::Original, answer(200, original)),
        ];
        let samples: Vec<_> =
            exchanges.iter().map(|(arm, exchange)| Sample { arm: *arm, exchange }).collect();
        Differential::conclude(&samples, reading)
    }

    const ROWS: &str = r#"[{"id": 1, "name": "soup"}]"#;
    const MORE: &str = r#"[{"id": 1, "name": "soup"}, {"id": 2, "name": "stew"}, {"id": 3, "name": "cake"}]"#;
    const TURNED: &str =
        r#"[{"id": 3, "name": "cake"}, {"id": 2, "name": "stew"}, {"id": 1, "name": "soup"}]"#;

    fn narrowing(
        truth: (u16, &str),
        lie: (u16, &str),
        broken: (u16, &str),
        placebo: (u16, &str),
    ) -> Differential {
        conclude_as(Reading::Narrowing, ROWS, truth, lie, broken, placebo)
    }

    #[test]
    fn an_evaluated_condition_is_seen() {
        assert_eq!(narrowing((200, ROWS), (200, "[]"), (500, "{}"), (200, "[]")), Differential::Evaluated);
        assert_eq!(narrowing((200, ROWS), (404, "{}"), (200, "[]"), (404, "{}")), Differential::Evaluated);
        let widening =
            conclude_as(Reading::Widening, "[]", (200, MORE), (200, "[]"), (422, "{}"), (200, "[]"));
        assert_eq!(widening, Differential::Evaluated);
        let ordering =
            conclude_as(Reading::Ordering, MORE, (200, MORE), (200, TURNED), (422, "{}"), (422, "{}"));
        assert_eq!(ordering, Differential::Evaluated);
    }

    #[test]
    fn text_that_is_taken_as_text_is_inert() {
        assert_eq!(narrowing((200, "[]"), (200, "[]"), (200, "[]"), (200, "[]")), Differential::Inert);
        assert_eq!(narrowing((200, ROWS), (200, ROWS), (200, ROWS), (200, ROWS)), Differential::Inert);
        assert_eq!(narrowing((400, "{}"), (400, "{}"), (400, "{}"), (400, "{}")), Differential::Inert);
        let widening =
            conclude_as(Reading::Widening, "[]", (200, "[]"), (200, "[]"), (200, "[]"), (200, "[]"));
        assert_eq!(widening, Differential::Inert);
    }

    #[test]
    fn fuzzy_matching_is_not_injection() {
        assert_eq!(narrowing((200, ROWS), (200, "[]"), (200, ROWS), (200, "[]")), Differential::Inert);
        assert_eq!(narrowing((200, ROWS), (200, "[]"), (200, "[]"), (200, ROWS)), Differential::Inert);
        let widening =
            conclude_as(Reading::Widening, "[]", (200, MORE), (200, "[]"), (200, MORE), (200, "[]"));
        assert_eq!(widening, Differential::Inert, "broken syntax finds as much");
    }

    #[test]
    fn a_filter_proves_nothing() {
        let filtered = |d: Differential| matches!(d, Differential::Inconclusive(_));
        assert!(filtered(narrowing((403, "{}"), (200, "[]"), (200, "[]"), (200, "[]"))));
        assert!(filtered(narrowing((200, ROWS), (403, "{}"), (200, "[]"), (200, "[]"))));
        assert!(filtered(narrowing((200, ROWS), (503, "{}"), (200, "[]"), (200, "[]"))));
    }
}
