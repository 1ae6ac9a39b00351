//! Rust: panics, backtraces of std, anyhow and color-eyre.

use super::Stack;

pub(super) const STACK: Stack = Stack {
    needles: &[".rs:", ".rs%", ".rs&", ".rs\\", ".rs\"", "panicked", "RUST_BACKTRACE", "backtrace"],
    detector: "rust-frames",
    markup: &[],
    singles: &[
        ("rust-panic", r"\bthread '[^'\n]*'(?: \(\d+\))? (?:has )?panicked at [^\n]*?\.rs:\d+(?::\d+)?"),
        (
            "rust-backtrace-note",
            r"\bnote: run with .RUST_BACKTRACE=\w+. (?:environment variable )?(?:to|for) (?:display|a )",
        ),
    ],
    headers: &[
        r"‹[Ss]tack backtrace:",
        r"\bthread '[^'\n]*'(?: \(\d+\))? panicked at ",
        r"\bcalled .(?:Option|Result)::\w+\(\). on an? .(?:None|Err|Ok).",
        r"^Location:",
        r"━ (?:BACKTRACE|SPANTRACE) ━",
    ],
    frames: &[
        r"‹at [^\s()]*[/\\][^\s()]*\.rs:\d+(?::\d+)?\b",
        r"/rustc/[0-9a-f]{40}/[^\s]+\.rs:\d+",
        r"/\.cargo/(?:registry/src|git/checkouts)/[^\s]+\.rs:\d+",
    ],
    weak: &[r"‹\d{1,3}: +(?:0x[0-9a-f]+ +- +)?[<\w][^\n]*::[^\n]+", r"‹\d{1,3}: +rust_begin_unwind\b"],
};
