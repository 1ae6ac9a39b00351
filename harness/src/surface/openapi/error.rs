//! Why a document is not loaded at all.

use std::fmt;

/// The notation of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON (RFC 8259).
    Json,
    /// YAML 1.2.
    Yaml,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json => "JSON",
            Self::Yaml => "YAML",
        })
    }
}

/// Why a document is not loaded at all. Every message names the document and the mend.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// There is no such file.
    #[error("{file}: no such file; give the path of an OpenAPI document, a recording or a collection")]
    NoSuchFile {
        /// The document.
        file: String,
    },
    /// The file is there and cannot be read.
    #[error("{file}: cannot be read: {reason}")]
    Unreadable {
        /// The document.
        file: String,
        /// What the operating system says.
        reason: String,
    },
    /// The file is larger than any document.
    #[error("{file}: larger than {limit} MiB; remove the parts that are not tested, or split it by `$ref`")]
    TooLarge {
        /// The document.
        file: String,
        /// The limit in MiB.
        limit: u64,
    },
    /// The file is not UTF-8.
    #[error("{file}:{line}:{column}: not UTF-8; save it as UTF-8")]
    NotUtf8 {
        /// The document.
        file: String,
        /// The line, from 1.
        line: u64,
        /// The column in bytes, from 1.
        column: u64,
    },
    /// The text is neither JSON nor YAML.
    #[error("{file}:{line}:{column}: not {format}: {reason}; correct this place")]
    Syntax {
        /// The document.
        file: String,
        /// What it was read as.
        format: Format,
        /// The line, from 1.
        line: u64,
        /// The column, from 1.
        column: u64,
        /// What is wrong there.
        reason: String,
    },
    /// The document is something else.
    #[error("{file}: not an OpenAPI document: found {found}; its first key should be `openapi: 3.1.0`")]
    NotOpenApi {
        /// The document.
        file: String,
        /// What was found instead.
        found: String,
    },
    /// The text is of no format that is read.
    #[error(
        "{file}: no description of an API: found {found}; expected an OpenAPI document (2.0, 3.0, 3.1 or 3.2), a HAR \
         recording, a Postman collection (2.0 or 2.1) or a file of requests (.http)"
    )]
    Unknown {
        /// The document.
        file: String,
        /// What was found instead.
        found: String,
    },
    /// The text is of a format that is read, and what it must have is not there.
    #[error("{file}: not usable as {format}: {reason}")]
    Unusable {
        /// The document.
        file: String,
        /// What it was read as.
        format: String,
        /// What is wrong, and the mend.
        reason: String,
    },
    /// The document is of another version.
    #[error("{file}: OpenAPI {version} is not supported; 2.0, 3.0, 3.1 and 3.2 are")]
    UnsupportedVersion {
        /// The document.
        file: String,
        /// As the document says.
        version: String,
    },
}
