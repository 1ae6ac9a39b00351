//! Loads every description of an API below a folder, of any format, and prints what came of it: how many operations
//! there are, and what is skipped and why. With a second argument, bodies are drawn for each operation too: which
//! properties, enum values, branches and boundaries were never drawn is printed, and schemas and bodies are written
//! there, a line each, for an independent validator (`tools/validate_bodies.py`).

#![allow(clippy::print_stdout, reason = "an example's output")]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use proofhouse::generate::Seeded;
use proofhouse::generate::schema::{Want, draw, plausible};
use proofhouse::surface::{Schema, Surface, Validator};
use serde_json::{Value as Json, json};

/// How many bodies are drawn for each schema.
const BODIES: usize = 1_000;
/// How many of them are written for the independent validator.
const WRITTEN: usize = 50;
/// What is seen more seldom says nothing of a share.
const LEAST: u32 = 100;

/// How often something could have been there, and was.
#[derive(Clone, Copy, Default)]
struct Count {
    of: u32,
    hits: u32,
}

#[derive(Default)]
struct Tally {
    optional: BTreeMap<String, Count>,
    once: BTreeMap<String, Count>,
    branches: BTreeMap<String, Vec<Option<Validator>>>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("name a folder with documents")?;
    let mut written = arguments.next().map(std::fs::File::create).transpose()?;
    let mut files = Vec::new();
    documents(Path::new(&folder), &mut files)?;
    files.sort();
    let (mut refused, mut undrawn, mut seldom, mut never) = (0, 0, 0, 0);
    let (mut operations, mut skipped, mut bodies) = (0, 0, 0_usize);
    for file in &files {
        let name = file.strip_prefix(&folder).unwrap_or(file).display().to_string();
        let start = std::time::Instant::now();
        let surface = match Surface::from_file(file) {
            Ok(surface) => surface,
            Err(error) => {
                refused += 1;
                println!("{name}\n  REFUSED {error}");
                continue;
            }
        };
        let (count, broken) = (surface.operations.len(), surface.broken.len());
        println!("{name}: {count} operations, {broken} skipped, in {} ms", start.elapsed().as_millis());
        operations += surface.operations.len();
        skipped += surface.broken.len();
        for broken in &surface.broken {
            println!("  skipped {}: {}", broken.pointer, broken.reason);
        }
        let drawn = if written.is_some() { &surface.operations[..] } else { &[] };
        for operation in drawn {
            for body in &operation.bodies {
                let mut tally = Tally::default();
                let mut src = Seeded::derive(1, &[&name, &operation.name(), &body.media_type]);
                let mut missing = 0;
                for index in 0..BODIES {
                    let Some(value) = draw(&body.schema, Want::body(), &mut src) else {
                        missing += 1;
                        continue;
                    };
                    let value = plausible(&value);
                    bodies += 1;
                    tally.look(&body.schema.json, &body.schema, &value, "", 0);
                    if let Some(out) = written.as_mut().filter(|_| index < WRITTEN) {
                        writeln!(
                            out,
                            "{}",
                            json!({"of": name, "schema": *body.schema.json, "value": value})
                        )?;
                    }
                }
                let place = format!("{} {}", operation.name(), body.media_type);
                if missing > 0 {
                    undrawn += missing;
                    println!("  {place}: {missing} of {BODIES} bodies could not be drawn");
                }
                for (what, count) in &tally.optional {
                    if count.of >= LEAST && count.hits * 10 < count.of {
                        seldom += 1;
                        println!("  {place}: {what} in {} of {}", count.hits, count.of);
                    }
                }
                for (what, count) in &tally.once {
                    if count.of >= LEAST && count.hits == 0 {
                        never += 1;
                        println!("  {place}: never {what} in {}", count.of);
                    }
                }
            }
        }
    }
    println!(
        "\n{} documents, {refused} refused; {operations} operations, {skipped} parts skipped; {bodies} bodies, \
         {undrawn} not drawn; {seldom} optional properties in less than 10 %; {never} enum values, branches or \
         boundaries never drawn",
        files.len()
    );
    Ok(())
}

