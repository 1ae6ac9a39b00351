//! # What it sends
//! Nothing of its own: it looks at every success of every other check and of the exploring phase.
//!
//! # What must hold
//! A JSON answer has no member that its documented schema does not name. Only schemas that name properties and do not
//! say that there may be more are held against an answer; members of hypermedia formats (`_links`, `@id`, `$schema`) are
//! nobody's. Medium where the name speaks of a credential or of something private and the value is fit to be one, or where the value
//! is a hash of a password, a key or a web token; else informational, and one finding for each named schema.
//! Smallest effect: one member in the first 20 rows, at most 12 levels deep.
//!
//! # Why it matters
//! What is not documented was not meant to be shared: whole rows of a table, with costs, flags and hashes in them.
//!
//! # How to fix
//! Serialise a type made for the answer instead of the stored one, and document what is meant to be there.
//!
//! # References
//! CWE-213; OWASP API3:2023; ASVS 5.0 8.2.3.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::fields::{Gap, gaps, is_closed, undocumented};
use crate::checks::{
    About, Confirm, Effect, Grain, Interest, Isolation, Passive, Phase, Practice, Seen, Severity, Sighting,
};
use crate::controls::is_granted;
use crate::message::inert;

/// An answer with a member that the document does not name.
pub struct UndocumentedField;

static ABOUT: About = About {
    id: "expose-undocumented-field",
    title: "an answer with a member that the document does not name",
    practice: Practice::Exposure,
    source: include_str!("expose_undocumented_field.rs"),
    grain: Grain::Operation,
    phase: Phase::Shape,
    needs: &[],
    effect: Effect::Reads,
    isolation: Isolation::Shared,
    budget: 20,
    confirm: Confirm::AT_ONCE,
    severity: Severity::Info,
    chance: 30,
    cwe: &[213],
    owasp: &["API3:2023"],
    wfc: None,
    once: false,
};

/// What the witness notes of the document.
const OBJECT: &str = "object";
const DOCUMENTED: &str = "documented";

impl Passive for UndocumentedField {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn interest(&self) -> Interest {
        Interest::bodies(200, 299, &[])
    }

    fn inspect(&self, seen: &Seen<'_>) -> Option<Sighting> {
        // A refusal that comes as a success is documented by nobody.
        if !is_granted(seen.exchange) {
            return None;
        }
        if let Some(schema) = seen.schema {
            let gaps = gaps(schema, seen.exchange.json()?);
            // What is private comes before what is merely not documented.
            let worst = gaps.iter().max_by_key(|gap| (private(gap).is_some(), std::cmp::Reverse(&gap.at)))?;
            return Some(sighting(worst));
        }
        let facts = &seen.case.facts;
        let at = facts.get(OBJECT)?.as_str()?;
        let names = facts.get(DOCUMENTED)?.as_array()?.iter().filter_map(Json::as_str).map(str::to_owned);
        let documented: BTreeSet<String> = names.collect();
        let extra = undocumented(seen.exchange.json()?, at, &documented);
        if extra.is_empty() || documented.is_empty() {
            return None;
        }
        let component = facts.get("schema").and_then(Json::as_str).map(str::to_owned);
        Some(sighting(&Gap { at: at.to_owned(), component, documented, extra }))
    }

    fn is_telling(&self, seen: &Seen<'_>) -> bool {
        let Some(schema) = seen.schema.filter(|_| is_granted(seen.exchange)) else { return false };
        seen.exchange.json().is_some_and(|json| is_closed(schema, json))
    }

    fn unseen(&self) -> &'static str {
        "the operation never answered with an object whose properties are documented"
    }

    fn counts_always(&self) -> bool {
        true
    }
}

fn sighting(gap: &Gap) -> Sighting {
    let names: Vec<_> = gap.extra.keys().take(8).map(|name| inert(name.as_bytes(), 40).to_string()).collect();
    let place = if gap.at.is_empty() { "the answer" } else { &gap.at };
    let evidence = format!("{} in {place}", names.join(", "));
    let mut sighting = match private(gap) {
        Some(name) => {
            let what =
                format!("the private member `{}`, which is not documented", inert(name.as_bytes(), 40));
            Sighting::new("private-field", what, evidence).severity(Severity::Medium)
        }
        None => Sighting::new("undocumented-field", "members that are not documented", evidence),
    };
    let subject = gap.component.as_deref().unwrap_or(place);
    sighting.class = format!("{}:{subject}", sighting.detector);
    // What is merely not documented is one finding for each named schema, whatever operation answers with it.
    sighting.once = sighting.detector == "undocumented-field" && gap.component.is_some();
    sighting.notes.insert(OBJECT.to_owned(), json!(gap.at));
    sighting.notes.insert(DOCUMENTED.to_owned(), json!(gap.documented));
    if let Some(component) = &gap.component {
        sighting.notes.insert("schema".to_owned(), json!(component));
    }
    let falsified_by = "a document that names the member, or says that there may be others";
    sighting.because("the documented members", falsified_by)
}

