//! # What it sends
//! One identity makes an object with canaries in its free text and reads it; another asks for that very object,
//! between reading one of its own and being refused an id that nobody has; both list what they see.
//!
//! # What must hold
//! The second identity gets no canary of the first. A canary proves access, not violation: sharing is normal. So
//! a violation also needs proof of privacy: the policy says `own`, or the second identity's list omits what the
//! owner's list shows although it shows an object that the second identity made later (a list that is cut, sorted
//! or cached omits both); where it makes none, or lists are cut before the newest,
//! two lists without a row in common make it *likely*. So does another operation that shows the owner the same text and
//! refuses the second identity, and what is somebody's own by its kind (a national number, an account, a balance) where
//! nobody gets it without a credential. Else it is *suspected*, and the rule to paste is printed. Access by somebody above
//! the owner is no finding. Smallest effect: one canary of one object in one answer.
//!
//! # Why it matters
//! Broken object level authorization is the most common serious flaw of APIs: ids leak, and are guessed.
//!
//! # How to fix
//! Ask for the object and its owner in one query, and answer as if the object did not exist.
//!
//! # References
//! CWE-639; OWASP API1:2023; ASVS 5.0 8.2.2; WFC 206.

use serde_json::json;

use crate::case::{ANONYMOUS, Base, Case, Edit, Place, Role, Step};
use crate::checks::{
    About, Check, Confidence, Confirm, Effect, Fact, Grain, Isolation, Need, Phase, Plan, Practice, Round,
    Severity, Subject, Verdict, Violation,
};
use crate::controls::{Acceptance, Decision, holds_canary};
use crate::generate::{Draft, Source, World};
use crate::trace::{Exchange, Trace};

use super::canaries::{canaries, plant};
use super::lists::{forms, list_of, others_of, whole_list};
use super::privacy::{ELSEWHERE, privacy};

/// Somebody who reads somebody else's object.
pub struct ObjectRead;

static ABOUT: About = About {
    id: "authz-object-read",
    title: "an identity that reads another's object",
    practice: Practice::Authorization,
    source: include_str!("authz_object_read.rs"),
    grain: Grain::Identity,
    phase: Phase::Authorization,
    needs: &[Need::TwoIdentities],
    effect: Effect::Writes,
    isolation: Isolation::Shared,
    budget: 90,
    confirm: Confirm::AT_ONCE,
    severity: Severity::Critical,
    chance: 30,
    cwe: &[639],
    owasp: &["API1:2023"],
    wfc: Some(206),
    once: false,
};

impl Check for ObjectRead {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn plan(&self, at: &Subject, world: &World, _rounds: &[Round], _src: &mut dyn Source) -> Plan {
        let Some(operation) = at.operation else { return Plan::Done(Verdict::NotMine) };
        let op = world.operation(operation);
        let alive = world.profile(&at.identity).is_some_and(|profile| profile.alive);
        if op.method != "GET" || !op.path.contains('{') || !alive || world.is_granted(operation, ANONYMOUS) {
            return Plan::Done(Verdict::NotMine);
        }
        let owners = world.profiles.iter().map(|profile| profile.name.as_str());
        let mut why = None;
        for owner in owners {
            if world.are_one(owner, &at.identity) {
                continue;
            }
            // Whose credential this operation and its list never accept is no other customer.
            let collection = list_of(world, &op.path, &at.identity);
            if !world.is_granted(operation, &at.identity) && collection.is_none() {
                continue;
            }
            if world.is_above(&at.identity, owner) {
                why.get_or_insert(format!(
                    "{} is above every owner: what it reads there is its right",
                    at.identity
                ));
                continue;
            }
            match witness(world, operation, owner, &at.identity) {
                Some(case) => return Plan::suspect(case),
                None if world.is_granted(operation, owner) => {
                    why = Some(format!(
                        "{owner} makes no object with room for a canary that this operation reads"
                    ));
                }
                None => {}
            }
        }
        // Where nobody else gets in there is nobody's object to read.
        why.map_or(Plan::Done(Verdict::NotMine), Plan::vacuous)
    }

