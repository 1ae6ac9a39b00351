//! The ladder of privacy: what says that an object is its owner's alone, and how sure that is.

use std::collections::BTreeSet;

use serde_json::json;

use crate::case::Case;
use crate::checks::Confidence;
use crate::controls::{holds_canary, personal};
use crate::generate::find_id;
use crate::trace::{Exchange, Trace};

use super::canaries::canaries;

/// What says that the object is private, and how sure that is: the first rung that holds.
pub(super) fn privacy(
    case: &Case,
    trace: &Trace,
    attack: &Exchange,
    shows: &dyn Fn(&Exchange) -> bool,
) -> Option<(Confidence, &'static str)> {
    if case.facts.get("declared") == Some(&json!("own")) {
        return Some((Confidence::Proven, "The policy says that these objects are their owner's alone."));
    }
    omitted(case, trace, shows)
        .or_else(|| apart(trace, case, shows))
        .or_else(|| guarded(case, trace, shows))
        .or_else(|| by_kind(case, trace, attack))
}

/// Lists that omit the object although they show what the other identity made later.
fn omitted(
    case: &Case,
    trace: &Trace,
    shows: &dyn Fn(&Exchange) -> bool,
) -> Option<(Confidence, &'static str)> {
    let own = canaries(trace, "other-canary-");
    // Read twice: a list in an order of its own, cut at a page, omits anything now and then.
    let mut sure = None;
    for (owner, other) in [("owner-list", "other-list"), ("owner-list-again", "other-list-again")] {
        let (owner, other) = (trace.of(case, owner)?, trace.of(case, other)?);
        let answered = other.status().is_some_and(|status| (200..300).contains(&status));
        if !(shows(owner) && answered && !shows(other)) {
            return None;
        }
        if own.is_empty() {
            let (owners, others) = (rows(owner)?, rows(other)?);
            if others.is_empty() || !owners.is_disjoint(&others) {
                return None;
            }
            sure = Some((Confidence::Likely, "Its own list has no row in common with the owner's list."));
            continue;
        }
        // A list that is cut, sorted otherwise or served from a cache omits the newest object first: that is there.
        if !own.iter().any(|canary| holds_canary(other, canary) && !holds_canary(owner, canary)) {
            return None;
        }
        sure = Some((
            Confidence::Proven,
            "Its own list shows what it made later, and omits the owner's object.",
        ));
    }
    sure
}

/// Rows that a list must show for its not having any of another's to mean something.
const ROWS: usize = 3;

/// Lists that are cut before the newest object say something too: two that have no row in common, each the same when
/// it is read again, are of two owners. One list that is sorted by chance, or moves on meanwhile, is neither.
fn apart(
    trace: &Trace,
    case: &Case,
    shows: &dyn Fn(&Exchange) -> bool,
) -> Option<(Confidence, &'static str)> {
    let list = |name: &str| {
        let list = trace.of(case, name).filter(|list| list.status() == Some(200))?;
        rows(list).filter(|rows| rows.len() >= ROWS)
    };
    let other = |name: &str| trace.of(case, name).is_none_or(shows);
    let (owners, again) = (list("owner-list")?, list("owner-list-again")?);
    let (others, others_again) = (list("other-list")?, list("other-list-again")?);
    let stays = |one: &BTreeSet<String>, two: &BTreeSet<String>| {
        one.intersection(two).count() * 4 >= one.len().max(two.len()) * 3
    };
    let apart =
        [&owners, &again].iter().all(|own| own.is_disjoint(&others) && own.is_disjoint(&others_again));
    (apart
        && stays(&owners, &again)
        && stays(&others, &others_again)
        && !other("other-list")
        && !other("other-list-again"))
    .then_some((Confidence::Likely, "Its own list, read twice, has no row in common with the owner's list."))
}

/// How many other operations that show the object are asked.
pub(super) const ELSEWHERE: usize = 2;

/// Another operation shows the owner the very text, and refuses it to the other identity. That a change is refused
/// says nothing: who may read what everybody may not change is common.
fn guarded(
    case: &Case,
    trace: &Trace,
    shows: &dyn Fn(&Exchange) -> bool,
) -> Option<(Confidence, &'static str)> {
    let refuses = |index: usize| {
        let (owner, other) = (
            trace.of(case, &format!("elsewhere-{index}-owner")),
            trace.of(case, &format!("elsewhere-{index}-other")),
        );
        owner.is_some_and(|owner| owner.is_success() && shows(owner))
            && other.is_some_and(|other| !other.is_blocked() && matches!(other.status(), Some(403 | 404)))
    };
    (1..=ELSEWHERE).any(refuses).then_some((
        Confidence::Likely,
        "Another operation shows its owner this text, and refuses the other one.",
    ))
}

