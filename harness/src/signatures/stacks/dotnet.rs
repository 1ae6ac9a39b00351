//! .NET.

use super::Stack;

pub(super) const STACK: Stack = Stack {
    needles: &[
        ":line ",
        ":line%20",
        "%3Aline",
        "%3aline",
        "stack",
        "Stack",
        "Exception",
        "System.",
        "Microsoft.",
        "MoveNext",
        "CancellationToken",
        "Server Error in",
        "Server%20Error%20in",
        "Int32 ",
        "(String ",
        "(Guid ",
    ],
    detector: "dotnet-frames",
    markup: &[],
    singles: &[
        (
            "dotnet-end-of-trace",
            r"--- End of (?:inner exception |inner ExceptionDetail )?stack trace(?: from previous location(?: where exception was thrown)?)? ---",
        ),
        ("dotnet-error-page", r"Server Error in '/[^'\n]*' Application\."),
    ],
    headers: &[
        r"‹(?:[A-Z]\w*\.)+(?:[A-Z]\w*)?Exception(?: \(0x[0-9a-fA-F]+\))?(?:: |›)",
        r"[\s>(\[](?:[A-Z]\w*\.)+(?:[A-Z]\w*)?Exception(?: \(0x[0-9a-fA-F]+\))?: ",
        r"‹Unhandled exception\. ",
        r"‹An unhandled exception (?:of type '[\w.]+' )?occurred while processing the request",
    ],
    frames: &[
        r"\bat [\w.`+<>\[\],|$]+\([^\n]*?\) in [^\n]*?\.\w{1,6}:line \d+",
        r"‹at (?:[A-Z][\w`]*[.+])(?:[\w`<>|]+[.+]{1,2})+[\w`<>|\[\],]+\((?:(?:(?:out |ref |in )?[\w.`<>\[\]&*?,]+ \w+)(?:, (?:out |ref |in )?[\w.`<>\[\]&*?,]+ \w+)*)?\)›",
    ],
    weak: &[
        r"‹at [A-Z][\w`]*(?:[.+]{1,2}[\w`<>|\[\],]+)+\((?:[A-Z][^()\n]*)?\)›",
        r"‹at lambda_method\d*\(",
        r"^[ \t]*[\w.`+<>]+\([^()\n]*\) (?:in [^\n]*\.(?:cs|vb|fs):\d+|\+\d+)$",
    ],
};
