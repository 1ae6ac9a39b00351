//! What the instrumented code compared while a case ran: the two sides of each comparison, so that a value of the case
//! that stood on one side can be made what stood on the other.
//!
//! The compiler puts a call before each comparison of integers (`-sanitizer-coverage-trace-compares`, see the Clang
//! documentation, "SanitizerCoverage", "Tracing data flow"). libFuzzer's own functions of these names keep 32 of them and
//! none of 16 bits; `tools/instrument` lets those that [`fuzz_service!`](crate::fuzz_service) makes take them first.

use std::cell::Cell;

/// Comparisons that are kept of one execution.
const NUMBERS: usize = 1_024;
/// Comparisons of runs of bytes that are kept of one execution.
const TEXTS: usize = 256;
/// The longest of them, in bytes.
const LONGEST: usize = 32;
/// The most values of one `match` that are kept.
const CASES: usize = 64;

/// Two integers that were compared, as wide as the comparison.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Numbers {
    /// In bytes.
    pub(super) width: u8,
    pub(super) sides: [u64; 2],
    /// The execution that it was seen in.
    run: u32,
}

/// Two runs of bytes of one length that were compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Texts {
    length: u8,
    sides: [[u8; LONGEST]; 2],
    run: u32,
}

impl Texts {
    /// Both sides.
    pub(super) fn sides(&self) -> [&[u8]; 2] {
        self.sides.each_ref().map(|side| &side[..usize::from(self.length)])
    }
}

struct Log {
    is_listening: Cell<bool>,
    run: Cell<u32>,
    numbers: [Cell<Numbers>; NUMBERS],
    texts: [Cell<Texts>; TEXTS],
}

thread_local! {
    // What runs on other threads is not seen: a service is called on the fuzzer's.
    static LOG: Log = const {
        Log {
            is_listening: Cell::new(false),
            run: Cell::new(0),
            numbers: [const { Cell::new(Numbers { width: 0, sides: [0; 2], run: 0 }) }; NUMBERS],
            texts: [const { Cell::new(Texts { length: 0, sides: [[0; LONGEST]; 2], run: 0 }) }; TEXTS],
        }
    };
}

/// Takes note of two integers that are compared, `width` bytes wide.
///
/// Never inlined, as its like: in a crate that is instrumented it would be told of its own comparisons.
#[inline(never)]
pub fn compared(width: u8, one: u64, other: u64) {
    if one == other {
        return;
    }
    // At the end of the thread there is nobody to tell.
    let _ = LOG.try_with(|log| {
        if log.is_listening.get() {
            log.number(width, one, other);
        }
    });
}

/// Takes note of an integer that decides which arm of a `match` is taken; `cases` as the compiler hands them over: how
/// many there are, how many bits they have, and they themselves.
///
/// # Safety
///
/// `cases` points to as many words as its first says, and two more.
#[expect(unsafe_code, reason = "the compiler hands over a pointer")]
#[inline(never)]
pub unsafe fn switched(value: u64, cases: *const u64) {
    // SAFETY: as many words as the first one says follow the first two.
    let (count, bits, values) = unsafe {
        let count = usize::try_from(*cases).unwrap_or_default();
        (count, *cases.add(1), std::slice::from_raw_parts(cases.add(2), count))
    };
    // States and letters are what coverage tells apart by itself.
    if bits > 8 && count <= CASES {
        let width = u8::try_from(bits.div_ceil(8)).unwrap_or(8);
        values.iter().for_each(|case| compared(width, value, *case));
    }
}

