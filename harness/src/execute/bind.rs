//! Binding: dynamic values become what they are in this execution.

use std::collections::BTreeMap;
use std::io::Write as _;

use rand::RngExt as _;

use super::session::Session;
use crate::case::{Case, Dynamic, Fresh, FreshKind, Ref, Value, tokens};
use crate::trace::{Exchange, Trace};

/// The bindings of one execution.
pub(super) struct Bindings<'a> {
    case: &'a Case,
    session: &'a Session,
    /// Canaries and fresh values by name.
    pub(super) names: BTreeMap<String, String>,
    /// How long the case has waited to ask again.
    pub(super) waited: std::time::Duration,
}

/// Why a value has no meaning in this execution.
pub(super) type Unbound = String;

impl<'a> Bindings<'a> {
    pub(super) fn new(case: &'a Case, session: &'a Session) -> Self {
        Self { case, session, names: BTreeMap::new(), waited: std::time::Duration::ZERO }
    }

    /// The value without dynamic leaves; bytes that are not text become a `Base64` leaf.
    pub(super) fn resolve(&mut self, value: &Value, trace: &Trace) -> Result<Value, Unbound> {
        match value {
            Value::List(items) if value.is_dynamic() => {
                Ok(Value::List(items.iter().map(|item| self.resolve(item, trace)).collect::<Result<_, _>>()?))
            }
            Value::Object(members) if value.is_dynamic() => {
                let members =
                    members.iter().map(|(key, value)| Ok((key.clone(), self.resolve(value, trace)?)));
                Ok(Value::Object(members.collect::<Result<_, Unbound>>()?))
            }
            Value::Dynamic(leaf) => self.resolve_leaf(leaf, trace),
            plain => Ok(plain.clone()),
        }
    }

    /// What a dynamic leaf is in this execution.
    pub(super) fn resolve_leaf(&mut self, leaf: &Dynamic, trace: &Trace) -> Result<Value, Unbound> {
        match leaf {
            Dynamic::Ref(reference) => self.reference(reference, trace),
            Dynamic::Fresh(fresh) if fresh.kind == FreshKind::Integer => {
                let digits = self.fresh(fresh);
                Ok(digits.parse::<u64>().map_or(Value::Text(digits), |n| Value::Number(n.into())))
            }
            _ => Ok(as_value(self.leaf(leaf, trace)?)),
        }
    }

    /// The value as the bytes of one piece of text.
    pub(super) fn bytes(&mut self, value: &Value, trace: &Trace) -> Result<Vec<u8>, Unbound> {
        Ok(match value {
            Value::Null => b"null".to_vec(),
            Value::Bool(flag) => flag.to_string().into_bytes(),
            Value::Number(number) => number.to_string().into_bytes(),
            Value::Text(text) => text.clone().into_bytes(),
            Value::List(_) | Value::Object(_) => super::json::json(&self.resolve(value, trace)?),
            Value::Dynamic(leaf) => self.leaf(leaf, trace)?,
        })
    }

    fn leaf(&mut self, leaf: &Dynamic, trace: &Trace) -> Result<Vec<u8>, Unbound> {
        Ok(match leaf {
            Dynamic::Base64(bytes) => bytes.clone(),
            Dynamic::Ref(reference) => {
                let value = self.reference(reference, trace)?;
                self.bytes(&value, trace)?
            }
            Dynamic::Credential(credential) => {
                let part = self.session.wallet().part(&credential.identity, &credential.part);
                part.ok_or_else(|| format!("{} has no {}", credential.identity, credential.part))?
                    .into_bytes()
            }
            Dynamic::Fresh(fresh) => self.fresh(fresh).into_bytes(),
            Dynamic::Canary(name) => self.canary(name).into_bytes(),
            Dynamic::OutOfBand(_) => return Err("this run has no out-of-band listener".to_owned()),
            Dynamic::Concat(parts) => {
                let mut all = Vec::new();
                for part in parts {
                    all.extend(self.bytes(part, trace)?);
                }
                all
            }
            Dynamic::Repeat(repeat) => self.bytes(&repeat.value, trace)?.repeat(repeat.times as usize),
            Dynamic::Nest(nest) => {
                let mut all = nest.open.repeat(nest.depth as usize);
                all.push_str(&nest.inner);
                all.push_str(&nest.close.repeat(nest.depth as usize));
                all.into_bytes()
            }
            Dynamic::Compress(compress) => {
                let plain = self.bytes(&compress.value, trace)?;
                deflate(&compress.method, &plain)?
            }
            Dynamic::Literal(json) => json.to_string().into_bytes(),
        })
    }

