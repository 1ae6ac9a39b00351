//! Schemas of a document made self-contained: one dialect (JSON Schema 2020-12), references into `$defs`.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::document::{Documents, Node, Outcome, Problem, lies_elsewhere};
use super::examples;
use super::keywords::{self, Kind};
use super::load::Version;
use super::notes::Notes;
use crate::surface::{Schema, SharedJson, pattern_matches};

/// Nodes of all self-contained schemas together: each carries its definitions, so that a document of a few
/// kilobytes could otherwise ask for gigabytes.
const MAX_NODES: usize = 8_000_000;
/// Parts of one schema that are looked into for `readOnly`.
const MAX_LOOK: usize = 64;

/// Which way the value travels: `readOnly` properties are not sent, `writeOnly` ones are not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Way {
    Request,
    Response,
}

impl Way {
    fn hiding(self) -> &'static str {
        match self {
            Self::Request => "readOnly",
            Self::Response => "writeOnly",
        }
    }
}

/// The translator, which remembers what it translated.
pub(super) struct Schemas<'a> {
    documents: &'a Documents,
    version: Version,
    pub(super) definitions: Vec<Definition>,
    by_place: HashMap<(usize, String, Way), usize>,
    pub(super) by_name: HashMap<String, usize>,
    /// How often a name was wanted.
    wanted: HashMap<String, usize>,
    waiting: VecDeque<(usize, Node<'a>, Way)>,
    /// Finished schemas by the text of their root.
    finished: HashMap<(String, Way), Schema>,
    patterns: HashMap<String, Option<String>>,
    nodes: usize,
    /// Parts that were left out.
    pub(super) notes: Notes,
}