/// Takes note of two runs of bytes that are compared.
///
/// # Safety
///
/// Both pointers are good for `length` bytes.
#[expect(unsafe_code, reason = "what is compared comes as pointers")]
#[inline(never)]
pub unsafe fn compared_bytes(one: *const u8, other: *const u8, length: usize) {
    if !(2..=LONGEST).contains(&length) {
        return;
    }
    let _ = LOG.try_with(|log| {
        if log.is_listening.get() {
            let mut entry = Texts { length: length as u8, run: log.run.get(), ..Texts::default() };
            // SAFETY: both are good for so many bytes, which is no more than there is room for.
            unsafe {
                std::ptr::copy_nonoverlapping(one, entry.sides[0].as_mut_ptr(), length);
                std::ptr::copy_nonoverlapping(other, entry.sides[1].as_mut_ptr(), length);
            }
            let head =
                |side: &[u8; LONGEST]| u64::from_le_bytes([0, 1, 2, 3, 4, 5, 6, 7].map(|at: usize| side[at]));
            let mixed = head(&entry.sides[0]) ^ head(&entry.sides[1]).rotate_left(29) ^ length as u64;
            log.texts[log.slot(mixed) % TEXTS].set(entry);
        }
    });
}

impl Log {
    fn number(&self, width: u8, one: u64, other: u64) {
        let entry = Numbers { width, sides: [one, other], run: self.run.get() };
        self.numbers[self.slot(one ^ other.rotate_left(29)) % NUMBERS].set(entry);
    }

    /// Two that fall together fall apart in the next execution.
    fn slot(&self, key: u64) -> usize {
        ((key ^ u64::from(self.run.get())).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48) as usize
    }
}

/// Forgets what was compared, and takes note of all that `work` compares on this thread.
pub(super) fn listening<T>(work: impl FnOnce() -> T) -> T {
    let set = |on: bool| LOG.with(|log| log.is_listening.set(on));
    LOG.with(|log| log.run.set(log.run.get().wrapping_add(1)));
    set(true);
    let done = work();
    set(false);
    done
}

/// Calls `visit` with the integers that were compared since.
pub(super) fn each_number(visit: &mut dyn FnMut(Numbers)) {
    LOG.with(|log| {
        let run = log.run.get();
        log.numbers.iter().map(Cell::get).filter(|entry| entry.run == run && entry.width > 0).for_each(visit);
    });
}

/// Calls `visit` with the runs of bytes that were compared since, those that are the same left out.
pub(super) fn each_text(visit: &mut dyn FnMut(&Texts)) {
    LOG.with(|log| {
        let run = log.run.get();
        let seen = log.texts.iter().map(Cell::get).filter(|entry| entry.run == run && entry.length > 0);
        seen.filter(|entry| entry.sides[0] != entry.sides[1]).for_each(|entry| visit(&entry));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers() -> Vec<(u8, [u64; 2])> {
        let mut all = Vec::new();
        each_number(&mut |seen| all.push((seen.width, seen.sides)));
        all
    }

    #[test]
    fn only_what_was_compared_while_somebody_listened_is_told() {
        compared(2, 1, 2);
        listening(|| {
            compared(2, 0xb6e5, 7);
            compared(2, 0xb6e5, 7);
            compared(4, 5, 5);
        });
        compared(2, 3, 4);
        assert_eq!(numbers(), [(2, [0xb6e5, 7])]);
        listening(|| ());
        assert_eq!(numbers(), []);
    }

    #[test]
    #[expect(unsafe_code, reason = "pointers are handed over as the compiler does")]
    fn arms_and_texts_are_told() {
        let arms = [2_u64, 16, 0x100, 0x200];
        listening(|| unsafe {
            switched(0x200, arms.as_ptr());
            switched(7, [1_u64, 8, 9].as_ptr());
            compared_bytes(b"small".as_ptr(), b"large".as_ptr(), 5);
            compared_bytes(b"small".as_ptr(), b"large".as_ptr(), 5);
            compared_bytes(b"same".as_ptr(), b"same".as_ptr(), 4);
        });
        assert_eq!(numbers(), [(2, [0x200, 0x100])]);
        let mut texts = Vec::new();
        each_text(&mut |seen| {
            texts.push(seen.sides().map(|side| String::from_utf8_lossy(side).into_owned()));
        });
        assert_eq!(texts, [["small", "large"]]);
    }
}
