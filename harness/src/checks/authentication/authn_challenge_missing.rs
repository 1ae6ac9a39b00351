//! # What it sends
//! Requests without a credential and with one that nobody issued, between genuine ones; and those of somebody who is
//! let in elsewhere with the same kind of credential, and not here.
//!
//! # What must hold
//! A refusal with 401 says with `WWW-Authenticate` which credential is asked for, a missing or invalid credential is
//! no failure of the server, and who is known and not allowed is told 403. The three are told apart: a server error is
//! *medium*, three times of three while genuine requests succeed; the other two are formalities, *info*, one issue a
//! run each. Smallest effect: one operation.
//!
//! # Why it matters
//! A check of credentials that fails by crashing may also let in; clients that are not told what is asked for guess,
//! or log in again without end.
//!
//! # How to fix
//! Answer 401 with `WWW-Authenticate` where the credential is missing or invalid, 403 where it does not suffice.
//!
//! # References
//! CWE-755; OWASP API8:2023; RFC 9110 sections 11.6.1, 15.5.2 and 15.5.4; WFC 205.

use super::entry::{self, random};
use crate::case::{ANONYMOUS, Case, Edit, Place, Role, Step};
use crate::checks::{
    About, Check, Confidence, Confirm, Effect, Fact, Grain, Isolation, Need, Phase, Plan, Practice, Round,
    Severity, Subject, Verdict, Violation,
};
use crate::generate::{Draft, Source, World};
use crate::trace::{Exchange, Trace};

/// An operation that refuses in a way that helps nobody.
pub struct ChallengeMissing;

static ABOUT: About = About {
    id: "authn-challenge-missing",
    title: "an operation whose refusal does not say which credential is asked for",
    practice: Practice::Authentication,
    source: include_str!("authn_challenge_missing.rs"),
    grain: Grain::Operation,
    phase: Phase::Authentication,
    needs: &[Need::Identity],
    effect: Effect::Reads,
    isolation: Isolation::Shared,
    budget: 60,
    confirm: Confirm::AT_ONCE,
    severity: Severity::Medium,
    chance: 40,
    cwe: &[755],
    owasp: &["API8:2023"],
    wfc: Some(205),
    // The formalities are one finding a run by their operation; each failure is its own.
    once: false,
};

/// The classes, each a finding of its own.
const SERVER_ERROR: &str = "server-error";
const NO_CHALLENGE: &str = "no-challenge";
const FORBIDDEN: &str = "401-when-forbidden";
/// How often a failure must be seen.
const FAILURES: usize = 3;

impl Check for ChallengeMissing {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn plan(&self, at: &Subject, world: &World, rounds: &[Round], _src: &mut dyn Source) -> Plan {
        let draft = match entry::draft_of(at, world) {
            Ok((draft, _)) if world.operation(draft.operation).method != "DELETE" => draft,
            Ok(_) => return Plan::Done(Verdict::NotMine),
            Err(verdict) => return Plan::Done(verdict),
        };
        let Some((look, trace)) = rounds.last().and_then(|round| round.cases.first()) else {
            let attacks = vec![nobody("missing"), invented(draft, "invalid")];
            return Plan::Run(vec![frame(draft, "", attacks, world)]);
        };
        let found = |wanted: &dyn Fn(&Exchange) -> bool| {
            let attack = trace.in_role(look, Role::Attack).find(|exchange| wanted(exchange))?;
            Some(look.steps[attack.step].clone())
        };
        let again = |step: &Step, times: usize| {
            let copies =
                (1..=times).map(|index| Step { name: format!("{}-{index}", step.name), ..step.clone() });
            copies.collect::<Vec<_>>()
        };
        if let Some(step) = found(&fails) {
            return Plan::suspect(frame(draft, SERVER_ERROR, again(&step, FAILURES), world));
        }
        if let Some(step) = found(&|exchange| exchange.status() == Some(401) && !challenges(exchange)) {
            return Plan::suspect(frame(draft, NO_CHALLENGE, again(&step, 2), world));
        }
        match forbidden(draft, world) {
            Some(case) => Plan::suspect(case),
            None => Plan::Done(self.judge(look, trace)),
        }
    }

