//! Ruby.

use super::Stack;

pub(super) const STACK: Stack = Stack {
    needles: &[".rb", ".erb", ".haml", ".slim", ".ru", ".rake", "Exception caught", "Exception%20caught"],
    detector: "ruby-frames",
    markup: &[("ruby-rails-page", r"<title>Action Controller: Exception caught</title>")],
    singles: &[],
    headers: &[
        r"‹(?:[A-Z]\w*::)*[A-Z]\w*(?:Error|Exception|NotFound|Invalid|NotUnique|Timeout)(?: \(|: |›)",
        r"\((?:[A-Z]\w*::)*[A-Z]\w*(?:Error|Exception|NotFound|Invalid)\)",
        r"#<(?:[A-Z]\w*::)*[A-Z]\w*(?:Error|Exception|NotFound|Invalid):",
        r"^Extracted source \(around line #\d+\):",
    ],
    frames: &[
        r#"(?:^|[\s"'(\[>])[^\s"'`<>()\[\]]*\w\.(?:rb|erb|haml|slim|ru|rake|builder|jbuilder):\d+:in ['`][^'\n]"#,
    ],
    weak: &[r#"(?:^|[\s"'(\[>])[\w./-]+:\d+:in ['`][^'\n]"#],
};
