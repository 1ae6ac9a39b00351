//! P1, A/A stability: what answers to one and the same request have in common.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::reflection::Reflections;
use crate::trace::Exchange;

/// The share of leaves that must survive masking before contents may be compared.
const STABLE: f64 = 0.9;
/// How much of two shapes must be the same for two answers to be of one kind.
const SAME_SHAPE: f64 = 0.8;
/// The shortest run of letters and digits of a payload by which it is known again.
const RUN: usize = 3;
/// How many runs are looked for.
const RUNS: usize = 8;
/// How many letters and digits they have together, at least.
const ECHO: usize = 6;

/// What several answers to one request have in common; what differs between them is masked, and so is what only
/// shows the request's own payload.
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
    /// How many of each name there were before masking, at most.
    names: BTreeMap<String, usize>,
    /// How many leaves stood in rows of lists, at most.
    in_rows: usize,
    /// Names of members that change by themselves, or that show what was sent: no value of theirs tells anything.
    mute: BTreeSet<String>,
}

/// Paths of an answer, each an object, a list or a value: items of a list share one path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape(pub BTreeSet<String>);

/// How much of one answer another has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// So many values,
    pub same: usize,
    /// of so many.
    pub all: usize,
}

impl Kept {
    /// The share; 1 when there is nothing to keep.
    pub fn share(self) -> f64 {
        if self.all == 0 { 1.0 } else { self.same as f64 / self.all as f64 }
    }
}

