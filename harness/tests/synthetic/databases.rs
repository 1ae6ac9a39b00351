//! Errors of databases: services that bind what is sent, that refuse quotes, that write about SQL; and services that
//! put it into a statement.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use proofhouse::case::{Base, Place, Request, Value};
use proofhouse::checks::Subject;
use proofhouse::execute::SessionConfig;
use proofhouse::generate::{Access, Draft, Profile, World};
use proofhouse::identity::{Identity, Wallet};
use proofhouse::surface::{Operation, Surface};
use serde_json::json;

use super::lab::{Lab, Model, Reply, Req, Rng, TRACES, Tally, active};
use super::noise::Noise;

/// What the service does with its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    Bound,
    /// Characters that are no letters or digits are refused.
    Refused(u16),
    /// A filter answers quotes with a page.
    Filtered(u16),
    /// A query language of its own, whose parser complains about quotes.
    Language,
    /// Bound, and fails in the database for another reason, and says so.
    Typed,
    /// Every answer holds a text about databases.
    Library,
    /// A search among texts about databases.
    Articles,
    /// Fails on any quote, without a word of the database.
    Silent,
    /// Between single quotes, double quotes, or bare.
    Spliced(char),
}

/// What databases say to a statement that they cannot read.
const SAYS: &[&str] = &[
    "You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use near 'x' at line 1",
    "ERROR: unterminated quoted string at or near \"x\" LINE 1",
    "syntax error at or near \"x\"",
    "unrecognized token: \"x\"",
    "near \"x\": syntax error",
    "Unclosed quotation mark after the character string 'x'.",
    "ORA-01756: quoted string not properly terminated",
    "org.h2.jdbc.JdbcSQLSyntaxErrorException: Syntax error in SQL statement",
    "DB2 SQL Error: SQLCODE=-10, SQLSTATE=42603",
];

struct Search {
    noise: Noise,
    usage: Use,
    says: &'static str,
    status: u16,
    /// The rest of a 200 is as it is without an error.
    inside: bool,
}

impl Search {
    /// Whether a statement with this value in its place can be read.
    fn is_readable(value: &str, quote: char) -> bool {
        match quote {
            // Outside of quotes anything but a number, a name and arithmetic breaks.
            ' ' => value.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'),
            '\\' => !value.ends_with('\\') || value.ends_with("\\\\") && !value.ends_with("\\\\\\"),
            quote => value.matches(quote).count() % 2 == 0,
        }
    }

    fn rows(&mut self, value: &str) -> Reply {
        let n = self.noise.rng.int(0, 3);
        let rows: Vec<_> = (0..n).map(|_| json!({"id": self.noise.rng.uuid(), "title": "soup"})).collect();
        self.noise.success(200, json!({"rows": rows}), value)
    }
}

impl Model for Search {
    fn latency(&mut self) -> (Duration, Duration) {
        self.noise.latency()
    }

    fn answer(&mut self, request: &Req) -> Reply {
        if let Some(reply) = self.noise.hiccup() {
            return reply;
        }
        let value = request.param("q").unwrap_or_default().to_owned();
        let odd = !value.bytes().all(|b| b.is_ascii_alphanumeric());
        let quoted = value.contains(['\'', '"', '\\']);
        match self.usage {
            Use::Refused(status) if odd => self.noise.error(status, "only letters and digits", request),
            Use::Filtered(status) if quoted => {
                Reply::text(status, "text/html", "<html>SQL injection detected</html>")
            }
            Use::Language if value.matches('\'').count() % 2 == 1 || value.matches('"').count() % 2 == 1 => {
                self.noise.error(400, "parse error: unterminated quoted string", request)
            }
            Use::Typed if odd => {
                let text = format!("ERROR: invalid input syntax for type integer: \"{value}\"");
                self.noise.error_as(super::noise::Shape::Error, 500, &text, request)
            }
            Use::Silent if quoted => self.noise.error(500, "internal error", request),
            Use::Library => self.noise.success(200, json!({"text": self.says, "id": 7}), &value),
            Use::Articles => {
                let found = value.matches('\'').count() == 1;
                let rows = if found { json!([{"id": 1, "text": self.says}]) } else { json!([]) };
                self.noise.success(200, json!({"rows": rows}), &value)
            }
            Use::Spliced(quote) if !Self::is_readable(&value, quote) => {
                let text = self.says.to_owned();
                if self.inside {
                    return Reply::json(200, &json!({"errors": [{"message": text}]}));
                }
                let status = self.status;
                self.noise.error_as(super::noise::Shape::Error, status, &text, request)
            }
            _ => self.rows(&value),
        }
    }
}

