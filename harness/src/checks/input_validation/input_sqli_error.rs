//! # What it sends
//! One character behind the valid value of an input that breaks a statement put together from text: a quote, a double
//! quote, a quote and a parenthesis, a backslash. For a value whose answer shows the error of a database, that value
//! and a second one, each beside the same with balanced quotes (or, for numbers and names, less zero), harmless
//! letters, and the original before and after.
//!
//! # What must hold
//! No answer says that a database could not read its statement because of what was sent. Concluded only if both broken
//! values show such an error, and neither the balanced ones, nor the harmless letters, nor the original do: what is
//! bound as a parameter cannot break a statement. A success that looks like the original is data. An input that is
//! meant to be SQL is left alone. The payloads only break statements: none widens or ends a condition. Smallest
//! effect: one input, and one error among those that `signatures` knows.
//!
//! # Why it matters
//! Whoever can break a statement can write one: read, and often change, everything that the database user can.
//!
//! # How to fix
//! Bind values as parameters. Where a name is needed (ORDER BY), choose it from a fixed list. Keep the errors of the
//! database in the log.
//!
//! # References
//! CWE-89, CWE-209; OWASP API8:2019, A03:2021, API10:2023; ASVS 5.0 1.2.4; WFC 200.

use super::harm::json_body;
use crate::case::{Case, Edit, Place, Role, Step, Value};
use crate::checks::{
    About, Check, Confirm, Effect, Fact, Grain, Isolation, Phase, Plan, Practice, Round, Severity, Subject,
    Verdict, Violation,
};
use crate::controls::{Reflections, Template, placebo};
use crate::generate::{Draft, Source, World};
use crate::signatures::{DatabaseError, database_error};
use crate::trace::{Exchange, Trace};

/// An input that breaks a statement of a database.
pub struct SqliError;

static ABOUT: About = About {
    id: "input-sqli-error",
    title: "an input that breaks a statement of a database",
    practice: Practice::InputValidation,
    source: include_str!("input_sqli_error.rs"),
    grain: Grain::Input,
    phase: Phase::Input,
    needs: &[],
    effect: Effect::Reads,
    isolation: Isolation::Shared,
    budget: 50,
    confirm: Confirm::AT_ONCE,
    severity: Severity::Critical,
    chance: 15,
    cwe: &[89, 209],
    owasp: &["API8:2019", "A03:2021", "API10:2023"],
    wfc: Some(200),
    once: false,
};

/// A way to break a statement. All of it stands behind the valid value.
struct Class {
    name: &'static str,
    /// Two ways to break it, none of which widens anything.
    broken: [&'static str; 2],
    /// The same quotes, balanced: harmless wherever the broken ones tell.
    balanced: &'static str,
}

const CLASSES: &[Class] = &[
    Class { name: "quote", broken: ["'", "'''"], balanced: "''" },
    Class { name: "double-quote", broken: ["\"", "\"\"\""], balanced: "\"\"" },
    // Outside of quotes, in numbers and names, any quote breaks and arithmetic does not.
    Class { name: "bare", broken: ["'", "-0'"], balanced: "-0" },
    Class { name: "backslash", broken: ["\\", "\\\\\\"], balanced: "\\\\" },
];

/// How many bytes the placebo has.
const PLACEBO: usize = 3;
/// Names of inputs that are meant to hold a statement.
const STATEMENTS: &[&str] = &["sql", "statement", "stmt"];

impl Check for SqliError {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn plan(&self, at: &Subject, world: &World, rounds: &[Round], _src: &mut dyn Source) -> Plan {
        let Some((draft, place)) = subject(at, world) else {
            return Plan::vacuous("no valid request reached the operation with this input");
        };
        if is_statement(draft, &place) {
            return Plan::vacuous("the input is meant to hold SQL");
        }
        match rounds {
            [] => Plan::Run(vec![screening(world, draft, &place)]),
            [first] => look(first, world, draft, &place),
            [.., last] => {
                let violated = |(case, trace): &&(Case, Trace)| self.judge(case, trace).violation().is_some();
                match last.cases.iter().find(violated) {
                    Some((case, _)) => Plan::suspect(case.clone()),
                    None => Plan::Done(
                        last.cases.first().map_or(Verdict::Held, |(case, trace)| self.judge(case, trace)),
                    ),
                }
            }
        }
    }

