//! Broken JSON: documents derived from a valid body, each with one named flaw.

use crate::case::{Dynamic, Edit, FreshKind, Place, Value};

/// What a server owes a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owed {
    /// It is not JSON (RFC 8259): it must be refused.
    Refusal,
    /// Parsers may differ: any answer, but an answer.
    Answer,
}

/// Every flaw, with what it is owed. Names are classes of payloads, and never change.
pub(super) const FLAWS: &[(&str, Owed)] = &[
    ("unterminated-object", Owed::Refusal),
    ("unterminated-array", Owed::Refusal),
    ("unterminated-string", Owed::Refusal),
    ("truncated", Owed::Refusal),
    ("trailing-comma-in-object", Owed::Refusal),
    ("trailing-comma-in-array", Owed::Refusal),
    ("leading-comma", Owed::Refusal),
    ("double-comma", Owed::Refusal),
    ("missing-comma", Owed::Refusal),
    ("missing-colon", Owed::Refusal),
    ("double-colon", Owed::Refusal),
    ("unquoted-key", Owed::Refusal),
    ("bare-word", Owed::Refusal),
    ("single-quotes", Owed::Refusal),
    ("control-character", Owed::Refusal),
    ("invalid-escape", Owed::Refusal),
    ("short-escape", Owed::Refusal),
    ("leading-zero", Owed::Refusal),
    ("plus-sign", Owed::Refusal),
    ("hexadecimal", Owed::Refusal),
    ("trailing-dot", Owed::Refusal),
    ("not-a-number", Owed::Refusal),
    ("capital-literal", Owed::Refusal),
    ("comment", Owed::Refusal),
    ("line-comment", Owed::Refusal),
    ("odd-whitespace", Owed::Refusal),
    ("two-documents", Owed::Refusal),
    ("trailing-brace", Owed::Refusal),
    ("trailing-word", Owed::Refusal),
    ("without-braces", Owed::Refusal),
    ("empty-body", Owed::Refusal),
    ("byte-order-mark", Owed::Answer),
    ("lone-surrogate", Owed::Answer),
    ("invalid-utf-8", Owed::Answer),
];

/// What a document with this flaw is owed.
pub(super) fn owed(flaw: &str) -> Option<Owed> {
    FLAWS.iter().find(|(name, _)| *name == flaw).map(|(_, owed)| *owed)
}

/// Whether these bytes are no JSON document, read back as a strict parser reads them.
pub(super) fn is_malformed(body: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(body).is_err()
}

