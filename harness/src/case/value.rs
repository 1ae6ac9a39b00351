//! Values: what a request is made of.
//!
//! A value is a JSON tree whose leaves may be *dynamic*: bound at each execution, never written to a file.
//! In a case file a dynamic value is an object with one key that starts with `$`; see `corpora/FORMAT.md`.

use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Number, Value as Json};
use std::borrow::Cow;

/// A JSON tree with dynamic leaves. Objects keep their order.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// JSON `null`.
    Null,
    /// JSON `true` or `false`.
    Bool(bool),
    /// A JSON number, in the digits it was written with.
    Number(Number),
    /// Text.
    Text(String),
    /// A JSON array.
    List(Vec<Value>),
    /// A JSON object, in order.
    Object(Vec<(String, Value)>),
    /// Bound at each execution.
    Dynamic(Box<Dynamic>),
}

/// A value that is bound when a case is executed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Dynamic {
    /// Bytes that are not text.
    #[serde(rename = "$base64", with = "base64_text")]
    Base64(Vec<u8>),
    /// A part of an earlier step's answer.
    #[serde(rename = "$ref")]
    Ref(Ref),
    /// A part of an identity's credential; the file never holds it.
    #[serde(rename = "$credential")]
    Credential(CredentialRef),
    /// New and valid at each execution; the same name is the same value within one execution.
    #[serde(rename = "$fresh")]
    Fresh(Fresh),
    /// Random text that is searched for in answers; the same name is the same text within one execution.
    #[serde(rename = "$canary")]
    Canary(String),
    /// An address of the out-of-band listener that carries this name.
    #[serde(rename = "$out-of-band")]
    OutOfBand(String),
    /// The parts one after the other, as text.
    #[serde(rename = "$concat")]
    Concat(Vec<Value>),
    /// One value many times over.
    #[serde(rename = "$repeat")]
    Repeat(Repeat),
    /// Text nested in itself: `open` × depth, `inner`, `close` × depth.
    #[serde(rename = "$nest")]
    Nest(Nest),
    /// A value compressed.
    #[serde(rename = "$compress")]
    Compress(Compress),
    /// An object that is meant literally although one of its keys starts with `$`.
    #[serde(rename = "$literal")]
    Literal(Json),
}

/// Which part of which earlier answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ref {
    /// The name of the step.
    pub step: String,
    /// `/json/pointer` into the body, `header:NAME`, or `header:NAME/last` for the last segment of a URL.
    pub take: String,
}

/// Which part of which identity's credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CredentialRef {
    /// The identity's name.
    pub identity: String,
    /// `secret` (token, key or password), `username`, or `sample:NAME` for a configured sample.
    pub part: String,
}

/// What kind of fresh value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FreshKind {
    /// Free text that carries the run's marker.
    #[default]
    Text,
    /// Lower-case letters and digits, beginning with a letter.
    Word,
    /// A mail address in a reserved domain (RFC 2606).
    Email,
    /// A positive integer.
    Integer,
    /// A UUID, version 4.
    Uuid,
    /// A password of mixed classes.
    Password,
    /// As many random characters of the same classes as `like` has: the placebo of a payload.
    Alphanumeric,
}

/// A value that is new at each execution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fresh {
    /// Its name within the case.
    pub name: String,
    /// Its kind.
    #[serde(default, rename = "as", skip_serializing_if = "is_default")]
    pub kind: FreshKind,
    /// Its length in characters, at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
    /// Its length in characters, at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<u32>,
}

/// One value many times over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    /// What is repeated.
    pub value: Value,
    /// How often.
    pub times: u32,
}

/// Text nested in itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nest {
    /// Text of one level's beginning.
    pub open: String,
    /// The innermost text.
    #[serde(default)]
    pub inner: String,
    /// Text of one level's end.
    #[serde(default)]
    pub close: String,
    /// How many levels.
    pub depth: u32,
}

/// A value compressed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compress {
    /// `gzip` or `deflate`.
    pub method: String,
    /// What is compressed.
    pub value: Value,
}

impl Value {
    /// Text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A dynamic leaf.
    pub fn dynamic(leaf: Dynamic) -> Self {
        Self::Dynamic(Box::new(leaf))
    }

    /// A canary by name.
    pub fn canary(name: impl Into<String>) -> Self {
        Self::dynamic(Dynamic::Canary(name.into()))
    }

