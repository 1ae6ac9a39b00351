use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::{Format, LoadError};
use crate::generate::schema::{Want, draw, plausible};
use crate::generate::{Seeded, Source};
use crate::surface::{Location, Operation, SecurityScheme, Style, Surface};

const SHOP: &str = include_str!("tests/shop.yaml");

fn load(text: &str) -> Surface {
    Surface::from_openapi_text(text, "test.yaml").expect("loads")
}

fn shop() -> Surface {
    let surface = load(SHOP);
    assert_eq!(surface.broken, []);
    surface
}

fn operation<'a>(surface: &'a Surface, name: &str) -> &'a Operation {
    surface.operations.iter().find(|operation| operation.name() == name).expect(name)
}

/// A document of 3.0 with these paths and schemas.
fn document(paths: &Json, schemas: &Json) -> Surface {
    let document = json!({"openapi": "3.0.3", "paths": paths, "components": {"schemas": schemas}});
    Surface::from_openapi_json(document, "test").expect("loads")
}

/// The translated schema of a body of 3.0.
fn body(schema: &Json, schemas: &Json) -> Json {
    let post = json!({"requestBody": {"content": {"application/json": {"schema": schema}}}});
    let surface = document(&json!({"/": {"post": post}}), schemas);
    assert_eq!(surface.broken, []);
    (*surface.operations[0].bodies[0].schema.json).clone()
}

#[test]
fn operations_carry_what_the_document_says() {
    let surface = shop();
    assert_eq!((surface.title.as_str(), surface.base_path.as_str()), ("Shop", "/api/v2"));
    let names: Vec<String> = surface.operations.iter().map(Operation::name).collect();
    assert_eq!(names, ["GET /items/{id}", "POST /items/{id}", "POST /login"]);
    let get = operation(&surface, "GET /items/{id}");
    let styles: Vec<_> =
        get.parameters.iter().map(|p| (p.name.as_str(), p.location, p.style, p.explode)).collect();
    assert_eq!(
        styles,
        [
            ("tags", Location::Query, Style::Form, true),
            ("filter", Location::Query, Style::Json, true),
            ("X-Trace", Location::Header, Style::Simple, false),
            ("id", Location::Path, Style::Simple, false),
        ]
    );
    assert_eq!(get.needs_credential(), Some(true));
    assert_eq!(get.rate_limit.as_ref().map(|limit| (limit.count, limit.window)), Some((10, 60_000)));
    assert!(get.responses["200"].headers.contains_key("X-Left"));
    let post = operation(&surface, "POST /items/{id}");
    let media: Vec<&str> = post.bodies.iter().map(|body| body.media_type.as_str()).collect();
    assert_eq!(media, ["application/json", "multipart/form-data"]);
    assert_eq!(post.bodies[1].encoding["picture"], "image/png");
    assert_eq!(*post.bodies[0].schema.examples, [json!({"name": "first"}), json!({"name": "second"})]);
    assert_eq!(operation(&surface, "POST /login").needs_credential(), Some(false));
    assert_eq!(surface.schemes["token"], SecurityScheme::Bearer { format: Some("JWT".to_owned()) });
}

#[test]
fn definitions_are_the_reachable_ones() {
    let schemas = json!({
        "Node": {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}}},
        "Other": {"type": "string"},
    });
    assert_eq!(
        body(&json!({"$ref": "#/components/schemas/Node", "description": "ignored"}), &schemas),
        json!({
            "$ref": "#/$defs/Node",
            "$defs": {"Node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}}}},
        })
    );
}

#[test]
fn the_dialect_of_3_0_is_translated() {
    let none = json!({});
    for (from, to) in [
        (json!({"type": "string", "nullable": true}), json!({"type": ["string", "null"]})),
        (
            json!({"allOf": [{"type": "object"}], "nullable": true}),
            json!({"anyOf": [{"allOf": [{"type": "object"}]}, {"type": "null"}]}),
        ),
        (
            json!({"minimum": 1, "exclusiveMinimum": true, "maximum": 9, "exclusiveMaximum": false}),
            json!({"exclusiveMinimum": 1, "maximum": 9}),
        ),
        (json!({"type": "string", "example": "a"}), json!({"type": "string", "examples": ["a"]})),
        (json!({"pattern": "^[\\w-.]+$"}), json!({"pattern": "^[\\w\\-.]+$"})),
        (json!({"type": "string", "required": true}), json!({"type": "string"})),
        (
            json!({"required": ["id", "name"], "properties": {"id": {"readOnly": true}, "name": {}}}),
            json!({"required": ["name"], "properties": {"id": {"readOnly": true}, "name": {}}}),
        ),
    ] {
        assert_eq!(body(&from, &none), to, "{from}");
    }
}

