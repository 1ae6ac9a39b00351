//! Pure predicates over cases, in place of a target: a case fails when it has all that an oracle wants.

use std::fmt;

use proofhouse::case::{Act, Base, Case, Content, Dynamic, Edit, Role, Step, Value};
use proofhouse::generate::Source;

/// Something that a case has to have.
#[derive(Clone, Debug)]
pub(crate) enum Want {
    /// A step of this name.
    Step(String),
    /// One step before the other.
    Order(String, String),
    /// As many copies, at least.
    Copies(String, u32),
    /// Overlap.
    Overlap(String),
    /// As many edits of the step, at least.
    Edits(String, usize),
    /// An edit of the step whose value contains this text.
    Edit(String, String),
    /// An edit of the step whose value, times its copies, is so long.
    Work(String, u64),
    /// A node at this pointer in the JSON body of the step's baseline.
    Node(String, String),
    /// A query parameter, header or cookie of the step's baseline.
    Entry(String, String),
    /// A text of this many characters, at least, anywhere.
    Long(usize),
    /// A reference of the step, or of its baseline, to another that is there.
    Reference(String, String),
    /// A node that repeats or nests as often.
    Times(u32),
    /// An even number of edits, overall.
    EvenEdits,
    /// What is sent has a lucky number: so many of eight do. As far from monotone as can be.
    Luck(u64, u64),
    /// One or the other.
    Either(Box<Want>, Box<Want>),
}

/// All that a case has to have.
#[derive(Clone, Debug, Default)]
pub(crate) struct Oracle(pub(crate) Vec<Want>);

impl fmt::Display for Oracle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl Oracle {
    /// Whether the case has it all.
    pub(crate) fn fails(&self, case: &Case) -> bool {
        self.0.iter().all(|want| want.met(case))
    }
}

impl Want {
    fn met(&self, case: &Case) -> bool {
        match self {
            Self::Step(name) => case.step(name).is_some(),
            Self::Order(first, second) => {
                matches!((case.step_index(first), case.step_index(second)), (Some(a), Some(b)) if a < b)
            }
            Self::Copies(name, least) => case.step(name).is_some_and(|step| step.copies >= *least),
            Self::Overlap(name) => case.step(name).is_some_and(|step| step.overlap),
            Self::Edits(name, least) => case.step(name).is_some_and(|step| edits(step).len() >= *least),
            Self::Edit(name, text) => case.step(name).is_some_and(|step| {
                edits(step).iter().filter_map(Edit::value).any(|value| spelled(value).contains(text))
            }),
            Self::Work(name, least) => case.step(name).is_some_and(|step| {
                let lengths =
                    edits(step).iter().filter_map(Edit::value).map(|value| spelled(value).len() as u64);
                lengths.max().unwrap_or(0) * u64::from(step.copies) >= *least
            }),
            Self::Node(name, pointer) => {
                base_of(case, name).and_then(json).is_some_and(|value| value.pointer(pointer).is_some())
            }
            Self::Entry(name, entry) => base_of(case, name).is_some_and(|base| {
                let request = &base.request;
                [&request.query, &request.headers, &request.cookies]
                    .iter()
                    .any(|pairs| pairs.get(entry).is_some())
            }),
            Self::Long(least) => longest(case) >= *least,
            Self::Reference(name, to) => {
                let Some(step) = case.step(name) else { return false };
                let mut found = false;
                let mut visit = |value: &Value| {
                    value.each_dynamic(&mut |leaf| {
                        found |= matches!(leaf, Dynamic::Ref(at) if at.step == *to);
                    });
                };
                edits(step).iter().filter_map(Edit::value).for_each(&mut visit);
                if let Some(base) = base_of(case, name) {
                    base.request.each_value(&mut |value| visit(value));
                }
                found && case.step(to).is_some()
            }
            Self::Times(least) => times(case) >= *least,
            Self::EvenEdits => case.steps.iter().map(|step| edits(step).len()).sum::<usize>() % 2 == 0,
            Self::Luck(salt, of_eight) => luck(case, *salt) % 8 < *of_eight,
            Self::Either(one, other) => one.met(case) || other.met(case),
        }
    }
}

/// The same for cases that send the same.
fn luck(case: &Case, salt: u64) -> u64 {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    salt.hash(&mut hasher);
    for step in &case.steps {
        serde_json::to_string(step).unwrap_or_default().hash(&mut hasher);
        let base = base_of(case, &step.name).map(serde_json::to_string);
        base.and_then(Result::ok).hash(&mut hasher);
    }
    hasher.finish()
}

