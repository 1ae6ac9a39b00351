//! From a baseline, edits and bindings to the bytes of a request.

use std::io::Write as _;

use bytes::Bytes;

use super::bind::{Bindings, Unbound};
use super::session::Session;
use crate::case::{
    ANONYMOUS, Case, Content, Dynamic, Edit, Pairs, Part, Place, Request, Send, Value, tokens,
};
use crate::message::Outgoing;
use crate::surface::Location;
use crate::trace::{Sent, Trace};

/// What may stand unescaped in a path segment (RFC 3986 section 3.3).
pub(crate) const SEGMENT: &[u8] = b"-._~!$&'()*+,;=:@";
/// What may stand unescaped in a query value, less what forms give a meaning.
pub(crate) const QUERY: &[u8] = b"-._~!$'()*,;:@/?";
/// What may stand unescaped in a form.
pub(crate) const FORM: &[u8] = b"-._*";

/// By far the most frequent media type.
const JSON: &str = "application/json";

/// Builds the request of a step.
pub(super) fn build(
    case: &Case,
    send: &Send,
    identity: &str,
    session: &Session,
    bindings: &mut Bindings<'_>,
    trace: &Trace,
) -> Result<Sent, Unbound> {
    let base = case.base(&send.base).ok_or_else(|| format!("there is no baseline `{}`", send.base))?;
    let mut draft = Draft { request: base.request.clone(), credential: Authority::Genuine, late: Vec::new() };
    let mut payloads = Vec::new();
    for edit in &send.edits {
        if let Some(value) = edit.value() {
            payloads.push((edit.place().clone(), bindings.bytes(value, trace)?));
        }
        draft.apply(edit, bindings, trace)?;
    }
    let request = draft.write(identity, session, bindings, trace, &mut payloads)?;
    Ok(Sent { request, payloads })
}

/// Whose authority a request claims.
enum Authority<'a> {
    Genuine,
    None,
    Text(Vec<u8>),
    Forged(&'a crate::case::Forgery),
}

struct Draft<'a> {
    request: Request,
    credential: Authority<'a>,
    /// Edits of the written target or body.
    late: Vec<&'a Edit>,
}

impl<'a> Draft<'a> {
    fn apply(&mut self, edit: &'a Edit, bindings: &mut Bindings<'_>, trace: &Trace) -> Result<(), Unbound> {
        if let Edit::ForgeToken { forgery, .. } = edit {
            self.credential = Authority::Forged(forgery);
            return Ok(());
        }
        match edit.place() {
            Place::Target | Place::Body => self.late.push(edit),
            Place::Method => {
                let old = Value::text(std::mem::take(&mut self.request.method));
                let new = changed(Some(&old), edit, bindings, trace)?;
                self.request.method = new.map(|v| text_of(&v)).unwrap_or_default();
            }
            Place::Credential => {
                self.credential = match edit {
                    Edit::Remove { .. } => Authority::None,
                    Edit::Set { value, .. } => Authority::Text(bindings.bytes(value, trace)?),
                    _ => return Err("a credential can be set, removed or forged".to_owned()),
                };
            }
            Place::MediaType => {
                let old = self.request.body.as_ref().map(|body| Value::text(body.media_type.clone()));
                let new = changed(old.as_ref(), edit, bindings, trace)?;
                // A body without a media type is told apart from an empty one by the absent header.
                if let Some(body) = &mut self.request.body {
                    body.media_type = new.map(|v| text_of(&v)).unwrap_or_default();
                }
            }
            Place::Path(name) => pair(&mut self.request.path_params, name, edit, bindings, trace)?,
            Place::Query(name) => pair(&mut self.request.query, name, edit, bindings, trace)?,
            Place::Header(name) => pair(&mut self.request.headers, name, edit, bindings, trace)?,
            Place::Cookie(name) => pair(&mut self.request.cookies, name, edit, bindings, trace)?,
            Place::Node(pointer) => self.node(pointer, edit, bindings, trace)?,
        }
        Ok(())
    }