fn world(value: &str) -> (World, Subject) {
    let operation = Operation {
        inferred: false,
        method: "GET".to_owned(),
        path: "/items".to_owned(),
        operation_id: None,
        summary: String::new(),
        tags: Vec::new(),
        deprecated: false,
        parameters: Vec::new(),
        bodies: Vec::new(),
        body_required: false,
        responses: BTreeMap::new(),
        security: None,
        rate_limit: None,
        pointer: String::new(),
    };
    let mut request = Request { method: "GET".to_owned(), path: "/items".to_owned(), ..Request::default() };
    request.query.set("q", Value::text(value));
    let draft = Draft {
        operation: 0,
        identity: "alice".to_owned(),
        setup: Vec::new(),
        bases: vec![Base { name: "target".to_owned(), operation: operation.name(), request }],
        target: "target".to_owned(),
    };
    let subject = draft.subject(Some(Place::Query("q".to_owned())));
    let access =
        Access { draft: Some(Arc::new(draft)), granted: true, status: Some(200), ..Access::default() };
    let world = World {
        surface: Arc::new(Surface { operations: vec![operation], ..Surface::default() }),
        profiles: vec![Profile { name: "alice".to_owned(), alive: true, ..Profile::default() }],
        access: BTreeMap::from([((0, "alice".to_owned()), access)]),
        ..World::default()
    };
    (world, subject)
}

fn trial(salt: u64, sound: bool, draw: impl Fn(&mut Rng) -> Use) {
    let wallet = Wallet::new(vec![Identity::bearer("alice", "token-of-alice")], Arc::default());
    let lab = Lab::new(wallet, SessionConfig::default());
    let check = active("input-sqli-error");
    let mut tally = Tally::default();
    for seed in 0..TRACES {
        let seed = seed ^ salt << 32;
        let mut rng = Rng::new(seed ^ 0x77);
        let usage = draw(&mut rng);
        let search = Search {
            noise: Noise::new(seed),
            usage,
            says: rng.pick(SAYS),
            status: rng.pick(&[500, 500, 400, 422]),
            inside: rng.chance(0.1),
        };
        lab.put(Box::new(search), seed);
        let (world, subject) = world(if rng.chance(0.5) { "soup" } else { "7" });
        let found = lab.cell(check, &subject, &world, seed);
        tally.count(&found.verdict, &format!("{usage:?}"), sound, || found.tell());
    }
    if sound { tally.sound(check.about().id) } else { tally.defective(check.about().id) }
}

#[test]
fn errors_sound() {
    trial(61, true, |rng| match rng.int(0, 15) {
        0 => Use::Library,
        1 | 2 => Use::Filtered(rng.pick(&[403, 406, 400, 200])),
        3 | 4 => Use::Language,
        5 | 6 => Use::Typed,
        7 => Use::Articles,
        8 => Use::Silent,
        9..=11 => Use::Refused(rng.pick(&[400, 422, 404])),
        _ => Use::Bound,
    });
}

#[test]
fn errors_defective() {
    trial(62, false, |rng| Use::Spliced(rng.pick(&['\'', '\'', '"', ' ', '\\'])));
}
