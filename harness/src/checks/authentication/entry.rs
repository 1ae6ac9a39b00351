//! What the checks of requests without a valid credential have in common: the frame of genuine, refused and attacking
//! requests, with canaries for reads and a look afterwards for writes.

use serde_json::json;

use crate::case::{ANONYMOUS, Base, Case, Dynamic, Edit, Fresh, FreshKind, Place, Role, Step, Value};
use crate::checks::authorization::plant;
use crate::checks::{Subject, Verdict};
use crate::generate::{Access, Draft, World};
use crate::surface::Operation;

/// How many other operations are asked.
const ELSEWHERE: usize = 2;
/// Words of operations that are meant for those who have no credential yet, or for machines that ask without one.
const ENTRANCES: &[&str] = &[
    "login",
    "signin",
    "logon",
    "signup",
    "register",
    "registration",
    "token",
    "tokens",
    "oauth",
    "oauth2",
    "auth",
    "authenticate",
    "session",
    "sessions",
    "password",
    "reset",
    "forgot",
    "recover",
    "recovery",
    "verify",
    "confirm",
    "activate",
    "invite",
    "invitation",
    "logout",
];
/// Words of operations that are open as often as not: where the document asks for a credential, or they are about one
/// object, they are like any other.
const OFTEN_OPEN: &[&str] = &[
    "health", "healthz", "ready", "live", "ping", "status", "webhook", "webhooks", "callback", "contact",
    "feedback",
];

/// The draft of a subject whose operation asks for a credential, and how that is known; the other verdict says why
/// there is none.
pub(super) fn draft_of<'w>(at: &Subject, world: &'w World) -> Result<(&'w Draft, &'static str), Verdict> {
    let index = at.operation.ok_or(Verdict::NotMine)?;
    let operation = world.operation(index);
    let known = world.profile(&at.identity).is_some_and(|profile| profile.alive);
    if !known || operation.needs_credential() == Some(false) || is_entrance(operation) {
        return Err(Verdict::NotMine);
    }
    let draft = world.granted_draft(index, &at.identity).ok_or(Verdict::NotMine)?;
    if world.settings.safe_only && !operation.is_safe() {
        return Err(Verdict::vacuous("only safe methods are sent"));
    }
    if operation.needs_credential() == Some(true) {
        return Ok((draft, "declared"));
    }
    // Where the document is silent, its neighbours tell, or that it changes something.
    let refuses = |other: usize| {
        world.access(other, ANONYMOUS).is_some_and(|access| matches!(access.status, Some(401 | 403)))
            && is_near(operation, world.operation(other))
    };
    let inferred = !operation.is_safe() || (0..world.surface.operations.len()).any(refuses);
    if inferred { Ok((draft, "inferred")) } else { Err(Verdict::NotMine) }
}

/// Whether an operation is meant for those who have no credential yet, by the last word of its path.
pub(super) fn is_entrance(operation: &Operation) -> bool {
    let last = operation
        .path
        .rsplit('/')
        .find(|part| !part.is_empty() && !part.starts_with('{'))
        .unwrap_or_default();
    let words = last.split(|c: char| !c.is_ascii_alphanumeric()).map(str::to_ascii_lowercase);
    let words: Vec<_> = words.collect();
    let often_open = operation.needs_credential() != Some(true) && !operation.path.contains('{');
    words
        .iter()
        .any(|word| ENTRANCES.contains(&word.as_str()) || (often_open && OFTEN_OPEN.contains(&word.as_str())))
}

fn is_near(one: &Operation, other: &Operation) -> bool {
    let first = |path: &str| path.split('/').find(|part| !part.is_empty()).unwrap_or_default().to_owned();
    first(&one.path) == first(&other.path) || one.tags.iter().any(|tag| other.tags.contains(tag))
}

/// A case without its attacks, and what the attacks begin from.
pub(super) struct Frame {
    pub(super) case: Case,
    /// The step of an attack; its identity and edits are still the genuine ones.
    attack: Step,
    /// What looks for an effect, and the last genuine request.
    after: Vec<Step>,
}

