//! Text that came from elsewhere, made harmless to show.

use std::fmt::{self, Write};

/// Shows at most `cap` bytes of `bytes`: printable ASCII as it is, everything else escaped, so that a terminal
/// does not act on it.
pub fn inert(bytes: &[u8], cap: usize) -> impl fmt::Display {
    Inert { bytes, cap }
}

/// Text as it is, less what acts on a terminal or on the direction of the text; line ends and tabs are kept.
pub fn inert_text(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\t' => c,
            '\r' => ' ',
            c if c.is_control() || is_invisible(c) => '\u{fffd}',
            c => c,
        })
        .collect()
}

/// Characters that reorder, join or hide what stands around them.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
    )
}

struct Inert<'a> {
    bytes: &'a [u8],
    cap: usize,
}

impl fmt::Display for Inert<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.bytes.iter().take(self.cap) {
            match byte {
                b'\\' => f.write_str("\\\\")?,
                b' '..=b'~' => f.write_char(char::from(*byte))?,
                b'\n' => f.write_str("\\n")?,
                b'\r' => f.write_str("\\r")?,
                b'\t' => f.write_str("\\t")?,
                _ => write!(f, "\\x{byte:02x}")?,
            }
        }
        if self.bytes.len() > self.cap { f.write_str("...") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_the_terminal_alive() {
        assert_eq!(inert(b"a\x1b[31m\r\n\\\xc3\xa9", 99).to_string(), "a\\x1b[31m\\r\\n\\\\\\xc3\\xa9");
        assert_eq!(inert(b"abcdef", 3).to_string(), "abc...");
        assert_eq!(
            inert_text("a\x1b[2J\r\n\tb\u{9b}\u{202e}c\u{200d}é"),
            "a\u{fffd}[2J \n\tb\u{fffd}\u{fffd}c\u{fffd}é"
        );
    }
}
