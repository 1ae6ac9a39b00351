//! Surfaces from OpenAPI documents, 3.0 and 3.1.
//!
//! Only an unreadable document is an error. A part that cannot be used is noted in [`Surface::broken`] and the
//! rest loads, because one wrong operation must not hide the others from the checks.

mod document;
mod error;
mod examples;
mod keywords;
mod load;
mod operation;
mod parameter;
mod recursion;
mod schema;
mod security;
mod servers;
#[cfg(test)]
mod tests;

use std::path::Path;

use serde_json::Value as Json;

use super::Surface;

pub use error::{Format, LoadError};

impl Surface {
    /// Reads a document and the files of its own folder that it refers to.
    pub fn from_openapi_file(path: impl AsRef<Path>) -> Result<Self, LoadError> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let root = load::parse(&load::read(path)?, &name)?;
        let version = load::version(&root, &name)?;
        let documents = document::Documents::with_folder(root, path);
        Ok(operation::surface(&documents, version))
    }

    /// Reads a document from text; `origin` names it in errors. References to files do not resolve.
    pub fn from_openapi_text(text: &str, origin: &str) -> Result<Self, LoadError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self::from_openapi_json(load::parse(text, origin)?, origin)
    }

    /// Takes a document that is parsed already.
    pub fn from_openapi_json(document: Json, origin: &str) -> Result<Self, LoadError> {
        let version = load::version(&document, origin)?;
        Ok(operation::surface(&document::Documents::alone(document), version))
    }
}
