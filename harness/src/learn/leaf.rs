//! One rule written into one schema.

use serde_json::{Map, Number, Value as Json};

use super::amend::become_kind;
use super::lesson::{Kind, Rule};
use super::names;

type Schema = Map<String, Json>;

/// Writes a rule into the schema of a field. Rules about the object around it are not written here.
pub(super) fn write(schema: &mut Schema, rule: &Rule, name: &str) {
    match rule {
        Rule::Required => required(schema, name),
        Rule::Kind(kind) => become_type(schema, *kind),
        Rule::OneOf(several) => one_of(schema, several),
        Rule::Const(only) => one_of(schema, std::slice::from_ref(only)),
        Rule::AtLeast { limit, exclusive } => {
            bound(
                schema,
                limit,
                *exclusive,
                ("minimum", "exclusiveMinimum"),
                ("maximum", "exclusiveMaximum"),
            );
        }
        Rule::AtMost { limit, exclusive } => {
            bound(
                schema,
                limit,
                *exclusive,
                ("maximum", "exclusiveMaximum"),
                ("minimum", "exclusiveMinimum"),
            );
        }
        Rule::MultipleOf(step) => {
            numeric(schema, step);
            schema.insert("multipleOf".to_owned(), step.clone().into());
        }
        // What counts characters of text counts the items of a list.
        Rule::Length { min, max } if is_kind(schema, Kind::Array) => {
            size(schema, *min, *max, "minItems", "maxItems");
        }
        Rule::Length { min, max } => {
            default_kind(schema, Kind::String);
            size(schema, *min, *max, "minLength", "maxLength");
        }
        Rule::Items { min, max } => {
            become_type(schema, Kind::Array);
            size(schema, *min, *max, "minItems", "maxItems");
        }
        Rule::Pattern(pattern) => {
            become_text(schema);
            schema.insert("pattern".to_owned(), pattern.clone().into());
        }
        Rule::Format(format) => {
            become_text(schema);
            schema.insert("format".to_owned(), format.keyword().into());
        }
        Rule::NotEmpty => not_empty(schema),
        Rule::Taken => {
            for keyword in ["enum", "const", "example", "examples", "default"] {
                schema.remove(keyword);
            }
        }
        Rule::Refused => refused(schema, name),
        Rule::Unknown | Rule::Missing | Rule::Same(_) => {}
    }
}

fn required(schema: &mut Schema, name: &str) {
    schema.remove("readOnly");
    let says_something =
        ["type", "enum", "const", "allOf", "anyOf", "oneOf", "properties", "items", "format", "pattern"];
    if !says_something.iter().any(|keyword| schema.contains_key(*keyword)) {
        schema.extend(names::schema(name));
    }
    without_null(schema);
}

fn without_null(schema: &mut Schema) {
    if let Some(Json::Array(types)) = schema.get_mut("type") {
        types.retain(|one| one != "null");
    }
    for part in ["anyOf", "oneOf"] {
        if let Some(Json::Array(branches)) = schema.get_mut(part)
            && branches.len() > 1
        {
            branches.retain(|branch| branch.get("type").is_none_or(|one| one != "null"));
        }
    }
}

fn is_kind(schema: &Schema, kind: Kind) -> bool {
    match schema.get("type") {
        Some(Json::Array(types)) => types.iter().any(|one| one == kind.name()),
        Some(one) => one == kind.name(),
        None => false,
    }
}

fn default_kind(schema: &mut Schema, kind: Kind) {
    let composed = ["type", "enum", "const", "allOf", "anyOf", "oneOf"];
    if !composed.iter().any(|keyword| schema.contains_key(*keyword)) {
        schema.insert("type".to_owned(), kind.name().into());
    }
}

fn become_type(schema: &mut Schema, kind: Kind) {
    // An integer is a number already.
    if kind == Kind::Number && is_kind(schema, Kind::Integer) {
        return;
    }
    if let Some(Json::Array(values)) = schema.get_mut("enum") {
        values.retain(|value| kind.is_of(value));
        if values.is_empty() {
            schema.remove("enum");
        }
    }
    if schema.get("const").is_some_and(|value| !kind.is_of(value)) {
        schema.remove("const");
    }
    for part in ["anyOf", "oneOf"] {
        let Some(Json::Array(branches)) = schema.get_mut(part) else { continue };
        branches.retain(|branch| match branch.get("type") {
            Some(Json::Array(types)) => types.iter().any(|one| one == kind.name()),
            Some(one) => one == kind.name(),
            None => true,
        });
        match branches.is_empty() {
            true => drop(schema.remove(part)),
            // The branches say what they are.
            false if !schema.contains_key("type") => return,
            false => {}
        }
    }
    let number = kind == Kind::Integer && is_kind(schema, Kind::Number);
    if number || schema.contains_key("enum") || schema.contains_key("const") {
        schema.insert("type".to_owned(), kind.name().into());
    } else {
        become_kind(schema, kind.name());
    }
    match kind {
        Kind::Array => drop(schema.entry("items").or_insert_with(|| serde_json::json!({"type": "string"}))),
        Kind::Object | Kind::String | Kind::Integer | Kind::Number | Kind::Boolean => {}
    }
}

