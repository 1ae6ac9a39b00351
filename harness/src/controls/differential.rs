//! P3, the differential with rotation: equal conditions answer alike, unequal ones do not, however they are
//! written.

use super::block::is_blocked_sample;
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
    /// A condition that changes nothing if it is evaluated.
    Equivalent,
    /// A condition that must change the answer if it is evaluated.
    Contradiction,
    /// Broken syntax: an interpreter cannot take it for the equivalent one.
    Invalid,
    /// As many harmless characters.
    Placebo,
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
    /// Smallest effect: the contradiction loses a fifth of the original's stable values, or changes the status
    /// class or shape.
    pub fn conclude(samples: &[Sample<'_>]) -> Self {
        let of = |arm: Arm| samples.iter().filter(move |sample| sample.arm == arm).map(|sample| sample.exchange);
        let originals: Vec<_> = of(Arm::Original).collect();
        if originals.is_empty() || originals.iter().any(|exchange| is_blocked_sample(exchange)) {
            return Self::Inconclusive("the original request was not answered each time");
        }
        let Some(original) = Template::learn(originals.iter().copied()) else {
            return Self::Inconclusive("the original request is answered differently each time");
        };
        if original.status >= 400 {
            return Self::Inconclusive("the original request was refused");
        }
        let mut equivalent_blocked = false;
        let (mut like, mut unlike) = (0, 0);
        for exchange in of(Arm::Equivalent) {
            equivalent_blocked |= is_blocked_sample(exchange);
            match original_likeness(&original, exchange) {
                Likeness::Like => like += 1,
                _ => unlike += 1,
            }
        }
        if equivalent_blocked {
            return Self::Inconclusive("a filter or a failure stood in front of the operation");
        }
        if like == 0 || unlike > 0 {
            return Self::Inert;
        }
        // An answer that never changes says nothing of the condition, but shows that text is taken as text.
        let contradictions: Vec<_> = of(Arm::Contradiction).collect();
        if contradictions.iter().any(|exchange| exchange.is_blocked() || matches!(exchange.status(), Some(403 | 406))) {
            return Self::Inconclusive("a filter stood in front of the contradiction");
        }
        let all_unlike = !contradictions.is_empty()
            && contradictions.iter().all(|exchange| original_likeness(&original, exchange) == Likeness::Unlike);
        if !all_unlike {
            return Self::Inert;
        }
        // The placebo must not be like the original: else any text would have restored it.
        if of(Arm::Placebo).any(|exchange| exchange.is_blocked()) {
            return Self::Inconclusive("the placebo was not answered");
        }
        if of(Arm::Placebo).any(|exchange| original_likeness(&original, exchange) != Likeness::Unlike) {
            return Self::Inert;
        }
        if of(Arm::Invalid).any(|exchange| original_likeness(&original, exchange) == Likeness::Like) {
            return Self::Inert;
        }
        if !original.is_stable() {
            return Self::Inconclusive("too much of the answer changes by itself");
        }
        Self::Evaluated
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Likeness {
    Like,
    Between,
    Unlike,
}

fn original_likeness(original: &Template, exchange: &Exchange) -> Likeness {
    let Some(answer) = Template::of(exchange) else { return Likeness::Between };
    if answer.status / 100 != original.status / 100 || answer.family != original.family {
        return Likeness::Unlike;
    }
    let kept = original.content_kept_by(&answer);
    if !original.is_kind_of(&answer) || kept <= UNLIKE {
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

    fn conclude(original: &str, equivalent: (u16, &str), contradiction: (u16, &str), invalid: (u16, &str), placebo: (u16, &str)) -> Differential {
        let exchanges = [
            (Arm::Original, answer(200, original)),
            (Arm::Equivalent, answer(equivalent.0, equivalent.1)),
            (Arm::Contradiction, answer(contradiction.0, contradiction.1)),
            (Arm::Invalid, answer(invalid.0, invalid.1)),
            (Arm::Placebo, answer(placebo.0, placebo.1)),
            (Arm::Original, answer(200, original)),
        ];
        let samples: Vec<_> = exchanges.iter().map(|(arm, exchange)| Sample { arm: *arm, exchange }).collect();
        Differential::conclude(&samples)
    }

    const ROWS: &str = r#"[{"id": 1, "name": "soup"}]"#;

    #[test]
    fn an_evaluated_condition_is_seen() {
        assert_eq!(conclude(ROWS, (200, ROWS), (200, "[]"), (500, "{}"), (200, "[]")), Differential::Evaluated);
        assert_eq!(conclude(ROWS, (200, ROWS), (404, "{}"), (200, "[]"), (404, "{}")), Differential::Evaluated);
    }

    #[test]
    fn text_that_is_taken_as_text_is_inert() {
        assert_eq!(conclude(ROWS, (200, "[]"), (200, "[]"), (200, "[]"), (200, "[]")), Differential::Inert);
        assert_eq!(conclude(ROWS, (200, ROWS), (200, ROWS), (200, ROWS), (200, ROWS)), Differential::Inert);
        assert_eq!(conclude(ROWS, (400, "{}"), (400, "{}"), (400, "{}"), (400, "{}")), Differential::Inert);
    }

    #[test]
    fn fuzzy_matching_is_not_injection() {
        assert_eq!(conclude(ROWS, (200, ROWS), (200, "[]"), (200, ROWS), (200, "[]")), Differential::Inert);
        assert_eq!(conclude(ROWS, (200, ROWS), (200, "[]"), (200, "[]"), (200, ROWS)), Differential::Inert);
    }

    #[test]
    fn a_filter_proves_nothing() {
        assert!(matches!(conclude(ROWS, (403, "{}"), (200, "[]"), (200, "[]"), (200, "[]")), Differential::Inconclusive(_)));
        assert!(matches!(conclude(ROWS, (200, ROWS), (403, "{}"), (200, "[]"), (200, "[]")), Differential::Inconclusive(_)));
    }
}
