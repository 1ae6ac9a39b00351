//! What a valid request needs first, and how what it acts on is named.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::{Draft, Manner, Naming, Producer, Seeded, World, request, request_of};
use crate::case::{ANONYMOUS, Dynamic, Value};
use crate::controls::tests_support::answer;
use crate::message::{Headers, Incoming, Outcome};
use crate::surface::Surface;
use crate::trace::Exchange;

fn world(paths: &Json) -> World {
    let document = json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths});
    let surface = Surface::from_openapi_json(document, "test").expect("loads");
    assert_eq!(surface.broken, []);
    World { surface: Arc::new(surface), ..World::default() }
}

/// An operation with these path parameters and, where there are any, these members of its body.
fn takes(parameters: &[&str], members: &[&str]) -> Json {
    let parameters: Vec<_> = parameters
        .iter()
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
        .collect();
    let mut operation = json!({"parameters": parameters, "responses": {}});
    if !members.is_empty() {
        let properties: serde_json::Map<_, _> =
            members.iter().map(|name| ((*name).to_owned(), json!({"type": "string"}))).collect();
        let schema = json!({"type": "object", "required": members, "properties": properties});
        operation["requestBody"] =
            json!({"required": true, "content": {"application/json": {"schema": schema}}});
    }
    operation
}

fn at(world: &World, name: &str) -> usize {
    world.surface.named(name).expect(name).0
}

fn drawn(world: &World, name: &str, naming: &Naming) -> Draft {
    let index = at(world, name);
    let operation = world.operation(index);
    let mut src = Seeded::derive(1, &[name]);
    request_of(world, index, operation, ANONYMOUS, Manner::Minimal, naming, &mut src).expect("drawn")
}

/// Sends a minimal request of an operation, and learns from this answer.
fn learns(world: &mut World, name: &str, exchange: &Exchange) {
    let index = at(world, name);
    let draft = request(world, index, ANONYMOUS, Manner::Minimal, &mut Seeded::derive(2, &[name]));
    let draft = Arc::new(draft.expect("drawn"));
    let surface = Arc::clone(&world.surface);
    let producer = Producer::learn(&surface, world.operation(index), &draft, exchange);
    world.producers.push(producer.expect("it tells how its object is named"));
}

fn located(status: u16, location: &str) -> Exchange {
    let headers: Headers = [("Location", location)].into_iter().collect();
    let incoming = Incoming { status, headers, ..Incoming::default() };
    crate::controls::tests_support::exchange(Outcome::Answered(incoming))
}

/// The step and the place that a path parameter refers to.
fn reference(draft: &Draft, parameter: &str) -> (String, String) {
    match draft.request().path_params.get(parameter) {
        Some(Value::Dynamic(leaf)) => match &**leaf {
            Dynamic::Ref(reference) => (reference.step.clone(), reference.take.clone()),
            other => panic!("{other:?}"),
        },
        other => panic!("{parameter}: {other:?}"),
    }
}

