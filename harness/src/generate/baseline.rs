//! Baselines: a valid request of an operation, from its schemas and from what is known of the world.

use super::draft::Draft;
use super::naming::Naming;
use super::schema::{Examples, Size, Want, draw};
use super::source::Source;
use super::world::World;
use crate::case::{Base, Body, Content, FreshKind, Pairs, Part, Request, Value};
use crate::surface::{Location, Operation, Parameter, Style, Template};

/// How a baseline is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Only what is required.
    Minimal,
    /// Only what is required, as the document's own examples have it; names of new things are new.
    Example,
    /// The document's own examples to the letter: what is made by them may be there already.
    Letter,
    /// Everything.
    Full,
    /// As chance has it.
    Random,
    /// Only what is required, of things that the sender made itself, and little of it: what is there already may
    /// be sold out, or somebody else's.
    Own,
}

impl Manner {
    fn size(self) -> Size {
        match self {
            Self::Minimal | Self::Example | Self::Letter | Self::Own => Size::Minimal,
            Self::Full => Size::Full,
            Self::Random => Size::Random,
        }
    }

    fn want(self, want: Want<'_>) -> Want<'_> {
        let want = want.size(self.size());
        let shown = matches!(self, Self::Example | Self::Letter);
        if shown { want.examples(Examples::Always) } else { want }
    }
}

/// Draws a valid request of an operation for an identity, as far as the document and refusals tell. `None` when a schema cannot be satisfied, or the
/// source ran dry.
pub fn request(
    world: &World,
    operation: usize,
    identity: &str,
    manner: Manner,
    src: &mut dyn Source,
) -> Option<Draft> {
    if let Some(learned) = world.learned.get(&operation) {
        return learned.request(world, operation, identity, manner, src);
    }
    let document = world.operation(operation);
    request_of(world, operation, document, identity, manner, &Naming::default(), src)
}

/// The same, from an operation that says more than the document's at this index, such as one that was taught.
pub(crate) fn request_of(
    world: &World,
    index: usize,
    operation: &Operation,
    identity: &str,
    manner: Manner,
    naming: &Naming,
    src: &mut dyn Source,
) -> Option<Draft> {
    let target = "target".to_owned();
    let mut draft = Draft {
        operation: index,
        identity: identity.to_owned(),
        setup: Vec::new(),
        bases: Vec::new(),
        target,
    };
    let mut request =
        Request { method: operation.method.clone(), path: operation.path.clone(), ..Request::default() };
    let mut placed = super::placed::placed(world, operation, identity, naming, &mut draft);
    for parameter in &operation.parameters {
        if parameter.location == Location::Path {
            let value = match placed.remove(&parameter.name) {
                Some(value) => value,
                None => path_value(operation, parameter, src)?,
            };
            request.path_params.set(&parameter.name, value);
            continue;
        }
        let wanted = parameter.required
            || match manner {
                Manner::Minimal | Manner::Example | Manner::Letter | Manner::Own => false,
                Manner::Full => true,
                Manner::Random => src.ratio(1, 2),
            };
        if !wanted || is_framing(parameter) || is_credential(world, parameter) {
            continue;
        }
        if let Some(condition) = condition(parameter) {
            if parameter.required {
                request.headers.set(&parameter.name, condition);
            }
            continue;
        }
        let want = Want::parameter(parameter.location, parameter.style);
        let drawn = draw(&parameter.schema, manner.want(want), src);
        let Some(value) = drawn else {
            if parameter.required {
                return None;
            }
            continue;
        };
        let value = linked(world, &parameter.name, value, identity, manner, &mut draft);
        let pairs = match parameter.location {
            Location::Query => &mut request.query,
            Location::Header => &mut request.headers,
            Location::Cookie | Location::Path => &mut request.cookies,
        };
        for (name, value) in styled(parameter, value) {
            pairs.0.push((name, value));
        }
    }
    if operation.body_required
        || (!operation.bodies.is_empty() && (manner != Manner::Minimal || !operation.is_safe()))
    {
        request.body = body(world, operation, identity, manner, &mut draft, src);
        if request.body.is_none() && operation.body_required {
            return None;
        }
    }
    draft.bases.push(Base { name: draft.target.clone(), operation: operation.name(), request });
    (!src.exhausted()).then_some(draft)
}

/// Headers that the request itself needs are not the document's to draw.
fn is_framing(parameter: &Parameter) -> bool {
    parameter.location == Location::Header
        && [
            "host",
            "content-length",
            "content-type",
            "accept",
            "authorization",
            "connection",
            "transfer-encoding",
        ]
        .contains(&parameter.name.to_ascii_lowercase().as_str())
}

/// What a conditional header asks for that holds of any object (RFC 9110 section 13.1): by chance nothing does.
fn condition(parameter: &Parameter) -> Option<Value> {
    let name = parameter.name.to_ascii_lowercase();
    let holds = match name.as_str() {
        "if-match" => "*",
        "if-none-match" | "if-range" => "\"none\"",
        "if-modified-since" => "Thu, 01 Jan 1970 00:00:00 GMT",
        "if-unmodified-since" => "Fri, 31 Dec 9999 23:59:59 GMT",
        "range" => "bytes=0-",
        _ => return None,
    };
    (parameter.location == Location::Header).then(|| Value::text(holds))
}

/// Where a credential travels nothing else does: what is drawn there would be sent in its place, or as somebody's.
fn is_credential(world: &World, parameter: &Parameter) -> bool {
    let carries = |(location, name): &(Location, String)| {
        *location == parameter.location && name.eq_ignore_ascii_case(&parameter.name)
    };
    let by_name = matches!(parameter.location, Location::Header | Location::Cookie)
        && crate::accounts::is_credential(&parameter.name);
    by_name || world.carriers.iter().any(carries)
}

/// A path parameter that names nothing that is known.
fn path_value(operation: &Operation, parameter: &Parameter, src: &mut dyn Source) -> Option<Value> {
    let want = Want::parameter(Location::Path, parameter.style);
    // What is put at a name of one's own choice is put at a new one.
    let last = format!("{{{}}}", parameter.name);
    let puts = operation.method == "PUT" && operation.path.trim_end_matches('/').ends_with(&last);
    let value = if puts {
        draw(&parameter.schema, want.fresh(&format!("path:{}", parameter.name)), src)
    } else {
        draw(&parameter.schema, want, src)
    };
    styled(parameter, value?).into_iter().next().map(|(_, value)| value)
}

/// A reference to an existing object, where the name asks for one.
fn linked(
    world: &World,
    name: &str,
    value: Value,
    identity: &str,
    manner: Manner,
    draft: &mut Draft,
) -> Value {
    if matches!(value, Value::List(_) | Value::Object(_) | Value::Bool(_)) {
        return value;
    }
    match world.producer_named(name, identity, manner == Manner::Own) {
        Some(producer) => {
            let (made, step, reference) = producer.steps(&format!("{name}-"));
            draft.prepare(made, step);
            reference
        }
        None => value,
    }
}

/// Media types by how well we write them.
fn rank(media_type: &str) -> u8 {
    let plain = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match plain.as_str() {
        "application/json" => 0,
        json if json.ends_with("+json") => 1,
        "application/x-www-form-urlencoded" => 2,
        "multipart/form-data" => 3,
        _ => 4,
    }
}

fn body(
    world: &World,
    operation: &Operation,
    identity: &str,
    manner: Manner,
    draft: &mut Draft,
    src: &mut dyn Source,
) -> Option<Body> {
    let body = operation.bodies.iter().min_by_key(|body| rank(&body.media_type))?;
    let creates = matches!(operation.method.as_str(), "POST" | "PUT" | "PATCH");
    let want = manner.want(Want::body());
    // A text that is a whole body is a document of some kind, and not the name of something new.
    let is_named = rank(&body.media_type) < 4;
    let to_the_letter = manner == Manner::Letter && !body.schema.examples.is_empty();
    let want = if creates && is_named && !to_the_letter { want.fresh("") } else { want };
    let implied = super::media::implied(body);
    let schema = implied.as_ref().unwrap_or(&body.schema);
    // Where the document shows a body and says nothing about bodies, what it shows is what it takes.
    let shown = schema.examples.first().filter(|_| implied.is_some());
    let drawn = match shown {
        Some(example) => Some(super::schema::harmless(Value::from(example.clone()))),
        None => draw(schema, want, src),
    };
    // Branches that nothing tells apart: no value is valid by the letter, and servers take any branch.
    let mut value = match drawn {
        Some(value) => value,
        None => draw(&schema.with_any_branch()?, want, src)?,
    };
    if manner == Manner::Own {
        little(&mut value, schema);
    }
    name_itself(world, operation, &mut value);
    link_members(world, &mut value, identity, manner, draft);
    let media_type =
        if body.media_type == "*/*" { "application/json".to_owned() } else { body.media_type.clone() };
    let content = match (rank(&body.media_type), value) {
        (2, Value::Object(members)) => {
            Content::Form(Pairs(members.into_iter().map(|(k, v)| (k, scalar(v))).collect()))
        }
        (3, Value::Object(members)) => Content::Multipart(
            members
                .into_iter()
                .map(|(name, value)| Part {
                    media_type: body.encoding.get(&name).cloned(),
                    name,
                    filename: None,
                    value: scalar(value),
                })
                .collect(),
        ),
        (0 | 1, value) => Content::Json(value),
        (_, value) if body.media_type == "*/*" => Content::Json(value),
        (_, value) => Content::Text(value),
    };
    Some(Body { media_type, content })
}

/// The id that a creation chooses, where only a refusal told of it: what the path of its object takes.
fn name_itself(world: &World, operation: &Operation, value: &mut Value) {
    let Some((_, document)) = world.surface.named(&operation.name()).filter(|_| operation.method == "POST")
    else {
        return;
    };
    let mut declared = std::collections::BTreeSet::new();
    for body in &document.bodies {
        super::link::property_names(&body.schema.json, &body.schema.json, 4, &mut declared);
    }
    let item = format!("{}/{{}}", Template::new(&operation.path).shape());
    let items = world.surface.operations.iter().filter(|other| Template::new(&other.path).shape() == item);
    let named = items.flat_map(|item| item.parameters.iter()).rfind(|one| one.location == Location::Path);
    let Some(named) = named.filter(|_| !declared.contains("id")) else { return };
    for at in ["/id", "/data/id"] {
        if let Some(id) = value.pointer_mut(at).filter(|id| matches!(id, Value::Number(_)))
            && !named.schema.accepts(&super::schema::plausible(id))
        {
            *id = Value::fresh(at, FreshKind::Word);
        }
    }
}

fn scalar(value: Value) -> Value {
    match value {
        Value::List(items) if items.iter().all(|item| !matches!(item, Value::List(_) | Value::Object(_))) => {
            Value::List(items)
        }
        other => other,
    }
}

/// Every number as small as the schema lets it be, of the usual ones.
fn little(value: &mut Value, schema: &crate::surface::Schema) {
    fn numbers(value: &Value, at: &str, found: &mut Vec<String>) {
        match value {
            Value::Number(_) => found.push(at.to_owned()),
            Value::List(items) => {
                items.iter().enumerate().for_each(|(i, item)| numbers(item, &format!("{at}/{i}"), found));
            }
            Value::Object(members) => members.iter().for_each(|(name, member)| {
                numbers(member, &format!("{at}/{}", crate::case::escape_token(name)), found);
            }),
            _ => {}
        }
    }
    let mut found = Vec::new();
    numbers(value, "", &mut found);
    for pointer in found.iter().take(32) {
        let Some(old) = value.pointer_mut(pointer).map(|node| node.clone()) else { continue };
        let usual = [1, 2, 5, 10, 100].map(|number| Value::Number(number.into()));
        for small in usual.into_iter().chain([old]) {
            if let Some(node) = value.pointer_mut(pointer) {
                *node = small;
            }
            if schema.accepts(&super::schema::plausible_in(schema, value)) {
                break;
            }
        }
    }
}

fn link_members(world: &World, value: &mut Value, identity: &str, manner: Manner, draft: &mut Draft) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::Object(_) | Value::List(_) => link_members(world, value, identity, manner, draft),
                    leaf => {
                        let old = std::mem::replace(leaf, Value::Null);
                        *leaf = linked(world, name, old, identity, manner, draft);
                    }
                }
            }
        }
        Value::List(items) => {
            items.iter_mut().for_each(|item| link_members(world, item, identity, manner, draft));
        }
        _ => {}
    }
}