    fn judge(&self, case: &Case, trace: &Trace) -> Verdict {
        let genuine = trace.in_role(case, Role::Control);
        let succeeded = genuine.map(|exchange| exchange.status().is_some_and(|status| status / 100 == 2));
        let succeeded: Vec<_> = succeeded.collect();
        if succeeded.len() < 2 || succeeded.contains(&false) {
            return Verdict::vacuous("the genuine request was refused");
        }
        let attacks: Vec<_> = trace.in_role(case, Role::Attack).collect();
        let of_nobody = |step: &Step| {
            let edited = |edit: &Edit| edit.place() == &Place::Credential;
            step.identity == ANONYMOUS || step.request().is_some_and(|send| send.edits.iter().any(edited))
        };
        let sent = || case.steps.iter().filter(|step| step.role == Role::Attack);
        if case.class != FORBIDDEN && !sent().all(of_nobody) {
            return Verdict::vacuous("an attack carries a genuine credential");
        }
        let all = |least: usize, wanted: &dyn Fn(&Exchange) -> bool| {
            attacks.len() >= least && attacks.iter().all(|exchange| wanted(exchange))
        };
        let is_refusal = |exchange: &Exchange| exchange.status() == Some(401);
        let Some(first) = attacks.first() else { return Verdict::vacuous("nothing was attacked") };
        match case.class.as_str() {
            SERVER_ERROR if all(FAILURES, &fails) => failed(case, first),
            NO_CHALLENGE if all(2, &|exchange| is_refusal(exchange) && !challenges(exchange)) => {
                unchallenged(case, first)
            }
            FORBIDDEN if all(2, &is_refusal) && same_kind(case, trace, first) => unknown(case, first),
            FORBIDDEN if all(1, &|exchange| matches!(exchange.status(), Some(403 | 404))) => Verdict::Held,
            _ if all(1, &|exchange| is_refusal(exchange) && challenges(exchange)) => Verdict::Held,
            _ => {
                let status = first.status().map_or_else(|| "nothing".to_owned(), |status| status.to_string());
                Verdict::vacuous(format!("the refusal is {status}, which asks for no challenge"))
            }
        }
    }
}

fn fails(exchange: &Exchange) -> bool {
    !exchange.is_blocked() && exchange.status().is_some_and(|status| status >= 500)
}

fn challenges(exchange: &Exchange) -> bool {
    let text = exchange.headers().and_then(|headers| headers.text("www-authenticate"));
    text.is_some_and(|text| !text.trim().is_empty())
}

fn nobody(name: &str) -> Step {
    Step::send(name, Role::Attack, ANONYMOUS, "target", vec![]).retried(2)
}

fn invented(draft: &Draft, name: &str) -> Step {
    let edit = Edit::set(Place::Credential, random("invented", 40)).labelled("invented");
    draft.step(name, Role::Attack, vec![edit]).retried(2)
}

/// Genuine requests around every attack.
fn frame(draft: &Draft, class: &str, attacks: Vec<Step>, world: &World) -> Case {
    let mut case = draft.open(ABOUT.id, world);
    class.clone_into(&mut case.class);
    if class == NO_CHALLENGE {
        // One issue a run, whichever operation shows it.
        "*".clone_into(&mut case.operation);
    }
    let genuine = |index: usize| draft.step(&format!("genuine-{index}"), Role::Control, vec![]).retried(2);
    case.steps.push(genuine(0));
    for (index, mut attack) in attacks.into_iter().enumerate() {
        if let Some(send) = attack.request_mut() {
            send.base.clone_from(&draft.target);
        }
        case.steps.push(attack);
        case.steps.push(genuine(index + 1));
    }
    case.note_identities(|name| world.role_of(name));
    case
}

/// Somebody who is told 401 here, and is let in elsewhere where the genuine caller is let in too.
fn forbidden(draft: &Draft, world: &World) -> Option<Case> {
    let refused = |name: &str| {
        let access = world.access(draft.operation, name);
        !world.are_one(name, &draft.identity)
            && access.is_some_and(|access| matches!(access.status, Some(401 | 403)))
    };
    let shared = |other: &str| {
        (0..world.surface.operations.len()).find_map(|index| {
            let kept = world.operation(index).is_safe()
                && world.is_granted(index, &draft.identity)
                && world.access(index, ANONYMOUS).is_some_and(|access| access.status == Some(401));
            kept.then(|| world.granted_draft(index, other)).flatten()
        })
    };
    let others = world.profiles.iter().filter(|profile| profile.alive).map(|profile| profile.name.as_str());
    let (other, elsewhere) =
        others.filter(|name| refused(name)).find_map(|name| Some((name, shared(name)?)))?;
    let elsewhere = elsewhere.renamed("elsewhere-", other);
    let attack = |name: &str| Step::send(name, Role::Attack, other, &draft.target, vec![]).retried(2);
    let mut case = frame(draft, FORBIDDEN, vec![attack("forbidden-1"), attack("forbidden-2")], world);
    "*".clone_into(&mut case.operation);
    elsewhere.append_to(&mut case, world);
    case.steps.push(elsewhere.step("elsewhere", Role::Control, vec![]).retried(2));
    case.note_identities(|name| world.role_of(name));
    Some(case)
}

