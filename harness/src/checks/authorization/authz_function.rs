//! # What it sends
//! The valid request of an entitled identity, sent by another one, between two by the entitled identity, beside one
//! without a credential that must be refused, and a request that the other identity is granted elsewhere. Requests that
//! change something are sent only where data are disposable.
//!
//! # What must hold
//! Who is not entitled is refused. That somebody is not is known from, in this order: a `deny` of the policy
//! (*proven*), or of requests that carry what its rule's `when` names, where the same caller gets in without that; scopes that the document asks for and the token does not name (*likely*); two or more neighbours of the
//! operation that let the entitled identity in and refuse this one, and none that does not (*likely*); a privileged name,
//! where two or more others below it forbid this identity and none lets it in (*likely*); a privileged name
//! such as `admin`, and an answer that lists other callers (*likely*, or *suspected* where nothing is known of the
//! identity's role). Access downwards is no finding: not of a role that the policy allows, nor of one that is
//! privileged by name, nor where others of another role are refused. Smallest effect: one operation answered once.
//!
//! # Why it matters
//! Operations for administrators are found by guessing their paths, and change everybody's data.
//!
//! # How to fix
//! Refuse by default; let each operation name who may use it, and ask in one place before the handler runs.
//!
//! # References
//! CWE-285, CWE-862; OWASP API5:2023; ASVS 5.0 8.2.1; WFC 206.

use serde_json::{Value as Json, json};

use crate::case::{ANONYMOUS, Case, Role, Step};
use crate::checks::{
    About, Check, Confidence, Confirm, Effect, Fact, Grain, Isolation, Need, Phase, Plan, Practice, Round,
    Severity, Subject, Verdict, Violation,
};
use crate::controls::{Acceptance, Decision};
use crate::generate::{Draft, Source, World};
use crate::trace::{Exchange, Trace};

use super::condition::{demand, is_met};
use super::office::{NEIGHBOURS, entitled, evidence, group, harmless, is_forbidden, neighbours};

/// Somebody who uses an operation that is not for them.
pub struct Function;

static ABOUT: About = About {
    id: "authz-function",
    title: "an identity that uses an operation which is not for it",
    practice: Practice::Authorization,
    source: include_str!("authz_function.rs"),
    grain: Grain::Identity,
    phase: Phase::Authorization,
    needs: &[Need::Identity],
    effect: Effect::Writes,
    isolation: Isolation::Shared,
    budget: 60,
    confirm: Confirm::AT_ONCE,
    severity: Severity::Critical,
    chance: 15,
    cwe: &[285, 862],
    owasp: &["API5:2023"],
    wfc: Some(206),
    once: false,
};

/// Names of members that tell of a person.
const PERSON: &[&str] = &["username", "user", "email", "login", "account", "role", "roles", "displayname"];

impl Check for Function {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn plan(&self, at: &Subject, world: &World, _rounds: &[Round], _src: &mut dyn Source) -> Plan {
        let Some(index) = at.operation else { return Plan::Done(Verdict::NotMine) };
        let (operation, low) = (world.operation(index), at.identity.as_str());
        let alive = world.profile(low).is_some_and(|profile| profile.alive);
        let public = world.is_granted(index, ANONYMOUS) || operation.needs_credential() == Some(false);
        let allowed = world.is_declared_shared(index, low) || world.is_declared_own(index, low);
        let when = world.denied_when(index, low);
        if !alive || public || (allowed && when.is_none()) {
            return Plan::Done(Verdict::NotMine);
        }
        let entitled = entitled(world, index, low);
        let own = when.is_some() && world.is_granted(index, low);
        let entitled = if own { Some(low) } else { entitled };
        let evidence = evidence(world, index, low, entitled);
        let (evidence, entitled) = match (evidence, entitled) {
            (Some(evidence), entitled) if world.is_granted(index, low) => (evidence, entitled.unwrap_or(low)),
            // Whose object it is decides elsewhere.
            (evidence, Some(entitled)) if evidence.is_some() || is_forbidden(world, index, low) => {
                ("refused", entitled)
            }
            _ => return Plan::Done(Verdict::NotMine),
        };
        if !operation.is_safe() && (world.settings.safe_only || !may_change(world, index, entitled)) {
            return Plan::vacuous("it changes what is not the run's own: say that data are disposable");
        }
        match witness(world, index, low, entitled, evidence) {
            Some(case) => Plan::suspect(case),
            None => Plan::vacuous("there is no valid request of somebody who is entitled"),
        }
    }

