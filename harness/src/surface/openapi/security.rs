//! Security schemes and requirements.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::document::{Documents, Node, Outcome};
use super::notes::Notes;
use crate::surface::{Location, SecurityNeed, SecurityScheme};

/// The schemes by name; those that cannot be used are noted.
pub(super) fn schemes(documents: &Documents, notes: &mut Notes) -> BTreeMap<String, SecurityScheme> {
    let mut schemes = BTreeMap::new();
    let declared =
        documents.root().get("components").and_then(|components| components.get("securitySchemes"));
    for (name, node) in declared.iter().flat_map(Node::members) {
        match documents.follow(&node).and_then(|node| scheme(documents, &node)) {
            Ok(scheme) => {
                schemes.insert(name.to_owned(), scheme);
            }
            Err(problem) => notes.add(problem),
        }
    }
    schemes
}

fn scheme(documents: &Documents, node: &Node<'_>) -> Outcome<SecurityScheme> {
    let lower = |key: &str| node.text(key).map(str::to_ascii_lowercase);
    let missing = |what: &str| documents.problem(node, format!("the security scheme has no {what}"));
    let kind = lower("type").ok_or_else(|| missing("`type`"))?;
    Ok(match kind.as_str() {
        "http" => match lower("scheme").ok_or_else(|| missing("`scheme`"))?.as_str() {
            "bearer" => SecurityScheme::Bearer { format: node.text("bearerFormat").map(str::to_owned) },
            "basic" => SecurityScheme::Basic,
            other => SecurityScheme::Other { name: other.to_owned() },
        },
        "apikey" => SecurityScheme::ApiKey {
            location: match lower("in").as_deref() {
                Some("header") => Location::Header,
                Some("query") => Location::Query,
                Some("cookie") => Location::Cookie,
                _ => return Err(missing("`in` of header, query or cookie")),
            },
            name: node
                .text("name")
                .filter(|name| !name.is_empty())
                .ok_or_else(|| missing("`name`"))?
                .to_owned(),
        },
        "oauth2" => SecurityScheme::OAuth2 {
            token_urls: {
                let flows = node.json.get("flows").and_then(Json::as_object).into_iter().flatten();
                let urls = flows.filter_map(|(_, flow)| flow.get("tokenUrl")?.as_str());
                let mut urls: Vec<String> = urls.map(str::to_owned).collect();
                urls.dedup();
                urls
            },
        },
        "openidconnect" => SecurityScheme::OpenIdConnect,
        "mutualtls" => SecurityScheme::MutualTls,
        _ => SecurityScheme::Other { name: kind },
    })
}

/// The alternatives of `security`; `None` when the keyword is absent.
pub(super) fn needs(documents: &Documents, owner: &Node<'_>) -> Outcome<Option<Vec<Vec<SecurityNeed>>>> {
    let Some(node) = owner.get("security") else { return Ok(None) };
    if !node.json.is_array() {
        return Err(documents.problem(&node, "`security` is a list"));
    }
    let mut alternatives = Vec::new();
    for alternative in node.items() {
        if !alternative.json.is_object() {
            return Err(documents.problem(&alternative, "a security requirement is an object"));
        }
        let mut needs = Vec::new();
        for (scheme, scopes) in alternative.members() {
            let scopes = scopes.json.as_array().into_iter().flatten().filter_map(Json::as_str);
            // 3.2 also allows the reference in full.
            let scheme = scheme.strip_prefix("#/components/securitySchemes/").unwrap_or(scheme);
            needs.push(SecurityNeed {
                scheme: scheme.to_owned(),
                scopes: scopes.map(str::to_owned).collect(),
            });
        }
        alternatives.push(needs);
    }
    Ok(Some(alternatives))
}
