//! # What it sends
//! Conditions in SQL behind the valid value of one input: one that is always true, one that is always false, one
//! that is broken, and as many harmless letters. Each way of quoting is a class. First a screening with one pair a
//! class; for a class that stands out, the whole differential with the original before, between and after, twice,
//! with other constants and in the other order. Conditions that widen (`OR`) go to safe methods only.
//!
//! # What must hold
//! Text stays text: the true condition must not act like the original while the false one does not. Concluded only
//! if the original is answered alike each time, the harmless letters do not restore it, and the broken condition
//! does not either. Answers of filters prove nothing. Smallest effect: a fifth of the values of the answer, or its
//! status class or shape, lost by the false condition (widening: gained by the true one); for an order, a fifth of
//! the values in another place.
//!
//! # Why it matters
//! Whoever can add a condition to a query can read everything that the database user can.
//!
//! # How to fix
//! Bind values as parameters. Where a name is needed (ORDER BY), choose it from a fixed list.
//!
//! # References
//! CWE-89; OWASP API8:2019, A03:2021, API10:2023; ASVS 5.0 1.2.4; WFC 200.

use serde_json::{Value as Json, json};

use crate::case::{Case, Edit, Place, Role, Step, Value};
use crate::checks::{
    About, Check, Confirm, Effect, Fact, Grain, Isolation, Phase, Plan, Practice, Round, Severity, Subject,
    Verdict, Violation,
};
use crate::controls::{Arm, Differential, Reading, Sample, Template, placebo};
use crate::generate::{Draft, Source, World};
use crate::trace::{Exchange, Trace};

/// An input whose text is evaluated as a condition in SQL.
pub struct SqliBoolean;

static ABOUT: About = About {
    id: "input-sqli-boolean",
    title: "an input that is evaluated as SQL",
    practice: Practice::InputValidation,
    source: include_str!("input_sqli_boolean.rs"),
    grain: Grain::Input,
    phase: Phase::Input,
    needs: &[],
    effect: Effect::Reads,
    isolation: Isolation::Shared,
    budget: 120,
    confirm: Confirm::AT_ONCE,
    severity: Severity::Critical,
    chance: 10,
    cwe: &[89],
    owasp: &["API8:2019", "A03:2021", "API10:2023"],
    wfc: Some(200),
    once: false,
};

/// A way of quoting. `{v}` is the valid value, `{a}` and `{b}` are two different numbers.
struct Class {
    name: &'static str,
    truth: &'static str,
    lie: &'static str,
    broken: &'static str,
    reading: Reading,
}

const CLASSES: &[Class] = &[
    Class {
        name: "string-and",
        truth: "{v}' AND '{a}'='{a}",
        lie: "{v}' AND '{a}'='{b}",
        broken: "{v}' AND ('{a}'='{a}",
        reading: Reading::Narrowing,
    },
    Class {
        name: "like-and",
        truth: "{v}%' AND '{a}'='{a}' AND '%' LIKE '",
        lie: "{v}%' AND '{a}'='{b}' AND '%' LIKE '",
        broken: "{v}%' AND ('{a}'='{a}' AND '%' LIKE '",
        reading: Reading::Narrowing,
    },
    Class {
        name: "numeric-and",
        truth: "{v} AND {a}={a}",
        lie: "{v} AND {a}={b}",
        broken: "{v} AND ({a}={a}",
        reading: Reading::Narrowing,
    },
    Class {
        name: "paren-string-and",
        truth: "{v}') AND ('{a}'='{a}",
        lie: "{v}') AND ('{a}'='{b}",
        broken: "{v}') AND (('{a}'='{a}",
        reading: Reading::Narrowing,
    },
    Class {
        name: "paren-like-and",
        truth: "{v}%') AND ('{a}'='{a}' AND '%' LIKE '",
        lie: "{v}%') AND ('{a}'='{b}' AND '%' LIKE '",
        broken: "{v}%') AND (('{a}'='{a}' AND '%' LIKE '",
        reading: Reading::Narrowing,
    },
    Class {
        name: "double-quote-and",
        truth: "{v}\" AND \"{a}\"=\"{a}",
        lie: "{v}\" AND \"{a}\"=\"{b}",
        broken: "{v}\" AND (\"{a}\"=\"{a}",
        reading: Reading::Narrowing,
    },
    Class {
        name: "string-or",
        truth: "{v}' OR '{a}'='{a}",
        lie: "{v}' OR '{a}'='{b}",
        broken: "{v}' OR ('{a}'='{a}",
        reading: Reading::Widening,
    },
    Class {
        name: "like-or",
        truth: "{v}%' OR '{a}'='{a}' OR '%' LIKE 'x",
        lie: "{v}%' OR '{a}'='{b}' OR '%' LIKE 'x",
        broken: "{v}%' OR ('{a}'='{a}' OR '%' LIKE 'x",
        reading: Reading::Widening,
    },
    Class {
        name: "numeric-or",
        truth: "{v} OR {a}={a}",
        lie: "{v} OR {a}={b}",
        broken: "{v} OR ({a}={a}",
        reading: Reading::Widening,
    },
    Class {
        name: "order-by",
        truth: "CASE WHEN {a}={a} THEN {v} ELSE NULL END",
        lie: "CASE WHEN {a}={b} THEN {v} ELSE NULL END",
        broken: "CASE WHEN ({a}={a} THEN {v} ELSE NULL END",
        reading: Reading::Ordering,
    },
];