#[test]
fn read_only_is_found_through_references_and_all_of() {
    let schemas = json!({
        "Id": {"type": "integer", "readOnly": true},
        "Base": {"properties": {"id": {"$ref": "#/components/schemas/Id"}}},
    });
    let schema = json!({"allOf": [{"$ref": "#/components/schemas/Base"}, {"required": ["id", "a"]}]});
    assert_eq!(body(&schema, &schemas)["allOf"][1], json!({"required": ["a"]}));
}

#[test]
fn a_choice_whose_parts_extend_it_is_untangled() {
    let schemas = json!({
        "Pet": {
            "type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}},
            "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
        },
        "Cat": {"allOf": [{"$ref": "#/components/schemas/Pet"}, {"required": ["lives"]}]},
        "Dog": {"allOf": [{"$ref": "#/components/schemas/Pet"}, {"required": ["bark"]}]},
        "Self": {"$ref": "#/components/schemas/Self"},
    });
    for name in ["Pet", "Cat"] {
        let schema = body(&json!({"$ref": format!("#/components/schemas/{name}")}), &schemas);
        let schema = crate::surface::Schema::new(schema);
        assert!(schema.accepts(&json!({"kind": "x", "lives": 9})), "{name}");
        assert!(!schema.accepts(&json!({"lives": 9})), "{name}");
        assert!(schema.validator().is_ok());
    }
    let schema = body(&json!({"$ref": "#/components/schemas/Self"}), &schemas);
    assert!(crate::surface::Schema::new(schema).accepts(&json!(1)));
}

#[test]
fn a_pattern_that_is_none_is_left_out() {
    let schema = json!({"type": "string", "pattern": "^(a$"});
    let post = json!({"requestBody": {"content": {"text/plain": {"schema": schema}}}});
    let surface = document(&json!({"/": {"post": post}}), &json!({}));
    assert_eq!(*surface.operations[0].bodies[0].schema.json, json!({"type": "string"}));
    assert!(surface.broken[0].pointer.ends_with("/schema/pattern"), "{:?}", surface.broken);
}

#[test]
fn what_is_broken_is_noted_and_the_rest_loads() {
    let paths = json!({
        "/good": {"get": {}},
        "/ref": {"get": {"parameters": [{"$ref": "#/nowhere"}]}},
        "/nameless": {"get": {"parameters": [{"in": "query"}]}},
        "/twice": {"get": {"parameters": [{"name": "a", "in": "query"}, {"name": "a", "in": "query"}]}},
        "/types": {"get": {"parameters": [{"name": "a", "in": "query", "schema": {"minLength": "3"}}]}},
        "/list": {"get": []},
        "/a/{x}": {"get": {}},
        "/a/{y}": {"get": {}, "brew": {}},
        "/bad{": {"get": {}},
        "/url": {"get": {"parameters": [{"$ref": "https://elsewhere.example/p.yaml"}]}},
        "/answer": {"get": {"responses": {"200": {"$ref": "#/nowhere"}, "soon": {}}}},
    });
    let surface = document(&paths, &json!({}));
    let names: Vec<String> = surface.operations.iter().map(Operation::name).collect();
    assert_eq!(names, ["GET /good", "GET /a/{x}", "GET /url", "GET /answer"]);
    let notes: Vec<String> =
        surface.broken.iter().map(|note| format!("{}: {}", note.pointer, note.reason)).collect();
    insta::assert_snapshot!(notes.join("\n"));
    let parameter = &operation(&surface, "GET /a/{x}").parameters[0];
    assert_eq!((parameter.name.as_str(), parameter.required), ("x", true));
}

#[test]
fn what_lies_on_another_host_is_left_out_of_a_request() {
    let elsewhere = json!({"$ref": "https://elsewhere.example/all.yaml#/x"});
    let content = json!({"application/json": {"schema": elsewhere, "example": {"n": 1}}});
    let paths = json!({
        "/jobs/{id}": {"get": {"parameters": [elsewhere, {"name": "f", "in": "query"}]}},
        "/jobs": {"post": {"requestBody": {"required": true, "content": content}}},
    });
    let surface = document(&paths, &json!({}));
    assert_eq!(surface.broken.len(), 2, "{:?}", surface.broken);
    let names: Vec<_> =
        operation(&surface, "GET /jobs/{id}").parameters.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["f", "id"]);
    let body = &operation(&surface, "POST /jobs").bodies[0];
    assert!(body.schema.accepts(&json!("anything")));
    assert_eq!(*body.schema.examples, [json!({"n": 1})]);
}

