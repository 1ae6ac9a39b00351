//! Case files: reading what may come from a stranger, and writing what must stay readable.

use super::model::{Case, FORMAT_VERSION};
use super::step::Act;
use super::value::{Dynamic, Value};

/// The most steps that a case may have.
pub const MAX_STEPS: usize = 512;
/// The most copies of one step.
pub const MAX_COPIES: u32 = 10_000;
/// The most bytes that one value may expand to.
pub const MAX_EXPANSION: u64 = 64 << 20;
/// The largest case file.
const MAX_FILE: usize = 8 << 20;

/// Why a case file is refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FileError {
    /// Not a case at all.
    #[error("this is not a case: {0}")]
    Malformed(String),
    /// Of a newer format.
    #[error(
        "this case is of format {found}, and this proofhouse reads up to {FORMAT_VERSION}: update proofhouse"
    )]
    Newer {
        /// The file's version.
        found: u64,
    },
    /// It names something that a case must not name, or asks for too much.
    #[error("this case is refused: {0}")]
    Refused(String),
    /// No case: there is more in the file than is looked at.
    #[error("{0}, and what follows is left out: cut the file into smaller ones")]
    Beyond(String),
}

impl Case {
    /// Reads a case file. What it may ask for is bounded here, before anything is sent.
    pub fn from_json(bytes: &[u8]) -> Result<Self, FileError> {
        if bytes.len() > MAX_FILE {
            return Err(FileError::Refused(format!("the file is larger than {} MiB", MAX_FILE >> 20)));
        }
        let json: serde_json::Value =
            serde_json::from_slice(bytes).map_err(|error| FileError::Malformed(error.to_string()))?;
        let format = json.get("format").and_then(serde_json::Value::as_u64);
        let format = format.ok_or_else(|| FileError::Malformed("`format` is missing".to_owned()))?;
        if format > u64::from(FORMAT_VERSION) {
            return Err(FileError::Newer { found: format });
        }
        let case: Self = serde_path(json)?;
        case.check_bounds()?;
        Ok(case)
    }

    /// The file's text: pretty JSON with a newline at its end.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// The content address: what the case does, whatever the file is called.
    pub fn digest(&self) -> String {
        let bytes = serde_json::to_vec(self).unwrap_or_default();
        hex(&hmac_sha256::Hash::hash(&bytes)[..10])
    }

    /// Whether a case may be run: what reading its file checks.
    pub(crate) fn check_bounds(&self) -> Result<(), FileError> {
        let refused = |text: String| Err(FileError::Refused(text));
        if self.steps.len() > MAX_STEPS {
            return refused(format!("{} steps, and at most {MAX_STEPS} are run", self.steps.len()));
        }
        for (index, step) in self.steps.iter().enumerate() {
            let name = &step.name;
            if self.step_index(name) != Some(index) {
                return refused(format!("two steps are named `{name}`"));
            }
            if step.copies == 0 || step.copies > MAX_COPIES {
                return refused(format!(
                    "step `{name}` asks for {} copies, of 1 to {MAX_COPIES}",
                    step.copies
                ));
            }
            if step.source.is_some_and(|source| !source.is_loopback()) {
                return refused(format!("step `{name}` names a source address that is not a loopback one"));
            }
            match &step.act {
                Act::Request(send) if self.base(&send.base).is_none() => {
                    return refused(format!(
                        "step `{name}` begins from `{}`, which is not in `bases`",
                        send.base
                    ));
                }
                Act::Wait(wait) if wait.at_most > 600_000 => {
                    return refused(format!("step `{name}` waits for more than ten minutes"));
                }
                _ => {}
            }
        }
        for base in &self.bases {
            let request = &base.request;
            if !request.path.starts_with('/') || request.path.starts_with("//") {
                return refused(format!(
                    "`{}` is not a path below the target: a case names no host",
                    request.path
                ));
            }
            let names_host = request.headers.0.iter().any(|(name, _)| name.eq_ignore_ascii_case("host"));
            if names_host {
                return refused(format!(
                    "the baseline `{}` names a host: a case is sent to the target that replay is given",
                    base.name
                ));
            }
        }
        let mut worst = 0;
        self.each_value(&mut |value| worst = worst.max(expansion(value)));
        if worst > MAX_EXPANSION {
            return refused(format!("a value expands to more than {} MiB", MAX_EXPANSION >> 20));
        }
        Ok(())
    }
}

