//! Path templates: which paths are an operation's.

/// A path template, such as `/orders/{id}`. A slash at the end is of no account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    path: String,
}

impl Template {
    pub(crate) fn new(path: &str) -> Self {
        Self { path: path.to_owned() }
    }

    /// A template of single objects: its last segment is a parameter, and every parameter is a whole segment.
    pub(crate) fn of_objects(path: &str) -> Option<Self> {
        let plain = |segment: &str| !segment.contains(['{', '}']) || is_parameter(segment);
        let usable = segments(path).all(plain) && segments(path).last().is_some_and(is_parameter);
        usable.then(|| Self::new(path))
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// How many parameters it has: the fewer, the more exactly it is meant.
    pub(crate) fn parameters(&self) -> usize {
        self.path.matches('{').count()
    }

    /// The name of the parameter that is the last segment.
    pub(crate) fn last_parameter(&self) -> &str {
        let last = segments(&self.path).last().unwrap_or_default();
        last.trim_start_matches('{').trim_end_matches('}')
    }

    /// Whether this path, without query, is one of its own.
    pub(crate) fn fits(&self, path: &str) -> bool {
        let (mut own, mut other) = (segments(&self.path), segments(path));
        loop {
            match (own.next(), other.next()) {
                (None, None) => return true,
                (Some(own), Some(other)) if own == other || fits(own, other) => {}
                _ => return false,
            }
        }
    }

    /// The path as the template ends it: with a slash, or without.
    pub(crate) fn ended(&self, path: &str) -> String {
        let slash = if self.path.ends_with('/') { "/" } else { "" };
        format!("{}{slash}", path.trim_end_matches('/'))
    }

    /// The template without the names of its parameters: two operations on one object may name them differently.
    pub(crate) fn shape(&self) -> String {
        segments(&self.path).fold(String::new(), |shape, segment| {
            format!("{shape}/{}", if is_parameter(segment) { "{}" } else { segment })
        })
    }
}

/// The segments of a path.
pub(crate) fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.trim_end_matches('/').split('/').skip(1)
}

fn is_parameter(segment: &str) -> bool {
    let name = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    name.is_some_and(|name| !name.is_empty() && !name.contains(['{', '}']))
}

/// Whether a segment may be one of a template's segment: `{id}`, `{name}.json`, `{id}:cancel`.
fn fits(template: &str, segment: &str) -> bool {
    let Some((before, rest)) = template.split_once('{') else { return template == segment };
    let Some((_, after)) = rest.rsplit_once('}') else { return false };
    let inner = segment.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    inner.is_some_and(|inner| !inner.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_fit_their_own_paths() {
        let template = Template::of_objects("/users/{user}/keys/{key}").expect("usable");
        assert!(template.fits("/users/7/keys/a%2Fb") && template.fits("/users/7/keys/a/"));
        assert!(!template.fits("/users/7/keys") && !template.fits("/users/7/tokens/a"));
        assert_eq!(template.last_parameter(), "key");
        assert_eq!(template.shape(), "/users/{}/keys/{}");
        assert!(Template::new("/jobs/{id}:cancel").fits("/jobs/7:cancel"));
        assert!(!Template::new("/jobs/{id}:cancel").fits("/jobs/7"));
    }

    #[test]
    fn templates_of_objects_end_as_they_do() {
        assert_eq!(Template::of_objects("/users/{id}/").expect("usable").ended("/users/7"), "/users/7/");
        assert!(
            Template::of_objects("/users").is_none() && Template::of_objects("/files/{name}.json").is_none()
        );
    }
}