    fn node(
        &mut self,
        pointer: &str,
        edit: &Edit,
        bindings: &mut Bindings<'_>,
        trace: &Trace,
    ) -> Result<(), Unbound> {
        let Some(body) = &mut self.request.body else { return Err("there is no body to edit".to_owned()) };
        let name = || tokens(pointer).and_then(|t| t.into_iter().next()).unwrap_or_default();
        match &mut body.content {
            Content::Json(root) => json_node(root, pointer, edit, bindings, trace),
            Content::Form(pairs) => pair(pairs, &name(), edit, bindings, trace),
            Content::Multipart(parts) => part(parts, &name(), edit, bindings, trace),
            Content::Text(value) => {
                *value = changed(Some(value), edit, bindings, trace)?.unwrap_or(Value::Text(String::new()));
                Ok(())
            }
        }
    }

    fn write(
        mut self,
        identity: &str,
        session: &Session,
        bindings: &mut Bindings<'_>,
        trace: &Trace,
        payloads: &mut Vec<(Place, Vec<u8>)>,
    ) -> Result<Outgoing, Unbound> {
        self.attach(identity, session, bindings, trace, payloads)?;
        let request = &self.request;
        let mut target = path(session.base_path(), request, bindings, trace)?;
        let mut mark = b'?';
        for (name, value) in each(&request.query) {
            target.push(mark);
            mark = b'&';
            target.extend(percent(name.as_bytes(), QUERY).as_bytes());
            target.push(b'=');
            target.extend(percent(&bindings.bytes(value, trace)?, QUERY).as_bytes());
        }
        let (mut body, media_type) = body(request, bindings, trace)?;
        for edit in &self.late {
            let place = if edit.place() == &Place::Target { &mut target } else { &mut body };
            late(place, edit, bindings, trace)?;
        }
        let headers = self.headers(session, &body, &media_type, bindings, trace)?;
        let method = Bytes::from(self.request.method.into_bytes());
        Ok(Outgoing { method, target, headers, body: Bytes::from(body) })
    }

    /// Puts the identity's credential, or what an edit made of it, where it belongs.
    fn attach(
        &mut self,
        identity: &str,
        session: &Session,
        bindings: &mut Bindings<'_>,
        trace: &Trace,
        payloads: &mut Vec<(Place, Vec<u8>)>,
    ) -> Result<(), Unbound> {
        let _ = (&bindings, trace);
        if identity == ANONYMOUS || matches!(self.credential, Authority::None) {
            return Ok(());
        }
        let credential = session
            .wallet()
            .credential(identity)
            .ok_or_else(|| format!("the identity `{identity}` has no credential"))?;
        for (send, text) in &credential.also {
            let text = secrecy::ExposeSecret::expose_secret(text);
            self.put(send.location, &send.name, Value::Text(send.template.replace("{}", text)));
        }
        let secret = secrecy::ExposeSecret::expose_secret(&credential.secret);
        let (location, name, value) = match &self.credential {
            Authority::Genuine | Authority::None => credential.render(secret),
            Authority::Text(text) => credential.render(&String::from_utf8_lossy(text)),
            Authority::Forged(forgery) => {
                let forged = super::forge::forge(secret, forgery, session)?;
                session.wallet().vault().register("forged-token", &forged);
                payloads.push((Place::Credential, forged.clone().into_bytes()));
                credential.render(&forged)
            }
        };
        self.put(location, &name, Value::Text(value));
        Ok(())
    }

    fn put(&mut self, location: Location, name: &str, value: Value) {
        match location {
            Location::Query => self.request.query.set(name, value),
            Location::Cookie => self.request.cookies.set(name, value),
            Location::Header | Location::Path => {
                // A header that an edit set wins over the credential.
                let set = self.request.headers.0.iter().any(|(key, _)| key.eq_ignore_ascii_case(name));
                if !set {
                    self.request.headers.0.insert(0, (name.to_owned(), value));
                }
            }
        }
    }

