//! Inputs that were read lately: the fuzzer runs what it just mutated, and mutates what it just ran.

use std::rc::Rc;

use crate::case::Case;
use crate::engine::campaign::Fnv;

/// How many are kept: an input, the other one of a crossover, and what was made of them.
const SIZE: usize = 4;

/// The last inputs with what they say. Nothing is kept of what is no case.
#[derive(Debug, Default)]
pub(super) struct Kept {
    last: Vec<(Vec<u8>, Rc<Case>)>,
    next: usize,
}

impl Kept {
    /// The case of an input; `None` when it is none.
    pub(super) fn read(&mut self, data: &[u8]) -> Option<Rc<Case>> {
        if let Some((_, case)) = self.last.iter().find(|(known, _)| known == data) {
            return Some(Rc::clone(case));
        }
        let case = Rc::new(Case::from_json(data).ok()?);
        self.keep(data.to_vec(), Rc::clone(&case));
        Some(case)
    }

    /// Keeps a case that was written as these bytes.
    pub(super) fn keep(&mut self, data: Vec<u8>, case: Rc<Case>) {
        if self.last.len() < SIZE {
            self.last.push((data, case));
        } else {
            self.last[self.next] = (data, case);
        }
        self.next = (self.next + 1) % SIZE;
    }
}

/// What tells an input from others. What is fresh in it is a matter of this, too.
pub(super) fn key_of(data: &[u8]) -> u64 {
    let mut hash = Fnv::default();
    data.chunks(8).for_each(|chunk| {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        hash.0 = (hash.0 ^ u64::from_le_bytes(word)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23);
    });
    hash.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::fuzz::hints::tests::{case, number};

    #[test]
    fn each_input_is_the_case_that_it_says() {
        let mut kept = Kept::default();
        let inputs: Vec<_> = (0..3 * SIZE as u64).map(|sent| case(vec![("a", number(sent))])).collect();
        for _ in 0..2 {
            for case in &inputs {
                let data = serde_json::to_vec(case).expect("JSON");
                assert_eq!(kept.read(&data).as_deref(), Some(case));
                assert_eq!(kept.read(&data).as_deref(), Some(case), "and again");
            }
        }
        assert_eq!(kept.last.len(), SIZE);
        assert_eq!(kept.read(b"no case"), None);
    }

    #[test]
    fn inputs_have_keys_of_their_own() {
        let keys: std::collections::HashSet<u64> =
            (0..10_000_u32).map(|one| key_of(&one.to_le_bytes())).collect();
        assert_eq!(keys.len(), 10_000);
        assert_ne!(key_of(b"12345678"), key_of(b"1234567"));
    }
}
