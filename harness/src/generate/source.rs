//! Where choices come from: one generator, three sources of entropy.

use std::ops::RangeInclusive;

use rand::rngs::ChaCha8Rng;
use rand::{RngExt as _, SeedableRng as _};

/// A stream of choices. A source that can run dry answers the smallest choice from then on and reports it
/// by [`Source::exhausted`]; a case drawn from a dry source is thrown away by the engine.
pub trait Source {
    /// A number of the range, both ends included.
    fn int(&mut self, range: RangeInclusive<u64>) -> u64;

    /// Whether the stream ran dry.
    fn exhausted(&self) -> bool {
        false
    }

    /// True in `numerator` of `denominator` draws.
    fn ratio(&mut self, numerator: u32, denominator: u32) -> bool {
        // Counted from the top, so that a dry source says no.
        let denominator = u64::from(denominator.max(1));
        self.int(0..=denominator - 1) >= denominator.saturating_sub(u64::from(numerator))
    }

    /// An index below `len`; 0 when `len` is 0.
    fn index(&mut self, len: usize) -> usize {
        if len < 2 { 0 } else { self.int(0..=len as u64 - 1) as usize }
    }
}

impl dyn Source + '_ {
    /// One of the items; `None` of an empty slice.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.index(items.len()))
    }

    /// Text of `len` characters of an ASCII alphabet.
    pub fn text_of(&mut self, alphabet: &[u8], len: usize) -> String {
        (0..len).map(|_| char::from(alphabet[self.index(alphabet.len())])).collect()
    }
}

/// A seeded generator: the campaign's source. The stream of a seed never changes within a format version.
#[derive(Debug)]
pub struct Seeded(ChaCha8Rng);

impl Clone for Seeded {
    fn clone(&self) -> Self {
        Self(ChaCha8Rng::deserialize_state(&self.0.serialize_state()))
    }
}

impl Seeded {
    /// The stream of this seed.
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// A stream of its own for each part of a run, whatever order the parts are drawn in.
    pub fn derive(seed: u64, parts: &[&str]) -> Self {
        let mut hash = hmac_sha256::Hash::new();
        hash.update(seed.to_le_bytes());
        for part in parts {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        Self(ChaCha8Rng::from_seed(hash.finalize()))
    }
}

impl Source for Seeded {
    fn int(&mut self, range: RangeInclusive<u64>) -> u64 {
        self.0.random_range(range)
    }
}

/// proptest's generator: the source of property tests.
#[cfg(feature = "proptest")]
impl Source for proptest::test_runner::TestRng {
    fn int(&mut self, range: RangeInclusive<u64>) -> u64 {
        use rand::Rng as _;
        let span = range.end().wrapping_sub(*range.start()).wrapping_add(1);
        // The bias of a modulus is harmless for choices, and every draw costs the same.
        if span == 0 { self.next_u64() } else { range.start() + self.next_u64() % span }
    }
}

/// `arbitrary`'s bytes: the source of coverage-guided fuzzing.
#[cfg(feature = "arbitrary")]
#[derive(Debug)]
pub struct Bytes<'a, 'b> {
    bytes: &'a mut arbitrary::Unstructured<'b>,
    exhausted: bool,
}

#[cfg(feature = "arbitrary")]
impl<'a, 'b> Bytes<'a, 'b> {
    /// Draws from these bytes.
    pub fn new(bytes: &'a mut arbitrary::Unstructured<'b>) -> Self {
        Self { bytes, exhausted: false }
    }
}

#[cfg(feature = "arbitrary")]
impl Source for Bytes<'_, '_> {
    fn int(&mut self, range: RangeInclusive<u64>) -> u64 {
        let start = *range.start();
        if self.bytes.is_empty() && range.start() != range.end() {
            self.exhausted = true;
            return start;
        }
        self.bytes.int_in_range(range).unwrap_or(start)
    }

    fn exhausted(&self) -> bool {
        self.exhausted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_choices() {
        let draw = |seed| {
            let mut source = Seeded::new(seed);
            (0..50).map(|_| source.int(0..=1_000)).collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }

    #[test]
    fn a_clone_goes_on_where_the_first_was() {
        let mut source = Seeded::new(7);
        let _ = (0..21).map(|_| source.int(0..=u64::MAX)).count();
        let draw = |mut source: Seeded| (0..50).map(|_| source.int(0..=u64::MAX)).collect::<Vec<_>>();
        assert_eq!(draw(source.clone()), draw(source));
    }

    #[test]
    fn the_stream_of_a_seed_is_what_it_always_was() {
        let mut source = Seeded::new(7);
        let drawn: Vec<u64> = (0..4).map(|_| source.int(0..=1_000_000)).collect();
        assert_eq!(drawn, [157_796, 167_989, 704_276, 726_742]);
    }

    #[test]
    fn derived_streams_do_not_run_together() {
        let first = Seeded::derive(1, &["ab", "c"]).int(0..=u64::MAX);
        let second = Seeded::derive(1, &["a", "bc"]).int(0..=u64::MAX);
        assert_ne!(first, second);
    }

    #[test]
    fn ratios_hold_roughly() {
        let mut source = Seeded::new(3);
        let hits = (0..10_000).filter(|_| source.ratio(1, 4)).count();
        assert!((2_300..2_700).contains(&hits), "{hits}");
    }

    #[cfg(feature = "proptest")]
    #[test]
    fn proptest_is_a_source() {
        let mut rng =
            proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha);
        assert!((0..1_000).all(|_| (3..=9).contains(&rng.int(3..=9))));
    }

    #[cfg(feature = "arbitrary")]
    #[test]
    fn bytes_run_dry_and_say_so() {
        let mut raw = arbitrary::Unstructured::new(&[200, 7]);
        let mut source = Bytes::new(&mut raw);
        source.int(0..=255);
        source.int(0..=255);
        assert!(!source.exhausted());
        assert_eq!(source.int(4..=9), 4);
        assert!(source.exhausted());
    }
}
