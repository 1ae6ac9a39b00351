//! What a frame of [`super::entry`] proves: whether a request without a valid credential got what only a valid one gets.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::entry::WRITTEN;
use crate::case::{ANONYMOUS, Case, Role};
use crate::checks::{Confidence, Fact, Verdict, Violation};
use crate::controls::{Acceptance, Decision, holds_canary, personal};
use crate::message::{Outcome, Stage};
use crate::trace::{Exchange, Trace};

/// How a check speaks of its attack.
pub(super) struct Say {
    /// Reads after the operation: "answers without a credential".
    pub(super) title: &'static str,
    /// The attack carries a credential that nobody issued: being let in where none at all is refused tells something.
    pub(super) presence: bool,
}

/// What an attack got.
struct Got {
    confidence: Confidence,
    detector: &'static str,
    what: String,
    facts: Vec<Fact>,
}

pub(super) fn judge(case: &Case, trace: &Trace, say: &Say) -> Verdict {
    let find = |name: &str| trace.of(case, name);
    let deletes = case.operation.starts_with("DELETE ");
    let before = if deletes { find("look-before") } else { find("genuine-before") };
    let (Some(before), Some(after)) = (before, find("genuine-after")) else {
        return Verdict::vacuous("the genuine request was not sent before and after");
    };
    let attacks: Vec<_> = trace.in_role(case, Role::Attack).collect();
    let Some(first) = attacks.first() else { return Verdict::vacuous("nothing was attacked") };
    if !before.is_success() {
        return Verdict::vacuous("the genuine request was refused");
    }
    let Some(refused) = find("refused") else { return Verdict::vacuous("no refusal was asked for") };
    // A deletion takes away what the genuine request after it asks for.
    let genuine: Vec<&Exchange> = if deletes { vec![after] } else { vec![before, after] };
    let plain = Acceptance::learn(genuine.iter().copied(), []);
    // A credential that nobody issued is let in everywhere, where only its presence is looked at.
    let here = || plain.as_ref().is_ok_and(|oracle| is_refused(case, oracle, after, refused));
    let enforced = elsewhere(case, trace) || (!say.presence && here());
    for attack in &attacks {
        if attack.is_blocked() {
            continue;
        }
        let Some(got) = got(case, trace, attack, say) else { continue };
        if !enforced {
            return Verdict::vacuous(
                "no operation here refuses anybody: what each one lets in proves nothing",
            );
        }
        return violated(case, attack, say, got);
    }
    let oracle = match (Acceptance::learn(genuine.iter().copied(), [refused]), &plain) {
        (Ok(oracle), _) => oracle,
        (Err(_), Ok(plain)) => plain.clone(),
        (Err(_), Err(why)) => return Verdict::vacuous(*why),
    };
    if deletes && !after.is_success() {
        return Verdict::vacuous("the genuine request was refused");
    }
    let mut unclear = None;
    for attack in &attacks {
        let decision =
            if is_without_certificate(case, attack) { Decision::Refused } else { oracle.decide(attack) };
        match decision {
            Decision::Refused => {}
            Decision::Unclear(why) => unclear = Some(why),
            Decision::Granted => {
                // Who is told to bring a credential, and then may bring any, is let in by nobody's leave.
                if say.presence && enforced && here() && oracle.decide(refused) == Decision::Refused {
                    let got = Got {
                        confidence: Confidence::Likely,
                        detector: "let-in",
                        what: "the answer that the genuine credential gets".to_owned(),
                        facts: Vec::new(),
                    };
                    return violated(case, attack, say, got);
                }
                unclear = Some("it is let in, and gets nothing that is not for everybody");
            }
        }
    }
    match unclear {
        Some(why) => Verdict::vacuous(why),
        None if attacks.iter().all(|attack| !attack.is_blocked() || is_without_certificate(case, attack)) => {
            Verdict::Held
        }
        None => Verdict::vacuous(format!("{} was not answered", case.steps[first.step].name)),
    }
}

