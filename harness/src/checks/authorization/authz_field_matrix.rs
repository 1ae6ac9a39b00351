//! # What it sends
//! The valid read of an identity whose role the policy hides members from, in every form that the operation documents
//! (`view=full`, `expand=…`), between two reads by somebody else who may see them; with what the rule's `when` names.
//!
//! # What must hold
//! No answer to that identity has a member of a hidden name that is not null, at any depth. It is *proven*: the policy
//! says so. Held needs somebody who is shown the member at the same operation, where the identity's own answer has the
//! object that it would stand in. Smallest effect: one member in one answer.
//!
//! # Why it matters
//! One serializer for all roles shows customers what was meant for the staff: costs, margins, notes, permissions.
//!
//! # How to fix
//! Give each role an answer type of its own, with only the members that it may see; never filter in the client.
//!
//! # References
//! CWE-213; OWASP API3:2023; ASVS 5.0 8.2.3; WFC 210.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use crate::case::{Case, Role, Step};
use crate::checks::{
    About, Check, Confidence, Confirm, Effect, Fact, Grain, Isolation, Need, Phase, Plan, Practice, Round,
    Severity, Subject, Verdict, Violation,
};
use crate::generate::{Source, World};
use crate::trace::{Exchange, Trace};

use super::condition::{demand, is_met};
use super::lists::forms;

/// Somebody who is shown members that the policy hides.
pub struct FieldMatrix;

static ABOUT: About = About {
    id: "authz-field-matrix",
    title: "an identity that is shown what the policy hides from its role",
    practice: Practice::Authorization,
    source: include_str!("authz_field_matrix.rs"),
    grain: Grain::Identity,
    phase: Phase::Authorization,
    needs: &[Need::HiddenFields],
    effect: Effect::Reads,
    isolation: Isolation::Shared,
    budget: 60,
    confirm: Confirm::AT_ONCE,
    severity: Severity::High,
    chance: 20,
    cwe: &[213],
    owasp: &["API3:2023"],
    wfc: Some(210),
    once: false,
};

impl Check for FieldMatrix {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn plan(&self, at: &Subject, world: &World, _rounds: &[Round], _src: &mut dyn Source) -> Plan {
        let Some(index) = at.operation else { return Plan::Done(Verdict::NotMine) };
        let hidden = world.hidden_fields(&at.identity);
        let Some(draft) = world.granted_draft(index, &at.identity).filter(|_| !hidden.is_empty()) else {
            return Plan::Done(Verdict::NotMine);
        };
        let operation = world.operation(index);
        if operation.method != "GET" {
            return Plan::Done(Verdict::NotMine);
        }
        let mut case = draft.open(ABOUT.id, world);
        "hidden-member".clone_into(&mut case.class);
        let names: BTreeSet<&str> = hidden.iter().map(|(name, _)| *name).collect();
        case.facts.insert("hidden".to_owned(), json!(names));
        let documents = |name: &&str| {
            operation.responses.values().any(|answer| {
                answer
                    .content
                    .values()
                    .any(|schema| schema.as_ref().is_some_and(|schema| has_property(&schema.json, name)))
            })
        };
        case.facts.insert("documented".to_owned(), json!(names.iter().any(documents)));
        case.facts.insert("low".to_owned(), json!(at.identity));
        let mut whens: Vec<_> = hidden.iter().map(|(_, when)| *when).collect();
        whens.dedup();
        let conditions = demand(&mut case, whens);
        let mut shapes = vec![Vec::new()];
        shapes.extend(forms(world, index, &at.identity).into_iter().map(|edit| vec![edit]));
        let sees = |name: &&str| {
            world.is_granted(index, name)
                && !world.are_one(name, &at.identity)
                && !world.hidden_fields(name).iter().any(|(hidden, _)| names.contains(hidden))
        };
        let other = world.profiles.iter().map(|profile| profile.name.as_str()).find(sees);
        let other = other
            .and_then(|name| world.granted_draft(index, name))
            .map(|draft| draft.renamed("other-", &draft.identity));
        if let Some(other) = &other {
            other.append_to(&mut case, world);
        }
        for (at, shape) in shapes.into_iter().enumerate() {
            if let Some(other) = &other {
                case.steps.push(other.step(&format!("shown-{at}"), Role::Control, shape.clone()).retried(2));
            }
            let edits = shape.into_iter().chain(conditions.iter().cloned()).collect();
            let name = if at == 0 { "attack".to_owned() } else { format!("attack-{at}") };
            case.steps
                .push(Step::send(&name, Role::Attack, &draft.identity, &draft.target, edits).retried(2));
        }
        case.note_identities(|name| world.role_of(name));
        Plan::suspect(case)
    }

