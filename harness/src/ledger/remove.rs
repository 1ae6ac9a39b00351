//! Taking away what a run made: an ordinary case for each object.

use super::line::Made;
use super::paths::{Paths, name_of};
use crate::case::{ANONYMOUS, Base, Case, Request, Role, Step};
use crate::execute::{Session, execute};
use crate::message::{Outcome, Unsent};
use crate::surface::Surface;

/// What became of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Removal {
    /// It was deleted.
    Removed,
    /// It was not there any more (404, 410).
    Absent,
    /// It is still there, and this is why. What the target said is not made inert yet.
    Left(String),
    /// No operation is known that deletes it.
    NoWay,
    /// Nobody answers at the target.
    Unreachable(String),
    /// The run was stopped before.
    Stopped,
}

/// Looks once more for what deletes these, where the ledger names nothing: the document may have it by now.
pub fn look_up(all: &mut [Made], surface: &Surface) {
    let paths = Paths::new(surface);
    for made in all.iter_mut().filter(|made| made.delete.is_none() && !made.path.is_empty()) {
        made.delete = paths.deleting(&made.path).map(name_of);
    }
}

/// How one attempt was answered.
enum Answer {
    Removed,
    Absent,
    /// Not to this identity; another one may.
    Refused(String),
    /// To nobody, as things are.
    Not(String),
    Unreachable(String),
    Stopped,
}

/// Deletes an object as the one who made it; where that is refused, as the other identities, one after the other.
pub async fn remove(made: &Made, session: &Session) -> Removal {
    let Some(delete) = made.delete.as_deref().filter(|_| !made.path.is_empty()) else {
        return Removal::NoWay;
    };
    let own = made.identity.as_str();
    let is_known = own == ANONYMOUS || session.wallet().identity(own).is_some();
    let first = if is_known {
        match ask(made, delete, own, session).await {
            Answer::Removed => return Removal::Removed,
            // To whom it does not belong, it may only seem not to be there.
            Answer::Absent if made.foreign => Removal::Absent,
            Answer::Absent => return Removal::Absent,
            Answer::Not(why) => return Removal::Left(why),
            Answer::Unreachable(why) => return Removal::Unreachable(why),
            Answer::Stopped => return Removal::Stopped,
            Answer::Refused(why) => Removal::Left(why),
        }
    } else {
        Removal::Left(format!("made by `{own}`, who is not given: --identity {own}=SPEC"))
    };
    let others = session.wallet().identities().map(|identity| identity.name.as_str());
    for other in others.filter(|name| *name != own) {
        match ask(made, delete, other, session).await {
            Answer::Removed => return Removal::Removed,
            Answer::Unreachable(why) => return Removal::Unreachable(why),
            Answer::Stopped => return Removal::Stopped,
            Answer::Absent | Answer::Refused(_) | Answer::Not(_) => {}
        }
    }
    first
}

async fn ask(made: &Made, delete: &str, identity: &str, session: &Session) -> Answer {
    let mut case = Case::new("clean", delete);
    let request = Request { method: "DELETE".to_owned(), path: made.path.clone(), ..Request::default() };
    case.bases.push(Base { name: "object".to_owned(), operation: delete.to_owned(), request });
    case.steps.push(Step::send("remove", Role::Cleanup, identity, "object", Vec::new()).retried(4));
    let trace = execute(&case, session).await;
    let Some(exchange) = trace.of(&case, "remove") else { return Answer::Stopped };
    let clean = |text: &str| session.wallet().vault().redact(text);
    match (exchange.status(), &exchange.delivery.outcome) {
        (Some(200..300), _) => Answer::Removed,
        (Some(404 | 410), _) => Answer::Absent,
        (Some(status @ (401 | 403)), _) => Answer::Refused(format!("answered {status} to `{identity}`")),
        (Some(status), _) => Answer::Not(format!("answered {status}")),
        // A login that finds nobody says as much.
        (None, Outcome::NotSent { why: Unsent::Inexpressible, reason })
            if session.governor().unreachable() > 0 =>
        {
            Answer::Unreachable(clean(reason))
        }
        // What keeps this identity from sending need not keep another.
        (None, Outcome::NotSent { why: Unsent::Inexpressible, reason }) => Answer::Refused(clean(reason)),
        (None, Outcome::Refused { .. }) => Answer::Unreachable(clean(&exchange.delivery.outcome.to_string())),
        (None, outcome) => Answer::Not(clean(&outcome.to_string())),
    }
}
