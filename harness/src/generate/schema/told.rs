//! What the words of a document say about a text: its description, or its bare name.

use std::sync::LazyLock;

use regex::Regex;

use super::harmless::harmless;
use crate::case::Value;

/// Values of one text that are taken over.
const MOST: usize = 12;
/// Bytes of a description that are read.
const LARGEST: usize = 2_048;

/// What a description says of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// It is one of these.
    pub(super) values: Vec<String>,
    /// It looks like these.
    pub(super) examples: Vec<String>,
}

const QUOTED: &str = "[\"“`']([^\"“”`'\\n]{1,64})[\"”`']";

fn list_after(words: &str) -> Regex {
    let joint = r"(?:\s*,\s*(?:or\s+|and\s+)?|\s+or\s+|\s+and\s+|\s*/\s*)";
    let pattern = format!(r"(?i)\b(?:{words})[,:]?\s*({QUOTED}(?:{joint}{QUOTED})*)");
    Regex::new(&pattern).expect("a pattern of ours")
}

static EXAMPLES: LazyLock<Regex> =
    LazyLock::new(|| list_after(r"e\.g\.?|for example|for instance|such as|examples?|example is|like"));
static VALUES: LazyLock<Regex> = LazyLock::new(|| {
    list_after(
        r"one of|either|set to|must be|should be|(?:allowed|valid|possible|supported) values?(?: are| is)?",
    )
});
/// Constants as they are written without quotes: at least two, in capitals.
static CONSTANTS: LazyLock<Regex> = LazyLock::new(|| {
    let constant = r"[A-Z][A-Z0-9_]{2,}";
    let pattern = format!(
        r"\b(?:[Oo]ne of|[Ee]ither|[Mm]ust be|[Ss]hould be):?\s+({constant}(?:(?:\s*,\s*(?:or\s+)?|\s+or\s+){constant})+)"
    );
    Regex::new(&pattern).expect("a pattern of ours")
});
static EACH: LazyLock<Regex> = LazyLock::new(|| Regex::new(QUOTED).expect("a pattern of ours"));

impl Told {
    /// Reads a description.
    pub(super) fn by(description: &str) -> Self {
        if description.len() > LARGEST {
            return Self::default();
        }
        let quoted = |found: &Regex| -> Vec<String> {
            let lists = found.captures_iter(description).filter_map(|list| Some(list.get(1)?.as_str()));
            lists.flat_map(|list| EACH.captures_iter(list)).map(|one| one[1].to_owned()).take(MOST).collect()
        };
        let mut values = quoted(&VALUES);
        if let Some(list) = CONSTANTS.captures(description).filter(|_| values.is_empty()) {
            let words = list[1].split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            values
                .extend(words.filter(|word| !word.is_empty() && *word != "or").take(MOST).map(str::to_owned));
        }
        Self { values, examples: quoted(&EXAMPLES).into_iter().map(safe).collect() }
    }

    /// The marks that all examples begin and end with, such as the last dot of `example.com.`.
    pub(super) fn marks(&self) -> Option<(&str, &str)> {
        let first = self.examples.first()?;
        let is_mark = |c: char| "./#@$:~+-_".contains(c);
        let begin = &first[..first.find(|c| !is_mark(c))?];
        let end = &first[first
            .rfind(|c| !is_mark(c))
            .and_then(|at| Some(at + first[at..].chars().next()?.len_utf8()))?..];
        let shared = self.examples.iter().all(|one| one.starts_with(begin) && one.ends_with(end));
        (shared && !(begin.is_empty() && end.is_empty())).then_some((begin, end))
    }
}

fn safe(text: String) -> String {
    match harmless(Value::Text(text)) {
        Value::Text(text) => text,
        _ => String::new(),
    }
}

/// Texts that most services know under a name, where nothing tells which it takes.
pub(super) fn usual(name: &str) -> &'static [&'static str] {
    let ends = |words: &[&str]| words.iter().any(|word| name.ends_with(word));
    match () {
        () if ends(&["algorithm"]) || name == "alg" => {
            &["hmac-sha256", "sha256", "HS256", "RS256", "aes-256-gcm", "ed25519"]
        }
        () if ends(&["currency", "currency_code", "currencycode"]) => &["EUR", "USD"],
        () if ends(&["country", "country_code", "countrycode"]) => &["DE", "US"],
        () if ends(&["language", "locale"]) || name == "lang" => &["en", "en-US"],
        () if ends(&["timezone", "time_zone"]) || name == "tz" => &["UTC", "Europe/Berlin"],
        () if ends(&["content_type", "contenttype", "mime_type", "mimetype", "media_type"]) => {
            &["text/plain"]
        }
        () if ends(&["cron", "cron_expression"]) => &["0 * * * *"],
        () if ends(&["http_method", "httpmethod"]) => &["GET"],
        () if ends(&["color", "colour"]) => &["#336699", "blue"],
        () => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_say_what_a_text_looks_like() {
        let told = Told::by("Name of the zone (e.g. “example.com.”) MUST have a trailing dot");
        assert_eq!(told.examples, ["example.example."]);
        assert_eq!(told.marks(), Some(("", ".")));
        let told = Told::by("The path, for example '/srv/a' or '/srv/b'.");
        assert_eq!(told.examples, ["/srv/a", "/srv/b"]);
        assert_eq!(told.marks(), Some(("/", "")));
        assert_eq!(Told::by("The name, such as \"Jane\".").marks(), None);
        assert_eq!(Told::by("What the customer likes"), Told::default());
    }

    #[test]
    fn descriptions_say_which_values_there_are() {
        assert_eq!(
            Told::by("Kind, one of “Native”, “Master” or “Slave”").values,
            ["Native", "Master", "Slave"]
        );
        assert_eq!(Told::by("Set to \"Zone\"").values, ["Zone"]);
        assert_eq!(
            Told::by("It must be REPLACE or DELETE. With DELETE, all go.").values,
            ["REPLACE", "DELETE"]
        );
        assert!(Told::by("It MUST be there").values.is_empty());
    }
}
