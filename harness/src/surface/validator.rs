//! JSON Schema validation, compiled once and reused.

use std::cell::RefCell;
use std::collections::HashMap;

use jsonschema::{Draft, PatternOptions};
use serde_json::{Value as Json, json};

/// How often a pattern may backtrack before it counts as not matching: a pattern of a hostile document must
/// not cost more than about a millisecond a value.
const BACKTRACKS: usize = 20_000;
/// The compiled size of one pattern, in bytes.
const PATTERN_BYTES: usize = 1 << 20;
/// Compiled patterns that one thread keeps.
const KEPT_PATTERNS: usize = 1_024;

/// A compiled JSON Schema (2020-12). It never fetches anything: a remote `$ref` does not compile.
#[derive(Clone, Debug)]
pub struct Validator(jsonschema::Validator);

/// Why a value is not valid: the first reason found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// Where in the value, as a JSON pointer.
    pub pointer: String,
    /// The keyword that refuses it.
    pub keyword: String,
    /// In words.
    pub message: String,
}

impl Validator {
    /// Compiles a self-contained schema; `format` is an annotation.
    pub fn compile(schema: &Json) -> Result<Self, String> {
        Self::with_formats(schema, false)
    }

    /// Compiles a self-contained schema; known formats are checked too.
    pub fn compile_strict(schema: &Json) -> Result<Self, String> {
        Self::with_formats(schema, true)
    }

    fn with_formats(schema: &Json, formats: bool) -> Result<Self, String> {
        let patterns = PatternOptions::fancy_regex()
            .backtrack_limit(BACKTRACKS)
            .size_limit(PATTERN_BYTES)
            .dfa_size_limit(PATTERN_BYTES);
        jsonschema::options()
            .with_draft(Draft::Draft202012)
            .should_validate_formats(formats)
            .offline()
            .with_pattern_options(patterns)
            .build(schema)
            .map(Self)
            .map_err(|error| error.to_string())
    }

    /// Whether the value is valid.
    pub fn is_valid(&self, value: &Json) -> bool {
        self.0.is_valid(value)
    }

    /// The first reason why the value is not valid.
    pub fn check(&self, value: &Json) -> Result<(), Invalid> {
        self.0.validate(value).map_err(|error| Invalid {
            pointer: error.instance_path().to_string(),
            keyword: error.kind().keyword().to_owned(),
            message: error.to_string(),
        })
    }
}

thread_local! {
    static PATTERNS: RefCell<HashMap<String, Option<Validator>>> = RefCell::new(HashMap::new());
}

/// Whether the text matches a pattern of ECMA-262 as JSON Schema reads it; `None` when the pattern is not one.
pub fn pattern_matches(pattern: &str, text: &str) -> Option<bool> {
    PATTERNS.with_borrow_mut(|kept| {
        if !kept.contains_key(pattern) {
            if kept.len() >= KEPT_PATTERNS {
                kept.clear();
            }
            kept.insert(pattern.to_owned(), Validator::compile(&json!({"pattern": pattern})).ok());
        }
        let validator = kept.get(pattern)?.as_ref()?;
        Some(validator.is_valid(&Json::String(text.to_owned())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_reason_has_its_place() {
        let schema = json!({"properties": {"n": {"type": "integer"}}});
        let validator = Validator::compile(&schema).expect("compiles");
        let reason = validator.check(&json!({"n": "x"})).expect_err("invalid");
        assert_eq!((reason.pointer.as_str(), reason.keyword.as_str()), ("/n", "type"));
    }

    #[test]
    fn formats_are_annotations_unless_asked() {
        let schema = json!({"format": "uuid"});
        assert!(Validator::compile(&schema).expect("compiles").is_valid(&json!("x")));
        assert!(!Validator::compile_strict(&schema).expect("compiles").is_valid(&json!("x")));
    }

    #[test]
    fn nothing_is_fetched() {
        assert!(Validator::compile(&json!({"$ref": "https://schemas.example/a.json"})).is_err());
        assert!(Validator::compile(&json!({"$ref": "file:///etc/passwd"})).is_err());
    }

    #[test]
    fn catastrophic_patterns_end() {
        assert_eq!(pattern_matches("^(?=(a+)+$)x", &"a".repeat(60)), Some(false));
        assert_eq!(pattern_matches("(", ""), None);
    }
}
