//! From the paths of a document to operations.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Value as Json, json};

use super::document::{Documents, Node, Outcome, Problem};
use super::load::Version;
use super::notes::Notes;
use super::schema::{Schemas, Way};
use super::{examples, parameter, security, servers};
use crate::surface::{
    Body, Location, Operation, Parameter, RateLimit, Response, Schema, SecurityNeed, Style, Surface,
};

/// Operations that one document may have.
const MAX_OPERATIONS: usize = 20_000;
const METHODS: [&str; 9] = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];
/// Keys of a path item that are not methods.
const BESIDE_METHODS: [&str; 6] =
    ["$ref", "summary", "description", "servers", "parameters", "additionalOperations"];

struct Reader<'a> {
    documents: &'a Documents,
    schemas: Schemas<'a>,
    notes: Notes,
    default_security: Option<Vec<Vec<SecurityNeed>>>,
    default_limit: Option<RateLimit>,
}

/// Everything of the documents that can be used.
pub(super) fn surface(documents: &Documents, version: Version) -> Surface {
    let mut notes = Notes::default();
    let root = documents.root();
    let title = root.get("info").and_then(|info| info.text("title")).unwrap_or_default().to_owned();
    let schemes = security::schemes(documents, &mut notes);
    let mut reader = Reader {
        documents,
        schemas: Schemas::new(documents, version),
        notes,
        default_security: None,
        default_limit: None,
    };
    reader.default_security = reader.noted(security::needs(documents, &root)).flatten();
    reader.default_limit = reader.noted(rate_limit(documents, &root)).flatten();
    let base_path = reader.noted(servers::base_path(documents)).unwrap_or_default();
    let operations = reader.operations(&root);
    let mut undefined = HashSet::new();
    for operation in &operations {
        for need in operation.security.iter().flatten().flatten() {
            if !schemes.contains_key(&need.scheme) && undefined.insert(need.scheme.clone()) {
                let reason = format!("the security scheme `{}` is not defined", need.scheme.escape_debug());
                reader.notes.add(Problem { pointer: operation.pointer.clone(), reason });
            }
        }
    }
    let broken = reader.notes.and(reader.schemas.notes);
    Surface { title, operations, schemes, base_path, broken }
}

impl<'a> Reader<'a> {
    fn note(&mut self, problem: Problem) {
        self.notes.add(problem);
    }

    fn noted<T>(&mut self, outcome: Outcome<T>) -> Option<T> {
        outcome.map_err(|problem| self.note(problem)).ok()
    }

    fn operations(&mut self, root: &Node<'a>) -> Vec<Operation> {
        let documents = self.documents;
        let mut operations = Vec::new();
        let mut seen = HashSet::new();
        let Some(paths) = root.get("paths") else {
            self.note(documents.problem(root, "the document has no `paths`"));
            return operations;
        };
        if !paths.json.is_object() {
            self.note(documents.problem(&paths, "`paths` is an object"));
        }
        for (path, item) in paths.members().filter(|(path, _)| !path.starts_with("x-")) {
            let names = match template(path) {
                Ok(names) => names,
                Err(reason) => {
                    self.note(documents.problem(&item, reason));
                    continue;
                }
            };
            for (method, node) in self.methods(&item) {
                if operations.len() >= MAX_OPERATIONS {
                    self.note(documents.problem(&node, format!("more than {MAX_OPERATIONS} operations")));
                    return operations;
                }
                // Templates that differ only in their names are the same path.
                if !seen.insert((method.clone(), shape(path))) {
                    self.note(documents.problem(&node, "another path with the same shape has this method"));
                    continue;
                }
                match self.operation(path, &names, &method, &item, &node) {
                    Ok(operation) => operations.push(operation),
                    Err(problem) => self.broken_operation(&node, problem),
                }
            }
        }
        operations
    }

    /// The reason names the place when it is not in the operation itself.
    fn broken_operation(&mut self, node: &Node<'_>, problem: Problem) {
        let operation = self.documents.place(node);
        let reason = if problem.pointer == operation {
            problem.reason
        } else {
            format!("{} (at {})", problem.reason, problem.pointer)
        };
        self.note(Problem { pointer: operation, reason });
    }

