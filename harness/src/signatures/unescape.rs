//! Takes one layer of escapes off a text.

use memchr::memchr3;

/// `text` with its JSON string escapes, HTML character references and %XX taken off once; nothing where it has
/// none. What is no escape stays as it is.
pub(super) fn once(text: &[u8]) -> Option<Vec<u8>> {
    let mut out: Option<Vec<u8>> = None;
    // Up to where `out` has the text, and up to where the search came.
    let (mut copied, mut at) = (0, 0);
    while let Some(step) = memchr3(b'\\', b'&', b'%', &text[at..]) {
        at += step;
        let tail = &text[at..];
        let escape = match tail[0] {
            b'\\' => string_escape(tail),
            b'&' => reference(tail),
            _ => hex(tail.get(1..3)).map(|byte| (Plain::Byte(byte as u8), 3)),
        };
        let Some((plain, length)) = escape else {
            at += 1;
            continue;
        };
        let out = out.get_or_insert_with(|| Vec::with_capacity(text.len()));
        out.extend_from_slice(&text[copied..at]);
        plain.push(out);
        at += length;
        copied = at;
    }
    let mut out = out?;
    out.extend_from_slice(&text[copied..]);
    Some(out)
}

/// What an escape stands for.
enum Plain {
    Byte(u8),
    Char(char),
}

impl Plain {
    fn push(&self, out: &mut Vec<u8>) {
        match self {
            Self::Byte(byte) => out.push(*byte),
            // A space is a space to whoever reads an indented line.
            Self::Char('\u{a0}') => out.push(b' '),
            Self::Char(char) => out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

fn string_escape(tail: &[u8]) -> Option<(Plain, usize)> {
    let byte = match *tail.get(1)? {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 8,
        b'f' => 12,
        same @ (b'"' | b'\'' | b'/' | b'\\') => same,
        b'u' => return hex(tail.get(2..6)).map(|code| (code_point(code), 6)),
        b'x' => return hex(tail.get(2..4)).map(|code| (code_point(code), 4)),
        _ => return None,
    };
    Some((Plain::Byte(byte), 2))
}

fn reference(tail: &[u8]) -> Option<(Plain, usize)> {
    let end = tail.iter().take(12).position(|byte| *byte == b';')?;
    let plain = match &tail[1..end] {
        [b'#', b'x' | b'X', digits @ ..] => code_point(hex(Some(digits))?),
        [b'#', digits @ ..] => code_point(str::from_utf8(digits).ok()?.parse().ok()?),
        name => Plain::Byte(named(name)?),
    };
    Some((plain, end + 1))
}

fn named(name: &[u8]) -> Option<u8> {
    Some(match name {
        b"quot" => b'"',
        b"apos" => b'\'',
        b"lt" => b'<',
        b"gt" => b'>',
        b"amp" => b'&',
        b"nbsp" => b' ',
        b"NewLine" => b'\n',
        b"Tab" => b'\t',
        b"colon" => b':',
        b"lpar" => b'(',
        b"rpar" => b')',
        b"sol" => b'/',
        b"bsol" => b'\\',
        b"grave" => b'`',
        _ => return None,
    })
}

fn code_point(code: u32) -> Plain {
    Plain::Char(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
}

fn hex(digits: Option<&[u8]>) -> Option<u32> {
    let digits = digits.filter(|digits| (1..=6).contains(&digits.len()))?;
    digits.iter().try_fold(0, |sum, digit| Some(sum * 16 + char::from(*digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::once;

    fn plain(text: &str) -> Option<String> {
        once(text.as_bytes()).map(|out| String::from_utf8(out).unwrap())
    }

    #[test]
    fn each_kind_comes_off_once() {
        assert_eq!(plain(r#"a\n\t\"b\\n\/\u0041\u00e9\ud83d"#).unwrap(), "a\n\t\"b\\n/A\u{e9}\u{fffd}");
        assert_eq!(plain("&lt;a&amp;lt;&#39;&#x27;&nbsp;&#160;x").unwrap(), "<a&lt;''  x");
        assert_eq!(plain("a%20b%2520%0a").unwrap(), "a b%20\n");
    }

    #[test]
    fn what_is_no_escape_stays() {
        for text in
            ["", "plain", r"C:\Users", "100 % sure", "a & b; c", "%zz", "&#xffffffff;", "&;", r"\u00", "\\"]
        {
            assert_eq!(plain(text), None, "{text}");
        }
        assert_eq!(plain(r"C:\app \n & 5%, %41 \").unwrap(), "C:\\app \n & 5%, A \\");
    }
}
