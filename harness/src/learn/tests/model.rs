//! A service with a hidden schema, that refuses in the manner of frameworks.

use jsonschema::error::{TypeKind, ValidationErrorKind as Wrong};
use serde_json::{Map, Value as Json, json};

use crate::generate::Source;

/// How it speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    FastApi,
    Rails,
    Ajv,
}

/// Names of fields; none of them tells a type.
const NAMES: &[&str] = &[
    "alpha",
    "bravo",
    "charlie",
    "delta",
    "echo",
    "foxtrot",
    "golf",
    "hotel",
    "lima",
    "oscar",
    "papa",
    "quebec",
    "romeo",
    "sierra",
    "tango",
    "victor",
    "firstName",
    "line_two",
];

/// A random schema of an object, as a service might have it.
pub(super) fn hidden(source: &mut dyn Source, depth: u32, values: bool) -> Json {
    let mut properties = Map::new();
    for _ in 0..source.int(2..=if depth > 1 { 7 } else { 3 }) {
        let name = *source.pick(NAMES).expect("names");
        let property = property(source, depth, values);
        properties.insert(name.to_owned(), property);
    }
    let required: Vec<Json> =
        properties.keys().filter(|_| source.ratio(3, 5)).map(|name| name.clone().into()).collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

fn property(source: &mut dyn Source, depth: u32, values: bool) -> Json {
    match source.int(0..=if depth > 1 { 13 } else { 10 }) {
        0 => {
            let low = source.int(1..=40);
            json!({"type": "integer", "minimum": low, "maximum": low + source.int(3..=2_000)})
        }
        1 => json!({"type": "integer", "minimum": source.int(1_000..=90_000)}),
        2 => json!({"type": "number", "exclusiveMinimum": 0, "maximum": source.int(5..=500)}),
        3 => json!({"type": "boolean"}),
        4 => json!({"type": "string", "minLength": source.int(1..=30), "maxLength": source.int(30..=60)}),
        5 if values => json!({"type": "string", "enum": ["small", "medium", "large"]}),
        6 if values => json!({"type": "string", "pattern": "^[A-Z]{3}-[0-9]{2,4}$"}),
        7 if values => json!({"type": "integer", "enum": [10, 20, 30]}),
        8 if values => {
            let format = *source.pick(&["email", "uuid", "date", "date-time", "uri"]).expect("formats");
            json!({"type": "string", "format": format})
        }
        9 if values => json!({"type": "integer", "multipleOf": source.int(2..=25)}),
        11 => hidden(source, depth - 1, values),
        12 => {
            json!({"type": "array", "items": hidden(source, depth - 1, values), "minItems": source.int(0..=2), "maxItems": 5})
        }
        13 => {
            json!({"type": "array", "items": {"type": "integer", "minimum": 5}, "minItems": source.int(0..=1)})
        }
        _ => json!({"type": "string", "minLength": 1, "maxLength": 40}),
    }
}

/// What a poor document says of it: names alone, everything optional, all text or nothing, and some that do not exist.
pub(super) fn stripped(hidden: &Json, source: &mut dyn Source) -> Json {
    let mut properties = Map::new();
    for (name, property) in hidden["properties"].as_object().into_iter().flatten() {
        // A third of the objects is described as poorly; what is not described cannot be guessed either.
        let described = property["type"] == "object" && source.ratio(1, 3);
        let poor = match source.int(0..=9) {
            _ if described => stripped(property, source),
            0 => continue,
            1..=4 => json!({"type": "string"}),
            _ => json!({}),
        };
        properties.insert(name.clone(), poor);
    }
    if source.ratio(1, 3) {
        properties.insert("zulu".to_owned(), json!({"type": "string"}));
    }
    json!({"type": "object", "properties": properties})
}

/// The answer to a body; `None`: accepted.
pub(super) fn answer(validator: &jsonschema::Validator, body: &Json, style: Style) -> Option<(u16, Json)> {
    let errors: Vec<_> = validator.iter_errors(body).collect();
    if errors.is_empty() {
        return None;
    }
    let told = errors.iter().flat_map(|error| {
        let path: Vec<String> = crate::case::tokens(&error.instance_path().to_string()).expect("a pointer");
        told(&path, error.kind(), style)
    });
    Some(match style {
        Style::FastApi => (422, json!({"detail": told.collect::<Vec<_>>()})),
        Style::Ajv => (400, json!({"message": "Validation failed", "errors": told.collect::<Vec<_>>()})),
        Style::Rails => {
            let mut fields: Map<String, Json> = Map::new();
            for one in told {
                let list = fields.entry(one["field"].as_str().expect("a field")).or_insert_with(|| json!([]));
                list.as_array_mut().expect("a list").push(one["message"].clone());
            }
            (422, json!({"errors": fields}))
        }
    })
}

fn told(path: &[String], wrong: &Wrong, style: Style) -> Vec<Json> {
    match (style, wrong) {
        (_, Wrong::AdditionalProperties { unexpected }) => {
            unexpected.iter().map(|name| unknown(path, name, style)).collect()
        }
        (Style::FastApi, wrong) => fastapi(path, wrong),
        (Style::Rails, wrong) => rails(path, wrong),
        (Style::Ajv, wrong) => ajv(path, wrong),
    }
}

fn unknown(path: &[String], name: &str, style: Style) -> Json {
    let below = [path, &[name.to_owned()]].concat();
    match style {
        Style::FastApi => {
            json!({"type": "extra_forbidden", "loc": loc(&below), "msg": "Extra inputs are not permitted", "input": "x"})
        }
        Style::Rails => json!({"field": dotted(&below), "message": "is not permitted"}),
        Style::Ajv => json!({
            "instancePath": pointer(path), "keyword": "additionalProperties",
            "params": {"additionalProperty": name}, "message": "must NOT have additional properties",
        }),
    }
}

fn type_name(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(kind) => kind.to_string(),
        TypeKind::Multiple(_) => "string".to_owned(),
    }
}

