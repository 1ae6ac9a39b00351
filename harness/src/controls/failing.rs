//! Failure by an input: what fails with it and not without it, asked in an order that no cycle has, so that chance, load
//! and every second server of two meet both alike.
//!
//! Smallest effect: an input that fails six times of eight beside a valid request that fails at most once of eight.

use crate::case::{Case, Edit, Excerpt, Role, Step};
use crate::message::{Outcome, Phase};
use crate::trace::{Exchange, Trace};

/// How often each of the two is asked.
pub const TURNS: usize = 8;
/// So many failures of the attack are no chance.
const OFTEN: usize = 6;
/// So many failures of the valid request are.
const STRAY: usize = 1;

/// What became of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The operation answered.
    Answered,
    /// The operation failed: 5xx, a connection that ended without an answer, or no answer in time.
    Failed,
    /// Neither is certain: a limiter, a proxy without a server, a documented outage.
    Unclear,
}

/// What asking in turn showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failing {
    /// The input makes the operation fail.
    Proven,
    /// The operation answers the input.
    Answered,
    /// The operation fails by itself.
    Flaky,
    /// Nothing is proven.
    Unproven(&'static str),
}

/// What became of one request.
pub fn fate(exchange: &Exchange, excerpt: Option<&Excerpt>) -> Fate {
    match &exchange.delivery.outcome {
        Outcome::Answered(answer) => match answer.status {
            429 => Fate::Unclear,
            status @ 500..=599 if is_outage(exchange, status, excerpt) => Fate::Unclear,
            500..=599 => Fate::Failed,
            _ => Fate::Answered,
        },
        Outcome::Reset { received, status } | Outcome::Closed { received, status } => {
            let silent = *received == 0 || status.is_some_and(|status| status >= 500);
            if silent { Fate::Failed } else { Fate::Unclear }
        }
        Outcome::TimedOut { phase: Phase::Answer, .. } => Fate::Failed,
        _ => Fate::Unclear,
    }
}

/// Whether a 5xx says that the service, or what it depends on, is away or that it cannot do this at all: documented, a
/// page of a filter or a proxy, or an outage that will be over.
fn is_outage(exchange: &Exchange, status: u16, excerpt: Option<&Excerpt>) -> bool {
    let documented = excerpt.is_some_and(|excerpt| excerpt.responses.contains_key(&status.to_string()));
    let later = exchange.headers().is_some_and(|headers| headers.get("retry-after").is_some());
    let page = exchange.media_type().as_deref() == Some("text/html");
    match status {
        500 => false,
        501 | 505 | 511 => true,
        503 => documented || later || page,
        _ => documented,
    }
}

/// The steps: the valid request and the attack in turn, the valid one first.
pub fn in_turn(twin: &Step, attack: &Step) -> Vec<Step> {
    let named = |at: usize| {
        let (name, step) = if is_attacks(at) { ("attack", attack) } else { ("twin", twin) };
        Step { name: format!("{name}-{at}"), ..step.clone() }
    };
    (0..TURNS * 2).map(named).collect()
}

/// Whose turn it is: the order of Thue and Morse, which repeats nothing three times.
fn is_attacks(at: usize) -> bool {
    at.count_ones() % 2 == 1
}

/// The edits of the attack and of the valid request, when a case asks both in turn, often enough and alike each time.
pub fn turns(case: &Case) -> Option<(&[Edit], &[Edit])> {
    let asked: Vec<_> = case
        .steps
        .iter()
        .filter(|step| matches!(step.role, Role::Attack) || step.name.starts_with("twin-"))
        .collect();
    let in_turn = asked.iter().enumerate().all(|(at, step)| (step.role == Role::Attack) == is_attacks(at));
    if asked.len() != TURNS * 2 || !in_turn {
        return None;
    }
    let edits = |step: &Step| step.request().map(|send| send.edits.clone());
    // The second is the first attack.
    let alike = |(at, step): (usize, &&Step)| edits(step) == edits(asked[usize::from(is_attacks(at))]);
    if !asked.iter().enumerate().all(alike) {
        return None;
    }
    Some((&asked[1].request()?.edits, &asked[0].request()?.edits))
}

/// What asking in turn showed. `fine`: whether an answer is what the valid request is for.
pub fn failing(case: &Case, trace: &Trace, fine: impl Fn(&Exchange) -> bool) -> Failing {
    let excerpt = case.excerpt(&case.operation);
    let attacks: Vec<_> = trace.in_role(case, Role::Attack).collect();
    let twins: Vec<_> =
        trace.in_role(case, Role::Control).filter(|e| case.steps[e.step].name.starts_with("twin-")).collect();
    let failed = |exchanges: &[&Exchange]| {
        exchanges.iter().filter(|exchange| fate(exchange, excerpt) == Fate::Failed).count()
    };
    let (often, stray) = (failed(&attacks), failed(&twins));
    if stray > STRAY {
        return Failing::Flaky;
    }
    if twins.iter().filter(|exchange| fine(exchange)).count() + STRAY < TURNS {
        return Failing::Unproven("the valid request was not granted each time");
    }
    let answered = attacks.iter().filter(|exchange| fate(exchange, excerpt) == Fate::Answered).count();
    match (often, answered) {
        (OFTEN.., _) => Failing::Proven,
        (_, OFTEN..) => Failing::Answered,
        _ => Failing::Unproven("the attack is answered now and fails then"),
    }
}

