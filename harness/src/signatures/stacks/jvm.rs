//! Java, Kotlin, Scala, Groovy and Clojure.

use super::Stack;

pub(super) const STACK: Stack = Stack {
    needles: &[
        ".java",
        ".kt",
        ".scala",
        ".groovy",
        ".clj",
        "java.",
        "javax.",
        "Native Method",
        "Native%20Method",
        "Unknown Source",
        "Unknown%20Source",
        "Exception",
        "Throwable",
        "Whitelabel",
        "frames omitted",
    ],
    detector: "java-frames",
    markup: &[],
    singles: &[
        ("java-common-frames", r"‹\.\.\. \d+ common frames omitted›"),
        ("java-whitelabel", r"Whitelabel Error Page\s*This application has no explicit mapping for /error"),
    ],
    headers: &[
        r#"(?:^|[\s"'>:(\[])(?:[a-z_]\w*\.)+(?:[A-Z]\w*[.$])*(?:[A-Z]\w*)?(?:Exception|Error|Throwable|Failure)(?:$|[:;\s"'<,\])])"#,
        r"‹(?:Caused by|Suppressed): [\w.$]+",
        r"‹Exception in thread .",
    ],
    frames: &[
        r"\bat [\w$./@<>-]+\.[\w$<>-]+\((?:[\w$.-]+\.(?:java|kts?|scala|groovy|cljc?)(?::-?\d+)?|Native Method|Unknown Source|SourceFile:\d+|NO_SOURCE_FILE:\d+)\)",
    ],
    weak: &[r"‹\.\.\. \d+ more›"],
};