fn loc(path: &[String]) -> Json {
    let step = |token: &String| token.parse::<u64>().map_or_else(|_| json!(token), |index| json!(index));
    std::iter::once(json!("body")).chain(path.iter().map(step)).collect()
}

fn pointer(path: &[String]) -> String {
    path.iter().fold(String::new(), |text, token| text + "/" + token)
}

/// `address.city`, `items[0].n`.
fn dotted(path: &[String]) -> String {
    path.iter().fold(String::new(), |text, token| match token.parse::<u32>() {
        Ok(index) => format!("{text}[{index}]"),
        Err(_) if text.is_empty() => token.clone(),
        Err(_) => format!("{text}.{token}"),
    })
}

fn listed(options: &Json) -> String {
    let texts: Vec<String> =
        options.as_array().into_iter().flatten().map(|one| one.to_string().replace('"', "'")).collect();
    match texts.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => texts.concat(),
    }
}

fn fastapi(path: &[String], wrong: &Wrong) -> Vec<Json> {
    let at = |code: &str, msg: String, ctx: Json| {
        vec![json!({"type": code, "loc": loc(path), "msg": msg, "input": "x", "ctx": ctx})]
    };
    let plain = |code: &str, msg: &str| at(code, msg.to_owned(), Json::Null);
    match wrong {
        Wrong::Required { property } => {
            let below = [path, &[property.as_str().unwrap_or_default().to_owned()]].concat();
            vec![json!({"type": "missing", "loc": loc(&below), "msg": "Field required", "input": {}})]
        }
        Wrong::Type { kind } => match type_name(kind).as_str() {
            "integer" => {
                plain("int_parsing", "Input should be a valid integer, unable to parse string as an integer")
            }
            "number" => {
                plain("float_parsing", "Input should be a valid number, unable to parse string as a number")
            }
            "boolean" => plain("bool_parsing", "Input should be a valid boolean, unable to interpret input"),
            "array" => plain("list_type", "Input should be a valid list"),
            "object" => plain(
                "model_attributes_type",
                "Input should be a valid dictionary or object to extract fields from",
            ),
            _ => plain("string_type", "Input should be a valid string"),
        },
        Wrong::Enum { options } => {
            let expected = listed(options);
            at("enum", format!("Input should be {expected}"), json!({"expected": expected}))
        }
        Wrong::Minimum { limit } => at(
            "greater_than_equal",
            format!("Input should be greater than or equal to {limit}"),
            json!({"ge": limit}),
        ),
        Wrong::Maximum { limit } => at(
            "less_than_equal",
            format!("Input should be less than or equal to {limit}"),
            json!({"le": limit}),
        ),
        Wrong::ExclusiveMinimum { limit } => {
            at("greater_than", format!("Input should be greater than {limit}"), json!({"gt": limit}))
        }
        Wrong::MultipleOf { multiple_of } => at(
            "multiple_of",
            format!("Input should be a multiple of {multiple_of}"),
            json!({"multiple_of": multiple_of}),
        ),
        Wrong::MinLength { limit } => at(
            "string_too_short",
            format!("String should have at least {limit} characters"),
            json!({"min_length": limit}),
        ),
        Wrong::MaxLength { limit } => at(
            "string_too_long",
            format!("String should have at most {limit} characters"),
            json!({"max_length": limit}),
        ),
        Wrong::MinItems { limit } => at(
            "too_short",
            format!("List should have at least {limit} items after validation, not 0"),
            json!({"field_type": "List", "min_length": limit, "actual_length": 0}),
        ),
        Wrong::MaxItems { limit } => at(
            "too_long",
            format!("List should have at most {limit} items after validation, not 9"),
            json!({"field_type": "List", "max_length": limit, "actual_length": 9}),
        ),
        Wrong::Pattern { pattern } => at(
            "string_pattern_mismatch",
            format!("String should match pattern '{pattern}'"),
            json!({"pattern": pattern}),
        ),
        Wrong::Format { format } => match format.as_str() {
            "email" => plain(
                "value_error",
                "value is not a valid email address: An email address must have an @-sign.",
            ),
            "uuid" => plain(
                "uuid_parsing",
                "Input should be a valid UUID, invalid length: expected length 32 for simple format, found 3",
            ),
            "date" => plain(
                "date_from_datetime_parsing",
                "Input should be a valid date or datetime, input is too short",
            ),
            "date-time" => plain(
                "datetime_from_date_parsing",
                "Input should be a valid datetime or date, input is too short",
            ),
            _ => plain("url_parsing", "Input should be a valid URL, relative URL without a base"),
        },
        _ => plain("value_error", "Value error"),
    }
}

