//! Which format a text has, by its content.

use std::path::Path;

use serde_json::Value as Json;

use super::openapi::{self, LoadError};
use super::{Surface, har, postman, requests};

impl Surface {
    /// Reads a file of any format: OpenAPI, a HAR recording, a Postman collection, a list of requests. An OpenAPI
    /// document may refer to files of its own folder.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, LoadError> {
        let path = path.as_ref();
        detected(&openapi::read(path)?, &path.display().to_string(), Some(path))
    }

    /// Reads a text of any format; `name` names it in errors. References to files do not resolve.
    pub fn from_text(text: &str, name: &str) -> Result<Self, LoadError> {
        detected(text.strip_prefix('\u{feff}').unwrap_or(text), name, None)
    }
}

fn detected(text: &str, name: &str, path: Option<&Path>) -> Result<Surface, LoadError> {
    if requests::looks_so(text) {
        return requests::surface(text, name);
    }
    let unknown = |error| match error {
        LoadError::NotOpenApi { file, found } => LoadError::Unknown { file, found },
        other => other,
    };
    let document = openapi::parse(text, name).map_err(unknown)?;
    if document.get("openapi").is_some() || document.get("swagger").is_some() {
        return Surface::from_openapi_parsed(document, name, path);
    }
    if document.pointer("/log/entries").is_some_and(Json::is_array) {
        return Ok(har::surface(&document));
    }
    // Collections that are fetched from the service are wrapped.
    let collection = document.get("collection").unwrap_or(&document);
    if collection.get("item").is_some_and(Json::is_array) && collection.get("info").is_some() {
        return Ok(postman::surface(collection));
    }
    let found = if collection.get("requests").is_some() && collection.get("order").is_some() {
        "a Postman collection 1.0; export it as 2.1".to_owned()
    } else {
        openapi::describe(&document)
    };
    Err(LoadError::Unknown { file: name.to_owned(), found })
}