    fn judge(&self, case: &Case, trace: &Trace) -> Verdict {
        let (Some(class), Ok(place)) =
            (CLASSES.iter().find(|class| class.name == case.class), case.place.parse::<Place>())
        else {
            return Verdict::NotMine;
        };
        if !carries(case, class, &place) {
            return Verdict::vacuous("a broken value or its control is missing");
        }
        let all = |prefix: &str| -> Vec<&Exchange> {
            let steps = case.steps.iter().filter(|step| step.name.starts_with(prefix));
            steps.filter_map(|step| trace.of(case, &step.name)).collect()
        };
        let (original, balanced, placebo) = (all("original-"), all("balanced-"), all("placebo"));
        let broken: Vec<_> = trace.in_role(case, Role::Attack).collect();
        let answered = |exchanges: &[&Exchange]| exchanges.iter().all(|exchange| exchange.answer().is_some());
        if ![&original, &balanced, &placebo, &broken].into_iter().all(|exchanges| answered(exchanges)) {
            return Verdict::vacuous("not every request was answered");
        }
        if !original
            .iter()
            .all(|exchange| exchange.status().is_some_and(|status| status < 400 || status == 401))
        {
            return Verdict::vacuous("the original request is not granted");
        }
        let Some(known) = Template::learn(original.iter().copied()) else {
            return Verdict::vacuous("the original request is answered differently each time");
        };
        let controls = original.iter().chain(&balanced).chain(&placebo);
        if controls.copied().any(|exchange| shows(exchange).is_some()) {
            return Verdict::Held;
        }
        let errors: Vec<_> = broken.iter().filter_map(|exchange| told(exchange, &known)).collect();
        match errors.first() {
            Some(error) if errors.len() == broken.len() => violated(case, broken[0], &place, error),
            _ if broken.iter().any(|exchange| exchange.is_blocked()) => {
                Verdict::vacuous("nobody answered for the operation")
            }
            _ => Verdict::Held,
        }
    }
}

fn violated(case: &Case, attack: &Exchange, place: &Place, error: &DatabaseError) -> Verdict {
    Violation::new(
        attack.step,
        format!("{} puts {place} into a statement of its database", case.operation),
        format!(
            "A value that breaks the quotes ({}) is answered with the database's own words, twice in two ways; balanced \
             quotes and harmless letters are not: {}",
            case.class, error.evidence
        ),
    )
    .expected("the value taken as text, or refused by validation", error.evidence.clone())
    .falsified_by("the same words in the answer to the original request, or an input that is meant to be SQL")
    .facts([Fact::OthersData])
    .cause(error.detector, attack)
    .verdict()
}

/// That a statement could not be read, said by an answer without what was sent.
fn shows(exchange: &Exchange) -> Option<DatabaseError> {
    let answer = exchange.answer()?;
    let text = String::from_utf8_lossy(&answer.body);
    let text = Reflections::of(exchange).strip(&text);
    database_error(&text).filter(|error| error.syntax)
}

/// The same, in an answer that is not one like the original's: a text about databases is data.
fn told(exchange: &Exchange, original: &Template) -> Option<DatabaseError> {
    let error = shows(exchange)?;
    let data = exchange.status().is_some_and(|status| status < 400)
        && Template::of(exchange).is_some_and(|answer| original.is_kind_of(&answer));
    (!data).then_some(error)
}

/// Whether each step sends what its name says, in its place and nowhere else.
fn carries(case: &Case, class: &Class, place: &Place) -> bool {
    let payload = |step: &Step| {
        let edits = step.request().map(|send| send.edits.as_slice()).unwrap_or_default();
        match edits {
            [Edit::Append { at, value, .. }] if at == place => {
                Some(value.as_text().unwrap_or("placebo").to_owned())
            }
            [] => Some(String::new()),
            _ => None,
        }
    };
    let sends = |name: &str, role: Role, wanted: &str| {
        case.step(name).is_some_and(|step| step.role == role && payload(step).as_deref() == Some(wanted))
    };
    sends("original-1", Role::Control, "")
        && sends("broken-1", Role::Attack, class.broken[0])
        && sends("balanced-1", Role::Control, class.balanced)
        && sends("placebo", Role::Control, "placebo")
        && sends("broken-2", Role::Attack, class.broken[1])
        && sends("balanced-2", Role::Control, class.balanced)
        && sends("original-2", Role::Control, "")
}

fn subject<'w>(at: &Subject, world: &'w World) -> Option<(&'w Draft, Place)> {
    let place = at.place.clone()?;
    let draft = world.draft_with(at.operation?, &at.identity, &place)?;
    Some((&**draft, place))
}

/// Whether the input is there to take a statement: by its name, or by the valid value.
fn is_statement(draft: &Draft, place: &Place) -> bool {
    let request = draft.request();
    let (name, own) = match place {
        Place::Query(name) => (name.as_str(), request.query.get(name)),
        Place::Node(pointer) => {
            let own = json_body(draft).and_then(|body| body.pointer(pointer));
            (pointer.rsplit('/').next().unwrap_or_default(), own)
        }
        _ => ("", None),
    };
    let begins = |word: &str| {
        own.and_then(Value::as_text).is_some_and(|text| text.trim().to_ascii_lowercase().starts_with(word))
    };
    STATEMENTS.contains(&name.to_ascii_lowercase().as_str()) || begins("select ") || begins("with ")
}

fn step(draft: &Draft, place: &Place, name: &str, role: Role, payload: &str) -> Step {
    let edits = if payload.is_empty() { vec![] } else { vec![Edit::append(place.clone(), payload)] };
    draft.step(name, role, edits).retried(2)
}