/// How many bytes the placebo has: about as many as a payload appends.
const PLACEBO: usize = 16;
/// Values of an enumeration that are tried as a column to sort by.
const COLUMNS: usize = 4;

impl Check for SqliBoolean {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn plan(&self, at: &Subject, world: &World, rounds: &[Round], src: &mut dyn Source) -> Plan {
        let Some((draft, place)) = subject(at, world) else {
            return Plan::vacuous("no valid request reached the operation with this input");
        };
        match rounds {
            [] => {
                let cases: Vec<_> = values(world, draft, &place)
                    .into_iter()
                    .map(|value| screening(world, draft, &place, value, src))
                    .collect();
                Plan::Run(cases)
            }
            [first, ..] => conclude(first, world, draft, &place, src),
        }
    }

    fn judge(&self, case: &Case, trace: &Trace) -> Verdict {
        let Some(class) = CLASSES.iter().find(|class| class.name == case.class) else {
            return Verdict::NotMine;
        };
        let samples = samples(case, trace);
        let count = |arm: Arm| samples.iter().filter(|sample| sample.arm == arm).count();
        let complete = count(Arm::Original) >= 2 && [Arm::Truth, Arm::Lie].iter().all(|arm| count(*arm) >= 2);
        if !complete || !carries(case) {
            return Verdict::vacuous("a condition or its control is missing");
        }
        match Differential::conclude(&samples, class.reading) {
            Differential::Inconclusive(why) => Verdict::vacuous(why),
            Differential::Inert => Verdict::Held,
            Differential::Evaluated => {
                let attack = samples
                    .iter()
                    .filter(|sample| sample.arm == Arm::Truth)
                    .map(|sample| sample.exchange)
                    .find(|exchange| case.steps[exchange.step].role == Role::Attack);
                let Some(attack) = attack else { return Verdict::vacuous("the attack holds no condition") };
                let place = &case.place;
                Violation::new(
                    attack.step,
                    format!("{} evaluates {place} as SQL", case.operation),
                    format!(
                        "A condition that is true and one that is false ({}) are answered as SQL would have it, twice \
                         with other numbers; broken syntax and as many letters are not.",
                        class.name
                    ),
                )
                .expected("the same answer to both conditions: they are text", "the true condition acts, the false one does not")
                .falsified_by("the original request being answered differently by itself")
                .facts([Fact::OthersData])
                .cause("boolean-differential", attack)
                .verdict()
            }
        }
    }
}

/// The draft and the place, where the input takes text or numbers and effects stay harmless.
fn subject<'w>(at: &Subject, world: &'w World) -> Option<(&'w Draft, Place)> {
    let place = at.place.clone()?;
    let draft = world.draft_with(at.operation?, &at.identity, &place)?;
    Some((&**draft, place))
}

/// The values to start from: the draft's own, and names of an enumeration, one of which may be a column.
fn values(world: &World, draft: &Draft, place: &Place) -> Vec<Option<String>> {
    let mut values = vec![None];
    let operation = world.operation(draft.operation);
    if let Place::Query(name) = place
        && let Some(parameter) = operation.parameters.iter().find(|parameter| parameter.name == *name)
        && let Some(Json::Array(names)) = parameter.schema.json.get("enum")
    {
        let own = draft.request().query.get(name).and_then(Value::as_text);
        let names = names.iter().filter_map(Json::as_str).filter(|name| Some(*name) != own);
        values.extend(names.take(COLUMNS).map(|name| Some(name.to_owned())));
    }
    values
}

