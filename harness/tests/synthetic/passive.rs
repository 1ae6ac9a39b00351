//! Passive checks other than stack traces: what real services say, show and label, and what only looks like a leak. A
//! valid request and one that provokes go past the check as in a campaign; a sighting becomes a witness.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proofhouse::case::{Base, Case, Edit, Excerpt, Place, Request, Role, Step, Value};
use proofhouse::checks::{self, Kind, Passive, Seen, Verdict};
use proofhouse::execute::SessionConfig;
use proofhouse::identity::{Identity, Wallet};
use serde_json::{Value as Json, json};

use super::lab::{Lab, Model, Reply, Req, Rng, TRACES, Tally};
use super::noise::{Noise, Shape};

/// A service: what it answers to the valid request (`/items/1`) and to any other.
struct Service {
    noise: Noise,
    valid: Reply,
    /// What drifts is in valid answers, too.
    drifts: bool,
    other: Other,
    nosniff: Option<&'static str>,
    nosniff_on_errors: Option<&'static str>,
    /// A filter in front answers some provocations with a page.
    filter: Option<u16>,
}

enum Other {
    /// An error with this message, in the service's shape.
    Error(u16, String),
    /// This.
    Reply(Reply),
    /// An error that shows what was sent.
    Echo,
}

impl Model for Service {
    fn latency(&mut self) -> (Duration, Duration) {
        self.noise.latency()
    }

    fn answer(&mut self, request: &Req) -> Reply {
        if let Some(reply) = self.noise.hiccup() {
            return reply;
        }
        if request.last() == "1" {
            let mut reply = self.valid.clone();
            if self.drifts
                && let Ok(body) = serde_json::from_slice::<Json>(&reply.body)
            {
                reply.body = self.noise.success(reply.status, body, "").body;
            }
            return label(reply, self.nosniff);
        }
        if let Some(status) = self.filter {
            let page = "<html><body><h1>Request blocked</h1><p>reference 4711</p></body></html>";
            return Reply::text(status, "text/html", page);
        }
        let reply = match &self.other {
            Other::Error(status, message) => self.noise.error(*status, message, request),
            Other::Reply(reply) => reply.clone(),
            Other::Echo => {
                let sent = self.noise.echoed(request.last()).unwrap_or_else(|| request.last().to_owned());
                self.noise.error(404, &format!("no such item: {sent}"), request)
            }
        };
        let success = reply.status < 400;
        label(reply, if success { self.nosniff } else { self.nosniff_on_errors })
    }
}

fn label(reply: Reply, nosniff: Option<&'static str>) -> Reply {
    match nosniff {
        Some(value) => reply.header("x-content-type-options", value),
        None => reply,
    }
}

impl Service {
    fn new(noise: Noise) -> Self {
        let other = Other::Error(404, "not found".to_owned());
        Self {
            noise,
            valid: Reply::json(200, &json!({"id": 1, "name": "one"})),
            drifts: true,
            other,
            nosniff: Some("nosniff"),
            nosniff_on_errors: Some("nosniff"),
            filter: None,
        }
    }
}

/// One service with what is around it.
struct Trial {
    service: Service,
    /// What the provoking request sends.
    sent: String,
    documented: Vec<(&'static str, &'static str)>,
    schema: Option<Json>,
    note: String,
}

impl Trial {
    fn of(service: Service, note: impl Into<String>) -> Self {
        Self { service, sent: "'".to_owned(), documented: Vec::new(), schema: None, note: note.into() }
    }
}

fn identities() -> Vec<Identity> {
    vec![Identity::bearer("alice", ALICE), Identity::api_key("bob", "X-API-Key", BOB)]
}

const ALICE: &str = "tok-9f3kq0z7Lw2mXc5v";
const BOB: &str = "key-81hhT4pq93Zs7b6N";

fn case(check: &str, trial: &Trial) -> Case {
    let mut case = Case::new(check, "GET /items/{id}");
    let mut request =
        Request { method: "GET".to_owned(), path: "/items/{id}".to_owned(), ..Request::default() };
    request.path_params.set("id", Value::text("1"));
    case.bases.push(Base { name: "target".to_owned(), operation: "GET /items/{id}".to_owned(), request });
    let responses = trial.documented.iter().map(|(s, t)| ((*s).to_owned(), vec![(*t).to_owned()]));
    case.operations.push(std::sync::Arc::new(Excerpt {
        name: "GET /items/{id}".to_owned(),
        responses: responses.collect(),
        needs_credential: None,
        rate_limit: None,
    }));
    let step = |name: &str, edits| Step::send(name, Role::Attack, "alice", "target", edits).retried(2);
    case.steps.push(step("valid", vec![]));
    let edit = Edit::set(Place::Path("id".to_owned()), trial.sent.as_str());
    case.steps.push(step("provoking", vec![edit]));
    case
}

