//! Swift, Dart, C and C++.

use super::Stack;

pub(super) const STACK: Stack = Stack {
    needles: &[
        ".swift",
        ".dart",
        "dart:",
        "package:",
        ".cpp",
        ".cc:",
        ".cxx",
        ".hpp",
        "terminate",
        "Sanitizer",
        "0x",
    ],
    detector: "native-frames",
    markup: &[],
    singles: &[
        (
            "swift-fatal-error",
            r"\b(?:Fatal error|Precondition failed|Assertion failed)(?:: [^\n]*)?: file [^\n]*?\.swift, line \d+|[\w/]\.swift:\d+: (?:Fatal error|Precondition failed|Assertion failed)(?:: |$)",
        ),
        (
            "cpp-terminate",
            r"‹(?:libc\+\+abi: )?terminat(?:e called after throwing an instance of '|ing (?:due to|with) uncaught exception of type )\S",
        ),
        (
            "cpp-sanitizer",
            r"\bERROR: (?:Address|Leak|Memory|HWAddress)Sanitizer: \S|\bWARNING: (?:Thread|Memory)Sanitizer: \S",
        ),
    ],
    headers: &[
        r"‹Unhandled exception:",
        r"‹\w*(?:Error|Exception)(?: \(\w+\))?: ",
        r"\bwhat\(\): ",
        r"\bSegmentation fault\b",
        r"‹(?:Backtrace|Stack trace|Call stack|Thread \d+[^\n]* crashed):",
        r"\*\*\* (?:SIG\w+|Aborted at)",
    ],
    frames: &[
        r"#\d+ +[^\n(]+\((?:package:|dart:|file://)[^\s)]+\.dart:\d+(?::\d+)?\)",
        r"‹(?:package:|dart:)\S+ \d+:\d+ +[\w<]",
        r"#\d+ +0x[0-9a-f]{6,16} in [\w:~<(]",
        r"‹\d+ +\S+ +0x[0-9a-f]{8,16} \S+ \+ \d+",
        r"‹[^\s()]+\([^()\s]*\+0x[0-9a-f]+\) ?\[0x[0-9a-f]+\]",
        r"‹\d+# [^\n]+? (?:at|in) [^\n]*?\.(?:cpp|cxx|cc|hpp|h|c):\d+",
        r"‹@ +0x[0-9a-f]{6,16} +\S",
        r"‹(?:\[?\w+\]? )*0x[0-9a-f]{6,16} [^\n]+ (?:at|in) [^\n]*?\.swift:\d+",
        r"\bin [^\n]+? at [^\s]*[\w/]\.swift:\d+",
    ],
    weak: &[],
};
