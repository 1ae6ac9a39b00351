//! What all checks of forged tokens have in common: the frame of genuine, rejected and forged requests.

use crate::case::{Case, Edit, Fresh, FreshKind, Place, Role, Value};
use crate::checks::{Fact, Subject, Verdict, Violation};
use crate::controls::{Acceptance, Decision};
use crate::generate::{Draft, World};
use crate::trace::{Exchange, Trace};

/// The draft of a subject whose operation looks at a web token; the other verdict says why there is none.
pub(super) fn draft_of<'w>(at: &Subject, world: &'w World) -> Result<&'w Draft, Verdict> {
    let operation = at.operation.ok_or(Verdict::NotMine)?;
    let jwt = world.profile(&at.identity).is_some_and(|profile| profile.jwt && profile.alive);
    // Whoever holds no token, is not let in, or need not be, has nothing to forge here.
    if !jwt || world.is_granted(operation, crate::case::ANONYMOUS) {
        return Err(Verdict::NotMine);
    }
    let draft = world.granted_draft(operation, &at.identity).ok_or(Verdict::NotMine)?;
    if world.operation(operation).method == "DELETE" {
        // What is gone cannot be asked for twice: the frame of genuine requests does not close.
        return Err(Verdict::NotMine);
    }
    Ok(draft)
}

/// A case with genuine requests before and after, rejected ones, and these forgeries between.
pub(super) fn frame(
    draft: &Draft,
    check: &str,
    class: &str,
    world: &World,
    extra: Vec<(&str, Edit)>,
    forgeries: Vec<(&str, Edit)>,
) -> Case {
    let mut case = draft.open(check, world);
    case.place = Place::Credential.to_string();
    class.clone_into(&mut case.class);
    let control = |name: &str, edits| draft.step(name, Role::Control, edits).retried(2);
    case.steps.push(control("genuine-before", vec![]));
    case.steps.push(control("rejected-none", vec![Edit::remove(Place::Credential)]));
    case.steps.push(control("rejected-random", vec![Edit::set(Place::Credential, random_token())]));
    for (name, edit) in extra {
        case.steps.push(control(name, vec![edit]));
    }
    for (name, edit) in forgeries {
        case.steps.push(draft.step(name, Role::Attack, vec![edit.labelled(name)]).retried(2));
    }
    case.steps.push(control("genuine-after", vec![]));
    case.note_identities(|name| world.role_of(name));
    case
}

/// Three random segments: well-formed, and nobody's.
fn random_token() -> Value {
    let part = |name: &str, length: u32| {
        let fresh = Fresh {
            name: name.to_owned(),
            kind: FreshKind::Alphanumeric,
            max: Some(length),
            min: Some(length),
        };
        Value::dynamic(crate::case::Dynamic::Fresh(fresh))
    };
    Value::concat([part("r1", 36), Value::text("."), part("r2", 60), Value::text("."), part("r3", 43)])
}

/// A verdict when a forgery came out as the genuine token: one that never had a signature loses nothing.
pub(super) fn unchanged(case: &Case, trace: &Trace) -> Option<Verdict> {
    let genuine = trace.of(case, "genuine-before")?;
    let parts = |exchange: &Exchange| {
        let request = &exchange.sent.request;
        (request.target.clone(), request.headers.clone())
    };
    let same = trace.in_role(case, Role::Attack).any(|attack| {
        matches!(attack.sent.request.method.as_ref(), b"GET" | b"HEAD") && parts(attack) == parts(genuine)
    });
    same.then(|| Verdict::vacuous("the forged token is the genuine one"))
}

/// Judges a frame: `also_genuine` names controls that must be granted too.
/// `is_forged` tells a forgery from what is none: a case whose attack is not one proves nothing.
pub(super) fn judge(
    case: &Case,
    trace: &Trace,
    also_genuine: &[&str],
    what: &str,
    is_forged: impl Fn(&Edit) -> bool,
) -> Verdict {
    let attacks = case.steps.iter().filter(|step| step.role == Role::Attack);
    if attacks.filter_map(|step| step.request()).any(|send| !send.edits.iter().any(&is_forged)) {
        return Verdict::vacuous("a token that is sent as an attack is no forgery");
    }
    let find = |name: &str| trace.of(case, name);
    let genuine: Vec<_> = ["genuine-before", "genuine-after"].iter().filter_map(|name| find(name)).collect();
    let rejected: Vec<_> =
        ["rejected-none", "rejected-random"].iter().filter_map(|name| find(name)).collect();
    if genuine.len() < 2 || rejected.is_empty() {
        return Verdict::vacuous("the genuine request was not sent before and after");
    }
    let acceptance = match Acceptance::learn(genuine.iter().copied(), rejected.iter().copied()) {
        Ok(acceptance) => acceptance,
        Err(why) => return Verdict::vacuous(why),
    };
    // Each refusal must be one by what the others teach: what is learned from itself it is always like.
    for (index, exchange) in rejected.iter().enumerate() {
        let others =
            rejected.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, other)| *other);
        let taught = Acceptance::learn(genuine.iter().copied(), others);
        if taught.map_or(true, |taught| taught.decide(exchange) == Decision::Granted)
            || acceptance.decide(exchange) != Decision::Refused
        {
            return Verdict::vacuous("a request without a genuine credential was not clearly refused");
        }
    }
    for name in also_genuine {
        if find(name).is_none_or(|exchange| acceptance.decide(exchange) != Decision::Granted) {
            return Verdict::vacuous(
                "a token that we signed ourselves is not accepted even when it is valid",
            );
        }
    }
    let mut unclear = None;
    let mut refused = 0;
    for attack in trace.in_role(case, Role::Attack) {
        match acceptance.decide(attack) {
            Decision::Granted => {
                let step = &case.steps[attack.step];
                let status = attack.status().unwrap_or_default();
                return Violation::new(
                    attack.step,
                    format!("{} accepts {what} ({})", case.operation, step.name),
                    format!(
                        "With the token forged as {}, the answer is {status} and like the one that {} gets; a random \
                         token and none at all are refused.",
                        step.name, step.identity
                    ),
                )
                .expected("401 Unauthorized, as for a random token", format!("{status}, the entitled caller's answer"))
                .falsified_by("the genuine token being refused, or a random token being accepted, by the same operation")
                .facts([Fact::AnyIdentity])
                .cause("token-accepted", attack)
                .verdict();
            }
            Decision::Refused => refused += 1,
            Decision::Unclear(why) => unclear = Some(why),
        }
    }
    match unclear {
        Some(why) => Verdict::vacuous(why),
        None if refused == 0 => Verdict::vacuous("no forged token was sent"),
        None => Verdict::Held,
    }
}