/// What an attack got that is not for everybody: a canary, an effect, or what depends on who asks.
fn got(case: &Case, trace: &Trace, attack: &Exchange, say: &Say) -> Option<Got> {
    let find = |name: &str| trace.of(case, name);
    let declared = case.facts.get("needs") == Some(&json!("declared"));
    let sure = |otherwise| if declared { Confidence::Proven } else { otherwise };
    let canaries = |of_attack: bool| {
        trace.bindings.iter().filter(move |(name, _)| {
            name.contains("canary-") && name.contains("canary-attacked") == of_attack
        })
    };
    // One path for everybody may be one text for everybody: it is the caller's where another is not shown it.
    let is_mine = |name: &str, text: &str| {
        let is_kept = |other: &Exchange| {
            (other.is_success() || matches!(other.status(), Some(403 | 404))) && !holds_canary(other, text)
        };
        !name.contains(&format!("canary-{WRITTEN}"))
            || ["other-before", "other-after"].iter().all(|other| find(other).is_some_and(is_kept))
    };
    let shows = |exchange: &Exchange, of_attack: bool| {
        canaries(of_attack).any(|(name, text)| holds_canary(exchange, text) && is_mine(name, text))
    };
    let genuine = [find("genuine-before"), find("genuine-after")];
    if genuine.iter().all(|exchange| exchange.is_some_and(|exchange| shows(exchange, false)))
        && shows(attack, false)
    {
        return Some(Got {
            confidence: sure(Confidence::Suspected),
            detector: "canary",
            what: "text that the genuine caller had written".to_owned(),
            facts: vec![Fact::OthersData],
        });
    }
    if let (Some(before), Some(after)) = (find("look-before"), find("look-after")) {
        let changed = Got {
            confidence: sure(Confidence::Likely),
            detector: "effect",
            what: String::new(),
            facts: vec![Fact::StateChanged],
        };
        let beside = ["beside-before", "beside-after"];
        let stays = || beside.iter().all(|name| find(name).is_some_and(Exchange::is_success));
        // What was taken away by another request says nothing of the attack.
        let is_same = |other: &Exchange| other.sent.request.target == attack.sent.request.target;
        let others = find("refused").is_some_and(|refused| refused.is_success() && is_same(refused));
        let gone = before.is_success() && matches!(after.status(), Some(404 | 410));
        if case.operation.starts_with("DELETE ") && gone && !others {
            return stays().then(|| Got { what: "the deletion: the object is gone".to_owned(), ..changed });
        }
        if !shows(before, true) && shows(after, true) && attack.is_success() {
            let what = "the change: the genuine caller reads what it wrote".to_owned();
            return Some(Got { what, ..changed });
        }
    }
    if case.operation.starts_with("POST ") && made(case, trace, attack) {
        return Some(Got {
            confidence: if declared { Confidence::Likely } else { Confidence::Suspected },
            detector: "made",
            what: "an object of its own: it was created".to_owned(),
            facts: vec![Fact::StateChanged],
        });
    }
    // Where none is asked for at all, a credential that nobody issued is not what lets in.
    let private = || if say.presence { None } else { private(case, trace, attack) };
    let more = || if say.presence { None } else { more(case, trace, attack) };
    depends(case, trace, attack, sure(Confidence::Likely)).or_else(private).or_else(more)
}

/// Whoever has no credential is shown personal data, where two known callers are shown none: what each of them gets is
/// cut to them, and nobody's is not cut at all.
fn more(case: &Case, trace: &Trace, attack: &Exchange) -> Option<Got> {
    let asks = case.excerpt(&case.operation).is_some_and(|excerpt| excerpt.responses.contains_key("401"));
    if !(asks || case.facts.get("needs") == Some(&json!("declared"))) || !attack.is_success() {
        return None;
    }
    let known = ["genuine-before", "genuine-after", "other-before", "other-after"];
    let sees_none = |name: &&str| {
        let known = trace.of(case, name).filter(|exchange| exchange.is_success());
        known.and_then(Exchange::json).is_some_and(|json| personal(json).is_empty())
    };
    let shown = attack.json().map(personal).unwrap_or_default();
    let is_cut = known.iter().all(sees_none) && !shown.is_empty();
    is_cut.then(|| Got {
        confidence: Confidence::Likely,
        detector: "more-than-known",
        what: format!(
            "personal data that two known callers are not shown: {}",
            shown.into_iter().collect::<Vec<_>>().join(", ")
        ),
        facts: vec![Fact::OthersData],
    })
}