/// The name of a member that was surely not meant to be shared.
fn private(gap: &Gap) -> Option<&str> {
    let private = |(name, value): &(&String, &Json)| is_private(name, value);
    gap.extra.iter().find(private).map(|(name, _)| name.as_str())
}

fn is_private(name: &str, value: &Json) -> bool {
    /// Tokens that are for everybody, or for the caller.
    const PUBLIC: &[&str] =
        &["nextpagetoken", "pagetoken", "continuationtoken", "csrftoken", "xsrftoken", "tokentype"];
    const CREDENTIALS: &[&str] = &[
        "password",
        "passwd",
        "passphrase",
        "secret",
        "apikey",
        "privatekey",
        "token",
        "salt",
        "hash",
        "otpseed",
    ];
    const PRIVATE: &[&str] = &[
        "ssn",
        "socialsecurity",
        "nationalid",
        "taxid",
        "passportnumber",
        "creditcard",
        "cardnumber",
        "cvv",
        "cvc",
        "iban",
        "dateofbirth",
        "salary",
    ];
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    match value {
        Json::String(text) if is_secret(text) => true,
        Json::String(text) => {
            let credential =
                CREDENTIALS.iter().any(|word| plain.contains(word)) && !PUBLIC.contains(&plain.as_str());
            // A digest of a file is no digest of a password.
            let digest = matches!(plain.as_str(), "hash" | "filehash" | "contenthash" | "commithash");
            (credential && !digest && text.len() >= 8 && !text.contains(' '))
                || (PRIVATE.iter().any(|word| plain.contains(word))
                    && text.bytes().any(|b| b.is_ascii_digit()))
        }
        Json::Number(_) => PRIVATE.iter().any(|word| plain.contains(word)),
        _ => false,
    }
}

/// Whether a value is a password's hash, a private key or a web token, whatever it is called.
fn is_secret(text: &str) -> bool {
    let hash = ["$2a$", "$2b$", "$2y$", "$argon2", "$scrypt$", "$pbkdf2", "$5$", "$6$", "{SSHA}"];
    (hash.iter().any(|lead| text.starts_with(lead)) && text.len() >= 30)
        || text.starts_with("-----BEGIN") && text.contains("PRIVATE KEY")
        || (text.starts_with("eyJ") && text.split('.').count() == 3 && text.len() >= 40)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Case;
    use crate::checks::look;
    use crate::controls::tests_support::answer;
    use crate::trace::Trace;

    #[test]
    fn a_witness_is_judged_by_what_it_notes() {
        let schema = json!({"$ref": "#/$defs/Dish", "$defs": {"Dish": {"properties": {"id": {}}}}});
        let (mut case, trace) = (Case::new(ABOUT.id, "GET /a"), Trace::default());
        let exchange = answer(200, r#"{"id": 1, "password_hash": "$2b$12$abcdefghijklmnopqrstuvwxyz"}"#);
        let mut seen = Seen::new(&case, &trace, &exchange).expect("answered");
        seen.schema = Some(&schema);
        let first = look(&UndocumentedField, &seen).expect("a member too many");
        assert_eq!((first.class.as_str(), first.once), ("private-field:Dish", false));
        assert!(UndocumentedField.is_telling(&seen));
        case.facts = first.notes.clone();
        let seen = Seen::new(&case, &trace, &exchange).expect("answered");
        assert_eq!(look(&UndocumentedField, &seen), Some(first));
    }

    #[test]
    fn names_and_values_tell_what_is_private() {
        for (name, value, private) in [
            ("password", json!("correct horse"), false),
            ("password", json!("correct-horse"), true),
            ("has_password", json!(true), false),
            ("next_page_token", json!("abcdefghijkl"), false),
            ("cost", json!(4), false),
            ("salary", json!(4000), true),
            ("x", json!("$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$aaaaaaaa"), true),
            ("hash", json!("abcdef0123456789"), false),
        ] {
            assert_eq!(is_private(name, &value), private, "{name} {value}");
        }
    }
}
