//! Signatures.
/// What gives a stack trace away.
pub struct Trace {
    /// d
    pub detector: &'static str,
    /// e
    pub evidence: String,
}
/// Finds.
pub fn stack_trace(text: &str) -> Option<Trace> {
    text.contains("panicked at")
        .then(|| Trace { detector: "rust-panic", evidence: text.chars().take(200).collect() })
}
/// Needles.
pub const NEEDLES: &[&str] = &[];