/// What is private by its kind is for nobody, where the document asks for a credential at this very operation and not
/// at all: two kinds of personal data, the same that the genuine caller is shown.
fn private(case: &Case, trace: &Trace, attack: &Exchange) -> Option<Got> {
    let is_set = |fact: &str, value: Json| case.facts.get(fact) == Some(&value);
    if !is_set("needs", json!("declared")) || !is_set("selective", json!(true)) || !attack.is_success() {
        return None;
    }
    let kinds = |exchange: &Exchange| exchange.json().map(personal).unwrap_or_default();
    let genuine = [trace.of(case, "genuine-before")?, trace.of(case, "genuine-after")?].map(kinds);
    let shown = kinds(attack);
    let both: Vec<_> =
        shown.iter().filter(|kind| genuine.iter().all(|kinds| kinds.contains(*kind))).copied().collect();
    (both.len() >= 2).then(|| Got {
        confidence: Confidence::Likely,
        detector: "private-kind",
        what: format!("personal data: {}", both.join(", ")),
        facts: vec![Fact::OthersData],
    })
}

/// Whether an attack created something, as the genuine request does.
fn made(case: &Case, trace: &Trace, attack: &Exchange) -> bool {
    let genuine = ["genuine-before", "genuine-after"].map(|name| trace.of(case, name));
    let [Some(before), Some(after)] = genuine else { return false };
    let created = |exchange: &Exchange| exchange.status() == Some(201);
    let granted = || {
        let oracle = Acceptance::learn([before, after], trace.of(case, "refused"));
        oracle.is_ok_and(|oracle| oracle.decide(attack) == Decision::Granted)
    };
    created(before) && created(after) && created(attack) && granted()
}

/// What is shown depends on who asks, and the attack is shown what is the genuine caller's; or somebody who is known
/// is forbidden what the attack is given.
fn depends(case: &Case, trace: &Trace, attack: &Exchange, confidence: Confidence) -> Option<Got> {
    let find = |name: &str| trace.of(case, name);
    let mine = [find("genuine-before")?, find("genuine-after")?];
    let other = [find("other-before")?, find("other-after")?];
    let refused = find("refused");
    if other.iter().all(|exchange| exchange.status() == Some(403)) {
        let oracle = Acceptance::learn(mine, refused.into_iter().chain(other)).ok()?;
        return (oracle.decide(attack) == Decision::Granted).then(|| Got {
            confidence,
            detector: "forbidden-to-others",
            what: "what a known caller is forbidden".to_owned(),
            facts: Vec::new(),
        });
    }
    if !other.iter().all(|exchange| exchange.is_success()) || !attack.is_success() {
        return None;
    }
    let values = |exchange: &Exchange| exchange.json().map(telling);
    let (first, last) = (values(mine[0])?, values(mine[1])?);
    let others = [values(other[0])?, values(other[1])?];
    let shown = values(attack)?;
    let own = first.iter().filter(|(path, value)| {
        last.get(*path) == Some(*value) && others.iter().all(|other| other.get(*path) != Some(*value))
    });
    let own: Vec<_> = own.collect();
    let same = own.iter().filter(|(path, value)| shown.get(*path) == Some(*value)).count();
    (same >= 2 && same * 2 >= own.len()).then(|| Got {
        confidence,
        detector: "identity-dependent",
        what: format!("{same} values that the genuine caller is shown and another is not"),
        facts: vec![Fact::OthersData],
    })
}

