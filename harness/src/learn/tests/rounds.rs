//! From a poor document to an accepted request, by refusals alone.

use super::super::{Learned, lessons};
use super::model::{Style, answer, hidden, stripped};
use crate::case::Content;
use crate::generate::schema::plausible;
use crate::generate::{Manner, Seeded, World};
use crate::surface::{Body, Operation, Schema, Surface};

const SCHEMAS: u64 = 1_000;
/// Requests that an operation may cost, as in pre-flight but for one round more of each manner.
const ROUNDS: usize = 12;
const MANNERS: [Manner; 3] = [Manner::Minimal, Manner::Full, Manner::Random];

/// Of a thousand hidden schemas: how many accepted a request within how many tries, with and without learning.
fn accepted(style: Style, values: bool, learning: bool) -> [usize; ROUNDS] {
    let mut within = [0; ROUNDS];
    for seed in 0..SCHEMAS {
        let mut source = Seeded::new(seed);
        let hidden = hidden(&mut source, 2, values);
        let validator = jsonschema::options().should_validate_formats(true).build(&hidden).expect("compiles");
        let schema = Schema::new(stripped(&hidden, &mut source));
        let body = Body {
            media_type: "application/json".to_owned(),
            schema,
            encoding: std::collections::BTreeMap::new(),
        };
        let operation = Operation {
            method: "POST".to_owned(),
            path: "/things".to_owned(),
            bodies: vec![body],
            ..Operation::default()
        };
        let surface = Surface { operations: vec![operation], ..Surface::default() };
        let world = World { surface: surface.into(), ..World::default() };
        let mut learned = Learned::new();
        for round in 0..ROUNDS {
            let manner = MANNERS[round % MANNERS.len()];
            let Some(draft) = learned.request(&world, 0, "alice", manner, &mut source) else { continue };
            let Some(Content::Json(value)) = draft.request().body.as_ref().map(|body| &body.content) else {
                continue;
            };
            match answer(&validator, &plausible(value), style) {
                None => {
                    within[round..].iter_mut().for_each(|count| *count += 1);
                    break;
                }
                Some((status, json)) if learning => {
                    learned.learn(lessons(status, None, json.to_string().as_bytes()));
                }
                Some(_) => {}
            }
        }
    }
    within
}

#[test]
fn refusals_lead_to_an_accepted_request() {
    let mut report = String::new();
    for (style, values, least) in [
        (Style::FastApi, true, 970),
        (Style::Ajv, true, 970),
        (Style::Rails, false, 900),
        // Rails does not say which values, patterns and formats it wants.
        (Style::Rails, true, 300),
    ] {
        let within = accepted(style, values, true);
        report.push_str(&format!("{style:?} values={values} {within:?}\n"));
        assert!(within[ROUNDS - 1] >= least, "{report}");
    }
    let without = accepted(Style::FastApi, true, false)[ROUNDS - 1];
    assert!(without < 300, "the schemas are too easy: {without} without learning\n{report}");
}
