//! Percent-encoding (RFC 3986 section 2.1).

/// What may stand unescaped in a path segment (RFC 3986 section 3.3).
pub(crate) const SEGMENT: &[u8] = b"-._~!$&'()*+,;=:@";
/// What may stand unescaped in a query value, less what forms give a meaning.
pub(crate) const QUERY: &[u8] = b"-._~!$'()*,;:@/?";
/// What may stand unescaped in a form.
pub(crate) const FORM: &[u8] = b"-._*";

/// Percent-encodes everything but ASCII letters, digits and `keep` (RFC 3986 section 2.1).
pub(crate) fn percent(bytes: &[u8], keep: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || keep.contains(byte) {
            text.push(char::from(*byte));
        } else {
            const HEX: &[u8; 16] = b"0123456789ABCDEF";
            text.push('%');
            text.push(char::from(HEX[usize::from(byte >> 4)]));
            text.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
    text
}
