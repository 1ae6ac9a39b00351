//! Input that wants to break the loaders.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::names;
use crate::generate::{Seeded, Source};
use crate::surface::Surface;

const DOCUMENTS: [&str; 5] = [
    include_str!("shop.swagger.yaml"),
    include_str!("newest.yaml"),
    include_str!("shop.har"),
    include_str!("shop.postman.json"),
    include_str!("shop.http"),
];

/// What is put into documents: what parsers, paths and patterns stumble over.
const PIECES: [&str; 16] =
    ["{{", "}}", "{", "}", "\"", "\\", "\0", "é", "://", "/", "%", "%ff", "###\n", "\n\n", "$ref", "-"];

fn changed(text: &str, source: &mut dyn Source) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..=source.index(8) {
        let at = source.index(chars.len().max(1)).min(chars.len());
        match source.index(4) {
            0 => {
                let end = (at + 1 + source.index(40)).min(chars.len());
                chars.drain(at..end);
            }
            1 => {
                let piece: Vec<char> = PIECES[source.index(PIECES.len())].chars().collect();
                chars.splice(at..at, piece);
            }
            2 => {
                let end = (at + source.index(60)).min(chars.len());
                let part: Vec<char> = chars[at..end].to_vec();
                let to = source.index(chars.len().max(1)).min(chars.len());
                chars.splice(to..to, part);
            }
            _ => chars.truncate(at.max(chars.len() / 2)),
        }
    }
    chars.into_iter().collect()
}

#[test]
fn no_text_panics_or_takes_long() {
    for seed in 0..2_000_u64 {
        let mut source = Seeded::new(seed);
        let text = changed(DOCUMENTS[seed as usize % DOCUMENTS.len()], &mut source);
        let start = Instant::now();
        if let Ok(surface) = Surface::from_text(&text, "mutant") {
            let first = Surface::from_text(DOCUMENTS[source.index(DOCUMENTS.len())], "first").expect("loads");
            let merged = first.at_base("/api").merge(surface);
            for operation in &merged.operations {
                for body in &operation.bodies {
                    assert!(body.schema.validator().is_ok(), "seed {seed}: {}", body.schema.json);
                }
            }
        }
        assert!(start.elapsed() < Duration::from_secs(20), "seed {seed}");
    }
}

#[test]
fn no_bytes_panic() {
    for seed in 0..4_000_u64 {
        let mut source = Seeded::new(seed);
        let begin = ["", "GET ", "@a=", "{\"log\":", "swagger: 2.0\n", "{{"][source.index(6)];
        let bytes: Vec<u8> = (0..source.index(200)).map(|_| source.index(256) as u8).collect();
        let text = format!("{begin}{}", String::from_utf8_lossy(&bytes));
        let _ = Surface::from_text(&text, "bytes");
    }
}

/// Values where others belong.
#[test]
fn no_tree_panics() {
    fn places(json: &Json, at: &str, found: &mut Vec<String>) {
        found.push(at.to_owned());
        match json {
            Json::Array(items) => {
                items
                    .iter()
                    .enumerate()
                    .for_each(|(index, item)| places(item, &format!("{at}/{index}"), found));
            }
            Json::Object(members) => members.iter().for_each(|(key, value)| {
                places(value, &format!("{at}/{}", crate::case::escape_token(key)), found);
            }),
            _ => {}
        }
    }
    let odd = [json!(null), json!(-1), json!(""), json!([]), json!({}), json!([[{}]]), json!({"$ref": "#"})];
    for text in &DOCUMENTS[..4] {
        let original: Json = crate::surface::openapi::parse(text, "x").expect("parses");
        let mut found = Vec::new();
        places(&original, "", &mut found);
        for (index, place) in found.iter().enumerate().skip(1) {
            let mut document = original.clone();
            *document.pointer_mut(place).expect("there") = odd[index % odd.len()].clone();
            let _ = Surface::from_text(&document.to_string(), "mutant");
        }
    }
}

#[test]
fn large_input_is_bounded() {
    let start = Instant::now();
    // Folders in folders, as deep as JSON may be.
    let mut folder = json!({"name": "x", "request": "https://a.example/x"});
    for _ in 0..50 {
        folder = json!({"name": "f", "item": [folder]});
    }
    let deep = json!({"info": {"name": "deep"}, "item": [folder]}).to_string();
    let deep = Surface::from_text(&deep, "deep").expect("loads");
    assert!(deep.broken[0].reason.contains("folders in each other"), "{:?}", deep.broken);
    // More operations than a surface has.
    let list: Vec<String> = (0..21_000).map(|n| format!("GET https://a.example/p{n}x")).collect();
    let list = list.join("\n###\n");
    let many = Surface::from_text(&list, "many").expect("loads");
    assert_eq!(many.operations.len(), 20_000);
    assert!(many.broken.iter().any(|note| note.reason.contains("more than 20000 operations")));
    // Many media types, each with a large answer.
    let types: Vec<String> = (0..5_000).map(|n| format!("a/b{n}")).collect();
    let big = json!({"type": "object", "properties": (0..2_000).map(|n| (format!("p{n}"), json!({"type": "string"}))).collect::<serde_json::Map<_, _>>()});
    let get = json!({"responses": {"200": {"schema": big}}});
    let wide = json!({"swagger": "2.0", "produces": types, "paths": {"/a": {"get": get}}});
    let wide = Surface::from_text(&wide.to_string(), "wide").expect("loads");
    assert_eq!(names(&wide), ["GET /a"]);
    assert_eq!(wide.operations[0].responses["200"].content.len(), 16);
    // A long path, and many parts.
    let long = format!("GET https://a.example{}\n", "/a".repeat(5_000));
    assert!(Surface::from_text(&long, "long").expect("loads").operations.is_empty());
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}
