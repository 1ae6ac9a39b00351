//! JavaScript and TypeScript: V8 and JavaScriptCore.

use super::Stack;

pub(super) const STACK: Stack = Stack {
    needles: &[
        ".js:",
        ".js%",
        ".js&",
        ".js\\",
        ".js\"",
        ".js?",
        ".mjs",
        ".cjs",
        ".jsx",
        ".ts:",
        ".ts%",
        ".ts&",
        ".ts\\",
        ".ts\"",
        ".ts?",
        ".mts",
        ".tsx",
        ".vue",
        ".svelte",
        "node:",
        "node%3",
        "<anonymous>",
    ],
    detector: "node-frames",
    markup: &[],
    singles: &[],
    headers: &[
        r"‹(?:Uncaught |Unhandled rejection |\[Nest\][^\n]*)?(?:[A-Z]\w*)?(?:Error|Exception)(?: \[[A-Z_]+\])?(?:: |›)",
        r"\bCannot (?:read|set) propert(?:y|ies) [^\n]{0,40}of (?:undefined|null)",
        r"^(?:file://)?(?:/|[A-Z]:)[^\s:]*\.[cm]?[jt]sx?:\d+$",
    ],
    frames: &[
        r"\bat (?:async )?(?:new )?(?:Object\.|Module\.|Function\.)?[\w$.<>#@/-]+(?: \[as [^\]\n]+\])? \((?:(?:[^()\n]|\([\w.@-]+\))*[/\\](?:[^()\n]|\([\w.@-]+\))*\.(?:[cm]?[jt]sx?|vue|svelte)(?:\?[^()\s:]*)?|node:[\w/.-]+):\d+(?::\d+)?\)",
        r#"‹at (?:async )?(?:[A-Za-z]:[\\/][^\n\t()":]*|(?:file:///(?:[A-Za-z]:)?|https?://|webpack[\w-]*://|\.{0,2}/)[^\s()":\\]*(?::\d+/[^\s()":\\]*)?)\.(?:[cm]?[jt]sx?|vue|svelte)(?:\?[^()\s:]*)?:\d+:\d+"#,
        r"‹at (?:async )?node:[\w/.-]+:\d+:\d+",
        r"‹(?:async\*)?[\w$.<>/\[\]]*@(?:file://|https?://|/|[A-Za-z]:\\|webpack)[^\s@]*\.[cm]?[jt]sx?(?:\?[^\s:]*)?:\d+:\d+›",
    ],
    weak: &[r"‹at (?:async )?(?:new )?[\w$.#]+ \(<anonymous>\)›", r"‹at <anonymous>›"],
};