    fn judge(&self, case: &Case, trace: &Trace) -> Verdict {
        let find = |name: &str| trace.of(case, name);
        let (Some(before), Some(after), Some(nobody)) =
            (find("entitled-before"), find("entitled-after"), find("nobody"))
        else {
            return Verdict::vacuous("the entitled request was not sent before and after");
        };
        let Some(attack) = trace.in_role(case, Role::Attack).next() else {
            return Verdict::vacuous("nothing was attacked");
        };
        let (low, entitled) = (&case.steps[attack.step].identity, &case.steps[before.step].identity);
        if is_met(case, &case.steps[attack.step]) != (true, true)
            || Some(low.as_str()) != case.facts.get("low").and_then(Json::as_str)
        {
            return Verdict::vacuous("the attack is not the entitled request sent by somebody else");
        }
        let oracle = match Acceptance::learn([before, after], [nobody]) {
            Ok(oracle) => oracle,
            Err(why) => return Verdict::vacuous(why),
        };
        let plain = Acceptance::learn([before, after], []);
        if !plain.is_ok_and(|plain| plain.decide(nobody) != Decision::Granted) || nobody.is_blocked() {
            return Verdict::vacuous("whoever asks gets in: no credential is looked at");
        }
        if !find("alive").is_some_and(Exchange::is_success) {
            return Verdict::vacuous("the other identity was granted nothing beside");
        }
        match oracle.decide(attack) {
            Decision::Granted => {}
            Decision::Refused if low == entitled && !is_conditional(case) => {
                return Verdict::vacuous("the answer changes by itself");
            }
            // Whoever is not known is refused by the check of credentials.
            Decision::Refused if attack.status() == Some(401) => {
                return Verdict::vacuous("its credential is of another kind than this operation asks for");
            }
            Decision::Refused => return Verdict::Held,
            Decision::Unclear(why) => return Verdict::vacuous(why),
        }
        let Some((confidence, why)) = proof(case, trace, attack) else {
            return Verdict::vacuous("nothing says that this operation is not for everybody who is known");
        };
        let role = case.identities.iter().find(|need| need.name == *low).and_then(|need| need.role.clone());
        let who = role.as_ref().map_or_else(|| low.clone(), |role| format!("{low} ({role})"));
        let status = attack.status().unwrap_or_default();
        let mut violation = Violation::new(
            attack.step,
            format!("{who} uses an operation that is not for it: {}", case.operation),
            format!("The answer {status} to {low} is the one that {entitled} gets. {why}"),
        )
        .expected("403 Forbidden", format!("{status}, the entitled caller's answer"))
        .falsified_by("this operation being for that role: then say so with a rule `allow`")
        .confidence(confidence)
        .facts([Fact::PrivilegeGained])
        .cause("let-in", attack);
        if confidence != Confidence::Proven {
            let role = role.unwrap_or_else(|| "ROLE".to_owned());
            violation.rule =
                Some(format!("rules = [{{ role = \"{role}\", deny = [\"{}\"] }}]", case.operation));
        }
        violation.verdict()
    }
}

/// Whether the policy denies only requests that carry something: the same caller is entitled without it.
fn is_conditional(case: &Case) -> bool {
    case.facts.get("evidence") == Some(&json!("condition"))
}