impl Template {
    /// Learns from answers to one request. `None` when one was not answered, or they disagree on status or
    /// media type.
    pub fn learn<'a>(samples: impl IntoIterator<Item = &'a Exchange>) -> Option<Self> {
        let samples: Vec<_> = samples.into_iter().map(Self::of).collect::<Option<_>>()?;
        let mut first = samples.first()?.clone();
        for other in &samples[1..] {
            if other.status != first.status || other.family != first.family {
                return None;
            }
            samples[0].note_changes(other, &mut first.mute);
            first.mute.extend(other.mute.iter().cloned());
            first.all = first.all.max(other.all);
            first.in_rows = first.in_rows.max(other.in_rows);
            for (name, count) in &other.names {
                let most = first.names.entry(name.clone()).or_default();
                *most = (*most).max(*count);
            }
            first.leaves.retain(|path, value| other.leaves.get(path) == Some(value));
            first.shape.0.extend(other.shape.0.iter().cloned());
        }
        Some(first)
    }

    /// The template of one answer.
    pub fn of(exchange: &Exchange) -> Option<Self> {
        let answer = exchange.answer()?;
        let family = media_family(exchange.media_type().as_deref().unwrap_or_default());
        let mut leaves = BTreeMap::new();
        let mut shape = Shape::default();
        let mut mute = BTreeSet::new();
        if let Some(json) = exchange.json() {
            walk(json, &mut String::new(), &mut String::new(), &mut leaves, &mut shape);
            let echo = Echo::of(exchange);
            let echoed = leaves.iter().filter(|(_, value)| echo.is_in(value)).map(|(path, _)| general(path));
            mute.extend(echoed.filter(|name| !name.is_empty()).map(str::to_owned));
        } else {
            let text = String::from_utf8_lossy(&answer.body[..answer.body.len().min(64 << 10)]);
            if Echo::of(exchange).is_in(&text) {
                words(&Reflections::of(exchange).strip(&text), &mut leaves, &mut shape);
            } else {
                words(&text, &mut leaves, &mut shape);
            }
        }
        let all = leaves.len();
        let mut names: BTreeMap<String, usize> = BTreeMap::new();
        for path in leaves.keys() {
            let name = general(path);
            match names.get_mut(name) {
                Some(count) => *count += 1,
                None => drop(names.insert(name.to_owned(), 1)),
            }
        }
        let in_rows =
            if exchange.json().is_some() { leaves.keys().filter(|path| in_row(path)).count() } else { 0 };
        Some(Self { status: answer.status, family, shape, leaves, all, names, in_rows, mute })
    }

    /// Notes the names whose values differ between two answers to one request in more than a tenth of the places
    /// that both have: prices that float, times, counters, members that come and go.
    fn note_changes(&self, other: &Self, mute: &mut BTreeSet<String>) {
        let parents = |template: &Self| -> BTreeSet<String> {
            template
                .leaves
                .keys()
                .filter_map(|path| path.rsplit_once('/'))
                .map(|(at, _)| at.to_owned())
                .collect()
        };
        let (mine, theirs) = (parents(self), parents(other));
        let mut places: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        let here = self.leaves.iter().map(|(path, value)| (path, other.leaves.get(path) == Some(value)));
        let there =
            other.leaves.keys().filter(|path| !self.leaves.contains_key(*path)).map(|path| (path, false));
        for (path, same) in here.chain(there) {
            let parent = path.rsplit_once('/').map_or("", |(at, _)| at);
            let name = general(path);
            if !name.is_empty() && mine.contains(parent) && theirs.contains(parent) {
                let (all, differ) = places.entry(name).or_default();
                *all += 1;
                *differ += usize::from(!same);
            }
        }
        let changing = places.into_iter().filter(|(_, (all, differ))| differ * 10 > *all);
        mute.extend(changing.map(|(name, _)| name.to_owned()));
    }

    /// The values that tell something here and in another answer.
    fn telling<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = (&'a String, &'a String)> {
        self.leaves.iter().filter(|(path, _)| {
            let name = general(path);
            !self.mute.contains(name) && !other.mute.contains(name)
        })
    }

    /// Whether enough survived masking for contents to be compared: of the values that do not change by name, most
    /// are the same in every answer.
    pub fn is_stable(&self) -> bool {
        if self.all == 0 {
            return true;
        }
        // What changes by name is not counted against the rest.
        let telling = self.telling(self).count();
        // Rows that moved change by every name they have: what is left of them must be worth comparing.
        let rows = self.telling(self).filter(|(path, _)| in_row(path)).count();
        telling > 0 && telling as f64 / (telling + self.gone()) as f64 >= STABLE && rows * 3 >= self.in_rows
    }

    /// How many of the stable values another answer has in the same place, of how many.
    pub fn kept_by(&self, other: &Self) -> Kept {
        let mut kept = Kept::default();
        for (path, value) in self.telling(other) {
            kept.all += 1;
            kept.same += usize::from(other.leaves.get(path) == Some(value));
        }
        kept
    }

    /// How many of this template's values, wherever they stand, another answer has too: rows that moved in a list
    /// still count.
    pub fn content(&self, other: &Self) -> Kept {
        let mut pool: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for (path, value) in other.telling(self) {
            *pool.entry((general(path), value)).or_default() += 1;
        }
        let mut kept = Kept::default();
        for (path, value) in self.telling(other) {
            kept.all += 1;
            if let Some(left) = pool.get_mut(&(general(path), value.as_str())).filter(|left| **left > 0) {
                *left -= 1;
                kept.same += 1;
            }
        }
        kept
    }

    /// The share of [`Self::content`].
    pub fn content_kept_by(&self, other: &Self) -> f64 {
        self.content(other).share()
    }

    /// As [`Self::content`], with what is masked in `other` left out of account: an answer that differs by itself has
    /// not gained anything.
    pub fn content_masked(&self, other: &Self) -> Kept {
        let kept = self.content(other);
        Kept { same: (kept.same + other.gone()).min(kept.all), ..kept }
    }

    /// How many values of the fullest answer differed from the others though their names are not muted.
    fn gone(&self) -> usize {
        let named: usize =
            self.names.iter().filter(|(name, _)| !self.mute.contains(*name)).map(|(_, count)| count).sum();
        named.saturating_sub(self.telling(self).count())
    }

    /// Whether another answer is of the same kind: status class, media family and shape.
    pub fn is_kind_of(&self, other: &Self) -> bool {
        self.status / 100 == other.status / 100
            && self.family == other.family
            && self
                .shape
                .without(&self.mute, &other.mute)
                .similarity(&other.shape.without(&self.mute, &other.mute))
                >= SAME_SHAPE
    }

    /// How many values there were in the answers, masked ones included.
    pub fn leaf_count(&self) -> usize {
        self.all
    }
}

/// Whether a value stands in a row of a list.
fn in_row(path: &str) -> bool {
    path.split('/').any(|token| token.parse::<usize>().is_ok())
}

/// The last name of a path: where a value stands, whatever row it is in.
fn general(path: &str) -> &str {
    path.rsplit('/').find(|token| token.parse::<usize>().is_err()).unwrap_or_default()
}

/// What a request brought in, to be known again in its answer however that escapes it.
struct Echo(Vec<Vec<String>>);

impl Echo {
    /// Letters and digits survive every escaping in their order: runs of them are what is looked for.
    fn of(exchange: &Exchange) -> Self {
        let runs = |payload: &[u8]| {
            let runs = payload.split(|byte| !byte.is_ascii_alphanumeric()).filter(|run| run.len() >= RUN);
            let runs = runs.take(RUNS).map(|run| String::from_utf8_lossy(run).to_ascii_lowercase());
            runs.collect::<Vec<_>>()
        };
        let payloads = exchange.sent.payloads.iter().map(|(_, payload)| runs(payload));
        Self(payloads.filter(|runs| runs.iter().map(String::len).sum::<usize>() >= ECHO).collect())
    }