/// A definition, to be carried by the schemas that reach it.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) name: String,
    /// Shared by all schemas that carry it.
    pub(super) json: Outcome<Arc<Json>>,
    /// The definitions that it refers to; whether for the same value.
    pub(super) uses: BTreeSet<(usize, bool)>,
    pub(super) nodes: usize,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(documents: &'a Documents, version: Version) -> Self {
        Self {
            documents,
            version,
            definitions: Vec::new(),
            by_place: HashMap::new(),
            by_name: HashMap::new(),
            wanted: HashMap::new(),
            waiting: VecDeque::new(),
            finished: HashMap::new(),
            patterns: HashMap::new(),
            nodes: 0,
            notes: Notes::default(),
        }
    }

    /// The self-contained schema of a place, with its own examples after `first`.
    pub(super) fn schema(&mut self, at: &Node<'a>, way: Way, first: Vec<Json>) -> Outcome<Schema> {
        let root = self.translate(at, way, &HashSet::new());
        self.drain();
        let mut all = first;
        examples::of_schema(self.documents, at, &mut all);
        let key = (root?.to_string(), way);
        let known = self.finished.get(&key).cloned();
        let schema = known.map_or_else(|| self.finish(at, &key.0), Ok)?;
        self.finished.entry(key).or_insert_with(|| schema.clone());
        Ok(if all.is_empty() { schema } else { schema.with_examples(all) })
    }

    /// Adds the definitions that are reachable.
    fn finish(&mut self, at: &Node<'a>, root: &str) -> Outcome<Schema> {
        let mut root: Json = serde_json::from_str(root)
            .map_err(|_| self.documents.problem(at, "the schema is nested too deeply"))?;
        let mut reached = BTreeSet::new();
        let mut todo: Vec<usize> = self.uses(&root).into_iter().map(|(index, _)| index).collect();
        while let Some(index) = todo.pop() {
            if reached.insert(index) {
                todo.extend(self.definitions[index].uses.iter().map(|(used, _)| *used));
            }
        }
        let mut carried = Vec::with_capacity(reached.len());
        for index in reached {
            let definition = &self.definitions[index];
            self.nodes += definition.nodes;
            if self.nodes > MAX_NODES {
                return Err(self.documents.problem(at, "the schemas together are too large"));
            }
            carried.push((definition.name.clone(), definition.json.clone()?));
        }
        if carried.is_empty() {
            return Ok(Schema::new(root));
        }
        Ok(Schema::shared(SharedJson::made_by(move || {
            let carried = carried.into_iter().map(|(name, json)| (name, (*json).clone()));
            if let Json::Object(members) = &mut root {
                members.insert("$defs".to_owned(), Json::Object(carried.collect()));
            }
            root
        })))
    }

    /// Translates the definitions that were met, and those that they meet.
    fn drain(&mut self) {
        let mut fresh = Vec::new();
        while let Some((index, node, way)) = self.waiting.pop_front() {
            let json = self.translate(&node, way, &HashSet::new());
            self.definitions[index].json = json.map(Arc::new);
            fresh.push(index);
        }
        for &index in &fresh {
            self.measure(index);
        }
        self.break_cycles(&fresh);
    }

    pub(super) fn measure(&mut self, index: usize) {
        let Ok(json) = self.definitions[index].json.as_deref() else { return };
        let (uses, nodes) = (self.uses(json), size(json));
        self.definitions[index].uses = uses;
        self.definitions[index].nodes = nodes;
    }

    fn uses(&self, json: &Json) -> BTreeSet<(usize, bool)> {
        let mut uses = BTreeSet::new();
        self.collect_uses(json, true, &mut uses);
        uses
    }

    fn collect_uses(&self, json: &Json, same: bool, uses: &mut BTreeSet<(usize, bool)>) {
        let Json::Object(members) = json else { return };
        if let Some(name) = members.get("$ref").and_then(Json::as_str).and_then(definition_name) {
            uses.extend(self.by_name.get(name).map(|&index| (index, same)));
        }
        keywords::each_inside(members, &mut |inner, still| self.collect_uses(inner, same && still, uses));
    }

    /// The number of the definition of a place; it is translated later.
    fn define(&mut self, target: Node<'a>, way: Way) -> usize {
        let key = (target.document, target.pointer.clone(), way);
        if let Some(&index) = self.by_place.get(&key) {
            return index;
        }
        let last = target.pointer.rsplit('/').next().unwrap_or_default();
        let index = self.add(last, Ok(Arc::new(Json::Bool(true))));
        self.by_place.insert(key, index);
        self.waiting.push_back((index, target, way));
        index
    }

    /// A new definition with a name like this one.
    pub(super) fn add(&mut self, like: &str, json: Outcome<Arc<Json>>) -> usize {
        let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
        let stem: String = like.chars().take(80).map(plain).collect();
        let stem = if stem.is_empty() { "root".to_owned() } else { stem };
        let mut name = stem.clone();
        let number = self.wanted.entry(stem.clone()).or_insert(1);
        while self.by_name.contains_key(&name) {
            *number += 1;
            name = format!("{stem}-{number}");
        }
        let index = self.definitions.len();
        self.by_name.insert(name.clone(), index);
        self.definitions.push(Definition { name, json, uses: BTreeSet::new(), nodes: 1 });
        index
    }

    /// One schema; `hidden` are properties of the whole that do not travel this way.
    fn translate(&mut self, at: &Node<'a>, way: Way, hidden: &HashSet<&'a str>) -> Outcome<Json> {
        let members = match at.json {
            Json::Bool(_) => return Ok(at.json.clone()),
            Json::Object(members) => members,
            _ => return Err(self.documents.problem(at, "a schema is an object")),
        };
        let mut out = Map::new();
        if let Some(reference) = members.get("$ref").or_else(|| members.get("$dynamicRef")) {
            let Json::String(reference) = reference else {
                return Err(self.documents.problem(at, "`$ref` is not text"));
            };
            let documents = self.documents;
            let found = match documents.find(at, reference) {
                // A request whose schema lies on another host may be anything.
                Err(problem) if way == Way::Request && lies_elsewhere(at.json) => {
                    self.notes.add(problem);
                    return Ok(Json::Object(out));
                }
                found => found?,
            };
            let index = self.define(found, way);
            let target = format!("#/$defs/{}", self.definitions[index].name);
            out.insert("$ref".to_owned(), Json::String(target));
            if self.version != Version::V31 {
                // Siblings of a reference are ignored in 3.0.
                return Ok(Json::Object(out));
            }
        }
        let mut hidden = hidden.clone();
        self.hidden(at, way, &mut hidden);
        for (keyword, value) in members {
            let here = at.below(keyword, value);
            match keyword.as_str() {
                "$ref" | "$dynamicRef" | "nullable" | "x-nullable" => {}
                // 2.0 names the property and nothing more.
                "discriminator" if value.is_string() => {
                    out.insert("discriminator".to_owned(), json!({"propertyName": value}));
                }
                "example" => {
                    out.entry("examples").or_insert_with(|| json!([value]));
                }
                "examples" => {
                    if let Json::Array(_) = value {
                        out.insert("examples".to_owned(), value.clone());
                    }
                }
                "type" => {
                    if let Some(types) = self.types(&here)? {
                        out.insert("type".to_owned(), types);
                    }
                }
                // Words that show values; what else they say is for people.
                "description" if value.as_str().is_some_and(keywords::shows_values) => {
                    out.insert("description".to_owned(), value.clone());
                }
                // A boolean `required` is of draft 3, about the property itself; 3.x does not read it.
                "exclusiveMinimum" | "exclusiveMaximum" | "required" if value.is_boolean() => {}
                "minimum" if members.get("exclusiveMinimum") == Some(&Json::Bool(true)) => {
                    self.plain(&here, Kind::Number)?;
                    out.insert("exclusiveMinimum".to_owned(), value.clone());
                }
                "maximum" if members.get("exclusiveMaximum") == Some(&Json::Bool(true)) => {
                    self.plain(&here, Kind::Number)?;
                    out.insert("exclusiveMaximum".to_owned(), value.clone());
                }
                "multipleOf" if value.as_f64().is_some_and(|step| step <= 0.0) => {
                    return Err(self.documents.problem(&here, "`multipleOf` is greater than 0"));
                }
                "required" => {
                    self.plain(&here, Kind::Texts)?;
                    let mut seen = HashSet::new();
                    let names = value.as_array().into_iter().flatten().filter_map(Json::as_str);
                    let names: Vec<&str> =
                        names.filter(|name| !hidden.contains(name) && seen.insert(*name)).collect();
                    if !names.is_empty() {
                        out.insert("required".to_owned(), json!(names));
                    }
                }
                "enum" => {
                    self.plain(&here, Kind::List)?;
                    let mut values: Vec<&Json> = Vec::new();
                    for item in value.as_array().into_iter().flatten() {
                        if !values.contains(&item) {
                            values.push(item);
                        }
                    }
                    if values.is_empty() {
                        return Err(self.documents.problem(&here, "`enum` allows nothing"));
                    }
                    out.insert("enum".to_owned(), json!(values));
                }
                "pattern" => {
                    self.plain(&here, Kind::Text)?;
                    if let Some(pattern) = self.pattern(&here, value.as_str().unwrap_or_default()) {
                        out.insert("pattern".to_owned(), Json::String(pattern));
                    }
                }
                // Draft 4 wrote tuples so.
                "items" if value.is_array() => {
                    let items = self.list(&here, way, &HashSet::new())?;
                    if !items.is_empty() {
                        out.insert("prefixItems".to_owned(), Json::Array(items));
                    }
                    if let Some(rest) = at.get("additionalItems") {
                        out.insert("items".to_owned(), self.translate(&rest, way, &HashSet::new())?);
                    }
                }
                _ => self.keyword(&here, keyword, way, &hidden, &mut out)?,
            }
        }
        let says = |keyword: &str| members.get(keyword) == Some(&Json::Bool(true));
        if says("nullable") || (says("x-nullable") && self.version != Version::V31) {
            out = nullable(out);
        }
        Ok(Json::Object(out))
    }

    fn keyword(
        &mut self,
        at: &Node<'a>,
        keyword: &str,
        way: Way,
        hidden: &HashSet<&'a str>,
        out: &mut Map<String, Json>,
    ) -> Outcome<()> {
        let kind = keywords::kind(keyword);
        self.plain(at, kind)?;
        let nothing = HashSet::new();
        let json = match kind {
            Kind::Dropped => return Ok(()),
            Kind::Same | Kind::Part => {
                self.translate(at, way, if keyword == "then" { hidden } else { &nothing })?
            }
            Kind::SameList | Kind::PartList => {
                let schemas = self.list(at, way, if keyword == "prefixItems" { &nothing } else { hidden })?;
                if schemas.is_empty() {
                    return Ok(());
                }
                Json::Array(schemas)
            }
            Kind::SameMap | Kind::PartMap => {
                let mut schemas = Map::new();
                for (name, member) in at.members() {
                    let name = match keyword {
                        "patternProperties" => self.pattern(&member, name),
                        _ => Some(name.to_owned()),
                    };
                    if let Some(name) = name {
                        schemas.insert(name, self.translate(&member, way, &nothing)?);
                    }
                }
                Json::Object(schemas)
            }
            _ => at.json.clone(),
        };
        out.insert(keyword.to_owned(), json);
        Ok(())
    }

    fn list(&mut self, at: &Node<'a>, way: Way, hidden: &HashSet<&'a str>) -> Outcome<Vec<Json>> {
        at.items().map(|item| self.translate(&item, way, hidden)).collect()
    }

    fn plain(&self, at: &Node<'_>, kind: Kind) -> Outcome<()> {
        keywords::fits(kind, at.json).map_err(|wanted| {
            let keyword = at.pointer.rsplit('/').next().unwrap_or_default();
            self.documents.problem(at, format!("`{keyword}` is {wanted}"))
        })
    }

    /// `None` when the keyword says nothing.
    fn types(&self, at: &Node<'_>) -> Outcome<Option<Json>> {
        const KNOWN: [&str; 7] = ["null", "boolean", "integer", "number", "string", "array", "object"];
        let mut names = Vec::new();
        let written = match at.json {
            Json::Array(items) => items.iter().collect(),
            one => vec![one],
        };
        for name in written {
            match name.as_str() {
                Some(name) if KNOWN.contains(&name) => {
                    if !names.contains(&name) {
                        names.push(name);
                    }
                }
                // Uploads, in documents that were made from 2.0.
                Some("file") => names.push("string"),
                _ => return Err(self.documents.problem(at, format!("{name} is not a type of JSON Schema"))),
            }
        }
        Ok(match names.as_slice() {
            [] => None,
            [one] => Some(json!(one)),
            several => Some(json!(several)),
        })
    }

    /// The pattern as it can be used; a note says so when it cannot.
    fn pattern(&mut self, at: &Node<'_>, pattern: &str) -> Option<String> {
        if !self.patterns.contains_key(pattern) {
            let compiles =
                |pattern: &String| pattern.len() <= 4_096 && pattern_matches(pattern, "").is_some();
            let usable = [pattern.to_owned(), with_plain_hyphens(pattern)].into_iter().find(compiles);
            self.patterns.insert(pattern.to_owned(), usable);
        }
        let usable = self.patterns.get(pattern).cloned().flatten();
        if usable.is_none() {
            let reason = "the pattern is not a regular expression of ECMA-262; it is ignored";
            self.notes.add(self.documents.problem(at, reason));
        }
        usable
    }

    /// The properties of a schema and its `allOf` that do not travel this way.
    fn hidden(&self, at: &Node<'a>, way: Way, names: &mut HashSet<&'a str>) {
        let mut todo = vec![at.clone()];
        let mut seen = HashSet::new();
        while let Some(node) = todo.pop() {
            if seen.len() >= MAX_LOOK || !seen.insert((node.document, node.pointer.clone())) {
                continue;
            }
            for (name, property) in node.get("properties").iter().flat_map(Node::members) {
                if self.travels_not(&property, way) {
                    names.insert(name);
                }
            }
            let parts = node.get("allOf");
            todo.extend(
                parts.iter().flat_map(Node::items).filter_map(|part| self.documents.follow(&part).ok()),
            );
        }
    }

    fn travels_not(&self, property: &Node<'a>, way: Way) -> bool {
        let target = self.documents.follow(property);
        property.flag(way.hiding()) || target.is_ok_and(|target| target.flag(way.hiding()))
    }

    pub(super) fn too_deep() -> Problem {
        Problem { pointer: String::new(), reason: "the schema contains itself without end".to_owned() }
    }
}

