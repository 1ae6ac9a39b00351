//! Words: what the document names, for the mutator and as a dictionary of libFuzzer.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::surface::{Schema, Surface};

/// The longest word, and how many there are at most: dictionaries that are longer slow a fuzzer down.
const LONGEST: usize = 64;
const MOST: usize = 2_048;
/// How deep a schema is looked into. Documents come from strangers.
const DEEP: usize = 16;

/// Texts that stand for formats that the document names (JSON Schema, "format"; OpenAPI Format Registry).
const FORMATS: &[(&str, &str)] = &[
    ("date", "2024-02-29"),
    ("date-time", "2024-02-29T23:59:60Z"),
    ("time", "23:59:60Z"),
    ("duration", "P1Y2M3DT4H5M6S"),
    ("email", "a@b.example"),
    ("hostname", "a.example"),
    ("ipv4", "127.0.0.1"),
    ("ipv6", "::1"),
    ("uri", "http://a.example/"),
    ("uuid", "00000000-0000-4000-8000-000000000000"),
    ("json-pointer", "/a/0"),
    ("regex", "a|b"),
    ("byte", "AA=="),
];

/// What the document names: parameters, members, values that are listed or shown, segments of paths, formats.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words(Vec<String>);

impl Words {
    /// The words of a surface, each once, in order.
    pub fn of(surface: &Surface) -> Self {
        let mut words = BTreeSet::new();
        for operation in &surface.operations {
            let segments = operation.path.split('/').filter(|segment| !segment.starts_with('{'));
            segments.for_each(|segment| add(&mut words, segment));
            for parameter in &operation.parameters {
                add(&mut words, &parameter.name);
                walk(&parameter.schema, &mut words);
            }
            for body in &operation.bodies {
                walk(&body.schema, &mut words);
            }
        }
        Self(words.into_iter().collect())
    }

    /// The words.
    pub fn all(&self) -> &[String] {
        &self.0
    }

    /// Whether this is one of them.
    pub(super) fn has(&self, word: &str) -> bool {
        self.0.binary_search_by(|known| known.as_str().cmp(word)).is_ok()
    }

    /// The content of a file for `-dict=`.
    pub fn dictionary(&self) -> String {
        let header = "# What the document names, for `-dict=`.\n".to_owned();
        self.0.iter().fold(header, |mut text, word| {
            text.push('"');
            text.extend(word.bytes().flat_map(|byte| escaped(byte).into_bytes()).map(char::from));
            text.push_str("\"\n");
            text
        })
    }
}

/// libFuzzer reads printable ASCII, `\\`, `\"` and `\xAB`, and nothing else.
fn escaped(byte: u8) -> String {
    match byte {
        b'"' | b'\\' => format!("\\{}", char::from(byte)),
        b' '..=b'~' => char::from(byte).to_string(),
        _ => format!("\\x{byte:02X}"),
    }
}

fn add(words: &mut BTreeSet<String>, word: &str) {
    if (1..=LONGEST).contains(&word.len()) && words.len() < MOST {
        words.insert(word.to_owned());
    }
}

fn walk(schema: &Schema, words: &mut BTreeSet<String>) {
    // A schema is made at the first look: of a large document, no more of them than are needed.
    if words.len() < MOST {
        schema.examples.iter().take(16).for_each(|example| shown(example, words));
        collect(&schema.json, words, 0);
    }
}

fn collect(schema: &Json, words: &mut BTreeSet<String>, depth: usize) {
    if depth > DEEP || words.len() >= MOST {
        return;
    }
    match schema {
        Json::Object(members) => {
            for (keyword, value) in members {
                match (keyword.as_str(), value) {
                    ("properties" | "$defs" | "definitions" | "patternProperties", Json::Object(named)) => {
                        if keyword == "properties" {
                            named.keys().for_each(|name| add(words, name));
                        }
                        named.values().for_each(|schema| collect(schema, words, depth + 1));
                    }
                    ("enum" | "examples", Json::Array(values)) => {
                        values.iter().for_each(|value| shown(value, words));
                    }
                    ("const" | "default" | "example", value) => shown(value, words),
                    ("format", Json::String(format)) => {
                        let known = FORMATS.iter().find(|(name, _)| name == format);
                        known.into_iter().for_each(|(_, text)| add(words, text));
                    }
                    (_, value) => collect(value, words, depth + 1),
                }
            }
        }
        Json::Array(items) => items.iter().for_each(|item| collect(item, words, depth + 1)),
        _ => {}
    }
}

/// A value that the document shows: the leaves of what is shown whole are words, too.
fn shown(value: &Json, words: &mut BTreeSet<String>) {
    match value {
        Json::String(text) => add(words, text),
        Json::Number(number) => add(words, &number.to_string()),
        Json::Array(items) => items.iter().take(16).for_each(|item| shown(item, words)),
        Json::Object(members) => members.values().take(16).for_each(|item| shown(item, words)),
        Json::Null | Json::Bool(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"
openapi: 3.1.0
info: {title: t, version: "1"}
paths:
  /menu/{id}:
    put:
      parameters:
        - {name: id, in: path, required: true, schema: {type: string, format: uuid}}
        - {name: X-Kind, in: header, schema: {enum: [hot, "co\"ld", 17]}}
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                tag: {const: "\\ü"}
                list: {type: array, items: {properties: {inner: {examples: ["shown"]}}}}
      responses: {"200": {description: ok}}
"#;

    #[test]
    fn what_the_document_names_is_there_and_escaped() {
        let surface = Surface::from_openapi_text(DOCUMENT, "test").expect("a document");
        insta::assert_snapshot!(Words::of(&surface).dictionary(), @r##"
        # What the document names, for `-dict=`.
        "00000000-0000-4000-8000-000000000000"
        "17"
        "X-Kind"
        "\\\xC3\xBC"
        "co\"ld"
        "hot"
        "id"
        "inner"
        "list"
        "menu"
        "shown"
        "tag"
        "##);
    }

    #[test]
    fn any_word_is_one_line_of_what_may_stand_there() {
        let words = Words((0..=255_u8).map(|byte| char::from(byte).to_string()).collect());
        for line in words.dictionary().lines().skip(1) {
            let inner = line.strip_prefix('"').and_then(|line| line.strip_suffix('"')).expect(line);
            assert!(inner.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{line}");
            let plain = inner.replace("\\\\", "").replace("\\\"", "");
            assert!(
                !plain.contains('"') && plain.matches('\\').count() == plain.matches("\\x").count(),
                "{line}"
            );
        }
    }

    #[test]
    fn a_schema_without_end_ends() {
        let mut deep = Json::Null;
        for _ in 0..10_000 {
            deep = Json::Array(vec![deep]);
        }
        let mut words = BTreeSet::new();
        collect(&deep, &mut words, 0);
        assert!(words.is_empty());
        // Taken apart from the outside, because dropping it at once goes as deep as it is.
        while let Json::Array(mut items) = deep {
            deep = items.pop().unwrap_or_default();
        }
    }
}