/// Text that something else is said of.
fn become_text(schema: &mut Schema) {
    if !is_kind(schema, Kind::String) || schema.get("type").is_some_and(Json::is_array) {
        become_type(schema, Kind::String);
    }
    for keyword in ["enum", "const", "format", "pattern"] {
        schema.remove(keyword);
    }
}

fn one_of(schema: &mut Schema, several: &[Json]) {
    let is_text = is_kind(schema, Kind::String) && !schema.get("type").is_some_and(Json::is_array);
    // A list's message speaks of its items.
    if is_kind(schema, Kind::Array)
        && let Some(Json::Object(items)) = schema.get_mut("items")
    {
        return one_of(items, several);
    }
    let values = several.iter().map(|value| match value {
        // Messages do not quote: where text is asked for, `1` is text.
        Json::Number(number) if is_text && several.iter().any(Json::is_string) => {
            Json::String(number.to_string())
        }
        other => other.clone(),
    });
    let values: Vec<Json> = values.collect();
    schema.retain(|key, _| ["title", "description", "$defs"].contains(&key.as_str()));
    schema.insert("enum".to_owned(), values.into());
}

/// Makes it a number, and an integer where nothing speaks against it.
fn numeric(schema: &mut Schema, like: &Number) {
    if is_kind(schema, Kind::Integer) || is_kind(schema, Kind::Number) {
        return;
    }
    let whole = like.is_i64() || like.is_u64();
    become_type(schema, if whole { Kind::Integer } else { Kind::Number });
}

fn bound(
    schema: &mut Schema,
    limit: &Number,
    exclusive: bool,
    (open, closed): (&str, &str),
    others: (&str, &str),
) {
    numeric(schema, limit);
    schema.remove(open);
    schema.remove(closed);
    schema.insert(if exclusive { closed } else { open }.to_owned(), limit.clone().into());
    let is_lower = open == "minimum";
    for other in [others.0, others.1] {
        let beyond = schema.get(other).and_then(Json::as_f64).zip(limit.as_f64());
        if beyond.is_some_and(|(other, limit)| if is_lower { other < limit } else { other > limit }) {
            schema.remove(other);
        }
    }
}

fn size(schema: &mut Schema, min: Option<u32>, max: Option<u32>, least: &str, most: &str) {
    if let Some(min) = min {
        schema.insert(least.to_owned(), min.into());
    }
    if let Some(max) = max {
        schema.insert(most.to_owned(), max.into());
    }
    let (low, high) = (schema.get(least).and_then(Json::as_u64), schema.get(most).and_then(Json::as_u64));
    if low.zip(high).is_some_and(|(low, high)| low > high) {
        schema.remove(if min.is_some() { most } else { least });
    }
}

fn not_empty(schema: &mut Schema) {
    without_null(schema);
    default_kind(schema, Kind::String);
    let keyword = match () {
        () if is_kind(schema, Kind::String) => "minLength",
        () if is_kind(schema, Kind::Array) => "minItems",
        () if is_kind(schema, Kind::Object) => "minProperties",
        () => return,
    };
    if schema.get(keyword).and_then(Json::as_u64).unwrap_or(0) == 0 {
        schema.insert(keyword.to_owned(), 1.into());
    }
}

/// Nothing is known but that it was wrong: perhaps its name tells what it should have been.
fn refused(schema: &mut Schema, name: &str) {
    let decided = ["enum", "const", "format", "pattern", "allOf", "anyOf", "oneOf", "properties", "items"];
    let open = !decided.iter().any(|keyword| schema.contains_key(*keyword));
    let loose = schema.get("type").is_none_or(|types| types == "string" || types.is_array());
    let Some(guess) = names::guess(name).filter(|_| open && loose) else { return };
    // A reference may be of any type.
    if guess.is_reference && schema.contains_key("type") {
        return;
    }
    schema.remove("type");
    schema.extend(names::schema(name));
}
