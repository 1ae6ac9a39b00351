//! Edits of a request, its parameters, and who sends it.

use super::leaf;
use crate::case::{ANONYMOUS, Case, Content, Edit, Place, Request};
use crate::engine::fuzz::budget::EDITS;
use crate::engine::fuzz::words::Words;
use crate::generate::{Source, World, broken_json, provocation};

/// Changes one step: an edit more or less, a parameter more or less, somebody else.
pub(super) fn change(case: &mut Case, world: &World, words: &Words, src: &mut dyn Source) {
    let at = src.index(case.steps.len());
    let Some(send) = case.steps.get(at).and_then(|step| step.request()) else { return };
    let Some(base) = case.bases.iter().position(|base| base.name == send.base) else { return };
    // An edit hides what is below it from every later change of that.
    let kind = if !send.edits.is_empty() && src.ratio(1, 2) { 4 } else { src.int(0..=9) };
    match kind {
        0..=3 => {
            let edit = edit(case, &case.bases[base].request, src);
            let send = case.steps[at].request_mut();
            if let (Some(edit), Some(send)) = (edit, send.filter(|send| send.edits.len() < EDITS)) {
                send.edits.push(edit);
            }
        }
        4 | 5 => {
            let count = send.edits.len();
            if let Some(send) = case.steps[at].request_mut().filter(|_| count > 0) {
                send.edits.remove(src.index(count));
            }
        }
        6 => {
            let value = leaf::pick(case, src).map(|(_, value)| value);
            let name = src.pick(words.all()).cloned();
            if let (Some(value), Some(name)) = (value, name) {
                case.bases[base].request.query.set(&name, value);
            }
        }
        7 => lose(&mut case.bases[base].request, src),
        _ => {
            let mut names = world.senders();
            names.push(ANONYMOUS.to_owned());
            if let Some(name) = src.pick(&names) {
                case.steps[at].identity.clone_from(name);
                case.note_identities(|name| world.role_of(name));
            }
        }
    }
}

fn edit(case: &Case, request: &Request, src: &mut dyn Source) -> Option<Edit> {
    let is_json = matches!(request.body.as_ref().map(|body| &body.content), Some(Content::Json(_)));
    let inputs = request.inputs();
    let value = leaf::pick(case, src).map(|(_, value)| value);
    match src.int(0..=7) {
        0 if is_json => Some(broken_json(src)),
        0 | 1 => {
            Some(Edit::Duplicate { at: src.pick(&inputs)?.clone(), value: value?, label: String::new() })
        }
        2 => Some(Edit::remove(src.pick(&inputs)?.clone())),
        3 => Some(Edit::set(Place::Method, *src.pick(&["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"])?)),
        4 => Some(Edit::set(Place::MediaType, *src.pick(&["text/plain", "application/xml", "a/b"])?)),
        _ => provocation(src.pick(&inputs)?.clone(), src),
    }
}

/// One optional thing goes.
fn lose(request: &mut Request, src: &mut dyn Source) {
    let pairs = match src.int(0..=3) {
        0 => &mut request.query,
        1 => &mut request.headers,
        2 => &mut request.cookies,
        _ => {
            request.body = None;
            return;
        }
    };
    if !pairs.0.is_empty() {
        pairs.0.remove(src.index(pairs.0.len()));
    }
}
