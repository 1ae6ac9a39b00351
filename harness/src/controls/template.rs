//! P1, A/A stability: what answers to one and the same request have in common.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::trace::Exchange;

/// The share of leaves that must survive masking before contents may be compared.
const STABLE: f64 = 0.9;
/// How much of two shapes must be the same for two answers to be of one kind.
const SAME_SHAPE: f64 = 0.8;

/// What several answers to one request have in common; what differs between them is masked.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    /// The status.
    pub status: u16,
    /// The family of the media type, see [`media_family`].
    pub family: String,
    /// Its paths.
    pub shape: Shape,
    /// Values that are the same in every sample, by path.
    leaves: BTreeMap<String, String>,
    /// How many leaves there were before masking.
    all: usize,
}

/// Paths of an answer, each an object, a list or a value: items of a list share one path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape(pub BTreeSet<String>);

impl Template {
    /// Learns from answers to one request. `None` when one was not answered, or they disagree on status or
    /// media type.
    pub fn learn<'a>(samples: impl IntoIterator<Item = &'a Exchange>) -> Option<Self> {
        let mut templates = samples.into_iter().map(Self::of);
        let mut first = templates.next()??;
        for other in templates {
            let other = other?;
            if other.status != first.status || other.family != first.family {
                return None;
            }
            first.all = first.all.max(other.all);
            first.leaves.retain(|path, value| other.leaves.get(path) == Some(value));
            first.shape.0.extend(other.shape.0);
        }
        Some(first)
    }

    /// The template of one answer.
    pub fn of(exchange: &Exchange) -> Option<Self> {
        let answer = exchange.answer()?;
        let family = media_family(exchange.media_type().as_deref().unwrap_or_default());
        let mut leaves = BTreeMap::new();
        let mut shape = Shape::default();
        match exchange.json() {
            Some(json) => walk(json, &mut String::new(), &mut String::new(), &mut leaves, &mut shape),
            None => words(&answer.body, &mut leaves, &mut shape),
        }
        let all = leaves.len();
        Some(Self { status: answer.status, family, shape, leaves, all })
    }

    /// Whether enough survived masking for contents to be compared.
    pub fn is_stable(&self) -> bool {
        self.all == 0 || self.leaves.len() as f64 / self.all as f64 >= STABLE
    }

    /// The share of the stable values that another answer has in the same place; 1 when there is none to have.
    pub fn kept_by(&self, other: &Self) -> f64 {
        if self.leaves.is_empty() {
            return 1.0;
        }
        let kept = self.leaves.iter().filter(|(path, value)| other.leaves.get(*path) == Some(value)).count();
        kept as f64 / self.leaves.len() as f64
    }

    /// The share of this template's values, wherever they stand, that another answer has too: rows that moved
    /// in a list still count.
    pub fn content_kept_by(&self, other: &Self) -> f64 {
        if self.leaves.is_empty() {
            return 1.0;
        }
        let mut pool: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for (path, value) in &other.leaves {
            *pool.entry((general(path), value)).or_default() += 1;
        }
        let mut kept = 0;
        for (path, value) in &self.leaves {
            if let Some(left) = pool.get_mut(&(general(path), value.as_str())).filter(|left| **left > 0) {
                *left -= 1;
                kept += 1;
            }
        }
        f64::from(kept) / self.leaves.len() as f64
    }

    /// As [`Self::content_kept_by`], with what is masked in `other` left out of account: an answer that differs by
    /// itself has not gained anything.
    pub fn content_kept_by_masked(&self, other: &Self) -> f64 {
        if self.leaves.is_empty() {
            return 1.0;
        }
        let kept = self.content_kept_by(other) * self.leaves.len() as f64;
        let masked = other.all.saturating_sub(other.leaves.len()) as f64;
        ((kept + masked) / self.leaves.len() as f64).min(1.0)
    }

    /// Whether another answer is of the same kind: status class, media family and shape.
    pub fn is_kind_of(&self, other: &Self) -> bool {
        self.status / 100 == other.status / 100
            && self.family == other.family
            && self.shape.similarity(&other.shape) >= SAME_SHAPE
    }

    /// How many values there were in the answers, masked ones included.
    pub fn leaf_count(&self) -> usize {
        self.all
    }
}

/// The last name of a path: where a value stands, whatever row it is in.
fn general(path: &str) -> &str {
    path.rsplit('/').find(|token| token.parse::<usize>().is_err()).unwrap_or_default()
}