/// Each way to break a statement once.
fn screening(world: &World, draft: &Draft, place: &Place) -> Case {
    let mut case = draft.open(ABOUT.id, world);
    case.place = place.to_string();
    case.steps.push(step(draft, place, "original-1", Role::Control, ""));
    for class in CLASSES {
        case.steps.push(step(draft, place, class.name, Role::Attack, class.broken[0]));
    }
    case.steps.push(step(draft, place, "original-2", Role::Control, ""));
    case.note_identities(|name| world.role_of(name));
    case
}

fn look(round: &Round, world: &World, draft: &Draft, place: &Place) -> Plan {
    let Some((case, trace)) = round.cases.first() else { return Plan::vacuous("nothing was sent") };
    let originals = ["original-1", "original-2"].map(|name| trace.of(case, name));
    let login =
        world.access(draft.operation, &draft.identity).is_some_and(|access| access.invented.is_some());
    let usable = |exchange: &Exchange| {
        exchange.status().is_some_and(|status| status < 400 || (login && status == 401))
    };
    if !originals.iter().all(|exchange| exchange.is_some_and(usable)) {
        return Plan::vacuous("the original request was not granted each time");
    }
    if originals.iter().flatten().any(|exchange| shows(exchange).is_some()) {
        return Plan::vacuous("the original request shows errors of databases, too");
    }
    let told: Vec<_> = CLASSES
        .iter()
        .filter(|class| trace.of(case, class.name).is_some_and(|exchange| shows(exchange).is_some()))
        .map(|class| witness(world, draft, place, class))
        .collect();
    if !told.is_empty() {
        return Plan::Run(told);
    }
    let judged = trace
        .in_role(case, Role::Attack)
        .filter(|e| !e.is_blocked() && !matches!(e.status(), Some(403 | 406)));
    if judged.count() > 0 {
        Plan::Done(Verdict::Held)
    } else {
        Plan::vacuous("every broken value was refused before the operation saw it")
    }
}

fn witness(world: &World, draft: &Draft, place: &Place, class: &Class) -> Case {
    let mut case = draft.open(ABOUT.id, world);
    case.place = place.to_string();
    class.name.clone_into(&mut case.class);
    let step = |name: &str, role, payload| step(draft, place, name, role, payload);
    case.steps.extend([
        step("original-1", Role::Control, ""),
        step("broken-1", Role::Attack, class.broken[0]),
        step("balanced-1", Role::Control, class.balanced),
        draft.step("placebo", Role::Control, vec![placebo(place.clone(), PLACEBO, "placebo")]).retried(2),
        step("broken-2", Role::Attack, class.broken[1]),
        step("balanced-2", Role::Control, class.balanced),
        step("original-2", Role::Control, ""),
    ]);
    case.note_identities(|name| world.role_of(name));
    case
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls::tests_support::answer;

    const FINE: (u16, &str) = (200, r#"{"rows": [{"id": 1}]}"#);
    const BROKEN: (u16, &str) = (500, r#"{"error": "unrecognized token: \"'soup''\""}"#);

    fn judged(broken: [(u16, &str); 2], balanced: (u16, &str), payload: &str) -> Verdict {
        let place = Place::Query("q".to_owned());
        let mut case = Case::new(ABOUT.id, "GET /a");
        case.place = place.to_string();
        "quote".clone_into(&mut case.class);
        let mut trace = Trace::default();
        for (name, role, payload, (status, body)) in [
            ("original-1", Role::Control, "", FINE),
            ("broken-1", Role::Attack, payload, broken[0]),
            ("balanced-1", Role::Control, "''", balanced),
            ("placebo", Role::Control, "placebo", FINE),
            ("broken-2", Role::Attack, "'''", broken[1]),
            ("balanced-2", Role::Control, "''", balanced),
            ("original-2", Role::Control, "", FINE),
        ] {
            let mut exchange = answer(status, body);
            exchange.step = case.steps.len();
            trace.exchanges.push(exchange);
            let edits = if payload.is_empty() { vec![] } else { vec![Edit::append(place.clone(), payload)] };
            case.steps.push(Step::send(name, role, "alice", "target", edits));
        }
        SqliError.judge(&case, &trace)
    }

    #[test]
    fn both_must_break_and_balance_must_heal() {
        assert!(judged([BROKEN, BROKEN], FINE, "'").violation().is_some());
        assert_eq!(judged([BROKEN, FINE], FINE, "'"), Verdict::Held);
        assert_eq!(judged([BROKEN, BROKEN], BROKEN, "'"), Verdict::Held, "balanced quotes break as well");
        assert!(matches!(judged([BROKEN, BROKEN], FINE, "x"), Verdict::Vacuous(_)), "it holds no quote");
        let refused = (422, r#"{"error": "no quotes, please"}"#);
        assert_eq!(judged([refused, refused], FINE, "'"), Verdict::Held);
        assert!(matches!(judged([(429, ""), (429, "")], FINE, "'"), Verdict::Vacuous(_)));
        let article = (200, r#"{"rows": [{"id": "unrecognized token: \"'\""}]}"#);
        assert_eq!(judged([article, article], FINE, "'"), Verdict::Held, "a text about databases is data");
    }
}