/// One pair of conditions a class, beside the original and the placebo.
fn screening(
    world: &World,
    draft: &Draft,
    place: &Place,
    value: Option<String>,
    src: &mut dyn Source,
) -> Case {
    let mut case = draft.open(ABOUT.id, world);
    case.place = place.to_string();
    let operation = world.operation(draft.operation);
    let login =
        world.access(draft.operation, &draft.identity).is_some_and(|access| access.invented.is_some());
    let safe = operation.is_safe() || login;
    let base = Start { draft, place, value };
    case.facts.insert("value".to_owned(), json!(base.value));
    case.steps.push(base.original("original-1"));
    case.steps.push(base.placebo("placebo"));
    for class in CLASSES.iter().filter(|class| base.fits(class, safe)) {
        let (a, b) = constants(src);
        case.steps.push(base.payload(&format!("{}-truth", class.name), class.truth, a, b));
        case.steps.push(base.payload(&format!("{}-lie", class.name), class.lie, a, b));
    }
    case.steps.push(base.original("original-2"));
    case.note_identities(|name| world.role_of(name));
    case
}

fn conclude(round: &Round, world: &World, draft: &Draft, place: &Place, src: &mut dyn Source) -> Plan {
    let (mut judged, mut shaky) = (false, false);
    let mut why = "the original request was not answered each time".to_owned();
    for (case, trace) in &round.cases {
        let find = |name: &str| trace.of(case, name);
        let (Some(first), Some(second)) = (find("original-1"), find("original-2")) else { continue };
        let login =
            world.access(draft.operation, &draft.identity).is_some_and(|access| access.invented.is_some());
        let usable = |status: u16| status < 400 || (login && status == 401);
        let unusable = |exchange: &&&Exchange| !exchange.status().is_some_and(usable);
        if let Some(odd) = [first, second].iter().find(unusable) {
            why = format!("the valid request was answered {}", odd.status().unwrap_or_default());
            continue;
        }
        let stable = Template::learn([first, second]).is_some_and(|original| original.is_stable());
        let attacked = trace.in_role(case, Role::Attack).filter(|exchange| !exchange.is_blocked()).count();
        judged |= attacked > 0;
        shaky |= !stable;
        for class in CLASSES {
            let (Some(truth), Some(lie)) =
                (find(&format!("{}-truth", class.name)), find(&format!("{}-lie", class.name)))
            else {
                continue;
            };
            if Differential::stands_out(&[first, second], truth, lie, class.reading) {
                let value = case.facts.get("value").and_then(Json::as_str).map(str::to_owned);
                return Plan::suspect(witness(world, &Start { draft, place, value }, class, src));
            }
        }
    }
    match (judged, shaky) {
        (true, false) => Plan::Done(Verdict::Held),
        (true, true) => Plan::vacuous("too much of the answer changes by itself"),
        _ => Plan::vacuous(why),
    }
}

/// The whole differential: two rounds with other constants, in the other order.
fn witness(world: &World, base: &Start<'_>, class: &Class, src: &mut dyn Source) -> Case {
    let mut case = base.draft.open(ABOUT.id, world);
    case.place = base.place.to_string();
    class.name.clone_into(&mut case.class);
    let (a1, b1) = constants(src);
    let (a2, b2) = constants(src);
    // The original often enough that what changes by itself is seen to change.
    let steps = [
        base.original("original-1"),
        base.payload("truth-1", class.truth, a1, b1),
        base.control("lie-1", class.lie, a1, b1),
        base.original("original-2"),
        base.placebo("placebo-1"),
        base.control("broken-1", class.broken, a1, b1),
        base.original("original-3"),
        base.control("lie-2", class.lie, a2, b2),
        base.control("truth-2", class.truth, a2, b2),
        base.original("original-4"),
        base.control("broken-2", class.broken, a2, b2),
        base.original("original-5"),
    ];
    case.steps.extend(steps);
    case.note_identities(|name| world.role_of(name));
    case
}

fn samples<'t>(case: &Case, trace: &'t Trace) -> Vec<Sample<'t>> {
    let arm = |name: &str| {
        Some(match name.split('-').next()? {
            "original" => Arm::Original,
            "truth" => Arm::Truth,
            "lie" => Arm::Lie,
            "broken" => Arm::Broken,
            "placebo" => Arm::Placebo,
            _ => return None,
        })
    };
    let edits = |step: &'_ Step| step.request().map(|send| send.edits.clone()).unwrap_or_default();
    let original = case.step("original-1").map(edits).unwrap_or_default();
    let steps =
        case.steps.iter().enumerate().filter_map(|(index, step)| Some((index, step, arm(&step.name)?)));
    // A condition that is no longer in the request is none: a smaller case must not win by asking the original.
    let steps = steps.filter(|(_, step, arm)| *arm == Arm::Original || edits(step) != original);
    let steps = steps.map(|(index, _, arm)| (index, arm));
    steps.filter_map(|(index, arm)| Some(Sample { arm, exchange: trace.of_index(index)? })).collect()
}