fn serde_path(json: serde_json::Value) -> Result<Case, FileError> {
    // A host is the field people would most like to add: say why there is none.
    for key in ["host", "target", "url", "server", "base_url"] {
        if json.get(key).is_some() {
            return Err(FileError::Refused(format!(
                "it has `{key}`: a case names no host; the target is given to replay with --target"
            )));
        }
    }
    serde_json::from_value(json).map_err(|error| FileError::Malformed(error.to_string()))
}

/// How many bytes a value becomes at most.
pub(crate) fn expansion(value: &Value) -> u64 {
    match value {
        Value::Null | Value::Bool(_) => 5,
        Value::Number(_) => 24,
        Value::Text(text) => text.len() as u64 + 2,
        Value::List(items) => items.iter().map(expansion).fold(2, u64::saturating_add),
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| expansion(value).saturating_add(key.len() as u64 + 4))
            .fold(2, u64::saturating_add),
        Value::Dynamic(leaf) => match &**leaf {
            Dynamic::Base64(bytes) => bytes.len() as u64,
            Dynamic::Concat(parts) => parts.iter().map(expansion).fold(0, u64::saturating_add),
            Dynamic::Repeat(repeat) => expansion(&repeat.value).saturating_mul(u64::from(repeat.times)),
            Dynamic::Nest(nest) => {
                let level = (nest.open.len() + nest.close.len()) as u64;
                level.saturating_mul(u64::from(nest.depth)).saturating_add(nest.inner.len() as u64)
            }
            Dynamic::Compress(compress) => expansion(&compress.value),
            Dynamic::Fresh(fresh) => u64::from(fresh.max.unwrap_or(64)),
            _ => 256,
        },
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::super::*;
    use super::FileError;

    fn case() -> Case {
        let mut case = Case::new("input-sqli-boolean", "GET /menu");
        case.place = "query:q".to_owned();
        let mut request = Request { method: "GET".into(), path: "/menu".into(), ..Request::default() };
        request.query.set("q", Value::text("soup"));
        case.bases.push(Base { name: "search".into(), operation: "GET /menu".into(), request });
        let edit = Edit::append(Place::Query("q".into()), "' AND '1'='1").labelled("true");
        case.steps.push(Step::send("baseline", Role::Control, "alice", "search", vec![]));
        case.steps.push(Step::send("true-1", Role::Attack, "alice", "search", vec![edit]));
        case
    }

    fn refused(change: impl FnOnce(&mut serde_json::Value)) -> FileError {
        let mut json = serde_json::to_value(case()).expect("writable");
        change(&mut json);
        Case::from_json(json.to_string().as_bytes()).expect_err("refused")
    }

    #[test]
    fn a_case_reads_back_as_it_was_written() {
        let text = case().to_json();
        assert_eq!(Case::from_json(text.as_bytes()).expect("readable"), case());
        insta::assert_snapshot!(text);
    }

    #[test]
    fn a_newer_format_is_named() {
        assert_eq!(refused(|json| json["format"] = 9.into()), FileError::Newer { found: 9 });
    }

    #[test]
    fn a_case_names_no_host() {
        assert!(refused(|json| json["host"] = "example.test".into()).to_string().contains("names no host"));
        let path = refused(|json| json["bases"][0]["request"]["path"] = "//example.test/".into());
        assert!(path.to_string().contains("names no host"), "{path}");
        let header =
            refused(|json| json["bases"][0]["request"]["headers"] = serde_json::json!({"Host": "a.test"}));
        assert!(header.to_string().contains("names a host"), "{header}");
    }

    #[test]
    fn what_a_case_asks_for_is_bounded() {
        let bomb = serde_json::json!({"$repeat": {"value": {"$repeat": {"value": "aaaaaaaa", "times": 4_000_000_000_u32}}, "times": 4_000_000_000_u32}});
        assert!(
            refused(|json| json["steps"][1]["act"]["request"]["edits"][0]["value"] = bomb)
                .to_string()
                .contains("expands")
        );
        assert!(refused(|json| json["steps"][1]["copies"] = 1_000_000.into()).to_string().contains("copies"));
        assert!(
            refused(|json| json["steps"][1]["name"] = "baseline".into()).to_string().contains("two steps")
        );
        assert!(
            refused(|json| json["steps"][1]["act"]["request"]["base"] = "none".into())
                .to_string()
                .contains("bases")
        );
        assert!(refused(|json| json["steps"][1]["command"] = "ls".into()).to_string().contains("command"));
    }
}