/// `[\w-.]`, which engines without the `u` flag read as it is meant, in the words of those with it.
fn with_plain_hyphens(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 4);
    let (mut inside, mut after_class) = (false, false);
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        let was_class = std::mem::replace(&mut after_class, false);
        match c {
            '\\' => {
                out.push(c);
                let escaped = chars.next();
                out.extend(escaped);
                after_class = inside && escaped.is_some_and(|escaped| "wdsWDS".contains(escaped));
            }
            '-' if was_class => out.push_str("\\-"),
            c => {
                inside = (inside || c == '[') && c != ']';
                out.push(c);
            }
        }
    }
    out
}

/// The name in `#/$defs/NAME`.
pub(super) fn definition_name(reference: &str) -> Option<&str> {
    reference.strip_prefix("#/$defs/")
}

/// 3.0: adds `null` to the types; where there are only parts, beside them, which is what people mean by it.
fn nullable(mut schema: Map<String, Json>) -> Map<String, Json> {
    let parts = ["allOf", "anyOf", "oneOf", "$ref"].iter().any(|keyword| schema.contains_key(*keyword));
    match schema.get_mut("type") {
        Some(Json::String(one)) if one != "null" => {
            let both = json!([one.as_str(), "null"]);
            schema.insert("type".to_owned(), both);
        }
        Some(Json::Array(several)) if !several.contains(&json!("null")) => several.push(json!("null")),
        None if parts => {
            let mut whole = Map::new();
            whole.insert("anyOf".to_owned(), json!([Json::Object(schema), {"type": "null"}]));
            return whole;
        }
        _ => {}
    }
    schema
}

fn size(json: &Json) -> usize {
    match json {
        Json::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        Json::Object(members) => 1 + members.values().map(size).sum::<usize>(),
        _ => 1,
    }
}
