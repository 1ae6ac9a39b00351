//! Places: where in a request an edit acts, written as one line of text.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A place in a request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// `method`
    Method,
    /// `target`: the request target as it is written on the wire, query included.
    Target,
    /// `path:NAME`: the value of a path parameter.
    Path(String),
    /// `query:NAME`
    Query(String),
    /// `header:NAME`
    Header(String),
    /// `cookie:NAME`
    Cookie(String),
    /// `credential`: whatever carries the identity's credential.
    Credential,
    /// `media-type`: the `Content-Type` of the body.
    MediaType,
    /// `body`: the body as it is written on the wire.
    Body,
    /// `body:/json/pointer`: a node of a JSON body, or `body:/name` of a form.
    Node(String),
}

impl Place {
    /// Whether the place is a value that an operation takes in (and not the request's frame).
    pub fn is_input(&self) -> bool {
        matches!(self, Self::Path(_) | Self::Query(_) | Self::Header(_) | Self::Cookie(_) | Self::Node(_))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Method => f.write_str("method"),
            Self::Target => f.write_str("target"),
            Self::Path(name) => write!(f, "path:{name}"),
            Self::Query(name) => write!(f, "query:{name}"),
            Self::Header(name) => write!(f, "header:{name}"),
            Self::Cookie(name) => write!(f, "cookie:{name}"),
            Self::Credential => f.write_str("credential"),
            Self::MediaType => f.write_str("media-type"),
            Self::Body => f.write_str("body"),
            Self::Node(pointer) => write!(f, "body:{pointer}"),
        }
    }
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let place = match text.split_once(':') {
            None => match text {
                "method" => Self::Method,
                "target" => Self::Target,
                "credential" => Self::Credential,
                "media-type" => Self::MediaType,
                "body" => Self::Body,
                _ => return Err(unknown(text)),
            },
            Some(("path", name)) => Self::Path(name.to_owned()),
            Some(("query", name)) => Self::Query(name.to_owned()),
            Some(("header", name)) => Self::Header(name.to_owned()),
            Some(("cookie", name)) => Self::Cookie(name.to_owned()),
            Some(("body", pointer)) if pointer.starts_with('/') || pointer.is_empty() => {
                Self::Node(pointer.to_owned())
            }
            Some(_) => return Err(unknown(text)),
        };
        Ok(place)
    }
}

fn unknown(text: &str) -> String {
    format!(
        "`{text}` is not a place: use method, target, credential, media-type, body, path:NAME, query:NAME, \
         header:NAME, cookie:NAME or body:/json/pointer"
    )
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn places_read_back_as_they_are_written() {
        for text in [
            "method",
            "target",
            "credential",
            "media-type",
            "body",
            "path:id",
            "query:a:b",
            "header:X-A",
            "body:/a/0",
            "body:",
        ] {
            assert_eq!(text.parse::<Place>().expect(text).to_string(), text);
        }
        assert!("elsewhere".parse::<Place>().is_err());
        assert!("body:name".parse::<Place>().is_err());
    }
}
