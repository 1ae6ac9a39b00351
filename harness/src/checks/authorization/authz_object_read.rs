//! # What it sends
//! One identity makes an object with canaries in its free text and reads it; another asks for that very object,
//! between reading one of its own and being refused an id that nobody has; both list what they see.
//!
//! # What must hold
//! The second identity gets no canary of the first. A canary proves access, not violation: sharing is normal. So
//! a violation also needs proof of privacy: the policy says `own`, or the second identity's list omits what the
//! owner's list shows although it shows an object that the second identity made later (a list that is cut, sorted
//! or cached omits both); where it makes none, or lists are cut before the newest, two lists without a row in common make it *likely*. Without one it is *suspected*, and the rule to paste is printed. Access by somebody above
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

use std::collections::BTreeSet;

use serde_json::json;

use crate::case::{ANONYMOUS, Case, Content, Dynamic, Edit, FreshKind, Place, Role, Value, escape_token};
use crate::checks::{
    About, Check, Confidence, Confirm, Effect, Fact, Grain, Isolation, Need, Phase, Plan, Practice, Round,
    Severity, Subject, Verdict, Violation,
};
use crate::controls::{Acceptance, Decision, holds_canary};
use crate::generate::schema::plausible_in;
use crate::generate::{Draft, Source, World, find_id};
use crate::surface::{Location, Schema};
use crate::trace::{Exchange, Trace};

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

/// Methods whose bodies are kept.
const WRITES: &[&str] = &["POST", "PUT", "PATCH"];
/// How many other forms of the answer are asked for.
const FORMS: usize = 6;
/// Names under which people find objects: a canary there is the id in the attacker's own URL.
const IDENTIFYING: &[&str] =
    &["id", "name", "username", "login", "email", "title", "slug", "key", "code", "label", "displayname"];

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
        let privacy = privacy(case, trace, &shows).or_else(|| apart(trace, case, &shows));
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

/// The canaries whose name begins so, as they were bound.
fn canaries<'t>(trace: &'t Trace, lead: &str) -> Vec<&'t String> {
    trace.bindings.iter().filter(|(name, _)| name.starts_with(lead)).map(|(_, text)| text).collect()
}

/// What says that the object is private, and how sure that is.
fn privacy(
    case: &Case,
    trace: &Trace,
    shows: &dyn Fn(&Exchange) -> bool,
) -> Option<(Confidence, &'static str)> {
    if case.facts.get("declared") == Some(&json!("own")) {
        return Some((Confidence::Proven, "The policy says that these objects are their owner's alone."));
    }
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

/// The ids of a list's rows.
fn rows(list: &Exchange) -> Option<BTreeSet<String>> {
    let json = list.json()?;
    let pointer = find_id(json, "", true)?;
    let (at, key) = pointer.split_once("/*/")?;
    let items = json.pointer(at)?.as_array()?;
    let key = format!("/{key}");
    Some(items.iter().filter_map(|item| item.pointer(&key)).map(ToString::to_string).collect())
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
    case.steps.push(step("owner-after", Role::Control, owner, vec![]));
    debug_assert_ne!(owner, ANONYMOUS);
    case.note_identities(|name| world.role_of(name));
    Some(case)
}

/// Optional inputs that change the form of the answer, each with a value that is granted or documented.
fn forms(world: &World, operation: usize, owner: &str) -> Vec<Edit> {
    let variants = world.access(operation, owner).into_iter().flat_map(|access| access.variants.iter());
    let mut edits: Vec<_> = variants
        .filter_map(|(place, draft)| match place {
            Place::Query(name) => Some(Edit::set(place.clone(), draft.request().query.get(name)?.clone())),
            _ => None,
        })
        .collect();
    for parameter in &world.operation(operation).parameters {
        let names = parameter.schema.json.get("enum").and_then(serde_json::Value::as_array);
        if parameter.location == Location::Query {
            let named = names.into_iter().flatten().filter_map(serde_json::Value::as_str);
            edits.extend(named.map(|name| Edit::set(Place::Query(parameter.name.clone()), name)));
        }
    }
    let mut distinct: Vec<Edit> = Vec::new();
    for edit in edits {
        if !distinct.contains(&edit) && distinct.len() < FORMS {
            distinct.push(edit);
        }
    }
    distinct
}

/// Asks for as many objects as a list shows at once: what stands beyond its first page is not seen in it.
fn whole_list(world: &World, list: &Draft) -> Vec<Edit> {
    const SIZES: &[&str] =
        &["limit", "pagesize", "perpage", "size", "count", "take", "top", "maxresults", "pagelimit"];
    let plain = |name: &str| -> String {
        name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
    };
    let parameters = world.operation(list.operation).parameters.iter();
    let size = parameters.filter(|parameter| {
        parameter.location == Location::Query && SIZES.contains(&plain(&parameter.name).as_str())
    });
    size.filter_map(|parameter| {
        let most = parameter
            .schema
            .json
            .get("maximum")
            .and_then(serde_json::Value::as_u64)
            .unwrap_or(100)
            .min(1_000);
        let value = json!(most);
        let place = Place::Query(parameter.name.clone());
        parameter.schema.accepts(&value).then(|| Edit::set(place, Value::from(value)))
    })
    .take(1)
    .collect()
}

/// The list that the objects of a path stand in.
fn list_of<'w>(world: &'w World, path: &str, identity: &str) -> Option<&'w Draft> {
    let collection = path.split("/{").next()?;
    let index = world
        .surface
        .operations
        .iter()
        .position(|op| op.method == "GET" && op.path.trim_end_matches('/') == collection)?;
    world.granted_draft(index, identity).map(|draft| &**draft)
}

