//! Values that name no one else's host, mailbox or telephone.
//!
//! The target may send mail, call a webhook or a number: what we hand it leads to reserved names only
//! (RFC 2606, RFC 5737, RFC 3849, NANP 555-01xx).

use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::case::Value;

/// Country codes that are common endings of file names instead.
const FILE_LIKE: [&str; 18] = [
    "cc", "cs", "db", "go", "gz", "hs", "js", "kt", "md", "pl", "ps", "py", "rb", "rs", "sh", "so", "ts",
    "vb",
];
const WORLD: [&str; 24] = [
    "com", "org", "net", "info", "biz", "edu", "gov", "mil", "int", "app", "dev", "cloud", "online", "site",
    "xyz", "shop", "store", "tech", "live", "club", "arpa", "name", "pro", "onion",
];
const RESERVED: [&str; 3] = ["example", "test", "invalid"];

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a pattern of ours")
}

static MAIL: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?i)([\w.!#$%&'*+/=?^`{|}~-]+)@([\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*|\[[^\]\s]*\])")
});
static LINK: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r#"(?i)((?:\b[a-z][a-z0-9+.-]*:|^|[\s"'(=,;])[/\\]{2})((?:[^/?#\s"'<>\\@]*@)?)(\[[^\]\s]*\]|[^/?#\s"'<>\\:]+)"#,
    )
});
static IPV4: LazyLock<Regex> = LazyLock::new(|| regex(r"\b(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\b"));
static IPV6: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)^[0-9a-f]*(?::[0-9a-f]*){2,7}(?:%\w+)?(/\d+)?$"));
static HOST: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?i)\b((?:[\p{L}\p{N}_](?:[\p{L}\p{N}_-]*[\p{L}\p{N}_])?\.)+)([\p{L}]{2,24})\b")
});
static PHONE: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?:^|[\s:])(\+\d[\d ().-]{6,18}\d|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4})(?:$|[\s,;])")
});

/// The value with every host, mail address, IP address and telephone number replaced by a reserved one; the
/// names of members, and dynamic leaves, stay.
pub fn harmless(value: Value) -> Value {
    match value {
        Value::Text(text) => Value::Text(harmless_text(text)),
        Value::List(items) => Value::List(items.into_iter().map(harmless).collect()),
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(name, value)| (name, harmless(value))).collect())
        }
        other => other,
    }
}

fn harmless_text(text: String) -> String {
    // Most text has none of these.
    if !text.contains(['.', '@', ':', '+', '/', '\\', '-', ' ']) {
        return text;
    }
    let text = MAIL.replace_all(&text, |found: &Captures<'_>| {
        format!("{}@{}", &found[1], host(&found[2], "mail.example"))
    });
    let text = LINK.replace_all(&text, |found: &Captures<'_>| {
        let name = host(&found[3], "host.example");
        // Whatever stood before `@` may be a credential or a disguise.
        format!("{}{}", &found[1], name)
    });
    let text = IPV4.replace_all(&text, |found: &Captures<'_>| {
        let network = format!("{}.{}.{}", &found[1], &found[2], &found[3]);
        match network.as_str() {
            "192.0.2" | "198.51.100" | "203.0.113" => found[0].to_owned(),
            _ => format!("192.0.2.{}", found[4].parse::<u8>().unwrap_or(1)),
        }
    });
    let text = match IPV6.captures(&text) {
        Some(found) if is_ipv6(&text) => {
            format!("2001:db8::1{}", found.get(1).map_or("", |prefix| prefix.as_str()))
        }
        _ => text.into_owned(),
    };
    let text = HOST.replace_all(&text, |found: &Captures<'_>| {
        if foreign(&found[1], &found[2]) { renamed(&found[1]) } else { found[0].to_owned() }
    });
    phones(&text)
}

/// A host name made reserved; its first label stays, so that different hosts stay different.
fn host(name: &str, nameless: &str) -> String {
    let lower = name.to_lowercase();
    let last = lower.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    match () {
        () if RESERVED.contains(&last) => name.to_owned(),
        () if name.starts_with('[') => "[2001:db8::1]".to_owned(),
        // The address itself is replaced afterwards.
        () if IPV4.find(name).is_some_and(|found| found.len() == name.len()) => name.to_owned(),
        // A place for a value, as in `https://{tenant}/`.
        () if name.contains(['{', '}', '$', '*']) => nameless.to_owned(),
        () => {
            match name.split('.').find(|label| label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')) {
                Some(label) if !label.is_empty() => format!("{label}.example"),
                _ => nameless.to_owned(),
            }
        }
    }
}

