//! Drafts: a valid request with the steps that make what it needs.

use crate::case::{Act, Base, Case, Content, Edit, Place, Role, Step, Value};
use crate::checks::Subject;
use crate::surface::Location;

use super::world::World;

/// A valid request of one identity, with the steps that make what it needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// The operation, as an index into the surface.
    pub operation: usize,
    /// Who sends it.
    pub identity: String,
    /// Steps before it.
    pub setup: Vec<Step>,
    /// Its baseline and those of the steps.
    pub bases: Vec<Base>,
    /// The name of its own baseline.
    pub target: String,
}

impl Draft {
    /// A case of a check that begins with this draft's setup.
    pub fn open(&self, check: &str, world: &World) -> Case {
        let mut case = Case::new(check, world.operation(self.operation).name());
        self.append_to(&mut case, world);
        case
    }

    /// Adds this draft's setup and baselines to a case that may have others.
    pub fn append_to(&self, case: &mut Case, world: &World) {
        for base in &self.bases {
            if case.base(&base.name).is_none() {
                case.bases.push(base.clone());
            }
            if let Some((_, operation)) = world.surface.named(&base.operation) {
                case.note_operation(operation);
            }
        }
        for step in &self.setup {
            if case.step(&step.name).is_none() {
                case.steps.push(step.clone());
            }
        }
    }

    /// The same draft with every name behind a prefix, so that two can stand in one case, and sent by somebody.
    pub fn renamed(&self, prefix: &str, identity: &str) -> Self {
        let mut draft = self.clone();
        identity.clone_into(&mut draft.identity);
        let rename = |name: &mut String| *name = format!("{prefix}{name}");
        rename(&mut draft.target);
        for base in &mut draft.bases {
            rename(&mut base.name);
            rename_references(&mut base.request, prefix);
        }
        for step in &mut draft.setup {
            rename(&mut step.name);
            identity.clone_into(&mut step.identity);
            if let Act::Request(send) = &mut step.act {
                rename(&mut send.base);
            }
        }
        draft
    }

    /// A step that sends this draft's request with edits.
    pub fn step(&self, name: &str, role: Role, edits: Vec<Edit>) -> Step {
        Step::send(name, role, &self.identity, &self.target, edits)
    }

    /// The request itself.
    pub fn request(&self) -> &crate::case::Request {
        // The constructor puts the target's baseline in.
        &self
            .bases
            .iter()
            .find(|base| base.name == self.target)
            .expect("a draft has its own baseline")
            .request
    }

    /// The members of the request's JSON object, if it sends one.
    pub fn members(&self) -> &[(String, Value)] {
        match self.request().body.as_ref().map(|body| &body.content) {
            Some(crate::case::Content::Json(Value::Object(members))) => members,
            _ => &[],
        }
    }

    /// Whether the members that are new at each execution in another's request are so, and called so, in this one:
    /// later requests may name the object by them.
    pub(super) fn has_fresh_of(&self, other: &Self) -> bool {
        let is_fresh = |value: &Value| matches!(value, Value::Dynamic(leaf) if matches!(**leaf, crate::case::Dynamic::Fresh(_)));
        other
            .members()
            .iter()
            .filter(|(_, value)| is_fresh(value))
            .all(|member| self.members().contains(member))
    }

    /// The same request with one member of its JSON object alone.
    pub fn with_member_alone(&self, name: &str) -> Option<Self> {
        let member = self.members().iter().find(|(member, _)| member == name)?.clone();
        let mut draft = self.clone();
        let base = draft.bases.iter_mut().find(|base| base.name == draft.target)?;
        base.request.body.as_mut()?.content = crate::case::Content::Json(Value::Object(vec![member]));
        Some(draft)
    }

