//! Objects of others: services that keep them apart, that share them on purpose, and that forget to ask.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use proofhouse::checks::Subject;
use proofhouse::execute::SessionConfig;
use proofhouse::generate::{
    Access, Manner, Policy, Producer, Profile, Rule, Seeded, Settings, World, request,
};
use proofhouse::identity::{Identity, Wallet};
use proofhouse::surface::{Body, Location, Operation, Parameter, Schema, Style, Surface};
use serde_json::{Value as Json, json};

use super::lab::{Lab, Model, Reply, Req, Rng, TRACES, Tally, active};
use super::noise::{Noise, REFUSALS, Refusal};

/// Who reads what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sharing {
    Private,
    /// Others get the title, and nothing else.
    Redacted,
    /// Everybody reads all, on purpose.
    Shared,
    /// Nobody asks whose it is.
    Forgotten,
    /// Nobody asks, and only one field is shown.
    Glimpse,
}

struct Notes {
    noise: Noise,
    sharing: Sharing,
    refusal: Refusal,
    /// Id, owner, note.
    kept: Vec<(String, &'static str, Json)>,
    numeric: bool,
    next: u64,
    page: usize,
    newest_first: bool,
    shuffled: bool,
    wrapped: bool,
    /// Rows that others add meanwhile.
    others: f64,
    /// Everybody's list is made anew only now and then.
    cache: Option<BTreeMap<&'static str, (Duration, Json)>>,
    /// Lists show the text, too.
    whole_rows: bool,
    /// What another read of the object does.
    print: Print,
}

/// A second read of the same object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Print {
    /// Shows the text to its owner, and to others what the first one shows them.
    Same,
    /// Shows the text to its owner only.
    Guarded,
    /// Is its owner's only, and shows no text.
    Receipt,
}

impl Notes {
    fn row(&mut self, owner: &'static str, title: &str, text: &str) -> Json {
        self.next += self.noise.rng.int(1, 3);
        let id = if self.numeric { self.next.to_string() } else { self.noise.rng.uuid() };
        let json_id = if self.numeric { json!(self.next) } else { json!(id) };
        let note = json!({"id": json_id, "title": title, "text": text, "stars": self.noise.rng.int(0, 5)});
        self.kept.push((id, owner, note.clone()));
        note
    }

    fn may_list(&self, owner: &str, user: &str) -> bool {
        self.sharing == Sharing::Shared || owner == user
    }

    fn list(&mut self, user: &'static str, at: Duration) -> Json {
        if let Some((made, list)) = self.cache.as_ref().and_then(|cache| cache.get(user))
            && at.saturating_sub(*made) < Duration::from_secs(30)
        {
            return list.clone();
        }
        let whole = self.whole_rows;
        let rows = self.kept.iter().filter(|(_, owner, _)| self.may_list(owner, user));
        let mut rows: Vec<_> = rows
            .map(|(_, _, note)| {
                let mut note = note.clone();
                if !whole && let Json::Object(members) = &mut note {
                    members.remove("text");
                }
                note
            })
            .collect();
        if self.newest_first {
            rows.reverse();
        }
        if self.shuffled {
            self.noise.rng.shuffle(&mut rows);
        }
        let total = rows.len();
        rows.truncate(self.page);
        let list = if self.wrapped { json!({"total": total, "items": rows}) } else { json!(rows) };
        if let Some(cache) = &mut self.cache {
            cache.insert(user, (at, list.clone()));
        }
        list
    }
}

impl Model for Notes {
    fn latency(&mut self) -> (Duration, Duration) {
        self.noise.latency()
    }