/// Puts canaries into the free text of what the setup creates; returns how many.
pub(in crate::checks) fn plant(draft: &mut Draft, world: &World) -> usize {
    let target = draft.target.clone();
    let mut planted = 0;
    for base in draft.bases.iter_mut().filter(|base| base.name != target) {
        let operation = world.surface.named(&base.operation).map(|(_, operation)| operation);
        let Some(operation) = operation.filter(|operation| WRITES.contains(&operation.method.as_str()))
        else {
            continue;
        };
        let Some(body) = &mut base.request.body else { continue };
        let schema = operation.bodies.iter().find(|known| known.media_type == body.media_type);
        let Some(schema) = schema.map(|known| &known.schema) else { continue };
        let mut whole = match &body.content {
            Content::Json(value) => value.clone(),
            Content::Form(pairs) => Value::Object(pairs.0.clone()),
            Content::Multipart(_) | Content::Text(_) => continue,
        };
        add_free_text(&mut whole, schema);
        for pointer in texts(&whole) {
            let mut sample = plausible_in(schema, &whole);
            // The canary must be as valid as what it replaces, or the object is never made.
            let Some(node) = sample.pointer_mut(&pointer) else { continue };
            if node.as_str().is_some_and(is_formatted) {
                continue;
            }
            *node = json!("ph-0000-k3v9q0w8e7zz");
            if schema.accepts(&sample)
                && let Some(node) = whole.pointer_mut(&pointer)
            {
                *node = Value::canary(format!("canary-{}{pointer}", base.name));
                planted += 1;
            }
        }
        match (&mut body.content, whole) {
            (Content::Json(value), whole) => *value = whole,
            (Content::Form(pairs), Value::Object(members)) => pairs.0 = members,
            _ => {}
        }
    }
    planted
}

/// Names of members that hold what people write, for whom only they know.
const FREE_TEXT: &[&str] = &[
    "description",
    "note",
    "notes",
    "comment",
    "comments",
    "text",
    "content",
    "summary",
    "message",
    "memo",
    "remark",
    "details",
    "body",
    "reason",
    "purpose",
    "instructions",
    "feedback",
    "bio",
    "about",
];

/// Whether a text is of a format, such as a date: validators take formats for annotations, services do not.
fn is_formatted(text: &str) -> bool {
    let bytes = text.as_bytes();
    let only = |allowed: &[u8]| bytes.iter().all(|byte| byte.is_ascii_digit() || allowed.contains(byte));
    let is_date = bytes.len() >= 10
        && bytes[4] == b'-'
        && bytes[7] == b'-'
        && bytes[..4].iter().all(u8::is_ascii_digit);
    let is_uuid = bytes.len() == 36 && text.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
    let is_number = !bytes.is_empty() && only(b":.+-/ ");
    is_date || is_uuid || is_number || text.contains('@') || text.contains("://")
}

/// Adds optional members for free text where the schema has them: an object without one has no room for a canary.
fn add_free_text(whole: &mut Value, schema: &Schema) {
    let documented = schema.json.get("properties").and_then(serde_json::Value::as_object);
    let names: Vec<&str> = match documented {
        Some(properties) => FREE_TEXT.iter().copied().filter(|name| properties.contains_key(*name)).collect(),
        // What the schema refers to has its members elsewhere: validation decides.
        None => FREE_TEXT.to_vec(),
    };
    let closed = |sample: &serde_json::Value| schema.accepts(sample);
    for name in names {
        let Value::Object(members) = &*whole else { return };
        if members.iter().any(|(key, _)| key == name) {
            continue;
        }
        let mut sample = plausible_in(schema, whole);
        let Some(object) = sample.as_object_mut() else { return };
        // A member that may be anything is one that the document does not know.
        object.insert(name.to_owned(), json!({"x": [1]}));
        let unknown = closed(&sample);
        if let Some(object) = sample.as_object_mut() {
            object.insert(name.to_owned(), json!("ph-0000-k3v9q0w8e7zz"));
        }
        if !unknown
            && closed(&sample)
            && let Value::Object(members) = whole
        {
            members.push((name.to_owned(), Value::text("ph-0000-k3v9q0w8e7zz")));
        }
    }
}

/// The pointers of texts that are not names by which people find objects.
fn texts(value: &Value) -> Vec<String> {
    fn walk(value: &Value, at: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                members
                    .iter()
                    .for_each(|(key, value)| walk(value, &format!("{at}/{}", escape_token(key)), found));
            }
            Value::List(items) => {
                items
                    .iter()
                    .enumerate()
                    .for_each(|(index, item)| walk(item, &format!("{at}/{index}"), found));
            }
            Value::Text(_) => found.push(at.to_owned()),
            Value::Dynamic(leaf) => {
                if let Dynamic::Fresh(fresh) = &**leaf
                    && fresh.kind == FreshKind::Text
                {
                    found.push(at.to_owned());
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(value, "", &mut found);
    found.retain(|pointer| {
        let name = pointer.rsplit('/').find(|token| token.parse::<usize>().is_err()).unwrap_or_default();
        let plain: String =
            name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        !IDENTIFYING.contains(&plain.as_str())
    });
    found
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
    fn texts_of_a_format_are_left_alone() {
        for text in [
            "2025-03-02",
            "2025-03-02T10:00:00Z",
            "09:30",
            "a@b.example",
            "https://a.example",
            "12.50",
            "00000000-0000-4000-8000-000000000001",
        ] {
            assert!(is_formatted(text), "{text}");
        }
        for text in ["A", "some words", "fa9c21", "on the 3rd", ""] {
            assert!(!is_formatted(text), "{text}");
        }
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
