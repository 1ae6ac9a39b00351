//! # What it sends
//! To operations that ask for a credential, one that nobody issued, between two genuine requests.
//!
//! # What must hold
//! At least one operation refuses it. Where each lets it in, and none refuses, this is *one* finding for the target: no
//! credential is looked at here, as in an environment where authentication is switched off, or a mock that only wants
//! to see one. The other checks of authentication are vacuous then. It is *proven* where an operation that changes
//! something is among them, and else *likely*: what is for everybody may be documented wrongly. Smallest effect: every
//! operation that asks for a credential, a single one included.
//!
//! # Why it matters
//! What is not checked where it is tested is not known to be checked where it counts.
//!
//! # How to fix
//! Switch authentication on in this environment, in front of all operations; never let a missing setting switch it off.
//!
//! # References
//! CWE-306, CWE-1188; OWASP API2:2023; ASVS 5.0 8.3.1.

use serde_json::{Value as Json, json};

use super::entry::{self, random};
use crate::case::{ANONYMOUS, Case, Edit, Place, Role};
use crate::checks::{
    About, Check, Confidence, Confirm, Effect, Grain, Isolation, Need, Phase, Plan, Practice, Round,
    Severity, Subject, Verdict, Violation,
};
use crate::controls::{Acceptance, Decision};
use crate::generate::{Draft, Source, World};
use crate::trace::{Exchange, Trace};

/// A target where no credential is looked at.
pub struct NotEnforced;

static ABOUT: About = About {
    id: "authn-not-enforced",
    title: "a target where no operation looks at a credential",
    practice: Practice::Authentication,
    source: include_str!("authn_not_enforced.rs"),
    grain: Grain::Target,
    phase: Phase::Authentication,
    needs: &[Need::Identity],
    effect: Effect::Writes,
    isolation: Isolation::Shared,
    budget: 400,
    confirm: Confirm::AT_ONCE,
    severity: Severity::Medium,
    chance: 5,
    cwe: &[306, 1188],
    owasp: &["API2:2023"],
    wfc: None,
    once: true,
};

/// How many operations are asked at first, those that refused most likely before.
const FIRST: usize = 3;
/// How many are asked in all.
const ALL: usize = 24;
/// How many the witness shows.
const SHOWN: usize = 3;

impl Check for NotEnforced {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn plan(&self, _at: &Subject, world: &World, rounds: &[Round], _src: &mut dyn Source) -> Plan {
        let drafts = candidates(world);
        if drafts.is_empty() {
            return Plan::vacuous("no identity is let in where a credential is asked for");
        }
        let verdicts =
            rounds.iter().flat_map(|round| &round.cases).map(|(case, trace)| self.judge(case, trace));
        let verdicts: Vec<_> = verdicts.collect();
        if verdicts.contains(&Verdict::Held) {
            return Plan::Done(Verdict::Held);
        }
        if verdicts.len() < drafts.len() {
            let next = drafts.iter().skip(verdicts.len());
            let next = next.take(if rounds.is_empty() { FIRST } else { ALL });
            return Plan::Run(next.map(|draft| witness(&[draft], world)).collect());
        }
        let open = drafts.iter().zip(&verdicts).filter(|(_, verdict)| verdict.violation().is_some());
        let mut open: Vec<_> = open.map(|(draft, _)| *draft).collect();
        // Whoever is taken for somebody else is shown other things here and there, and is let in all the same.
        if open.len() * 2 <= verdicts.len() {
            return Plan::vacuous("no operation refuses clearly, and few let in clearly");
        }
        // One that changes something tells most.
        open.sort_by_key(|draft| world.operation(draft.operation).is_safe());
        open.truncate(SHOWN);
        Plan::suspect(witness(&open, world))
    }

    fn judge(&self, case: &Case, trace: &Trace) -> Verdict {
        let asked = case.facts.get("asked").and_then(serde_json::Value::as_u64).unwrap_or_default();
        let mut shown = None;
        let mut changes = false;
        for index in 1..=asked {
            let find = |name: &str| trace.of(case, &format!("{index}-{name}"));
            let (Some(before), Some(attack), Some(after)) =
                (find("genuine-before"), find("nobody"), find("genuine-after"))
            else {
                return Verdict::vacuous("an operation was not asked");
            };
            let step = &case.steps[attack.step];
            let invented = |edit: &Edit| matches!(edit, Edit::Set { at: Place::Credential, .. });
            if step.identity != ANONYMOUS
                && !step.request().is_some_and(|send| send.edits.iter().any(invented))
            {
                return Verdict::vacuous("the credential is a genuine one");
            }
            let oracle = match Acceptance::learn([before, after], []) {
                Ok(oracle) => oracle,
                Err(why) => return Verdict::vacuous(why),
            };
            match oracle.decide(attack) {
                Decision::Granted => {}
                Decision::Refused => return Verdict::Held,
                // Another answer than the genuine one, and no failure: it was looked at.
                Decision::Unclear(_) if says_no(attack) && find("nobody-again").is_some_and(says_no) => {
                    return Verdict::Held;
                }
                Decision::Unclear(why) => return Verdict::vacuous(why),
            }
            changes |= !case.operation_of(step).is_some_and(|name| name.starts_with("GET "));
            shown = shown.or(Some(attack));
        }
        let Some(attack) = shown else { return Verdict::vacuous("nothing was attacked") };
        let status = attack.status().unwrap_or_default();
        let all = case.facts.get("of").and_then(serde_json::Value::as_u64).unwrap_or(asked);
        Violation::new(
            attack.step,
            "no operation looks at a credential here",
            format!("{all} operations ask for a credential, and each lets in one that nobody issued."),
        )
        .expected("401 Unauthorized", format!("{status}, as for the genuine credential"))
        .falsified_by("an operation that refuses such a credential")
        .confidence(if changes { Confidence::Proven } else { Confidence::Likely })
        .cause("let-in", attack)
        .verdict()
    }
}