/// Whether every condition stands in its place, and nothing stands in the original's.
fn carries(case: &Case) -> bool {
    let Ok(place) = case.place.parse::<Place>() else { return false };
    let text = |step: &Step| {
        let edits = step.request().map(|send| send.edits.as_slice()).unwrap_or_default();
        edits
            .iter()
            .rfind(|edit| *edit.place() == place)
            .and_then(Edit::value)
            .and_then(Value::as_text)
            .map(str::to_owned)
    };
    let arms = |prefix: &str| -> Vec<Option<String>> {
        case.steps.iter().filter(|step| step.name.starts_with(prefix)).map(text).collect()
    };
    let (truths, lies, broken) = (arms("truth-"), arms("lie-"), arms("broken-"));
    let full = |texts: &[Option<String>]| {
        !texts.is_empty() && texts.iter().all(|text| text.as_ref().is_some_and(|t| t.len() > 4))
    };
    full(&truths) && full(&lies) && full(&broken) && truths.iter().all(|truth| !lies.contains(truth))
}

/// Two different numbers without a digit in common place with anything that means something.
fn constants(src: &mut dyn Source) -> (u64, u64) {
    let a = src.int(2_000..=8_999);
    (a, a + src.int(1..=900))
}

/// What the payloads stand behind.
struct Start<'a> {
    draft: &'a Draft,
    place: &'a Place,
    value: Option<String>,
}

impl Start<'_> {
    /// Sorting is tried where the value is a name; widening conditions go to safe methods only.
    fn fits(&self, class: &Class, safe: bool) -> bool {
        match class.reading {
            Reading::Narrowing => self.value.is_none(),
            Reading::Widening => self.value.is_none() && safe,
            Reading::Ordering => safe && self.own().is_some_and(|own| is_name(&own)),
        }
    }

    /// The value as text, where it is known beforehand.
    fn own(&self) -> Option<String> {
        if let Some(value) = &self.value {
            return Some(value.clone());
        }
        let request = self.draft.request();
        match self.place {
            Place::Query(name) => request.query.get(name)?.as_text().map(str::to_owned),
            _ => None,
        }
    }

    fn step(&self, name: &str, role: Role, edits: Vec<Edit>) -> Step {
        self.draft.step(name, role, edits).retried(2)
    }

    fn original(&self, name: &str) -> Step {
        let edits = self.value.iter().map(|value| Edit::set(self.place.clone(), value.as_str())).collect();
        self.step(name, Role::Control, edits)
    }

    fn placebo(&self, name: &str) -> Step {
        let mut edits: Vec<_> =
            self.value.iter().map(|value| Edit::set(self.place.clone(), value.as_str())).collect();
        edits.push(placebo(self.place.clone(), PLACEBO, "placebo"));
        self.step(name, Role::Control, edits)
    }

    fn payload(&self, name: &str, template: &str, a: u64, b: u64) -> Step {
        self.step(name, Role::Attack, self.edits(template, a, b))
    }

    fn control(&self, name: &str, template: &str, a: u64, b: u64) -> Step {
        self.step(name, Role::Control, self.edits(template, a, b))
    }

    /// Behind the value where the template begins with it, so that values that are made at execution stay so.
    fn edits(&self, template: &str, a: u64, b: u64) -> Vec<Edit> {
        let numbers = |text: &str| text.replace("{a}", &a.to_string()).replace("{b}", &b.to_string());
        let mut edits: Vec<_> =
            self.value.iter().map(|value| Edit::set(self.place.clone(), value.as_str())).collect();
        if let Some(rest) = template.strip_prefix("{v}") {
            edits.push(Edit::append(self.place.clone(), numbers(rest)));
        } else {
            let own = self.own().unwrap_or_default();
            edits = vec![Edit::set(self.place.clone(), numbers(&template.replace("{v}", &own)))];
        }
        edits
    }
}

/// What could be the name of a column.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() < 40
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !text.as_bytes()[0].is_ascii_digit()
}