fn shops() -> World {
    let mut world = world(&json!({
        "/shops": {"post": takes(&[], &["title"])},
        "/shops/{shop}": {"get": takes(&["shop"], &[])},
        "/shops/{shop}/shelves": {"post": takes(&["shop"], &["title"])},
        "/shops/{id}/shelves/{shelf}": {"get": takes(&["id", "shelf"], &[]), "delete": takes(&["id", "shelf"], &[])},
    }));
    learns(&mut world, "POST /shops", &answer(201, r#"{"id": "s1", "name": "corner"}"#));
    learns(&mut world, "POST /shops/{shop}/shelves", &answer(201, r#"{"id": 7}"#));
    world
}

#[test]
fn an_object_is_asked_for_below_what_it_was_made_in() {
    let world = shops();
    let draft = drawn(&world, "GET /shops/{id}/shelves/{shelf}", &Naming::default());
    let (shop, _) = reference(&draft, "id");
    let (shelf, _) = reference(&draft, "shelf");
    let made = draft.setup.iter().find(|step| step.name == shelf).and_then(|step| step.request());
    let base = draft.bases.iter().find(|base| Some(&base.name) == made.map(|send| &send.base)).expect("made");
    assert_eq!(base.request.path_params.get("shop"), draft.request().path_params.get("id"));
    assert_eq!(draft.setup.iter().filter(|step| step.name.ends_with("make-shops")).count(), 1, "one shop");
    assert!(draft.setup.iter().any(|step| step.name == shop));
    assert!(drawn(&world, "DELETE /shops/{id}/shelves/{shelf}", &Naming::default()).makes_what_it_acts_on());
}

#[test]
fn what_is_not_there_by_its_id_is_asked_for_by_its_name() {
    let world = shops();
    let mut naming = Naming::default();
    let first = drawn(&world, "GET /shops/{shop}", &naming);
    assert_eq!(reference(&first, "shop").1, "/id");
    assert!(naming.next(&world, &first));
    let second = drawn(&world, "GET /shops/{shop}", &naming);
    assert_eq!(reference(&second, "shop").1, "/name");
    assert!(!naming.next(&world, &second), "there are no more");
    let third = drawn(&world, "GET /shops/{shop}", &naming);
    assert_eq!(reference(&third, "shop").1, "/id", "it begins again with the likeliest");
}

#[test]
fn what_was_granted_at_a_place_is_asked_for_so_elsewhere() {
    let mut world = shops();
    world.naming.insert("/shops/{}".to_owned(), "/name".to_owned());
    let draft = drawn(&world, "POST /shops/{shop}/shelves", &Naming::default());
    assert_eq!(reference(&draft, "shop").1, "/name");
}

#[test]
fn an_answer_that_says_nothing_leaves_the_name_that_was_sent() {
    let mut world = world(&json!({
        "/tenants": {"post": takes(&[], &["name"])},
        "/tenants/{tenant_name}": {"put": takes(&["tenant_name"], &[])},
    }));
    learns(&mut world, "POST /tenants", &answer(200, "{}"));
    let draft = drawn(&world, "PUT /tenants/{tenant_name}", &Naming::default());
    let sent = draft.bases[0].request.body.as_ref().map(|body| &body.content);
    let Some(crate::case::Content::Json(body)) = sent else { panic!("{sent:?}") };
    assert_eq!(draft.request().path_params.get("tenant_name"), body.pointer("/name"));
    assert!(draft.makes_what_it_acts_on());
}

#[test]
fn parameters_side_by_side_name_one_object() {
    let mut world = world(&json!({
        "/peers": {"post": takes(&[], &["ip", "host"])},
        "/peers/{ip}/{host}": {"delete": takes(&["ip", "host"], &[])},
    }));
    learns(&mut world, "POST /peers", &answer(201, ""));
    let draft = drawn(&world, "DELETE /peers/{ip}/{host}", &Naming::default());
    let sent = draft.bases[0].request.body.as_ref().map(|body| &body.content);
    let Some(crate::case::Content::Json(body)) = sent else { panic!("{sent:?}") };
    for name in ["ip", "host"] {
        assert_eq!(draft.request().path_params.get(name), body.pointer(&format!("/{name}")), "{name}");
    }
}

#[test]
fn a_parameter_says_which_member_it_asks_for() {
    let mut world = world(&json!({
        "/flags": {"get": takes(&[], &[])},
        "/flags/{flag_kind}": {"get": takes(&["flag_kind"], &[])},
    }));
    learns(&mut world, "GET /flags", &answer(200, r#"[{"kind": "dark", "value": "on"}]"#));
    let draft = drawn(&world, "GET /flags/{flag_kind}", &Naming::default());
    assert_eq!(reference(&draft, "flag_kind").1, "/*/kind");
}

#[test]
fn something_new_goes_below_what_nobody_can_make() {
    let paths = json!({
        "/servers": {"get": takes(&[], &[])},
        "/servers/{server}/zones": {"post": takes(&["server"], &["title"])},
        "/servers/{server}/zones/{zone}": {"get": takes(&["server", "zone"], &[])},
        "/servers/{server}/peers": {"post": takes(&["server"], &["ip"])},
        "/servers/{server}/peers/{ip}/{port}": {"delete": takes(&["server", "ip", "port"], &[])},
        "/servers/{server}/restart": {"post": takes(&["server"], &[])},
    });
    let list = answer(200, r#"[{"id": "main"}]"#);
    let mut alone = world(&paths);
    learns(&mut alone, "GET /servers", &list);
    let draft = drawn(&alone, "POST /servers/{server}/zones", &Naming::default());
    assert_eq!(reference(&draft, "server").1, "/*/id");
    let draft = drawn(&alone, "POST /servers/{server}/peers", &Naming::default());
    assert_eq!(reference(&draft, "server").1, "/*/id");
    let acts = drawn(&alone, "POST /servers/{server}/restart", &Naming::default());
    assert!(acts.setup.is_empty(), "what is there is not acted on");
    let mut paths = paths;
    paths["/servers"]["post"] = takes(&[], &["title"]);
    let mut makeable = world(&paths);
    learns(&mut makeable, "GET /servers", &list);
    let draft = drawn(&makeable, "POST /servers/{server}/zones", &Naming::default());
    assert!(draft.setup.is_empty(), "somebody's own server is left alone");
}

#[test]
fn what_is_put_at_a_new_name_can_be_asked_for() {
    let mut world = world(&json!({
        "/boxes/{name}": {"put": takes(&["name"], &["title"]), "delete": takes(&["name"], &[])},
    }));
    learns(&mut world, "PUT /boxes/{name}", &answer(201, ""));
    let draft = drawn(&world, "DELETE /boxes/{name}", &Naming::default());
    assert_eq!(draft.request().path_params.get("name"), draft.bases[0].request.path_params.get("name"));
    assert!(draft.makes_what_it_acts_on());
}

#[test]
fn a_location_elsewhere_names_what_was_made_there() {
    let mut world = world(&json!({
        "/processes/echo/execution": {"post": takes(&[], &["input"])},
        "/jobs/{jobId}": {"get": takes(&["jobId"], &[]), "delete": takes(&["jobId"], &[])},
    }));
    let made = located(200, "http://host.test/base/jobs/17");
    learns(&mut world, "POST /processes/echo/execution", &made);
    let draft = drawn(&world, "DELETE /jobs/{jobId}", &Naming::default());
    assert_eq!(reference(&draft, "jobId").1, "header:location/last");
    assert!(draft.makes_what_it_acts_on());
}

#[test]
fn conditions_are_left_out_or_hold() {
    let header = |name: &str, required: bool| json!({"name": name, "in": "header", "required": required, "schema": {"type": "string"}});
    let parameters =
        json!([header("If-Match", true), header("If-None-Match", false), header("X-Note", false)]);
    let world = world(&json!({"/me": {"get": {"parameters": parameters, "responses": {}}}}));
    let mut src = Seeded::new(1);
    let draft = request(&world, 0, ANONYMOUS, Manner::Full, &mut src).expect("drawn");
    let names: Vec<_> = draft.request().headers.0.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["If-Match", "X-Note"]);
    assert_eq!(draft.request().headers.get("If-Match"), Some(&Value::text("*")));
}

#[test]
fn a_media_type_says_what_a_body_is_where_nothing_else_does() {
    let mut post = takes(&[], &[]);
    let content = json!({"application/geo+json": {"schema": {}}});
    post["requestBody"] = json!({"required": true, "content": content});
    let mut shown = post.clone();
    shown["requestBody"]["content"] =
        json!({"application/json": {"schema": {}, "example": {"inputs": {"n": 1}}}});
    let world = world(&json!({"/features": {"post": post}, "/runs": {"post": shown}}));
    let body = |name| {
        let draft = drawn(&world, name, &Naming::default());
        serde_json::to_value(draft.members().to_vec()).expect("json")
    };
    assert!(body("POST /features").to_string().contains(r#"["type","Feature"]"#));
    assert_eq!(body("POST /runs"), json!([["inputs", {"n": 1}]]));
}

#[test]
fn an_id_that_a_refusal_told_of_is_what_the_path_takes() {
    let post = takes(&[], &["title"]);
    let world = world(&json!({"/notes": {"post": post}, "/notes/{id}": {"get": takes(&["id"], &[])}}));
    let mut learned = crate::learn::Learned::new();
    let place = crate::learn::Where::Body(vec!["id".to_owned()]);
    learned.learn([crate::learn::Lesson { place, rule: crate::learn::Rule::Required }]);
    let mut src = Seeded::new(1);
    let draft = learned.request(&world, 0, ANONYMOUS, Manner::Minimal, &mut src).expect("drawn");
    let id = draft.members().iter().find(|(name, _)| name == "id").map(|(_, value)| value);
    assert!(id.is_some_and(Value::is_dynamic), "{id:?}");
}
