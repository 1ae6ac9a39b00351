//! What an exchange made or took away, as far as its answer tells.

use serde_json::Value as Json;

use super::line::Made;
use super::paths::{Known, Paths, is_safe, name_of};
use crate::case::{Case, Place, Step, tokens};
use crate::execute::{SEGMENT, percent};
use crate::generate::{find_id, last_segment, plain, singular};
use crate::identity::is_secret_member;
use crate::surface::segments;
use crate::trace::Exchange;

/// Ids longer than this are none.
const LONGEST: usize = 256;
/// Objects that one answer can tell of.
const MOST: usize = 100;
/// Members that wrap an object in an answer.
const WRAPPERS: &[&str] = &[
    "data", "result", "results", "item", "items", "object", "payload", "response", "body", "content",
    "record", "entity", "resource", "value",
];

/// What an exchange did.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// It made these; time and run are not filled in.
    Made(Vec<Made>),
    /// What was at this path is gone.
    Gone(String),
}

/// What an exchange made or took away; `base` is the path of the target.
pub(super) fn effect(
    paths: &Paths,
    case: &Case,
    step: &Step,
    exchange: &Exchange,
    base: &str,
) -> Option<Effect> {
    let status = exchange.status().filter(|status| (200..300).contains(status))?;
    let method = &*exchange.sent.request.method;
    if !matches!(method, b"POST" | b"PUT" | b"DELETE") {
        return None;
    }
    let (_, template) = case.operation_of(step)?.split_once(' ')?;
    let asked = Asked { template, path: path_of(exchange, base)?, known: paths.of(template) };
    let mut made = match method {
        b"DELETE" => return Some(Effect::Gone(asked.path.trim_end_matches('/').to_owned())),
        // A PUT that makes something must say so (RFC 9110 section 9.3.4).
        b"PUT" if status == 201 => vec![asked.put()?],
        b"POST" if status == 201 || asked.known.collection => asked.posted(paths, exchange, status, base)?,
        _ => return None,
    };
    let touched = |step: &Step| {
        let edits = step.request().map(|send| send.edits.as_slice()).unwrap_or_default();
        edits.iter().any(|edit| edit.place() == &Place::Credential)
    };
    for one in &mut made {
        one.operation = format!("{} {template}", String::from_utf8_lossy(method));
        one.identity.clone_from(&step.identity);
        one.foreign = touched(step);
    }
    Some(Effect::Made(made))
}

/// What was asked for.
struct Asked<'a> {
    template: &'a str,
    /// The path that was sent, below the target.
    path: &'a str,
    known: Known,
}