/// Writes a parameter's value in its style (OpenAPI 3.1, "Style Examples").
fn styled(parameter: &Parameter, value: Value) -> Vec<(String, Value)> {
    let name = &parameter.name;
    let text = |value: &Value| match value {
        Value::Text(text) => text.clone(),
        other => serde_json::to_string(other).unwrap_or_default(),
    };
    let join =
        |items: &[Value], with: &str| Value::Text(items.iter().map(text).collect::<Vec<_>>().join(with));
    let flat = |members: &[(String, Value)], equals: &str, with: &str| {
        let parts = members.iter().map(|(key, value)| format!("{key}{equals}{}", text(value)));
        Value::Text(parts.collect::<Vec<_>>().join(with))
    };
    let one = |value: Value| vec![(name.clone(), value)];
    match (parameter.style, value) {
        (Style::Json, value) => one(Value::Text(serde_json::to_string(&value).unwrap_or_default())),
        (Style::DeepObject, Value::Object(members)) => {
            members.into_iter().map(|(key, value)| (format!("{name}[{key}]"), value)).collect()
        }
        (Style::Form, Value::Object(members)) if parameter.explode => members,
        (Style::Form | Style::DeepObject, Value::List(items)) if parameter.explode => one(Value::List(items)),
        (Style::SpaceDelimited, Value::List(items)) => one(join(&items, " ")),
        (Style::PipeDelimited, Value::List(items)) => one(join(&items, "|")),
        (Style::Matrix, Value::List(items)) if parameter.explode => {
            let parts = items.iter().map(|item| format!(";{name}={}", text(item)));
            one(Value::Text(parts.collect()))
        }
        (Style::Matrix, Value::List(items)) => {
            one(Value::Text(format!(";{name}={}", text(&join(&items, ",")))))
        }
        (Style::Matrix, Value::Object(members)) if parameter.explode => {
            one(Value::Text(format!(";{}", text(&flat(&members, "=", ";")))))
        }
        (Style::Matrix, Value::Object(members)) => {
            one(Value::Text(format!(";{name}={}", text(&flat(&members, ",", ",")))))
        }
        (Style::Matrix, scalar) => one(Value::Text(format!(";{name}={}", text(&scalar)))),
        (Style::Label, Value::List(items)) => {
            one(Value::Text(format!(".{}", text(&join(&items, if parameter.explode { "." } else { "," })))))
        }
        (Style::Label, Value::Object(members)) => {
            let (equals, with) = if parameter.explode { ("=", ".") } else { (",", ",") };
            one(Value::Text(format!(".{}", text(&flat(&members, equals, with)))))
        }
        (Style::Label, scalar) => one(Value::Text(format!(".{}", text(&scalar)))),
        (_, Value::List(items)) => one(join(&items, ",")),
        (_, Value::Object(members)) => one(flat(&members, if parameter.explode { "=" } else { "," }, ",")),
        (_, scalar) => one(scalar),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::surface::Schema;

    fn parameter(style: Style, explode: bool) -> Parameter {
        Parameter {
            name: "color".into(),
            location: Location::Query,
            required: true,
            style,
            explode,
            allow_reserved: false,
            schema: Schema::new(true.into()),
            pointer: String::new(),
        }
    }

    fn written(style: Style, explode: bool, json: serde_json::Value) -> String {
        let pairs = styled(&parameter(style, explode), Value::from(json));
        let text = |value: &Value| {
            value.as_text().map_or_else(|| serde_json::to_string(value).expect("json"), str::to_owned)
        };
        pairs.iter().map(|(name, value)| format!("{name}={}", text(value))).collect::<Vec<_>>().join("&")
    }

    #[test]
    fn styles_are_written_as_the_specification_shows() {
        let list = || serde_json::json!(["blue", "black"]);
        let object = || serde_json::json!({"R": 100, "G": 200});
        assert_eq!(written(Style::Form, true, list()), r#"color=["blue","black"]"#);
        assert_eq!(written(Style::Form, false, list()), "color=blue,black");
        assert_eq!(written(Style::Form, true, object()), "R=100&G=200");
        assert_eq!(written(Style::Form, false, object()), "color=R,100,G,200");
        assert_eq!(written(Style::PipeDelimited, false, list()), "color=blue|black");
        assert_eq!(written(Style::SpaceDelimited, false, list()), "color=blue black");
        assert_eq!(written(Style::DeepObject, true, object()), "color[R]=100&color[G]=200");
        assert_eq!(written(Style::Matrix, true, list()), "color=;color=blue;color=black");
        assert_eq!(written(Style::Label, true, object()), "color=.R=100.G=200");
        assert_eq!(written(Style::Simple, false, object()), "color=R,100,G,200");
        assert_eq!(written(Style::Json, false, object()), r#"color={"R":100,"G":200}"#);
    }
}
