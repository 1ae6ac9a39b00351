use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::*;
use crate::case::{Dynamic, FreshKind};
use crate::generate::Seeded;

const DRAWS: u64 = 1_000;

/// Schemas that generators stumble over.
fn awkward() -> Vec<Json> {
    vec![
        json!({}),
        json!({"type": ["string", "null", "integer"]}),
        json!({"enum": ["a", 1, null, {"b": 2}]}),
        json!({"type": "string", "enum": ["a", "b"], "not": {"const": "a"}}),
        json!({"type": "string", "minLength": 5, "maxLength": 5}),
        json!({"type": "string", "minLength": 2_000}),
        json!({"type": "string", "pattern": "^[A-Z]{3}-\\d{2,4}$", "minLength": 7}),
        json!({"type": "string", "pattern": "^(?=.*[A-Z])(?=.*\\d)[A-Za-z\\d]{8,}$"}),
        json!({"type": "string", "pattern": "^[a-z]+$", "minLength": 40, "maxLength": 60}),
        json!({"type": "string", "format": "email", "maxLength": 20}),
        json!({"type": "string", "format": "uri", "minLength": 60}),
        json!({"type": "integer", "minimum": -5, "exclusiveMaximum": 5}),
        json!({"type": "integer", "multipleOf": 7, "minimum": 100, "maximum": 120}),
        json!({"type": "number", "multipleOf": 0.01, "minimum": 0, "maximum": 1}),
        json!({"type": "number", "exclusiveMinimum": 0.1, "exclusiveMaximum": 0.2}),
        json!({"type": "integer", "format": "int64", "minimum": 9_223_372_036_854_775_800_u64}),
        json!({"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 3}, "uniqueItems": true, "minItems": 3}),
        json!({"type": "array", "contains": {"const": "x"}, "minContains": 2, "items": {"type": "string"}, "maxItems": 5}),
        json!({"prefixItems": [{"type": "integer"}, {"type": "boolean"}], "items": false, "minItems": 2}),
        json!({"type": "object", "required": ["a"], "additionalProperties": {"type": "integer"}, "minProperties": 3}),
        json!({"type": "object", "patternProperties": {"^x-[a-z]{2}$": {"type": "string"}}, "additionalProperties": false, "minProperties": 1}),
        json!({"type": "object", "propertyNames": {"pattern": "^[A-Z]{4}$"}, "minProperties": 2}),
        json!({"type": "object", "properties": {"card": {}, "billing": {"type": "string"}}, "dependentRequired": {"card": ["billing"]}}),
        json!({"allOf": [{"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}, {"properties": {"a": {"minimum": 10}, "b": {"type": "string"}}, "required": ["b"]}]}),
        json!({"oneOf": [{"type": "integer", "minimum": 5}, {"type": "integer", "maximum": 10}]}),
        json!({"oneOf": [{"required": ["a"], "properties": {"a": {"type": "string"}}}, {"required": ["b"], "properties": {"b": {"type": "string"}}}], "type": "object"}),
        json!({"anyOf": [{"type": "string", "minLength": 3}, {"type": "array", "items": {"type": "boolean"}, "minItems": 1}]}),
        json!({"type": "object", "properties": {"k": {"enum": ["p", "q"]}, "v": {"type": "integer"}}, "required": ["k"], "if": {"properties": {"k": {"const": "p"}}}, "then": {"required": ["v"]}, "else": {"not": {"required": ["v"]}}}),
        json!({"$ref": "#/$defs/N", "$defs": {"N": {"type": "object", "required": ["v"], "properties": {"v": {"type": "integer"}, "l": {"$ref": "#/$defs/N"}, "r": {"$ref": "#/$defs/N"}}}}}),
        json!({"$ref": "#/$defs/T", "$defs": {"T": {"anyOf": [{"type": "array", "items": {"$ref": "#/$defs/T"}, "minItems": 1}, {"type": "integer"}]}}}),
        json!({"type": "object", "properties": {"name": {"type": "string", "example": "x", "examples": ["joe@gmail.com"]}, "id": {"type": "integer", "readOnly": true}}, "dependentSchemas": {"name": {"required": ["age"], "properties": {"age": {"type": "integer"}}}}}),
        json!({"type": "object", "unevaluatedProperties": false, "allOf": [{"properties": {"a": {"type": "string"}}}], "properties": {"b": {"type": "string"}}}),
        json!({"type": "string", "not": {"pattern": "^[a-m]"}}),
    ]
}

#[test]
fn awkward_schemas_get_valid_values() {
    for (index, json) in awkward().into_iter().enumerate() {
        let schema = Schema::new(json.clone());
        schema.validator().expect("compiles");
        let start = Instant::now();
        let mut source = Seeded::new(index as u64);
        let mut valid = 0;
        for draw_number in 0..DRAWS {
            let size = [Size::Random, Size::Random, Size::Minimal, Size::Full][(draw_number % 4) as usize];
            let want = Want::body().size(size);
            let want = if draw_number % 3 == 0 { want.fresh("b") } else { want };
            if let Some(value) = draw(&schema, want, &mut source) {
                assert!(schema.accepts(&plausible(&value)), "{json}: {value:?}");
                valid += 1;
            }
        }
        assert!(valid * 100 >= DRAWS * 99, "{json}: {valid}");
        assert!(start.elapsed() < Duration::from_secs(20), "{json}: {:?}", start.elapsed());
    }
}

#[test]
fn hopeless_schemas_end() {
    for json in [
        json!(false),
        json!({"type": "string", "minLength": 5, "maxLength": 4}),
        json!({"allOf": [{"type": "string"}, {"type": "integer"}]}),
        json!({"$ref": "#/$defs/N", "$defs": {"N": {"type": "object", "required": ["n"], "properties": {"n": {"$ref": "#/$defs/N"}}}}}),
        json!({"not": {}}),
        json!({"type": "array", "items": {"enum": [1]}, "uniqueItems": true, "minItems": 2}),
        json!({"type": "integer", "minimum": 1, "maximum": 2, "multipleOf": 5}),
        json!({"type": "array", "minItems": 4_000_000_000_u64}),
        json!({"type": "string", "pattern": "^https://hooks\\.slack\\.com/[a-z]+$"}),
    ] {
        let start = Instant::now();
        assert_eq!(value(&json, Want::body(), &mut Seeded::new(1)), None, "{json}");
        assert!(start.elapsed() < Duration::from_secs(20), "{json}");
    }
}

/// How many of the draws satisfy each question.
fn shares(json: &Json, want: Want<'_>, questions: &[&dyn Fn(&Json) -> bool]) -> Vec<usize> {
    let schema = Schema::new(json.clone());
    let mut source = Seeded::new(9);
    let mut hits = vec![0; questions.len()];
    for _ in 0..DRAWS {
        let value = plausible(&draw(&schema, want, &mut source).expect("satisfiable"));
        for (hit, question) in hits.iter_mut().zip(questions) {
            *hit += usize::from(question(&value));
        }
    }
    hits
}

#[test]
fn every_part_has_its_turn() {
    let json = json!({
        "type": "object",
        "required": ["k", "n", "s", "l", "o"],
        "properties": {
            "k": {"enum": ["a", "b", "c", "d"]},
            "n": {"type": "integer", "minimum": -3, "maximum": 900},
            "s": {"type": "string", "minLength": 2, "maxLength": 40},
            "l": {"type": "array", "items": {"type": "boolean"}, "minItems": 1, "maxItems": 9},
            "o": {"oneOf": [{"type": "integer"}, {"type": "boolean"}, {"type": "object"}]},
            "x": {"type": "string"}, "y": {"type": "integer"},
        },
    });
    let len = |value: &Json| value.as_str().map(str::len);
    let hits = shares(
        &json,
        Want::body(),
        &[
            &|v| v.get("x").is_some(),
            &|v| v.get("y").is_some(),
            &|v| v["k"] == "a",
            &|v| v["k"] == "b",
            &|v| v["k"] == "c",
            &|v| v["k"] == "d",
            &|v| v["n"] == -3,
            &|v| v["n"] == 900,
            &|v| len(&v["s"]) == Some(2),
            &|v| len(&v["s"]) == Some(40),
            &|v| v["l"].as_array().is_some_and(|items| items.len() == 1),
            &|v| v["l"].as_array().is_some_and(|items| items.len() == 9),
            &|v| v["o"].is_i64(),
            &|v| v["o"].is_boolean(),
            &|v| v["o"].is_object(),
        ],
    );
    assert!(hits[..2].iter().all(|hit| *hit >= 100), "{hits:?}");
    assert!(hits.iter().all(|hit| *hit >= 10), "{hits:?}");
    let full = shares(
        &json,
        Want::body().size(Size::Full),
        &[&|v| v.as_object().map(serde_json::Map::len) == Some(7)],
    );
    assert_eq!(full, [1_000]);
    let least = shares(
        &json,
        Want::body().size(Size::Minimal),
        &[&|v| v.as_object().map(serde_json::Map::len) == Some(5)],
    );
    assert_eq!(least, [1_000]);
}

#[test]
fn examples_are_preferred_and_harmless() {
    let schema = Schema::new(json!({"type": "string"})).with_examples(vec![json!("joe@gmail.com"), json!(7)]);
    let mut source = Seeded::new(2);
    let drawn: Vec<Value> = (0..DRAWS).filter_map(|_| draw(&schema, Want::body(), &mut source)).collect();
    let hits = drawn.iter().filter(|value| **value == Value::text("joe@gmail.example")).count();
    assert!((100..300).contains(&hits), "{hits}");
    assert!(!drawn.contains(&Value::text("joe@gmail.com")));
}

#[test]
fn fresh_values_are_named_by_their_place() {
    let json = json!({
        "type": "object",
        "required": ["email", "name", "pin", "kind", "id", "secret", "tags"],
        "properties": {
            "email": {"type": "string", "format": "email"},
            "name": {"type": "string", "maxLength": 10},
            "pin": {"type": "string", "pattern": "^\\d{4}$"},
            "kind": {"enum": ["a"]},
            "id": {"type": "string", "format": "uuid"},
            "secret": {"type": "string", "format": "password", "minLength": 30},
            "tags": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2},
        },
    });
    let example = json!({
        "email": "a@b.com", "name": "n", "pin": "1234", "kind": "a", "secret": "s".repeat(30), "tags": ["t", "u"],
        "id": "00000000-0000-4000-8000-000000000000",
    });
    for schema in [Schema::new(json.clone()), Schema::new(json).with_examples(vec![example])] {
        let mut source = Seeded::new(4);
        for _ in 0..100 {
            let value = draw(&schema, Want::body().fresh("1"), &mut source).expect("satisfiable");
            let mut names = Vec::new();
            value.each_dynamic(&mut |leaf| {
                let Dynamic::Fresh(fresh) = leaf else { panic!("{leaf:?}") };
                names.push((fresh.name.clone(), fresh.kind));
            });
            names.sort_by(|a, b| a.0.cmp(&b.0));
            let expected = [
                ("1/email", FreshKind::Email),
                ("1/id", FreshKind::Uuid),
                ("1/name", FreshKind::Text),
                ("1/secret", FreshKind::Password),
                ("1/tags/0", FreshKind::Text),
                ("1/tags/1", FreshKind::Text),
            ];
            assert_eq!(names, expected.map(|(name, kind)| (name.to_owned(), kind)));
        }
    }
}

#[test]
fn parameters_fit_their_place() {
    let path = Want::of(Place::Path);
    for json in [
        json!({}),
        json!({"type": "string"}),
        json!({"type": "string", "pattern": "^[./a]{0,3}$"}),
        json!({"type": "array", "items": {"type": "string"}}),
        json!({"type": ["string", "null"]}),
    ] {
        let schema = Schema::new(json.clone());
        let mut source = Seeded::new(5);
        for _ in 0..300 {
            let value = plausible(&draw(&schema, path, &mut source).expect("satisfiable"));
            assert!(Place::Path.carries(&value) && Place::Path.can_carry(&value), "{json}: {value}");
        }
    }
    // Forced: there is nothing else.
    assert_eq!(value(&json!({"const": ".."}), path, &mut Seeded::new(1)), Some(Value::text("..")));
    assert_eq!(
        value(
            &json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "array"}}}),
            path,
            &mut Seeded::new(1)
        ),
        None
    );
}

#[test]
fn a_discriminator_names_the_branch() {
    let json = json!({
        "oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}],
        "discriminator": {"propertyName": "kind", "mapping": {"hound": "#/components/schemas/Dog"}},
        "$defs": {
            "Cat": {"type": "object", "required": ["kind", "lives"], "properties": {"kind": {"type": "string"}, "lives": {"type": "integer"}}},
            "Dog": {"type": "object", "required": ["kind", "bark"], "properties": {"kind": {"type": "string"}, "bark": {"type": "string"}}},
        },
    });
    let hits = shares(
        &json,
        Want::body(),
        &[&|v| v["kind"] == "Cat" && v.get("lives").is_some(), &|v| {
            v["kind"] == "hound" && v.get("bark").is_some()
        }],
    );
    assert!(hits[0] > 300 && hits[1] > 300 && hits[0] + hits[1] == 1_000, "{hits:?}");
}

#[test]
fn formats_are_right_and_reserved() {
    for format in [
        "date",
        "date-time",
        "time",
        "duration",
        "uuid",
        "email",
        "hostname",
        "ipv4",
        "ipv6",
        "uri",
        "uri-reference",
        "json-pointer",
        "regex",
    ] {
        let json = json!({"type": "string", "format": format});
        let strict = crate::surface::Validator::compile_strict(&json).expect("compiles");
        let schema = Schema::new(json);
        let mut source = Seeded::new(6);
        for _ in 0..200 {
            let value = draw(&schema, Want::body(), &mut source).expect("satisfiable");
            assert!(strict.is_valid(&plausible(&value)), "{format}: {value:?}");
            assert_eq!(harmless(value.clone()), value, "{format}");
        }
    }
}

#[test]
fn a_seed_is_a_value() {
    for json in awkward() {
        let schema = Schema::new(json);
        let drawn = |seed| {
            let mut source = Seeded::new(seed);
            (0..20).map(|_| draw(&schema, Want::body(), &mut source)).collect::<Vec<_>>()
        };
        assert_eq!(drawn(11), drawn(11));
    }
}

/// Runs dry after a few choices.
struct Dry(u32);

impl Source for Dry {
    fn int(&mut self, range: std::ops::RangeInclusive<u64>) -> u64 {
        self.0 = self.0.saturating_sub(1);
        if self.0 == 0 {
            *range.start()
        } else {
            range.start() + u64::from(self.0) % (range.end() - range.start() + 1).max(1)
        }
    }

    fn exhausted(&self) -> bool {
        self.0 == 0
    }
}

#[test]
fn a_dry_source_ends_quickly() {
    for json in awkward() {
        let schema = Schema::new(json.clone());
        let start = Instant::now();
        for choices in 0..50 {
            if let Some(value) = draw(&schema, Want::body(), &mut Dry(choices)) {
                assert!(schema.accepts(&plausible(&value)));
            }
        }
        assert!(start.elapsed() < Duration::from_secs(20), "{json}: {:?}", start.elapsed());
    }
}

#[test]
fn text_follows_the_words_of_the_document() {
    let schema = json!({
        "type": "object",
        "required": ["name", "change"],
        "properties": {
            "name": {"type": "string", "description": "The zone (e.g. “example.com.”)"},
            "change": {"type": "string", "description": "Must be REPLACE or DELETE."},
        },
    });
    let mut told = 0;
    for seed in 0..40 {
        let mut source = Seeded::new(seed);
        let value = value(&schema, Want::body().size(Size::Minimal).fresh(""), &mut source).expect("drawn");
        let plain = plausible(&value);
        assert!(plain["name"].as_str().is_some_and(|name| name.len() > 10 && name.ends_with('.')), "{plain}");
        told += u32::from(["REPLACE", "DELETE"].iter().any(|word| plain["change"] == **word));
    }
    assert!(told > 20, "{told} of 40");
}
