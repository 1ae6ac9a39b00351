//! From paths to path templates.
//!
//! A segment is a parameter when it is a value by its look, when its author says so, and when it varies while
//! everything else is the same: the method, the other segments, the members of the request's and the answer's body.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::Value as Json;

use super::Sample;
use super::body::Payload;
use super::segment::{is_value, parameter_name};
use super::url::Segment;
use crate::surface::openapi::percent_decoded;

/// Segments that stand for themselves, whatever varies beside them.
const WORDS: &[&str] = &[
    "me", "self", "current", "mine", "new", "search", "login", "logout", "latest", "count", "stats",
    "status", "health", "live", "ready", "export", "import", "batch", "bulk", "all", "default", "config",
    "settings", "profile",
];
/// Values of a segment that are enough evidence by themselves; of fewer, each has to be in its answer.
const ENOUGH: usize = 3;

/// A path template, and what its parameters were in each sample.
#[derive(Debug)]
pub(super) struct Folded {
    pub(super) path: String,
    pub(super) names: Vec<String>,
    /// For each of its samples: the values in the order of the names, decoded, where they are known.
    pub(super) values: Vec<Vec<Option<String>>>,
    /// The samples by index.
    pub(super) samples: Vec<usize>,
}

/// Groups the samples of one method and one path template, in the order in which they were met.
pub(super) fn fold(samples: &[Sample]) -> Vec<Folded> {
    let mut open: Vec<Vec<bool>> = samples.iter().map(|sample| by_look(&sample.url.segments)).collect();
    let longest = open.iter().map(Vec::len).max().unwrap_or(0);
    for at in 1..longest {
        by_variation(samples, &mut open, at);
    }
    let mut groups: Vec<Folded> = Vec::new();
    let mut known: HashMap<(String, String), usize> = HashMap::new();
    // One template for all methods of a path.
    let mut templates: HashMap<String, (String, Vec<String>)> = HashMap::new();
    for (index, (sample, open)) in samples.iter().zip(&open).enumerate() {
        let shape = written(&sample.url.segments, open, &mut |_, _| "{}".to_owned());
        let group = *known.entry((sample.method.clone(), shape.clone())).or_insert_with(|| {
            let written = templates.entry(shape).or_insert_with(|| template(&sample.url.segments, open));
            let (path, names) = written.clone();
            groups.push(Folded { path, names, values: Vec::new(), samples: Vec::new() });
            groups.len() - 1
        });
        let segments = sample.url.segments.iter().zip(open).filter(|(_, open)| **open);
        groups[group].values.push(segments.map(|(segment, _)| value(segment)).collect());
        groups[group].samples.push(index);
    }
    groups
}

fn by_look(segments: &[Segment]) -> Vec<bool> {
    let is_open = |segment: &Segment| match segment {
        Segment::Named { .. } => true,
        Segment::Fixed(text) => is_value(&percent_decoded(text).unwrap_or_default()),
    };
    segments.iter().map(is_open).collect()
}

fn value(segment: &Segment) -> Option<String> {
    match segment {
        Segment::Named { value, .. } => value.clone(),
        Segment::Fixed(text) => percent_decoded(text),
    }
}

/// Opens the segments at this place that vary while all else is the same.
fn by_variation(samples: &[Sample], open: &mut [Vec<bool>], at: usize) {
    // What is around the place: by that, the values there with what came of them.
    let mut around: BTreeMap<(String, String, String, String), BTreeMap<&str, bool>> = BTreeMap::new();
    for (sample, open) in samples.iter().zip(&*open) {
        let segments = &sample.url.segments;
        let Some(Segment::Fixed(text)) = segments.get(at).filter(|_| !open[at]) else { continue };
        let Some((alike, names_it)) = members(sample, text).filter(|_| is_free(text)) else { continue };
        let (before, after) = sides(segments, open, at);
        let key = (sample.method.clone(), before, after, alike);
        *around.entry(key).or_default().entry(text).or_insert(true) &= names_it;
    }
    let mut values: HashMap<String, BTreeSet<String>> = HashMap::new();
    for ((_, before, _, _), found) in around {
        if found.len() >= ENOUGH || (found.len() > 1 && found.values().all(|names_it| *names_it)) {
            values.entry(before).or_default().extend(found.keys().map(|text| (*text).to_owned()));
        }
    }
    if values.is_empty() {
        return;
    }
    for (sample, open) in samples.iter().zip(open) {
        let segments = &sample.url.segments;
        let Some(Segment::Fixed(text)) = segments.get(at) else { continue };
        let (before, _) = sides(segments, open, at);
        if values.get(&before).is_some_and(|values| values.contains(text)) {
            open[at] = true;
        }
    }
}

