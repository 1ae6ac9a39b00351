//! The fuzz target of this process: libFuzzer calls functions and hands no state around.

use std::cell::RefCell;

use super::fuzzer::{Fuzzer, Home};
use crate::engine::property::Prove;

thread_local! {
    // libFuzzer calls everything on one thread.
    static FUZZER: RefCell<Option<Fuzzer>> = const { RefCell::new(None) };
}

/// The argument that asks for the dictionary.
const DICTIONARY: &str = "--dictionary";

/// Prepares the target: to be called once, in the `init` of `fuzz_target!`. Takes the place of the hook that would end
/// the process with the first panic. With `--dictionary` among the arguments, writes the content of a file for
/// `-dict=` to the standard output and ends the process.
///
/// # Panics
///
/// Where something was said wrongly or the service cannot be built, with what to mend.
pub fn start(prove: impl FnOnce() -> Prove, home: Home) {
    crate::target::keep_strays();
    let fuzzer = match Fuzzer::new(prove(), home) {
        Ok(fuzzer) => fuzzer,
        Err(error) => end(&format!("proofhouse: {error}\n"), &mut std::io::stderr(), 1),
    };
    if std::env::args().any(|argument| argument == DICTIONARY) {
        end(&fuzzer.dictionary(), &mut std::io::stdout(), 0);
    }
    FUZZER.with(|slot| *slot.borrow_mut() = Some(fuzzer));
}

/// Before libFuzzer began there is nobody to return to.
#[expect(clippy::exit, reason = "libFuzzer's initialization cannot fail")]
fn end(text: &str, to: &mut dyn std::io::Write, code: i32) -> ! {
    let _ = to.write_all(text.as_bytes()).and_then(|()| to.flush());
    std::process::exit(code)
}

/// Runs an input that is a case file; whether the fuzzer may keep it.
pub fn run(data: &[u8]) -> bool {
    with(|fuzzer| fuzzer.run(data)).unwrap_or(false)
}

/// Runs an input that is bytes to draw a case from; whether the fuzzer may keep it.
pub fn run_bytes(data: &[u8]) -> bool {
    with(|fuzzer| fuzzer.run_bytes(data)).unwrap_or(false)
}

/// See [`Fuzzer::mutate`].
pub fn mutate(
    data: &mut [u8],
    size: usize,
    max_size: usize,
    seed: u32,
    bytes: &mut dyn FnMut(&mut [u8], usize, usize) -> usize,
) -> usize {
    with(|fuzzer| fuzzer.mutate(data, size, max_size, seed, bytes)).unwrap_or(size)
}

/// See [`Fuzzer::cross`].
pub fn cross(first: &[u8], second: &[u8], out: &mut [u8], seed: u32) -> usize {
    with(|fuzzer| fuzzer.cross(first, second, out, seed)).unwrap_or(0)
}

fn with<T>(work: impl FnOnce(&mut Fuzzer) -> T) -> Option<T> {
    FUZZER.with(|slot| slot.borrow_mut().as_mut().map(work))
}