    /// The methods of a path item, its own before those of the item that it refers to.
    fn methods(&mut self, item: &Node<'a>) -> Vec<(String, Node<'a>)> {
        let documents = self.documents;
        let mut found: Vec<(String, Node<'a>)> = Vec::new();
        for layer in self.layers(item) {
            if !layer.json.is_object() {
                self.note(documents.problem(&layer, "a path item is an object"));
            }
            for (key, node) in layer.members() {
                if METHODS.contains(&key) {
                    let method = key.to_ascii_uppercase();
                    if !found.iter().any(|(other, _)| *other == method) {
                        found.push((method, node));
                    }
                } else if key == "additionalOperations" {
                    for (method, node) in node.members() {
                        if let Some(problem) = misplaced(method) {
                            self.note(documents.problem(&node, problem));
                        } else if !found.iter().any(|(other, _)| other == method) {
                            found.push((method.to_owned(), node));
                        }
                    }
                } else if !BESIDE_METHODS.contains(&key) && !key.starts_with("x-") {
                    self.note(documents.problem(&node, "not a method of OpenAPI 3"));
                }
            }
        }
        found
    }

    /// A path item and the one that it refers to.
    fn layers(&mut self, item: &Node<'a>) -> Vec<Node<'a>> {
        let mut layers = vec![item.clone()];
        if item.json.get("$ref").is_some() {
            layers.extend(self.noted(self.documents.follow(item)));
        }
        layers
    }

    fn operation(
        &mut self,
        path: &str,
        names: &[String],
        method: &str,
        item: &Node<'a>,
        node: &Node<'a>,
    ) -> Outcome<Operation> {
        let documents = self.documents;
        if !node.json.is_object() {
            return Err(documents.problem(node, "an operation is an object"));
        }
        let mut parameters = parameter::list(documents, &mut self.schemas, node)?;
        for layer in self.layers(item) {
            for inherited in parameter::list(documents, &mut self.schemas, &layer)? {
                if !parameters.iter().any(|own| parameter::same(own, &inherited)) {
                    parameters.push(inherited);
                }
            }
        }
        parameters.retain(|parameter| {
            let placed = parameter.location != Location::Path || names.contains(&parameter.name);
            if !placed {
                let reason = format!("`{path}` has no place for `{}`", parameter.name.escape_debug());
                self.notes.add(Problem { pointer: parameter.pointer.clone(), reason });
            }
            placed
        });
        for name in names {
            let declared =
                |parameter: &Parameter| parameter.location == Location::Path && parameter.name == *name;
            if !parameters.iter().any(declared) {
                parameters.push(undeclared(name, documents.place(node)));
            }
        }
        let (bodies, body_required) = self.bodies(node)?;
        let security = security::needs(documents, node)?.or_else(|| self.default_security.clone());
        let mut limit = self.noted(rate_limit(documents, node)).flatten();
        for layer in self.layers(item) {
            limit = limit.or_else(|| self.noted(rate_limit(documents, &layer)).flatten());
        }
        let first_line = || node.text("description").and_then(|text| text.lines().next()).unwrap_or_default();
        let tags = node.json.get("tags").and_then(Json::as_array).into_iter().flatten();
        Ok(Operation {
            method: method.to_owned(),
            path: path.to_owned(),
            operation_id: node.text("operationId").map(str::to_owned),
            summary: node.text("summary").unwrap_or_else(first_line).trim().to_owned(),
            tags: tags.filter_map(Json::as_str).map(str::to_owned).collect(),
            deprecated: node.flag("deprecated"),
            parameters,
            bodies,
            body_required,
            responses: self.responses(node),
            security,
            rate_limit: limit.or_else(|| self.default_limit.clone()),
            inferred: false,
            pointer: documents.place(node),
        })
    }

    fn bodies(&mut self, operation: &Node<'a>) -> Outcome<(Vec<Body>, bool)> {
        let documents = self.documents;
        let Some(node) = operation.get("requestBody") else { return Ok((Vec::new(), false)) };
        let node = documents.follow(&node)?;
        let Some(content) = node.get("content").filter(|content| content.json.is_object()) else {
            return Err(documents.problem(&node, "the request body has no `content`"));
        };
        let mut bodies = Vec::new();
        for (media_type, media) in content.members() {
            let media = documents.follow(&media)?;
            if !media_type.contains('/') || !media.json.is_object() {
                return Err(documents.problem(&media, "`content` holds media types such as application/json"));
            }
            let schema = self.media(&media, Way::Request)?;
            let mut encoding = BTreeMap::new();
            for (property, how) in media.get("encoding").iter().flat_map(Node::members) {
                if let Some(content_type) = how.text("contentType") {
                    encoding.insert(property.to_owned(), content_type.to_owned());
                }
            }
            bodies.push(Body {
                media_type: media_type.to_owned(),
                schema: schema.unwrap_or_else(|| {
                    Schema::new(json!({})).with_examples(examples::of_place(documents, &media))
                }),
                encoding,
            });
        }
        Ok((bodies, node.flag("required")))
    }

    fn media(&mut self, media: &Node<'a>, way: Way) -> Outcome<Option<Schema>> {
        let examples = examples::of_place(self.documents, media);
        if let Some(schema) = media.get("schema") {
            return self.schemas.schema(&schema, way, examples).map(Some);
        }
        // A sequence of items, such as lines of JSON (OpenAPI 3.2, "Sequential Media Types").
        let Some(item) = media.get("itemSchema") else { return Ok(None) };
        let item = self.schemas.schema(&item, way, Vec::new())?;
        Ok(Some(list_of(&item).with_examples(examples)))
    }

    /// A broken answer is noted and the operation stays: it can still be attacked.
    fn responses(&mut self, operation: &Node<'a>) -> BTreeMap<String, Response> {
        let documents = self.documents;
        let mut found = BTreeMap::new();
        for (status, node) in operation.get("responses").iter().flat_map(Node::members) {
            if status.starts_with("x-") {
                continue;
            }
            let Some(key) = status_key(status) else {
                self.note(documents.problem(&node, "not a status such as 200, 4XX or default"));
                continue;
            };
            let mut response = Response::default();
            if let Some(node) = self.noted(documents.follow(&node)) {
                for (media_type, media) in node.get("content").iter().flat_map(Node::members) {
                    let schema = documents.follow(&media).and_then(|media| self.media(&media, Way::Response));
                    response.content.insert(media_type.to_owned(), self.noted(schema).flatten());
                }
                for (name, header) in node.get("headers").iter().flat_map(Node::members) {
                    if let Some(schema) = self.header(&header).and_then(|schema| self.noted(schema)) {
                        response.headers.insert(name.to_owned(), schema);
                    }
                }
            }
            found.insert(key, response);
        }
        found
    }

    fn header(&mut self, header: &Node<'a>) -> Option<Outcome<Schema>> {
        let header = self.noted(self.documents.follow(header))?;
        let examples = examples::of_place(self.documents, &header);
        let schema = header.get("schema")?;
        Some(self.schemas.schema(&schema, Way::Response, examples))
    }
}

/// Why a method does not belong among the additional ones; `None` when it does.
fn misplaced(method: &str) -> Option<String> {
    let tchar = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if METHODS.contains(&method.to_ascii_lowercase().as_str()) {
        return Some(format!("`{method}` has a field of its own"));
    }
    let token = !method.is_empty() && method.len() <= 40 && method.chars().all(tchar);
    (!token).then(|| "not the name of a method (RFC 9110 section 9.1)".to_owned())
}

/// The schema of a list of such items; what they refer to stays reachable.
fn list_of(item: &Schema) -> Schema {
    let mut item = (*item.json).clone();
    let definitions = item.as_object_mut().and_then(|members| members.shift_remove("$defs"));
    let mut list = json!({"type": "array", "items": item});
    if let Some(definitions) = definitions {
        list["$defs"] = definitions;
    }
    Schema::new(list)
}

/// A path parameter that the document forgot to declare.
fn undeclared(name: &str, pointer: String) -> Parameter {
    Parameter {
        name: name.to_owned(),
        location: Location::Path,
        required: true,
        style: Style::Simple,
        explode: false,
        allow_reserved: false,
        schema: Schema::new(json!({"type": "string", "minLength": 1})),
        pointer,
    }
}

fn rate_limit(documents: &Documents, owner: &Node<'_>) -> Outcome<Option<RateLimit>> {
    let Some(node) = owner.get("x-rate-limit") else { return Ok(None) };
    serde_json::from_value(node.json.clone())
        .map(Some)
        .map_err(|error| documents.problem(&node, error.to_string()))
}

fn status_key(status: &str) -> Option<String> {
    let upper = status.to_ascii_uppercase();
    let good = match upper.as_bytes() {
        [b'1'..=b'5', b'X', b'X'] => true,
        [b'1'..=b'9', tens, ones] => tens.is_ascii_digit() && ones.is_ascii_digit(),
        _ => status == "default",
    };
    if status == "default" { Some(status.to_owned()) } else { good.then_some(upper) }
}

/// The names in a path template.
fn template(path: &str) -> Result<Vec<String>, String> {
    if !path.starts_with('/') {
        return Err("a path begins with `/`".to_owned());
    }
    if path.contains(|c: char| c.is_control() || c.is_whitespace()) {
        return Err("a path has no white space".to_owned());
    }
    let mut names: Vec<String> = Vec::new();
    let mut rest = path;
    while let Some(at) = rest.find(['{', '}', '?', '#']) {
        if !rest[at..].starts_with('{') {
            return Err(format!("`{}` does not belong in a path template", &rest[at..=at]));
        }
        let inner = &rest[at + 1..];
        let end = inner.find(['{', '}', '/']).filter(|&end| inner[end..].starts_with('}'));
        let name = end.map(|end| &inner[..end]).filter(|name| !name.is_empty());
        let (Some(end), Some(name)) = (end, name) else {
            return Err("a template is a name in braces".to_owned());
        };
        if names.iter().any(|other| other == name) {
            return Err(format!("`{{{name}}}` is there twice"));
        }
        names.push(name.to_owned());
        rest = &inner[end + 1..];
    }
    Ok(names)
}

/// A path template without its names.
fn shape(path: &str) -> String {
    let mut shape = String::new();
    let mut inside = false;
    for c in path.chars() {
        match c {
            '{' => inside = true,
            '}' => {
                inside = false;
                shape.push_str("{}");
            }
            c if !inside => shape.push(c),
            _ => {}
        }
    }
    shape
}
