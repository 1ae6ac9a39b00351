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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::fuzz::mutate::tests::Lab;
    use crate::generate::{Family, Seeded, draw_family};

    fn names(value: &Value, at: &str, all: &mut Vec<String>) {
        if let Value::Object(members) = value {
            for (name, value) in members {
                all.push(format!("{at}/{name}={value:?}"));
                names(value, &format!("{at}/{name}"), all);
            }
        }
    }

    /// What a case sends, by name.
    fn sent(case: &Case) -> Vec<String> {
        let mut all = Vec::new();
        for base in &case.bases {
            base.request.each_named(&mut |name, value| {
                all.push(format!("{name}={value:?}"));
                names(value, name, &mut all);
            });
        }
        all
    }

    #[test]
    fn what_is_left_out_is_put_in_and_nothing_else_changes() {
        let lab = Lab::new();
        let mut grew = 0;
        for seed in 0..400 {
            let Some(case) = draw_family(&lab.world, Family::Valid, &mut Seeded::new(seed)) else { continue };
            let mut fuller = case.clone();
            change(&mut fuller, &lab.world, &mut Seeded::new(seed));
            let (before, after) = (sent(&case), sent(&fuller));
            grew += usize::from(after.len() > before.len());
            // Objects that hold more read otherwise: those are looked at by their members.
            let plain = |line: &&String| !line.contains("Object(") && !line.contains("List(");
            let lost: Vec<_> = before.iter().filter(plain).filter(|line| !after.contains(line)).collect();
            assert!(lost.is_empty(), "seed {seed}: {lost:?}");
            assert!(fuller.steps == case.steps && Case::from_json(fuller.to_json().as_bytes()).is_ok());
        }
        assert!(grew > 40, "{grew} of 400 requests had something left out");
    }
}