/// What describes an API below a folder, by a first look.
fn documents(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            documents(&path, found)?;
            continue;
        }
        let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
        if matches!(kind, "har" | "http" | "rest") {
            found.push(path);
            continue;
        }
        if !matches!(kind, "json" | "yaml" | "yml") {
            continue;
        }
        let text = String::from_utf8_lossy(&std::fs::read(&path)?).into_owned();
        let start: String = text.chars().take(4_000).filter(|c| !c.is_whitespace()).collect();
        let plain = start.replace(['"', '\''], "");
        if ["openapi:3", "swagger:2", "schema.getpostman.com"].iter().any(|mark| plain.contains(mark)) {
            found.push(path);
        }
    }
    Ok(())
}

impl Tally {
    /// Counts what a schema allows against what a value of it has.
    fn look(&mut self, schema: &Json, whole: &Schema, value: &Json, at: &str, depth: usize) {
        if depth > 8 {
            return;
        }
        if let Some(reference) = schema["$ref"].as_str() {
            if let Some(target) = whole.json.pointer(reference.trim_start_matches('#')) {
                self.look(target, whole, value, at, depth + 1);
            }
            return;
        }
        for branch in schema["allOf"].as_array().into_iter().flatten() {
            self.look(branch, whole, value, at, depth + 1);
        }
        for word in ["oneOf", "anyOf"] {
            if let Some(branches) = schema[word].as_array() {
                self.look_at_branches(word, branches, whole, value, at);
            }
        }
        for option in schema["enum"].as_array().into_iter().flatten() {
            self.once(format!("{at} enum {option}"), value == option);
        }
        match value {
            Json::Object(members) => {
                let required = schema["required"].as_array().cloned().unwrap_or_default();
                for (name, property) in schema["properties"].as_object().into_iter().flatten() {
                    if !required.contains(&json!(name))
                        && property["readOnly"] != true
                        && *property != json!(false)
                    {
                        let count = self.optional.entry(format!("{at}/{name}")).or_default();
                        count.of += 1;
                        count.hits += u32::from(members.contains_key(name));
                    }
                    if let Some(member) = members.get(name) {
                        self.look(property, whole, member, &format!("{at}/{name}"), depth + 1);
                    }
                }
            }
            Json::Array(items) => {
                for item in items {
                    self.look(&schema["items"], whole, item, &format!("{at}/*"), depth + 1);
                }
                self.boundary(schema, "minItems", at, items.len() as f64, 1e3);
                self.boundary(schema, "maxItems", at, items.len() as f64, 64.0);
            }
            Json::String(text) => {
                let length = text.chars().count() as f64;
                if schema["enum"].is_null() && schema["format"].is_null() && schema["pattern"].is_null() {
                    self.boundary(schema, "minLength", at, length, 1e4);
                    self.boundary(schema, "maxLength", at, length, 1e4);
                }
            }
            Json::Number(number) => {
                let number = number.as_f64().unwrap_or_default();
                if schema["enum"].is_null() && schema["multipleOf"].is_null() {
                    self.boundary(schema, "minimum", at, number, f64::MAX);
                    self.boundary(schema, "maximum", at, number, f64::MAX);
                }
            }
            _ => {}
        }
    }

    /// A bound of a schema is met exactly, unless it is larger than anybody would send.
    fn boundary(&mut self, schema: &Json, word: &str, at: &str, value: f64, largest: f64) {
        if let Some(bound) = schema[word].as_f64().filter(|bound| *bound <= largest) {
            self.once(format!("{at} {word} {bound}"), (value - bound).abs() < 1e-9);
        }
    }

    fn look_at_branches(&mut self, word: &str, branches: &[Json], whole: &Schema, value: &Json, at: &str) {
        let key = format!("{at} {word}");
        let compiled = self.branches.entry(key.clone()).or_insert_with(|| {
            let alone = |branch: &Json| {
                let mut schema = branch.as_object()?.clone();
                schema.insert("$defs".to_owned(), whole.json["$defs"].clone());
                Validator::compile(&Json::Object(schema)).ok()
            };
            branches.iter().map(alone).collect()
        });
        let fits: Vec<_> =
            compiled.iter().map(|one| one.as_ref().is_none_or(|one| one.is_valid(value))).collect();
        for (index, fits) in fits.into_iter().enumerate() {
            self.once(format!("{key} {index}"), fits);
        }
    }

    fn once(&mut self, what: String, hit: bool) {
        let count = self.once.entry(what).or_default();
        count.of += 1;
        count.hits += u32::from(hit);
    }
}