    fn judge(&self, case: &Case, trace: &Trace) -> Verdict {
        let theirs = canaries(trace, "canary-");
        let shows = |exchange: &Exchange| theirs.iter().any(|canary| holds_canary(exchange, canary));
        let find = |name: &str| trace.of(case, name);
        let attacks: Vec<_> = trace.in_role(case, Role::Attack).collect();
        let (Some(before), Some(first)) = (find("owner-before"), attacks.first().copied()) else {
            return Verdict::vacuous("the object was not made");
        };
        let attack = attacks.iter().copied().find(|exchange| shows(exchange)).unwrap_or(first);
        if theirs.is_empty() || !shows(before) || !find("owner-after").is_some_and(shows) {
            return Verdict::vacuous("the owner does not read back what it wrote");
        }
        if attack.is_blocked() {
            return Verdict::vacuous("nobody answered for the operation");
        }
        if !shows(attack) {
            return refused(case, trace, attack);
        }
        let (owner, other) =
            (case.steps[before.step].identity.clone(), case.steps[attack.step].identity.clone());
        // Without it the lists say less: a shorter case must not say less than the one that it came from.
        if case.facts.get("other-makes") == Some(&json!(true)) && canaries(trace, "other-canary-").is_empty()
        {
            return Verdict::vacuous("the other identity's own object was not made");
        }
        let privacy = privacy(case, trace, attack, &shows);
        let confidence = privacy.map_or(Confidence::Suspected, |(confidence, _)| confidence);
        let role = case.identities.iter().find(|need| need.name == other).and_then(|need| need.role.clone());
        let who = role.as_ref().map_or_else(|| other.clone(), |role| format!("{other} ({role})"));
        let status = attack.status().unwrap_or_default();
        let mut violation = Violation::new(
            attack.step,
            format!("{who} reads {owner}'s object: {}", case.operation),
            format!(
                "The answer {status} to {other} holds the canary that {owner} wrote. {}",
                privacy.map_or("Whether these objects are private is for the owner to say.", |(_, why)| why)
            ),
        )
        .expected("404 or 403, as for an id that nobody has", format!("{status} with {owner}'s text"))
        .falsified_by("these objects being shared on purpose: then say so with a rule `allow` for the role")
        .confidence(confidence)
        .facts([Fact::OthersData])
        .cause("canary", attack);
        if confidence == Confidence::Suspected {
            let role = role.unwrap_or_else(|| "ROLE".to_owned());
            violation.rule =
                Some(format!("rules = [{{ role = \"{role}\", own = [\"{}\"] }}]", case.operation));
        }
        violation.verdict()
    }
}
/// No canary came: refused by the operation itself, while the sender was alive.
fn refused(case: &Case, trace: &Trace, attack: &Exchange) -> Verdict {
    let alive = ["other-own", "other-list"].iter().filter_map(|name| trace.of(case, name));
    if !alive.into_iter().any(|exchange| exchange.status().is_some_and(|status| (200..300).contains(&status)))
    {
        return Verdict::vacuous("the other identity was granted nothing beside");
    }
    let status = attack.status().unwrap_or_default();
    if matches!(status, 401 | 403 | 404 | 410) {
        return Verdict::Held;
    }
    let find = |name: &str| trace.of(case, name);
    let owner = ["owner-before", "owner-after"].into_iter().filter_map(find);
    let decided = Acceptance::learn(owner, find("nobody")).map(|acceptance| acceptance.decide(attack));
    if decided == Ok(Decision::Refused) {
        return Verdict::Held;
    }
    // A success that names the object and holds none of its owner's text: the part of it that is for everybody.
    let names = |exchange: &Exchange| {
        let target = String::from_utf8_lossy(&exchange.sent.request.target).into_owned();
        let id = target.split(['?', '#']).next().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
        let body = exchange.answer().map(|answer| String::from_utf8_lossy(&answer.body).into_owned());
        !id.is_empty() && body.is_some_and(|body| body.contains(id))
    };
    if (200..300).contains(&status) && names(attack) {
        return Verdict::Held;
    }
    Verdict::vacuous(format!("the answer {status} neither shows the object nor refuses it"))
}

