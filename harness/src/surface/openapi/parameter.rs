//! Parameters.

use serde_json::{Value as Json, json};

use super::document::{Documents, Node, Outcome, lies_elsewhere};
use super::examples;
use super::notes::Notes;
use super::schema::{Schemas, Way};
use crate::surface::{Location, Parameter, Schema, Style};

/// The parameters of one list, without what the document may not declare.
pub(super) fn list<'a>(
    documents: &'a Documents,
    schemas: &mut Schemas<'a>,
    owner: &Node<'a>,
) -> Outcome<Vec<Parameter>> {
    let Some(list) = owner.get("parameters") else { return Ok(Vec::new()) };
    if !list.json.is_array() {
        return Err(documents.problem(&list, "`parameters` is a list"));
    }
    let mut found: Vec<Parameter> = Vec::new();
    for item in list.items() {
        let node = match documents.follow(&item) {
            Ok(node) => node,
            // What lies on another host is not at hand, and the operation can be asked without it.
            Err(problem) if lies_elsewhere(item.json) => {
                schemas.notes.add(problem);
                continue;
            }
            Err(problem) => return Err(problem),
        };
        let Some(parameter) = one(documents, schemas, &node)? else { continue };
        if found.iter().any(|other| same(other, &parameter)) {
            let text = format!("`{}` is declared twice", parameter.name.escape_debug());
            return Err(documents.problem(&item, text));
        }
        // These three are said elsewhere in the document (OpenAPI, "Parameter Object": shall be ignored).
        let said = ["accept", "content-type", "authorization"];
        if parameter.location != Location::Header
            || !said.contains(&parameter.name.to_ascii_lowercase().as_str())
        {
            found.push(parameter);
        }
    }
    Ok(found)
}

/// The same name in the same location; header names are case-insensitive.
pub(super) fn same(one: &Parameter, other: &Parameter) -> bool {
    one.location == other.location
        && match one.location {
            Location::Header => one.name.eq_ignore_ascii_case(&other.name),
            _ => one.name == other.name,
        }
}

/// `None` when it cannot be sent and need not be.
fn one<'a>(
    documents: &'a Documents,
    schemas: &mut Schemas<'a>,
    node: &Node<'a>,
) -> Outcome<Option<Parameter>> {
    let problem = |reason: String| documents.problem(node, reason);
    let name = node.text("name").filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| problem("the parameter has no `name`".to_owned()))?;
    let location = match node.text("in") {
        Some("path") => Location::Path,
        Some("query") => Location::Query,
        Some("header") => Location::Header,
        Some("cookie") => Location::Cookie,
        Some("querystring") => return whole_query(documents, schemas, node, name),
        _ => return Err(problem("`in` is path, query, header or cookie".to_owned())),
    };
    let mut style = style(documents, node, location, &mut schemas.notes)?;
    let explode = match node.json.get("explode") {
        None => style == Style::Form,
        Some(Json::Bool(explode)) => *explode,
        Some(_) => return Err(problem("`explode` is true or false".to_owned())),
    };
    let content = node.get("content").filter(|content| content.json.is_object());
    let media = content.as_ref().and_then(|content| content.members().next());
    let schema = match (node.get("schema"), media) {
        (Some(schema), _) => schemas.schema(&schema, Way::Request, examples::of_place(documents, node))?,
        (None, Some((media_type, media))) => {
            if is_json(media_type) {
                style = Style::Json;
            }
            let mut all = examples::of_place(documents, node);
            all.extend(examples::of_place(documents, &media));
            match media.get("schema") {
                Some(schema) => schemas.schema(&schema, Way::Request, all)?,
                None => Schema::new(json!({})).with_examples(all),
            }
        }
        (None, None) => Schema::new(json!({})).with_examples(examples::of_place(documents, node)),
    };
    Ok(Some(Parameter {
        name: name.to_owned(),
        location,
        required: location == Location::Path || node.flag("required"),
        style,
        explode,
        allow_reserved: node.flag("allowReserved"),
        schema,
        pointer: documents.place(node),
    }))
}

/// A parameter that is the whole query (OpenAPI 3.2, "Parameter Locations"): a form is an object whose members are
/// parameters.
fn whole_query<'a>(
    documents: &'a Documents,
    schemas: &mut Schemas<'a>,
    node: &Node<'a>,
    name: &str,
) -> Outcome<Option<Parameter>> {
    const FORM: &str = "application/x-www-form-urlencoded";
    let content = node.get("content").filter(|content| content.json.is_object());
    let form = content.as_ref().and_then(|content| content.get(FORM));
    let Some(media) = form else {
        let problem = documents.problem(node, format!("a whole query is only written as {FORM}"));
        if node.flag("required") {
            return Err(problem);
        }
        schemas.notes.add(problem);
        return Ok(None);
    };
    let media = documents.follow(&media)?;
    let mut all = examples::of_place(documents, node);
    all.extend(examples::of_place(documents, &media));
    let schema = match media.get("schema") {
        Some(schema) => schemas.schema(&schema, Way::Request, all)?,
        None => Schema::new(json!({"type": "object"})).with_examples(all),
    };
    Ok(Some(Parameter {
        name: name.to_owned(),
        location: Location::Query,
        required: node.flag("required"),
        style: Style::Form,
        explode: true,
        allow_reserved: node.flag("allowReserved"),
        schema,
        pointer: documents.place(node),
    }))
}

/// The style as declared, or the location's own.
fn style(documents: &Documents, node: &Node<'_>, location: Location, notes: &mut Notes) -> Outcome<Style> {
    let own = match location {
        Location::Path | Location::Header => Style::Simple,
        Location::Query | Location::Cookie => Style::Form,
    };
    let declared = match node.json.get("style").map(Json::as_str) {
        None => return Ok(own),
        Some(Some("matrix")) => Style::Matrix,
        Some(Some("label")) => Style::Label,
        Some(Some("simple")) => Style::Simple,
        Some(Some("form")) => Style::Form,
        // 3.2: a form of one cookie each, without escapes.
        Some(Some("cookie")) if location == Location::Cookie => Style::Form,
        Some(Some("spaceDelimited")) => Style::SpaceDelimited,
        Some(Some("pipeDelimited")) => Style::PipeDelimited,
        Some(Some("deepObject")) => Style::DeepObject,
        Some(_) => return Err(documents.problem(node, "`style` is not a style of OpenAPI 3")),
    };
    let fits = match location {
        Location::Path => matches!(declared, Style::Matrix | Style::Label | Style::Simple),
        Location::Header => declared == Style::Simple,
        Location::Cookie => declared == Style::Form,
        Location::Query => !matches!(declared, Style::Matrix | Style::Label | Style::Simple),
    };
    if fits {
        return Ok(declared);
    }
    notes.add(documents.problem(node, "the style does not exist in this location; its own is used"));
    Ok(own)
}

/// `application/json` and its relatives (RFC 6839).
pub(in crate::surface) fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || essence == "text/json" || essence.ends_with("+json")
}