/// A piece of a document.
#[derive(Clone, Debug, PartialEq)]
enum Token {
    /// A bracket, a comma or a colon.
    Mark(char),
    /// The content of a member's name, escaped.
    Key(String),
    /// The content of a string, escaped where it is known.
    Text(Value),
    /// A number.
    Number(Value),
    /// `true`, `false`, `null`.
    Word(&'static str),
}

/// The flawed documents of a body: each flaw that it has room for, as the edit that makes it.
pub(super) fn flawed(body: &Value) -> Vec<(&'static str, Edit)> {
    let mut tokens = Vec::new();
    let known = tokenize(body, &mut tokens).is_some();
    let cut = tokens.len() / 2;
    FLAWS
        .iter()
        .filter_map(|(name, _)| {
            let pieces = if known { flaw(name, &tokens, cut) } else { None };
            let edit = pieces.map(|pieces| Edit::set(Place::Body, join(pieces))).or_else(|| around(name))?;
            Some((*name, edit.labelled(*name)))
        })
        .collect()
}

/// Flaws that need not know what the document holds.
fn around(flaw: &str) -> Option<Edit> {
    let insert =
        |text: &str| Edit::Insert { at: Place::Body, value: Value::text(text), label: String::new() };
    let append = |text: &str| Some(Edit::append(Place::Body, text));
    match flaw {
        "leading-comma" => Some(insert(",")),
        "comment" => Some(insert("/* x */")),
        "odd-whitespace" => Some(insert("\u{b}")),
        "byte-order-mark" => Some(insert("\u{feff}")),
        "unterminated-array" => Some(insert("[")),
        "line-comment" => append(" // x"),
        "two-documents" => append("{}"),
        "trailing-brace" => append("}"),
        "trailing-word" => append(" x"),
        "empty-body" => Some(Edit::set(Place::Body, "")),
        _ => None,
    }
}

/// The document with one flaw; nothing where it has no room for that.
fn flaw(name: &str, tokens: &[Token], cut: usize) -> Option<Vec<Value>> {
    let find = |wanted: fn(&Token) -> bool| tokens.iter().position(wanted);
    let mark = |c: char| tokens.iter().position(|token| *token == Token::Mark(c));
    let last = |c: char| tokens.iter().rposition(|token| *token == Token::Mark(c));
    let text = || find(|token| matches!(token, Token::Text(_)));
    let number = || find(|token| matches!(token, Token::Number(_)));
    let key = || find(|token| matches!(token, Token::Key(_)));
    let written = |range: &[Token]| range.iter().flat_map(write).collect::<Vec<_>>();
    // The document with these pieces in place of the token at this index.
    let with = |at: usize, pieces: Vec<Value>| {
        let mut all = written(&tokens[..at]);
        all.extend(pieces);
        all.extend(written(&tokens[at + 1..]));
        Some(all)
    };
    let plain = |text: &str| vec![Value::text(text)];
    let around = |before: &str, token: &Token, after: &str| {
        let mut all = plain(before);
        all.extend(write(token));
        all.push(Value::text(after));
        all
    };
    // What stands before and behind the content of a string.
    let spoilt = |before: &str, inner: Value, after: Value| vec![Value::text(before), inner, after];
    let in_text = |after: Value| {
        let at = text()?;
        let Token::Text(value) = &tokens[at] else { return None };
        with(at, spoilt("\"", value.clone(), after))
    };
    let of_number = |before: &str, after: &str| {
        let at = number()?;
        with(at, around(before, &tokens[at], after))
    };
    let object = matches!(tokens.first(), Some(Token::Mark('{'))) && tokens.len() > 2;
    match name {
        "unterminated-object" if object => Some(written(&tokens[..tokens.len() - 1])),
        "unterminated-array" => with(last(']')?, vec![]),
        "unterminated-string" => {
            let at = text()?;
            let Token::Text(value) = &tokens[at] else { return None };
            let mut all = written(&tokens[..at]);
            all.extend([Value::text("\""), value.clone()]);
            Some(all)
        }
        "truncated" if cut > 0 && tokens.len() > 2 => Some(written(&tokens[..cut])),
        "trailing-comma-in-object" if object => with(last('}')?, plain(",}")),
        "trailing-comma-in-array" => {
            let at = last(']')?;
            if tokens[at - 1] == Token::Mark('[') { None } else { with(at, plain(",]")) }
        }
        "leading-comma" if object => with(0, plain("{,")),
        "double-comma" => with(mark(',')?, plain(",,")),
        "missing-comma" => with(mark(',')?, plain(" ")),
        "missing-colon" => with(mark(':')?, plain(" ")),
        "double-colon" => with(mark(':')?, plain("::")),
        "unquoted-key" => {
            let at = key()?;
            let Token::Key(name) = &tokens[at] else { return None };
            let word = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            if word { with(at, plain(name)) } else { None }
        }
        "bare-word" => with(text()?, plain("proofhouse")),
        "single-quotes" => {
            let at = key()?;
            let Token::Key(name) = &tokens[at] else { return None };
            with(at, vec![Value::text(format!("'{name}'"))])
        }
        "control-character" => in_text(Value::text("\u{1}\"")),
        "invalid-escape" => in_text(Value::text("\\q\"")),
        "short-escape" => in_text(Value::text("\\u12\"")),
        "lone-surrogate" => in_text(Value::text("\\ud800\"")),
        "invalid-utf-8" => in_text(Value::dynamic(Dynamic::Base64(b"\xff\"".to_vec()))),
        "leading-zero" => of_number("0", ""),
        "plus-sign" => of_number("+", ""),
        "hexadecimal" => of_number("0x", ""),
        "trailing-dot" => of_number("", "."),
        "not-a-number" => with(number()?, plain("NaN")),
        "capital-literal" => {
            let at = find(|token| matches!(token, Token::Word(_)))?;
            let Token::Word(word) = &tokens[at] else { return None };
            let (first, rest) = word.split_at(1);
            with(at, vec![Value::text(first.to_ascii_uppercase()), Value::text(rest)])
        }
        "comment" => with(0, around("", &tokens[0], "/* x */")),
        "odd-whitespace" => with(0, around("", &tokens[0], "\u{b}")),
        "without-braces" if object => Some(written(&tokens[1..tokens.len() - 1])),
        _ => None,
    }
}

/// Pieces as one value: texts that touch become one.
fn join(pieces: Vec<Value>) -> Value {
    let mut all: Vec<Value> = Vec::new();
    for piece in pieces {
        match (all.last_mut(), piece) {
            (Some(Value::Text(before)), Value::Text(text)) => before.push_str(&text),
            (_, piece) => all.push(piece),
        }
    }
    match all.pop() {
        Some(only) if all.is_empty() => only,
        last => {
            all.extend(last);
            Value::concat(all)
        }
    }
}

fn write(token: &Token) -> Vec<Value> {
    match token {
        Token::Mark(c) => vec![Value::text(c.to_string())],
        Token::Key(name) => vec![Value::text(format!("\"{name}\""))],
        Token::Text(value) => vec![Value::text("\""), value.clone(), Value::text("\"")],
        Token::Number(value) => vec![value.clone()],
        Token::Word(word) => vec![Value::text(*word)],
    }
}

/// Takes a body apart; nothing when it holds what is only known at execution, and not what it looks like then.
fn tokenize(value: &Value, into: &mut Vec<Token>) -> Option<()> {
    match value {
        Value::Null => into.push(Token::Word("null")),
        Value::Bool(flag) => into.push(Token::Word(if *flag { "true" } else { "false" })),
        Value::Number(number) => into.push(Token::Number(Value::text(number.to_string()))),
        Value::Text(text) => into.push(Token::Text(Value::text(escaped(text)))),
        Value::List(items) => {
            into.push(Token::Mark('['));
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    into.push(Token::Mark(','));
                }
                tokenize(item, into)?;
            }
            into.push(Token::Mark(']'));
        }
        Value::Object(members) => {
            into.push(Token::Mark('{'));
            for (at, (name, value)) in members.iter().enumerate() {
                if at > 0 {
                    into.push(Token::Mark(','));
                }
                into.extend([Token::Key(escaped(name)), Token::Mark(':')]);
                tokenize(value, into)?;
            }
            into.push(Token::Mark('}'));
        }
        Value::Dynamic(leaf) => match &**leaf {
            Dynamic::Fresh(fresh) if fresh.kind == FreshKind::Integer => {
                into.push(Token::Number(value.clone()));
            }
            Dynamic::Fresh(_) | Dynamic::Canary(_) => into.push(Token::Text(value.clone())),
            // A password may hold what must be escaped; the number of an object is no text.
            _ => return None,
        },
    }
    Some(())
}

