//! Forged tokens: services that verify, that look at no credential, that take any; and those with one gap.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proofhouse::case::{Base, Request};
use proofhouse::checks::Subject;
use proofhouse::execute::{SessionConfig, SigningKey};
use proofhouse::generate::{Access, Draft, Profile, Settings, World};
use proofhouse::identity::{Identity, Wallet};
use proofhouse::surface::{Operation, Surface};
use serde_json::{Value as Json, json};

use super::lab::{Lab, Model, Reply, Req, Rng, TRACES, Tally, active};
use super::noise::{Noise, REFUSALS, Refusal, SHAPES, Shape};

const KEY: &[u8] = b"a key of the issuer, long enough";

static NOW: LazyLock<i64> = LazyLock::new(|| jiff::Timestamp::now().as_second());

fn sign(message: &str) -> Vec<u8> {
    hmac_sha256::HMAC::mac(message, KEY).to_vec()
}

fn mint(claims: &Json) -> String {
    let part = |json: &Json| URL_SAFE_NO_PAD.encode(json.to_string());
    let message = format!("{}.{}", part(&json!({"alg": "HS256", "typ": "JWT"})), part(claims));
    let signature = URL_SAFE_NO_PAD.encode(sign(&message));
    format!("{message}.{signature}")
}

/// What is wrong with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    Absent,
    Malformed,
    Unsigned,
    Signature,
    Expired(i64),
    Unknown,
}

/// Who gets in.
#[derive(Clone, Copy, Debug)]
enum Door {
    /// Genuine tokens, with so many seconds of leeway.
    Verified(i64),
    /// Genuine tokens that the issuer remembers.
    Stored,
    /// Anybody: no credential is looked at.
    Open,
    /// Whoever sends any token.
    AnyToken,
    /// Anybody; who is known gets a little more.
    Greeting,
    /// `Verified`, and this unsigned form too.
    Unsigned(usize),
    /// `Verified`, and whatever is expired, up to so many seconds.
    Expired(i64),
    /// `Verified`, and a token without its signature: an empty segment, or none.
    Stripped(usize),
    /// `Verified`, and a signature that is wrong in this byte only: the first, the middle or the last.
    Flipped(usize),
    /// `Verified`, and any claims under a known signature; or any but the subject.
    Swapped(usize),
}

struct Gate {
    noise: Noise,
    door: Door,
    page: Page,
    none: Refusal,
    bad: Refusal,
    /// Other faults have other words.
    words: bool,
    /// Another shape for those without a token: a gateway's.
    gateway: Option<Shape>,
    genuine: String,
    rows: Vec<Json>,
    drift: f64,
}

#[derive(Clone, Copy, Debug)]
enum Page {
    Profile,
    List,
    Flag,
    Status,
}