/// Validations of Active Model, and what `rails generate` and common gems say of types.
fn rails(path: &[String], wrong: &Wrong) -> Vec<Json> {
    let at = |message: String| vec![json!({"field": dotted(path), "message": message})];
    match wrong {
        Wrong::Required { property } => {
            let below = [path, &[property.as_str().unwrap_or_default().to_owned()]].concat();
            vec![json!({"field": dotted(&below), "message": "can't be blank"})]
        }
        Wrong::Type { kind } => at(match type_name(kind).as_str() {
            "integer" => "must be an integer".to_owned(),
            "number" => "is not a number".to_owned(),
            "boolean" => "must be a boolean".to_owned(),
            "array" => "must be an array".to_owned(),
            "object" => "must be a hash".to_owned(),
            _ => "must be a string".to_owned(),
        }),
        Wrong::Enum { .. } => at("is not included in the list".to_owned()),
        Wrong::Minimum { limit } => at(format!("must be greater than or equal to {limit}")),
        Wrong::Maximum { limit } => at(format!("must be less than or equal to {limit}")),
        Wrong::ExclusiveMinimum { limit } => at(format!("must be greater than {limit}")),
        Wrong::MinLength { limit } if *limit == 1 => at("can't be blank".to_owned()),
        Wrong::MinLength { limit } => at(format!("is too short (minimum is {limit} characters)")),
        Wrong::MaxLength { limit } => at(format!("is too long (maximum is {limit} characters)")),
        Wrong::MinItems { limit } => at(format!("must have at least {limit} items")),
        Wrong::MaxItems { limit } => at(format!("must have at most {limit} items")),
        _ => at("is invalid".to_owned()),
    }
}

fn ajv(path: &[String], wrong: &Wrong) -> Vec<Json> {
    let at = |keyword: &str, params: Json, message: String| {
        vec![
            json!({"instancePath": pointer(path), "schemaPath": "#/x", "keyword": keyword, "params": params, "message": message}),
        ]
    };
    let bound = |keyword: &str, comparison: &str, limit: &Json| {
        at(
            keyword,
            json!({"comparison": comparison, "limit": limit}),
            format!("must be {comparison} {limit}"),
        )
    };
    match wrong {
        Wrong::Required { property } => at(
            "required",
            json!({"missingProperty": property}),
            format!("must have required property '{}'", property.as_str().unwrap_or_default()),
        ),
        Wrong::Type { kind } => {
            at("type", json!({"type": type_name(kind)}), format!("must be {}", type_name(kind)))
        }
        Wrong::Enum { options } => at(
            "enum",
            json!({"allowedValues": **options}),
            "must be equal to one of the allowed values".to_owned(),
        ),
        Wrong::Minimum { limit } => bound("minimum", ">=", limit),
        Wrong::Maximum { limit } => bound("maximum", "<=", limit),
        Wrong::ExclusiveMinimum { limit } => bound("exclusiveMinimum", ">", limit),
        Wrong::MultipleOf { multiple_of } => {
            at("multipleOf", json!({"multipleOf": multiple_of}), format!("must be multiple of {multiple_of}"))
        }
        Wrong::MinLength { limit } => {
            at("minLength", json!({"limit": limit}), format!("must NOT have fewer than {limit} characters"))
        }
        Wrong::MaxLength { limit } => {
            at("maxLength", json!({"limit": limit}), format!("must NOT have more than {limit} characters"))
        }
        Wrong::MinItems { limit } => {
            at("minItems", json!({"limit": limit}), format!("must NOT have fewer than {limit} items"))
        }
        Wrong::MaxItems { limit } => {
            at("maxItems", json!({"limit": limit}), format!("must NOT have more than {limit} items"))
        }
        Wrong::Pattern { pattern } => {
            at("pattern", json!({"pattern": pattern}), format!("must match pattern \"{pattern}\""))
        }
        Wrong::Format { format } => {
            at("format", json!({"format": format}), format!("must match format \"{format}\""))
        }
        _ => at("other", json!({}), "must pass validation".to_owned()),
    }
}
