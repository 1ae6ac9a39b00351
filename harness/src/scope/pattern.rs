//! `METHOD glob`.

use std::fmt;
use std::str::FromStr;

/// Requests that are never sent: a method or `*`, and a glob over the path, in which `*` stays within a segment
/// and `**` does not.
///
/// `/x/**` also matches `/x` itself. Case does not count, since it does not for some servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deny {
    method: String,
    glob: String,
}

/// Why a text is not a `METHOD glob`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not `METHOD glob`, such as `DELETE /orders/**`")]
pub struct PatternError(String);

impl FromStr for Deny {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let mut words = text.split_whitespace();
        match (words.next(), words.next(), words.next()) {
            (Some(method), Some(glob), None) if glob.starts_with(['/', '*']) => {
                Ok(Self { method: method.to_owned(), glob: glob.to_owned() })
            }
            _ => Err(PatternError(text.to_owned())),
        }
    }
}

impl fmt::Display for Deny {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.glob)
    }
}

impl Deny {
    pub(super) fn covers_method(&self, method: &[u8]) -> bool {
        self.method == "*" || self.method.as_bytes().eq_ignore_ascii_case(method)
    }

    pub(super) fn covers_path(&self, path: &[u8]) -> bool {
        let glob = self.glob.as_bytes();
        let root = glob.strip_suffix(b"/**");
        let trimmed = path.strip_suffix(b"/").unwrap_or(path);
        [path, trimmed].iter().any(|path| matches(glob, path) || root.is_some_and(|root| matches(root, path)))
    }
}

/// Greedy matching with one point of return for each kind of star, hence no exponential case.
fn matches(glob: &[u8], path: &[u8]) -> bool {
    let (mut g, mut p) = (0, 0);
    // Where to go on in the glob, and in the path, when the star before has to take one byte more.
    let mut star: Option<(usize, usize)> = None;
    let mut deep: Option<(usize, usize)> = None;
    loop {
        if glob[g..].starts_with(b"**") {
            g += 2;
            deep = Some((g, p));
            star = None;
        } else if glob.get(g) == Some(&b'*') {
            g += 1;
            star = Some((g, p));
        } else if g == glob.len() && p == path.len() {
            return true;
        } else if g < glob.len() && p < path.len() && glob[g].eq_ignore_ascii_case(&path[p]) {
            (g, p) = (g + 1, p + 1);
        } else if let Some((after, from)) =
            star.filter(|(_, from)| path.get(*from).is_some_and(|b| *b != b'/'))
        {
            star = Some((after, from + 1));
            (g, p) = (after, from + 1);
        } else if let Some((after, from)) = deep.filter(|(_, from)| *from < path.len()) {
            deep = Some((after, from + 1));
            star = None;
            (g, p) = (after, from + 1);
        } else {
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stay_within_a_segment_and_double_stars_do_not() {
        for (glob, path, expected) in [
            ("/a", "/a", true),
            ("/a", "/A/", true),
            ("/a", "/ab", false),
            ("/a/*", "/a/b", true),
            ("/a/*", "/a/b/c", false),
            ("/a/*/c", "/a/b/c", true),
            ("/a/**", "/a/b/c", true),
            ("/a/**", "/a", true),
            ("/a/**", "/ab", false),
            ("/**/x", "/a/b/x", true),
            ("/**/x/*", "/x/1/x/2", true),
            ("/**/x/*", "/x/1/y/2", false),
            ("**", "/anything/at/all", true),
            ("/*.json", "/a.json", true),
            ("/*a*b", "/xaxxb", true),
        ] {
            let deny: Deny = format!("* {glob}").parse().unwrap();
            assert_eq!(deny.covers_path(path.as_bytes()), expected, "{glob} {path}");
        }
    }

    #[test]
    fn a_pattern_is_a_method_and_a_glob() {
        let deny: Deny = "delete /orders/*".parse().unwrap();
        assert!(deny.covers_method(b"DELETE") && !deny.covers_method(b"GET"));
        for bad in ["", "/orders", "GET orders", "GET /a /b"] {
            assert!(bad.parse::<Deny>().is_err(), "{bad:?}");
        }
    }
}
