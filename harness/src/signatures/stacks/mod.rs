//! The stacks: what their traces look like.
//!
//! In the patterns `‹` is where a line or a string value starts and `›` where it ends. The patterns see one
//! line per line of a trace, without markup and colours; `markup` sees the text as it came.

mod beam;
mod dotnet;
mod go;
mod jvm;
mod native;
mod node;
mod php;
mod python;
mod ruby;
mod rust;

/// A pattern that tells alone, and the detector it is.
pub(super) type Single = (&'static str, &'static str);

/// What the traces of one stack look like.
pub(super) struct Stack {
    /// What shows that the stack is worth a look.
    pub(super) needles: &'static [&'static str],
    /// The detector where frames tell.
    pub(super) detector: &'static str,
    /// Tell alone, in the text with its markup.
    pub(super) markup: &'static [Single],
    /// Tell alone.
    pub(super) singles: &'static [Single],
    /// Tell beside one frame.
    pub(super) headers: &'static [&'static str],
    /// Two of them tell.
    pub(super) frames: &'static [&'static str],
    /// Tell beside a header only, however many there are.
    pub(super) weak: &'static [&'static str],
}

/// Every stack.
pub(super) const ALL: [&Stack; 10] = [
    &rust::STACK,
    &jvm::STACK,
    &python::STACK,
    &node::STACK,
    &dotnet::STACK,
    &php::STACK,
    &ruby::STACK,
    &go::STACK,
    &beam::STACK,
    &native::STACK,
];

/// Substrings for a prefilter, case-sensitive: each text in which [`stack_trace`](super::stack_trace) finds a
/// trace contains one of them as it stands, escaped or not.
pub const NEEDLES: &[&str] = &FLAT;

const FLAT: [&str; count()] = {
    let mut flat = [""; count()];
    let (mut stack, mut at) = (0, 0);
    while stack < ALL.len() {
        let needles = ALL[stack].needles;
        let mut needle = 0;
        while needle < needles.len() {
            flat[at] = needles[needle];
            needle += 1;
            at += 1;
        }
        stack += 1;
    }
    flat
};

const fn count() -> usize {
    let (mut stack, mut sum) = (0, 0);
    while stack < ALL.len() {
        sum += ALL[stack].needles.len();
        stack += 1;
    }
    sum
}
