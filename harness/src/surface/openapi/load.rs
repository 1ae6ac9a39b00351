//! From bytes to a JSON tree, with bounds.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde_json::Value as Json;

use super::error::{Format, LoadError};

/// The largest file, in MiB.
pub(super) const MAX_MIB: u64 = 32;

/// Which dialect of schemas a document uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// 2.0: the dialect of 3.0, with extensions that mean what 3.0 made keywords of.
    V20,
    /// 3.0: a dialect of its own.
    V30,
    /// 3.1 and 3.2: JSON Schema 2020-12.
    V31,
}

/// Reads a file of bounded size as UTF-8, without a byte-order mark.
pub(in crate::surface) fn read(path: &Path) -> Result<String, LoadError> {
    let file = path.display().to_string();
    let unreadable = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => LoadError::NoSuchFile { file: file.clone() },
        _ => LoadError::Unreadable { file: file.clone(), reason: error.to_string() },
    };
    let mut bytes = Vec::new();
    let limit = MAX_MIB << 20;
    File::open(path).map_err(unreadable)?.take(limit + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > limit {
        return Err(LoadError::TooLarge { file, limit: MAX_MIB });
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = memchr::memchr_iter(b'\n', good).count() as u64 + 1;
        let column = good.len() - memchr::memrchr(b'\n', good).map_or(0, |at| at + 1) + 1;
        LoadError::NotUtf8 { file, line, column: column as u64 }
    })?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

/// Reads JSON or YAML, whichever the content is; keys keep their order.
pub(in crate::surface) fn parse(text: &str, file: &str) -> Result<Json, LoadError> {
    let start = text.trim_start();
    // `{"` begins JSON; `{openapi: …` is a flow mapping of YAML.
    let inside = start.strip_prefix(['{', '[']).map(str::trim_start);
    if inside.is_some_and(|inside| inside.starts_with(['"', '{', '}', ']'])) {
        return serde_json::from_str(text).map_err(|error| LoadError::Syntax {
            file: file.to_owned(),
            format: Format::Json,
            line: error.line() as u64,
            column: error.column() as u64,
            reason: without_place(&error.to_string()),
        });
    }
    if start.starts_with('<') {
        return Err(LoadError::NotOpenApi { file: file.to_owned(), found: "an HTML or XML page".to_owned() });
    }
    yaml(text, file)
}

fn yaml(text: &str, file: &str) -> Result<Json, LoadError> {
    // Ten aliases of ten aliases of … is a small file and a huge tree (CWE-776): what aliases replay is
    // bounded on its own, far below what the events of an honest document may be.
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: 120,
            flow_nesting_limit: 120,
            max_events: 4_000_000,
            max_nodes: 4_000_000,
            max_aliases: 20_000,
            max_anchors: 20_000,
            max_documents: 1,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 500_000,
            max_replay_stack_depth: 32,
            max_alias_expansions_per_anchor: 10_000,
        },
        duplicate_keys: serde_saphyr::options::DuplicateKeyPolicy::Error,
        strict_booleans: true,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let (line, column) = error.location().map_or((1, 1), |place| (place.line(), place.column()));
        let reason = without_place(&error.without_snippet().to_string());
        LoadError::Syntax { file: file.to_owned(), format: Format::Yaml, line, column, reason }
    })
}

/// The first line of a message, without the place that the parser repeats at one end.
fn without_place(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    let line = match line.strip_prefix("error: ") {
        Some(rest) => rest,
        None => line,
    };
    let line = match line.strip_prefix("line ").and_then(|rest| rest.split_once(": ")) {
        Some((place, rest)) if place.contains("column") => rest,
        _ => line,
    };
    let end = [" at line ", ", set DuplicateKeyPolicy"].iter().filter_map(|end| line.rfind(end)).min();
    let end = end.unwrap_or(line.len());
    line[..end].trim().to_owned()
}

/// The version, or what the document is instead.
pub(super) fn version(root: &Json, file: &str) -> Result<Version, LoadError> {
    let file = file.to_owned();
    let written = |value: &Json| match value {
        Json::String(text) => text.chars().take(40).collect(),
        other => other.to_string().chars().take(40).collect::<String>(),
    };
    if let Some(version) = root.get("swagger") {
        let version = written(version);
        let is_2 = matches!(version.as_str(), "2.0" | "2" | "2.0.0");
        return is_2.then_some(Version::V20).ok_or(LoadError::UnsupportedVersion { file, version });
    }
    let Some(version) = root.get("openapi") else {
        return Err(LoadError::NotOpenApi { file, found: describe(root) });
    };
    let version = written(version);
    // YAML reads an unquoted `3.1` as a number.
    let is = |minor: &str| version == minor || version.starts_with(&format!("{minor}."));
    match () {
        () if is("3.0") || version == "3" => Ok(Version::V30),
        () if is("3.1") || is("3.2") => Ok(Version::V31),
        () => Err(LoadError::UnsupportedVersion { file, version }),
    }
}

pub(in crate::surface) fn describe(root: &Json) -> String {
    let has = |key: &str| root.get(key).is_some();
    match root {
        Json::Object(members) if members.is_empty() => "an empty object".to_owned(),
        Json::Object(_) if has("asyncapi") => "an AsyncAPI document".to_owned(),
        Json::Object(_) if root.pointer("/log/entries").is_some() => "a HAR recording".to_owned(),
        Json::Object(_) if has("item") && has("info") => "a Postman collection".to_owned(),
        Json::Object(_) if has("apiVersion") && has("kind") => "a Kubernetes manifest".to_owned(),
        Json::Object(_) if has("$schema") => "a JSON Schema".to_owned(),
        Json::Object(members) => {
            let keys: Vec<String> =
                members.keys().take(5).map(|key| format!("`{}`", key.escape_debug())).collect();
            format!("an object with the keys {}", keys.join(", "))
        }
        Json::Array(_) => "a list".to_owned(),
        Json::String(_) => "text".to_owned(),
        Json::Number(_) => "a number".to_owned(),
        Json::Bool(_) => "a boolean".to_owned(),
        Json::Null => "nothing".to_owned(),
    }
}