/// Whether the one who is refused carries the same kind of credential as the one who is let in.
fn same_kind(case: &Case, trace: &Trace, attack: &Exchange) -> bool {
    let kind = |exchange: &Exchange| {
        let headers = exchange.sent.request.headers.iter();
        let word =
            |value: &[u8]| value.split(|byte| *byte == b' ').next().unwrap_or_default().to_ascii_lowercase();
        headers
            .filter(|(name, _)| name.eq_ignore_ascii_case(b"authorization"))
            .map(|(_, value)| word(value))
            .next()
    };
    let known = ["genuine-0", "elsewhere"].map(|name| trace.of(case, name).and_then(kind));
    known.iter().all(|known| known.is_some() && *known == kind(attack))
}

fn name(case: &Case, exchange: &Exchange) -> String {
    case.operation_of(&case.steps[exchange.step]).unwrap_or(&case.operation).to_owned()
}

fn failed(case: &Case, attack: &Exchange) -> Verdict {
    let (operation, status) = (name(case, attack), attack.status().unwrap_or_default());
    Violation::new(
        attack.step,
        format!("{operation} fails without a valid credential"),
        format!("{FAILURES} times of {FAILURES} the answer is {status}, and genuine requests between them succeed."),
    )
    .expected("401 with WWW-Authenticate", status.to_string())
    .falsified_by("genuine requests failing as often")
    .cause(SERVER_ERROR, attack)
    .verdict()
}

fn unchallenged(case: &Case, attack: &Exchange) -> Verdict {
    let operation = name(case, attack);
    Violation::new(
        attack.step,
        format!("{operation} refuses with 401 and does not say which credential it wants"),
        "The answer 401 has no WWW-Authenticate header, twice.",
    )
    .expected("WWW-Authenticate, as RFC 9110 section 11.6.1 asks", "401 without it")
    .falsified_by("something between us and the service taking the header away")
    .facts([Fact::Formality])
    .cause(NO_CHALLENGE, attack)
    .verdict()
}

fn unknown(case: &Case, attack: &Exchange) -> Verdict {
    let (operation, who) = (name(case, attack), &case.steps[attack.step].identity);
    Violation::new(
        attack.step,
        format!("{operation} tells {who}, who is known elsewhere, to log in"),
        format!(
            "{who} is let in elsewhere with the same kind of credential, and is answered 401 here, not 403."
        ),
    )
    .expected("403 Forbidden", "401 Unauthorized")
    .falsified_by("this operation having accounts of its own")
    .confidence(Confidence::Likely)
    .facts([Fact::Formality])
    .cause(FORBIDDEN, attack)
    .verdict()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls::tests_support::answer;

    fn judge(class: &str, genuine: u16, refusals: &[u16]) -> Verdict {
        let mut case = Case::new(ABOUT.id, "GET /me");
        class.clone_into(&mut case.class);
        let mut trace = Trace::default();
        let mut step = |name: String, role, who: &str, status| {
            let mut exchange = answer(status, "{}");
            exchange.step = case.steps.len();
            trace.exchanges.push(exchange);
            case.steps.push(Step::send(name, role, who, "target", vec![]));
        };
        step("genuine-0".to_owned(), Role::Control, "alice", genuine);
        for (index, status) in refusals.iter().enumerate() {
            step(format!("missing-{index}"), Role::Attack, ANONYMOUS, *status);
            step(format!("genuine-{}", index + 1), Role::Control, "alice", genuine);
        }
        ChallengeMissing.judge(&case, &trace)
    }

    #[test]
    fn each_class_wants_all_of_its_answers() {
        let facts = |verdict: Verdict| verdict.violation().map(|violation| violation.facts.clone());
        assert_eq!(facts(judge(SERVER_ERROR, 200, &[500, 500, 500])), Some(vec![]));
        assert_eq!(facts(judge(NO_CHALLENGE, 200, &[401, 401])), Some(vec![Fact::Formality]));
        for verdict in [
            judge(SERVER_ERROR, 200, &[500, 500]),
            judge(SERVER_ERROR, 200, &[500, 401, 500]),
            judge(SERVER_ERROR, 200, &[503, 503, 503]),
            judge(SERVER_ERROR, 500, &[500, 500, 500]),
            judge(NO_CHALLENGE, 200, &[401]),
            judge(NO_CHALLENGE, 200, &[403, 403]),
        ] {
            assert!(matches!(verdict, Verdict::Vacuous(_)), "{verdict:?}");
        }
    }
}