#[test]
fn files_of_the_folder_are_read_and_no_others() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir_all(at("api/parts")).expect("created");
    std::fs::write(at("secret.yaml"), "type: string").expect("written");
    std::fs::write(at("api/parts/item.yaml"), "type: object\nproperties: {up: {$ref: '../id.yaml'}}")
        .expect("written");
    std::fs::write(at("api/id.yaml"), "type: integer").expect("written");
    #[cfg(unix)]
    std::os::unix::fs::symlink(at("secret.yaml"), at("api/link.yaml")).expect("linked");
    let refused = ["../secret.yaml", "/etc/passwd", "file:///etc/passwd", "link.yaml", "%2e%2e/secret.yaml"];
    let mut paths = serde_json::Map::new();
    for (index, file) in ["parts/item.yaml"].iter().chain(&refused).enumerate() {
        let schema = json!({"$ref": file});
        let post = json!({"requestBody": {"content": {"application/json": {"schema": schema}}}});
        paths.insert(format!("/{index}"), json!({"post": post}));
    }
    let text = json!({"openapi": "3.1.0", "paths": paths}).to_string();
    std::fs::write(at("api/openapi.json"), text).expect("written");
    let surface = Surface::from_openapi_file(at("api/openapi.json")).expect("loads");
    assert_eq!(surface.operations.len(), 1, "{:?}", surface.broken);
    assert_eq!(surface.broken.len(), refused.len());
    let schema = &surface.operations[0].bodies[0].schema;
    assert!(schema.accepts(&json!({"up": 1})) && !schema.accepts(&json!({"up": "x"})));
}

#[test]
fn errors_name_the_place_and_the_mend() {
    let error = |text: &str| Surface::from_openapi_text(text, "api.yaml").expect_err("refused");
    let messages: Vec<String> = [
        "openapi: 3.1.0\npaths: [a, }\n",
        "{\"openapi\": \"3.1.0\",\n  oops}",
        "swagger: '1.2'",
        "openapi: 4.0.0",
        "<html></html>",
        "{\"log\": {\"entries\": []}}",
        "a: 1\nb: 2",
        "- 1",
        "just text",
        "",
        "a: 1\na: 2",
    ]
    .iter()
    .map(|text| error(text).to_string())
    .collect();
    insta::assert_snapshot!(messages.join("\n"));
    assert!(matches!(
        error("openapi: 3.1.0\n  x: : 1"),
        LoadError::Syntax { format: Format::Yaml, line: 2, .. }
    ));
    let missing = Surface::from_openapi_file("no/such.yaml").expect_err("missing");
    assert!(matches!(missing, LoadError::NoSuchFile { .. }));
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("latin.yaml");
    std::fs::write(&file, b"openapi: 3.1.0\ntitle: caf\xe9").expect("written");
    let latin = Surface::from_openapi_file(&file).expect_err("latin");
    assert!(matches!(latin, LoadError::NotUtf8 { line: 2, column: 11, .. }), "{latin}");
}

#[test]
fn versions_without_quotes_are_read() {
    assert!(Surface::from_openapi_text("openapi: 3.1", "x").is_ok());
    assert!(Surface::from_openapi_text("openapi: 3.0.0", "x").is_ok());
}

