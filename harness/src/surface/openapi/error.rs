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
    #[error("{file}: no such file; give the path of an OpenAPI 3.0 or 3.1 document")]
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
    /// The document is OpenAPI 2.0.
    #[error(
        "{file}: OpenAPI (Swagger) {version} is not supported yet; convert it to 3.x, for instance with \
         `npx swagger2openapi {file}`"
    )]
    Swagger2 {
        /// The document.
        file: String,
        /// As the document says.
        version: String,
    },
    /// The document is of another version.
    #[error("{file}: OpenAPI {version} is not supported; 3.0 and 3.1 are")]
    UnsupportedVersion {
        /// The document.
        file: String,
        /// As the document says.
        version: String,
    },
}
