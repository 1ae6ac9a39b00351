//! Lines of the ledger.

use serde::{Deserialize, Serialize};

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Line {
    /// A run begins, or somebody who removes; what follows is about this target.
    Run(Header),
    /// An object was made.
    Made(Box<Made>),
    /// An object is gone.
    Gone(Gone),
    /// So many objects more were made by this run, and are not listed.
    Unlisted(u64),
}

/// Whose lines follow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The version of the format.
    pub version: u32,
    /// The run's id, which every request of it carries as `X-Proofhouse-Run`.
    pub run: String,
    /// The target, as reports name it.
    pub target: String,
    /// `http`, `range` (the embedded one, gone with its run) or `service`; `clean` where objects were removed.
    pub kind: String,
    /// When it began (RFC 3339, UTC).
    pub started: String,
}

/// An object that a run made. Holds no secret: an id that is one is left out, and the path with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// When (RFC 3339, UTC).
    pub time: String,
    /// The run's id.
    pub run: String,
    /// The operation that made it, `METHOD /template`.
    pub operation: String,
    /// Who sent it.
    pub identity: String,
    /// Where the id stood: a JSON pointer into the answer's body, `header:location` or `path`.
    pub take: String,
    /// The id; empty when it is a secret.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// The object's path below the target; empty when it is not known or would show a secret.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// The operation that deletes it, where the document has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete: Option<String>,
    /// It was sent with another credential than the identity's own: it may be somebody else's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub foreign: bool,
}

/// An object that is not there any more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Gone {
    /// Its path below the target.
    pub(super) path: String,
    /// When (RFC 3339, UTC).
    pub(super) time: String,
}

/// The time (RFC 3339, UTC).
pub(super) fn now() -> String {
    let now = jiff::Timestamp::now();
    now.round(jiff::Unit::Millisecond).unwrap_or(now).to_string()
}
