//! Making an account.

use super::account::{Account, Naming};
use super::find::{self, Candidate};
use super::names::Field;
use super::{Asked, ask};
use crate::case::{ANONYMOUS, Request};
use crate::controls::is_granted;
use crate::execute::Session;
use crate::generate::schema::plausible;
use crate::generate::{Manner, Seeded, World};
use crate::learn::Learned;
use crate::trace::Exchange;

/// An account that was made.
pub(super) struct Made {
    pub(super) account: Account,
    /// The request that made it.
    pub(super) request: Request,
    /// The particulars that the target was told.
    pub(super) fields: Vec<Field>,
    pub(super) answer: Exchange,
}

/// How often a registration is tried, in which manner.
const TRIES: &[Manner] = &[Manner::Minimal, Manner::Full, Manner::Random, Manner::Full];

/// The most tries, where refusals go on to say what is wrong.
const MOST_TRIES: usize = 10;

/// Makes an account by this operation, or says what it answered last.
pub(super) async fn make(
    candidate: Candidate,
    world: &World,
    session: &Session,
    seed: u64,
    asked: &mut Asked,
) -> Result<Made, String> {
    let operation = world.operation(candidate.operation);
    let mut last = "no valid request can be made from the document".to_owned();
    let (mut learned, mut attempt, mut tries) = (Learned::new(), 0, TRIES.len());
    while attempt < tries {
        let manner = TRIES[attempt % TRIES.len()];
        let mut src = Seeded::derive(seed, &["register", &operation.name(), &attempt.to_string()]);
        attempt += 1;
        let draft = learned.request(world, candidate.operation, ANONYMOUS, manner, &mut src);
        let Some(draft) = draft else { continue };
        let account = Account::new(session);
        let Some((request, fields)) = filled(draft.request(), &account, world, candidate.operation) else {
            continue;
        };
        let Some(answer) = ask(session, &operation.name(), &request, asked).await else { continue };
        match answer.status() {
            _ if is_granted(&answer) => return Ok(Made { account, request, fields, answer }),
            Some(status) => last = format!("{} answered {status}", operation.name()),
            None => last = format!("{}: {}", operation.name(), answer.delivery.outcome),
        }
        // Where nobody may register, other values do not help.
        if matches!(answer.status(), Some(401 | 403 | 404 | 405) | None) {
            break;
        }
        // A refusal that says something new is worth another try.
        if learned.learn(crate::learn::lessons_of(&answer)) {
            tries = (attempt + TRIES.len() / 2).clamp(tries, MOST_TRIES);
        }
    }
    Err(last)
}

/// The request with the account's particulars, in the form that its schema accepts.
fn filled(
    base: &Request,
    account: &Account,
    world: &World,
    operation: usize,
) -> Option<(Request, Vec<Field>)> {
    let schema = find::body(world.operation(operation)).map(|body| &body.schema);
    let mut first = None;
    for naming in [Naming::ByField, Naming::Email, Naming::Phone] {
        let mut request = base.clone();
        let fields = account.fill(&mut request, naming);
        if !fields.contains(&Field::Password) {
            return None;
        }
        let accepted = match (request.body.as_ref().map(|body| &body.content), schema) {
            (Some(crate::case::Content::Json(value)), Some(schema)) => schema.accepts(&plausible(value)),
            _ => true,
        };
        if accepted {
            return Some((request, fields));
        }
        first.get_or_insert((request, fields));
    }
    first
}
