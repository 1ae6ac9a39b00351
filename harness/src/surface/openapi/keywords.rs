//! The keywords of JSON Schema by what they hold.

use serde_json::{Map, Value as Json};

/// What a keyword holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A schema for the same value.
    Same,
    /// Schemas for the same value.
    SameList,
    /// Schemas for the same value, by property.
    SameMap,
    /// A schema for a part of the value.
    Part,
    /// Schemas for parts of the value.
    PartList,
    /// Schemas for parts of the value, by name.
    PartMap,
    /// A natural number.
    Count,
    /// A number.
    Number,
    /// A boolean.
    Flag,
    /// Text.
    Text,
    /// A list of text.
    Texts,
    /// A list of text by property.
    TextsMap,
    /// A list.
    List,
    /// Not carried.
    Dropped,
    /// Carried as it is.
    Other,
}

/// Whether a description may show what a value looks like: an example, or one of several.
pub(super) fn shows_values(description: &str) -> bool {
    const LARGEST: usize = 2_048;
    const HINTS: &[&str] = &[
        "e.g", "xample", "instance", "such as", "like", "ne of", "ither", "et to", "ust be", "hould be",
        "alues",
    ];
    description.len() <= LARGEST && HINTS.iter().any(|hint| description.contains(hint))
}

pub(super) fn kind(keyword: &str) -> Kind {
    match keyword {
        "not" | "if" | "then" | "else" => Kind::Same,
        "allOf" | "anyOf" | "oneOf" => Kind::SameList,
        "dependentSchemas" => Kind::SameMap,
        "items"
        | "additionalProperties"
        | "propertyNames"
        | "contains"
        | "unevaluatedItems"
        | "unevaluatedProperties"
        | "contentSchema" => Kind::Part,
        "prefixItems" => Kind::PartList,
        "properties" | "patternProperties" => Kind::PartMap,
        "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties"
        | "minContains" | "maxContains" => Kind::Count,
        "minimum" | "maximum" | "multipleOf" | "exclusiveMinimum" | "exclusiveMaximum" => Kind::Number,
        "uniqueItems" | "readOnly" | "writeOnly" | "deprecated" => Kind::Flag,
        "pattern" | "format" | "title" | "contentEncoding" | "contentMediaType" => Kind::Text,
        "required" => Kind::Texts,
        "dependentRequired" => Kind::TextsMap,
        "enum" => Kind::List,
        // Prose, and what only says how references resolve: here every reference is resolved already.
        "description" | "externalDocs" | "$comment" | "$id" | "id" | "$schema" | "$anchor"
        | "$dynamicAnchor" | "$vocabulary" | "$defs" | "definitions" | "additionalItems" => Kind::Dropped,
        _ => Kind::Other,
    }
}

/// Whether the value of a plain keyword has the right type; those that hold schemas are checked elsewhere.
pub(super) fn fits(kind: Kind, value: &Json) -> Result<(), &'static str> {
    let texts = |value: &Json| value.as_array().is_some_and(|items| items.iter().all(Json::is_string));
    let (fits, wanted) = match kind {
        Kind::Count => (value.as_u64().is_some() || whole(value), "a natural number"),
        Kind::Number => (value.is_number(), "a number"),
        Kind::Flag => (value.is_boolean(), "true or false"),
        Kind::Text => (value.is_string(), "text"),
        Kind::Texts => (texts(value), "a list of text"),
        Kind::TextsMap => {
            (value.as_object().is_some_and(|map| map.values().all(texts)), "lists of text by name")
        }
        Kind::List => (value.is_array(), "a list"),
        Kind::SameList | Kind::PartList => (value.is_array(), "a list of schemas"),
        Kind::SameMap | Kind::PartMap => (value.is_object(), "schemas by name"),
        Kind::Same | Kind::Part => (value.is_object() || value.is_boolean(), "a schema"),
        Kind::Dropped | Kind::Other => (true, ""),
    };
    if fits { Ok(()) } else { Err(wanted) }
}

/// `3.0`, which JSON Schema counts as an integer.
fn whole(value: &Json) -> bool {
    value.as_f64().is_some_and(|number| (0.0..1e15).contains(&number) && number.fract() == 0.0)
}

/// Calls `visit` for each schema directly inside, and whether it is for the same value.
pub(super) fn each_inside<'a>(schema: &'a Map<String, Json>, visit: &mut dyn FnMut(&'a Json, bool)) {
    for (keyword, value) in schema {
        let kind = kind(keyword);
        let same = matches!(kind, Kind::Same | Kind::SameList | Kind::SameMap);
        match (kind, value) {
            (Kind::Same | Kind::Part, value) => visit(value, same),
            (Kind::SameList | Kind::PartList, Json::Array(items)) => {
                for item in items {
                    visit(item, same);
                }
            }
            (Kind::SameMap | Kind::PartMap, Json::Object(members)) => {
                for member in members.values() {
                    visit(member, same);
                }
            }
            _ => {}
        }
    }
}
