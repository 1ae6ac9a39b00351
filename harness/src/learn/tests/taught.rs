//! Schemas and operations before and after a lesson.

use serde_json::{Value as Json, json};

use super::super::{Format, Kind, Learned, Lesson, Rule, Where, lessons};
use crate::case::{Body as CaseBody, Content, Request, Value};
use crate::surface::{Body, Location, Operation, Parameter, Schema, Style};

fn body(path: &str, rule: Rule) -> Lesson {
    let tokens = path.split('.').filter(|token| !token.is_empty()).map(str::to_owned).collect();
    Lesson { place: Where::Body(tokens), rule }
}

fn taught(schema: Json, lessons: impl IntoIterator<Item = Lesson>) -> Json {
    let mut learned = Learned::new();
    learned.learn(lessons);
    (*learned.schema(&Schema::new(schema)).json).clone()
}

#[test]
fn a_required_property_that_the_document_lacks_is_added() {
    let schema = json!({"type": "object", "properties": {"name": {"type": "string"}}});
    let after = taught(schema, [body("email", Rule::Required), body("items.0.quantity", Rule::Required)]);
    assert_eq!(after["required"], json!(["email"]));
    assert_eq!(after["properties"]["email"], json!({"type": "string", "format": "email"}));
    let items = &after["properties"]["items"];
    assert_eq!(items["type"], "array");
    assert_eq!(items["items"]["required"], json!(["quantity"]));
    assert_eq!(items["items"]["properties"]["quantity"], json!({"type": "integer"}));
}

#[test]
fn a_definition_that_others_share_stays_as_it_is() {
    let schema = json!({
        "type": "object",
        "properties": {"from": {"$ref": "#/$defs/A"}, "to": {"$ref": "#/$defs/A"}},
        "$defs": {"A": {"type": "object", "properties": {"city": {"type": "string"}}}},
    });
    let after = taught(schema.clone(), [body("to.city", Rule::Required)]);
    assert_eq!(after["properties"]["from"], schema["properties"]["from"]);
    assert_eq!(after["$defs"], schema["$defs"]);
    assert_eq!(after["properties"]["to"]["required"], json!(["city"]));
}

#[test]
fn names_are_spelled_as_the_document_spells_them() {
    let schema = json!({"properties": {"customerId": {}, "firstName": {"type": "string"}}});
    let rules = [
        Lesson { place: Where::Field(vec!["FirstName".to_owned()]), rule: Rule::Required },
        body("customer", Rule::Required),
        body("data.attributes.first_name", Rule::Length { min: Some(2), max: None }),
        Lesson { place: Where::Field(vec!["BirthDate".to_owned()]), rule: Rule::Required },
    ];
    let after = taught(schema, rules);
    assert_eq!(after["required"], json!(["firstName", "customerId", "birthDate"]));
    assert_eq!(after["properties"]["firstName"]["minLength"], 2);
    assert_eq!(after["properties"]["birthDate"]["format"], "date");
    assert_eq!(after["properties"].as_object().map(serde_json::Map::len), Some(3));
}

#[test]
fn rules_replace_what_contradicts_them() {
    let schema = json!({"properties": {
        "n": {"type": "string", "minLength": 2, "format": "date"},
        "k": {"type": "string", "enum": ["a"], "pattern": "^a$"},
        "m": {"type": "integer", "maximum": 5},
        "u": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "f": {"type": "integer"},
    }});
    let after = taught(
        schema,
        [
            body("n", Rule::Kind(Kind::Integer)),
            body("k", Rule::OneOf(vec![json!("x"), json!("y")])),
            body("m", Rule::AtLeast { limit: 10.into(), exclusive: true }),
            body("u", Rule::NotEmpty),
            body("f", Rule::Format(Format::Uuid)),
        ],
    );
    let properties = &after["properties"];
    assert_eq!(properties["n"], json!({"type": "integer"}));
    assert_eq!(properties["k"], json!({"enum": ["x", "y"]}));
    assert_eq!(properties["m"], json!({"type": "integer", "exclusiveMinimum": 10}));
    assert_eq!(properties["u"]["anyOf"], json!([{"type": "string"}]));
    assert_eq!(properties["f"], json!({"type": "string", "format": "uuid"}));
}