impl Frame {
    /// The genuine request, one that must be refused, and the attack's kind of request at other operations that refuse
    /// it. `nobody` is a credential that nobody issued; without it, the attack carries none.
    pub(super) fn open(
        check: &str,
        draft: &Draft,
        needs: &str,
        nobody: Option<&Edit>,
        world: &World,
    ) -> Option<Self> {
        let operation = world.operation(draft.operation);
        let deletes = operation.method == "DELETE";
        let mut draft = world.with_full_setup(draft);
        plant(&mut draft, world);
        let mut case = draft.open(check, world);
        case.place = Place::Credential.to_string();
        case.facts.insert("needs".to_owned(), json!(needs));
        if is_selective(world) {
            case.facts.insert("selective".to_owned(), json!(true));
        }
        let me = draft.identity.clone();
        let control =
            |name: &str, base: &str, edits| Step::send(name, Role::Control, &me, base, edits).retried(2);
        if operation.is_safe() {
            own_object(&mut case, &draft, world);
        }
        let mut attacked = draft.target.clone();
        let mut after = Vec::new();
        if operation.is_safe() {
            others(&mut case, &mut after, &draft, world);
        } else {
            attacked = marked(&mut case, &draft, world);
            rereads(&mut case, &mut after, &draft, world)?;
        }
        if !deletes {
            case.steps.push(control("genuine-before", &draft.target, vec![]));
        }
        after.push(control("genuine-after", &draft.target, vec![]));
        let spare = if deletes { spare(&mut case, &draft, world) } else { draft.target.clone() };
        case.steps.push(match nobody {
            None => control("refused", &spare, vec![Edit::set(Place::Credential, random("refused", 40))]),
            Some(_) => Step::send("refused", Role::Control, ANONYMOUS, &spare, vec![]).retried(2),
        });
        for (index, other) in elsewhere(world, draft.operation, &me).into_iter().enumerate() {
            let lead = format!("elsewhere-{}-", index + 1);
            let other = other.renamed(&lead, &other.identity);
            other.append_to(&mut case, world);
            let sender = other.identity.clone();
            let step = |name: &str, identity: &str, edits| {
                Step::send(format!("{lead}{name}"), Role::Control, identity, &other.target, edits).retried(2)
            };
            case.steps.push(step("genuine", &sender, vec![]));
            case.steps.push(match nobody {
                None => step("refused", ANONYMOUS, vec![]),
                Some(credential) => step("refused", &sender, vec![credential.clone()]),
            });
        }
        let attack = Step::send("attack", Role::Attack, &me, &attacked, vec![]).retried(2);
        Some(Self { case, attack, after })
    }

    /// Adds an attack: sent by nobody, or with this in the credential's place.
    pub(super) fn attack(&mut self, name: &str, credential: Option<Edit>) {
        let mut step = self.attack.clone();
        name.clone_into(&mut step.name);
        match (credential, step.request_mut()) {
            (Some(edit), Some(send)) => send.edits.push(edit.labelled(name)),
            _ => ANONYMOUS.clone_into(&mut step.identity),
        }
        self.case.steps.push(step);
    }

    pub(super) fn close(mut self, class: &str, world: &World) -> Case {
        class.clone_into(&mut self.case.class);
        self.case.steps.append(&mut self.after);
        self.case.note_identities(|name| world.role_of(name));
        self.case
    }
}

/// Whether the document asks for a credential here and not there: one that asks for it everywhere says little of each
/// operation.
fn is_selective(world: &World) -> bool {
    let open = |operation: &Operation| {
        operation.needs_credential() != Some(true) && operation.is_safe() && !is_entrance(operation)
    };
    world.surface.operations.iter().any(open)
}

/// Letters and digits that nobody issued.
pub(super) fn random(name: &str, length: u32) -> Value {
    let kind = FreshKind::Alphanumeric;
    Value::dynamic(Dynamic::Fresh(Fresh {
        name: name.to_owned(),
        kind,
        max: Some(length),
        min: Some(length),
    }))
}

/// Other operations that let somebody in and not everybody: they show that credentials are looked at here.
fn elsewhere<'w>(world: &'w World, operation: usize, identity: &str) -> Vec<&'w Draft> {
    let refuses = |index: &usize| {
        let refused = |access: &Access| matches!(access.status, Some(300..=499)) && !access.granted;
        *index != operation
            && world.operation(*index).is_safe()
            && world.operation(*index).needs_credential() != Some(false)
            && world.access(*index, ANONYMOUS).is_some_and(refused)
    };
    let granted = |index: usize| {
        let others = world.entitled(index).and_then(|other| world.granted_draft(index, other));
        world.granted_draft(index, identity).or(others)
    };
    let mut drafts: Vec<_> = (0..world.surface.operations.len())
        .filter(refuses)
        .filter_map(granted)
        .map(|draft| &**draft)
        .collect();
    drafts.sort_by_key(|draft| (draft.identity != identity, draft.setup.len()));
    drafts.truncate(ELSEWHERE);
    drafts
}

/// What a list shows: an object of the identity's own, with canaries in it.
fn own_object(case: &mut Case, draft: &Draft, world: &World) {
    let path = world.operation(draft.operation).path.trim_end_matches('/').to_owned();
    let Some(producer) = world.producer(&path, &draft.identity).filter(|producer| producer.makes) else {
        return own_text(case, draft, world);
    };
    let access = world.access(producer.draft.operation, &draft.identity);
    let full = access.and_then(|access| access.full.as_ref()).unwrap_or(&producer.draft);
    let mut maker = world.with_full_setup(full).renamed("own-", &draft.identity);
    let target = std::mem::take(&mut maker.target);
    plant(&mut maker, world);
    maker.target = target;
    maker.append_to(case, world);
    case.steps.push(maker.step("own-object", Role::Setup, vec![]).retried(2));
}