fn run(id: &str, salt: u64, sound: bool, draw: impl Fn(&mut Rng, Noise) -> Trial) {
    let Some(Kind::Passive(check)) = checks::by_id(id) else { panic!("{id} is no passive check") };
    let lab = Lab::new(Wallet::new(identities(), std::sync::Arc::default()), SessionConfig::default());
    let wallet = Wallet::new(identities(), std::sync::Arc::default());
    let mut tally = Tally::default();
    for seed in 0..TRACES {
        let seed = seed ^ salt << 32;
        let mut rng = Rng::new(seed ^ 0x5151);
        let trial = draw(&mut rng, Noise::new(seed));
        let case = case(id, &trial);
        let (schema, note) = (trial.schema, trial.note);
        lab.put(Box::new(trial.service), seed);
        let first = lab.execute(&case);
        let mut witness = None;
        let mut told = String::new();
        for exchange in &first.exchanges {
            let Some(mut seen) = Seen::new(&case, &first, exchange) else { continue };
            (seen.schema, seen.wallet) = (schema.as_ref(), Some(&wallet));
            told += &format!("{} {}\n", seen.status, seen.text().chars().take(400).collect::<String>());
            if let Some(sighting) = checks::look(*check, &seen) {
                told += &format!("{sighting:?}\n");
                witness = witness.or_else(|| checks::witness(*check, &case, exchange, &sighting));
            }
        }
        let verdict = match witness {
            Some(witness) => {
                let trace = lab.execute(&witness);
                told += &format!(
                    "{:?}",
                    trace.of(&witness, "attack").and_then(proofhouse::trace::Exchange::status)
                );
                checks::judge(&witness, &trace)
            }
            None if telling(*check, &case, &first, schema.as_ref(), &wallet) => Verdict::Held,
            None => Verdict::vacuous("no answer would have shown it"),
        };
        tally.count(&verdict, &note, sound, || told);
    }
    if sound { tally.sound(id) } else { tally.defective(id) }
}

fn telling(
    check: &dyn Passive,
    case: &Case,
    trace: &proofhouse::trace::Trace,
    schema: Option<&Json>,
    wallet: &Wallet,
) -> bool {
    trace.exchanges.iter().any(|exchange| {
        Seen::new(case, trace, exchange).is_some_and(|mut seen| {
            (seen.schema, seen.wallet) = (schema, Some(wallet));
            check.is_telling(&seen)
        })
    })
}

/// A text within an error, as services wrap it.
fn wrapped(rng: &mut Rng, status: u16, text: &str) -> Reply {
    match rng.int(0, 4) {
        0 => Reply::text(status, "text/plain", text),
        1 => {
            let text =
                text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;").replace('\'', "&#39;");
            Reply::text(status, "text/html", format!("<html><body><pre>{text}</pre></body></html>"))
        }
        2 => Reply::json(status, &json!({"error": {"message": text}})),
        3 => Reply::json(status, &json!({"detail": json!({"upstream": text}).to_string()})),
        _ => Reply::json(status, &json!({"errors": [{"code": 7, "detail": text}]})),
    }
}

fn error_status(rng: &mut Rng) -> u16 {
    rng.pick(&[400_u16, 404, 409, 422, 500, 500])
}

const DATABASES: &[&str] = &[
    "You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use near ''' at line 1",
    "Duplicate entry 'a@b.example' for key 'users.email'",
    "Unknown column 'x' in 'field list'",
    "Table 'shop.orders' doesn't exist",
    "SQLSTATE[42S22]: Column not found: 1054",
    "ERROR:  syntax error at or near \"'\" LINE 1: SELECT",
    "duplicate key value violates unique constraint \"users_email_key\"",
    "DETAIL:  Key (email)=(a@b.example) already exists.",
    "near \"'\": syntax error",
    "UNIQUE constraint failed: accounts.name",
    "no such table: dish_misses",
    "Unclosed quotation mark after the character string ''.",
    "Incorrect syntax near the keyword 'FROM'.",
    "ORA-00933: SQL command not properly ended",
    "E11000 duplicate key error collection: shop.users index: email_1 dup key",
    "MongoServerError: unknown operator: $foo",
    "QueryFailedError: SELECT id, name FROM users WHERE name = $1",
    "Failed query: INSERT INTO orders (id, note) VALUES (?, ?)",
    "could not connect: postgres://app:s3cret@db.internal:5432/app",
    "jdbc:postgresql://db.internal/shop refused",
];

