//! Surfaces from OpenAPI documents: 2.0 (Swagger), 3.0, 3.1 and 3.2.
//!
//! Only an unreadable document is an error. A part that cannot be used is noted in [`Surface::broken`] and the
//! rest loads, because one wrong operation must not hide the others from the checks.

mod document;
mod error;
mod examples;
mod keywords;
mod load;
mod notes;
mod operation;
mod parameter;
mod recursion;
mod schema;
mod security;
mod servers;
mod swagger;
#[cfg(test)]
mod tests;

use std::path::Path;

use serde_json::Value as Json;

use super::Surface;

use document::Documents;
use load::Version;

pub(super) use document::Origins;
pub(crate) use document::percent_decoded;
pub use error::{Format, LoadError};
pub(super) use load::{describe, parse, read};
pub(super) use parameter::is_json;

impl Surface {
    /// Reads a document and the files of its own folder that it refers to.
    pub fn from_openapi_file(path: impl AsRef<Path>) -> Result<Self, LoadError> {
        let path = path.as_ref();
        let name = path.display().to_string();
        Self::from_openapi_parsed(load::parse(&load::read(path)?, &name)?, &name, Some(path))
    }

    /// Reads a document from text; `origin` names it in errors. References to files do not resolve.
    pub fn from_openapi_text(text: &str, origin: &str) -> Result<Self, LoadError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self::from_openapi_json(load::parse(text, origin)?, origin)
    }

    /// Takes a document that is parsed already.
    pub fn from_openapi_json(document: Json, origin: &str) -> Result<Self, LoadError> {
        Self::from_openapi_parsed(document, origin, None)
    }

    /// A document whose references to files are resolved where its own path is known.
    pub(super) fn from_openapi_parsed(
        document: Json,
        origin: &str,
        path: Option<&Path>,
    ) -> Result<Self, LoadError> {
        let version = load::version(&document, origin)?;
        let documents = match path {
            Some(path) => Documents::with_folder(document, path),
            None => Documents::alone(document),
        };
        let documents = if version == Version::V20 { swagger::convert(documents) } else { documents };
        Ok(operation::surface(&documents, version))
    }

    /// A document of 3.2 that was made from something else, whose places are called otherwise there.
    pub(super) fn from_made(document: Json, origins: Origins) -> Self {
        operation::surface(&Documents::made(document, origins), Version::V31)
    }
}
