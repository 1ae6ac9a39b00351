//! Elixir and Erlang.

use super::Stack;

pub(super) const STACK: Stack = Stack {
    needles: &[
        ".ex:",
        ".ex%",
        ".ex&",
        ".ex\\",
        ".ex\"",
        ".exs",
        ".erl",
        "** (",
        "**%20(",
        "**%20%28",
        " at GET /",
        " at POST /",
        "%20at%20",
        " at PUT /",
        " at PATCH /",
        " at DELETE /",
    ],
    detector: "elixir-frames",
    markup: &[(
        "elixir-debugger",
        r"<title>(?:[A-Z]\w*\.)*[A-Z]\w*(?:Error|Exception) at (?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) /",
    )],
    singles: &[],
    headers: &[
        r"\*\* \((?:(?:[A-Z]\w*\.?)+|EXIT[^\n]*|exit|throw|stop)\)",
        r"^# (?:[A-Z]\w*\.)*[A-Z]\w*(?:Error|Exception) at (?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) /",
        r"\{badmatch,",
        r"\*\* exception error:",
        r"=(?:ERROR|CRASH) REPORT=",
    ],
    frames: &[
        r"\([a-z_]\w*(?: \d[\w.+-]*)?\) [\w/.-]+\.(?:exs?|erl|eex|heex|leex):\d+: \S",
        r"‹[\w/.-]+\.(?:exs?|erl):\d+: (?:anonymous fn/\d|[A-Z:][\w.:!?]*/\d)",
        r#"\[\{file, ?"[^"\n]+\.[eh]rl"\}, ?\{line, ?\d+\}"#,
    ],
    weak: &[r"\([a-z_]\w*(?: \d[\w.+-]*)?\) (?:[A-Z:][\w.:]*)\.[\w!?]+/\d"],
};