    fn answer(&mut self, request: &Req) -> Reply {
        if let Some(reply) = self.noise.hiccup() {
            return reply;
        }
        let user = match request.token.as_deref() {
            Some("token-of-alice") => "alice",
            Some("token-of-bob") => "bob",
            _ => return self.noise.error(401, "log in", request),
        };
        if self.noise.rng.chance(self.others) {
            let (title, text) = (self.noise.rng.word(6), self.noise.rng.word(20));
            self.row("carol", &title, &text);
        }
        match (request.method.as_str(), request.path.trim_end_matches('/')) {
            ("POST", "/notes") => {
                let body = request.json().unwrap_or_default();
                let of = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
                let note = self.row(user, &of("title"), &of("text"));
                self.noise.success(201, note, "")
            }
            ("GET", "/notes") => {
                let list = self.list(user, request.at);
                if list.is_object() { self.noise.success(200, list, "") } else { Reply::json(200, &list) }
            }
            _ => {
                let print = request.path.ends_with("/print");
                let id = request.path.trim_end_matches("/print").rsplit('/').next().unwrap_or_default();
                let found = self.kept.iter().find(|(known, _, _)| known == id).cloned();
                let Some((_, owner, note)) = found else {
                    return self.noise.error(404, "no such note", request);
                };
                if print && self.print == Print::Receipt && owner == user {
                    return self.noise.success(200, json!({"printed": note["id"]}), "");
                }
                if owner == user {
                    return self.noise.success(200, note, "");
                }
                if print && self.print != Print::Same {
                    return self.noise.refusal(self.refusal, "not yours", request);
                }
                match self.sharing {
                    Sharing::Private => self.noise.refusal(self.refusal, "not yours", request),
                    Sharing::Redacted => {
                        let view = json!({"id": note["id"], "title": note["title"]});
                        self.noise.success(200, view, "")
                    }
                    Sharing::Shared | Sharing::Forgotten => self.noise.success(200, note, ""),
                    Sharing::Glimpse => {
                        let view = json!({"id": note["id"], "preview": note["text"]});
                        self.noise.success(200, view, "")
                    }
                }
            }
        }
    }
}

fn operation(method: &str, path: &str) -> Operation {
    let string = |most: u64| json!({"type": "string", "minLength": 1, "maxLength": most});
    let parameter = || Parameter {
        name: "id".to_owned(),
        location: Location::Path,
        required: true,
        style: Style::Simple,
        explode: false,
        allow_reserved: false,
        schema: Schema::new(json!({"type": "string"})),
        pointer: String::new(),
    };
    let body = || Body {
        media_type: "application/json".to_owned(),
        schema: Schema::new(json!({
            "type": "object",
            "required": ["title", "text"],
            "properties": {"title": string(80), "text": string(400)}
        })),
        encoding: BTreeMap::new(),
    };
    Operation {
        inferred: false,
        method: method.to_owned(),
        path: path.to_owned(),
        operation_id: None,
        summary: String::new(),
        tags: Vec::new(),
        deprecated: false,
        parameters: if path.contains('{') { vec![parameter()] } else { Vec::new() },
        bodies: if method == "POST" { vec![body()] } else { Vec::new() },
        body_required: method == "POST",
        responses: BTreeMap::new(),
        security: None,
        rate_limit: None,
        pointer: String::new(),
    }
}

/// What a world of this trial has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Setting {
    lists: bool,
    declared: bool,
    /// The other makes objects, too.
    makes: bool,
    /// The other gets in where the owner does not.
    admin: bool,
    /// There is another read of the object.
    prints: bool,
}

fn world(setting: Setting) -> World {
    let mut operations = vec![operation("POST", "/notes"), operation("GET", "/notes/{id}")];
    if setting.lists {
        operations.push(operation("GET", "/notes"));
    }
    if setting.admin {
        operations.push(operation("GET", "/audit"));
    }
    if setting.prints {
        operations.push(operation("GET", "/notes/{id}/print"));
    }
    let profile = |name: &str, role: &str| Profile {
        name: name.to_owned(),
        role: Some(role.to_owned()),
        alive: true,
        ..Profile::default()
    };
    let own = Rule { role: "user".to_owned(), own: vec!["* /notes/**".to_owned()], ..Rule::default() };
    let policy = Policy { rules: if setting.declared { vec![own] } else { Vec::new() }, ..Policy::default() };
    let mut world = World {
        surface: Arc::new(Surface { operations, ..Surface::default() }),
        profiles: vec![profile("alice", "user"), profile("bob", "user")],
        settings: Settings { policy, ..Settings::default() },
        ..World::default()
    };
    for index in 0..world.surface.operations.len() {
        for name in ["alice", "bob"] {
            let op = world.operation(index);
            let audit = op.path == "/audit";
            let makes = op.method == "POST";
            let read = op.path.contains('{');
            let granted = match name {
                "alice" => !audit,
                // Who has no object of its own was never seen to get in.
                _ => setting.makes || (!makes && !read),
            };
            let mut src = Seeded::new(7);
            let Some(draft) = request(&world, index, name, Manner::Minimal, &mut src) else { continue };
            let draft = Arc::new(draft);
            let status = Some(if granted { 200 } else { 403 });
            let access = Access { draft: Some(Arc::clone(&draft)), granted, status, ..Access::default() };
            world.access.insert((index, name.to_owned()), access);
            if makes && granted {
                let producer =
                    Producer { collection: "/notes".to_owned(), draft, take: "/id".to_owned(), makes: true };
                world.producers.push(producer);
            }
        }
    }
    world
}