/// The first attempt of a step that failed, when none was answered: what is asked again may be held back the next time.
pub fn failed<'t>(case: &Case, trace: &'t Trace, step: &str) -> Option<&'t Exchange> {
    let excerpt = case.excerpt(&case.operation);
    let fates = || trace.all(case, step).map(|attempt| (attempt, fate(attempt, excerpt)));
    if fates().any(|(_, fate)| fate == Fate::Answered) {
        return None;
    }
    fates().find(|(_, fate)| *fate == Fate::Failed).map(|(attempt, _)| attempt)
}

/// How an exchange failed, in words of a kind: `status-500`, `no-answer`, `timeout`.
pub fn manner(exchange: &Exchange) -> String {
    match &exchange.delivery.outcome {
        Outcome::TimedOut { .. } => "timeout".to_owned(),
        outcome => {
            outcome.status().map_or_else(|| "no-answer".to_owned(), |status| format!("status-{status}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls::tests_support::{answer, answer_as, exchange};

    /// A case in turn, with these outcomes of attacks and twins.
    fn asked(attack: impl Fn(usize) -> u16, twin: impl Fn(usize) -> u16) -> (Case, Trace) {
        let mut case = Case::new("input-server-error", "GET /a");
        let step = |name, role| Step::send(name, role, "alice", "target", vec![]);
        case.steps = in_turn(&step("twin", Role::Control), &step("attack", Role::Attack));
        let (mut attacks, mut twins) = (0.., 0..);
        let statuses = (0..TURNS * 2).map(|at| {
            let turn = |turns: &mut std::ops::RangeFrom<usize>| turns.next().expect("endless");
            if is_attacks(at) { attack(turn(&mut attacks)) } else { twin(turn(&mut twins)) }
        });
        let exchanges = statuses.enumerate().map(|(at, status)| {
            let mut exchange = answer(status, "{}");
            exchange.step = at;
            exchange
        });
        (case, Trace { exchanges: exchanges.collect(), ..Trace::default() })
    }

    fn concluded(attack: impl Fn(usize) -> u16, twin: impl Fn(usize) -> u16) -> Failing {
        let (case, trace) = asked(attack, twin);
        assert!(turns(&case).is_some());
        failing(&case, &trace, |exchange| exchange.status() == Some(200))
    }

    #[test]
    fn six_of_eight_beside_one_of_eight_is_proof() {
        assert_eq!(concluded(|_| 500, |_| 200), Failing::Proven);
        assert_eq!(
            concluded(|turn| if turn < 6 { 500 } else { 200 }, |turn| if turn == 3 { 500 } else { 200 }),
            Failing::Proven
        );
        assert!(matches!(concluded(|turn| if turn < 5 { 500 } else { 400 }, |_| 200), Failing::Unproven(_)));
        assert_eq!(concluded(|_| 500, |turn| if turn < 2 { 500 } else { 200 }), Failing::Flaky);
        assert_eq!(concluded(|_| 400, |_| 200), Failing::Answered);
        assert!(matches!(concluded(|_| 500, |_| 403), Failing::Unproven(_)));
        assert!(matches!(concluded(|_| 429, |_| 200), Failing::Unproven(_)));
    }

    #[test]
    fn a_case_that_does_not_ask_in_turn_proves_nothing() {
        let (mut case, _) = asked(|_| 500, |_| 200);
        case.steps.remove(3);
        assert!(turns(&case).is_none());
    }

    #[test]
    fn outages_are_not_failures() {
        let fate = |exchange: &Exchange| fate(exchange, None);
        assert_eq!(fate(&answer(500, "{}")), Fate::Failed);
        assert_eq!(fate(&answer(502, "{}")), Fate::Failed);
        assert_eq!(fate(&answer(503, "{}")), Fate::Failed);
        assert_eq!(fate(&answer_as(503, "text/html", "<h1>blocked</h1>")), Fate::Unclear);
        assert_eq!(fate(&answer(501, "{}")), Fate::Unclear);
        assert_eq!(fate(&answer(429, "{}")), Fate::Unclear);
        assert_eq!(fate(&answer(422, "{}")), Fate::Answered);
        assert_eq!(fate(&exchange(Outcome::Closed { received: 0, status: None })), Fate::Failed);
        assert_eq!(fate(&exchange(Outcome::Closed { received: 90, status: Some(200) })), Fate::Unclear);
        assert_eq!(fate(&exchange(Outcome::TimedOut { phase: Phase::Connect, status: None })), Fate::Unclear);
    }
}
