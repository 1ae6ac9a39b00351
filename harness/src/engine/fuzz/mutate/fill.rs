//! What a request leaves out: members and parameters that the document knows.

use crate::case::{Case, Content, Dynamic, Pairs, Value};
use crate::generate::{Manner, Source, World, request};

/// Puts some of what one request leaves out in, as the generator draws it. A bug behind several options is never
/// met by changing those that are there.
pub(super) fn change(case: &mut Case, world: &World, src: &mut dyn Source) {
    let at = src.index(case.bases.len());
    let Some(base) = case.bases.get_mut(at) else { return };
    let Some((operation, _)) = world.surface.named(&base.operation) else { return };
    let senders = world.senders();
    let Some(sender) = src.pick(&senders) else { return };
    let manner = if src.ratio(3, 4) { Manner::Full } else { Manner::Random };
    let Some(drawn) = request(world, operation, sender, manner, src) else { return };
    let drawn = drawn.request();
    let all = src.ratio(1, 4);
    let request = &mut base.request;
    pairs(&mut request.query, &drawn.query, all, src);
    pairs(&mut request.headers, &drawn.headers, all, src);
    pairs(&mut request.cookies, &drawn.cookies, all, src);
    match (&mut request.body, &drawn.body) {
        (Some(own), Some(drawn)) => match (&mut own.content, &drawn.content) {
            (Content::Json(own), Content::Json(drawn)) => members(own, drawn, all, src),
            (Content::Form(own), Content::Form(drawn)) => pairs(own, drawn, all, src),
            _ => {}
        },
        (none @ None, Some(drawn)) if !drawn_refers(&drawn.content) => *none = Some(drawn.clone()),
        _ => {}
    }
}

fn drawn_refers(content: &Content) -> bool {
    match content {
        Content::Json(value) | Content::Text(value) => refers(value),
        Content::Form(pairs) => pairs.0.iter().any(|(_, value)| refers(value)),
        Content::Multipart(parts) => parts.iter().any(|part| refers(&part.value)),
    }
}

fn pairs(own: &mut Pairs, drawn: &Pairs, all: bool, src: &mut dyn Source) {
    for (name, value) in &drawn.0 {
        let is_new = own.0.iter().all(|(known, _)| known != name) && !refers(value);
        if is_new && (all || src.ratio(1, 2)) {
            own.0.push((name.clone(), value.clone()));
        }
    }
}

/// Members of the object and of objects in it.
fn members(own: &mut Value, drawn: &Value, all: bool, src: &mut dyn Source) {
    let (Value::Object(own), Value::Object(drawn)) = (own, drawn) else { return };
    for (name, value) in drawn {
        match own.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => members(known, value, all, src),
            None if !refers(value) && (all || src.ratio(1, 2)) => own.push((name.clone(), value.clone())),
            None => {}
        }
    }
}

/// Whether this is taken from the answer to a step, which the case may not have.
fn refers(value: &Value) -> bool {
    let mut refers = false;
    value.each_dynamic(&mut |leaf| refers |= matches!(leaf, Dynamic::Ref(_)));
    refers
}
