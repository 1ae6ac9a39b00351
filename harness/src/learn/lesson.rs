//! Lessons: one rule about one input.

use serde_json::{Number, Value as Json};

/// One rule about one input of an operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Lesson {
    /// Which input.
    pub place: Where,
    /// What holds of it.
    pub rule: Rule,
}

/// Which input a refusal speaks of, as far as it says so.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Where {
    /// A node of the body: the unescaped tokens of a JSON pointer (RFC 6901). None: the body itself.
    Body(Vec<String>),
    /// A query parameter.
    Query(String),
    /// A path parameter.
    Path(String),
    /// A header.
    Header(String),
    /// A cookie.
    Cookie(String),
    /// A field that travels wherever the operation has one of this name; the tokens lead to it.
    Field(Vec<String>),
}

/// What holds of an input.
#[derive(Clone, Debug, PartialEq)]
pub enum Rule {
    /// It must be there.
    Required,
    /// It must not be there: nobody knows it.
    Unknown,
    /// It has this JSON type.
    Kind(Kind),
    /// It is one of these values.
    OneOf(Vec<Json>),
    /// It is this value.
    Const(Json),
    /// It is a number not below the limit.
    AtLeast {
        /// The limit.
        limit: Number,
        /// The limit itself is refused.
        exclusive: bool,
    },
    /// It is a number not above the limit.
    AtMost {
        /// The limit.
        limit: Number,
        /// The limit itself is refused.
        exclusive: bool,
    },
    /// It is a multiple of this number.
    MultipleOf(Number),
    /// It is text of this many characters, both ends included.
    Length {
        /// At least.
        min: Option<u32>,
        /// At most.
        max: Option<u32>,
    },
    /// It is a list of this many items, both ends included.
    Items {
        /// At least.
        min: Option<u32>,
        /// At most.
        max: Option<u32>,
    },
    /// It is text that matches this regular expression (ECMA-262).
    Pattern(String),
    /// It is text of this format.
    Format(Format),
    /// Its value belongs to another object already: it must be a new one.
    Taken,
    /// It refers to an object that does not exist.
    Missing,
    /// It is neither null nor empty.
    NotEmpty,
    /// It repeats another field of the same object.
    Same(String),
    /// It was refused, and the answer does not say why in words that are known here.
    Refused,
}

/// A JSON type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `true` or `false`
    Boolean,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// Text.
    String,
    /// A list.
    Array,
    /// An object.
    Object,
}

impl Kind {
    /// Its name in JSON Schema.
    pub fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }

    /// Whether it is the type of a value.
    pub fn is_of(self, value: &Json) -> bool {
        match value {
            Json::Null => false,
            Json::Bool(_) => self == Self::Boolean,
            Json::Number(number) => {
                self == Self::Number || self == Self::Integer && (number.is_i64() || number.is_u64())
            }
            Json::String(_) => self == Self::String,
            Json::Array(_) => self == Self::Array,
            Json::Object(_) => self == Self::Object,
        }
    }
}

/// A format of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// A mail address.
    Email,
    /// A UUID (RFC 9562).
    Uuid,
    /// A date (RFC 3339, `full-date`).
    Date,
    /// A moment (RFC 3339, `date-time`).
    DateTime,
    /// A time of the day (RFC 3339, `full-time`).
    Time,
    /// A duration (ISO 8601).
    Duration,
    /// An absolute URI.
    Uri,
    /// An IPv4 address, or any IP address.
    Ip,
    /// An IPv6 address.
    Ipv6,
    /// A host name.
    Hostname,
    /// A telephone number (E.164).
    Phone,
    /// Base64 (RFC 4648).
    Base64,
}

impl Format {
    /// Its name in JSON Schema and OpenAPI.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Uuid => "uuid",
            Self::Date => "date",
            Self::DateTime => "date-time",
            Self::Time => "time",
            Self::Duration => "duration",
            Self::Uri => "uri",
            Self::Ip => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::Hostname => "hostname",
            Self::Phone => "phone",
            Self::Base64 => "byte",
        }
    }
}