impl Gate {
    fn examine(&self, token: Option<&str>) -> Fault {
        let Some(token) = token.filter(|token| !token.is_empty()) else { return Fault::Absent };
        let parts: Vec<_> = token.split('.').collect();
        let object = |part: &str| {
            serde_json::from_slice::<Json>(&URL_SAFE_NO_PAD.decode(part).ok()?).ok().filter(Json::is_object)
        };
        if !(2..=3).contains(&parts.len()) {
            return Fault::Malformed;
        }
        let (Some(header), Some(claims)) = (object(parts[0]), object(parts[1])) else {
            return Fault::Malformed;
        };
        let alg = header["alg"].as_str().unwrap_or_default();
        if let Door::Unsigned(form) = self.door {
            let signature = parts.get(2).copied();
            let fits = match form {
                0 => alg == "none" && signature == Some(""),
                1 => alg == "none" && signature.is_none(),
                2 => alg == "None" && signature == Some(""),
                3 => alg == "NONE" && signature == Some(""),
                4 => alg == "nOnE" && signature == Some(""),
                _ => alg == "none" && signature.is_some_and(|s| !s.is_empty()),
            };
            if fits {
                return Fault::None;
            }
        }
        if alg != "HS256" {
            return Fault::Unsigned;
        }
        if matches!((self.door, parts.get(2)), (Door::Stripped(0), Some(&"")) | (Door::Stripped(1), None)) {
            return Fault::None;
        }
        let Some(signature) = parts.get(2).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok()) else {
            return Fault::Malformed;
        };
        let right = sign(&format!("{}.{}", parts[0], parts[1]));
        let off = |index: usize| {
            let rest = |bytes: &[u8]| [&bytes[..index], &bytes[index + 1..]].concat();
            signature.len() == right.len() && rest(&signature) == rest(&right)
        };
        let known = || self.genuine.rsplit('.').next() == parts.get(2).copied();
        let suffices = match self.door {
            Door::Flipped(0) => off(0),
            Door::Flipped(1) => off((right.len() - 1) / 2),
            Door::Flipped(_) => off(right.len() - 1),
            Door::Swapped(0) => known(),
            Door::Swapped(_) => known() && claims["sub"] == "7",
            _ => false,
        };
        if signature != right && !suffices {
            return Fault::Signature;
        }
        let late = *NOW - claims["exp"].as_i64().unwrap_or(i64::MAX);
        if late > 0 {
            return Fault::Expired(late);
        }
        if matches!(self.door, Door::Stored) && token != self.genuine {
            return Fault::Unknown;
        }
        Fault::None
    }

    fn page(&mut self, known: bool) -> Json {
        let rng = &mut self.noise.rng;
        match self.page {
            Page::Profile => {
                let mut page = json!({"id": 7, "name": "alice", "mail": "alice@ph.example", "plan": "basic"});
                if rng.chance(self.drift) {
                    page["last_seen"] = json!(rng.int(1, 1_000_000));
                }
                page["unread"] = json!(rng.int(0, 3));
                if matches!(self.door, Door::Greeting) && !known {
                    page = json!({"id": null, "name": "guest", "plan": "basic", "unread": 0});
                }
                page
            }
            Page::List => {
                if rng.chance(self.drift) {
                    let row = json!({"id": rng.uuid(), "title": rng.word(8), "price": rng.int(1, 99)});
                    self.rows.push(row);
                }
                if rng.chance(self.drift) && !self.rows.is_empty() {
                    let at = rng.int(0, self.rows.len() as u64 - 1) as usize;
                    self.rows[at]["price"] = json!(rng.real(1.0, 99.0));
                }
                let mut rows = self.rows.clone();
                if rng.chance(self.drift / 4.0) {
                    rng.shuffle(&mut rows);
                }
                if matches!(self.door, Door::Greeting) && known {
                    for row in &mut rows {
                        row["yours"] = json!(false);
                    }
                }
                json!({"total": rows.len(), "items": rows})
            }
            Page::Flag => json!({"ok": true}),
            Page::Status => {
                json!({"state": "up", "load": rng.real(0.0, 1.0), "busy": rng.chance(0.5), "queue": rng.int(0, 9),
                       "version": "3.2.1"})
            }
        }
    }
}

impl Model for Gate {
    fn latency(&mut self) -> (Duration, Duration) {
        self.noise.latency()
    }

    fn answer(&mut self, request: &Req) -> Reply {
        if let Some(reply) = self.noise.hiccup() {
            return reply;
        }
        let fault = self.examine(request.token.as_deref());
        let passes = match (self.door, fault) {
            (Door::Open | Door::Greeting, _) | (_, Fault::None) => true,
            (Door::AnyToken, fault) => fault != Fault::Absent,
            (Door::Verified(leeway), Fault::Expired(late)) => late <= leeway,
            (Door::Expired(most), Fault::Expired(late)) => late <= most,
            _ => false,
        };
        if passes {
            let page = self.page(fault == Fault::None);
            let sent = request.token.clone().unwrap_or_default();
            return self.noise.success(200, page, &sent);
        }
        let message = match fault {
            _ if !self.words => "unauthorized",
            Fault::Absent => "no token was sent",
            Fault::Malformed => "the token is malformed",
            Fault::Unsigned => "the algorithm is not allowed",
            Fault::Signature => "the signature is wrong",
            Fault::Expired(_) => "the token has expired",
            _ => "the token is unknown",
        };
        if fault == Fault::Absent {
            if let Some(shape) = self.gateway {
                return self.noise.error_as(shape, 401, message, request);
            }
            return self.noise.refusal(self.none, message, request);
        }
        self.noise.refusal(self.bad, message, request)
    }
}