#[test]
fn alias_bombs_are_refused_quickly() {
    let bomb = (1..12).map(|level| {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        format!("a{level}: &a{level} [{aliases}]")
    });
    let first = "openapi: 3.0.0\na0: &a0 [x, x, x, x, x, x, x, x, x, x]".to_owned();
    let text = std::iter::once(first).chain(bomb).collect::<Vec<_>>().join("\n");
    let start = Instant::now();
    let error = Surface::from_openapi_text(&text, "bomb.yaml").expect_err("refused");
    assert!(matches!(error, LoadError::Syntax { .. }), "{error}");
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn base_paths_never_have_a_host() {
    let base = |server: Json| {
        let document = json!({"openapi": "3.0.0", "servers": [server]});
        Surface::from_openapi_json(document, "test").expect("loads").base_path
    };
    assert_eq!(base(json!({"url": "https://evil.example:99/v1/"})), "/v1");
    assert_eq!(base(json!({"url": "//evil.example/v1"})), "/v1");
    assert_eq!(base(json!({"url": "/"})), "");
    assert_eq!(base(json!({"url": "v1"})), "/v1");
    assert_eq!(
        base(json!({"url": "https://{h}/{b}", "variables": {"h": {"default": "x"}, "b": {"default": "v3"}}})),
        "/v3"
    );
    assert_eq!(base(json!({"url": "/../x"})), "");
}

#[test]
fn parts_of_parts_of_parts_do_not_multiply() {
    let mut schemas = serde_json::Map::new();
    for level in 0..30 {
        let next = json!({"$ref": format!("#/components/schemas/L{}", level + 1)});
        schemas.insert(format!("L{level}"), json!({"allOf": vec![next; 10], "properties": {"a": {}}}));
    }
    schemas.insert("L30".to_owned(), json!({"type": "object"}));
    let start = Instant::now();
    let schema = body(&json!({"$ref": "#/components/schemas/L0"}), &Json::Object(schemas));
    assert!(start.elapsed() < Duration::from_secs(20));
    assert_eq!(schema["$defs"].as_object().map(serde_json::Map::len), Some(31));
}

/// All nodes of a document as paths of keys and indices.
fn places(json: &Json, at: String, found: &mut Vec<String>) {
    found.push(at.clone());
    match json {
        Json::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| places(item, format!("{at}/{index}"), found));
        }
        Json::Object(members) => members.iter().for_each(|(key, value)| {
            places(value, format!("{at}/{}", crate::case::escape_token(key)), found);
        }),
        _ => {}
    }
}

fn mutate(document: &mut Json, source: &mut dyn Source) {
    let mut found = Vec::new();
    places(document, String::new(), &mut found);
    let mut pick = || found[source.int(1..=found.len() as u64 - 1) as usize].clone();
    let (one, other) = (pick(), pick());
    let odd = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1e300),
        json!(""),
        json!("#/components/schemas/Item"),
        json!([]),
        json!({}),
        json!([[{}]]),
        json!({"$ref": "#"}),
        json!({"$ref": "#/components/schemas/Item"}),
        json!({"$ref": "#/components/schemas/Tree/properties/children"}),
        json!({"allOf": [{"$ref": "#/components/schemas/Tree"}]}),
    ];
    match source.index(4) {
        0 => {
            let (parent, key) = one.rsplit_once('/').expect("not the root");
            match document.pointer_mut(parent) {
                Some(Json::Object(members)) => {
                    members.shift_remove(&key.replace("~1", "/").replace("~0", "~"));
                }
                Some(Json::Array(items)) => {
                    items.remove(key.parse().expect("an index"));
                }
                _ => {}
            }
        }
        1 => *document.pointer_mut(&one).expect("there") = source.pick(&odd).expect("some").clone(),
        2 => {
            let value = document.pointer(&other).expect("there").clone();
            *document.pointer_mut(&one).expect("there") = value;
        }
        _ => {
            let (first, second) =
                (document.pointer(&one).cloned().expect("there"), document.pointer(&other).cloned());
            *document.pointer_mut(&one).expect("there") = second.expect("there");
            if let Some(place) = document.pointer_mut(&other) {
                *place = first;
            }
        }
    }
}

#[test]
fn no_document_panics_or_takes_long() {
    let original: Json = super::load::parse(SHOP, "shop").expect("parses");
    for seed in 0..3_000 {
        let mut source = Seeded::new(seed);
        let mut document = original.clone();
        for _ in 0..=source.index(6) {
            mutate(&mut document, &mut source);
        }
        let start = Instant::now();
        if let Ok(surface) = Surface::from_openapi_json(document, "mutant") {
            for operation in &surface.operations {
                let schemas = operation.bodies.iter().map(|body| &body.schema);
                let schemas = schemas.chain(operation.parameters.iter().map(|parameter| &parameter.schema));
                for schema in schemas.take(8) {
                    // Compiles, and decides without going round in circles.
                    let verdict = schema.validator().map(|validator| validator.is_valid(&json!({"a": [1]})));
                    assert!(verdict.is_ok(), "seed {seed}: {verdict:?} {}", schema.json);
                    let want = Want::body().fresh("");
                    if let Some(value) = draw(schema, want, &mut source) {
                        assert!(schema.accepts(&plausible(&value)), "seed {seed}");
                    }
                }
            }
        }
        assert!(start.elapsed() < Duration::from_secs(20), "seed {seed}");
    }
}
