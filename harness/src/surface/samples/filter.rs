//! Which samples are of the API: no files of a page, no preflights, no other servers.

use indexmap::IndexMap;

use super::{Sample, body::Payload, header};
use crate::surface::Broken;
use crate::surface::openapi::is_json;

/// Other servers that are named one by one.
const MAX_OTHERS: usize = 50;
/// What pages consist of.
const FILES: &[&str] = &[
    "js", "mjs", "css", "map", "png", "jpg", "jpeg", "gif", "svg", "ico", "webp", "avif", "woff", "woff2",
    "ttf", "otf", "eot", "mp3", "mp4", "webm", "ogg", "wasm",
];

/// Keeps the samples of the API, and notes what was left out for its server.
pub(super) fn of_the_api(samples: Vec<Sample>, notes: &mut Vec<Broken>) -> (Option<String>, Vec<Sample>) {
    let samples: Vec<Sample> = samples.into_iter().filter(|sample| !is_beside(sample)).collect();
    let origin = first_origin(&samples).map(str::to_owned);
    let mut others: IndexMap<String, (usize, String)> = IndexMap::new();
    let mut kept = Vec::new();
    for sample in samples {
        match (&origin, &sample.url.origin) {
            (Some(api), Some(own)) if api != own => {
                others.entry(own.clone()).or_insert_with(|| (0, sample.pointer.clone())).0 += 1;
            }
            _ => kept.push(sample),
        }
    }
    let api = origin.as_deref().unwrap_or_default().escape_debug().to_string();
    let rest: usize = others.values().skip(MAX_OTHERS).map(|(count, _)| count).sum();
    for (other, (count, pointer)) in others.into_iter().take(MAX_OTHERS) {
        let requests = if count == 1 { "request" } else { "requests" };
        let other = other.escape_debug();
        let reason = format!("{count} {requests} to {other} left out: the first of the API went to {api}");
        notes.push(Broken { pointer, reason });
    }
    if rest > 0 {
        let reason = format!("{rest} requests to more than {MAX_OTHERS} other servers left out");
        notes.push(Broken { pointer: String::new(), reason });
    }
    (origin, kept)
}

/// Files of a page, and what browsers ask by themselves.
fn is_beside(sample: &Sample) -> bool {
    let answer = sample.answer.as_ref();
    let preflight =
        sample.method == "OPTIONS" && header(&sample.headers, "access-control-request-method").is_some();
    let switched = answer.is_some_and(|answer| answer.status == 101);
    let read = matches!(sample.method.as_str(), "GET" | "HEAD");
    let extension = sample.url.last().rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase());
    let file = extension.is_some_and(|end| FILES.contains(&end.as_str()));
    let media = answer.and_then(|answer| answer.media_type.as_deref()).unwrap_or_default();
    let kind = media.split('/').next().unwrap_or_default();
    let shown = matches!(kind, "image" | "font" | "audio" | "video")
        || media == "text/css"
        || media.starts_with("application/font")
        || media.ends_with("javascript");
    preflight || switched || (read && (file || shown))
}

/// The server of the first request that a program sent and that was answered in JSON; else of the first that a
/// program sent; else of the first.
fn first_origin(samples: &[Sample]) -> Option<&str> {
    let in_json = |sample: &&Sample| {
        let answer =
            sample.answer.as_ref().filter(|answer| answer.text.as_ref().is_some_and(|text| !text.is_empty()));
        answer.and_then(|answer| answer.media_type.as_deref()).is_some_and(is_json)
    };
    let sent = |sample: &&Sample| {
        let json = sample.body.as_ref().is_some_and(|body| matches!(body.payload, Payload::Json(_)));
        sample.scripted || json || !matches!(sample.method.as_str(), "GET" | "HEAD" | "OPTIONS")
    };
    let with_origin = || samples.iter().filter(|sample| sample.url.origin.is_some());
    let found =
        with_origin().find(in_json).or_else(|| with_origin().find(sent)).or_else(|| with_origin().next());
    found.and_then(|sample| sample.url.origin.as_deref())
}