#[test]
fn what_is_not_known_or_not_there_is_left_out() {
    let schema = json!({"required": ["a", "b"], "properties": {"a": {}, "b": {}, "c": {}, "d": {}}});
    let refused = || body("d", Rule::Refused);
    let after = taught(
        schema,
        [body("a", Rule::Unknown), body("b", Rule::Missing), body("c", Rule::Missing), refused(), refused()],
    );
    assert_eq!(after["required"], json!(["b"]));
    let left = after["properties"].as_object().map(|it| it.keys().cloned().collect::<Vec<_>>());
    assert_eq!(left, Some(vec!["b".to_owned()]));
}

fn query(name: &str) -> Parameter {
    Parameter {
        name: name.to_owned(),
        location: Location::Query,
        required: false,
        style: Style::Form,
        explode: true,
        allow_reserved: false,
        schema: Schema::new(json!({"type": "string"})),
        pointer: String::new(),
    }
}

#[test]
fn a_field_is_found_where_the_operation_has_it() {
    let operation = Operation {
        method: "POST".to_owned(),
        path: "/orders".to_owned(),
        parameters: vec![query("limit"), query("old")],
        bodies: vec![Body {
            media_type: "application/json".to_owned(),
            schema: Schema::new(json!({"type": "object", "properties": {"name": {}}})),
            encoding: std::collections::BTreeMap::new(),
        }],
        ..Operation::default()
    };
    let mut learned = Learned::new();
    let answer =
        br#"{"errors":{"limit":["must be an integer"],"name":["is required"],"old":["is not permitted"]}}"#;
    assert!(learned.learn(lessons(400, None, answer)));
    assert!(!learned.learn(lessons(400, None, answer)), "nothing new");
    let after = learned.operation(&operation);
    assert_eq!(after.name(), operation.name());
    assert_eq!(after.parameters.len(), 1);
    assert_eq!(after.parameters[0].schema.json["type"], "integer");
    assert_eq!(after.bodies[0].schema.json["required"], json!(["name"]));
    assert!(after.body_required);
    assert_eq!(operation.bodies[0].schema.json["required"], Json::Null, "the document's own stays");
}

#[test]
fn taken_values_become_new_and_confirmations_repeat() {
    let mut learned = Learned::new();
    let answer = br#"{"errors":{"email":["has already been taken"],"password_confirmation":["doesn't match Password"]}}"#;
    learned.learn(lessons(422, None, answer));
    let content = Content::Json(Value::from(json!({"email": "a@b.example", "password": "secret"})));
    let body = Some(CaseBody { media_type: "application/json".to_owned(), content });
    let mut request = Request { body, ..Request::default() };
    learned.teach(&mut request);
    let Some(Content::Json(value)) = request.body.map(|body| body.content) else { panic!("a body") };
    assert!(value.pointer("/email").is_some_and(Value::is_dynamic));
    assert_eq!(value.pointer("/password_confirmation"), value.pointer("/password"));
}

#[test]
fn a_sentence_alone_names_its_field() {
    let required = |field: &str| Lesson { place: Where::Field(vec![field.to_owned()]), rule: Rule::Required };
    let kind =
        |field: &str| Lesson { place: Where::Field(vec![field.to_owned()]), rule: Rule::Kind(Kind::String) };
    for (text, expected) in [
        ("Key 'name' not present or not a String", vec![required("name"), kind("name")]),
        ("kind is not specified or not a string", vec![required("kind"), kind("kind")]),
        ("No records given in update request", vec![required("records")]),
        ("No data given in update request", vec![]),
    ] {
        let answer = json!({"error": text}).to_string();
        assert_eq!(lessons(422, Some("application/json"), answer.as_bytes()), expected, "{text}");
    }
    let details =
        json!([{"location": "body", "name": "data", "description": "Provide at least one of data or tags"}]);
    let answer = json!({"code": 400, "error": "Invalid parameters", "details": details}).to_string();
    assert_eq!(lessons(400, Some("application/json"), answer.as_bytes()), [body("data", Rule::Required)]);
    let details = json!([
        {"location": "body", "name": "data.id", "description": "data.id in body: Required"},
        {"location": "path", "name": null, "description": "Invalid object id"},
    ]);
    let answer = json!({"error": "Invalid parameters", "details": details}).to_string();
    assert_eq!(lessons(400, Some("application/json"), answer.as_bytes()), [body("data.id", Rule::Required)]);
}