const PROSE: &[&str] = &[
    "select an item from the list where it is shown",
    "the name violates a unique constraint of your plan",
    "a syntax error near the end of your query",
    "duplicate entry: this item is in the cart already",
    "unknown column in your CSV: `price`",
    "table 4 doesn't exist in this restaurant",
    "update your profile and set a name",
    "relation \"friend\" does not exist",
    "see https://docs.example/errors/404 for help",
    "insert into slot 4 failed",
    "constraint failed: must be positive",
    "ERROR 4041 (item)",
    "no route /home/user or /etc",
    "the path /api/v2/items/x.json is not known",
    "download it from https://cdn.example/var/www/files/manual.pdf",
    "try again at 10:30 or later (UTC)",
    "file report.pdf was not found in folder /documents/2024",
    "and/or home/office.md is missing",
    "/app/settings.html moved",
];

#[test]
fn database_sound() {
    run("error-db-detail", 61, true, |rng, mut noise| {
        let text = rng.pick(DATABASES);
        match rng.int(0, 11) {
            0 => {
                // A course on databases.
                let mut service = Service::new(noise);
                let two = format!("{text} and SQLITE_ERROR and ORA-00942: no table");
                service.valid = Reply::json(200, &json!({"id": 1, "lesson": two}));
                service.other = Other::Reply(Reply::json(200, &json!({"id": 2, "lesson": two})));
                Trial::of(service, "Data")
            }
            1 => {
                if noise.shape == Shape::Empty {
                    noise.shape = Shape::Plain;
                }
                let service = Service { other: Other::Echo, ..Service::new(noise) };
                Trial { sent: text.to_owned(), ..Trial::of(service, format!("Echo {text}")) }
            }
            2 => {
                let one = rng.pick(&DATABASES[..4]);
                let other = Other::Reply(Reply::json(200, &json!({"id": 2, "lesson": one})));
                Trial::of(Service { other, ..Service::new(noise) }, "One")
            }
            _ => {
                let prose = rng.pick(PROSE);
                let other = Other::Error(error_status(rng), prose.to_owned());
                Trial::of(Service { other, ..Service::new(noise) }, format!("Prose {prose}"))
            }
        }
    });
}

#[test]
fn database_defective() {
    run("error-db-detail", 62, false, |rng, noise| {
        let text = rng.pick(DATABASES);
        let status = error_status(rng);
        let other = Other::Reply(wrapped(rng, status, text));
        Trial::of(Service { other, ..Service::new(noise) }, text)
    });
}

fn path(rng: &mut Rng) -> String {
    let (a, b) = (rng.word(5), rng.word(6));
    match rng.int(0, 9) {
        0 => format!("/home/{a}/api/{b}.py"),
        1 => format!("/var/www/{a}/{b}.php"),
        2 => format!("/usr/src/app/{a}/{b}.js"),
        3 => format!("/usr/lib/python3.12/{a}/{b}.py"),
        4 => format!("/srv/{a}/{b}.db"),
        5 => format!("/opt/{a}/conf/{b}.yaml"),
        6 => format!("/home/app/.cargo/registry/src/{a}-1.0.0/src/{b}.rs"),
        7 => format!("/app/{a}/{b}.rb"),
        8 => format!("C:\\inetpub\\{a}\\{b}.aspx"),
        _ => format!("D:\\Program Files\\{a}\\{b}.config"),
    }
}

#[test]
fn paths_sound() {
    run("error-path-disclosure", 63, true, |rng, mut noise| {
        let (one, two) = (path(rng), path(rng));
        match rng.int(0, 11) {
            0 => {
                // Builds and notebooks.
                let mut service = Service::new(noise);
                service.valid = Reply::json(200, &json!({"id": 1, "files": [one, two]}));
                service.other = Other::Reply(Reply::json(200, &json!({"id": 2, "files": [two, one]})));
                Trial::of(service, "Data")
            }
            1 => {
                if noise.shape == Shape::Empty {
                    noise.shape = Shape::Plain;
                }
                let service = Service { other: Other::Echo, ..Service::new(noise) };
                Trial { sent: one.clone(), ..Trial::of(service, format!("Echo {one}")) }
            }
            2 => {
                let other = Other::Reply(Reply::json(200, &json!({"id": 2, "file": one})));
                Trial::of(Service { other, ..Service::new(noise) }, "One")
            }
            _ => {
                let prose = rng.pick(PROSE);
                let other = Other::Error(error_status(rng), prose.to_owned());
                Trial::of(Service { other, ..Service::new(noise) }, format!("Prose {prose}"))
            }
        }
    });
}