impl Asked<'_> {
    fn put(&self) -> Option<Made> {
        let id = segments(self.path).last().filter(|id| !id.is_empty())?;
        let path = if is_safe(self.path) { self.path.to_owned() } else { String::new() };
        let delete = self.known.itself.as_ref().filter(|delete| delete.fits(&path)).map(name_of);
        Some(Made { take: "path".to_owned(), id: id.to_owned(), path, delete, ..Made::default() })
    }

    fn posted(&self, paths: &Paths, exchange: &Exchange, status: u16, base: &str) -> Option<Vec<Made>> {
        if self.template.trim_end_matches('/').ends_with('}') {
            return None;
        }
        let mut made = self.in_body(exchange, status);
        let at = if status == 201 { location(exchange, base) } else { None };
        // Where the body names the object and nothing deletes it by that, its address may.
        if let Some(path) = at
            && (made.is_empty() || (made.len() == 1 && made[0].delete.is_none() && !made[0].id.is_empty()))
        {
            let delete = paths.deleting(&path).cloned();
            if made.is_empty() || delete.is_some() {
                let id = segments(&path).last().unwrap_or_default().to_owned();
                if is_secret_member(delete.as_ref().map_or("", |delete| delete.last_parameter()), &id) {
                    let take = "header:location".to_owned();
                    return Some(vec![Made { take, ..Made::default() }]);
                }
                let path = delete.as_ref().map_or(path.clone(), |delete| delete.ended(&path));
                let delete = delete.as_ref().map(name_of);
                made = vec![Made { take: "header:location".to_owned(), id, path, delete, ..Made::default() }];
            }
        }
        (!made.is_empty()).then_some(made)
    }

    /// The objects whose ids stand in the answer's body.
    fn in_body(&self, exchange: &Exchange, status: u16) -> Vec<Made> {
        let Some(json) = exchange.json() else { return Vec::new() };
        let name = singular(last_segment(self.template));
        let found = find_id(json, &name, false);
        let several = || if status == 201 { find_id(json, &name, true) } else { None };
        let Some(pointer) = found.filter(|found| self.is_own(found, &name)).or_else(several) else {
            return Vec::new();
        };
        if !self.is_own(&pointer, &name) {
            return Vec::new();
        }
        let (parent, found) = pointer.rsplit_once('/').unwrap_or_default();
        let mut made = Vec::new();
        for object in objects(json, parent) {
            // The member that the deleting operation asks for by its name comes before what looks like an id.
            let wanted = self.known.item.as_ref().map(|item| plain(item.last_parameter()));
            let members = object.as_object().into_iter().flatten();
            let named = members.map(|(key, _)| key.as_str()).find(|key| Some(plain(key)) == wanted);
            let found = found.replace("~1", "/").replace("~0", "~");
            let key = named.filter(|key| text(&object[*key]).is_some()).unwrap_or(&found);
            let Some(id) = object.get(key).and_then(text) else { continue };
            // The object that this was done to, and not one that it made.
            if id.len() > LONGEST || segments(self.path).any(|segment| segment == id) {
                continue;
            }
            made.push(self.named(&format!("{parent}/{}", crate::case::escape_token(key)), key, &id));
        }
        made
    }

    fn named(&self, pointer: &str, member: &str, id: &str) -> Made {
        let take = pointer.to_owned();
        if is_secret_member(member, id) {
            return Made { take, ..Made::default() };
        }
        // Edits may have written the path in another way than its template.
        let collection = if self.template.contains('{') { self.path } else { self.template };
        let path = format!("{}/{}", collection.trim_end_matches('/'), percent(id.as_bytes(), SEGMENT));
        let item = self.known.item.as_ref().filter(|item| item.fits(&path));
        let path = item.map_or(path.clone(), |item| item.ended(&path));
        let path = if is_safe(&path) { path } else { String::new() };
        let delete = item.filter(|_| !path.is_empty()).map(name_of);
        Made { take, id: id.to_owned(), path, delete, ..Made::default() }
    }

    /// Whether what was found is the object's own id, and not that of something which it mentions.
    fn is_own(&self, pointer: &str, name: &str) -> bool {
        let Some(mut tokens) = tokens(pointer) else { return false };
        tokens.pop();
        let resource = plain(last_segment(self.template));
        tokens.iter().all(|token| {
            let token = plain(token);
            token.is_empty()
                || token == plain(name)
                || token == resource
                || WRAPPERS.contains(&token.as_str())
        })
    }
}

/// The path that was sent, below the target and without its query.
fn path_of<'e>(exchange: &'e Exchange, base: &str) -> Option<&'e str> {
    let target = std::str::from_utf8(&exchange.sent.request.target).ok()?;
    let path = target.split(['?', '#']).next()?;
    path.strip_prefix(base.trim_end_matches('/')).filter(|path| path.starts_with('/'))
}

/// The path of `Location` (RFC 9110 section 10.2.2), below the target.
fn location(exchange: &Exchange, base: &str) -> Option<String> {
    let text = exchange.headers()?.text("location")?.trim();
    let path = match text.split_once("://") {
        // Whatever host it names: what is removed is removed from the target.
        Some((_, rest)) => &rest[rest.find('/')?..],
        None => text,
    };
    let path = path.split(['?', '#']).next()?;
    let below = path.strip_prefix(base.trim_end_matches('/')).filter(|path| path.starts_with('/'));
    let path = below.unwrap_or(path);
    is_safe(path).then(|| path.to_owned())
}

/// The objects at a pointer, where `*` is every item of a list.
fn objects<'j>(json: &'j Json, pointer: &str) -> Vec<&'j Json> {
    let mut all = vec![json];
    for token in tokens(pointer).unwrap_or_default() {
        let below = all.into_iter().flat_map(|json| match json {
            Json::Array(items) if token == "*" => items.iter().collect(),
            json => json.get(&token).into_iter().collect::<Vec<_>>(),
        });
        all = below.take(MOST).collect();
    }
    all
}

fn text(json: &Json) -> Option<String> {
    match json {
        Json::String(text) if !text.is_empty() => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
