//! What is somebody's own by its kind: how to reach them, where they live, what they own.

use std::collections::BTreeSet;

use serde_json::Value as Json;

/// How deep is looked, and at how many items of a list.
const DEEP: usize = 8;
const ITEMS: usize = 10;

/// The kinds of personal data that an answer shows, by the names of members and the shapes of their values.
pub fn personal(json: &Json) -> BTreeSet<&'static str> {
    let mut found = BTreeSet::new();
    walk(json, "", 0, &mut found);
    found
}

fn walk(json: &Json, name: &str, depth: usize, found: &mut BTreeSet<&'static str>) {
    match json {
        _ if depth > DEEP => {}
        Json::Object(members) => {
            members.iter().for_each(|(name, value)| walk(value, name, depth + 1, found));
        }
        Json::Array(items) => {
            items.iter().take(ITEMS).for_each(|item| walk(item, name, depth + 1, found));
        }
        leaf => found.extend(kind(name, leaf)),
    }
}

/// The kind of one member.
fn kind(name: &str, value: &Json) -> Option<&'static str> {
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| plain.contains(word));
    let text = value.as_str().unwrap_or_default();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let amount = value.is_number() || digits > 0;
    if has(&["mail"]) && is_personal_mail(text) {
        Some("mail address")
    } else if (has(&["phone", "mobile"]) || plain.ends_with("tel")) && digits >= 7 {
        Some("telephone number")
    } else if has(&["street", "homeaddress", "postaladdress", "addressline"]) && text.len() >= 5 {
        Some("address")
    } else if has(&["birth"]) && digits >= 4 {
        Some("date of birth")
    } else if has(&["ssn", "nationalid", "taxid", "passport", "socialsecurity"]) && digits >= 4 {
        Some("number of a person")
    } else if has(&["iban", "cardnumber", "creditcard", "accountnumber"]) && digits >= 8 {
        Some("number of an account")
    } else if has(&["balance", "salary", "income"]) && amount {
        Some("amount")
    } else {
        None
    }
}

/// A mail address of a person, not of an office.
fn is_personal_mail(text: &str) -> bool {
    const OFFICES: &[&str] = &[
        "info",
        "support",
        "contact",
        "hello",
        "sales",
        "office",
        "help",
        "admin",
        "noreply",
        "service",
        "team",
        "press",
        "privacy",
        "security",
        "legal",
        "webmaster",
        "postmaster",
        "api",
    ];
    let Some((local, domain)) = text.split_once('@') else { return false };
    let local: String = local.chars().filter(char::is_ascii_alphanumeric).collect();
    domain.contains('.') && !text.contains(' ') && !OFFICES.contains(&local.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn kinds_are_told_by_name_and_shape() {
        let kinds = |json: Json| personal(&json).into_iter().collect::<Vec<_>>();
        let person =
            json!({"data": [{"email": "eve@a.example", "mobile": "+1 202 555 0100", "street": "Main St 1"}]});
        assert_eq!(kinds(person), ["address", "mail address", "telephone number"]);
        assert_eq!(
            kinds(json!({"iban": "DE02 1203 0000", "balance": 12.5})),
            ["amount", "number of an account"]
        );
        for public in [
            json!({"email": "support@shop.example", "phone": "110"}),
            json!({"mailbox": "a@b", "name": "eve", "title": "balance"}),
            json!({"phone_support": true, "email": null, "salary_range": "open"}),
        ] {
            assert_eq!(kinds(public.clone()), [""; 0], "{public}");
        }
    }
}