    fn headers(
        &self,
        session: &Session,
        body: &[u8],
        media_type: &str,
        bindings: &mut Bindings<'_>,
        trace: &Trace,
    ) -> Result<Vec<(Bytes, Bytes)>, Unbound> {
        let own = &self.request.headers;
        let has = |name: &[u8]| own.0.iter().any(|(key, _)| key.as_bytes().eq_ignore_ascii_case(name));
        let common = session.headers();
        let mut headers: Vec<(Bytes, Bytes)> = Vec::with_capacity(common.len() + own.0.len() + 3);
        headers.extend(common.iter().filter(|(name, _)| !has(name)).cloned());
        if !media_type.is_empty() && !has(b"Content-Type") {
            let media_type = match media_type {
                JSON => Bytes::from_static(JSON.as_bytes()),
                other => Bytes::copy_from_slice(other.as_bytes()),
            };
            headers.push((Bytes::from_static(b"Content-Type"), media_type));
        }
        let takes_body = matches!(self.request.method.as_str(), "POST" | "PUT" | "PATCH");
        if (!body.is_empty() || takes_body) && !has(b"Content-Length") {
            headers.push((Bytes::from_static(b"Content-Length"), Bytes::from(body.len().to_string())));
        }
        for (name, value) in each(own) {
            headers.push((Bytes::from(name.clone()), Bytes::from(bindings.bytes(value, trace)?)));
        }
        if !self.request.cookies.is_empty() {
            let mut line = Vec::new();
            for (name, value) in each(&self.request.cookies) {
                if !line.is_empty() {
                    line.extend(b"; ");
                }
                line.extend(name.as_bytes());
                line.push(b'=');
                line.extend(bindings.bytes(value, trace)?);
            }
            headers.push((Bytes::from_static(b"Cookie"), Bytes::from(line)));
        }
        Ok(headers)
    }
}

/// What an edit makes of one value; `None` takes it away.
fn changed(
    old: Option<&Value>,
    edit: &Edit,
    bindings: &mut Bindings<'_>,
    trace: &Trace,
) -> Result<Option<Value>, Unbound> {
    let mut old_bytes = || old.map_or(Ok(Vec::new()), |old| bindings.bytes(old, trace));
    Ok(Some(match edit {
        Edit::Remove { .. } => return Ok(None),
        Edit::Set { value, .. } | Edit::Duplicate { value, .. } => value.clone(),
        Edit::Append { value, .. } => {
            let mut text = old_bytes()?;
            text.extend(bindings.bytes(value, trace)?);
            bytes_value(text)
        }
        Edit::Insert { value, .. } => {
            let tail = old_bytes()?;
            let mut text = bindings.bytes(value, trace)?;
            text.extend(tail);
            bytes_value(text)
        }
        Edit::Splice { offset, delete, value, .. } => {
            let mut text = old_bytes()?;
            splice(&mut text, *offset, *delete, bindings.bytes(value, trace)?);
            bytes_value(text)
        }
        Edit::ForgeToken { .. } => return Err("only a credential is forged".to_owned()),
    }))
}

fn bytes_value(bytes: Vec<u8>) -> Value {
    match String::from_utf8(bytes) {
        Ok(text) => Value::Text(text),
        Err(error) => Value::dynamic(Dynamic::Base64(error.into_bytes())),
    }
}

fn splice(text: &mut Vec<u8>, offset: u32, delete: u32, value: Vec<u8>) {
    let from = (offset as usize).min(text.len());
    let to = from.saturating_add(delete as usize).min(text.len());
    text.splice(from..to, value);
}

fn late(text: &mut Vec<u8>, edit: &Edit, bindings: &mut Bindings<'_>, trace: &Trace) -> Result<(), Unbound> {
    let value = match edit.value() {
        Some(value) => bindings.bytes(value, trace)?,
        None => Vec::new(),
    };
    match edit {
        Edit::Remove { .. } => text.clear(),
        Edit::Set { .. } => *text = value,
        Edit::Append { .. } | Edit::Duplicate { .. } => text.extend(value),
        Edit::Insert { .. } => splice(text, 0, 0, value),
        Edit::Splice { offset, delete, .. } => splice(text, *offset, *delete, value),
        Edit::ForgeToken { .. } => {}
    }
    Ok(())
}

fn pair(
    pairs: &mut Pairs,
    name: &str,
    edit: &Edit,
    bindings: &mut Bindings<'_>,
    trace: &Trace,
) -> Result<(), Unbound> {
    if let Edit::Duplicate { value, .. } = edit {
        let at = pairs.0.iter().position(|(key, _)| key == name).map_or(pairs.0.len(), |at| at + 1);
        pairs.0.insert(at, (name.to_owned(), value.clone()));
        return Ok(());
    }
    match changed(pairs.get(name), edit, bindings, trace)? {
        Some(value) => pairs.set(name, value),
        None => pairs.remove(name),
    }
    Ok(())
}