fn escaped(text: &str) -> String {
    let json = serde_json::to_string(text).unwrap_or_default();
    json.get(1..json.len().max(2) - 1).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(edit: &Edit, whole: &str) -> Vec<u8> {
        fn of(value: &Value) -> Vec<u8> {
            match value {
                Value::Text(text) => text.clone().into_bytes(),
                Value::Dynamic(leaf) => match &**leaf {
                    Dynamic::Base64(bytes) => bytes.clone(),
                    Dynamic::Concat(parts) => parts.iter().flat_map(of).collect(),
                    other => panic!("{other:?}"),
                },
                other => panic!("{other:?}"),
            }
        }
        let value = of(edit.value().expect("a value"));
        match edit {
            Edit::Set { .. } => value,
            Edit::Insert { .. } => [value, whole.as_bytes().to_vec()].concat(),
            _ => [whole.as_bytes().to_vec(), value].concat(),
        }
    }

    #[test]
    fn every_flaw_is_no_json_and_every_flaw_is_made() {
        let body = serde_json::json!({"a \"b": "tëxt", "list": [1, {"n": 20.5}], "on": true, "c": null});
        let whole = body.to_string();
        assert!(!is_malformed(whole.as_bytes()));
        let made = flawed(&Value::from(body));
        // The first name must be written in quotes.
        let missing: Vec<_> = FLAWS.iter().filter(|(name, _)| !made.iter().any(|(m, _)| m == name)).collect();
        assert_eq!(missing, [&("unquoted-key", Owed::Refusal)]);
        for (name, edit) in &made {
            let text = bytes(edit, &whole);
            let shown = String::from_utf8_lossy(&text).into_owned();
            // A lone surrogate is an escape like any other to whoever only skips it.
            assert!(is_malformed(&text) || owed(name) == Some(Owed::Answer), "{name}: {shown}");
            assert_ne!(shown, whole, "{name}");
        }
    }

    #[test]
    fn what_is_only_known_at_execution_is_left_alone() {
        let body = Value::Object(vec![("order".to_owned(), Value::reference("make", "/id"))]);
        let made = flawed(&body);
        assert!(
            made.len() > 6
                && made.iter().all(|(_, edit)| edit.value().is_some_and(|v| v.as_text().is_some()))
        );
    }
}
