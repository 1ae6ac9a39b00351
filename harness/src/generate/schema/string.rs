//! Strings.

use std::ops::RangeInclusive;

use serde_json::Value as Json;

use super::flat::Flat;
use super::told::{Told, usual};
use super::walk::Walk;
use super::{Examples, Place, Want, format, harmless, pattern};
use crate::case::{Dynamic, Fresh, FreshKind, Value};
use crate::surface::pattern_matches;

/// Characters that nobody asked for.
const USUAL: usize = 12;
/// The longest text that is made only because it is allowed.
const LONGEST: usize = 512;
/// The longest text that is made because it must be.
const MOST: usize = 65_536;
/// A fresh value has this length when nothing else is said.
const FRESH: usize = 24;
/// Shorter fresh values would meet each other.
const SHORTEST_FRESH: usize = 6;

pub(super) fn draw<'a>(walk: &mut Walk<'a, '_>, flat: &Flat<'a>, at: &str) -> Option<Value> {
    if let Some(fresh) = fresh(flat, walk.want, at).filter(|_| walk.want.fresh) {
        return Some(fresh);
    }
    let mut least = flat.at_least("minLength").unwrap_or(0);
    let most = flat.at_most("maxLength").unwrap_or(usize::MAX);
    if matches!(walk.want.place, Place::Path | Place::Header | Place::Cookie) {
        least = least.max(1).min(most.max(1));
    }
    if least > most || least > MOST {
        return None;
    }
    let patterns: Vec<&str> = flat.each("pattern").filter_map(Json::as_str).collect();
    if let Some(text) = told(walk, flat, at, least..=most) {
        return Some(text);
    }
    let format = flat.text("format").or_else(|| named(at).filter(|_| patterns.is_empty()));
    for round in 0..8 {
        let text = match (format.filter(|_| round < 3), patterns.first()) {
            (Some(format), _) => format::draw(format, (least, most), walk.source),
            (None, Some(pattern)) => {
                // Later rounds let repeats run longer.
                let extra = if least > 8 { least } else { (round + walk.attempt as usize) % 9 };
                pattern::draw(pattern, extra, walk.source).map(|text| shaped(text, &patterns))
            }
            (None, None) => Some(free(walk, least, most)),
        };
        let text = text.filter(|text| {
            (least..=most).contains(&text.chars().count())
                && patterns.iter().all(|pattern| pattern_matches(pattern, text).unwrap_or(true))
                && walk.want.place.carries(&Json::String(text.clone()))
        });
        if let Some(text) = text {
            let value = Value::Text(text);
            // Formats are harmless already, and free text names nothing.
            if patterns.is_empty() || harmless(value.clone()) == value {
                return Some(value);
            }
        }
        if walk.source.exhausted() && round > 3 {
            break;
        }
    }
    None
}

/// What the document says in words, most of the time.
fn told(walk: &mut Walk<'_, '_>, flat: &Flat<'_>, at: &str, length: RangeInclusive<usize>) -> Option<Value> {
    if walk.want.examples == Examples::Never
        || ["format", "pattern"].iter().any(|keyword| flat.each(keyword).next().is_some())
    {
        return None;
    }
    let told = flat.text("description").map(Told::by).unwrap_or_default();
    let known = if told.values.is_empty() { told.examples } else { told.values };
    let known: Vec<&str> =
        if known.is_empty() { usual(&last(at)).to_vec() } else { known.iter().map(String::as_str).collect() };
    if known.is_empty() || !walk.source.ratio(3, 4) {
        return None;
    }
    let text = (*walk.source.pick(&known)?).to_owned();
    let fits = length.contains(&text.chars().count()) && walk.want.place.carries(&Json::String(text.clone()));
    fits.then_some(Value::Text(text))
}

/// Text of a pattern made harmless, when it still matches.
fn shaped(text: String, patterns: &[&str]) -> String {
    match harmless(Value::Text(text.clone())) {
        Value::Text(safe)
            if patterns.iter().all(|pattern| pattern_matches(pattern, &safe).unwrap_or(true)) =>
        {
            safe
        }
        _ => text,
    }
}

/// Words, now and then as short or as long as may be.
fn free(walk: &mut Walk<'_, '_>, least: usize, most: usize) -> String {
    let usual = most.min(least.max(1).saturating_add(USUAL));
    let len = match walk.source.int(0..=9) {
        8 => least,
        9 if most <= LONGEST => most,
        _ => least.max(1.min(most)) + walk.source.index(usual - least.max(1.min(most)) + 1),
    };
    let word: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let mut text = walk.source.text_of(word, len.min(MOST));
    // A blank within, where blanks survive.
    if walk.want.place == Place::Body && len > 6 && walk.source.ratio(1, 4) {
        text.replace_range(3..4, " ");
    }
    text
}