/// What a case has, as something to want.
fn features(case: &Case, src: &mut dyn Source) -> Vec<Want> {
    let mut wants = Vec::new();
    let free: Vec<_> = case.steps.iter().filter(|step| step.role != Role::Control).collect();
    for pair in case.steps.windows(2) {
        wants.push(Want::Order(pair[0].name.clone(), pair[1].name.clone()));
    }
    for step in &free {
        let name = || step.name.clone();
        wants.push(Want::Step(name()));
        if step.copies > 1 {
            wants.push(Want::Copies(name(), src.int(2..=u64::from(step.copies)) as u32));
        }
        if step.overlap {
            wants.push(Want::Overlap(name()));
        }
        if !edits(step).is_empty() {
            wants.push(Want::Edits(name(), src.int(1..=edits(step).len() as u64) as usize));
        }
        for text in edits(step).iter().filter_map(Edit::value).map(spelled) {
            let chars: Vec<_> = text.chars().collect();
            if !chars.is_empty() {
                let start = src.index(chars.len());
                let end = (start + src.int(1..=4) as usize).min(chars.len());
                wants.push(Want::Edit(name(), chars[start..end].iter().collect()));
            }
            let most = text.len() as u64 * u64::from(step.copies);
            wants.push(Want::Work(name(), src.int(0..=most)));
        }
    }
    for step in &case.steps {
        let Some(base) = base_of(case, &step.name) else { continue };
        let mut pointers = Vec::new();
        if let Some(value) = json(base) {
            self::pointers(value, String::new(), &mut pointers);
        }
        wants.extend(pointers.into_iter().map(|pointer| Want::Node(step.name.clone(), pointer)));
        for pairs in [&base.request.query, &base.request.headers, &base.request.cookies] {
            wants.extend(pairs.0.iter().map(|(entry, _)| Want::Entry(step.name.clone(), entry.clone())));
        }
        for to in &case.steps {
            let reference = Want::Reference(step.name.clone(), to.name.clone());
            if reference.met(case) {
                wants.extend([reference.clone(), reference]);
            }
        }
    }
    wants.push(Want::Long(src.int(0..=longest(case) as u64) as usize));
    wants.push(Want::Times(src.int(0..=u64::from(times(case))) as u32));
    wants.push(Want::EvenEdits);
    wants.extend((0..9).map(|salt| Want::Luck(salt, 1 + salt % 4)));
    wants.retain(|want| want.met(case));
    wants
}

/// One to five of what the case has, some of them with an alternative.
pub(crate) fn draw(case: &Case, src: &mut dyn Source) -> Oracle {
    let features = features(case, src);
    let pick = |src: &mut dyn Source| src.pick(&features).cloned();
    let mut wants = Vec::new();
    for _ in 0..src.int(1..=5) {
        let want = match (pick(src), pick(src)) {
            (Some(one), Some(other)) if src.ratio(1, 4) => Some(Want::Either(Box::new(one), Box::new(other))),
            (one, _) => one,
        };
        wants.extend(want);
    }
    Oracle(wants)
}

fn edits(step: &Step) -> &[Edit] {
    step.request().map_or(&[], |send| &send.edits)
}

fn base_of<'c>(case: &'c Case, step: &str) -> Option<&'c Base> {
    match &case.step(step)?.act {
        Act::Request(send) => case.base(&send.base),
        _ => None,
    }
}

fn json(base: &Base) -> Option<&Value> {
    match &base.request.body.as_ref()?.content {
        Content::Json(value) => Some(value),
        _ => None,
    }
}

fn pointers(value: &Value, at: String, into: &mut Vec<String>) {
    match value {
        Value::List(items) => {
            items.iter().enumerate().for_each(|(index, item)| pointers(item, format!("{at}/{index}"), into));
        }
        Value::Object(members) => members.iter().for_each(|(key, value)| {
            pointers(value, format!("{at}/{}", proofhouse::case::escape_token(key)), into);
        }),
        _ => {}
    }
    into.push(at);
}

fn spelled(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        other => serde_json::to_string(other).unwrap_or_default(),
    }
}

fn longest(case: &Case) -> usize {
    fn inner(value: &Value) -> usize {
        match value {
            Value::Text(text) => text.chars().count(),
            Value::List(items) => items.iter().map(inner).max().unwrap_or(0),
            Value::Object(members) => members.iter().map(|(_, value)| inner(value)).max().unwrap_or(0),
            _ => 0,
        }
    }
    let mut longest = 0;
    each_sent(case, &mut |value| longest = longest.max(inner(value)));
    longest
}

fn times(case: &Case) -> u32 {
    let mut most = 0;
    each_sent(case, &mut |value| {
        value.each_dynamic(&mut |leaf| match leaf {
            Dynamic::Repeat(repeat) => most = most.max(repeat.times),
            Dynamic::Nest(nest) => most = most.max(nest.depth),
            _ => {}
        });
    });
    most
}

/// Every value that some step sends: a baseline that none uses is not seen by anybody.
fn each_sent<'c>(case: &'c Case, visit: &mut dyn FnMut(&'c Value)) {
    for step in &case.steps {
        edits(step).iter().filter_map(Edit::value).for_each(&mut *visit);
        match &step.act {
            Act::Raw(value) => visit(value),
            _ => {
                if let Some(base) = base_of(case, &step.name) {
                    base.request.each_value(visit);
                }
            }
        }
    }
}