    /// A fresh value by name and kind.
    pub fn fresh(name: impl Into<String>, kind: FreshKind) -> Self {
        Self::dynamic(Dynamic::Fresh(Fresh { name: name.into(), kind, max: None, min: None }))
    }

    /// A part of an earlier answer.
    pub fn reference(step: impl Into<String>, take: impl Into<String>) -> Self {
        Self::dynamic(Dynamic::Ref(Ref { step: step.into(), take: take.into() }))
    }

    /// The parts one after the other.
    pub fn concat(parts: impl IntoIterator<Item = Value>) -> Self {
        Self::dynamic(Dynamic::Concat(parts.into_iter().collect()))
    }

    /// The text, if the value is plain text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Looks a JSON pointer up (RFC 6901); dynamic leaves have no inside.
    pub fn pointer(&self, pointer: &str) -> Option<&Self> {
        steps(pointer)?.try_fold(self, |at, token| match at {
            Self::Object(members) => members.iter().find(|(key, _)| *key == token).map(|(_, value)| value),
            Self::List(items) => items.get(token.parse::<usize>().ok()?),
            _ => None,
        })
    }

    /// Looks a JSON pointer up to change what is there.
    pub fn pointer_mut(&mut self, pointer: &str) -> Option<&mut Self> {
        steps(pointer)?.try_fold(self, |at, token| match at {
            Self::Object(members) => {
                members.iter_mut().find(|(key, _)| *key == token).map(|(_, value)| value)
            }
            Self::List(items) => items.get_mut(token.parse::<usize>().ok()?),
            _ => None,
        })
    }