impl Shape {
    /// The share of paths that two shapes have in common (Jaccard). Lists may be empty in one of
    /// them: what is below a list counts only when both have something there.
    pub fn similarity(&self, other: &Self) -> f64 {
        let empty_in = |path: &String, shape: &Self| {
            path.split_once("[]").is_some_and(|(list, _)| {
                let below = format!("{list}[]");
                shape.0.contains(&format!("{list} list")) && !shape.0.iter().any(|p| p.starts_with(&below))
            })
        };
        let left: BTreeSet<_> = self.0.iter().filter(|path| !empty_in(path, other)).collect();
        let right: BTreeSet<_> = other.0.iter().filter(|path| !empty_in(path, self)).collect();
        let union = left.union(&right).count();
        if union == 0 { 1.0 } else { left.intersection(&right).count() as f64 / union as f64 }
    }
}

fn walk(
    json: &Json,
    path: &mut String,
    general: &mut String,
    leaves: &mut BTreeMap<String, String>,
    shape: &mut Shape,
) {
    let (path_len, general_len) = (path.len(), general.len());
    match json {
        Json::Object(members) => {
            shape.0.insert(format!("{general} object"));
            for (key, value) in members {
                path.push('/');
                path.push_str(key);
                general.push('/');
                general.push_str(key);
                walk(value, path, general, leaves, shape);
                path.truncate(path_len);
                general.truncate(general_len);
            }
        }
        Json::Array(items) => {
            shape.0.insert(format!("{general} list"));
            for (index, item) in items.iter().enumerate() {
                path.push('/');
                path.push_str(&index.to_string());
                general.push_str("[]");
                walk(item, path, general, leaves, shape);
                path.truncate(path_len);
                general.truncate(general_len);
            }
        }
        leaf => {
            // A field that is null now and text then is one field.
            shape.0.insert(format!("{general} value"));
            leaves.insert(path.clone(), leaf.to_string());
        }
    }
}

/// Text that is not JSON: its words by place, and the words without digits as its shape.
fn words(body: &[u8], leaves: &mut BTreeMap<String, String>, shape: &mut Shape) {
    let text = String::from_utf8_lossy(&body[..body.len().min(64 << 10)]);
    for (index, word) in text.split_whitespace().enumerate().take(2_000) {
        leaves.insert(format!("/{index}"), word.to_owned());
        if !word.bytes().any(|b| b.is_ascii_digit()) && word.len() < 40 {
            shape.0.insert(word.to_owned());
        }
    }
}

/// The family of a media type: `application/problem+json` is `json`, `text/xml` is `xml`; others stay whole.
pub fn media_family(media_type: &str) -> String {
    let subtype = media_type.split_once('/').map_or("", |(_, subtype)| subtype);
    if subtype == "json" || subtype.ends_with("+json") {
        "json".to_owned()
    } else if subtype == "xml" || subtype.ends_with("+xml") {
        "xml".to_owned()
    } else {
        media_type.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls::tests_support::answer;

    fn learn(bodies: &[&str]) -> Template {
        let exchanges: Vec<_> = bodies.iter().map(|body| answer(200, body)).collect();
        Template::learn(&exchanges).expect("they agree")
    }

    #[test]
    fn what_differs_between_answers_is_masked() {
        let template = learn(&[r#"{"a": 1, "at": "10:00"}"#, r#"{"a": 1, "at": "10:01"}"#]);
        assert!(!template.is_stable());
        assert!(template.kept_by(&learn(&[r#"{"a": 1, "at": "11:11"}"#])) > 0.99);
        assert!(template.kept_by(&learn(&[r#"{"a": 2, "at": "10:00"}"#])) < 0.01);
    }

    #[test]
    fn answers_that_disagree_have_no_template() {
        assert_eq!(Template::learn(&[answer(200, "{}"), answer(404, "{}")]), None);
    }

    #[test]
    fn an_empty_list_is_of_the_kind_of_a_full_one() {
        let full = learn(&[r#"{"items": [{"id": 1, "name": "a"}], "next": null}"#]);
        let empty = learn(&[r#"{"items": [], "next": "x"}"#]);
        assert!(full.is_kind_of(&empty), "{:?} {:?}", full.shape, empty.shape);
        assert!(!full.is_kind_of(&learn(&[r#"{"error": "no"}"#])));
    }

    #[test]
    fn rows_that_moved_are_kept() {
        let before = learn(&[r#"[{"id": 1}, {"id": 2}]"#]);
        let after = learn(&[r#"[{"id": 9}, {"id": 1}, {"id": 2}]"#]);
        assert!(before.content_kept_by(&after) > 0.99);
        assert!(before.kept_by(&after) < 0.5);
    }

    #[test]
    fn families() {
        assert_eq!(media_family("application/problem+json"), "json");
        assert_eq!(media_family("text/xml"), "xml");
        assert_eq!(media_family("text/html"), "text/html");
    }
}
