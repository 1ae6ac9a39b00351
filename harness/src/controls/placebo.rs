//! P2, the placebo: harmless text of the attack's length, in the attack's place.

use crate::case::{Edit, Fresh, FreshKind, Place, Value};

/// An edit that appends as many random letters and digits as the attack appends bytes.
pub fn placebo(at: Place, length: usize, name: &str) -> Edit {
    let length = u32::try_from(length.max(1)).ok();
    let fresh = Fresh { name: name.to_owned(), kind: FreshKind::Alphanumeric, max: length, min: length };
    Edit::append(at, Value::dynamic(crate::case::Dynamic::Fresh(fresh))).labelled("placebo")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Dynamic;

    #[test]
    fn a_placebo_is_as_long_as_the_attack_and_says_so() {
        for length in [1, 16, 400] {
            let edit = placebo(Place::Query("q".to_owned()), length, "placebo");
            let Some(Value::Dynamic(leaf)) = edit.value() else {
                panic!("random at each execution: {edit:?}")
            };
            let Dynamic::Fresh(fresh) = &**leaf else { panic!("fresh: {leaf:?}") };
            assert_eq!((fresh.min, fresh.max), (Some(length as u32), Some(length as u32)));
            assert_eq!(fresh.kind, FreshKind::Alphanumeric, "nothing that any interpreter knows");
            assert_eq!(edit.place(), &Place::Query("q".to_owned()));
        }
    }

    #[test]
    fn no_length_is_one_character() {
        let edit = placebo(Place::Body, 0, "placebo");
        let Some(Value::Dynamic(leaf)) = edit.value() else { panic!("{edit:?}") };
        let Dynamic::Fresh(fresh) = &**leaf else { panic!("{leaf:?}") };
        assert_eq!((fresh.min, fresh.max), (Some(1), Some(1)));
    }
}
