//! Several descriptions of one API as one.

use std::collections::{BTreeMap, HashMap};

use super::{Broken, Location, Operation, Parameter, Schema, Surface};

/// Examples that one place has after merging.
const MAX_EXAMPLES: usize = 16;

impl Surface {
    /// Says below which path the target serves the API, as in `/v2`. Operations that were inferred from samples have
    /// whole paths until then: they become relative to it, and those outside are noted. Documents keep their
    /// paths, because whoever names a target knows where it serves them.
    pub fn at_base(mut self, base: &str) -> Self {
        let base = base.trim_end_matches('/');
        let below = |operation: &Operation| {
            operation.path.strip_prefix(base).is_some_and(|rest| rest.starts_with('/'))
        };
        // None is below it: a way in front of the target takes the base away.
        let relative = !base.is_empty()
            && self.operations.iter().any(|operation| operation.inferred && below(operation));
        if relative {
            let (kept, outside): (Vec<_>, Vec<_>) =
                self.operations.into_iter().partition(|operation| !operation.inferred || below(operation));
            self.operations = kept;
            for operation in self.operations.iter_mut().filter(|operation| operation.inferred) {
                operation.path = operation.path[base.len()..].to_owned();
            }
            for operation in outside {
                let reason = format!("{} is outside of `{base}`, where the target is", operation.name());
                self.broken.push(Broken { pointer: operation.pointer, reason });
            }
        }
        base.clone_into(&mut self.base_path);
        self
    }

    /// Adds another description of the same API. Where both have an operation, this one's wins, and what it lacks is
    /// filled in: parameters, bodies, answers, examples. Parameters of a path may have other names there.
    pub fn merge(mut self, later: Self) -> Self {
        let later = if later.base_path == self.base_path { later } else { rebased(later, &self.base_path) };
        let key = |operation: &Operation| (operation.method.clone(), shape(&operation.path));
        let own = self.operations.iter().enumerate();
        let mut known: HashMap<_, _> = own.map(|(index, operation)| (key(operation), index)).collect();
        // One template for all methods of a path.
        let paths = self.operations.iter().map(|operation| (shape(&operation.path), operation.path.clone()));
        let mut paths: HashMap<_, _> = paths.collect();
        for operation in later.operations {
            let path = paths.entry(shape(&operation.path)).or_insert_with(|| operation.path.clone());
            let operation = with_names_of(operation, path);
            if let Some(&index) = known.get(&key(&operation)) {
                fill(&mut self.operations[index], operation);
            } else {
                known.insert(key(&operation), self.operations.len());
                self.operations.push(operation);
            }
        }
        for (name, scheme) in later.schemes {
            self.schemes.entry(name).or_insert(scheme);
        }
        if self.title.is_empty() {
            self.title = later.title;
        }
        self.broken.extend(later.broken);
        self
    }
}

/// A description whose paths are relative to another base.
fn rebased(mut later: Surface, base: &str) -> Surface {
    let from = std::mem::replace(&mut later.base_path, base.to_owned());
    let whole = |operation: &Operation| format!("{from}{}", operation.path);
    let relative = |operation: &Operation| {
        let path = whole(operation);
        path.strip_prefix(base).filter(|rest| rest.starts_with('/')).map(str::to_owned)
    };
    // None is below it: the paths are relative already, and only the base was not said.
    if from.is_empty() && !later.operations.iter().any(|operation| relative(operation).is_some()) {
        return later;
    }
    for mut operation in std::mem::take(&mut later.operations) {
        if let Some(path) = relative(&operation) {
            operation.path = path;
            later.operations.push(operation);
        } else {
            let place = whole(&operation);
            let reason =
                format!("{} {place} is outside of `{base}`, the base of the first", operation.method);
            later.broken.push(Broken { pointer: operation.pointer, reason });
        }
    }
    later
}

/// A path without the names of its parameters, and the names.
fn shape(path: &str) -> String {
    let mut parts = path.split('{');
    let mut shape = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        shape.push_str("{}");
        shape.push_str(part.split_once('}').map_or("", |(_, after)| after));
    }
    shape
}

fn names(path: &str) -> Vec<&str> {
    path.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name).collect()
}

/// The operation with this path, which differs from its own in the names of its parameters at most.
fn with_names_of(mut operation: Operation, path: &str) -> Operation {
    let pairs = names(&operation.path).into_iter().zip(names(path));
    let renamed: BTreeMap<String, String> =
        pairs.map(|(from, to)| (from.to_owned(), to.to_owned())).collect();
    for parameter in operation.parameters.iter_mut().filter(|parameter| parameter.location == Location::Path)
    {
        if let Some(name) = renamed.get(&parameter.name) {
            parameter.name.clone_from(name);
        }
    }
    path.clone_into(&mut operation.path);
    operation
}

/// Fills in what an operation lacks.
fn fill(own: &mut Operation, later: Operation) {
    for parameter in later.parameters {
        match own.parameters.iter_mut().find(|known| is_same(known, &parameter)) {
            Some(known) => known.schema = with_examples(&known.schema, &parameter.schema),
            // What others were seen to send is allowed to be there.
            None => {
                own.parameters.push(Parameter { required: parameter.required && own.inferred, ..parameter });
            }
        }
    }
    if own.bodies.is_empty() && !later.bodies.is_empty() {
        own.body_required = later.body_required;
        own.inferred |= later.inferred;
        own.bodies = later.bodies;
    } else {
        for body in later.bodies {
            if let Some(known) = own.bodies.iter_mut().find(|known| known.media_type == body.media_type) {
                known.schema = with_examples(&known.schema, &body.schema);
            }
        }
    }
    for (status, response) in later.responses {
        let known = own.responses.entry(status).or_default();
        // A description of the type is a promise; what was seen is only one answer of many.
        if known.content.is_empty() {
            known.content = response.content;
        }
        for (name, schema) in response.headers {
            known.headers.entry(name).or_insert(schema);
        }
    }
    if own.summary.is_empty() {
        own.summary = later.summary;
    }
    if own.tags.is_empty() {
        own.tags = later.tags;
    }
    own.operation_id = own.operation_id.take().or(later.operation_id);
    own.security = own.security.take().or(later.security);
    own.rate_limit = own.rate_limit.take().or(later.rate_limit);
}

fn is_same(one: &Parameter, other: &Parameter) -> bool {
    let same = match one.location {
        Location::Header => one.name.eq_ignore_ascii_case(&other.name),
        _ => one.name == other.name,
    };
    same && one.location == other.location
}

/// The schema with the examples of another: its own first, and of the other's those that it accepts.
fn with_examples(own: &Schema, later: &Schema) -> Schema {
    let within = later.json.get("examples").and_then(serde_json::Value::as_array).into_iter().flatten();
    let mut examples = (*own.examples).clone();
    for example in later.examples.iter().chain(within) {
        if examples.len() < MAX_EXAMPLES && !examples.contains(example) && own.accepts(example) {
            examples.push(example.clone());
        }
    }
    if examples.len() == own.examples.len() { own.clone() } else { own.clone().with_examples(examples) }
}