#[test]
fn paths_defective() {
    run("error-path-disclosure", 64, false, |rng, noise| {
        let path = path(rng);
        let text = match rng.int(0, 3) {
            0 => format!("cannot open {path}: No such file or directory"),
            1 => format!("File \"{path}\", line 12"),
            2 => format!("{path}(12): warning"),
            _ => format!("include({path}): failed"),
        };
        let status = error_status(rng);
        let other = Other::Reply(wrapped(rng, status, &text));
        Trial::of(Service { other, ..Service::new(noise) }, text)
    });
}

#[test]
fn nosniff_sound() {
    run("ctype-nosniff-missing", 65, true, |rng, noise| {
        let value = rng.pick(&["nosniff", "nosniff", "NoSniff", "nosniff, nosniff", " nosniff"]);
        let mut service = Service::new(noise);
        (service.nosniff, service.nosniff_on_errors) = (Some(value), Some(value));
        // What a server in front answers by itself says nothing of the service.
        if rng.chance(0.3) {
            let status = rng.pick(&[400_u16, 413, 414, 431]);
            service.nosniff_on_errors = None;
            service.other = Other::Reply(Reply::text(status, "text/html", "<h1>Bad Request</h1>"));
        }
        Trial::of(service, value)
    });
}

#[test]
fn nosniff_defective() {
    run("ctype-nosniff-missing", 66, false, |rng, mut noise| {
        if matches!(noise.shape, Shape::Empty | Shape::Ok) {
            noise.shape = Shape::Problem;
        }
        let mut service = Service::new(noise);
        let bad = rng.pick(&[None, None, Some("no-sniff"), Some("none"), Some("")]);
        if rng.chance(0.5) {
            service.nosniff = bad;
        } else {
            service.nosniff_on_errors = bad;
        }
        Trial::of(service, format!("{bad:?}"))
    });
}

fn documented(shape: Shape) -> Vec<(&'static str, &'static str)> {
    let error = match shape {
        Shape::Problem => "application/problem+json",
        Shape::Html => "text/html",
        Shape::Plain => "text/plain",
        _ => "application/json",
    };
    vec![("200", "application/json"), ("4XX", error), ("500", error)]
}

#[test]
fn undeclared_sound() {
    run("ctype-response-undeclared", 67, true, |rng, noise| {
        let mut documented = documented(noise.shape);
        let mut service = Service::new(noise);
        let note = match rng.int(0, 6) {
            0 => {
                service.filter = Some(rng.pick(&[200_u16, 403, 406, 503]));
                "Filter"
            }
            1 => {
                // Errors that nobody documents.
                documented.truncate(1);
                "Undocumented"
            }
            2 => {
                service.valid.media = "application/hal+json";
                "Family"
            }
            3 => {
                service.valid = Reply::text(
                    200,
                    "application/json",
                    rng.pick(&["\u{feff}{\"id\": 1}", "{\"id\":1}\n{\"id\":2}", "null", ")]}',\n{}"]),
                );
                "Dressed"
            }
            4 => {
                documented = vec![("default", "*/*")];
                service.valid = Reply::text(200, "image/png", vec![1_u8, 2, 3]);
                "Any"
            }
            _ => "Plain",
        };
        Trial { documented, ..Trial::of(service, note) }
    });
}

#[test]
fn undeclared_defective() {
    run("ctype-response-undeclared", 68, false, |rng, mut noise| {
        if matches!(noise.shape, Shape::Empty | Shape::Ok) {
            noise.shape = Shape::Problem;
        }
        let documented = documented(noise.shape);
        let mut service = Service::new(noise);
        let note = match rng.int(0, 4) {
            0 => {
                service.valid = Reply::text(200, "text/html", "<html><body>welcome</body></html>");
                "Page"
            }
            1 => {
                service.valid = Reply::text(200, "application/json", "id=1&name=one");
                "Differs"
            }
            2 => {
                service.valid.media = "";
                "Missing"
            }
            3 => {
                service.valid = Reply::text(200, "text/csv", "id,name\n1,one\n");
                "Undocumented"
            }
            _ => {
                let media = if documented[1].1 == "text/plain" { "application/json" } else { "text/plain" };
                service.other = Other::Reply(Reply::text(404, media, "7"));
                "Error"
            }
        };
        Trial { documented, ..Trial::of(service, note) }
    });
}

