//! Members for some roles only: services that keep them back, and one serializer for everybody.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use proofhouse::case::{Base, Request};
use proofhouse::checks::Subject;
use proofhouse::execute::SessionConfig;
use proofhouse::generate::{Access, Draft, Policy, Profile, Rule, Settings, When, World};
use proofhouse::identity::{Identity, Wallet};
use proofhouse::surface::{Operation, Response, Schema, Surface};
use serde_json::{Value as Json, json};

use super::lab::{Lab, Model, Reply, Req, Rng, TRACES, Tally, active};
use super::noise::Noise;

const PEOPLE: [(&str, &str); 2] = [("alice", "customer"), ("olga", "admin")];

/// Who is shown what an item costs the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shows {
    /// Administrators; others see nothing, or null.
    Keepers { null: bool },
    /// Everybody.
    All,
    /// Everybody in the region of the rule, though not elsewhere.
    Region,
}

struct Shop {
    noise: Noise,
    shows: Shows,
    list: bool,
    nested: bool,
    items: u64,
}

impl Model for Shop {
    fn latency(&mut self) -> (Duration, Duration) {
        self.noise.latency()
    }

    fn answer(&mut self, request: &Req) -> Reply {
        if let Some(reply) = self.noise.hiccup() {
            return reply;
        }
        let keeper = match request.token.as_deref() {
            Some("token-of-alice") => false,
            Some("token-of-olga") => true,
            _ => return self.noise.error(401, "log in", request),
        };
        let abroad = request.param("region") == Some("us");
        let shown = match self.shows {
            Shows::Keepers { .. } => keeper,
            Shows::All => true,
            Shows::Region => keeper || abroad,
        };
        let null = matches!(self.shows, Shows::Keepers { null: true });
        let mut item = |id: u64| {
            let cost = self.noise.rng.int(1, 90);
            let mut prices = json!({"price": cost * 2, "costs": "on request"});
            if shown {
                prices["cost"] = json!(cost);
            } else if null {
                prices["cost"] = Json::Null;
            }
            if self.nested { json!({"id": id, "prices": prices}) } else { prices }
        };
        let body = if self.list {
            json!({"items": (1..=self.items).map(&mut item).collect::<Vec<_>>()})
        } else {
            item(1)
        };
        self.noise.success(200, body, "")
    }
}

/// What a world of this trial has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Setting {
    documented: bool,
    conditional: bool,
}

fn world(setting: Setting) -> World {
    let known =
        json!({"type": "object", "properties": {"prices": {"type": "object", "properties": {"cost": {}}}}});
    let content = BTreeMap::from([("application/json".to_owned(), Some(Schema::new(known)))]);
    let mut operation =
        Operation { method: "GET".to_owned(), path: "/items".to_owned(), ..Operation::default() };
    if setting.documented {
        operation.responses.insert("200".to_owned(), Response { content, ..Response::default() });
    }
    let region = When { query: BTreeMap::from([("region".to_owned(), "us".to_owned())]), ..When::default() };
    let rule = Rule {
        role: "customer".to_owned(),
        hidden_fields: vec!["cost".to_owned()],
        when: if setting.conditional { region } else { When::default() },
        ..Rule::default()
    };
    let profile = |(name, role): &(&str, &str)| Profile {
        name: (*name).to_owned(),
        role: Some((*role).to_owned()),
        alive: true,
        ..Profile::default()
    };
    let mut world = World {
        surface: Arc::new(Surface { operations: vec![operation.clone()], ..Surface::default() }),
        profiles: PEOPLE.iter().map(profile).collect(),
        settings: Settings {
            policy: Policy { rules: vec![rule], ..Policy::default() },
            ..Settings::default()
        },
        ..World::default()
    };
    for (name, _) in PEOPLE {
        let request = Request { method: "GET".to_owned(), path: "/items".to_owned(), ..Request::default() };
        let draft = Draft {
            operation: 0,
            identity: name.to_owned(),
            setup: Vec::new(),
            bases: vec![Base { name: "target".to_owned(), operation: operation.name(), request }],
            target: "target".to_owned(),
        };
        let access =
            Access { draft: Some(Arc::new(draft)), granted: true, status: Some(200), ..Access::default() };
        world.access.insert((0, name.to_owned()), access);
    }
    world
}

fn trial(salt: u64, sound: bool, draw: impl Fn(&mut Rng) -> (Shows, bool)) {
    let identities = PEOPLE.map(|(name, _)| Identity::bearer(name, format!("token-of-{name}")));
    let lab = Lab::new(Wallet::new(identities.into(), Arc::default()), SessionConfig::default());
    let check = active("authz-field-matrix");
    let mut tally = Tally::default();
    let mut worlds: BTreeMap<Setting, World> = BTreeMap::new();
    for seed in 0..TRACES {
        let seed = seed ^ salt << 32;
        let mut rng = Rng::new(seed ^ 0x7171);
        let (shows, conditional) = draw(&mut rng);
        let setting = Setting { documented: rng.chance(0.7), conditional };
        let shop = Shop {
            shows,
            list: rng.chance(0.6),
            nested: rng.chance(0.5),
            // An empty list hides nothing, and shows nothing.
            items: if sound { rng.int(0, 12) } else { rng.int(1, 12) },
            noise: Noise::new(seed),
        };
        lab.put(Box::new(shop), seed);
        let world = worlds.entry(setting).or_insert_with(|| world(setting));
        let subject = Subject { operation: Some(0), identity: "alice".to_owned(), place: None };
        let found = lab.cell(check, &subject, world, seed);
        tally.count(&found.verdict, &format!("{shows:?} {setting:?}"), sound, || found.tell());
    }
    if sound { tally.sound("authz-field-matrix") } else { tally.defective("authz-field-matrix") }
}

#[test]
fn sound() {
    trial(91, true, |rng| (Shows::Keepers { null: rng.chance(0.3) }, rng.chance(0.3)));
}

#[test]
fn defective() {
    trial(
        92,
        false,
        |rng| if rng.chance(0.3) { (Shows::Region, true) } else { (Shows::All, rng.chance(0.3)) },
    );
}
