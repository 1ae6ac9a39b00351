//! Paths to fields in the notations that answers use.

use serde_json::Value as Json;

use super::lesson::Where;

/// Tokens of one path.
const DEEPEST: usize = 16;
/// Bytes of one token.
const LONGEST: usize = 128;

/// Which part of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Body,
    Query,
    Path,
    Header,
    Cookie,
}

/// A place that is being read: the part, when it is known, and the way to the field.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Spot {
    pub(super) part: Option<Part>,
    pub(super) tokens: Vec<String>,
}

impl Part {
    /// The part of a request that a word names.
    pub(super) fn named(word: &str) -> Option<Self> {
        const NAMES: &[(&[&str], Part)] = &[
            (&["body", "requestbody", "json", "form", "formdata", "jsonorform", "payload"], Part::Body),
            (&["query", "querystring", "queryparams", "queryparam", "queryparameter"], Part::Query),
            (
                &["path", "params", "pathparams", "uriparams", "viewargs", "pathparameter", "pathvariable"],
                Part::Path,
            ),
            (&["header", "headers"], Part::Header),
            (&["cookie", "cookies"], Part::Cookie),
        ];
        NAMES.iter().find(|(names, _)| is(word, names)).map(|(_, part)| *part)
    }
}

impl Spot {
    pub(super) fn of(part: Part) -> Self {
        Self { part: Some(part), tokens: Vec::new() }
    }

    /// The same place, one step on.
    pub(super) fn join(&self, token: &str) -> Option<Self> {
        if self.tokens.len() >= DEEPEST || !is_name(token) {
            return None;
        }
        let mut spot = self.clone();
        spot.tokens.push(token.to_owned());
        Some(spot)
    }

    /// The same place, and from there along another path. A part that the path names wins.
    pub(super) fn extend(&self, other: &Self) -> Option<Self> {
        if other.part.is_some() && other.part != self.part {
            return Some(other.clone());
        }
        other.tokens.iter().try_fold(self.clone(), |spot, token| spot.join(token))
    }

    /// Whether it names nothing.
    pub(super) fn is_nowhere(&self) -> bool {
        self.part.is_none() && self.tokens.is_empty()
    }

    /// The place of a lesson; `None` where nothing is named.
    pub(super) fn place(&self) -> Option<Where> {
        let first = || self.tokens.first().cloned();
        Some(match self.part {
            Some(Part::Body) => Where::Body(self.tokens.clone()),
            Some(Part::Query) => Where::Query(first()?),
            Some(Part::Path) => Where::Path(first()?),
            Some(Part::Header) => Where::Header(first()?),
            Some(Part::Cookie) => Where::Cookie(first()?),
            None if self.tokens.is_empty() => return None,
            None => Where::Field(self.tokens.clone()),
        })
    }

    /// A path in one text: `/a/0/b`, `#/a`, `$.a[0].b`, `a.0.b`, `a[b][c]`, `body/a`, `query.a`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches('#');
        if text.len() > 4 * LONGEST {
            return None;
        }
        let tokens: Vec<String> = if let Some(pointer) = text.strip_prefix('/') {
            pointer.split('/').map(|token| token.replace("~1", "/").replace("~0", "~")).collect()
        } else if text.contains('/') {
            text.split(['/', '.']).map(str::to_owned).collect()
        } else {
            let rooted = text.strip_prefix('$').unwrap_or(text);
            let steps = rooted.split(['.', '[', ']']).filter(|step| !step.is_empty());
            steps.map(|step| step.trim_matches(['\'', '"']).to_owned()).collect()
        };
        let tokens = tokens.into_iter().filter(|token| !token.is_empty());
        let mut tokens = tokens.skip_while(|token| is(token, &["request", "req"])).collect::<Vec<_>>();
        if tokens.is_empty() && !text.starts_with('$') && !text.is_empty() {
            return None;
        }
        let rooted = text.starts_with('$');
        // A field of its own may be called `path`: only what leads on is a part.
        let part = tokens.first().and_then(|first| Part::named(first)).filter(|part| {
            let is_plain = tokens.len() > 1 || *part == Part::Body && same(&tokens[0], "requestbody");
            is_plain && !rooted
        });
        if part.is_some() {
            tokens.remove(0);
        }
        let part = part.or(rooted.then_some(Part::Body));
        let fits = tokens.len() <= DEEPEST && tokens.iter().all(|token| is_name(token));
        fits.then_some(Self { part, tokens })
    }

    /// A path as a list of names and indices. In a `loc` the first one is always a part where it names one.
    pub(super) fn list(items: &[Json], is_loc: bool) -> Option<Self> {
        let mut spot = Self::default();
        for (index, item) in items.iter().enumerate() {
            let token = match item {
                Json::String(text) => text.clone(),
                Json::Number(number) => number.to_string(),
                _ => return None,
            };
            let leads_on = is_loc || items.len() > 1;
            if let Some(part) = Part::named(&token).filter(|_| index == 0 && leads_on) {
                spot.part = Some(part);
                continue;
            }
            // Pydantic names the branch of a union that it tried.
            if token.contains(['(', '[']) && index > 0 {
                continue;
            }
            spot = spot.join(&token)?;
        }
        Some(spot)
    }
}

/// Whether a key is one of these names, which are plain: lower case without separators.
pub(super) fn is(key: &str, names: &[&str]) -> bool {
    names.iter().any(|name| same(key, name))
}

/// Whether two names are one but for case and separators.
pub(super) fn same(one: &str, other: &str) -> bool {
    let plain = |text: &str| -> Vec<u8> {
        text.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase()).collect()
    };
    if one.len() > LONGEST || other.len() > LONGEST {
        return false;
    }
    let plain_one = plain(one);
    plain_one == plain(other) && (!plain_one.is_empty() || one == other)
}

/// Whether an index of a list.
pub(super) fn is_index(token: &str) -> bool {
    !token.is_empty() && token.len() <= 6 && token.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether it could be the name of a field.
pub(super) fn is_name(token: &str) -> bool {
    !token.is_empty()
        && token.len() <= LONGEST
        && token.split(' ').count() <= 4
        && !token.chars().any(char::is_control)
        && token.chars().any(char::is_alphanumeric)
        && !token.contains(['"', '`', '<', '>', '{', '}', ';'])
}