    fn canary(&mut self, name: &str) -> String {
        let session = self.session;
        self.names.entry(name.to_owned()).or_insert_with(|| session.marked(20)).clone()
    }

    fn fresh(&mut self, fresh: &Fresh) -> String {
        let session = self.session;
        self.names.entry(fresh.name.clone()).or_insert_with(|| make(fresh, session)).clone()
    }

    fn reference(&self, reference: &Ref, trace: &Trace) -> Result<Value, Unbound> {
        let Ref { step, take } = reference;
        let missing = |what: &str| format!("step `{step}` gave no {what}");
        let exchange = trace.of(self.case, step).ok_or_else(|| missing("answer"))?;
        if let Some(header) = take.strip_prefix("header:") {
            let (name, last) = match header.strip_suffix("/last") {
                Some(name) => (name, true),
                None => (header, false),
            };
            let text =
                exchange.headers().and_then(|headers| headers.text(name)).ok_or_else(|| missing(name))?;
            let text = if last { last_segment(text) } else { text };
            return Ok(Value::text(text));
        }
        from_body(exchange, take).ok_or_else(|| missing(take))
    }
}

/// The node at a pointer, where `*` is the first item that has the rest.
fn from_body(exchange: &Exchange, pointer: &str) -> Option<Value> {
    fn walk<'j>(json: &'j serde_json::Value, tokens: &[String]) -> Option<&'j serde_json::Value> {
        let Some((first, rest)) = tokens.split_first() else { return Some(json) };
        match json {
            serde_json::Value::Array(items) if first == "*" => items.iter().find_map(|item| walk(item, rest)),
            serde_json::Value::Array(items) => walk(items.get(first.parse::<usize>().ok()?)?, rest),
            serde_json::Value::Object(members) => walk(members.get(first)?, rest),
            _ => None,
        }
    }
    let found = walk(exchange.json()?, &tokens(pointer)?)?;
    (!found.is_null()).then(|| Value::from(found.clone()))
}

fn last_segment(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    path.rsplit('/').next().unwrap_or_default()
}

fn as_value(bytes: Vec<u8>) -> Value {
    match String::from_utf8(bytes) {
        Ok(text) => Value::Text(text),
        Err(error) => Value::dynamic(Dynamic::Base64(error.into_bytes())),
    }
}

const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
const LETTERS_AND_DIGITS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";

fn make(fresh: &Fresh, session: &Session) -> String {
    let max = fresh.max.unwrap_or(64).max(1) as usize;
    let min = (fresh.min.unwrap_or(0) as usize).min(max);
    let mut text = match fresh.kind {
        FreshKind::Text if max >= 16 => session.marked(max.min(24)),
        FreshKind::Text | FreshKind::Word => {
            let mut text = session.random_text(LETTERS, 1);
            text.push_str(&session.random_text(LETTERS_AND_DIGITS, max.min(12) - 1));
            text
        }
        FreshKind::Alphanumeric => {
            session.random_text(LETTERS_AND_DIGITS, min.max(fresh.max.map_or(12, |_| max)))
        }
        FreshKind::Email => format!("{}@ph.example", session.marked(24)),
        FreshKind::Integer => session.rng().random_range(1_000_000..1_000_000_000_u64).to_string(),
        FreshKind::Uuid => uuid(session.rng().random()),
        FreshKind::Password => {
            format!("Aa1!{}", session.random_text(LETTERS_AND_DIGITS, max.clamp(12, 24) - 4))
        }
    };
    while text.len() < min {
        text.push_str(&session.random_text(LETTERS_AND_DIGITS, 1));
    }
    text
}

/// A UUID, version 4 (RFC 9562 section 5.4).
fn uuid(random: u128) -> String {
    let bits = (random & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{bits:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(feature = "http")]
fn deflate(method: &str, plain: &[u8]) -> Result<Vec<u8>, Unbound> {
    use flate2::Compression;
    let done = match method {
        "gzip" => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(plain).and_then(|()| encoder.finish())
        }
        "deflate" => {
            let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(plain).and_then(|()| encoder.finish())
        }
        _ => return Err(format!("`{method}` is not a compression")),
    };
    done.map_err(|error| error.to_string())
}

#[cfg(not(feature = "http"))]
fn deflate(_method: &str, _plain: &[u8]) -> Result<Vec<u8>, Unbound> {
    let _ = std::io::sink().flush();
    Err("this build cannot compress".to_owned())
}
