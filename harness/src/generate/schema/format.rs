//! The formats of JSON Schema and OpenAPI, in reserved ranges only.

use base64::Engine as _;

use crate::generate::Source;

const WORD: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
const HEX: &[u8] = b"0123456789abcdef";

/// Text of a format; `None` for those that are unknown, so that the lengths and the pattern decide.
pub(super) fn draw(format: &str, (least, most): (usize, usize), source: &mut dyn Source) -> Option<String> {
    Some(match format {
        "date" => date(source),
        "time" => time(source),
        "date-time" => format!("{}T{}", date(source), time(source)),
        "duration" => {
            let unit = *source.pick(&["D", "W", "M", "Y"])?;
            format!("P{}{unit}", source.int(1..=30))
        }
        "uuid" => uuid(source),
        "email" | "idn-email" => email(least, most, source),
        "hostname" | "idn-hostname" => host(least, most, source),
        "ipv4" => ipv4(source),
        "ipv6" => format!("2001:db8::{:x}:{:x}", source.int(0..=0xffff), source.int(1..=0xffff)),
        "uri" | "iri" | "url" => link(least, most, source),
        "uri-reference" | "iri-reference" => padded(format!("/{}", word(3, 10, source)), least, most, source),
        "uri-template" => "/items/{id}".to_owned(),
        "json-pointer" => format!("/{}", word(1, 8, source)),
        "relative-json-pointer" => "0".to_owned(),
        "regex" => "^[a-z]+$".to_owned(),
        "phone" | "tel" | "phone-number" => phone(source),
        "byte" | "base64" => base64(least, most, source),
        "binary" => word(least.max(1), most.min(least.saturating_add(24)), source),
        "password" => password(least, most, source),
        "int32" | "int64" | "integer" => source.int(1..=1_000).to_string(),
        "float" | "double" | "decimal" | "number" => {
            format!("{}.{}", source.int(0..=999), source.int(1..=9))
        }
        _ => word(least.max(1).min(most), most.min(least.saturating_add(12)), source),
    })
}

/// A phone number that is reserved for fiction (NANP 555-0100 to 555-0199).
pub(super) fn phone(source: &mut dyn Source) -> String {
    format!("+120255501{:02}", source.int(0..=99))
}

fn word(least: usize, most: usize, source: &mut dyn Source) -> String {
    let len = least + source.index(most.saturating_sub(least).saturating_add(1).min(4_096));
    source.text_of(WORD, len)
}

fn padded(mut text: String, least: usize, most: usize, source: &mut dyn Source) -> String {
    let short = least.saturating_sub(text.len());
    text.push_str(&source.text_of(WORD, short));
    text.truncate(most);
    text
}

fn date(source: &mut dyn Source) -> String {
    // Now and then a leap day or the ends of a year.
    match source.int(0..=19) {
        17 => "2024-02-29".to_owned(),
        18 => "2025-01-01".to_owned(),
        19 => "2025-12-31".to_owned(),
        _ => format!("{}-{:02}-{:02}", source.int(2020..=2030), source.int(1..=12), source.int(1..=28)),
    }
}

fn time(source: &mut dyn Source) -> String {
    let (hour, minute, second) = (source.int(0..=23), source.int(0..=59), source.int(0..=59));
    format!("{hour:02}:{minute:02}:{second:02}Z")
}

fn uuid(source: &mut dyn Source) -> String {
    let mut part = |len| source.text_of(HEX, len);
    [part(8), part(4), format!("4{}", part(3)), format!("8{}", part(3)), part(12)].join("-")
}

fn email(least: usize, most: usize, source: &mut dyn Source) -> String {
    let domain = if most >= 22 { "@mail.example" } else { "@a.test" };
    let room = most.saturating_sub(domain.len()).clamp(1, 12);
    let local = word(room.min(3), room, source);
    // The local part ends at 64; a longer address grows in its domain (RFC 5321 section 4.5.3.1).
    let address = format!("{local}{domain}");
    match least.saturating_sub(address.len()) {
        0 => address,
        short if short <= 48 => format!("{}{address}", source.text_of(WORD, short)),
        short => {
            let labels = labels(short.saturating_sub(1), source);
            format!("{local}@{labels}.{}", &domain[1..])
        }
    }
}

/// Labels of a host name of this length together.
fn labels(len: usize, source: &mut dyn Source) -> String {
    let mut text = source.text_of(WORD, len);
    for at in (40..len.saturating_sub(1)).step_by(41) {
        text.replace_range(at..=at, ".");
    }
    text
}

fn host(least: usize, most: usize, source: &mut dyn Source) -> String {
    let domain = if most >= 16 { ".example" } else { ".test" };
    let room = most.saturating_sub(domain.len()).clamp(1, 8);
    let name = word(1, room, source);
    let short = least.saturating_sub(name.len() + domain.len());
    match short {
        0 => format!("{name}{domain}"),
        1 => format!("{name}a{domain}"),
        short => format!("{}.{name}{domain}", labels(short - 1, source)),
    }
}

fn ipv4(source: &mut dyn Source) -> String {
    let network = source.pick(&["192.0.2", "198.51.100", "203.0.113"]).copied().unwrap_or("192.0.2");
    format!("{network}.{}", source.int(1..=254))
}

fn link(least: usize, most: usize, source: &mut dyn Source) -> String {
    let host = host(0, most.saturating_sub(9), source);
    padded(format!("https://{host}/"), least, most, source)
}

fn base64(least: usize, most: usize, source: &mut dyn Source) -> String {
    let groups = least.div_ceil(4).max(1) + source.index(4);
    let groups = groups.min((most / 4).max(1));
    let bytes: Vec<u8> = (0..groups * 3).map(|_| source.int(0..=255) as u8).collect();
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn password(least: usize, most: usize, source: &mut dyn Source) -> String {
    let len = least.max(14).min(most);
    let mut text = String::from("aB3-");
    text.truncate(len);
    let rest = len - text.len();
    text.push_str(&source.text_of(b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", rest));
    text
}