fn world(minted: bool, sample: bool) -> (World, Subject) {
    let operation = Operation {
        inferred: false,
        method: "GET".to_owned(),
        path: "/me".to_owned(),
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
    let request = Request { method: "GET".to_owned(), path: "/me".to_owned(), ..Request::default() };
    let draft = Draft {
        operation: 0,
        identity: "alice".to_owned(),
        setup: Vec::new(),
        bases: vec![Base { name: "target".to_owned(), operation: operation.name(), request }],
        target: "target".to_owned(),
    };
    let subject = draft.subject(None);
    let access =
        Access { draft: Some(Arc::new(draft)), granted: true, status: Some(200), ..Access::default() };
    let world = World {
        surface: Arc::new(Surface { operations: vec![operation], ..Surface::default() }),
        profiles: vec![Profile { name: "alice".to_owned(), jwt: true, alive: true, ..Profile::default() }],
        access: BTreeMap::from([((0, "alice".to_owned()), access)]),
        settings: Settings { signing_key: minted, expired_sample: sample, ..Settings::default() },
        ..World::default()
    };
    (world, subject)
}

fn trial(check: &str, salt: u64, sound: bool, draw: impl Fn(&mut Rng) -> Door) {
    let claims = |exp: i64| json!({"sub": "7", "iat": *NOW - 90_000, "exp": exp});
    let genuine = mint(&claims(*NOW + 604_800));
    let expired = mint(&claims(*NOW - 3_600));
    let wallet = Wallet::new(vec![Identity::bearer("alice", genuine.clone())], Arc::default())
        .with_samples([("expired".to_owned(), expired)]);
    let key = SigningKey::hmac("HS256", KEY).expect("a key");
    let lab = Lab::new(wallet, SessionConfig { signing_key: Some(key), ..SessionConfig::default() });
    let check = active(check);
    let mut tally = Tally::default();
    for seed in 0..TRACES {
        let seed = seed ^ salt << 32;
        let mut rng = Rng::new(seed ^ 0x77);
        let noise = Noise::new(seed);
        let door = draw(&mut rng);
        let mut page = rng.pick(&[Page::Profile, Page::List, Page::List, Page::Flag, Page::Status]);
        if matches!(door, Door::Greeting) && matches!(page, Page::Flag | Page::Status) {
            page = Page::Profile;
        }
        let bad = rng.pick(REFUSALS);
        let rows = rng.int(0, 30);
        let rows =
            (0..rows).map(|_| json!({"id": rng.uuid(), "title": rng.word(8), "price": rng.int(1, 99)}));
        let rows = rows.collect();
        let gate = Gate {
            noise,
            door,
            page,
            none: if rng.chance(0.7) { bad } else { rng.pick(REFUSALS) },
            bad,
            words: rng.chance(0.5),
            gateway: rng.chance(0.2).then(|| rng.pick(&SHAPES[..7])),
            genuine: genuine.clone(),
            rows,
            drift: rng.pick(&[0.0, 0.0, 0.1, 0.5]),
        };
        let note = format!("{door:?} {page:?}");
        lab.put(Box::new(gate), seed);
        let minted = rng.chance(0.6);
        let (world, subject) = world(minted, !minted);
        let found = lab.cell(check, &subject, &world, seed);
        tally.count(&found.verdict, &note, sound, || found.tell());
    }
    if sound { tally.sound(check.about().id) } else { tally.defective(check.about().id) }
}

fn any_sound(rng: &mut Rng) -> Door {
    match rng.int(0, 29) {
        0 => Door::Open,
        1 => Door::AnyToken,
        2 => Door::Greeting,
        3 => Door::Stored,
        _ => Door::Verified(rng.pick(&[0, 5, 30, 60, 300])),
    }
}

#[test]
fn none_sound() {
    trial("jwt-alg-none", 21, true, any_sound);
}

#[test]
fn none_defective() {
    // One spelling, on one operation: the smallest effect.
    trial("jwt-alg-none", 22, false, |rng| Door::Unsigned(rng.int(0, 5) as usize));
}

#[test]
fn expired_sound() {
    trial("jwt-exp-ignored", 23, true, any_sound);
}

#[test]
fn expired_defective() {
    // A token an hour past its time, and little more.
    trial("jwt-exp-ignored", 24, false, |rng| Door::Expired(rng.pick(&[3_700, 3_700, 90_000, i64::MAX])));
}

#[test]
fn stripped_sound() {
    trial("jwt-sig-stripped", 25, true, any_sound);
}

#[test]
fn stripped_defective() {
    trial("jwt-sig-stripped", 26, false, |rng| Door::Stripped(rng.int(0, 1) as usize));
}

#[test]
fn flipped_sound() {
    trial("jwt-sig-bitflip", 27, true, any_sound);
}

#[test]
fn flipped_defective() {
    // One byte that is not compared: the smallest effect.
    trial("jwt-sig-bitflip", 28, false, |rng| Door::Flipped(rng.int(0, 2) as usize));
}

#[test]
fn swapped_sound() {
    trial("jwt-payload-swap", 29, true, any_sound);
}

#[test]
fn swapped_defective() {
    trial("jwt-payload-swap", 30, false, |rng| Door::Swapped(rng.int(0, 1) as usize));
}
