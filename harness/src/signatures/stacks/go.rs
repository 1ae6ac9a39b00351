//! Go: goroutine dumps, recovery middlewares, `pkg/errors` and zap.

use super::Stack;

pub(super) const STACK: Stack = Stack {
    needles: &["goroutine", ".go:", ".go%", ".go&", ".go\\", ".go\""],
    detector: "go-frames",
    markup: &[],
    singles: &[("go-panic", r"\bgoroutine \d+ \[[a-z][^\]\n]*\]:")],
    headers: &[
        r"‹(?:http: )?panic(?: serving [^\n]*?)?: ",
        r"\bruntime error: ",
        r"\[signal SIG",
        r"\[Recovery\]",
        r"‹[\w./*()-]+\((?:0x[0-9a-f]+|\{0x|\.\.\.)",
        r"‹created by ",
    ],
    frames: &[
        r"‹(?:[A-Z]:)?[^\s:]*/[^\s:]*\.go:\d+ \+0x[0-9a-f]+",
        r"‹(?:[A-Z]:)?[^\s:]*/[^\s:]*\.go:\d+ \(0x[0-9a-f]+\)",
        r"‹[\w./*()\[\]-]*[\w\])]\.[\w.()*\[\]-]+\n[ \t]+[^\s\\%:]*/[^\s\\%:]*\.go:\d+›",
    ],
    weak: &[r"^[ \t]+/\S+\.go:\d+›"],
};
