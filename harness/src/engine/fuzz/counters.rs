//! What answers tell the fuzzer: counters that it takes for coverage beside the code's own. They guide it where the
//! code of the target cannot be instrumented, such as behind a URL.

// The one thing in here that is not safe is to say which section of the binary the counters lie in.
#![expect(unsafe_code, reason = "libFuzzer finds the counters by the name of their section")]

use std::sync::atomic::{AtomicU8, Ordering};

/// What a counter is about. Each has a range of its own, so that one cannot hide behind another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// How an operation answered: see [`behaviour`](crate::engine::campaign::behaviour).
    Behaviour,
    /// Which answer came after which.
    Pair,
    /// What the judges saw.
    Verdict,
}

/// libFuzzer clears and reads them as machine words: the size must be a multiple of eight, and aligned.
const SIZE: usize = 16_384;

#[repr(C, align(64))]
struct Table([AtomicU8; SIZE]);

#[used]
#[cfg_attr(target_os = "linux", unsafe(link_section = "__libfuzzer_extra_counters"))]
static TABLE: Table = Table([const { AtomicU8::new(0) }; SIZE]);

/// Notes that this was seen: with 1 and not with one more, because each other count would be news to the fuzzer.
pub(super) fn note(about: About, key: u64) {
    TABLE.0[slot(about, key)].store(1, Ordering::Relaxed);
}

fn slot(about: About, key: u64) -> usize {
    let (from, length) = match about {
        About::Behaviour => (0, 8_192),
        About::Pair => (8_192, 6_144),
        About::Verdict => (14_336, 2_048),
    };
    // The lower half of FNV alone is not mixed well.
    let mixed = (key ^ (key >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    from + (mixed % length) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_do_not_meet_and_end_with_the_table() {
        for key in (0..200_000_u64).map(|key| key.wrapping_mul(0x0100_0000_01b3)) {
            assert!(slot(About::Behaviour, key) < 8_192);
            assert!((8_192..14_336).contains(&slot(About::Pair, key)));
            assert!((14_336..SIZE).contains(&slot(About::Verdict, key)));
        }
        assert_eq!((SIZE % 8, std::mem::align_of::<Table>() % 8), (0, 0));
    }

    #[test]
    fn what_is_noted_is_one_however_often() {
        note(About::Verdict, 7);
        note(About::Verdict, 7);
        assert_eq!(TABLE.0[slot(About::Verdict, 7)].load(Ordering::Relaxed), 1);
    }
}