/// Whether dotted words are someone's host: by their ending, and not a name the other way round (`com.acme.App`).
fn foreign(labels: &str, ending: &str) -> bool {
    let ending = ending.to_lowercase();
    let first = labels.split('.').next().unwrap_or_default().to_lowercase();
    let reversed = ["com", "org", "net", "io", "dev"].contains(&first.as_str());
    let country = ending.chars().count() == 2 && !FILE_LIKE.contains(&ending.as_str());
    !reversed && (country || WORLD.contains(&ending.as_str()))
}

fn renamed(labels: &str) -> String {
    let first = labels.split('.').find(|label| *label != "www").unwrap_or("host");
    let plain = first.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if plain && !first.is_empty() { format!("{first}.example") } else { "host.example".to_owned() }
}

fn is_ipv6(text: &str) -> bool {
    let address = text.split(['/', '%']).next().unwrap_or_default();
    address.parse::<std::net::Ipv6Addr>().is_ok_and(|address| {
        // The unspecified address and documentation (RFC 3849) lead nowhere.
        !(address.segments()[0] == 0x2001 && address.segments()[1] == 0xdb8)
    })
}

fn phones(text: &str) -> String {
    let replaced = PHONE.replace_all(text, |found: &Captures<'_>| {
        let number = &found[1];
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        let from_end = &digits[digits.len().saturating_sub(2)..];
        if digits.len() >= 10 && digits[..digits.len() - 2].ends_with("55501") {
            return found[0].to_owned();
        }
        let reserved = if number.starts_with('+') {
            format!("+120255501{from_end}")
        } else {
            // The same punctuation around other digits.
            let mut digits = "20255501".chars().chain(from_end.chars());
            number
                .chars()
                .map(|c| if c.is_ascii_digit() { digits.next().unwrap_or('0') } else { c })
                .collect()
        };
        found[0].replace(number, &reserved)
    });
    replaced.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> String {
        harmless_text(text.to_owned())
    }

    #[test]
    fn hosts_and_mailboxes_become_reserved() {
        for (from, to) in [
            ("joe@gmail.com", "joe@gmail.example"),
            ("Joe <joe@x.co.uk>, ann@y.org", "Joe <joe@x.example>, ann@y.example"),
            ("mailto:joe@gmail.com?subject=a.b", "mailto:joe@gmail.example?subject=a.b"),
            ("https://hooks.slack.com/services/T0/B0", "https://hooks.example/services/T0/B0"),
            (
                "https://user:pw@acme.io:8443/x?y=http://z.net/",
                "https://acme.example:8443/x?y=http://z.example/",
            ),
            ("//cdn.acme.com/a.js", "//cdn.example/a.js"),
            ("see www.acme.de for more", "see acme.example for more"),
            ("api.acme.com", "api.example"),
            ("10.0.0.7", "192.0.2.7"),
            ("http://127.0.0.1:80/", "http://192.0.2.1:80/"),
            ("8.8.8.8/24", "192.0.2.8/24"),
            ("2606:4700::1111", "2001:db8::1"),
            ("http://[::1]/", "http://[2001:db8::1]/"),
            ("http://localhost/", "http://localhost.example/"),
            ("+49 30 901820", "+12025550120"),
            ("(212) 736-5000", "(202) 555-0100"),
            ("212.736.5031", "202.555.0131"),
        ] {
            assert_eq!(text(from), to, "{from}");
            assert_eq!(text(to), to, "{to} stays");
        }
    }

    #[test]
    fn other_text_stays() {
        for same in [
            "report.pdf",
            "main.rs",
            "com.acme.App",
            "1.2.3",
            "2024-01-31",
            "2024-01-31T10:00:00Z",
            "a/b/c",
            "12:30",
            "plain text. And more",
            "joe@mail.example",
            "https://a.test/x",
            "3.14",
            "$.store.book",
            "a//b",
            "// a note",
            "application/json",
            "urn:isbn:123",
            "4111-1111-1111-1111",
        ] {
            assert_eq!(text(same), same);
        }
    }

    #[test]
    fn it_reaches_everywhere() {
        let value = Value::from(serde_json::json!({"a": [{"b": "x@y.com"}]}));
        assert_eq!(harmless(value), Value::from(serde_json::json!({"a": [{"b": "x@y.example"}]})));
    }
}
