//! Python, and the debug pages of its frameworks.

use super::Stack;

pub(super) const STACK: Stack = Stack {
    needles: &["Traceback", ".py", "erkzeug", "DEBUG", "CONSOLE"],
    detector: "python-frames",
    markup: &[(
        "python-werkzeug",
        r"// Werkzeug Debugger</title>|\bCONSOLE_MODE = (?:true|false),\s+EVALEX = (?:true|false)",
    )],
    singles: &[
        (
            "python-traceback",
            r#"Traceback \(most recent call last\):?\s*(?:File ["'/]|[\w.]+(?:Error|Exception)\b|(?:F|Fi|Fil|File)?[\s"'}\]]*\z)"#,
        ),
        ("python-django-debug", r"\bseeing this error because you have DEBUG ?= ?True in your"),
    ],
    headers: &[
        r"Traceback \(most recent call last\)",
        r"‹(?:[A-Za-z_][\w.]*)?(?:Error|Exception|Warning|Interrupt|Exit|DoesNotExist)(?:: |›)",
        r"^During handling of the above exception, another exception occurred:",
        r"^The above exception was the direct cause of the following exception:",
    ],
    frames: &[
        r#"\bFile "(?:[^"\n]*\.py[wx]?|<[\w. ]+>)", line \d+, in [\w<]"#,
        r"‹(?:File )?[^\s,]*[\w/]\.py[wx]?, line \d+,? in [\w<>.]+›",
        r"‹[^\s:,]*[\w/]\.py[wx]?:\d+: in [\w<>.]+›",
    ],
    weak: &[r#"‹File "[^"\n]*\.py[wx]?", line \d+›"#],
};
