//! What the checks of bodies under other types have in common: the frame of valid, garbled and mistyped requests.

use serde_json::json;

use crate::case::{Base, Case, Edit, Place, Role, Step, Wait};
use crate::checks::{Confidence, Severity, Subject, Verdict, Violation};
use crate::controls::{Acceptance, Decision, media_family};
use crate::generate::{Draft, World};
use crate::trace::{Exchange, Trace};

/// A body that no parser reads as what the operation wants.
const GARBAGE: &str = "proofhouse";
/// What the case notes of the document: the types of the body.
const DOCUMENTED: &str = "documented";
/// Longer windows of a limit are not waited for.
const PATIENCE: u64 = 2_000;

/// An operation that takes a body, with a valid request of somebody who gets in.
pub(super) struct Target<'w> {
    pub(super) draft: &'w Draft,
    pub(super) world: &'w World,
    pub(super) operation: usize,
}

/// The target of a subject; the other verdict says why there is none.
pub(super) fn target_of<'w>(at: &Subject, world: &'w World) -> Result<Target<'w>, Verdict> {
    let operation = at.operation.ok_or(Verdict::NotMine)?;
    let op = world.operation(operation);
    // What is gone cannot be asked for twice; what takes anything has no other type.
    let unfit = op.is_safe() || op.method == "DELETE" || world.settings.safe_only;
    if unfit || op.bodies.is_empty() || op.bodies.iter().any(|body| body.media_type.contains('*')) {
        return Err(Verdict::NotMine);
    }
    let draft = world.granted_draft(operation, &at.identity).ok_or(Verdict::NotMine)?;
    if draft.request().body.is_none() {
        return Err(Verdict::NotMine);
    }
    Ok(Target { draft, world, operation })
}

impl Target<'_> {
    /// The families of the documented types.
    pub(super) fn families(&self) -> Vec<String> {
        let bodies = &self.world.operation(self.operation).bodies;
        bodies.iter().map(|body| family(&body.media_type)).collect()
    }

    /// A case of valid requests before and after, garbled ones, and these attacks between. `garbled` are the edits
    /// that give the garbled body the types of the attacks, too.
    pub(super) fn frame(
        &self,
        check: &str,
        class: &str,
        bases: Vec<Base>,
        garbled: Vec<Vec<Edit>>,
        attacks: Vec<Step>,
    ) -> Case {
        let Self { draft, world, .. } = self;
        let mut case = draft.open(check, world);
        class.clone_into(&mut case.class);
        case.place = Place::MediaType.to_string();
        case.facts.insert(DOCUMENTED.to_owned(), json!(self.families()));
        case.bases.extend(bases);
        let control = |name: &str, edits| draft.step(name, Role::Control, edits).retried(2);
        let mut steps = vec![control("valid-before", vec![]), control("garbled", vec![garbage()])];
        for (index, mut edits) in garbled.into_iter().enumerate() {
            edits.push(garbage());
            steps.push(control(&format!("garbled-as-{}", index + 1), edits));
        }
        steps.extend(attacks);
        steps.push(control("valid-after", vec![]));
        self.pace(&mut case, steps);
        case.note_identities(|name| world.role_of(name));
        case
    }

    /// Puts the steps into the case, with pauses where the operation has a limit: half of it is enough for us.
    fn pace(&self, case: &mut Case, steps: Vec<Step>) {
        let limit = self.world.limit(self.operation).filter(|limit| limit.window <= PATIENCE);
        let Some(limit) = limit else { return case.steps.extend(steps) };
        let pause = limit.window + limit.window / 5 + 10;
        let wait = Wait { millis: pause, retry_after: None, at_most: pause };
        let most = (limit.count / 2).max(1) as usize;
        for (index, step) in steps.into_iter().enumerate() {
            if index % most == 0 {
                case.steps.push(Step::wait(format!("pause-{}", index / most + 1), wait.clone()));
            }
            case.steps.push(step);
        }
    }

    /// How many attacks one case may have: a limit whose window is not waited for must not be reached.
    pub(super) fn most_attacks(&self) -> usize {
        match self.world.limit(self.operation) {
            Some(limit) if limit.window > PATIENCE => (limit.count / 3).saturating_sub(2) as usize,
            _ => usize::MAX,
        }
    }
}

fn garbage() -> Edit {
    Edit::set(Place::Body, GARBAGE)
}

