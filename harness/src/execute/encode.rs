//! From a baseline, edits and bindings to the bytes of a request.

use bytes::Bytes;

use super::amend::{changed, json_node, late, pair, part};
use super::bind::{Bindings, Unbound};
use super::body::{body, each};
use super::json::json;
use super::percent::{QUERY, SEGMENT, percent};
use super::session::Session;
use crate::case::{ANONYMOUS, Case, Content, Edit, Place, Request, Send, Value, tokens};
use crate::identity::Attach;
use crate::message::Outgoing;
use crate::surface::Location;
use crate::trace::{Sent, Trace};

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
        if matches!(credential.attach, Attach::Connection) && !matches!(self.credential, Authority::Genuine) {
            return Err(format!("the credential of `{identity}` is a certificate, which no request holds"));
        }
        let rendered = match &self.credential {
            Authority::Genuine | Authority::None => credential.render(secret),
            Authority::Text(text) => credential.render(&String::from_utf8_lossy(text)),
            Authority::Forged(forgery) => {
                let forged = super::forge::forge(secret, forgery, session)?;
                session.wallet().vault().register("forged-token", &forged);
                payloads.push((Place::Credential, forged.clone().into_bytes()));
                credential.render(&forged)
            }
        };
        if let Some((location, name, value)) = rendered {
            self.put(location, &name, Value::Text(value));
        }
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

fn text_of(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        other => String::from_utf8_lossy(&json(other)).into_owned(),
    }
}