fn part(
    parts: &mut Vec<Part>,
    name: &str,
    edit: &Edit,
    bindings: &mut Bindings<'_>,
    trace: &Trace,
) -> Result<(), Unbound> {
    let at = parts.iter().position(|part| part.name == name);
    let new = changed(at.map(|at| &parts[at].value), edit, bindings, trace)?;
    match (at, new) {
        (Some(at), Some(value)) if matches!(edit, Edit::Duplicate { .. }) => {
            let again = Part { value, ..parts[at].clone() };
            parts.insert(at + 1, again);
        }
        (Some(at), Some(value)) => parts[at].value = value,
        (Some(at), None) => {
            parts.remove(at);
        }
        (None, Some(value)) => {
            parts.push(Part { name: name.to_owned(), filename: None, media_type: None, value });
        }
        (None, None) => {}
    }
    Ok(())
}

fn json_node(
    root: &mut Value,
    pointer: &str,
    edit: &Edit,
    bindings: &mut Bindings<'_>,
    trace: &Trace,
) -> Result<(), Unbound> {
    let new = changed(root.pointer(pointer), edit, bindings, trace)?;
    if pointer.is_empty() {
        *root = new.unwrap_or(Value::Null);
        return Ok(());
    }
    let (parent, last) = pointer.rsplit_once('/').unwrap_or_default();
    let last = last.replace("~1", "/").replace("~0", "~");
    let missing = || format!("the body has nothing at `{parent}`");
    match root.pointer_mut(parent).ok_or_else(missing)? {
        Value::Object(members) => {
            let at = members.iter().position(|(key, _)| *key == last);
            match (at, new) {
                (Some(at), Some(value)) if matches!(edit, Edit::Duplicate { .. }) => {
                    members.insert(at + 1, (last, value));
                }
                (Some(at), Some(value)) => members[at].1 = value,
                (None, Some(value)) => members.push((last, value)),
                (Some(at), None) => {
                    members.remove(at);
                }
                (None, None) => {}
            }
            Ok(())
        }
        Value::List(items) => {
            let at = last.parse::<usize>().unwrap_or(items.len());
            match new {
                Some(value) if at < items.len() && !matches!(edit, Edit::Duplicate { .. }) => {
                    items[at] = value;
                }
                Some(value) => items.insert((at + 1).min(items.len()), value),
                None if at < items.len() => {
                    items.remove(at);
                }
                None => {}
            }
            Ok(())
        }
        _ => Err(missing()),
    }
}

fn path(
    base: &str,
    request: &Request,
    bindings: &mut Bindings<'_>,
    trace: &Trace,
) -> Result<Vec<u8>, Unbound> {
    let mut target = base.as_bytes().to_vec();
    let mut rest = request.path.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        target.extend(before.as_bytes());
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        match request.path_params.get(name) {
            Some(value) => target.extend(percent(&bindings.bytes(value, trace)?, SEGMENT).as_bytes()),
            None => return Err(format!("the path parameter `{name}` has no value")),
        }
        rest = after;
    }
    target.extend(rest.as_bytes());
    Ok(target)
}

const BOUNDARY: &str = "----proofhouse-7b1f0c2d";

