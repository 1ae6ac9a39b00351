//! The reader of HTTP/1.1 answers and everything that looks at them. The first byte says how they come.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use proofhouse::engine::fuzz::Answers;

thread_local! {
    static ANSWERS: Answers = Answers::default();
}

fuzz_target!(|data: &[u8]| -> Corpus {
    let Some((how, bytes)) = data.split_first() else { return Corpus::Reject };
    let method = ["GET", "HEAD", "POST", "CONNECT"][usize::from(how & 3)];
    let step = [usize::MAX, 1, 7, 1_024][usize::from(how >> 2 & 3)];
    ANSWERS.with(|answers| answers.look(method, bytes, step));
    Corpus::Keep
});
