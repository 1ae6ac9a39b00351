//! Values, types and formats as messages write them.

use serde_json::{Number, Value as Json};

use super::lesson::{Format, Kind, Rule};

/// Values of one list.
const MOST: usize = 100;
/// Bytes of one value.
const LONGEST: usize = 200;

/// The values of a list such as `[a, b]`, `'a' or 'b'`, `"a"|"b"`, `` `a`, `b` ``. Empty when it is not one.
pub(super) fn list(text: &str) -> Vec<Json> {
    let text = text.trim().trim_end_matches(['.', '!', ';']).trim();
    let text = text.strip_prefix(['[', '(', '{']).unwrap_or(text);
    let text = text.strip_suffix([']', ')', '}']).unwrap_or(text);
    let quoted = quoted(text);
    if !quoted.is_empty() {
        return quoted;
    }
    let text = text.replace(" or ", ",").replace(" and ", ",").replace('|', ",");
    let parts: Vec<&str> = if !text.contains(',') && text.split_whitespace().count() <= 8 {
        text.split_whitespace().collect()
    } else {
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect()
    };
    // A sentence is not a list of values.
    let is_list = parts.len() <= MOST && parts.iter().all(|part| part.split_whitespace().count() <= 4);
    if is_list { parts.into_iter().filter_map(bare).collect() } else { Vec::new() }
}

/// What stands in quotes, when the list begins with a quote.
fn quoted(text: &str) -> Vec<Json> {
    let mut values = Vec::new();
    let mut rest = text;
    while let Some(quote) = rest.chars().next().filter(|quote| ['\'', '"', '`', '“', '‘'].contains(quote))
    {
        let close = match quote {
            '“' => '”',
            '‘' => '’',
            same => same,
        };
        let inner = &rest[quote.len_utf8()..];
        let Some(end) = inner.find(close) else { break };
        if end <= LONGEST && values.len() < MOST {
            values.push(Json::from(&inner[..end]));
        }
        let after = &inner[end + close.len_utf8()..];
        rest = after.trim_start_matches([',', '|', ' ', '/']);
        rest = ["or ", "and "].iter().find_map(|word| rest.strip_prefix(word)).unwrap_or(rest);
    }
    values
}

/// One value as it stands in a message.
pub(super) fn bare(text: &str) -> Option<Json> {
    let text = text.trim();
    let unquoted = text.trim_matches(['\'', '"', '`', '“', '”']);
    if unquoted.len() > LONGEST || unquoted.is_empty() {
        return None;
    }
    Some(match unquoted {
        quoted if quoted.len() < text.len() => Json::from(quoted),
        "true" | "True" => Json::Bool(true),
        "false" | "False" => Json::Bool(false),
        "null" | "None" | "nil" => return None,
        plain => number(plain).map_or_else(|| Json::from(plain), Json::Number),
    })
}

/// A number as it stands in a message.
pub(super) fn number(text: &str) -> Option<Number> {
    let whole = || text.parse::<f64>().ok().filter(|n| n.fract() == 0.0 && n.abs() < 9e15);
    match text.parse::<i64>() {
        Ok(number) => Some(number.into()),
        Err(_) => match whole() {
            Some(number) => Some((number as i64).into()),
            None => Number::from_f64(text.parse().ok()?),
        },
    }
}