/// What says that the operation is not for whoever sent the attack, and how sure that is.
fn proof(case: &Case, trace: &Trace, attack: &Exchange) -> Option<(Confidence, &'static str)> {
    match case.facts.get("evidence").and_then(Json::as_str)? {
        "policy" => Some((Confidence::Proven, "The policy denies it.")),
        "condition" => {
            Some((Confidence::Proven, "The policy denies requests that carry what this one carries."))
        }
        "scopes" => Some((Confidence::Likely, "The document asks for scopes that its token does not name.")),
        "neighbours" => {
            let refuses = |index: usize| {
                let find = |name: &str| trace.of(case, &format!("neighbour-{index}-{name}"));
                let (Some(entitled), Some(low)) = (find("entitled"), find("low")) else { return false };
                let failed =
                    low.is_blocked() || low.status().is_none_or(|status| status == 401 || status >= 500);
                let oracle = Acceptance::learn([entitled], []);
                !failed && oracle.is_ok_and(|oracle| oracle.decide(low) != Decision::Granted)
            };
            let all = (1..=NEIGHBOURS).all(refuses);
            all.then_some((Confidence::Likely, "Every other operation beside it refuses that caller."))
        }
        "group" => {
            let forbids = |index: usize| {
                trace.of(case, &format!("neighbour-{index}-low")).is_some_and(|low| low.status() == Some(403))
            };
            let all = (1..=NEIGHBOURS).all(forbids);
            all.then_some((
                Confidence::Likely,
                "Its path says that it is for keepers, and the others there forbid it.",
            ))
        }
        "name" => {
            let others = case.facts.get("subjects").and_then(Json::as_array);
            let others: Vec<&str> = others.into_iter().flatten().filter_map(Json::as_str).collect();
            let known = case.facts.get("role") == Some(&json!("lower"));
            let confidence = if known { Confidence::Likely } else { Confidence::Suspected };
            let people = attack.json().is_some_and(|json| lists_people(json, &others));
            people
                .then_some((confidence, "Its path says that it is for keepers, and it lists other callers."))
        }
        _ => None,
    }
}

/// Whether an answer names somebody else who can log in, or is a list of people.
fn lists_people(json: &Json, others: &[&str]) -> bool {
    let plain =
        |key: &str| key.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let is_person = |item: &Json| {
        item.as_object()
            .is_some_and(|members| members.keys().any(|key| PERSON.contains(&plain(key).as_str())))
    };
    match json {
        Json::String(text) => others.contains(&text.as_str()),
        Json::Array(items) => {
            items.iter().filter(|item| is_person(item)).count() >= 2
                || items.iter().any(|item| lists_people(item, others))
        }
        Json::Object(members) => members.values().any(|value| lists_people(value, others)),
        _ => false,
    }
}

/// Whether what it changes may be changed: what the run makes, or has made.
fn may_change(world: &World, index: usize, sender: &str) -> bool {
    world.settings.disposable_data
        || (!world.operation(index).is_costly()
            && world.granted_draft(index, sender).is_some_and(|draft| draft.makes_what_it_acts_on()))
}

