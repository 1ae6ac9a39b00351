//! PHP: messages of the engine, traces of exceptions, debug pages.

use super::Stack;

pub(super) const STACK: Stack = Stack {
    needles: &[
        ".php",
        "{main}",
        "Whoops",
        "xdebug",
        "exception-summary",
        "trace-as-html",
        "Stack trace",
        "[internal function]",
    ],
    detector: "php-frames",
    markup: &[
        ("php-xdebug", r#"class=["']xdebug-error"#),
        (
            "php-debug-page",
            r#"<title>Whoops! There was an error\.?</title>|class="exception-summary|class="trace trace-as-html|\bwindow\.ignite\("#,
        ),
    ],
    singles: &[(
        "php-error",
        r"‹(?:PHP )?(?:Fatal error|Parse error|Warning|Notice|Deprecated|Strict Standards|(?:Recoverable|Catchable) fatal error): +[^\n]* in (?:/|[A-Za-z]:[\\/]|phar://)[^\n]*?\.(?:php|phtml|inc)\b[^\n]{0,40}?(?: on line |:)\d+",
    )],
    headers: &[
        r"‹(?:#0 )?Stack trace:",
        r"\[stacktrace\]",
        r"\b[\w\\]*(?:Exception|Error)(?:: | in |\()",
        r"\bthrown in ",
        r"\bSQLSTATE\[",
    ],
    frames: &[
        r"#\d+ [^\s(#][^\n(#]*\.(?:php|phtml|inc|phar)\(\d+\)(?: : eval\(\)'d code(?:\(\d+\))?)?: [\w{\\]",
        r"#\d+ \[internal function\]: [\w{\\]",
    ],
    weak: &[r"#\d+ \{main\}"],
};