/// What a type's name says, in the words of many languages: `i32`, `java.util.List<Item>`, `a string`.
pub(super) fn type_rules(name: &str) -> Vec<Rule> {
    let lower = name.trim().trim_matches(['`', '\'', '"', '.']).to_ascii_lowercase();
    let lower = ["a valid ", "an ", "a ", "any ", "valid "]
        .iter()
        .find_map(|article| lower.strip_prefix(article))
        .unwrap_or(&lower);
    let lower = match lower.split_once("nullable`1[").or_else(|| lower.split_once("option<")) {
        Some((_, inner)) => inner.trim_end_matches([']', '>']),
        None => lower,
    };
    let list = [
        "[]",
        "list",
        "array",
        "sequence",
        "vec<",
        "java.util.list",
        "java.util.set",
        "ienumerable",
        "tuple",
    ];
    let has_list = |text: &str| {
        list.iter().any(|word| text.starts_with(word))
            || text.contains(".list`1")
            || text.contains("arraylist")
    };
    if has_list(lower) || lower.contains("hashset") || lower.contains(".ienumerable`1") {
        return vec![Rule::Kind(Kind::Array)];
    }
    if lower.starts_with("struct ") || lower.starts_with("map[") || lower.contains("hashmap<") {
        return vec![Rule::Kind(Kind::Object)];
    }
    if lower == "time.time" {
        return vec![Rule::Format(Format::DateTime)];
    }
    let last = lower.rsplit(['.', ':', '*']).next().unwrap_or_default().trim();
    match last {
        "u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "uint" | "uint8" | "uint16" | "uint32"
        | "uint64" | "ulong" | "ushort" => {
            vec![Rule::Kind(Kind::Integer), Rule::AtLeast { limit: 0.into(), exclusive: false }]
        }
        "integer" | "integers" | "int" | "i8" | "i16" | "i32" | "i64" | "i128" | "isize" | "int8"
        | "int16" | "int32" | "int64" | "long" | "short" | "byte" | "sbyte" | "bigint" | "biginteger"
        | "whole number" | "integer number" => vec![Rule::Kind(Kind::Integer)],
        "number" | "numbers" | "numeric" | "float" | "double" | "decimal" | "f32" | "f64" | "float32"
        | "float64" | "bigdecimal" | "single" => vec![Rule::Kind(Kind::Number)],
        "bool" | "boolean" | "booleans" | "true or false" => vec![Rule::Kind(Kind::Boolean)],
        "string" | "strings" | "str" | "text" | "borrowed string" | "charsequence" => {
            vec![Rule::Kind(Kind::String)]
        }
        "object" | "objects" | "dict" | "dictionary" | "map" | "mapping" | "hash" | "record"
        | "mapping type" => vec![Rule::Kind(Kind::Object)],
        "uuid" | "guid" => vec![Rule::Format(Format::Uuid)],
        "localdate" | "dateonly" | "naivedate" => vec![Rule::Format(Format::Date)],
        "date" | "localdatetime" | "offsetdatetime" | "instant" | "zoneddatetime" | "datetime"
        | "datetimeoffset" | "naivedatetime" => vec![Rule::Format(Format::DateTime)],
        "localtime" | "timeonly" | "naivetime" => vec![Rule::Format(Format::Time)],
        "uri" | "url" => vec![Rule::Format(Format::Uri)],
        _ => Vec::new(),
    }
}

/// A format by one of its names.
pub(super) fn format(name: &str) -> Option<Format> {
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    Some(match plain.as_str() {
        "email" | "emailaddress" | "idnemail" => Format::Email,
        "uuid" | "guid" | "uuid4" | "uuidv4" => Format::Uuid,
        "date" | "iso8601date" | "isodate" | "localdate" => Format::Date,
        "datetime" | "timestamp" | "iso8601" | "iso8601datetime" | "iso8601datestring" | "rfc3339"
        | "isodatetime" | "datestring" | "dateordatetime" => Format::DateTime,
        "time" | "isotime" => Format::Time,
        "duration" | "iso8601duration" => Format::Duration,
        "url" | "uri" | "urladdress" | "httpurl" | "fullyqualifiedhttphttpsorftpurl" | "weburl" | "iri" => {
            Format::Uri
        }
        "ip" | "ipaddress" | "ipv4" | "ipv4address" | "ipv4oripv6" | "ipv4oripv6address" => Format::Ip,
        "ipv6" | "ipv6address" => Format::Ipv6,
        "hostname" | "domain" | "domainname" | "fqdn" | "host" => Format::Hostname,
        "phone" | "phonenumber" | "mobilephone" | "mobilephonenumber" | "e164" | "e164phonenumber" => {
            Format::Phone
        }
        "base64" | "byte" | "base64string" | "base64encoded" => Format::Base64,
        _ => return None,
    })
}