    fn judge(&self, case: &Case, trace: &Trace) -> Verdict {
        let hidden: Vec<&str> = case
            .facts
            .get("hidden")
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
            .filter_map(Json::as_str)
            .collect();
        let mut answered = false;
        let mut contrast = false;
        let low = case.facts.get("low").and_then(Json::as_str);
        let is_meant = |step: &Step| Some(step.identity.as_str()) == low && is_met(case, step).0;
        let attacks = trace.in_role(case, Role::Attack).filter(|attack| is_meant(&case.steps[attack.step]));
        for attack in attacks.filter(|attack| attack.is_success()) {
            let Some(json) = attack.json() else { continue };
            answered = true;
            if let Some((place, name)) =
                members(json).into_iter().find(|(_, name)| hidden.contains(&name.as_str()))
            {
                return violation(case, attack, &place, &name);
            }
            let step = case.steps[attack.step].name.as_str();
            let shown = format!("shown-{}", step.strip_prefix("attack-").unwrap_or("0"));
            let places: BTreeSet<String> = trace
                .of(case, &shown)
                .filter(|shown| shown.is_success())
                .and_then(Exchange::json)
                .map(members)
                .into_iter()
                .flatten()
                .filter(|(_, name)| hidden.contains(&name.as_str()))
                .map(|(place, _)| place)
                .collect();
            contrast |= places.iter().any(|place| members(json).iter().any(|(own, _)| own == place));
        }
        let documented = case.facts.get("documented") == Some(&json!(true));
        match (answered, contrast, documented) {
            (false, ..) => Verdict::vacuous("the identity's own read was not answered with JSON"),
            (_, true, _) => Verdict::Held,
            (_, false, true) => {
                Verdict::vacuous("nobody is shown the hidden member here, or nothing stands beside it")
            }
            // Nothing says that this operation has anything to do with what is hidden.
            (_, false, false) => Verdict::NotMine,
        }
    }
}

fn violation(case: &Case, attack: &Exchange, place: &str, name: &str) -> Verdict {
    let low = &case.steps[attack.step].identity;
    let role = case.identities.iter().find(|need| need.name == *low).and_then(|need| need.role.clone());
    let who = role.map_or_else(|| low.clone(), |role| format!("{low} ({role})"));
    let place = if place.is_empty() { "its top level".to_owned() } else { format!("`{place}`") };
    Violation::new(
        attack.step,
        format!("{who} is shown `{name}`: {}", case.operation),
        format!("The policy hides `{name}` from that role; the answer to {low} has it at {place}."),
    )
    .expected(
        format!("an answer without `{name}`"),
        format!("{}, with it", attack.status().unwrap_or_default()),
    )
    .falsified_by("the member being meant for that role: then take it out of `hidden_fields`")
    .confidence(Confidence::Proven)
    .facts([Fact::SecretShown])
    .cause(name, attack)
    .verdict()
}

/// How deep is looked.
const DEEP: usize = 16;

/// The members that are not null: where their object stands (items of a list as `*`), and their name.
fn members(json: &Json) -> BTreeSet<(String, String)> {
    fn walk(json: &Json, at: &str, depth: usize, found: &mut BTreeSet<(String, String)>) {
        match json {
            _ if depth > DEEP => {}
            Json::Object(members) => {
                for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
                    found.insert((at.to_owned(), name.clone()));
                    walk(value, &format!("{at}/{name}"), depth + 1, found);
                }
            }
            Json::Array(items) => {
                items.iter().for_each(|item| walk(item, &format!("{at}/*"), depth + 1, found));
            }
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    walk(json, "", 0, &mut found);
    found
}

/// Whether a schema names such a property anywhere.
fn has_property(schema: &Json, name: &str) -> bool {
    match schema {
        Json::Object(members) => members.iter().any(|(key, value)| {
            (key == "properties" && value.get(name).is_some()) || has_property(value, name)
        }),
        Json::Array(items) => items.iter().any(|item| has_property(item, name)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls::tests_support::answer;

    const FULL: &str = r#"{"items": [{"id": 1, "cost": 3}]}"#;

    fn judge(documented: bool, shown: (u16, &str), attack: (u16, &str)) -> Verdict {
        let mut case = Case::new(ABOUT.id, "GET /items");
        case.facts.insert("hidden".to_owned(), json!(["cost"]));
        case.facts.insert("documented".to_owned(), json!(documented));
        case.facts.insert("low".to_owned(), json!("alice"));
        let mut trace = Trace::default();
        for (name, role, who, (status, body)) in
            [("shown-0", Role::Control, "olga", shown), ("attack", Role::Attack, "alice", attack)]
        {
            let mut exchange = answer(status, body);
            exchange.step = case.steps.len();
            trace.exchanges.push(exchange);
            case.steps.push(Step::send(name, role, who, "target", vec![]));
        }
        FieldMatrix.judge(&case, &trace)
    }

    #[test]
    fn a_hidden_member_that_is_shown_is_a_violation_wherever_it_stands() {
        for body in [FULL, r#"{"cost": 0}"#, r#"[[{"a": {"cost": "x"}}]]"#] {
            let verdict = judge(false, (200, "{}"), (200, body));
            assert_eq!(verdict.violation().map(|found| found.confidence), Some(Confidence::Proven), "{body}");
        }
    }

    #[test]
    fn it_holds_only_beside_somebody_who_is_shown_it() {
        let without = (200, r#"{"items": [{"id": 1, "cost": null}]}"#);
        assert_eq!(judge(true, (200, FULL), without), Verdict::Held);
        assert!(matches!(judge(true, (200, "{}"), without), Verdict::Vacuous(_)));
        assert_eq!(judge(false, (200, "{}"), without), Verdict::NotMine);
    }

    #[test]
    fn an_empty_list_and_a_refusal_hide_nothing() {
        assert!(matches!(judge(true, (200, FULL), (200, r#"{"items": []}"#)), Verdict::Vacuous(_)));
        assert!(matches!(judge(true, (200, FULL), (403, r#"{"cost": 1}"#)), Verdict::Vacuous(_)));
    }

    #[test]
    fn properties_are_found_below_combinations() {
        let schema = json!({"allOf": [{"properties": {"items": {"items": {"properties": {"cost": {}}}}}}]});
        assert!(has_property(&schema, "cost") && !has_property(&schema, "items2"));
    }
}