    /// Calls `visit` for every dynamic leaf, those inside others included.
    pub fn each_dynamic<'a>(&'a self, visit: &mut dyn FnMut(&'a Dynamic)) {
        match self {
            Self::List(items) => items.iter().for_each(|item| item.each_dynamic(visit)),
            Self::Object(members) => members.iter().for_each(|(_, value)| value.each_dynamic(visit)),
            Self::Dynamic(leaf) => {
                visit(leaf);
                match &**leaf {
                    Dynamic::Concat(parts) => parts.iter().for_each(|part| part.each_dynamic(visit)),
                    Dynamic::Repeat(repeat) => repeat.value.each_dynamic(visit),
                    Dynamic::Compress(compress) => compress.value.each_dynamic(visit),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// Whether any leaf is dynamic.
    pub fn is_dynamic(&self) -> bool {
        match self {
            Self::List(items) => items.iter().any(Self::is_dynamic),
            Self::Object(members) => members.iter().any(|(_, value)| value.is_dynamic()),
            Self::Dynamic(_) => true,
            _ => false,
        }
    }
}

/// Splits a JSON pointer into its unescaped tokens; `None` when it is not one.
pub fn tokens(pointer: &str) -> Option<Vec<String>> {
    Some(steps(pointer)?.map(Cow::into_owned).collect())
}

/// The same one by one; what needs no unescaping is not copied.
fn steps(pointer: &str) -> Option<impl Iterator<Item = Cow<'_, str>>> {
    let rest = if pointer.is_empty() { None } else { Some(pointer.strip_prefix('/')?) };
    Some(rest.into_iter().flat_map(|rest| rest.split('/')).map(|token| {
        if token.contains('~') {
            Cow::Owned(token.replace("~1", "/").replace("~0", "~"))
        } else {
            Cow::Borrowed(token)
        }
    }))
}

/// One token of a JSON pointer, escaped.
pub fn escape_token(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

impl From<Json> for Value {
    /// Takes plain JSON as it is: nothing in it is read as dynamic.
    fn from(json: Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(flag) => Self::Bool(flag),
            Json::Number(number) => Self::Number(number),
            Json::String(text) => Self::Text(text),
            Json::Array(items) => Self::List(items.into_iter().map(Self::from).collect()),
            Json::Object(members) => {
                Self::Object(members.into_iter().map(|(key, value)| (key, Self::from(value))).collect())
            }
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::{SerializeMap as _, SerializeSeq as _};
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(flag) => serializer.serialize_bool(*flag),
            Self::Number(number) => number.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => {
                let mut seq = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    seq.serialize_element(item)?;
                }
                seq.end()
            }
            Self::Object(members) if reads_as_dynamic(members) => {
                let mut map = serializer.serialize_map(Some(1))?;
                // Below a literal nothing is read as dynamic, so nothing may be written as such.
                map.serialize_entry("$literal", &plain(self))?;
                map.end()
            }
            Self::Object(members) => Members(members).serialize(serializer),
            Self::Dynamic(leaf) => leaf.serialize(serializer),
        }
    }
}

/// A plain object of one key that starts with `$` would be read back as dynamic.
fn reads_as_dynamic(members: &[(String, Value)]) -> bool {
    members.len() == 1 && members[0].0.starts_with('$')
}

/// The value as plain JSON; dynamic leaves have none.
fn plain(value: &Value) -> Json {
    match value {
        Value::Null | Value::Dynamic(_) => Json::Null,
        Value::Bool(flag) => Json::Bool(*flag),
        Value::Number(number) => Json::Number(number.clone()),
        Value::Text(text) => Json::String(text.clone()),
        Value::List(items) => Json::Array(items.iter().map(plain).collect()),
        Value::Object(members) => members.iter().map(|(key, value)| (key.clone(), plain(value))).collect(),
    }
}

struct Members<'a>(&'a [(String, Value)]);

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_file(Json::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// Reads JSON from a case file, where `{"$name": …}` is dynamic.
fn from_file(json: Json) -> Result<Value, String> {
    match json {
        Json::Array(items) => Ok(Value::List(items.into_iter().map(from_file).collect::<Result<_, _>>()?)),
        Json::Object(members) => object_from_file(members),
        plain => Ok(Value::from(plain)),
    }
}

fn object_from_file(members: Map<String, Json>) -> Result<Value, String> {
    let dynamic = members.len() == 1 && members.keys().all(|key| key.starts_with('$'));
    if dynamic {
        let name = members.keys().next().cloned().unwrap_or_default();
        return match serde_json::from_value(Json::Object(members)) {
            Ok(Dynamic::Literal(json)) => Ok(Value::from(json)),
            Ok(leaf) => Ok(Value::dynamic(leaf)),
            Err(error) => Err(format!("{name}: {error}")),
        };
    }
    let members = members.into_iter().map(|(key, value)| Ok((key, from_file(value)?)));
    Ok(Value::Object(members.collect::<Result<_, String>>()?))
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

mod base64_text {
    use base64::Engine as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    use super::BASE64;

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        BASE64.decode(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(value: &Value) -> String {
        let text = serde_json::to_string(value).expect("a value is always writable");
        assert_eq!(&serde_json::from_str::<Value>(&text).expect("readable"), value, "{text}");
        text
    }

    #[test]
    fn plain_json_stays_plain() {
        let value = Value::from(serde_json::json!({"a": [1, "two", null, {"b": true}]}));
        assert_eq!(round_trip(&value), r#"{"a":[1,"two",null,{"b":true}]}"#);
    }

    #[test]
    fn dynamic_leaves_are_objects_with_one_dollar_key() {
        assert_eq!(round_trip(&Value::canary("c")), r#"{"$canary":"c"}"#);
        assert_eq!(
            round_trip(&Value::reference("create", "/id")),
            r#"{"$ref":{"step":"create","take":"/id"}}"#
        );
        assert_eq!(
            round_trip(&Value::fresh("mail", FreshKind::Email)),
            r#"{"$fresh":{"name":"mail","as":"email"}}"#
        );
        assert_eq!(round_trip(&Value::dynamic(Dynamic::Base64(vec![0, 255]))), r#"{"$base64":"AP8="}"#);
        round_trip(&Value::concat([Value::text("a"), Value::canary("c")]));
    }

    #[test]
    fn a_document_that_looks_dynamic_is_written_as_a_literal() {
        let value = Value::from(serde_json::json!({"$canary": "not ours"}));
        assert_eq!(round_trip(&value), r#"{"$literal":{"$canary":"not ours"}}"#);
        round_trip(&Value::from(serde_json::json!({"$sort": {"$ref": [{"$now": 1}]}})));
    }

    #[test]
    fn an_unknown_dynamic_name_is_an_error() {
        let error = serde_json::from_str::<Value>(r#"{"$run": "ls"}"#).expect_err("unknown");
        assert!(error.to_string().contains("$run"), "{error}");
    }

    #[test]
    fn pointers_reach_into_objects_and_lists() {
        let mut value = Value::from(serde_json::json!({"a/b": [{"c~d": 1}]}));
        assert_eq!(value.pointer("/a~1b/0/c~0d"), Some(&Value::Number(1.into())));
        *value.pointer_mut("/a~1b/0").expect("there") = Value::Null;
        assert_eq!(value.pointer("/a~1b/0"), Some(&Value::Null));
        assert_eq!(value.pointer("/missing"), None);
    }
}
