//! Brings lines to one form: one kind of line end, no terminal colours, no markup, a line for each string of a
//! JSON document.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::bytes::{Captures, Regex};

use super::find;

/// Tags that end a line, and tags that only decorate within one. Only names of HTML: what stacks put between
/// angle brackets (`<module>`, `<init>`, `<anonymous>`) is no tag.
static TAGS: LazyLock<Regex> = LazyLock::new(|| {
    find::compile(
        r"(?i)</?(?:(br|p|div|pre|[uod]l|li|d[td]|t[rdh]|table|tbody|thead|h[1-6r]|title|body|head|html|section|article|details|summary|script|style|textarea)|[biua]|em|strong|span|code|font|small|tt|samp|var|mark|kbd)(?:\s[^<>]*)?/?>",
    )
});

/// Between two strings of a JSON document.
static BETWEEN: LazyLock<Regex> = LazyLock::new(|| find::compile(r#""[\s,:\[\]{}]*[,:\[{][\s,:\[\]{}]*""#));

/// The text in lines; itself where it already is.
pub(super) fn lines(text: &[u8]) -> Cow<'_, [u8]> {
    let line_or_nothing = |tag: &Captures<'_>| if tag.get(1).is_some() { &b"\n"[..] } else { &b""[..] };
    let mut text = ends(text);
    if memchr::memchr(b'<', &text).is_some() && TAGS.is_match(&text) {
        text = TAGS.replace_all(&text, line_or_nothing).into_owned().into();
    }
    if memchr::memchr(b'"', &text).is_some() && BETWEEN.is_match(&text) {
        text = BETWEEN.replace_all(&text, &b"\"\n\""[..]).into_owned().into();
    }
    text
}

fn ends(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr3(b'\r', 0x1b, 0xc2, text).is_none() {
        return text.into();
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, tail)) = rest.split_first() {
        rest = match (first, tail) {
            (b'\r', [b'\n', after @ ..] | after) => {
                out.push(b'\n');
                after
            }
            (0xc2, [0xa0, after @ ..]) => {
                out.push(b' ');
                after
            }
            (0x1b, [b'[', after @ ..]) => colour(after),
            (byte, after) => {
                out.push(*byte);
                after
            }
        };
    }
    out.into()
}

/// What comes behind a control sequence.
fn colour(sequence: &[u8]) -> &[u8] {
    let parameters = sequence.iter().take_while(|byte| matches!(byte, b'0'..=b'9' | b';')).count();
    sequence.get(parameters + 1..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn markup_colours_and_line_ends_go() {
        let html = "<b>Error</b>: x<br />\r\n&nbsp;<li class=\"a\">at <anonymous>\r<T>\x1b[31;1mred\x1b[0m\u{a0}\x1b[";
        assert_eq!(
            String::from_utf8(lines(html.as_bytes()).into_owned()).unwrap(),
            "Error: x\n\n&nbsp;\nat <anonymous>\n<T>red "
        );
        assert_eq!(
            &*lines(br#"{"a": ["b", "c"], "d": 1, "e": "f"}"#),
            b"{\"a\"\n\"b\"\n\"c\"\n\"d\": 1, \"e\"\n\"f\"}"
        );
        assert!(matches!(lines(b"a\nb < c"), std::borrow::Cow::Borrowed(_)));
    }
}