/// What it shows is somebody's own by its kind, and nobody gets it without a credential.
fn by_kind(case: &Case, trace: &Trace, attack: &Exchange) -> Option<(Confidence, &'static str)> {
    let nobody = trace.of(case, "anonymous")?;
    let refused = !nobody.is_blocked() && matches!(nobody.status(), Some(401 | 403 | 404));
    let kinds = attack.json().map(personal)?;
    (refused && kinds.iter().any(|kind| OWN_BY_KIND.contains(kind))).then_some((
        Confidence::Likely,
        "It shows what is somebody's own by its kind: a number of theirs, or an amount.",
    ))
}

/// Kinds that are nobody else's business. How to reach people, and where, is shared in many a company.
const OWN_BY_KIND: &[&str] = &["number of a person", "number of an account", "amount"];

/// The ids of a list's rows.
fn rows(list: &Exchange) -> Option<BTreeSet<String>> {
    let json = list.json()?;
    let pointer = find_id(json, "", true)?;
    let (at, key) = pointer.split_once("/*/")?;
    let items = json.pointer(at)?.as_array()?;
    let key = format!("/{key}");
    Some(items.iter().filter_map(|item| item.pointer(&key)).map(ToString::to_string).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{ANONYMOUS, Role, Step};
    use crate::controls::tests_support::answer;

    const TEXT: &str = "ph-0000-aaaaaaaaaaaa";

    /// What the rungs say where these steps were answered so, and the attack shows this.
    fn sure(steps: &[(&str, u16, &str)], shown: &str) -> Option<Confidence> {
        let mut case = Case::new("authz-object-read", "GET /notes/{id}");
        let mut trace = Trace::default();
        for (name, status, body) in steps {
            let mut exchange = answer(*status, body);
            exchange.step = case.steps.len();
            trace.exchanges.push(exchange);
            case.steps.push(Step::send(*name, Role::Control, ANONYMOUS, "target", vec![]));
        }
        let attack = answer(200, shown);
        privacy(&case, &trace, &attack, &|exchange| holds_canary(exchange, TEXT)).map(|(sure, _)| sure)
    }

    #[test]
    fn what_another_read_shows_its_owner_and_refuses_others_is_private() {
        let own = format!(r#"{{"text": "{TEXT}"}}"#);
        let asked = |owner: (u16, &str), other: (u16, &str)| {
            let steps = [("elsewhere-1-owner", owner.0, owner.1), ("elsewhere-1-other", other.0, other.1)];
            sure(&steps, &own)
        };
        assert_eq!(asked((200, &own), (403, "{}")), Some(Confidence::Likely));
        assert_eq!(asked((200, &own), (404, "{}")), Some(Confidence::Likely));
        assert_eq!(asked((200, &own), (200, "{}")), None, "shown less, not refused");
        assert_eq!(asked((200, "{}"), (403, "{}")), None, "it is another thing that is refused");
        assert_eq!(asked((200, &own), (503, "{}")), None, "nobody refused");
        assert_eq!(asked((200, &own), (401, "{}")), None, "whose credential counts nowhere is nobody");
    }

    #[test]
    fn what_is_somebodys_own_by_its_kind_is_private_where_nobody_gets_it_without_a_credential() {
        let account = r#"{"iban": "DE02 1203 0000 0000", "text": "x"}"#;
        assert_eq!(sure(&[("anonymous", 401, "{}")], account), Some(Confidence::Likely));
        assert_eq!(sure(&[("anonymous", 200, account)], account), None, "it is public");
        assert_eq!(sure(&[("anonymous", 429, "{}")], account), None);
        assert_eq!(sure(&[], account), None);
        let reachable = r#"{"email": "eve@a.example", "phone": "+1 202 555 0100", "text": "x"}"#;
        assert_eq!(
            sure(&[("anonymous", 401, "{}")], reachable),
            None,
            "colleagues share how to reach people"
        );
    }
}