fn is_free(text: &str) -> bool {
    !text.is_empty() && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}

/// The path before and after a place, with open segments alike.
fn sides(segments: &[Segment], open: &[bool], at: usize) -> (String, String) {
    let side =
        |from: usize, to: usize| written(&segments[from..to], &open[from..to], &mut |_, _| "{}".to_owned());
    (side(0, at), side(at + 1, segments.len()))
}

/// The names in the bodies of a sample, and whether the answer holds this text. `None` where an answer tells too
/// little to compare: a list, an object with lists of objects, a single member.
fn members(sample: &Sample, text: &str) -> Option<(String, bool)> {
    let answer = sample.answer.as_ref().filter(|answer| (200..300).contains(&answer.status))?;
    let Json::Object(found) = serde_json::from_str(answer.text.as_deref()?).ok()? else { return None };
    let is_listing = |value: &Json| {
        value.as_array().is_some_and(|items| items.is_empty() || items.iter().any(Json::is_object))
    };
    if found.len() < 2 || found.values().any(is_listing) {
        return None;
    }
    let decoded = percent_decoded(text)?;
    let names_it = found.values().any(|value| value.as_str() == Some(decoded.as_str()));
    let names = found.keys().map(String::as_str).collect::<BTreeSet<_>>();
    let mut alike = format!("{} {names:?}", answer.status);
    if let Some(Payload::Json(Json::Object(sent))) = sample.body.as_ref().map(|body| &body.payload) {
        alike.push_str(&format!(" {:?}", sent.keys().collect::<BTreeSet<_>>()));
    }
    Some((alike, names_it))
}

/// A path in which `name` stands for the open segments.
fn written(segments: &[Segment], open: &[bool], name: &mut dyn FnMut(usize, &Segment) -> String) -> String {
    let mut path = String::new();
    for (index, (segment, open)) in segments.iter().zip(open).enumerate() {
        path.push('/');
        match segment {
            Segment::Fixed(text) if !open => path.push_str(&plain(text)),
            segment => path.push_str(&name(index, segment)),
        }
    }
    if path.is_empty() { "/".to_owned() } else { path }
}

/// A fixed segment as a template may hold it.
fn plain(text: &str) -> String {
    let odd = |c: char| c.is_whitespace() || c.is_control() || "{}?#".contains(c);
    let mut out = String::new();
    for c in text.chars() {
        if odd(c) {
            let mut bytes = [0; 4];
            c.encode_utf8(&mut bytes).bytes().for_each(|byte| out.push_str(&format!("%{byte:02X}")));
        } else {
            out.push(c);
        }
    }
    out
}

fn template(segments: &[Segment], open: &[bool]) -> (String, Vec<String>) {
    let (mut names, mut taken) = (Vec::new(), HashSet::new());
    let path = written(segments, open, &mut |index, segment| {
        let like = match segment {
            Segment::Named { name, .. } => name.clone(),
            Segment::Fixed(_) => parameter_name(match index.checked_sub(1).map(|before| &segments[before]) {
                Some(Segment::Fixed(before)) if !open[index - 1] => Some(before),
                _ => None,
            }),
        };
        let mut name = like.clone();
        let mut number = 2;
        while !taken.insert(name.clone()) {
            name = format!("{like}{number}");
            number += 1;
        }
        let written = format!("{{{name}}}");
        names.push(name);
        written
    });
    (path, names)
}
