//! What a value is wanted for.

use serde_json::Value as Json;

use crate::generate::Source;
use crate::surface::{Location, Style};

/// Where a value travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a body, or as a JSON document.
    Body,
    /// In a path segment.
    Path,
    /// In the query, or in a form.
    Query,
    /// In a header.
    Header,
    /// In a cookie.
    Cookie,
}

/// How much of what is optional is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Size {
    /// Only what is required.
    Minimal,
    /// Each optional part in half of the draws.
    #[default]
    Random,
    /// Every optional part.
    Full,
}

/// How often the document's examples are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Examples {
    /// Never.
    Never,
    /// In a third of the draws.
    #[default]
    Sometimes,
    /// Wherever there is one that is valid.
    Always,
}

/// What a value is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Want<'a> {
    /// Where it travels.
    pub place: Place,
    /// How much of it.
    pub size: Size,
    /// Free text is new at each execution (for creations), so that a case can be replayed.
    pub fresh: bool,
    /// How often the document's examples are used.
    pub examples: Examples,
    /// The first part of the names of fresh values, which are JSON pointers into the value after it.
    pub prefix: &'a str,
}

impl Want<'static> {
    /// A value for this place.
    pub fn of(place: Place) -> Self {
        Self { place, size: Size::Random, fresh: false, examples: Examples::Sometimes, prefix: "" }
    }

    /// A body.
    pub fn body() -> Self {
        Self::of(Place::Body)
    }

    /// A parameter of this location and style.
    pub fn parameter(location: Location, style: Style) -> Self {
        Self::of(match (style, location) {
            (Style::Json, _) => Place::Body,
            (_, Location::Path) => Place::Path,
            (_, Location::Query) => Place::Query,
            (_, Location::Header) => Place::Header,
            (_, Location::Cookie) => Place::Cookie,
        })
    }
}

impl Want<'_> {
    /// With this much of what is optional.
    pub fn size(self, size: Size) -> Self {
        Self { size, ..self }
    }

    /// With fresh values whose names begin so.
    pub fn fresh(self, prefix: &str) -> Want<'_> {
        let Self { place, size, examples, .. } = self;
        Want { place, size, fresh: true, examples, prefix }
    }

    /// Without the document's examples.
    pub fn without_examples(self) -> Self {
        self.examples(Examples::Never)
    }

    /// With the document's examples so often.
    pub fn examples(self, examples: Examples) -> Self {
        Self { examples, ..self }
    }
}

impl Examples {
    pub(super) fn draws(self, source: &mut dyn Source) -> bool {
        match self {
            Self::Never => false,
            Self::Sometimes => source.ratio(1, 3),
            Self::Always => true,
        }
    }
}

impl Place {
    /// Whether the value arrives as it is meant to.
    pub(super) fn carries(self, value: &Json) -> bool {
        match value {
            Json::String(text) => self.carries_text(text),
            Json::Array(items) => items.iter().all(|item| self.carries(item)),
            Json::Object(members) => {
                members.iter().all(|(name, value)| self.carries_text(name) && self.carries(value))
            }
            _ => true,
        }
    }

    fn carries_text(self, text: &str) -> bool {
        match self {
            Self::Body | Self::Query => true,
            Self::Path => !matches!(text, "" | "." | "..") && !text.contains(['/', '\\']),
            Self::Header => text.trim() == text && text.bytes().all(|byte| (0x20..0x7f).contains(&byte)),
            Self::Cookie => text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\",;\\".contains(&byte)),
        }
    }

    /// Whether the value can be written here at all: scalars, and lists and objects of scalars.
    pub(super) fn can_carry(self, value: &Json) -> bool {
        let scalar = |value: &Json| !matches!(value, Json::Array(_) | Json::Object(_) | Json::Null);
        match (self, value) {
            (Self::Body, _) => true,
            (Self::Path, Json::Array(items)) => !items.is_empty() && items.iter().all(scalar),
            (Self::Path, Json::Object(members)) => !members.is_empty() && members.values().all(scalar),
            (Self::Path, Json::String(text)) => !text.is_empty(),
            (_, Json::Array(items)) => items.iter().all(scalar),
            (_, Json::Object(members)) => members.values().all(scalar),
            (_, value) => scalar(value),
        }
    }
}
