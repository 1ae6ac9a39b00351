//! Sizes of bodies: traces that are made and not sent, since ten megabytes ten thousand times would take long.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use proofhouse::case::{Case, Edit, Place, Role, Step};
use proofhouse::checks;
use proofhouse::message::{Delivery, Incoming, Outcome, Outgoing, Timing};
use proofhouse::trace::{Exchange, Sent, Trace};
use serde_json::json;

use super::lab::{Reply, Req, Rng, TRACES, Tally};
use super::noise::Noise;

const CHECK: &str = "input-body-size";
const LARGE: usize = 10 << 20;

/// What a service does with ten megabytes.
#[derive(Clone, Copy, Debug)]
enum Habit {
    /// Refuses, after so many bytes.
    Refuses(u16, usize),
    /// Ends the connection after so many.
    Closes(usize),
    /// Answers like to the valid body, without having read all of it.
    Skips(usize),
    /// Is away.
    Away(u16),
    /// Reads no body, and answers each alike.
    Ignores,
    /// Reads all of it.
    Reads,
}

fn reply(noise: &mut Noise, habit: Habit, request: &Req) -> Option<Reply> {
    let made = json!({"id": noise.rng.uuid(), "title": "a note", "kind": "plain"});
    Some(match habit {
        Habit::Refuses(status, _) => noise.error(status, "the body is too large", request),
        Habit::Away(status) => Reply::json(status, &json!({"error": "later"})),
        Habit::Closes(_) => return None,
        Habit::Skips(_) | Habit::Ignores | Habit::Reads => noise.success(201, made, ""),
    })
}

fn trial(sound: bool, draw: impl Fn(&mut Rng) -> Habit) {
    let mut tally = Tally::default();
    let large = Bytes::from(vec![b' '; LARGE]);
    for seed in 0..TRACES {
        let mut rng = Rng::new(seed ^ if sound { 51 << 32 } else { 52 << 32 });
        let mut noise = Noise::new(seed);
        let habit = draw(&mut rng);
        let mut case = Case::new(CHECK, "POST /notes");
        let mut trace = Trace::default();
        for (name, role) in [
            ("valid-before", Role::Control),
            ("attack", Role::Attack),
            ("no-json", Role::Control),
            ("valid-after", Role::Control),
        ] {
            let attack = role == Role::Attack;
            let edits = match name {
                "attack" => vec![Edit::append(Place::Body, " ")],
                "no-json" => vec![Edit::set(Place::Body, "{")],
                _ => vec![],
            };
            case.steps.push(Step::send(name, role, "alice", "target", edits));
            let request = Req { target: "/notes".to_owned(), ..Req::default() };
            let answer = match (name, habit) {
                ("attack", _) => reply(&mut noise, habit, &request),
                ("no-json", Habit::Ignores) => reply(&mut noise, Habit::Ignores, &request),
                ("no-json", _) => reply(&mut noise, Habit::Refuses(400, 1), &request),
                _ => reply(&mut noise, Habit::Reads, &request),
            };
            let body = if attack { large.clone() } else { Bytes::from_static(b"{}") };
            let taken = match habit {
                Habit::Refuses(_, bytes) | Habit::Closes(bytes) | Habit::Skips(bytes) if attack => bytes,
                _ => body.len(),
            };
            let sent =
                Sent { request: Outgoing::new("POST", "/notes").body(body.clone()), ..Sent::default() };
            let outcome = match answer {
                None => Outcome::Reset { received: 0, status: None },
                Some(reply) => Outcome::Answered(Incoming {
                    status: reply.status,
                    headers: [("content-type", reply.media)].into_iter().collect(),
                    body: reply.body.into(),
                    ..Incoming::default()
                }),
            };
            let delivery = Delivery {
                outcome,
                timing: Timing::default(),
                written: taken as u64,
                length: body.len() as u64,
                peer: None,
                local: None,
                connection: None,
                reused: false,
                retried: false,
            };
            let step = trace.exchanges.len();
            trace.exchanges.push(Exchange::new(step, 0, 0, Arc::new(sent), delivery, Duration::ZERO));
        }
        let verdict = checks::judge(&case, &trace);
        tally.count(&verdict, &format!("{habit:?}"), sound, || format!("{verdict:?}"));
    }
    if sound { tally.sound(CHECK) } else { tally.defective(CHECK) }
}

#[test]
fn sizes_sound() {
    trial(true, |rng| {
        let bytes = rng.int(0, (LARGE - 1) as u64) as usize;
        match rng.int(0, 39) {
            0 => Habit::Away(rng.pick(&[502, 503, 429])),
            1 | 2 => Habit::Closes(bytes),
            3 => Habit::Skips(bytes),
            5 => Habit::Ignores,
            // Refused after all of it was taken: by a server that reads on to keep the connection.
            4 => Habit::Refuses(rng.pick(&[400, 413, 422]), LARGE),
            _ => Habit::Refuses(rng.pick(&[413, 413, 400, 431]), bytes),
        }
    });
}

#[test]
fn sizes_defective() {
    trial(false, |_| Habit::Reads);
}
