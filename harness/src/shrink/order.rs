//! Which of two cases is simpler.

use std::cmp::Ordering;

use crate::case::Case;

/// Orders cases by the number of steps, then of edits, then the size of the file, then its text.
pub fn shortlex(a: &Case, b: &Case) -> Ordering {
    Key::of(a).cmp(&Key::of(b))
}

/// What cases are ordered by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    steps: usize,
    edits: usize,
    size: usize,
    text: Vec<u8>,
}

impl Key {
    pub(super) fn of(case: &Case) -> Self {
        let edits = case.steps.iter().filter_map(|step| step.request()).map(|send| send.edits.len());
        let text = serde_json::to_vec(case).unwrap_or_default();
        Self { steps: case.steps.len(), edits: edits.sum(), size: text.len(), text }
    }

    /// The case as it is written, less the space.
    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    /// A digest of the whole case.
    pub(super) fn digest(&self) -> [u8; 16] {
        let digest = hmac_sha256::Hash::hash(&self.text);
        std::array::from_fn(|index| digest[index])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Base, Edit, Place, Request, Role, Step};

    fn case(steps: &[(&str, &[&str])]) -> Case {
        let mut case = Case::new("check", "GET /");
        let request = Request { method: "GET".into(), path: "/".into(), ..Request::default() };
        case.bases.push(Base { name: "b".into(), operation: "GET /".into(), request });
        for (name, values) in steps {
            let edits = values.iter().map(|value| Edit::set(Place::Body, *value)).collect();
            case.steps.push(Step::send(*name, Role::Attack, "alice", "b", edits));
        }
        case
    }

    #[test]
    fn steps_count_before_edits_before_size_before_text() {
        let less = |a: &Case, b: &Case| {
            assert_eq!(shortlex(a, b), Ordering::Less);
            assert_eq!(shortlex(b, a), Ordering::Greater);
        };
        less(&case(&[("s", &["long value", "another"])]), &case(&[("s", &[]), ("t", &[])]));
        less(&case(&[("s", &["long value"])]), &case(&[("s", &["a", "b"])]));
        less(&case(&[("s", &["zz"])]), &case(&[("s", &["aaa"])]));
        less(&case(&[("s", &["aa"])]), &case(&[("s", &["ab"])]));
        assert_eq!(shortlex(&case(&[]), &case(&[])), Ordering::Equal);
    }
}
