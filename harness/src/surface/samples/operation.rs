//! One operation of several samples, as OpenAPI writes it.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::{Map, Value as Json, json};

use super::fold::Folded;
use super::secret::{Secrets, is_secret_name};
use super::shape::{Keep, Shape, typed};
use super::{Sample, answer, credentials, media};

/// Parameters in one place of one operation.
const MAX_PARAMETERS: usize = 200;
/// Headers that every client sends, or that say nothing of the operation.
const USUAL: &[&str] = &[
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "cache-control",
    "connection",
    "dnt",
    "expect",
    "forwarded",
    "from",
    "host",
    "keep-alive",
    "origin",
    "pragma",
    "priority",
    "range",
    "referer",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "upgrade-insecure-requests",
    "user-agent",
    "via",
    "x-requested-with",
    "date",
    "traceparent",
    "tracestate",
    "baggage",
    "postman-token",
    "x-request-id",
    "x-correlation-id",
];
const USUAL_BEGINNINGS: &[&str] =
    &["content-", "sec-", "if-", "x-forwarded-", "proxy-", "access-control-", ":", "cf-"];

/// The operation that these samples show.
pub(super) fn operation(folded: &Folded, samples: &[&Sample], secrets: &Secrets) -> Json {
    let mut out = Map::new();
    let summary = samples.iter().map(|sample| sample.summary.trim()).find(|summary| !summary.is_empty());
    out.insert("summary".to_owned(), json!(summary.unwrap_or_default()));
    let tags = samples.iter().map(|sample| &sample.tags).find(|tags| !tags.is_empty());
    out.insert("tags".to_owned(), json!(tags.into_iter().flatten().collect::<Vec<_>>()));
    let mut parameters = path_parameters(folded, secrets);
    parameters.extend(named_parameters("query", samples, secrets));
    parameters.extend(named_parameters("header", samples, secrets));
    out.insert("parameters".to_owned(), Json::Array(parameters));
    if let Some(body) = media::request_body(samples, secrets) {
        out.insert("requestBody".to_owned(), body);
    }
    let answers = samples.iter().filter_map(|sample| sample.answer.as_ref());
    out.insert("responses".to_owned(), answer::responses(answers, secrets));
    if let Some(security) = security(samples) {
        out.insert("security".to_owned(), security);
    }
    Json::Object(out)
}

fn path_parameters(folded: &Folded, secrets: &Secrets) -> Vec<Json> {
    let names = folded.names.iter().enumerate();
    names
        .map(|(index, name)| {
            let values = folded.values.iter().filter_map(|values| values.get(index)?.as_deref());
            let mut schema = of_texts(values, !is_secret_name(name), secrets);
            if schema["type"] == "string" {
                schema["minLength"] = json!(1);
            }
            json!({"name": name, "in": "path", "required": true, "schema": schema})
        })
        .collect()
}

/// The schema of values that travel as text.
pub(super) fn of_texts<'v>(values: impl Iterator<Item = &'v str>, examples: bool, secrets: &Secrets) -> Json {
    let texts: Vec<&str> = values.collect();
    let mut shape = Shape::default();
    for value in typed(&texts) {
        shape.add(&value, Keep { secrets, examples });
    }
    let schema = shape.schema(false);
    if schema == json!({}) { json!({"type": "string"}) } else { schema }
}

/// What a parameter was in all samples.
#[derive(Default)]
struct Seen<'s> {
    values: Vec<&'s str>,
    /// In how many samples it was.
    samples: usize,
    /// It was there more than once in one sample.
    repeated: bool,
}

/// Parameters in the query or in headers.
fn named_parameters(place: &str, samples: &[&Sample], secrets: &Secrets) -> Vec<Json> {
    let mut found: IndexMap<String, Seen<'_>> = IndexMap::new();
    for sample in samples {
        let mut here: BTreeMap<String, usize> = BTreeMap::new();
        let pairs = if place == "query" { &sample.url.query } else { &sample.headers };
        for (name, value) in pairs {
            let name = if place == "query" { name.clone() } else { name.to_ascii_lowercase() };
            let left_out = match place {
                "query" => credentials::is_query_key(&name),
                _ => is_usual(&name) || is_secret_name(&name),
            };
            if left_out || (found.len() >= MAX_PARAMETERS && !found.contains_key(&name)) {
                continue;
            }
            let times = here.entry(name.clone()).or_default();
            *times += 1;
            let seen = found.entry(name).or_default();
            seen.values.push(value);
            seen.samples += usize::from(*times == 1);
            seen.repeated |= *times > 1;
        }
    }
    let parameters = found.into_iter().map(|(name, seen)| {
        let item = of_texts(seen.values.into_iter(), !is_secret_name(&name), secrets);
        let schema = if seen.repeated { json!({"type": "array", "items": item}) } else { item };
        // One sample shows what may be there, and not what must be.
        let required = samples.len() > 1 && seen.samples == samples.len();
        json!({"name": name, "in": place, "required": required, "schema": schema})
    });
    parameters.collect()
}

fn is_usual(lower: &str) -> bool {
    USUAL.contains(&lower) || USUAL_BEGINNINGS.iter().any(|begin| lower.starts_with(begin))
}

/// What its author says; else that a credential is needed, where it was refused without and granted with one. That a
/// credential was sent says nothing: clients send theirs everywhere.
fn security(samples: &[&Sample]) -> Option<Json> {
    if let Some(stated) = samples.iter().find_map(|sample| sample.security.as_ref()) {
        let needs: Map<String, Json> = stated.iter().map(|(name, _)| (name.clone(), json!([]))).collect();
        return Some(if needs.is_empty() { json!([]) } else { json!([needs]) });
    }
    let status = |sample: &&&Sample| sample.answer.as_ref().map_or(0, |answer| answer.status);
    let (without, with): (Vec<&&Sample>, Vec<&&Sample>) =
        samples.iter().partition(|sample| credentials::schemes(sample).is_empty());
    without.iter().find(|sample| matches!(status(sample), 401 | 403))?;
    let granted = with.iter().find(|sample| (200..300).contains(&status(sample)))?;
    let needs = credentials::schemes(granted).into_keys().map(|name| (name, json!([])));
    Some(json!([Json::Object(needs.collect())]))
}
