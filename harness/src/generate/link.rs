//! Links: which operation's answer holds the id that another operation asks for.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value as Json;

use super::draft::Draft;
use super::world::World;
use crate::case::{Role, Step, Value, escape_token};
use crate::surface::Operation;
use crate::trace::Exchange;

/// An operation whose answer holds ids, for one identity.
#[derive(Clone, Debug, PartialEq)]
pub struct Producer {
    /// The path that the objects hang below, such as `/orders`.
    pub collection: String,
    /// The request that gives an id.
    pub draft: Arc<Draft>,
    /// Where in the answer the id stands: see [`crate::case::Ref`].
    pub take: String,
    /// The objects are made by it, and therefore the identity's own.
    pub makes: bool,
}

impl Producer {
    /// Learns from the answer to a request on a collection.
    pub fn learn(operation: &Operation, draft: &Arc<Draft>, exchange: &Exchange) -> Option<Self> {
        let makes = operation.method == "POST";
        if operation.path.ends_with('}') || !(makes || operation.method == "GET") {
            return None;
        }
        let singular = singular(last_segment(&operation.path));
        let from_body = exchange.json().and_then(|json| find_id(json, &singular, !makes));
        let from_header = || {
            let location = exchange.headers()?.text("location")?;
            (exchange.status() == Some(201) && !location.is_empty())
                .then(|| "header:location/last".to_owned())
        };
        let take = from_body.or_else(from_header)?;
        Some(Self {
            collection: operation.path.trim_end_matches('/').to_owned(),
            draft: Arc::clone(draft),
            take,
            makes,
        })
    }

    /// The steps and baselines that give an id, and the reference to it; names begin with `prefix`.
    pub fn steps(&self, prefix: &str) -> (Draft, Step, Value) {
        let draft = self.draft.renamed(prefix, &self.draft.identity);
        let name = format!("{prefix}make-{}", last_segment(&self.collection));
        let step = draft.step(&name, Role::Setup, Vec::new()).retried(2);
        let reference = Value::reference(&name, &self.take);
        (draft, step, reference)
    }
}

impl World {
    /// The best producer of ids for what hangs below a path, for this identity: one that makes the objects.
    pub fn producer(&self, collection: &str, identity: &str) -> Option<&Producer> {
        let fitting = self.producers.iter().filter(|producer| {
            producer.collection == collection.trim_end_matches('/') && serves(producer, identity)
        });
        let mut fitting: Vec<_> = fitting.collect();
        fitting.sort_by_key(|producer| !producer.makes);
        fitting.first().copied()
    }

    /// A producer for a name such as `order_id`: one that finds what is there, or one that makes its `own`.
    pub fn producer_named(&self, name: &str, identity: &str, own: bool) -> Option<&Producer> {
        let stem = id_stem(name)?;
        let mut fitting: Vec<_> = self
            .producers
            .iter()
            .filter(|producer| serves(producer, identity))
            .filter(|producer| {
                let resource = plain(&singular(last_segment(&producer.collection)));
                resource == stem
                    || (stem.len() > 3 && resource.ends_with(&stem))
                    || (resource.len() > 3 && stem.ends_with(&resource))
            })
            .collect();
        // An existing object is as good for a reference, and cheaper.
        fitting.sort_by_key(|producer| producer.makes != own);
        fitting.first().copied()
    }
}

/// How far references are followed.
const CHAIN: usize = 4;

impl World {
    /// How many creations come before this one: its body names what another makes, whose body names what a third one
    /// makes, and so on.
    pub(crate) fn waits_for(&self, operation: usize) -> usize {
        self.chain(operation, CHAIN)
    }

    fn chain(&self, operation: usize, left: usize) -> usize {
        if left == 0 {
            return 0;
        }
        let mut names = BTreeSet::new();
        for body in &self.operation(operation).bodies {
            property_names(&body.schema.json, &body.schema.json, CHAIN, &mut names);
        }
        let stems: Vec<_> = names.iter().filter_map(|name| id_stem(name)).collect();
        let makers = self.surface.operations.iter().enumerate().filter(|(index, maker)| {
            let resource = plain(&singular(last_segment(&maker.path)));
            *index != operation
                && maker.method == "POST"
                && !maker.path.ends_with('}')
                && stems.contains(&resource)
        });
        makers.map(|(index, _)| 1 + self.chain(index, left - 1)).max().unwrap_or(0).min(CHAIN)
    }
}

/// The names of a schema's properties, those of objects within it included.
fn property_names(root: &Json, node: &Json, depth: usize, names: &mut BTreeSet<String>) {
    let Some(members) = node.as_object().filter(|_| depth > 0) else { return };
    let target = members.get("$ref").and_then(Json::as_str).and_then(|at| at.strip_prefix('#'));
    if let Some(target) = target.and_then(|at| root.pointer(at)) {
        property_names(root, target, depth - 1, names);
    }
    for (name, schema) in members.get("properties").and_then(Json::as_object).into_iter().flatten() {
        names.insert(name.clone());
        property_names(root, schema, depth - 1, names);
    }
    for part in ["allOf", "oneOf", "anyOf"] {
        let parts = members.get(part).and_then(Json::as_array).into_iter().flatten();
        parts.for_each(|part| property_names(root, part, depth - 1, names));
    }
    if let Some(items) = members.get("items") {
        property_names(root, items, depth - 1, names);
    }
}

/// One's own, or what is there for everybody.
fn serves(producer: &Producer, identity: &str) -> bool {
    producer.draft.identity == identity
        || (producer.draft.identity == crate::case::ANONYMOUS && !producer.makes)
}

