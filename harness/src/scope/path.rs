//! The forms in which a server may read a request target.
//!
//! The rule against harm is asymmetric: a form that only some servers would see counts all the same.

use std::borrow::Cow;

/// The raw path, and the path decoded once and twice with its dot segments resolved, in lenient and strict reading.
pub(super) fn forms(target: &[u8]) -> Option<Vec<Cow<'_, [u8]>>> {
    let path = path_of(target)?;
    let once = decode(path);
    let twice = decode(&once).into_owned();
    let mut forms: Vec<Cow<'_, [u8]>> = vec![
        Cow::Borrowed(path),
        resolve(path, false).into(),
        resolve(&once, false).into(),
        resolve(&once, true).into(),
        resolve(&twice, true).into(),
    ];
    forms.dedup();
    Some(forms)
}

/// The path of an origin-form or absolute-form target (RFC 9112, section 3.2); no other form has one.
fn path_of(target: &[u8]) -> Option<&[u8]> {
    let path = if target.starts_with(b"/") { target } else { path_behind_authority(target)? };
    let end = memchr::memchr2(b'?', b'#', path).unwrap_or(path.len());
    Some(&path[..end])
}

fn path_behind_authority(target: &[u8]) -> Option<&[u8]> {
    let colon = memchr::memmem::find(target, b"://")?;
    if colon == 0 || !target[..colon].iter().all(u8::is_ascii_alphanumeric) {
        return None;
    }
    let behind = &target[colon + 3..];
    let end = behind.iter().position(|b| matches!(b, b'/' | b'?' | b'#'));
    Some(end.map(|at| &behind[at..]).filter(|rest| rest.starts_with(b"/")).unwrap_or(b"/"))
}

fn decode(path: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'%', path).is_none() {
        return Cow::Borrowed(path);
    }
    let mut out = Vec::with_capacity(path.len());
    let mut rest = path;
    while let [first, tail @ ..] = rest {
        let digit = |at: usize| tail.get(at).and_then(|b| char::from(*b).to_digit(16));
        if let (b'%', Some(high), Some(low)) = (first, digit(0), digit(1)) {
            out.push((high * 16 + low) as u8);
            rest = &tail[2..];
        } else {
            out.push(*first);
            rest = tail;
        }
    }
    Cow::Owned(out)
}

/// Resolves `.` and `..`. The lenient reading also takes a backslash for a slash, drops empty segments and
/// `;parameters`, and ends at a NUL, a `?` or a `#` that was encoded.
fn resolve(path: &[u8], lenient: bool) -> Vec<u8> {
    let end = if lenient { memchr::memchr3(0, b'?', b'#', path).unwrap_or(path.len()) } else { path.len() };
    let mut kept: Vec<&[u8]> = Vec::new();
    let mut open = false;
    for segment in path[..end].split(|b| *b == b'/' || (lenient && *b == b'\\')).skip(1) {
        let segment = match memchr::memchr(b';', segment) {
            Some(at) if lenient => &segment[..at],
            _ => segment,
        };
        open = matches!(segment, b"" | b"." | b"..");
        match segment {
            b"." => {}
            b".." => drop(kept.pop()),
            b"" if lenient => {}
            _ => kept.push(segment),
        }
    }
    if open && kept.last().is_none_or(|last| !last.is_empty()) {
        kept.push(b"");
    }
    let mut out = Vec::with_capacity(end + 1);
    for segment in kept {
        out.push(b'/');
        out.extend_from_slice(segment);
    }
    if out.is_empty() {
        out.push(b'/');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(path: &str, lenient: bool) -> String {
        String::from_utf8(resolve(&decode(path.as_bytes()), lenient)).unwrap()
    }

    #[test]
    fn dot_segments_are_resolved() {
        for (path, strict, lenient) in [
            ("/", "/", "/"),
            ("/a/b", "/a/b", "/a/b"),
            ("/a/b/", "/a/b/", "/a/b/"),
            ("/a/./b/../c", "/a/c", "/a/c"),
            ("/a/..", "/", "/"),
            ("/../../x", "/x", "/x"),
            ("/a/%2e%2E/x", "/x", "/x"),
            ("/a/%2e%2e%2fx", "/x", "/x"),
            ("/a\\..\\x", "/a\\..\\x", "/x"),
            ("/a//b", "/a//b", "/a/b"),
            ("/a/..;p=1/x;q", "/a/..;p=1/x;q", "/x"),
            ("/a%00.json", "/a\0.json", "/a"),
        ] {
            assert_eq!(resolved(path, false), strict, "{path}");
            assert_eq!(resolved(path, true), lenient, "{path}");
        }
    }

    #[test]
    fn only_targets_with_a_path_have_forms() {
        assert_eq!(path_of(b"/a?b/../c"), Some(&b"/a"[..]));
        assert_eq!(path_of(b"http://x.test/a#b"), Some(&b"/a"[..]));
        assert_eq!(path_of(b"http://x.test?a"), Some(&b"/"[..]));
        assert_eq!(path_of(b"*"), None);
        assert_eq!(path_of(b"x.test:443"), None);
        assert_eq!(path_of(b""), None);
        let forms = forms(b"/v2/%252e%252e/x").unwrap();
        assert!(forms.iter().any(|form| form.as_ref() == b"/x"), "{forms:?}");
    }
}