/// The fresh value for a place that nothing else decides.
pub(super) fn fresh(flat: &Flat<'_>, want: Want<'_>, at: &str) -> Option<Value> {
    // Whatever else the schema forbids could be what is drawn at some execution.
    let constrained = ["not", "if"].iter().any(|keyword| flat.each(keyword).next().is_some());
    if !want.fresh || constrained || flat.values().is_some() {
        return None;
    }
    let patterns: Vec<&str> = flat.each("pattern").filter_map(Json::as_str).collect();
    let least = flat.at_least("minLength").unwrap_or(0);
    let most = flat.at_most("maxLength").unwrap_or(usize::MAX);
    let kind = match flat.text("format") {
        Some("email") => FreshKind::Email,
        Some("uuid") => FreshKind::Uuid,
        Some("password") => FreshKind::Password,
        Some(_) => return None,
        None => by_name(at)?,
    };
    let told = flat.text("description").map(Told::by).unwrap_or_default();
    if !told.values.is_empty() || !usual(&last(at)).is_empty() {
        return None;
    }
    let kind = if patterns.is_empty() { kind } else { matching(kind, &patterns, least, most)? };
    let fixed = match kind {
        FreshKind::Uuid => Some((36, 36)),
        FreshKind::Email => Some((0, 40)),
        _ => None,
    };
    let fits = match fixed {
        Some((low, high)) => least <= high && most >= low.max(FRESH),
        None => most >= SHORTEST_FRESH && least <= most && least <= 4_096,
    };
    if !fits {
        return None;
    }
    let size = |length: usize| u32::try_from(length).ok();
    let fresh = Value::dynamic(Dynamic::Fresh(Fresh {
        name: format!("{}{}", want.prefix, if at.is_empty() { "/" } else { at }),
        kind,
        max: if most < usize::MAX && fixed != Some((36, 36)) { size(most) } else { None },
        min: if least > 0 && fixed != Some((36, 36)) { size(least) } else { None },
    }));
    // What is new looks like the document's examples.
    match told.marks().filter(|_| patterns.is_empty() && most >= FRESH + 8) {
        Some((begin, end)) => {
            let parts = [Value::text(begin), fresh, Value::text(end)];
            Some(Value::concat(parts.into_iter().filter(|part| part.as_text() != Some(""))))
        }
        None => Some(fresh),
    }
}

/// A kind whose every value matches, as far as its extremes tell: the one that the name says, or a plainer one.
fn matching(kind: FreshKind, patterns: &[&str], least: usize, most: usize) -> Option<FreshKind> {
    let long = most.min(12).max(least);
    let samples = |kind: FreshKind| -> Vec<String> {
        let cut = |text: &str| text.repeat(long / 12 + 1)[..long].to_owned();
        match kind {
            FreshKind::Email => ["ph-0000-000000000000@ph.example", "ph-abcd-zzzzzzzzzzzz@ph.example"]
                .map(str::to_owned)
                .into(),
            FreshKind::Uuid => vec!["9b2f3c4d-1a2b-4c3d-8e4f-5a6b7c8d9e0f".to_owned()],
            FreshKind::Password => vec!["Aa1!000000000000".to_owned(), "Aa1!zzzzzzzzzzzz".to_owned()],
            FreshKind::Text if most >= 16 => {
                ["ph-0000-000000000000", "ph-abcd-zzzzzzzzzzzz"].map(str::to_owned).into()
            }
            FreshKind::Text | FreshKind::Word => {
                ["a00000000000", "zzzzzzzzzzzz", "k3v9q0w8e7zz"].map(cut).into()
            }
            FreshKind::Alphanumeric => ["000000000000", "zzzzzzzzzzzz", "9k3v9q0w8e7z"].map(cut).into(),
            FreshKind::Integer => Vec::new(),
        }
    };
    let matches = |kind: &FreshKind| {
        let samples = samples(*kind);
        let fits =
            |text: &String| patterns.iter().all(|pattern| pattern_matches(pattern, text) == Some(true));
        !samples.is_empty() && samples.iter().all(fits)
    };
    [kind, FreshKind::Text, FreshKind::Word, FreshKind::Alphanumeric].into_iter().find(matches)
}

/// What a property's name says about free text; `None` where fresh text would be wrong.
fn by_name(at: &str) -> Option<FreshKind> {
    let name = last(at);
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    match named(at) {
        Some("email") => return Some(FreshKind::Email),
        // A made-up URL, date or number is better than fresh text in its place.
        Some(_) => return None,
        None => {}
    }
    Some(match () {
        () if has(&["password", "passwd", "passphrase"]) || name == "pwd" => FreshKind::Password,
        () if has(&["user", "login", "slug", "handle", "nick", "code", "sku"]) || name.ends_with("id") => {
            FreshKind::Word
        }
        () => FreshKind::Text,
    })
}

/// The format that a property's name implies, where the schema names none.
fn named(at: &str) -> Option<&'static str> {
    let name = last(at);
    let ends = |words: &[&str]| words.iter().any(|word| name.ends_with(word));
    match () {
        () if ends(&["email", "e_mail", "mail", "emailaddress", "email_address"]) => Some("email"),
        () if ends(&["url", "uri", "website", "webhook", "callback", "homepage"]) => Some("uri"),
        () if ends(&["phone", "phonenumber", "phone_number", "mobile", "msisdn"]) => Some("phone"),
        () if ends(&["ip", "ip_address", "ipaddress"]) && !ends(&["zip", "ship", "trip", "skip", "tip"]) => {
            Some("ipv4")
        }
        () if ends(&["hostname"]) || matches!(name.as_str(), "host" | "domain") => Some("hostname"),
        () => None,
    }
}

fn last(at: &str) -> String {
    let tokens = at.rsplit('/').find(|token| token.parse::<usize>().is_err());
    tokens.unwrap_or_default().to_ascii_lowercase()
}