fn body(request: &Request, bindings: &mut Bindings<'_>, trace: &Trace) -> Result<(Vec<u8>, String), Unbound> {
    let Some(body) = &request.body else { return Ok((Vec::new(), String::new())) };
    let mut media_type = body.media_type.clone();
    let bytes = match &body.content {
        Content::Json(value) => bound_json(value, bindings, trace)?,
        Content::Text(value) => bindings.bytes(value, trace)?,
        Content::Form(pairs) => {
            let mut text = Vec::new();
            for (name, value) in each(pairs) {
                if !text.is_empty() {
                    text.push(b'&');
                }
                text.extend(percent(name.as_bytes(), FORM).as_bytes());
                text.push(b'=');
                text.extend(percent(&bindings.bytes(value, trace)?, FORM).as_bytes());
            }
            text
        }
        Content::Multipart(parts) => {
            if media_type.eq_ignore_ascii_case("multipart/form-data") {
                media_type = format!("{media_type}; boundary={BOUNDARY}");
            }
            let mut text = Vec::new();
            for part in parts {
                text.extend(
                    format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{}\"", part.name).bytes(),
                );
                if let Some(filename) = &part.filename {
                    text.extend(format!("; filename=\"{filename}\"").bytes());
                }
                if let Some(media_type) = &part.media_type {
                    text.extend(format!("\r\nContent-Type: {media_type}").bytes());
                }
                text.extend(b"\r\n\r\n");
                text.extend(bindings.bytes(&part.value, trace)?);
                text.extend(b"\r\n");
            }
            text.extend(format!("--{BOUNDARY}--\r\n").bytes());
            text
        }
    };
    Ok((bytes, media_type))
}

/// Every name and value, with lists spread.
fn each(pairs: &Pairs) -> impl Iterator<Item = (&String, &Value)> {
    pairs.0.iter().flat_map(|(name, value)| {
        let values = match value {
            Value::List(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        values.iter().map(move |value| (name, value))
    })
}

fn text_of(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        other => String::from_utf8_lossy(&json(other)).into_owned(),
    }
}

/// Writes a value without dynamic leaves as JSON; duplicate names stay, bytes that are not text go in raw.
pub(super) fn json(value: &Value) -> Vec<u8> {
    let mut text = Vec::with_capacity(128);
    // Without bindings nothing is unbound.
    let _ = write_json(value, &mut text, &mut |leaf, into| {
        write_leaf(leaf, into);
        Ok(())
    });
    text
}

/// The same with what its dynamic leaves are in this execution.
fn bound_json(value: &Value, bindings: &mut Bindings<'_>, trace: &Trace) -> Result<Vec<u8>, Unbound> {
    let mut text = Vec::with_capacity(256);
    write_json(value, &mut text, &mut |leaf, into| {
        match bindings.resolve_leaf(leaf, trace)? {
            Value::Dynamic(leaf) => write_leaf(&leaf, into),
            value => into.extend(json(&value)),
        }
        Ok(())
    })?;
    Ok(text)
}

fn write_leaf(leaf: &Dynamic, into: &mut Vec<u8>) {
    match leaf {
        Dynamic::Base64(bytes) => {
            into.push(b'"');
            into.extend(bytes);
            into.push(b'"');
        }
        Dynamic::Literal(json) => into.extend(json.to_string().as_bytes()),
        _ => into.extend(b"null"),
    }
}

fn write_json(
    value: &Value,
    into: &mut Vec<u8>,
    leaf: &mut dyn FnMut(&Dynamic, &mut Vec<u8>) -> Result<(), Unbound>,
) -> Result<(), Unbound> {
    match value {
        Value::Null => into.extend(b"null"),
        Value::Bool(true) => into.extend(b"true"),
        Value::Bool(false) => into.extend(b"false"),
        Value::Number(number) => {
            let _ = write!(into, "{number}");
        }
        Value::Text(text) => write_string(text, into),
        Value::List(items) => {
            into.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    into.push(b',');
                }
                write_json(item, into, leaf)?;
            }
            into.push(b']');
        }
        Value::Object(members) => {
            into.push(b'{');
            for (index, (key, value)) in members.iter().enumerate() {
                if index > 0 {
                    into.push(b',');
                }
                write_string(key, into);
                into.push(b':');
                write_json(value, into, leaf)?;
            }
            into.push(b'}');
        }
        Value::Dynamic(dynamic) => leaf(dynamic, into)?,
    }
    Ok(())
}

fn write_string(text: &str, into: &mut Vec<u8>) {
    // Writing a string to a vector cannot fail.
    let _ = serde_json::to_writer(into, text);
}

/// Percent-encodes everything but ASCII letters, digits and `keep` (RFC 3986 section 2.1).
pub(crate) fn percent(bytes: &[u8], keep: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || keep.contains(byte) {
            text.push(char::from(*byte));
        } else {
            const HEX: &[u8; 16] = b"0123456789ABCDEF";
            text.push('%');
            text.push(char::from(HEX[usize::from(byte >> 4)]));
            text.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
    text
}