fn witness(world: &World, operation: usize, owner: &str, other: &str) -> Option<Case> {
    let draft = world.granted_draft(operation, owner)?;
    let operation = world.operation(operation);
    // The object that the path names must be made by the owner, with room for a canary.
    let mut draft = world.with_full_setup(draft);
    if plant(&mut draft, world) == 0 {
        return None;
    }
    let mut case = draft.open(ABOUT.id, world);
    let last = draft.request().path_params.0.last().map(|(name, _)| name.clone())?;
    case.place = Place::Path(last.clone()).to_string();
    case.class = "other-identity".to_owned();
    if world.is_declared_own(draft.operation, owner) || world.is_declared_own(draft.operation, other) {
        case.facts.insert("declared".to_owned(), json!("own"));
    }
    if world.is_declared_shared(draft.operation, other) {
        return None;
    }
    let step = |name: &str, role, identity: &str, edits| {
        let mut step = draft.step(name, role, edits).retried(2);
        identity.clone_into(&mut step.identity);
        step
    };
    case.steps.push(step("owner-before", Role::Control, owner, vec![]));
    if let Some(own) = world.granted_draft(draft.operation, other) {
        let mut own = world.with_full_setup(own);
        if plant(&mut own, world) > 0 {
            case.facts.insert("other-makes".to_owned(), json!(true));
        }
        let own = own.renamed("other-", other);
        own.append_to(&mut case, world);
        case.steps.push(own.step("other-own", Role::Control, vec![]).retried(2));
    }
    let unknown = world.nobody(draft.operation, &last);
    case.steps.push(step("nobody", Role::Control, other, vec![Edit::set(Place::Path(last), unknown)]));
    for (name, identity) in [("owner-list", owner), ("other-list", other)] {
        if let Some(list) = list_of(world, &operation.path, identity) {
            let list = list.renamed(&format!("{name}-"), identity);
            list.append_to(&mut case, world);
            case.steps.push(list.step(name, Role::Control, whole_list(world, &list)).retried(2));
        }
    }
    case.steps.push(step("attack", Role::Attack, other, vec![]));
    // Another form of the same answer may have another way to the object.
    for (index, edit) in forms(world, draft.operation, owner).into_iter().enumerate() {
        case.steps.push(step(&format!("attack-{}", index + 2), Role::Attack, other, vec![edit]));
    }
    for (name, identity) in [("owner-list", owner), ("other-list", other)] {
        if let Some(list) = list_of(world, &operation.path, identity) {
            let list = list.renamed(&format!("{name}-"), identity);
            let step = list.step(&format!("{name}-again"), Role::Control, whole_list(world, &list));
            case.steps.push(step.retried(2));
        }
    }
    elsewhere(world, &draft, owner, other, &mut case);
    case.steps.push(step("anonymous", Role::Control, ANONYMOUS, vec![]));
    case.steps.push(step("owner-after", Role::Control, owner, vec![]));
    debug_assert_ne!(owner, ANONYMOUS);
    case.note_identities(|name| world.role_of(name));
    Some(case)
}