fn notes(seed: u64, sharing: Sharing) -> Notes {
    let noise = Noise::new(seed);
    let mut rng = noise.rng.clone();
    let mut notes = Notes {
        sharing,
        refusal: rng.pick(REFUSALS),
        kept: Vec::new(),
        numeric: rng.chance(0.5),
        next: 100,
        page: rng.pick(&[5_usize, 10, 20, 100, 100]),
        newest_first: rng.chance(0.5),
        shuffled: rng.chance(0.1),
        wrapped: rng.chance(0.5),
        others: rng.pick(&[0.0, 0.1, 0.5]),
        cache: rng.chance(0.15).then(BTreeMap::new),
        whole_rows: rng.chance(0.7),
        // Where all is shared on purpose nobody guards the same text elsewhere.
        print: if sharing == Sharing::Shared {
            rng.pick(&[Print::Same, Print::Receipt])
        } else {
            rng.pick(&[Print::Same, Print::Guarded, Print::Receipt])
        },
        noise,
    };
    for _ in 0..rng.int(0, 30) {
        let owner = rng.pick(&["alice", "bob", "carol"]);
        let (title, text) = (rng.word(6), rng.word(20));
        notes.row(owner, &title, &text);
    }
    if rng.chance(0.3) {
        // Warm caches, from before.
        notes.list("alice", Duration::ZERO);
        notes.list("bob", Duration::ZERO);
    }
    notes
}

fn trial(salt: u64, sound: bool, draw: impl Fn(&mut Rng) -> (Sharing, Setting)) {
    let identities = ["alice", "bob"].map(|name| Identity::bearer(name, format!("token-of-{name}")));
    let lab = Lab::new(Wallet::new(identities.into(), Arc::default()), SessionConfig::default());
    let check = active("authz-object-read");
    let mut tally = Tally::default();
    let mut worlds: BTreeMap<Setting, World> = BTreeMap::new();
    for seed in 0..TRACES {
        let seed = seed ^ salt << 32;
        let mut rng = Rng::new(seed ^ 0x3333);
        let (sharing, setting) = draw(&mut rng);
        let world = worlds.entry(setting).or_insert_with(|| world(setting));
        lab.put(Box::new(notes(seed, sharing)), seed);
        let subject = Subject { operation: Some(1), identity: "bob".to_owned(), place: None };
        let found = lab.cell(check, &subject, world, seed);
        let note = format!("{sharing:?} {setting:?}");
        tally.count(&found.verdict, &note, sound, || found.tell());
    }
    if sound { tally.sound("authz-object-read") } else { tally.defective("authz-object-read") }
}

#[test]
fn sound() {
    trial(31, true, |rng| {
        let sharing = match rng.int(0, 9) {
            0..=4 => Sharing::Private,
            5 => Sharing::Redacted,
            _ => Sharing::Shared,
        };
        let setting = Setting {
            lists: rng.chance(0.8),
            // Nobody declares private what is shared.
            declared: sharing != Sharing::Shared && rng.chance(0.3),
            makes: rng.chance(0.8),
            admin: false,
            prints: rng.chance(0.5),
        };
        // An administrator reads everything, by right.
        if rng.chance(0.05) {
            return (Sharing::Forgotten, Setting { admin: true, makes: true, ..setting });
        }
        (sharing, setting)
    });
}

#[test]
fn defective() {
    trial(32, false, |rng| {
        let sharing = rng.pick(&[Sharing::Forgotten, Sharing::Glimpse]);
        let lists = rng.chance(0.7);
        let makes = rng.chance(0.8) || !lists;
        (sharing, Setting { lists, declared: rng.chance(0.3), makes, admin: false, prints: rng.chance(0.5) })
    });
}