/// What the canaries of [`own_text`] begin with: whoever else reads at that path must not be shown them, or it is a
/// text for everybody.
pub(super) const WRITTEN: &str = "written-";

/// What is read at a name that nobody made: the same path is written first, with canaries. What was there is lost.
fn own_text(case: &mut Case, draft: &Draft, world: &World) {
    let me = &draft.identity;
    if !draft.setup.is_empty() || !world.settings.disposable_data || world.settings.safe_only {
        return;
    }
    let path = &world.operation(draft.operation).path;
    let is_writer = |operation: &&Operation| operation.method == "PUT" && operation.path == *path;
    let Some(writer) = world.surface.operations.iter().position(|operation| is_writer(&operation)) else {
        return;
    };
    let granted = world.granted_draft(writer, me).filter(|draft| draft.setup.is_empty());
    let Some(granted) = granted.filter(|_| world.may_send(writer)) else { return };
    let mut maker = granted.renamed(WRITTEN, me);
    let target = std::mem::take(&mut maker.target);
    for base in maker.bases.iter_mut().filter(|base| base.name == target) {
        base.request.path_params = draft.request().path_params.clone();
    }
    if plant(&mut maker, world) > 0 {
        maker.target = target;
        maker.append_to(case, world);
        case.steps.push(maker.step("own-text", Role::Setup, vec![]).retried(2));
    }
}

/// Another object of the same kind, for the request that must be refused: where it is not, it takes nothing away from
/// the attack.
fn spare(case: &mut Case, draft: &Draft, world: &World) -> String {
    let spare = draft.renamed("spare-", &draft.identity);
    spare.append_to(case, world);
    spare.target
}

/// Somebody else's answer to the same request, before and after: what depends on who asks.
fn others(case: &mut Case, after: &mut Vec<Step>, draft: &Draft, world: &World) {
    let (me, operation) = (&draft.identity, draft.operation);
    if !draft.setup.is_empty() {
        return;
    }
    let is_other = |name: &str| {
        let met = world.access(operation, name);
        !world.are_one(me, name) && met.is_some_and(|access| access.granted || access.status == Some(403))
    };
    let names = || world.profiles.iter().filter(|profile| profile.alive).map(|profile| profile.name.as_str());
    // Who is let in tells more by what is shown.
    let other = names().filter(|name| is_other(name)).min_by_key(|name| !world.is_granted(operation, name));
    if let Some(other) = other {
        let step = |name: &str| Step::send(name, Role::Control, other, &draft.target, vec![]).retried(2);
        case.steps.push(step("other-before"));
        after.push(step("other-after"));
    }
}

/// The attack's own copy of the request, with canaries in what it writes.
fn marked(case: &mut Case, draft: &Draft, world: &World) -> String {
    let Some(base) = draft.bases.iter().find(|base| base.name == draft.target) else {
        return draft.target.clone();
    };
    if base.request.body.is_none() {
        return draft.target.clone();
    }
    let mut attacked =
        Draft { bases: vec![Base { name: "attacked".to_owned(), ..base.clone() }], ..draft.clone() };
    attacked.setup.clear();
    attacked.target = String::new();
    plant(&mut attacked, world);
    case.bases.append(&mut attacked.bases);
    "attacked".to_owned()
}

/// Looks at the object, or the list, before and after; for a deletion at one beside it, too.
fn rereads(case: &mut Case, after: &mut Vec<Step>, draft: &Draft, world: &World) -> Option<()> {
    let operation = world.operation(draft.operation);
    let reader = world.surface.operations.iter().find(|op| op.method == "GET" && op.path == operation.path);
    let deletes = operation.method == "DELETE";
    let Some(reader) = reader else { return (!deletes).then_some(()) };
    let look = |base: &Base, name: &str| {
        let mut look = Base { name: name.to_owned(), operation: reader.name(), ..base.clone() };
        look.request.method = "GET".to_owned();
        look.request.body = None;
        look.request.query.0.clear();
        look
    };
    let target = draft.bases.iter().find(|base| base.name == draft.target)?;
    case.bases.push(look(target, "look"));
    case.note_operation(reader);
    let me = &draft.identity;
    let step = |name: &str, base: &str| Step::send(name, Role::Control, me, base, vec![]).retried(2);
    case.steps.push(step("look-before", "look"));
    after.push(step("look-after", "look"));
    if deletes {
        let beside = draft.renamed("beside-", me);
        let target = beside.bases.iter().find(|base| base.name == beside.target)?.clone();
        beside.append_to(case, world);
        case.bases.push(look(&target, "beside-look"));
        case.steps.push(step("beside-before", "beside-look"));
        after.push(step("beside-after", "beside-look"));
    }
    Some(())
}