/// Asks other operations that show the same object: what they refuse is refused for a reason.
fn elsewhere(world: &World, draft: &Draft, owner: &str, other: &str, case: &mut Case) {
    let shown = others_of(world, draft, owner).into_iter().take(ELSEWHERE);
    for (index, base) in shown.enumerate() {
        let lead = format!("elsewhere-{}", index + 1);
        if let Some((_, operation)) = world.surface.named(&base.operation) {
            case.note_operation(operation);
        }
        for (who, identity) in [("owner", owner), ("other", other)] {
            let name = format!("{lead}-{who}");
            case.steps.push(Step::send(&name, Role::Control, identity, &lead, vec![]).retried(2));
        }
        case.bases.push(Base { name: lead, ..base });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Step;
    use crate::controls::tests_support::answer;

    const THEIRS: &str = "ph-0000-aaaaaaaaaaaa";
    const MINE: &str = "ph-0000-bbbbbbbbbbbb";

    /// A frame in which bob's attack is answered so, and the lists (alice's, bob's, and both again) hold these texts.
    fn judge(attack: (u16, &str), lists: [&[&str]; 4]) -> Verdict {
        judge_with(attack, lists, true)
    }

    fn judge_with(attack: (u16, &str), lists: [&[&str]; 4], makes: bool) -> Verdict {
        let mut case = Case::new(ABOUT.id, "GET /notes/{id}");
        let mut trace = Trace::default();
        let whole = format!(r#"{{"id": 7, "text": "{THEIRS}"}}"#);
        let rows = |texts: &[&str]| {
            let rows = texts.iter().map(|text| format!(r#"{{"id": "id of {text}", "text": "{text}"}}"#));
            format!("[{}]", rows.collect::<Vec<_>>().join(","))
        };
        let mut step = |name: &str, role, identity: &str, status, body: &str| {
            let mut exchange = answer(status, body);
            exchange.step = case.steps.len();
            trace.exchanges.push(exchange);
            case.steps.push(Step::send(name, role, identity, "target", vec![]));
        };
        step("owner-before", Role::Control, "alice", 200, &whole);
        step("nobody", Role::Control, "bob", 404, r#"{"error": "none"}"#);
        step("owner-list", Role::Control, "alice", 200, &rows(lists[0]));
        step("other-list", Role::Control, "bob", 200, &rows(lists[1]));
        step("attack", Role::Attack, "bob", attack.0, attack.1);
        step("owner-list-again", Role::Control, "alice", 200, &rows(lists[2]));
        step("other-list-again", Role::Control, "bob", 200, &rows(lists[3]));
        step("owner-after", Role::Control, "alice", 200, &whole);
        trace.bindings.insert("canary-make/text".to_owned(), THEIRS.to_owned());
        case.facts.insert("other-makes".to_owned(), json!(true));
        if makes {
            trace.bindings.insert("other-canary-make/text".to_owned(), MINE.to_owned());
        }
        ObjectRead.judge(&case, &trace)
    }

    fn confidence(lists: [&[&str]; 4]) -> Option<Confidence> {
        let whole = format!(r#"{{"id": 7, "text": "{THEIRS}"}}"#);
        judge((200, &whole), lists).violation().map(|violation| violation.confidence)
    }

    #[test]
    fn lists_that_each_show_their_own_prove_privacy() {
        assert_eq!(confidence([&[THEIRS], &[MINE], &[THEIRS], &[MINE]]), Some(Confidence::Proven));
    }

    #[test]
    fn a_shared_list_that_is_cut_or_cached_proves_nothing() {
        let suspected = Some(Confidence::Suspected);
        assert_eq!(
            confidence([&[THEIRS, "x"], &["x"], &[THEIRS, "x"], &["x"]]),
            suspected,
            "neither is there"
        );
        assert_eq!(
            confidence([&[THEIRS, MINE], &[MINE], &[THEIRS, MINE], &[MINE]]),
            suspected,
            "one is shared"
        );
        assert_eq!(confidence([&[THEIRS], &[MINE], &[MINE], &[THEIRS]]), suspected, "an order of its own");
    }

    #[test]
    fn lists_of_two_owners_that_are_cut_have_no_row_in_common() {
        let (a, b) = (["a1", "a2", "a3", "a4"], ["b1", "b2", "b3"]);
        assert_eq!(confidence([&a, &b, &a, &b]), Some(Confidence::Likely));
        let suspected = Some(Confidence::Suspected);
        assert_eq!(confidence([&a, &["b1", "b2", "a3"], &a, &b]), suspected, "a row is shared");
        assert_eq!(confidence([&a, &b, &["c1", "c2", "c3"], &b]), suspected, "the list moves on");
        assert_eq!(confidence([&a, &["b1", "b2"], &a, &["b1", "b2"]]), suspected, "too few rows");
        assert_eq!(confidence([&a, &b, &b, &a]), suspected, "in an order of its own");
    }

    #[test]
    fn a_case_that_lost_the_object_of_its_own_proves_nothing() {
        let whole = format!(r#"{{"id": 7, "text": "{THEIRS}"}}"#);
        let lists: [&[&str]; 4] = [&[THEIRS], &["x"], &[THEIRS], &["x"]];
        assert!(matches!(judge_with((200, &whole), lists, false), Verdict::Vacuous(_)));
    }

    #[test]
    fn the_public_part_and_refusals_with_any_status_hold() {
        let lists: [&[&str]; 4] = [&[THEIRS], &[MINE], &[THEIRS], &[MINE]];
        assert_eq!(judge((403, "{}"), lists), Verdict::Held);
        assert_eq!(
            judge((400, r#"{"error": "not yours"}"#), lists),
            Verdict::Held,
            "as for an id that nobody has"
        );
        assert!(matches!(judge((200, "<html>app</html>"), lists), Verdict::Vacuous(_)));
    }
}
