//! Which members of an object name it, and which of them a path asks for.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::link::{id_keys, plain};
use crate::case::escape_token;
use crate::surface::{Surface, Template};
use crate::trace::Exchange;

/// The parameters that stand right below a collection, and those that follow them without a word between.
pub(super) fn parameters_below(surface: &Surface, collection: &str) -> BTreeSet<String> {
    let shape = Template::new(collection).shape();
    let mut names = BTreeSet::new();
    for operation in &surface.operations {
        let rest = match Template::new(&operation.path).shape().strip_prefix(&shape) {
            Some(rest) if rest.starts_with("/{}") => rest.matches('/').count(),
            _ => continue,
        };
        let segments: Vec<&str> = operation.path.trim_end_matches('/').split('/').collect();
        let below = segments.iter().skip(segments.len() - rest);
        let parameters = below.map_while(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
        names.extend(parameters.map(str::to_owned));
    }
    names
}

/// The collection of what a request made somewhere else, such as a job: the answer's location is one of its objects.
pub(super) fn made_elsewhere(surface: &Surface, collection: &str, exchange: &Exchange) -> Option<String> {
    let location = exchange.headers()?.text("location")?;
    let path = location.split(['?', '#']).next()?.trim_end_matches('/');
    let path =
        path.split_once("://").map_or(path, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let own = format!("{}/{{}}", Template::new(collection).shape());
    let templates = surface.operations.iter().filter(|operation| operation.method == "GET");
    let mut found: Option<&str> = None;
    for operation in templates {
        let Some(template) = Template::of_objects(&operation.path) else { continue };
        let count = crate::surface::segments(&operation.path).count();
        let Some(tail) = segments.len().checked_sub(count).map(|from| segments[from..].join("/")) else {
            continue;
        };
        if !template.fits(&format!("/{tail}")) {
            continue;
        }
        if template.shape() == own {
            return None;
        }
        if template.parameters() == 1 && found.is_none_or(|old| old.len() < operation.path.len()) {
            found = Some(&operation.path);
        }
    }
    let (elsewhere, _) = found?.trim_end_matches('/').rsplit_once('/')?;
    (!elsewhere.is_empty()).then(|| elsewhere.to_owned())
}

/// The object that an answer is about, and where it stands.
pub(super) fn object<'j>(
    json: &'j Json,
    singular: &str,
    list: bool,
    asked: &BTreeSet<String>,
) -> Option<(String, &'j Json)> {
    let is_named = |value: &Json| !ordered(value, singular, asked).is_empty();
    match json {
        Json::Array(items) if list => {
            items.iter().find(|item| is_named(item)).map(|item| ("/*".to_owned(), item))
        }
        Json::Object(_) if !list && is_named(json) => Some((String::new(), json)),
        // One wrapper, such as `data` or the resource's own name.
        Json::Object(members) => members.iter().find_map(|(name, inner)| {
            let ((Json::Array(_), true) | (Json::Object(_), _)) = (inner, list) else { return None };
            let (at, found) = object(inner, singular, list, asked)?;
            Some((format!("/{}{at}", escape_token(name)), found))
        }),
        _ => None,
    }
}

/// The members of an object that may name it: what ids are called, then what the parameters ask for.
pub(super) fn ordered(object: &Json, singular: &str, asked: &BTreeSet<String>) -> Vec<String> {
    let mut keys = id_keys(object, singular);
    for (key, value) in object.as_object().into_iter().flatten() {
        let scalar = matches!(value, Json::String(text) if !text.is_empty()) || value.is_u64();
        if scalar && !keys.contains(key) && asked.iter().any(|parameter| asks_for(parameter, key)) {
            keys.push(key.clone());
        }
    }
    keys
}

/// Whether a parameter of this name asks for a member of that name: `metadata_kind` for `kind`, `userId` for `id`.
pub(super) fn asks_for(parameter: &str, key: &str) -> bool {
    let (parameter, key) = (words(parameter), words(key));
    !key.is_empty() && parameter.ends_with(&key)
}

pub(super) fn is_usual(key: &str, singular: &str) -> bool {
    let key = plain(key);
    ["id", "name", "uuid", "slug", "key", "username"].contains(&key.as_str())
        || key == plain(singular)
        || ["id", "name"].iter().any(|end| key == format!("{}{end}", plain(singular)))
}

/// The words of a name, small: `userId`, `user_id` and `user-id` are two.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = '_';
    for c in name.chars() {
        let begins =
            !before.is_ascii_alphanumeric() || (before.is_ascii_lowercase() && c.is_ascii_uppercase());
        if c.is_ascii_alphanumeric() {
            if begins {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.push(c.to_ascii_lowercase());
            }
        }
        before = c;
    }
    words
}
