//! Edge values: what code forgets to expect, named. None does anything by itself.

use crate::case::{Dynamic, Edit, Place, Repeat, Value};

/// How many letters a long text has where it travels in the head of a request.
const LONG: u32 = 3_000;
/// The same in a body.
const LONGER: u32 = 20_000;

/// An edge value: its name, and the edit that brings it in.
pub(super) type Edge = (&'static str, Edit);

/// The edge values of a place. `own`: what the valid request has there, where it is known beforehand.
pub(super) fn edges(place: &Place, own: Option<&Value>) -> Vec<Edge> {
    let set = |value: Value| Edit::set(place.clone(), value);
    let text = |text: &str| set(Value::text(text));
    let long = |times| set(Value::dynamic(Dynamic::Repeat(Repeat { value: Value::text("A"), times })));
    let bytes = |bytes: &[u8]| set(Value::dynamic(Dynamic::Base64(bytes.to_vec())));
    let mut edges = vec![
        ("zero", text("0")),
        ("minus-one", text("-1")),
        ("huge-number", text("9223372036854775808")),
        ("exponent", text("1e400")),
        ("fraction", text("0.5")),
        ("word", text("x-proofhouse")),
        ("no-such-day", text("2024-02-30")),
        ("far-year", text("9999-12-31T23:59:59Z")),
        ("brackets", text("[]")),
    ];
    match place {
        Place::Node(_) => {
            let number = |digits: &str| digits.parse().map_or(Value::Null, Value::Number);
            edges = vec![
                ("null", set(Value::Null)),
                ("true", set(Value::Bool(true))),
                ("list", set(Value::List(vec![]))),
                ("object", set(Value::Object(vec![]))),
                ("number-zero", set(number("0"))),
                ("number-minus-one", set(number("-1"))),
                ("number-huge", set(number("9223372036854775808"))),
                ("number-fraction", set(number("0.5"))),
                ("empty", text("")),
                ("nul", text("a\u{0}b")),
                ("bytes", bytes(b"a\xff\xfeb")),
                ("astral", text("\u{1f4a5}\u{202e}\u{301}")),
                ("long-text", long(LONGER)),
            ];
            if !matches!(own, Some(Value::Number(_))) {
                edges.extend([("no-such-day", text("2024-02-30")), ("minus-one", text("-1"))]);
            }
        }
        // What has no room for a character in a head is no input of the operation.
        Place::Header(_) | Place::Cookie(_) => edges.push(("long-text", long(LONG))),
        // Without a value it is another path.
        Place::Path(_) => edges.extend([
            ("nul", text("a\u{0}b")),
            ("bytes", bytes(b"a\xff\xfeb")),
            ("astral", text("\u{1f4a5}\u{202e}")),
            ("long-text", long(LONG / 3)),
        ]),
        _ => edges.extend([
            ("empty", text("")),
            ("nul", text("a\u{0}b")),
            ("bytes", bytes(b"a\xff\xfeb")),
            ("astral", text("\u{1f4a5}\u{202e}")),
            ("percent", text("%")),
            ("long-text", long(LONG)),
        ]),
    }
    edges
}