    /// Whether a text holds every run of one payload, in order.
    fn is_in(&self, text: &str) -> bool {
        if self.0.is_empty() || text.len() < ECHO {
            return false;
        }
        let text = text.to_ascii_lowercase();
        self.0.iter().any(|runs| {
            let mut rest = text.as_str();
            runs.iter().all(|run| match rest.find(run.as_str()) {
                Some(at) => {
                    rest = &rest[at + run.len()..];
                    true
                }
                None => false,
            })
        })
    }
}

impl Shape {
    /// Without the members of these names.
    fn without(&self, mute: &BTreeSet<String>, more: &BTreeSet<String>) -> Self {
        if mute.is_empty() && more.is_empty() {
            return self.clone();
        }
        let name = |path: &String| {
            let path = path.rsplit_once(' ').map_or("", |(path, _)| path);
            path.rsplit('/').next().unwrap_or_default().trim_end_matches("[]").to_owned()
        };
        let keeps = |path: &&String| {
            let name = name(path);
            name.is_empty() || !(mute.contains(&name) || more.contains(&name))
        };
        Self(self.0.iter().filter(keeps).cloned().collect())
    }

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
fn words(text: &str, leaves: &mut BTreeMap<String, String>, shape: &mut Shape) {
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
        assert!(template.is_stable(), "a member that changes by itself is masked, and the rest tells");
        assert!(
            !learn(&[r#"{"at": "10:00"}"#, r#"{"at": "10:01"}"#]).is_stable(),
            "nothing is left that tells"
        );
        assert!(template.kept_by(&learn(&[r#"{"a": 1, "at": "11:11"}"#])).share() > 0.99);
        assert!(template.kept_by(&learn(&[r#"{"a": 2, "at": "10:00"}"#])).share() < 0.01);
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
        assert!(before.kept_by(&after).share() < 0.5);
    }

    #[test]
    fn names_that_change_by_themselves_tell_nothing_in_any_row() {
        let rows = |prices: [u32; 3], badge: &str| {
            format!(
                r#"{{"at": "{badge}", "rows": [{{"id": 1, "p": {}}}, {{"id": 2, "p": {}}}, {{"id": 3, "p": {}{badge}}}]}}"#,
                prices[0], prices[1], prices[2]
            )
        };
        let template = learn(&[
            &rows([1, 2, 3], ""),
            &rows([1, 5, 6], r#", "b": 1"#).replace(r#""at": ", "b": 1""#, r#""at": "x""#),
        ]);
        assert!(template.is_stable());
        let later = learn(&[&rows([9, 9, 9], "")]);
        assert!(template.content_kept_by(&later) > 0.99);
        assert!(template.content_kept_by(&learn(&[r#"{"rows": [{"id": 1, "p": 1}]}"#])) < 0.5);
    }

    #[test]
    fn rows_that_move_by_themselves_are_not_stable() {
        let template = learn(&[
            r#"[{"id": 1, "n": null}, {"id": 2, "n": null}]"#,
            r#"[{"id": 2, "n": null}, {"id": 1}]"#,
        ]);
        assert!(!template.is_stable());
    }

    #[test]
    fn what_shows_the_payload_is_masked_however_it_is_escaped() {
        use crate::case::Place;
        use crate::trace::{Exchange, Sent};
        let of = |payload: &str, body: &str| {
            let mut exchange = answer(200, body);
            let payloads = vec![(Place::Query("q".to_owned()), payload.as_bytes().to_vec())];
            exchange.sent = std::sync::Arc::new(Sent { payloads, ..Sent::default() });
            exchange
        };
        let plain = learn(&[r#"{"q": "soup", "rows": [{"id": 1}]}"#]);
        for echo in [
            "soup' AND '4711'='4711",
            "soup&#39; AND &#39;4711&#39;=&#39;4711",
            "soup%27+AND+%274711%27%3D%274711",
        ] {
            let exchange: Exchange =
                of("' AND '4711'='4711", &format!(r#"{{"q": "{echo}", "rows": [{{"id": 1}}]}}"#));
            let answer = Template::of(&exchange).expect("answered");
            assert!(plain.content_kept_by(&answer) > 0.99, "{echo}");
        }
    }

    #[test]
    fn families() {
        assert_eq!(media_family("application/problem+json"), "json");
        assert_eq!(media_family("text/xml"), "xml");
        assert_eq!(media_family("text/html"), "text/html");
    }
}