/// The family of a media type, parameters aside.
pub(super) fn family(media_type: &str) -> String {
    media_family(&media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

/// The `Content-Type` that a request was sent with.
pub(super) fn sent_type(exchange: &Exchange) -> Option<String> {
    let headers = &exchange.sent.request.headers;
    let found = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(b"content-type"));
    found.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
}

/// The families that the case notes.
pub(super) fn documented(case: &Case) -> Vec<String> {
    let noted = case.facts.get(DOCUMENTED).and_then(serde_json::Value::as_array);
    noted.into_iter().flatten().filter_map(serde_json::Value::as_str).map(str::to_owned).collect()
}

/// What the operation made of a mistyped body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    Granted,
    Refused,
    Unclear(&'static str),
}

/// What the frame of a case teaches.
pub(super) struct Lesson {
    acceptance: Acceptance,
}

impl Lesson {
    /// Learns from the valid requests and the garbled ones; the text says why nothing can be decided.
    pub(super) fn learn(case: &Case, trace: &Trace) -> Result<Self, &'static str> {
        let find = |name: &str| trace.of(case, name);
        let (Some(before), Some(after)) = (find("valid-before"), find("valid-after")) else {
            return Err("the valid request was not sent before and after");
        };
        let valid = [before, after];
        let steps =
            case.steps.iter().filter(|step| step.role == Role::Control && step.name.starts_with("garbled"));
        let garbled: Vec<_> = steps.filter_map(|step| find(&step.name)).collect();
        if garbled.is_empty() {
            return Err("no garbled body was sent to compare with");
        }
        let untaught = Acceptance::learn(valid, [])?;
        for exchange in &garbled {
            if exchange.is_blocked() {
                return Err("nobody answered for the operation");
            }
            // What is granted whatever the body says is granted without the body.
            if exchange.status().is_some_and(|status| status < 300)
                && untaught.decide(exchange) == Decision::Granted
            {
                return Err("the operation answers a garbled body as it answers a valid one");
            }
        }
        Ok(Self { acceptance: Acceptance::learn(valid, garbled)? })
    }

    /// What became of one attack.
    pub(super) fn of(&self, attack: &Exchange) -> Taken {
        match self.acceptance.decide(attack) {
            Decision::Granted => Taken::Granted,
            // Every one of them says that it is the body, or its type, that is refused.
            _ if matches!(attack.status(), Some(400 | 406 | 415 | 422)) => Taken::Refused,
            Decision::Refused if !matches!(attack.status(), Some(401 | 403)) => Taken::Refused,
            Decision::Refused => Taken::Unclear("a credential check refused, and not the operation"),
            Decision::Unclear(why) => Taken::Unclear(why),
        }
    }
}

/// Judges a frame. `is_attack` tells a mistyped request from what is none; a violation needs a garbled twin under the type
/// of the attack, which shows that the body was read.
pub(super) fn judge(
    case: &Case,
    trace: &Trace,
    is_attack: impl Fn(&Exchange) -> bool,
    describe: impl Fn(&Exchange) -> (String, String, Severity),
) -> Verdict {
    let attacks: Vec<_> = trace.in_role(case, Role::Attack).collect();
    if attacks.is_empty() || !attacks.iter().all(|attack| is_attack(attack)) {
        return Verdict::vacuous("what is sent as an attack has a documented type");
    }
    let lesson = match Lesson::learn(case, trace) {
        Ok(lesson) => lesson,
        Err(why) => return Verdict::vacuous(why),
    };
    let mut unclear = None;
    for attack in attacks {
        let twin = || {
            let controls = trace.in_role(case, Role::Control);
            let garbled = controls.filter(|other| case.steps[other.step].name.starts_with("garbled"));
            garbled.into_iter().any(|other| sent_type(other) == sent_type(attack))
        };
        match lesson.of(attack) {
            Taken::Refused => {}
            Taken::Unclear(why) => unclear = Some(why),
            Taken::Granted if !twin() => unclear = Some("no garbled body was sent under the same type"),
            Taken::Granted => {
                let status = attack.status().unwrap_or_default();
                let (title, what, severity) = describe(attack);
                return Violation::new(
                    attack.step,
                    title,
                    format!(
                        "{what} The answer is {status} and like the one to the valid request, while a garbled body \
                         under the same type is refused: the body was read."
                    ),
                )
                .expected("415 Unsupported Media Type", format!("{status}, the answer to the valid request"))
                .falsified_by("a document that names the type, or the same answer to a body that says nothing")
                .confidence(Confidence::Proven)
                .severity(severity)
                .cause("type-accepted", attack)
                .verdict();
            }
        }
    }
    unclear.map_or(Verdict::Held, Verdict::vacuous)
}
