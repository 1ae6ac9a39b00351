//! Answers that mean harm: nothing panics, and nothing is without bounds.

use std::time::{Duration, Instant};

use serde_json::{Map, Value as Json, json};

use super::super::{Learned, Lesson, Rule, Where, lessons, plain_words};
use crate::generate::{Seeded, Source};
use crate::surface::{Operation, Schema};

/// Words that the readers look for, and others that they do not expect there.
const WORDS: &[&str] = &[
    "errors",
    "detail",
    "message",
    "loc",
    "msg",
    "path",
    "field",
    "constraints",
    "children",
    "property",
    "source",
    "pointer",
    "code",
    "type",
    "ctx",
    "params",
    "expected",
    "minimum",
    "is required",
    "must be at least 3 characters",
    "name must be one of: a, b",
    "$.a[0].b",
    "body",
    "query",
    "/a/b",
    "items[0].n: missing field `x`",
    "\u{0}",
    "é",
    "must be between 9 and 3",
    "999999999999999999999999",
    "must match pattern \"(a+)+$\"",
    "-1",
    "",
    "'",
    "\"",
    "[[[",
    "is",
    "Key: '' Error:",
    "Path: $",
    "(through reference chain: X[\"a\"])",
    "must be a multiple of 0",
];

fn json(source: &mut dyn Source, depth: u32) -> Json {
    let word = |source: &mut dyn Source| source.pick(WORDS).copied().unwrap_or_default().to_owned();
    match source.int(0..=if depth == 0 { 3 } else { 7 }) {
        0 => Json::Null,
        1 => json!(source.int(0..=u64::MAX)),
        2 | 3 => Json::String(format!(
            "{}{}",
            word(source),
            if source.ratio(1, 3) { word(source) } else { String::new() }
        )),
        4 | 5 => (0..source.int(0..=4)).map(|_| json(source, depth - 1)).collect(),
        _ => {
            let members = (0..source.int(0..=5)).map(|_| (word(source), json(source, depth - 1)));
            Json::Object(members.collect::<Map<_, _>>())
        }
    }
}

#[test]
fn no_answer_panics_and_every_lesson_can_be_applied() {
    let mut source = Seeded::new(7);
    let schema = Schema::new(json!({
        "type": "object",
        "properties": {"a": {"type": "string"}, "name": {"$ref": "#/$defs/N"}, "items": {"type": "array"}},
        "$defs": {"N": {"anyOf": [{"$ref": "#/$defs/N"}, {"type": "object", "properties": {"name": {"$ref": "#/$defs/N"}}}]}},
    }));
    let mut read = 0;
    for _ in 0..20_000 {
        let body = json(&mut source, 5).to_string();
        let found = lessons(422, None, body.as_bytes());
        assert!(found.len() <= 64);
        found.iter().for_each(|lesson| drop(plain_words(lesson)));
        read += usize::from(!found.is_empty());
        if source.ratio(1, 20) {
            let mut learned = Learned::new();
            learned.learn(found);
            let taught = learned.schema(&schema);
            taught.validator().unwrap_or_else(|error| panic!("{body}: {error}: {}", taught.json));
        }
    }
    assert!(read > 2_000, "most were read as nothing: {read}");
}

#[test]
fn random_bytes_and_cut_answers_are_nothing() {
    let mut source = Seeded::new(8);
    let whole = include_bytes!("answers/spring.txt");
    for _ in 0..5_000 {
        let bytes: Vec<u8> = (0..source.int(0..=60)).map(|_| source.int(0..=255) as u8).collect();
        lessons(400, None, &bytes);
        let (from, to) = (source.index(whole.len()), source.index(whole.len()));
        lessons(400, None, &whole[from.min(to)..from.max(to)]);
    }
}

#[test]
fn deep_and_large_answers_end() {
    let start = Instant::now();
    let deep = format!("{}\"name is required\"{}", "{\"errors\":".repeat(100), "}".repeat(100));
    lessons(422, None, deep.as_bytes());
    let too_deep = "[".repeat(200_000);
    lessons(422, None, too_deep.as_bytes());
    let wide: Json =
        (0..9_000).map(|n| (format!("f{n}"), json!(["is required"]))).collect::<Map<_, _>>().into();
    assert!(lessons(422, None, json!({"errors": wide}).to_string().as_bytes()).len() <= 64);
    for filler in [
        "a",
        "a ",
        "must be ",
        "'",
        "\"",
        "[",
        "is not ",
        "`a`, ",
        "a.",
        "one of ",
        "between 1 and ",
        ", Key: ",
    ] {
        let message = filler.repeat(200_000 / filler.len());
        lessons(422, None, json!({"message": message}).to_string().as_bytes());
        lessons(422, None, message.as_bytes());
        lessons(422, None, json!({"errors": {"name": [message]}}).to_string().as_bytes());
    }
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

#[test]
fn a_huge_lesson_stays_small() {
    let many = (0..5_000).map(|n| format!("v{n}")).collect::<Vec<_>>().join(", ");
    let body =
        json!({"errors": {"kind": [format!("must be one of: {many}")], "x".repeat(9_000): ["is required"]}});
    for lesson in lessons(422, None, body.to_string().as_bytes()) {
        assert!(plain_words(&lesson).len() < 2_000);
        assert!(!matches!(lesson.rule, Rule::OneOf(values) if values.len() > 100));
    }
    let huge = lessons(422, None, br#"{"errors":{"a":["must be at least 4000000000 characters"]}}"#);
    assert!(huge.iter().all(|lesson| lesson.rule == Rule::Refused), "{huge:?}");
}

#[test]
fn what_is_quoted_is_inert() {
    let lesson =
        Lesson { place: Where::Query("\u{1b}[2J".to_owned()), rule: Rule::Pattern("\r\n\u{7}".to_owned()) };
    assert!(!plain_words(&lesson).contains(char::is_control));
}

#[test]
fn a_credential_is_never_made_up() {
    let answer = br#"{"detail":[{"loc":["header","Authorization"],"msg":"Field required","type":"missing"},
        {"loc":["header","X-Api-Key"],"msg":"Field required","type":"missing"},
        {"loc":["header","X-Tenant"],"msg":"Field required","type":"missing"}]}"#;
    let mut learned = Learned::new();
    learned.learn(lessons(422, None, answer));
    let operation = learned.operation(&Operation { method: "GET".to_owned(), ..Operation::default() });
    assert_eq!(operation.parameters.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["X-Tenant"]);
}
