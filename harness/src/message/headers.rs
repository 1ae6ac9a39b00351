//! The header fields of an answer: one shared block of bytes and where the fields lie in it.

use std::fmt;
use std::ops::Range;

use bytes::Bytes;

use super::inert;

/// An ordered list of header fields; names compare without regard to case, values are bytes.
#[derive(Clone, Default)]
pub struct Headers {
    block: Bytes,
    spans: Vec<Span>,
}

/// Where one field lies in the block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    name: (u32, u32),
    value: (u32, u32),
}

impl Span {
    /// A field at these places; both ranges must lie in the block, whose length must fit 32 bits.
    pub fn new(name: Range<usize>, value: Range<usize>) -> Self {
        let small = |range: Range<usize>| (range.start as u32, range.end as u32);
        Self { name: small(name), value: small(value) }
    }
}

impl Headers {
    /// Fields that lie in `block`, which is the head of an answer as it came.
    ///
    /// Returns `None` when a span does not lie in the block.
    pub fn from_block(block: Bytes, spans: Vec<Span>) -> Option<Self> {
        let inside = |(start, end): (u32, u32)| start <= end && end as usize <= block.len();
        spans.iter().all(|span| inside(span.name) && inside(span.value)).then_some(Self { block, spans })
    }

    /// The head as it came, status line included; for a list built from pairs, the fields alone.
    pub fn block(&self) -> &Bytes {
        &self.block
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there is no field.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Every field as (name, value), in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&[u8], &[u8])> {
        self.spans.iter().map(|span| (self.at(span.name), self.at(span.value)))
    }

    /// The value of the first field of this name.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.iter().find(|(n, _)| n.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| value)
    }

    /// The first field of this name as text, when it is UTF-8.
    pub fn text(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.get(name)?).ok()
    }

    /// The values of all fields of this name, in order.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| value)
    }

    /// The members of a comma-separated list that may be spread over several fields, trimmed, empty ones left out.
    pub fn members<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.get_all(name)
            .flat_map(|value| value.split(|b| *b == b','))
            .map(<[u8]>::trim_ascii)
            .filter(|member| !member.is_empty())
    }

    /// Whether the comma-separated list `name` has the member `token`, without regard to case.
    pub fn has_token(&self, name: &str, token: &str) -> bool {
        self.members(name).any(|member| member.eq_ignore_ascii_case(token.as_bytes()))
    }

    fn at(&self, (start, end): (u32, u32)) -> &[u8] {
        &self.block[start as usize..end as usize]
    }
}

impl<N: AsRef<[u8]>, V: AsRef<[u8]>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Self {
        let mut block = Vec::new();
        let mut spans = Vec::new();
        for (name, value) in fields {
            let start = block.len();
            block.extend_from_slice(name.as_ref());
            let colon = block.len();
            block.extend_from_slice(b": ");
            block.extend_from_slice(value.as_ref());
            spans.push(Span::new(start..colon, colon + 2..block.len()));
            block.extend_from_slice(b"\r\n");
        }
        Self { block: block.into(), spans }
    }
}

/// The same fields in the same order; how they were laid out does not count.
impl PartialEq for Headers {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Headers {}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.iter().map(|(name, value)| format!("{}: {}", inert(name, 128), inert(value, 512)));
        f.debug_list().entries(shown).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Headers {
        [("Set-Cookie", "a=1"), ("Via", "x, ,Y"), ("set-cookie", "b=2"), ("via", "z")].into_iter().collect()
    }

    #[test]
    fn names_ignore_case_and_order_is_kept() {
        let headers = sample();
        assert_eq!(headers.get("SET-COOKIE"), Some(&b"a=1"[..]));
        assert_eq!(headers.get_all("set-Cookie").collect::<Vec<_>>(), [b"a=1", b"b=2"]);
        assert_eq!(headers.members("via").collect::<Vec<_>>(), [b"x", b"Y", b"z"]);
        assert!(headers.has_token("Via", "y") && !headers.has_token("Via", "w"));
        assert_eq!(headers.get("absent"), None);
        assert_eq!(headers.len(), 4);
    }

    #[test]
    fn spans_outside_the_block_are_refused() {
        let block = Bytes::from_static(b"a: b");
        assert!(Headers::from_block(block.clone(), vec![Span::new(0..1, 3..4)]).is_some());
        assert!(Headers::from_block(block, vec![Span::new(0..1, 3..5)]).is_none());
    }
}
