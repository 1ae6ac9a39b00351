//! Where objects are listed, and in which other forms they are shown.

use std::collections::BTreeSet;

use serde_json::json;

use crate::case::{Base, Edit, Pairs, Place, Value};
use crate::generate::{Draft, World};
use crate::surface::{Location, Operation};

/// How many other forms of the answer are asked for.
const FORMS: usize = 6;

/// Optional inputs that change the form of the answer, each with a value that is granted or documented.
pub(super) fn forms(world: &World, operation: usize, owner: &str) -> Vec<Edit> {
    let variants = world.access(operation, owner).into_iter().flat_map(|access| access.variants.iter());
    let mut edits: Vec<_> = variants
        .filter_map(|(place, draft)| match place {
            Place::Query(name) => Some(Edit::set(place.clone(), draft.request().query.get(name)?.clone())),
            _ => None,
        })
        .collect();
    for parameter in &world.operation(operation).parameters {
        let names = parameter.schema.json.get("enum").and_then(serde_json::Value::as_array);
        if parameter.location == Location::Query {
            let named = names.into_iter().flatten().filter_map(serde_json::Value::as_str);
            edits.extend(named.map(|name| Edit::set(Place::Query(parameter.name.clone()), name)));
        }
    }
    let mut distinct: Vec<Edit> = Vec::new();
    for edit in edits {
        if !distinct.contains(&edit) && distinct.len() < FORMS {
            distinct.push(edit);
        }
    }
    distinct
}

/// Asks for as many objects as a list shows at once: what stands beyond its first page is not seen in it.
pub(super) fn whole_list(world: &World, list: &Draft) -> Vec<Edit> {
    const SIZES: &[&str] =
        &["limit", "pagesize", "perpage", "size", "count", "take", "top", "maxresults", "pagelimit"];
    let plain = |name: &str| -> String {
        name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
    };
    let parameters = world.operation(list.operation).parameters.iter();
    let size = parameters.filter(|parameter| {
        parameter.location == Location::Query && SIZES.contains(&plain(&parameter.name).as_str())
    });
    size.filter_map(|parameter| {
        let most = parameter
            .schema
            .json
            .get("maximum")
            .and_then(serde_json::Value::as_u64)
            .unwrap_or(100)
            .min(1_000);
        let value = json!(most);
        let place = Place::Query(parameter.name.clone());
        parameter.schema.accepts(&value).then(|| Edit::set(place, Value::from(value)))
    })
    .take(1)
    .collect()
}

/// The list that the objects of a path stand in.
pub(super) fn list_of<'w>(world: &'w World, path: &str, identity: &str) -> Option<&'w Draft> {
    let collection = path.split("/{").next()?;
    let index = world
        .surface
        .operations
        .iter()
        .position(|op| op.method == "GET" && op.path.trim_end_matches('/') == collection)?;
    world.granted_draft(index, identity).map(|draft| &**draft)
}

/// The other reads of the very object that a draft reads, for somebody who is granted them: the same parameters in the
/// path, the same object in them.
pub(super) fn others_of(world: &World, draft: &Draft, owner: &str) -> Vec<Base> {
    let names = |pairs: &Pairs| pairs.0.iter().map(|(name, _)| name.clone()).collect::<BTreeSet<_>>();
    let object = &draft.request().path_params;
    let own = world.operation(draft.operation);
    let of_the_object = |(index, operation): (usize, &Operation)| {
        let there = world.granted_draft(index, owner)?;
        let below = operation.path.strip_prefix(&own.path).is_some_and(|rest| rest.starts_with('/'));
        let beside = own.path.strip_prefix(&operation.path).is_some_and(|rest| rest.starts_with('/'));
        let mut request = there.request().clone();
        if operation.method != "GET" || !(below || beside) || names(&request.path_params) != names(object) {
            return None;
        }
        request.path_params = object.clone();
        let mut refers = false;
        request.query.0.iter().for_each(|(_, value)| refers |= matches!(value, Value::Dynamic(_)));
        (!refers).then(|| Base { name: String::new(), operation: operation.name(), request })
    };
    world.surface.operations.iter().enumerate().filter_map(of_the_object).collect()
}