/// A schema of all that valid answers have, drift included.
fn schema(rng: &mut Rng) -> Json {
    let row = json!({"type": "object", "properties": {"sku": {"type": "string"}, "n": {"type": "integer"}}});
    let mut properties =
        json!({"id": {}, "name": {}, "rows": {"type": "array", "items": {"$ref": "#/$defs/Row"}}});
    for name in ["request_id", "generated_at", "served", "query", "success", "error"] {
        properties[name] = json!({});
    }
    let mut schema = json!({"type": "object", "properties": properties, "$defs": {"Row": row}});
    if rng.chance(0.3) {
        schema["additionalProperties"] = json!(false);
    }
    schema
}

fn rows(rng: &mut Rng) -> Json {
    let rows = (0..rng.int(1, 6)).map(|_| json!({"sku": rng.word(6), "n": rng.int(0, 9)}));
    json!({"id": 1, "name": "one", "rows": rows.collect::<Vec<_>>()})
}

#[test]
fn fields_sound() {
    run("expose-undocumented-field", 69, true, |rng, noise| {
        let mut service = Service::new(noise);
        let mut schema = schema(rng);
        let mut answer = rows(rng);
        let note = match rng.int(0, 9) {
            0 => {
                schema["additionalProperties"] = json!({"type": "integer"});
                schema["$defs"]["Row"] = json!({"type": "object"});
                answer["extra"] = json!(4);
                "Open"
            }
            1 => {
                answer["_links"] = json!({"self": "/items/1"});
                answer["@id"] = json!("/items/1");
                "Hypermedia"
            }
            2 => {
                let parts = json!([{"properties": schema["properties"].clone()}, {"$ref": "#/$defs/More"}]);
                schema = json!({"allOf": parts, "$defs": {"Row": schema["$defs"]["Row"].clone(), "More": {"properties": {"extra": {}}}}});
                answer["extra"] = json!({"anything": 1});
                "Parts"
            }
            _ => "Plain",
        };
        service.valid = Reply::json(200, &answer);
        Trial { schema: Some(schema), ..Trial::of(service, note) }
    });
}

#[test]
fn fields_defective() {
    run("expose-undocumented-field", 70, false, |rng, noise| {
        let mut service = Service::new(noise);
        let schema = schema(rng);
        let mut answer = rows(rng);
        let (name, value) = match rng.int(0, 3) {
            0 => ("cost", json!(4)),
            1 => ("password_hash", json!("5f4dcc3b5aa765d61d8327deb882cf99")),
            2 => ("internal_note", json!("do not show")),
            _ => ("is_admin", json!(false)),
        };
        if rng.chance(0.5) {
            answer[name] = value;
        } else {
            // In one row of the list.
            let last = answer["rows"].as_array().map_or(0, Vec::len) - 1;
            answer["rows"][last][name] = value;
        }
        service.valid = Reply::json(200, &answer);
        Trial { schema: Some(schema), ..Trial::of(service, name) }
    });
}

#[test]
fn secrets_sound() {
    run("expose-seeded-secret", 71, true, |rng, noise| {
        let mut service = Service::new(noise);
        let shown = match rng.int(0, 5) {
            // The own token, and what is like the other's.
            0 => json!({"id": 1, "token": ALICE}),
            1 => json!({"id": 1, "key": format!("{}…", &BOB[..8])}),
            2 => json!({"id": 1, "key": format!("key-{}", rng.word(16))}),
            3 => json!({"id": 1, "keys": [{"owner": "bob", "last4": &BOB[16..]}]}),
            4 => json!({"id": 1, "session": STANDARD.encode(rng.word(20))}),
            _ => json!({"id": 1, "name": "one"}),
        };
        let note = shown.to_string();
        service.valid = Reply::json(200, &shown);
        // What was sent comes back.
        if rng.chance(0.2) {
            service.other = Other::Echo;
            return Trial { sent: BOB.to_owned(), ..Trial::of(service, "Echo") };
        }
        Trial::of(service, note)
    });
}

#[test]
fn secrets_defective() {
    run("expose-seeded-secret", 72, false, |rng, noise| {
        let mut service = Service::new(noise);
        let lead = rng.word(rng.clone().int(0, 5) as usize);
        let form = match rng.int(0, 3) {
            0 => BOB.to_owned(),
            1 => STANDARD.encode(format!("{lead}{BOB} and more")),
            2 => BOB.bytes().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}")),
            _ => format!("X-API-Key: {BOB}"),
        };
        if rng.chance(0.5) {
            service.valid = Reply::json(200, &json!({"id": 1, "debug": {"last": form}}));
        } else {
            service.other = Other::Reply(Reply::json(500, &json!({"error": format!("failed for {form}")})));
        }
        Trial::of(service, form)
    });
}
