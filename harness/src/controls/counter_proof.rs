//! P4, the counter-proof: an operator that changes the answer, whose neutral form restores it.

use super::template::Template;

/// How much an answer must lose to differ, and keep to be the same.
const SAME: f64 = 0.98;
const OTHER: f64 = 0.8;

/// Whether the attack operator changed the answer while the neutral form of the same operator restored it,
/// and a nonsense operator did not act like the attack.
pub fn counter_proof(
    baseline: &Template,
    attack: &Template,
    neutral: &Template,
    nonsense: &Template,
) -> bool {
    let differs = |other: &Template| {
        !baseline.is_kind_of(other)
            || baseline.content_kept_by(other) < OTHER
            || other.content_kept_by(baseline) < OTHER
    };
    let same = |other: &Template| {
        baseline.is_kind_of(other)
            && baseline.content_kept_by(other) >= SAME
            && other.content_kept_by(baseline) >= SAME
    };
    let like_attack = attack.is_kind_of(nonsense) && attack.content_kept_by(nonsense) >= SAME;
    differs(attack) && same(neutral) && !like_attack
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls::tests_support::answer;

    fn of(body: &str) -> Template {
        Template::of(&answer(200, body)).expect("answered")
    }

    #[test]
    fn the_neutral_form_must_restore_the_answer() {
        let (one, all, none) = (of(r#"[{"id":1}]"#), of(r#"[{"id":1},{"id":2},{"id":3}]"#), of("[]"));
        assert!(counter_proof(&one, &all, &one, &none));
        assert!(!counter_proof(&one, &all, &all, &none), "the neutral form did the same");
        assert!(!counter_proof(&one, &one, &one, &none), "nothing changed");
        assert!(!counter_proof(&one, &all, &one, &all), "nonsense did the same");
    }
}
