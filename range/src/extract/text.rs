//! Free text.

/// Text of `least` to `most` characters without control characters.
pub(crate) fn plain_text(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.chars().count()) && !text.chars().any(|c| c < ' ' || c == '\u{7f}')
}