/// Values that two callers do not share by chance, by their path.
fn telling(json: &Json) -> BTreeMap<String, String> {
    fn walk(json: &Json, at: &str, found: &mut BTreeMap<String, String>) {
        match json {
            Json::Object(members) => {
                members.iter().for_each(|(key, value)| walk(value, &format!("{at}/{key}"), found));
            }
            Json::Array(items) => {
                items
                    .iter()
                    .enumerate()
                    .for_each(|(index, item)| walk(item, &format!("{at}/{index}"), found));
            }
            Json::String(text) if text.len() >= 3 => drop(found.insert(at.to_owned(), text.clone())),
            Json::Number(number) if number.to_string().len() >= 5 => {
                found.insert(at.to_owned(), number.to_string());
            }
            _ => {}
        }
    }
    let mut found = BTreeMap::new();
    walk(json, "", &mut found);
    found
}

/// Whether another operation lets its own caller in, and refuses what the attack sends.
fn elsewhere(case: &Case, trace: &Trace) -> bool {
    (1..=2).any(|index| {
        let find = |name: &str| trace.of(case, &format!("elsewhere-{index}-{name}"));
        let (Some(genuine), Some(refused)) = (find("genuine"), find("refused")) else { return false };
        Acceptance::learn([genuine], []).is_ok_and(|oracle| is_refused(case, &oracle, genuine, refused))
    })
}

/// Not what the genuine caller gets, and no failure either. A success that has members of the genuine answer is let in
/// as somebody else, not refused.
fn is_refused(case: &Case, oracle: &Acceptance, genuine: &Exchange, exchange: &Exchange) -> bool {
    if is_without_certificate(case, exchange) {
        return true;
    }
    let failed = exchange.status().is_none_or(|status| status >= 500);
    let is_other = exchange.is_success() && shares_members(genuine, exchange);
    !failed && !exchange.is_blocked() && !is_other && oracle.decide(exchange) != Decision::Granted
}

/// Whether somebody who shows no certificate was told in the handshake that one is needed: a refusal, where whoever
/// has one is let in. A target that is gone tells nobody so.
fn is_without_certificate(case: &Case, exchange: &Exchange) -> bool {
    let sender = case.steps.get(exchange.step).map(|step| step.identity.as_str());
    sender == Some(ANONYMOUS)
        && matches!(exchange.delivery.outcome, Outcome::Refused { at: Stage::Certificate, .. })
}

/// Members that answers of every kind have around what they are about.
const ENVELOPE: &[&str] = &[
    "success",
    "ok",
    "status",
    "code",
    "message",
    "msg",
    "error",
    "errors",
    "detail",
    "timestamp",
    "request_id",
];

/// Whether two answers are lists, or objects that tell of the same thing: a member of one name, null in neither.
fn shares_members(one: &Exchange, other: &Exchange) -> bool {
    match (one.json(), other.json()) {
        (Some(Json::Object(one)), Some(Json::Object(other))) => one.iter().any(|(key, value)| {
            let known = !ENVELOPE.contains(&key.to_ascii_lowercase().as_str());
            known && !value.is_null() && other.get(key).is_some_and(|value| !value.is_null())
        }),
        (Some(Json::Array(_)), Some(Json::Array(_))) => true,
        _ => false,
    }
}

fn violated(case: &Case, attack: &Exchange, say: &Say, got: Got) -> Verdict {
    let status = attack.status().unwrap_or_default();
    let mut violation = Violation::new(
        attack.step,
        format!("{} {}", case.operation, say.title),
        format!(
            "The answer is {status}, with {}. Elsewhere, or with another request, such a caller is refused.",
            got.what
        ),
    )
    .expected("401 Unauthorized", format!("{status}, and {}", got.what))
    .falsified_by(
        "the operation being meant for everybody: then the document says that it needs no credential",
    )
    .confidence(got.confidence)
    .cause(got.detector, attack);
    violation.facts = got.facts;
    violation.verdict()
}

#[cfg(test)]
mod tests;