fn witness(world: &World, index: usize, low: &str, entitled: &str, evidence: &str) -> Option<Case> {
    let draft: &Draft = world.granted_draft(index, entitled)?;
    let draft = world.with_full_setup(draft);
    let mut case = draft.open(ABOUT.id, world);
    "another-role".clone_into(&mut case.class);
    case.facts.insert("evidence".to_owned(), json!(evidence));
    let carried =
        if evidence == "condition" { demand(&mut case, world.denied_when(index, low)) } else { Vec::new() };
    case.facts.insert("low".to_owned(), json!(low));
    if evidence == "name" {
        let others = world.profiles.iter().filter(|profile| !world.are_one(&profile.name, low));
        let subjects =
            others.filter_map(|profile| serde_json::from_str::<String>(profile.subject.as_ref()?).ok());
        let subjects: Vec<_> = subjects.filter(|subject| subject.len() > 2).collect();
        case.facts.insert("subjects".to_owned(), json!(subjects));
        // Who registered like anybody is no keeper.
        let registered = world.profile(low).is_some_and(|profile| profile.registered);
        if world.role_of(low).is_some() || registered {
            case.facts.insert("role".to_owned(), json!("lower"));
        }
    }
    let control = |name: &str, draft: &Draft, who: &str| {
        Step::send(name, Role::Control, who, &draft.target, vec![]).retried(2)
    };
    case.steps.push(control("entitled-before", &draft, entitled));
    case.steps.push(control("nobody", &draft, ANONYMOUS));
    if evidence == "neighbours" {
        for (at, other) in neighbours(world, index, low, entitled).0.into_iter().take(NEIGHBOURS).enumerate()
        {
            let lead = format!("neighbour-{}-", at + 1);
            let other = world.granted_draft(other, entitled)?.renamed(&lead, entitled);
            other.append_to(&mut case, world);
            case.steps.push(control(&format!("{lead}entitled"), &other, entitled));
            case.steps.push(control(&format!("{lead}low"), &other, low));
        }
    }
    if evidence == "group" {
        for (at, other) in group(world, index, low).0.into_iter().take(NEIGHBOURS).enumerate() {
            let lead = format!("neighbour-{}-", at + 1);
            let (draft, edits) = harmless(world, other, low)?;
            let other = draft.renamed(&lead, low);
            other.append_to(&mut case, world);
            let mut step = control(&format!("{lead}low"), &other, low);
            step.request_mut()?.edits = edits;
            case.steps.push(step);
        }
    }
    // What it is granted elsewhere and nobody is without a credential: it is known, and alive.
    let elsewhere = (0..world.surface.operations.len()).filter(|other| {
        *other != index && world.operation(*other).is_safe() && !world.is_granted(*other, ANONYMOUS)
    });
    let drafts = elsewhere.filter_map(|other| world.granted_draft(other, low));
    let own = drafts.min_by_key(|draft| draft.setup.len()).cloned();
    let own = own.or_else(|| world.granted_draft(index, low).cloned())?.renamed("alive-", low);
    own.append_to(&mut case, world);
    case.steps.push(control("alive", &own, low));
    case.steps.push(Step::send("attack", Role::Attack, low, &draft.target, carried).retried(2));
    case.steps.push(control("entitled-after", &draft, entitled));
    case.note_identities(|name| world.role_of(name));
    Some(case)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls::tests_support::answer;

    const PAGE: &str = r#"{"accounts": [{"name": "alice"}, {"name": "olga"}]}"#;

    fn judge(evidence: &str, nobody: u16, alive: u16, attack: (u16, &str)) -> Verdict {
        let mut case = Case::new(ABOUT.id, "GET /admin/accounts");
        for (name, fact) in [
            ("evidence", json!(evidence)),
            ("low", json!("alice")),
            ("subjects", json!(["olga"])),
            ("role", json!("lower")),
        ] {
            case.facts.insert(name.to_owned(), fact);
        }
        let mut trace = Trace::default();
        for (name, role, who, (status, body)) in [
            ("entitled-before", Role::Control, "olga", (200, PAGE)),
            ("nobody", Role::Control, ANONYMOUS, (nobody, "{}")),
            ("alive", Role::Control, "alice", (alive, "{}")),
            ("attack", Role::Attack, "alice", attack),
            ("entitled-after", Role::Control, "olga", (200, PAGE)),
        ] {
            let mut exchange = answer(status, body);
            exchange.step = case.steps.len();
            trace.exchanges.push(exchange);
            case.steps.push(Step::send(name, role, who, "target", vec![]));
        }
        Function.judge(&case, &trace)
    }

    #[test]
    fn each_kind_of_evidence_is_as_sure_as_it_is() {
        let sure =
            |evidence| judge(evidence, 401, 200, (200, PAGE)).violation().map(|found| found.confidence);
        assert_eq!(sure("policy"), Some(Confidence::Proven));
        assert_eq!(sure("scopes"), Some(Confidence::Likely));
        assert_eq!(sure("name"), Some(Confidence::Likely));
        assert_eq!(sure("neighbours"), None, "no neighbour was asked");
        assert_eq!(sure("refused"), None);
    }

    #[test]
    fn refusals_hold_and_what_proves_nothing_is_vacuous() {
        assert_eq!(judge("name", 401, 200, (403, "{}")), Verdict::Held);
        assert_eq!(judge("name", 401, 200, (404, "{}")), Verdict::Held);
        for verdict in [
            judge("name", 401, 200, (401, "{}")),
            judge("name", 401, 200, (429, "{}")),
            judge("name", 401, 401, (403, "{}")),
            judge("policy", 503, 200, (200, PAGE)),
        ] {
            assert!(matches!(verdict, Verdict::Vacuous(_)), "{verdict:?}");
        }
        let own = judge("name", 401, 200, (200, r#"{"accounts": [{"name": "alice"}]}"#));
        assert!(matches!(own, Verdict::Vacuous(_)), "nobody else is listed");
    }
}
