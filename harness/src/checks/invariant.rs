//! Invariants of the user's own: what must hold in every trace, whichever check sent it.

use std::fmt::Display;

use super::about::{About, Practice, Severity};
use super::observed::Observed;
use super::verdict::{Cause, Verdict, Violation};
use crate::case::{Case, Role};
use crate::trace::Trace;

/// What an invariant says of one trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judged {
    /// It holds.
    Holds,
    /// It is broken: how.
    Broken(String),
    /// There was nothing in this trace that it is about.
    Nothing,
}

/// What the closure of an invariant may give.
pub trait IntoJudged {
    /// The same as a judgement.
    fn into_judged(self) -> Judged;
}

impl IntoJudged for Judged {
    fn into_judged(self) -> Judged {
        self
    }
}

impl IntoJudged for bool {
    fn into_judged(self) -> Judged {
        if self { Judged::Holds } else { Judged::Broken("it does not hold".to_owned()) }
    }
}

/// For closures that assert: a panic breaks the invariant.
impl IntoJudged for () {
    fn into_judged(self) -> Judged {
        Judged::Holds
    }
}

impl<E: Display> IntoJudged for Result<(), E> {
    fn into_judged(self) -> Judged {
        self.map_or_else(|error| Judged::Broken(error.to_string()), |()| Judged::Holds)
    }
}

/// `None` says that the trace held nothing to look at.
impl<J: IntoJudged> IntoJudged for Option<J> {
    fn into_judged(self) -> Judged {
        self.map_or(Judged::Nothing, IntoJudged::into_judged)
    }
}

