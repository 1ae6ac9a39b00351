//! Edits: what makes a valid request an attack. Their meaning is frozen by the format version.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::place::Place;
use super::value::Value;

/// One labelled change. Labels are for readers; nothing depends on them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Edit {
    /// Replaces what is there, or adds it.
    Set {
        /// Where.
        at: Place,
        /// By what.
        value: Value,
        /// For readers.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        label: String,
    },
    /// Takes it away, every occurrence.
    Remove {
        /// Where.
        at: Place,
        /// For readers.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        label: String,
    },
    /// Adds text in front of what is there.
    Insert {
        /// Where.
        at: Place,
        /// What.
        value: Value,
        /// For readers.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        label: String,
    },
    /// Adds text behind what is there.
    Append {
        /// Where.
        at: Place,
        /// What.
        value: Value,
        /// For readers.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        label: String,
    },
    /// Replaces `delete` bytes from `offset` on, both cut to what is there.
    Splice {
        /// Where.
        at: Place,
        /// From which byte.
        offset: u32,
        /// How many bytes go.
        delete: u32,
        /// What comes in their place.
        value: Value,
        /// For readers.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        label: String,
    },
    /// The same name once more, behind the first, with another value.
    Duplicate {
        /// Where.
        at: Place,
        /// The second value.
        value: Value,
        /// For readers.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        label: String,
    },
    /// Replaces the identity's token by a forgery of it, made at execution from the genuine one.
    ForgeToken {
        /// How.
        forgery: Forgery,
        /// For readers.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        label: String,
    },
}

/// How a JWT (RFC 7519) is forged from the genuine one of the step's identity.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forgery {
    /// Header members to set; `null` removes one.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub header: Map<String, Json>,
    /// Claims to set; `null` removes one. `{"$now": seconds}` is the time of execution plus so many seconds.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub claims: Map<String, Json>,
    /// What becomes of the signature.
    pub signature: Signature,
}

/// What becomes of a forged token's signature.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signature {
    /// The genuine bytes, although header and claims may have changed.
    #[default]
    Keep,
    /// `header.claims.`
    Empty,
    /// `header.claims`, two segments.
    Absent,
    /// Random bytes of the genuine length.
    Random,
    /// One bit flipped in the decoded byte of this share of the length: `first`, `middle`, `last`.
    Flip(FlipAt),
    /// Signed anew with the configured signing key.
    Sign,
}

/// Which byte of the decoded signature has a bit flipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FlipAt {
    /// The first.
    First,
    /// The middle one.
    Middle,
    /// The last.
    Last,
}

impl Edit {
    /// Replaces what is there, or adds it.
    pub fn set(at: Place, value: impl Into<Value>) -> Self {
        Self::Set { at, value: value.into(), label: String::new() }
    }

    /// Takes it away.
    pub fn remove(at: Place) -> Self {
        Self::Remove { at, label: String::new() }
    }

    /// Adds text behind what is there.
    pub fn append(at: Place, value: impl Into<Value>) -> Self {
        Self::Append { at, value: value.into(), label: String::new() }
    }

    /// Forges the identity's token.
    pub fn forge(forgery: Forgery) -> Self {
        Self::ForgeToken { forgery, label: String::new() }
    }

    /// The same edit with a label for readers.
    pub fn labelled(mut self, text: impl Into<String>) -> Self {
        match &mut self {
            Self::Set { label, .. }
            | Self::Remove { label, .. }
            | Self::Insert { label, .. }
            | Self::Append { label, .. }
            | Self::Splice { label, .. }
            | Self::Duplicate { label, .. }
            | Self::ForgeToken { label, .. } => *label = text.into(),
        }
        self
    }

    /// Where the edit acts.
    pub fn place(&self) -> &Place {
        match self {
            Self::Set { at, .. }
            | Self::Remove { at, .. }
            | Self::Insert { at, .. }
            | Self::Append { at, .. }
            | Self::Splice { at, .. }
            | Self::Duplicate { at, .. } => at,
            Self::ForgeToken { .. } => &Place::Credential,
        }
    }

    /// What the edit brings in.
    pub fn value(&self) -> Option<&Value> {
        match self {
            Self::Set { value, .. }
            | Self::Insert { value, .. }
            | Self::Append { value, .. }
            | Self::Splice { value, .. }
            | Self::Duplicate { value, .. } => Some(value),
            Self::Remove { .. } | Self::ForgeToken { .. } => None,
        }
    }

    /// What the edit brings in, to change it.
    pub fn value_mut(&mut self) -> Option<&mut Value> {
        match self {
            Self::Set { value, .. }
            | Self::Insert { value, .. }
            | Self::Append { value, .. }
            | Self::Splice { value, .. }
            | Self::Duplicate { value, .. } => Some(value),
            Self::Remove { .. } | Self::ForgeToken { .. } => None,
        }
    }
}
