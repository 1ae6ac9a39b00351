//! Values that a schema rules out, and where an answer shows a value that was sent.

use serde_json::Value as Json;

use crate::case::{Dynamic, Edit, FreshKind, Place, Repeat, Value};
use crate::surface::Schema;
use crate::trace::Exchange;

/// The keywords whose violation is claimed.
pub(super) const CLAIMED: &[&str] = &[
    "type",
    "enum",
    "const",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
];

/// How many values are tried in one operation.
const MOST: usize = 32;
/// Lengths of long texts: the shortest that is too long is the one that databases take.
const LENGTHS: &[u32] = &[65, 300, 1_100, 5_000];

/// Values for each member of a body that its schema rules out, as far as that can be told beforehand.
pub(super) fn candidates(body: &Value, schema: &Schema) -> Vec<Edit> {
    let sample = stand_in(body);
    let known = schema.accepts(&sample);
    let mut leaves = Vec::new();
    collect(body, &mut String::new(), &mut leaves);
    let mut edits = Vec::new();
    for (pointer, leaf) in leaves {
        let mut long = false;
        for value in values(leaf) {
            let mut changed = sample.clone();
            let Some(place) = changed.pointer_mut(&pointer) else { continue };
            *place = stand_in(&value);
            // Of what is too long, the shortest is enough.
            let repeated = matches!(&value, Value::Dynamic(_));
            let reason = schema.validator().ok().and_then(|validator| validator.check(&changed).err());
            let ruled_out = reason.is_some_and(|reason| {
                reason.pointer == pointer && CLAIMED.contains(&reason.keyword.as_str())
            });
            if (ruled_out || !known) && !(repeated && long) && edits.len() < MOST {
                long |= repeated && known;
                edits.push(Edit::set(Place::Node(pointer.clone()), value));
            }
        }
    }
    edits
}

/// What is tried in place of a value. None is what a lenient reader turns into a valid one.
fn values(own: &Value) -> Vec<Value> {
    let number = |digits: &str| digits.parse().map_or(Value::Null, Value::Number);
    let long = |times| Value::dynamic(Dynamic::Repeat(Repeat { value: Value::text("A"), times }));
    match own {
        Value::Number(_) => ["-1", "0", "101", "1000003", "2147483646"]
            .map(number)
            .into_iter()
            .chain([Value::text("proofhouse")])
            .collect(),
        Value::Dynamic(leaf) if matches!(&**leaf, Dynamic::Fresh(fresh) if fresh.kind == FreshKind::Integer) =>
        {
            vec![number("-1"), number("0"), Value::text("proofhouse")]
        }
        Value::Text(_) | Value::Dynamic(_) => {
            let mut values = vec![number("7"), Value::text("proofhouse"), Value::text("")];
            values.extend(LENGTHS.iter().map(|times| long(*times)));
            values
        }
        _ => vec![Value::text("proofhouse")],
    }
}

/// Every leaf, with its pointer; the first item stands for all of a list.
fn collect<'v>(value: &'v Value, at: &mut String, into: &mut Vec<(String, &'v Value)>) {
    let length = at.len();
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                at.push('/');
                at.push_str(&crate::case::escape_token(name));
                collect(value, at, into);
                at.truncate(length);
            }
        }
        Value::List(items) => {
            if let Some(first) = items.first() {
                at.push_str("/0");
                collect(first, at, into);
                at.truncate(length);
            }
        }
        leaf => into.push((at.clone(), leaf)),
    }
}

/// What a value looks like at execution, as far as a schema can tell.
fn stand_in(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(flag) => Json::Bool(*flag),
        Value::Number(number) => Json::Number(number.clone()),
        Value::Text(text) => Json::String(text.clone()),
        Value::List(items) => Json::Array(items.iter().map(stand_in).collect()),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), stand_in(value))).collect()
        }
        Value::Dynamic(leaf) => match &**leaf {
            Dynamic::Repeat(repeat) => {
                let one = repeat.value.as_text().unwrap_or_default();
                Json::String(one.repeat(repeat.times as usize))
            }
            Dynamic::Fresh(fresh) => match fresh.kind {
                FreshKind::Integer => 1.into(),
                FreshKind::Email => "a@ph.example".into(),
                FreshKind::Uuid => "3f2c9d1e-5b7a-4c8d-9e0f-a1b2c3d4e5f6".into(),
                _ => {
                    let least = fresh.min.unwrap_or(0).max(8).min(fresh.max.unwrap_or(64));
                    "a1b2c3d4".chars().cycle().take(least as usize).collect::<String>().into()
                }
            },
            _ => "a1b2c3d4".into(),
        },
    }
}

/// Where an answer may show the member at this place of the request: at the same place, or below one wrapper.
pub(super) fn places(answer: &Exchange, pointer: &str) -> Vec<String> {
    let mut places = vec![pointer.to_owned()];
    if let Some(Json::Object(members)) = answer.json() {
        let inner = members.iter().filter(|(_, value)| value.is_object());
        places.extend(inner.map(|(name, _)| format!("/{}{pointer}", crate::case::escape_token(name))));
    }
    places
}

/// What an answer shows at this place.
pub(super) fn shown(answer: &Exchange, path: &str) -> Option<Json> {
    answer.json()?.pointer(path).cloned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_the_schema_rules_out_is_tried() {
        let schema = Schema::new(json!({
            "type": "object",
            "properties": {
                "name": {"type": "string", "minLength": 1, "maxLength": 200},
                "kind": {"enum": ["a", "b"]},
                "count": {"type": "integer", "minimum": 1, "maximum": 20},
                "free": {}
            }
        }));
        let body = Value::from(json!({"name": "x", "kind": "a", "count": 2, "free": "y"}));
        let tried: Vec<_> = candidates(&body, &schema).iter().map(|edit| edit.place().to_string()).collect();
        let count = |place: &str| tried.iter().filter(|tried| *tried == place).count();
        assert_eq!(count("body:/name"), 3, "a number, nothing, and the shortest that is too long: {tried:?}");
        assert_eq!(count("body:/free"), 0, "anything goes");
        assert!(count("body:/kind") >= 2 && count("body:/count") >= 5, "{tried:?}");
    }
}
