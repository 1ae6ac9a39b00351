//! The path of the first server; its host is never read, since a document must not choose the target.

use serde_json::Value as Json;

use super::document::{Documents, Outcome};

/// The path prefix without a trailing slash.
pub(super) fn base_path(documents: &Documents) -> Outcome<String> {
    let Some(server) = documents.root().get("servers").and_then(|servers| servers.items().next()) else {
        return Ok(String::new());
    };
    let url = server.text("url").ok_or_else(|| documents.problem(&server, "the server has no `url`"))?;
    let mut filled = url.to_owned();
    for (name, variable) in server.get("variables").iter().flat_map(super::document::Node::members) {
        if let Some(Json::String(default)) = variable.json.get("default") {
            filled = filled.replace(&format!("{{{name}}}"), default);
        }
    }
    let rest = match filled.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None if filled.starts_with("//") => filled[2..].find('/').map_or("", |at| &filled[at + 2..]),
        None => filled.strip_prefix('.').unwrap_or(&filled),
    };
    let path = rest.split(['?', '#']).next().unwrap_or_default().trim_matches('/');
    let odd = |c: char| c.is_whitespace() || c.is_control() || "{}\\".contains(c);
    match path {
        "" => Ok(String::new()),
        path if path.contains(odd) || path.split('/').any(|part| matches!(part, "." | ".." | "")) => {
            Err(documents.problem(&server, format!("`{}` is not a plain path", path.escape_debug())))
        }
        path => Ok(format!("/{path}")),
    }
}