/// A refusal with any status: a 4xx, or a success that says in its body that it is none.
fn says_no(exchange: &Exchange) -> bool {
    if exchange.is_blocked() {
        return false;
    }
    let told = |json: &Json| {
        let failed = ["success", "ok"].iter().any(|name| json.get(name) == Some(&json!(false)));
        failed || ["error", "errors"].iter().any(|name| json.get(name).is_some_and(|value| !value.is_null()))
    };
    match exchange.status() {
        Some(400..=499) => true,
        Some(200..=299) => exchange.json().is_some_and(told),
        _ => false,
    }
}

/// Requests of operations that ask for a credential, those first that refused somebody without one.
fn candidates(world: &World) -> Vec<&Draft> {
    let granted = |index: usize| {
        let operation = world.operation(index);
        let asks = operation.needs_credential() == Some(true) && !entry::is_entrance(operation);
        let sent = operation.method != "DELETE" && (operation.is_safe() || !world.settings.safe_only);
        // To somebody else an object does not exist: that is no refusal of a credential.
        let limited = world.limit(index).is_some() || operation.path.contains('{');
        let named = world.entitled(index).filter(|name| *name != ANONYMOUS);
        named.filter(|_| asks && sent && !limited).and_then(|name| world.granted_draft(index, name))
    };
    let mut drafts: Vec<_> =
        (0..world.surface.operations.len()).filter_map(granted).map(|draft| &**draft).collect();
    drafts.sort_by_key(|draft| {
        let open = world.is_granted(draft.operation, ANONYMOUS);
        (open, !world.operation(draft.operation).is_safe(), draft.setup.len())
    });
    // What reads and what changes: neither must push the other out.
    let (reads, writes): (Vec<_>, Vec<_>) =
        drafts.into_iter().partition(|draft| world.operation(draft.operation).is_safe());
    reads.into_iter().take(ALL).chain(writes.into_iter().take(ALL / 2)).collect()
}

fn witness(drafts: &[&Draft], world: &World) -> Case {
    let mut case = Case::new(ABOUT.id, "*");
    case.place = Place::Credential.to_string();
    "nobody".clone_into(&mut case.class);
    case.facts.insert("asked".to_owned(), json!(drafts.len()));
    case.facts.insert("of".to_owned(), json!(candidates(world).len()));
    for (index, draft) in drafts.iter().enumerate() {
        let lead = format!("{}-", index + 1);
        let draft = draft.renamed(&lead, &draft.identity);
        draft.append_to(&mut case, world);
        let step = |name: &str, role, edits| draft.step(&format!("{lead}{name}"), role, edits).retried(2);
        let nobody = Edit::set(Place::Credential, random("nobody", 40)).labelled("nobody's");
        case.steps.push(step("genuine-before", Role::Control, vec![]));
        case.steps.push(step("nobody", Role::Attack, vec![nobody.clone()]));
        // A failure now and then may look like a refusal.
        case.steps.push(step("nobody-again", Role::Control, vec![nobody]));
        case.steps.push(step("genuine-after", Role::Control, vec![]));
    }
    case.note_identities(|name| world.role_of(name));
    case
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Base, Request};
    use crate::controls::tests_support::answer;

    const PAGE: &str = r#"{"id": 7, "name": "alice"}"#;

    /// One operation of this method, and what it answers to a credential that nobody issued.
    fn judge(method: &str, nobody: (u16, &str)) -> Verdict {
        let mut case = Case::new(ABOUT.id, "*");
        case.facts.insert("asked".to_owned(), json!(1));
        let operation = format!("{method} /me");
        let request = Request { method: method.to_owned(), path: "/me".to_owned(), ..Request::default() };
        case.bases.push(Base { name: "target".to_owned(), operation, request });
        let mut trace = Trace::default();
        let steps = [
            ("1-genuine-before", Role::Control, (200, PAGE)),
            ("1-nobody", Role::Attack, nobody),
            ("1-nobody-again", Role::Control, nobody),
            ("1-genuine-after", Role::Control, (200, PAGE)),
        ];
        for (name, role, (status, body)) in steps {
            let mut exchange = answer(status, body);
            exchange.step = case.steps.len();
            trace.exchanges.push(exchange);
            let edits = if role == Role::Attack {
                vec![Edit::set(Place::Credential, random("x", 40))]
            } else {
                vec![]
            };
            case.steps.push(crate::case::Step::send(name, role, "alice", "target", edits));
        }
        NotEnforced.judge(&case, &trace)
    }

    #[test]
    fn what_lets_anybody_in_is_seen_and_what_refuses_holds() {
        let confidence =
            |method| judge(method, (200, PAGE)).violation().map(|violation| violation.confidence);
        assert_eq!(confidence("POST"), Some(Confidence::Proven));
        assert_eq!(confidence("GET"), Some(Confidence::Likely), "it may be meant for everybody");
        for refusal in [(401, "{}"), (400, "{}"), (200, r#"{"success": false}"#)] {
            assert_eq!(judge("GET", refusal), Verdict::Held, "{refusal:?}");
        }
        for neither in [(503, "{}"), (429, "{}"), (500, "{}"), (200, r#"["else"]"#)] {
            assert!(matches!(judge("GET", neither), Verdict::Vacuous(_)), "{neither:?}");
        }
    }
}
