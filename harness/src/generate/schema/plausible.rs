//! Plain text in the place of dynamic leaves, to judge a value before it is bound.

use serde_json::{Map, Value as Json};

use crate::case::{Dynamic, Fresh, FreshKind, Value};
use crate::surface::Schema;

/// The value as JSON, with text (or a number) of the right shape for every dynamic leaf. The same name gives
/// the same text.
pub fn plausible(value: &Value) -> Json {
    with(value, &Json::String("plausible".to_owned()))
}

/// The same, with references of the kind that the schema accepts, where it accepts any.
pub fn plausible_in(schema: &Schema, value: &Value) -> Json {
    let kinds = [Json::String("plausible".to_owned()), Json::from(1), Json::String(UUID.to_owned())];
    let fitting = kinds.iter().map(|reference| with(value, reference)).find(|json| schema.accepts(json));
    fitting.unwrap_or_else(|| plausible(value))
}

const UUID: &str = "00000000-0000-4000-8000-000000000001";

fn with(value: &Value, reference: &Json) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(flag) => Json::Bool(*flag),
        Value::Number(number) => Json::Number(number.clone()),
        Value::Text(text) => Json::String(text.clone()),
        Value::List(items) => Json::Array(items.iter().map(|item| with(item, reference)).collect()),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| (name.clone(), with(value, reference)));
            Json::Object(members.collect::<Map<_, _>>())
        }
        Value::Dynamic(leaf) => match &**leaf {
            Dynamic::Fresh(fresh) => bound(fresh),
            Dynamic::Literal(json) => json.clone(),
            Dynamic::Concat(parts) => {
                let texts = parts.iter().map(plausible).map(|part| match part {
                    Json::String(text) => text,
                    other => other.to_string(),
                });
                Json::String(texts.collect())
            }
            Dynamic::Ref(_) => reference.clone(),
            _ => Json::String("plausible".to_owned()),
        },
    }
}

fn bound(fresh: &Fresh) -> Json {
    // FNV-1a: short, and the same everywhere.
    let hash = fresh.name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let text = match fresh.kind {
        FreshKind::Integer => return Json::from(hash % 1_000_000 + 1),
        FreshKind::Uuid => {
            let low = hash & 0xffff_ffff_ffff;
            return Json::String(format!("{:08x}-0000-4000-8000-{low:012x}", hash >> 32));
        }
        FreshKind::Email => {
            let local = format!("f{:x}", hash & 0xffff_ffff);
            let short = (fresh.min.unwrap_or(0) as usize).saturating_sub(local.len() + 13);
            return Json::String(format!("{local}{}@mail.example", "x".repeat(short)));
        }
        FreshKind::Password => format!("aB3-{hash:016x}"),
        FreshKind::Text | FreshKind::Word | FreshKind::Alphanumeric => format!("f{hash:016x}"),
    };
    let least = fresh.min.unwrap_or(0) as usize;
    let most = fresh.max.unwrap_or(u32::MAX) as usize;
    // What tells names apart is at the end.
    let from = text.len().saturating_sub(most.max(least));
    let mut text = text[from..].to_owned();
    while text.len() < least {
        text.push('x');
    }
    Json::String(text)
}
