//! Witnesses as checks hand them over, with what a target would fail on.

use proofhouse::case::{
    Base, Body, Case, Content, Edit, Excerpt, FreshKind, Pairs, Place, Request, Role, Step, Value, Wait,
};
use serde_json::json;

use crate::oracle::{Oracle, Want};

/// Each with its name.
pub(crate) fn all() -> Vec<(&'static str, Case, Oracle)> {
    vec![injection(), object_read(), state_order(), burst(), large_body()]
}

fn base(name: &str, method: &str, path: &str) -> Base {
    let mut request = Request { method: method.into(), path: path.into(), ..Request::default() };
    request.headers.set("Accept", Value::text("application/json"));
    request.headers.set("X-Request-Id", Value::fresh("request", FreshKind::Uuid));
    Base { name: name.into(), operation: format!("{method} {path}"), request }
}

fn body(base: &mut Base, value: Value) {
    base.request.body = Some(Body { media_type: "application/json".into(), content: Content::Json(value) });
}

fn finish(mut case: Case) -> Case {
    for base in &case.bases {
        case.operations.push(std::sync::Arc::new(Excerpt {
            name: base.operation.clone(),
            responses: [("200".to_owned(), vec!["application/json".to_owned()])].into(),
            needs_credential: Some(true),
            rate_limit: None,
        }));
    }
    case.note_identities(|_| None);
    case
}

/// A boolean differential: nearly all controls, a baseline with more than it needs.
fn injection() -> (&'static str, Case, Oracle) {
    let mut case = Case::new("input-sqli-boolean", "GET /menu");
    let mut search = base("search", "GET", "/menu");
    for (name, value) in [("q", "soup"), ("sort", "name"), ("limit", "20"), ("lang", "en")] {
        search.request.query.set(name, Value::text(value));
    }
    case.bases.push(search);
    let edit = |text: &str| vec![Edit::append(Place::Query("q".into()), text)];
    let step = |name: &str, role, edits| Step::send(name, role, "alice", "search", edits).retried(2);
    case.steps = vec![
        step("original-1", Role::Control, vec![]),
        step("truth-1", Role::Attack, edit("' AND '4711'='4711")),
        step("lie-1", Role::Control, edit("' AND '4711'='4712")),
        step("original-2", Role::Control, vec![]),
        step("broken-1", Role::Control, edit("' AND ('4711'='4711")),
    ];
    let wants = vec![
        Want::Edit("truth-1".into(), "' AND '".into()),
        Want::Edit("truth-1".into(), "'='".into()),
        Want::Entry("truth-1".into(), "q".into()),
    ];
    ("injection", finish(case), Oracle(wants))
}

/// Alice's order read by bob: setup and reference are needed, most of the order is not.
fn object_read() -> (&'static str, Case, Oracle) {
    let mut case = Case::new("authz-object-read", "GET /orders/{id}");
    let mut create = base("create", "POST", "/orders");
    let order = json!({
        "items": [{"sku": "soup", "count": 2, "extras": ["bread", "butter"]}, {"sku": "cake", "count": 1, "extras": []}],
        "address": {"street": "High Street 7", "city": "Springfield", "zip": "12345", "country": {"code": "DE"}},
        "note": "leave it at the door", "express": false, "coupon": null
    });
    body(&mut create, Value::from(order));
    let mut read = base("read", "GET", "/orders/{id}");
    read.request.path_params.set("id", Value::reference("create", "/id"));
    let mut delete = base("delete", "DELETE", "/orders/{id}");
    delete.request.path_params.set("id", Value::reference("create", "/id"));
    case.bases = vec![create, read, delete];
    case.steps = vec![
        Step::send("create", Role::Setup, "alice", "create", vec![]),
        Step::send("owner-1", Role::Control, "alice", "read", vec![]),
        Step::send("other", Role::Attack, "bob", "read", vec![]),
        Step::send("owner-2", Role::Control, "alice", "read", vec![]),
        Step::send("clean", Role::Cleanup, "alice", "delete", vec![]),
    ];
    let wants = vec![
        Want::Reference("other".into(), "create".into()),
        Want::Node("create".into(), "/items/0/sku".into()),
        Want::Node("create".into(), "/address/country/code".into()),
    ];
    ("object-read", finish(case), Oracle(wants))
}

/// A state that is reached by three of fourteen steps, in their order.
fn state_order() -> (&'static str, Case, Oracle) {
    let mut case = Case::new("flow-step-skipped", "POST /orders/{id}/ship");
    case.bases = (0..7).map(|index| base(&format!("b{index}"), "POST", &format!("/flow/{index}"))).collect();
    for (index, base) in case.bases.iter_mut().enumerate() {
        body(base, Value::from(json!({"step": index, "comment": "as agreed", "lines": [1, 2, 3]})));
    }
    for index in 0..14 {
        let role = if index == 9 { Role::Attack } else { Role::Setup };
        case.steps.push(Step::send(format!("s{index}"), role, "alice", format!("b{}", index % 7), vec![]));
    }
    case.steps.push(Step::send("control", Role::Control, "alice", "b0", vec![]));
    let order = |a: &str, b: &str| Want::Order(a.into(), b.into());
    ("state-order", finish(case), Oracle(vec![order("s3", "s6"), order("s6", "s9"), order("s9", "control")]))
}

/// A limit that a burst of 17 gets over, with the wait that shows it.
fn burst() -> (&'static str, Case, Oracle) {
    let mut case = Case::new("ratelimit-missing", "POST /login");
    let mut login = base("login", "POST", "/login");
    body(
        &mut login,
        Value::from(json!({"username": "alice", "password": "wrong horse battery staple", "remember": true})),
    );
    case.bases.push(login);
    let mut attack = Step::send("burst", Role::Attack, "anonymous", "login", vec![]).copied(200);
    attack.connection = Some("c".into());
    case.steps.push(Step::send("before", Role::Control, "anonymous", "login", vec![]));
    case.steps.push(attack);
    case.steps.push(Step::wait(
        "pause",
        Wait { millis: 1_000, retry_after: Some("burst".into()), at_most: 60_000 },
    ));
    case.steps.push(Step::send("after", Role::Control, "anonymous", "login", vec![]));
    let node = |pointer: &str| Want::Node("burst".into(), pointer.into());
    (
        "burst",
        finish(case),
        Oracle(vec![Want::Copies("burst".into(), 17), node("/username"), node("/password")]),
    )
}

/// One bad member of a hundred.
fn large_body() -> (&'static str, Case, Oracle) {
    let mut case = Case::new("input-server-error", "PUT /settings");
    let mut put = base("put", "PUT", "/settings");
    let members = (0..100)
        .map(|index| (format!("m{index}"), Value::from(json!({"on": true, "label": "a label", "n": index}))));
    body(&mut put, Value::Object(members.collect::<Pairs>().0));
    case.bases.push(put);
    let edit = Edit::set(Place::Node("/m42/label".into()), Value::text("\u{202e}".repeat(400) + "%00"));
    case.steps.push(Step::send("valid", Role::Control, "alice", "put", vec![]));
    case.steps.push(Step::send("attack", Role::Attack, "alice", "put", vec![edit]));
    let wants =
        vec![Want::Node("attack".into(), "/m42/label".into()), Want::Edit("attack".into(), "%00".into())];
    ("large-body", finish(case), Oracle(wants))
}