    /// The texts that the request sends as they are, its path left out.
    pub fn texts(&self) -> Vec<&str> {
        fn collect<'v>(value: &'v Value, texts: &mut Vec<&'v str>) {
            match value {
                Value::Text(text) => texts.push(text),
                Value::List(items) => items.iter().for_each(|item| collect(item, texts)),
                Value::Object(members) => members.iter().for_each(|(_, member)| collect(member, texts)),
                _ => {}
            }
        }
        let mut texts = Vec::new();
        let request = self.request();
        let around = [&request.query, &request.headers, &request.cookies];
        let around = around.into_iter().flat_map(|pairs| &pairs.0);
        self.members().iter().chain(around).for_each(|(_, value)| collect(value, &mut texts));
        texts
    }

    /// The same request without what says one of these texts, where it can do without: items of lists that hold
    /// others too, and parameters that `optional` names. Nothing, where that changes nothing.
    pub(crate) fn without(
        &self,
        wrong: &dyn Fn(&str) -> bool,
        optional: &dyn Fn(Location, &str) -> bool,
    ) -> Option<Self> {
        fn clean(value: &mut Value, wrong: &dyn Fn(&str) -> bool) {
            match value {
                Value::List(items) => {
                    let says = |item: &Value| matches!(item, Value::Text(text) if wrong(text));
                    if items.iter().any(|item| !says(item)) {
                        items.retain(|item| !says(item));
                    }
                    items.iter_mut().for_each(|item| clean(item, wrong));
                }
                Value::Object(members) => members.iter_mut().for_each(|(_, member)| clean(member, wrong)),
                _ => {}
            }
        }
        let mut draft = self.clone();
        let target = draft.target.clone();
        let request = &mut draft.bases.iter_mut().find(|base| base.name == target)?.request;
        if let Some(Content::Json(body)) = request.body.as_mut().map(|body| &mut body.content) {
            clean(body, wrong);
        }
        let around = [
            (Location::Query, &mut request.query),
            (Location::Header, &mut request.headers),
            (Location::Cookie, &mut request.cookies),
        ];
        for (location, pairs) in around {
            pairs.0.retain(|(name, value)| {
                !(matches!(value, Value::Text(text) if wrong(text)) && optional(location, name))
            });
        }
        (draft != *self).then_some(draft)
    }

    /// The inputs of the request.
    pub fn inputs(&self) -> Vec<Place> {
        self.request().inputs()
    }

    /// Whether it uses objects that were there before.
    pub fn finds_what_it_uses(&self) -> bool {
        self.setup.iter().any(|step| self.method_of(step) == Some("GET"))
    }

    fn method_of(&self, step: &Step) -> Option<&str> {
        let base =
            self.bases.iter().find(|base| base.name == step.request().map_or("", |send| &send.base))?;
        Some(base.request.method.as_str())
    }

    /// Adds what makes an object before it: the steps and baselines of another draft, and its own step.
    pub(super) fn prepare(&mut self, made: Self, step: Step) {
        for base in made.bases {
            if self.bases.iter().all(|old| old.name != base.name) {
                self.bases.push(base);
            }
        }
        for step in made.setup.into_iter().chain([step]) {
            if self.setup.iter().all(|old| old.name != step.name) {
                self.setup.push(step);
            }
        }
    }

    /// Whether it acts on what its own setup makes, or makes something itself: nobody else's is touched. Of the
    /// objects in its path the last is the one that is acted on.
    pub fn makes_what_it_acts_on(&self) -> bool {
        let parameters = &self.request().path_params.0;
        match self.acts_on(self.request()) {
            Some(value) => self.is_made(value, self.setup.len()),
            None => self.request().method == "POST" && parameters.is_empty(),
        }
    }

    /// The value of the parameter that stands last in the path.
    fn acts_on<'r>(&self, request: &'r crate::case::Request) -> Option<&'r Value> {
        let place = |name: &str| request.path.rfind(&format!("{{{name}}}"));
        request.path_params.0.iter().max_by_key(|(name, _)| place(name)).map(|(_, value)| value)
    }

    /// Whether one of the first steps of the setup makes what this value names, or finds it in what was made.
    fn is_made(&self, value: &Value, first: usize) -> bool {
        use crate::case::Dynamic;
        let Value::Dynamic(leaf) = value else { return false };
        self.setup.iter().take(first).enumerate().any(|(at, step)| {
            let base = step.request().and_then(|send| self.bases.iter().find(|base| base.name == send.base));
            let Some(request) = base.map(|base| &base.request).filter(|_| step.role == Role::Setup) else {
                return false;
            };
            let makes = matches!(request.method.as_str(), "POST" | "PUT");
            match &**leaf {
                Dynamic::Ref(reference) => {
                    step.name == reference.step
                        && (makes || self.acts_on(request).is_some_and(|parent| self.is_made(parent, at)))
                }
                // A name that the maker was told.
                Dynamic::Fresh(_) => {
                    let sent = match request.body.as_ref().map(|body| &body.content) {
                        Some(Content::Json(Value::Object(members))) => members.as_slice(),
                        Some(Content::Form(pairs)) => &pairs.0,
                        _ => &[],
                    };
                    let told = sent.iter().chain(&request.path_params.0).any(|(_, told)| told == value);
                    makes && told
                }
                _ => false,
            }
        })
    }

    /// A subject that this draft serves.
    pub fn subject(&self, place: Option<Place>) -> Subject {
        Subject { operation: Some(self.operation), identity: self.identity.clone(), place }
    }
}

pub(crate) fn rename_references(request: &mut crate::case::Request, prefix: &str) {
    request.each_value_mut(&mut |value| rename_in(value, prefix));
}

pub(crate) fn rename_in(value: &mut Value, prefix: &str) {
    use crate::case::Dynamic;
    match value {
        Value::List(items) => items.iter_mut().for_each(|item| rename_in(item, prefix)),
        Value::Object(members) => members.iter_mut().for_each(|(_, value)| rename_in(value, prefix)),
        Value::Dynamic(leaf) => match &mut **leaf {
            Dynamic::Ref(reference) => reference.step = format!("{prefix}{}", reference.step),
            Dynamic::Fresh(fresh) => fresh.name = format!("{prefix}{}", fresh.name),
            Dynamic::Canary(name) => *name = format!("{prefix}{name}"),
            Dynamic::Concat(parts) => parts.iter_mut().for_each(|part| rename_in(part, prefix)),
            Dynamic::Repeat(repeat) => rename_in(&mut repeat.value, prefix),
            Dynamic::Compress(compress) => rename_in(&mut compress.value, prefix),
            _ => {}
        },
        _ => {}
    }
}