type Look = dyn Fn(&Observed<'_>) -> Judged + Send + Sync;

/// Something that must hold in every trace.
pub struct Invariant {
    about: &'static About,
    look: Box<Look>,
}

impl Invariant {
    /// An invariant of this id. What the closure says must be a matter of the trace alone: it is asked again when a
    /// case is replayed, made smaller, or judged elsewhere. A panic of the closure breaks the invariant.
    pub fn new<J: IntoJudged>(id: &str, look: impl Fn(&Observed<'_>) -> J + Send + Sync + 'static) -> Self {
        // Checks live as long as the process, as those that ship do.
        let id: &'static str = Box::leak(id.to_owned().into_boxed_str());
        let about = About { severity: Severity::High, ..About::of(id, id, Practice::Own) };
        Self::declared(Box::leak(Box::new(about)), look)
    }

    /// An invariant that declares this of itself.
    pub(crate) fn declared<J: IntoJudged>(
        about: &'static About,
        look: impl Fn(&Observed<'_>) -> J + Send + Sync + 'static,
    ) -> Self {
        Self { about, look: Box::new(move |observed| look(observed).into_judged()) }
    }

    /// What it declares of itself.
    pub fn about(&self) -> &'static About {
        self.about
    }

    /// What it says of a trace.
    pub fn look(&self, case: &Case, trace: &Trace) -> Judged {
        self.of(&Observed::new(case, trace))
    }

    fn of(&self, observed: &Observed<'_>) -> Judged {
        crate::target::quietly(|| (self.look)(observed)).unwrap_or_else(|panic| Judged::Broken(panic.message))
    }

    /// What was done up to the request that broke it: whatever came before may be what it needs. Nothing in it is a
    /// control, so that all which is not needed can be taken away.
    pub fn witness(&self, case: &Case, trace: &Trace) -> Option<Case> {
        let observed = Observed::new(case, trace);
        let breaks = |upto: &usize| matches!(self.of(&observed.up_to(*upto)), Judged::Broken(_));
        let upto = (1..=trace.exchanges.len()).find(breaks)?;
        let last = trace.exchanges.get(upto - 1)?.step;
        let mut witness = case.clone();
        self.about.id.clone_into(&mut witness.check);
        (witness.place, witness.class) = (String::new(), String::new());
        witness.facts.clear();
        witness.steps.truncate(last + 1);
        if let Some(operation) = case.steps.get(last).and_then(|step| case.operation_of(step)) {
            operation.clone_into(&mut witness.operation);
        }
        for (index, step) in witness.steps.iter_mut().enumerate() {
            step.role = if index == last { Role::Attack } else { Role::Setup };
        }
        let used = |name: &str| {
            witness.steps.iter().any(|step| step.request().is_some_and(|send| send.base == name))
        };
        witness.bases.retain(|base| used(&base.name));
        witness.identities.retain(|need| witness.steps.iter().any(|step| step.identity == need.name));
        Some(witness)
    }

    pub(super) fn judge(&self, case: &Case, trace: &Trace) -> Verdict {
        match self.look(case, trace) {
            Judged::Holds => Verdict::Held,
            Judged::Nothing => Verdict::vacuous(UNSEEN),
            Judged::Broken(how) => {
                let id = self.about.id;
                let how = if how.is_empty() { "it does not hold".to_owned() } else { how };
                let step = trace.exchanges.last().map_or(0, |exchange| exchange.step);
                let mut violation =
                    Violation::new(step, format!("{id} is broken on {}", case.operation), how.clone())
                        .expected(format!("{id} holds after every request"), how)
                        .falsified_by("the invariant holding in a replay of the same case");
                violation.cause = Cause { detector: Some(id.to_owned()), ..Cause::default() };
                violation.verdict()
            }
        }
    }
}

/// Why an invariant proves nothing that found nothing to look at.
pub(crate) const UNSEEN: &str = "no trace held what the invariant is about";

impl std::fmt::Debug for Invariant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Invariant({})", self.about.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Step;
    use crate::controls::tests_support::answer;

    fn traced(status: u16) -> (Case, Trace) {
        let mut case = Case::new("explore", "GET /balance");
        for name in ["first", "second", "third"] {
            case.steps.push(Step::send(name, Role::Control, "alice", "target", vec![]));
        }
        let mut trace = Trace::default();
        trace.exchanges.push(answer(status, "{\"balance\": -3}"));
        (case, trace)
    }

    fn judged(invariant: &Invariant) -> Verdict {
        let (case, trace) = traced(200);
        invariant.judge(&case, &trace)
    }

    #[test]
    fn closures_may_say_it_in_several_ways() {
        assert_eq!(judged(&Invariant::new("a", |_| true)), Verdict::Held);
        assert_eq!(judged(&Invariant::new("a", |_| ())), Verdict::Held);
        assert_eq!(judged(&Invariant::new("a", |_| None::<bool>)), Verdict::vacuous(UNSEEN));
        assert!(judged(&Invariant::new("a", |_| false)).violation().is_some());
        let told = judged(&Invariant::new("a", |_| Err::<(), _>("3 is missing")));
        assert_eq!(told.violation().expect("broken").detail, "3 is missing");
        let panicked = judged(&Invariant::new("a", |trace| {
            let balance = trace.exchanges()[0].json().expect("JSON")["balance"].as_i64();
            assert!(balance >= Some(0), "the balance is {balance:?}");
        }));
        assert_eq!(panicked.violation().expect("broken").detail, "the balance is Some(-3)");
    }

    #[test]
    fn a_witness_ends_where_it_broke_and_holds_no_control() {
        let (case, mut trace) = traced(200);
        for step in 1..3 {
            let mut exchange = answer(if step == 1 { 500 } else { 200 }, "{}");
            exchange.step = step;
            trace.exchanges.push(exchange);
        }
        let sound = Invariant::new("no-failure", |trace| trace.all().all(|one| one.status() < Some(500)));
        let witness = sound.witness(&case, &trace).expect("broken");
        assert_eq!(witness.check, "no-failure");
        let roles: Vec<_> = witness.steps.iter().map(|step| step.role).collect();
        assert_eq!(roles, [Role::Setup, Role::Attack]);
        trace.exchanges.remove(1);
        assert_eq!(sound.witness(&case, &trace), None);
    }
}