/// The pointer of the id in an answer. `list`: the answer is a list of objects, perhaps wrapped.
pub fn find_id(json: &Json, singular: &str, list: bool) -> Option<String> {
    match json {
        Json::Array(items) if list => {
            let key = items.iter().find_map(|item| id_key(item, singular))?;
            Some(format!("/*/{}", escape_token(&key)))
        }
        Json::Object(members) => {
            if !list && let Some(key) = id_key(json, singular) {
                return Some(format!("/{}", escape_token(&key)));
            }
            // One wrapper, such as `data` or the resource's own name.
            members.iter().find_map(|(name, inner)| {
                let inner = match (inner, list) {
                    (Json::Array(_), true) | (Json::Object(_), _) => find_id(inner, singular, list)?,
                    _ => return None,
                };
                Some(format!("/{}{inner}", escape_token(name)))
            })
        }
        _ => None,
    }
}

/// The member that is the object's id.
fn id_key(json: &Json, singular: &str) -> Option<String> {
    let members = json.as_object()?;
    let scalar = |value: &Json| matches!(value, Json::String(text) if !text.is_empty()) || value.is_u64();
    let named = |wanted: &dyn Fn(&str) -> bool| {
        members.iter().find(|(key, value)| scalar(value) && wanted(&plain(key))).map(|(key, _)| key.clone())
    };
    let own = format!("{}id", plain(singular));
    named(&|key| key == "id")
        .or_else(|| named(&|key| key == own))
        .or_else(|| named(&|key| matches!(key, "uuid" | "guid" | "uid" | "key" | "slug" | "code" | "number")))
        .or_else(|| named(&|key| key == plain(singular) || key == "name"))
}

/// The last segment of a path that is not a parameter.
pub(crate) fn last_segment(path: &str) -> &str {
    path.split('/').rfind(|segment| !segment.is_empty() && !segment.starts_with('{')).unwrap_or_default()
}

/// A rough singular: enough to compare names.
pub(crate) fn singular(word: &str) -> String {
    let word = word.to_ascii_lowercase();
    if let Some(stem) = word.strip_suffix("ies") {
        return format!("{stem}y");
    }
    for suffix in ["sses", "shes", "ches", "xes"] {
        if word.ends_with(suffix) {
            return word[..word.len() - 2].to_owned();
        }
    }
    match word.strip_suffix('s') {
        Some(stem) if !stem.ends_with('s') => stem.to_owned(),
        _ => word,
    }
}

/// A name as it is compared: letters and digits, small.
pub(crate) fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

/// `order` of `order_id`, `orderId`, `order_uuid`.
fn id_stem(name: &str) -> Option<String> {
    let plain = plain(name);
    let stem = ["uuid", "ids", "id", "key"].iter().find_map(|suffix| plain.strip_suffix(suffix))?;
    (stem.len() > 1).then(|| singular(stem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_where_apis_put_them() {
        let find = |text: &str, list| find_id(&serde_json::from_str(text).expect("json"), "order", list);
        assert_eq!(find(r#"{"id": "a", "name": "x"}"#, false).as_deref(), Some("/id"));
        assert_eq!(find(r#"{"name": "x", "order_id": 4}"#, false).as_deref(), Some("/order_id"));
        assert_eq!(find(r#"{"data": {"uuid": "u"}}"#, false).as_deref(), Some("/data/uuid"));
        assert_eq!(find(r#"[{"id": 1}]"#, true).as_deref(), Some("/*/id"));
        assert_eq!(find(r#"{"total": 1, "items": [{"id": 1}]}"#, true).as_deref(), Some("/items/*/id"));
        assert_eq!(find(r#"{"items": []}"#, true), None);
        assert_eq!(find(r#"{"status": "ok"}"#, false), None);
    }

    #[test]
    fn creations_wait_for_what_their_bodies_name() {
        use crate::surface::{Body, Schema, Surface};
        let post = |path: &str, properties: Json| {
            let schema = Schema::new(serde_json::json!({"type": "object", "properties": properties}));
            let body = Body {
                media_type: "application/json".to_owned(),
                schema,
                encoding: std::collections::BTreeMap::new(),
            };
            Operation {
                method: "POST".to_owned(),
                path: path.to_owned(),
                bodies: vec![body],
                ..Operation::default()
            }
        };
        let text = || serde_json::json!({"type": "string"});
        let operations = vec![
            post(
                "/orders",
                serde_json::json!({"addressId": text(), "lines": {"type": "array", "items": {"properties": {"listing_id": text()}}}}),
            ),
            post("/listings", serde_json::json!({"shop_id": text()})),
            post("/addresses", serde_json::json!({"street": text()})),
            post("/shops", serde_json::json!({"name": text(), "owner_id": text()})),
            post("/loops", serde_json::json!({"loop_id": text()})),
        ];
        let world =
            World { surface: Arc::new(Surface { operations, ..Surface::default() }), ..World::default() };
        let waits: Vec<_> = (0..5).map(|index| world.waits_for(index)).collect();
        assert_eq!(waits, [2, 1, 0, 0, 0], "orders after listings, which come after shops");
    }

    #[test]
    fn names_of_references_are_read() {
        assert_eq!(id_stem("menu_item_id").as_deref(), Some("menuitem"));
        assert_eq!(id_stem("orderId").as_deref(), Some("order"));
        assert_eq!(id_stem("valid").as_deref(), Some("val"));
        assert_eq!(id_stem("note"), None);
        assert_eq!(singular("categories"), "category");
        assert_eq!(singular("boxes"), "box");
        assert_eq!(singular("class"), "class");
    }
}
