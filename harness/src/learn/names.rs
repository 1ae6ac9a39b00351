//! What a field's name says about its values, where nothing else does.

use serde_json::{Map, Value as Json, json};

use super::lesson::{Format, Kind};

/// What values of a name look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guess {
    /// Their type.
    pub kind: Kind,
    /// Their format.
    pub format: Option<Format>,
    /// The name refers to another object.
    pub is_reference: bool,
}

const fn plain(kind: Kind) -> Guess {
    Guess { kind, format: None, is_reference: false }
}

const fn text(format: Format) -> Guess {
    Guess { kind: Kind::String, format: Some(format), is_reference: false }
}

const REFERENCE: Guess = Guess { kind: Kind::Integer, format: None, is_reference: true };
const REFERENCE_UUID: Guess = Guess { kind: Kind::String, format: Some(Format::Uuid), is_reference: true };

/// By the last word of a name, first match first.
const LAST: &[(&[&str], Guess)] = &[
    (&["email", "mail"], text(Format::Email)),
    (&["url", "uri", "link", "website", "webhook", "callback", "homepage"], text(Format::Uri)),
    (&["uuid", "guid"], REFERENCE_UUID),
    (&["phone", "mobile", "msisdn", "telephone"], text(Format::Phone)),
    (&["date", "birthday", "birthdate", "dob", "day"], text(Format::Date)),
    (&["timestamp", "datetime"], text(Format::DateTime)),
    (&["ip"], text(Format::Ip)),
    (&["host", "hostname", "domain"], text(Format::Hostname)),
    (
        &[
            "count", "quantity", "qty", "age", "year", "month", "limit", "offset", "page", "size", "index",
            "position", "rank", "priority", "port", "stock", "seats", "capacity", "minutes", "hours", "days",
            "seconds", "stars",
        ],
        plain(Kind::Integer),
    ),
    (
        &[
            "amount",
            "price",
            "cost",
            "fee",
            "rate",
            "ratio",
            "percent",
            "percentage",
            "weight",
            "height",
            "width",
            "latitude",
            "lat",
            "longitude",
            "lng",
            "lon",
            "balance",
            "score",
            "discount",
            "tax",
            "total",
        ],
        plain(Kind::Number),
    ),
    (
        &[
            "enabled",
            "disabled",
            "active",
            "visible",
            "deleted",
            "verified",
            "archived",
            "published",
            "completed",
            "done",
        ],
        plain(Kind::Boolean),
    ),
    (&["ids", "tags", "items"], plain(Kind::Array)),
    (&["id"], REFERENCE),
];
/// First words of a question.
const QUESTIONS: &[&str] = &["is", "has", "can", "should", "allow", "enable"];

/// What a name such as `created_at`, `ownerId` or `is-active` says; `None` where it says nothing.
pub fn guess(name: &str) -> Option<Guess> {
    let words = words(name);
    let last = words.last()?;
    if words.len() > 1 && QUESTIONS.contains(&words[0].as_str()) {
        return Some(plain(Kind::Boolean));
    }
    if words.len() > 1 && matches!(last.as_str(), "at" | "time") {
        return Some(text(Format::DateTime));
    }
    LAST.iter().find(|(names, _)| names.contains(&last.as_str())).map(|(_, guess)| *guess)
}

/// A schema for a field of which only the name is known: text where the name says nothing.
pub fn schema(name: &str) -> Map<String, Json> {
    let guess = guess(name).unwrap_or(plain(Kind::String));
    let mut schema = Map::new();
    schema.insert("type".to_owned(), guess.kind.name().into());
    if let Some(format) = guess.format {
        schema.insert("format".to_owned(), format.keyword().into());
    }
    if guess.kind == Kind::Array {
        let item = if name.to_ascii_lowercase().ends_with("ids") { REFERENCE.kind } else { Kind::String };
        schema.insert("items".to_owned(), json!({"type": item.name()}));
    }
    schema
}

/// The words of a name in lower case: at separators, and where a capital follows a small letter.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    for c in name.chars().take(128) {
        let begins = c.is_ascii_uppercase() && before.is_ascii_lowercase();
        if c.is_ascii_alphanumeric() {
            match words.last_mut().filter(|_| !begins && before.is_ascii_alphanumeric()) {
                Some(word) => word.push(c.to_ascii_lowercase()),
                None => words.push(c.to_ascii_lowercase().to_string()),
            }
        }
        before = c;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_types_and_formats() {
        for (name, kind, format) in [
            ("email", Kind::String, Some(Format::Email)),
            ("contactEmail", Kind::String, Some(Format::Email)),
            ("created_at", Kind::String, Some(Format::DateTime)),
            ("birth-date", Kind::String, Some(Format::Date)),
            ("callbackUrl", Kind::String, Some(Format::Uri)),
            ("item_count", Kind::Integer, None),
            ("isActive", Kind::Boolean, None),
            ("has_children", Kind::Boolean, None),
            ("unitPrice", Kind::Number, None),
            ("total_amount", Kind::Number, None),
            ("tag_ids", Kind::Array, None),
        ] {
            let guess = guess(name).expect(name);
            assert_eq!((guess.kind, guess.format), (kind, format), "{name}");
        }
        assert!(guess("customerId").expect("a reference").is_reference);
        assert!(guess("order_uuid").expect("a reference").is_reference);
    }

    #[test]
    fn other_names_tell_nothing() {
        for name in ["name", "island", "hash", "at", "", "_", "format", "candidate", "paid", "ship"] {
            assert_eq!(guess(name), None, "{name}");
        }
        assert_eq!(schema("name")["type"], "string");
    }
}
