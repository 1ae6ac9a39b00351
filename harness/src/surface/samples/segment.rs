//! Which parts of a path are values: numbers, identifiers, tokens.

/// Whether a segment is a value rather than a word of the API.
pub(super) fn is_value(text: &str) -> bool {
    is_number(text)
        || is_uuid(text)
        || is_hash(text)
        || is_date(text)
        || is_email(text)
        || is_numbered(text)
        || is_token(text)
        || text.contains(char::is_whitespace)
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// RFC 9562
pub(super) fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    lengths == [8, 4, 4, 4, 12] && groups.iter().all(|group| is_hex(group))
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Digests, object identifiers, abbreviated commits.
fn is_hash(text: &str) -> bool {
    let digit = text.bytes().any(|byte| byte.is_ascii_digit());
    is_hex(text) && digit && text.len() >= 8
}

/// RFC 3339, `full-date`
pub(super) fn is_date(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}

/// An address as people write it; far less than RFC 5321 allows.
pub(super) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let odd = |c: char| c.is_whitespace() || c.is_control() || "<>,;:\"".contains(c);
    !local.is_empty()
        && domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !domain.contains('@')
        && !text.contains(odd)
}

/// `order-1042`, `usr_00017`
fn is_numbered(text: &str) -> bool {
    let Some((word, number)) = text.rsplit_once(['-', '_']) else { return false };
    let word = !word.is_empty() && word.chars().all(|c| c.is_ascii_alphabetic());
    word && number.len() >= 3 && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// Letters and digits in no order that a word has: `cus_9s6XKzkNRiz8i3`, `01ARZ3NDEKTSV4RRFFQ69G5FAV`.
fn is_token(text: &str) -> bool {
    let part = text.rsplit(['_', '.', '-']).next().unwrap_or_default();
    let prefix = text.len() - part.len();
    let one = |part: &str| {
        let digits = part.bytes().filter(u8::is_ascii_digit).count();
        let letters = part.bytes().filter(u8::is_ascii_alphabetic).count();
        // A word has its digits at one end; a token anywhere.
        let inside = part.trim_matches(|c: char| c.is_ascii_digit());
        digits >= 2 && letters >= 2 && inside.bytes().any(|byte| byte.is_ascii_digit())
    };
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.=~".contains(&byte));
    plain
        && ((part.len() >= 10 && prefix <= 12 && one(part))
            || (text.len() >= 20 && one(text) && !is_slug(text)))
}

/// Words with hyphens between them.
fn is_slug(text: &str) -> bool {
    let parts: Vec<&str> = text.split(['-', '_', '.']).filter(|part| !part.is_empty()).collect();
    let word = |part: &&&str| part.chars().all(|c| c.is_ascii_alphabetic());
    parts.len() > 1 && parts.iter().filter(word).count() * 2 >= parts.len()
}

/// What a parameter after this segment is called: `orders` gives `orderId`.
pub(super) fn parameter_name(before: Option<&str>) -> String {
    let words = before.unwrap_or_default().split(|c: char| !c.is_ascii_alphanumeric());
    let mut name = String::new();
    for word in words.filter(|word| !word.is_empty()).take(6) {
        let mut chars = word.chars().take(40);
        let first = chars.next().into_iter();
        if name.is_empty() {
            name.extend(first.map(|c| c.to_ascii_lowercase()).chain(chars));
        } else {
            name.extend(first.map(|c| c.to_ascii_uppercase()).chain(chars));
        }
    }
    let name = singular(&name);
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if begins { format!("{name}Id") } else { "id".to_owned() }
}

/// English, as far as paths need it.
fn singular(word: &str) -> String {
    let ends = |end: &str| word.strip_suffix(end).filter(|stem| stem.len() > 1);
    if let Some(stem) = ends("ies") {
        return format!("{stem}y");
    }
    for end in ["sses", "xes", "ches", "shes"] {
        if ends(end).is_some() {
            return word[..word.len() - 2].to_owned();
        }
    }
    match ends("s") {
        Some(stem) if !stem.ends_with(['s', 'u', 'i']) => stem.to_owned(),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_told_from_words() {
        for value in [
            "1",
            "-3",
            "2024-02-29",
            "6f9619ff-8b86-d011-b42d-00c04fc964ff",
            "507f1f77bcf86cd799439011",
            "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "cus_9s6XKzkNRiz8i3",
            "order-1042",
            "ada@example.com",
            "a1b2c3d4",
            "two words",
            "V1StGXR8_Z5jdHi6B-myT",
        ] {
            assert!(is_value(value), "{value}");
        }
        for word in [
            "orders",
            "v1",
            "v2beta1",
            "oauth2",
            "2fa",
            "me",
            "order-lines",
            "facade",
            "s3",
            "top-10",
            "how-to-write-a-very-long-slug-in-2024",
            "x509",
            "index.html",
            "",
            "api_v2",
            "h264",
        ] {
            assert!(!is_value(word), "{word}");
        }
    }

    #[test]
    fn parameters_are_named_after_what_is_before_them() {
        for (before, name) in [
            ("orders", "orderId"),
            ("order-lines", "orderLineId"),
            ("categories", "categoryId"),
            ("boxes", "boxId"),
            ("addresses", "addressId"),
            ("status", "statusId"),
            ("Users", "userId"),
            ("2fa", "id"),
            ("", "id"),
        ] {
            assert_eq!(parameter_name(Some(before)), name);
        }
        assert_eq!(parameter_name(None), "id");
    }
}
