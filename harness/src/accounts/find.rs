//! Which operations make accounts, and which begin sessions.

use serde_json::Value as Json;

use super::names::{Field, field, logs_in, registers, words};
use crate::surface::{Body, Operation, Surface};

/// An operation that takes a password, and how much speaks for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub(super) operation: usize,
    pub(super) score: i32,
}

/// Operations that may make an account, best first.
pub(super) fn registrations(surface: &Surface) -> Vec<Candidate> {
    candidates(surface, |operation, words, last| {
        let fields = fields(operation);
        let named = fields.contains(&Field::Email) || fields.contains(&Field::Username);
        if !fields.contains(&Field::Password) || !(named || fields.contains(&Field::Phone)) {
            return 0;
        }
        registers(words, last) + if fields.contains(&Field::Confirmation) { 3 } else { 0 }
    })
}

/// Operations that may begin a session, best first.
pub(super) fn logins(surface: &Surface) -> Vec<Candidate> {
    candidates(surface, |operation, words, _| {
        let fields = fields(operation);
        if !fields.contains(&Field::Password) || fields.contains(&Field::Confirmation) {
            return 0;
        }
        logs_in(words) + if fields.contains(&Field::GrantType) { 3 } else { 0 }
    })
}

fn candidates(surface: &Surface, score: impl Fn(&Operation, &[String], &str) -> i32) -> Vec<Candidate> {
    let mut found = Vec::new();
    for (index, operation) in surface.operations.iter().enumerate() {
        if operation.method != "POST" && operation.method != "PUT" {
            continue;
        }
        let mut all = words(&operation.path);
        all.extend(words(operation.operation_id.as_deref().unwrap_or_default()));
        let last = operation.path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let mut score = score(operation, &all, &last.to_ascii_lowercase());
        if score <= 0 {
            continue;
        }
        score -= 8 * i32::try_from(operation.path.matches('{').count()).unwrap_or(1);
        score -= if operation.needs_credential() == Some(true) { 4 } else { 0 };
        score -= i32::from(operation.deprecated) + i32::from(operation.method == "PUT");
        if score > 0 {
            found.push(Candidate { operation: index, score });
        }
    }
    found.sort_by_key(|candidate| -candidate.score);
    found
}

/// What the members of an operation's body are for.
fn fields(operation: &Operation) -> Vec<Field> {
    let mut found = Vec::new();
    for body in &operation.bodies {
        properties(&body.schema.json, &body.schema.json, 0, &mut |name| found.extend(field(name)));
    }
    found
}

/// Which of an operation's bodies we would send: JSON before forms.
pub(super) fn body(operation: &Operation) -> Option<&Body> {
    let rank = |body: &&Body| {
        let plain = body.media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match plain.as_str() {
            "application/json" | "*/*" => 0,
            "application/x-www-form-urlencoded" => 2,
            "multipart/form-data" => 3,
            json if json.ends_with("json") => 1,
            _ => 4,
        }
    };
    operation.bodies.iter().filter(|body| rank(body) < 4).min_by_key(rank)
}

/// Calls `visit` with the name of every property, two objects deep.
fn properties(root: &Json, schema: &Json, depth: usize, visit: &mut dyn FnMut(&str)) {
    if depth > 6 {
        return;
    }
    if let Some(target) =
        schema.get("$ref").and_then(Json::as_str).and_then(|at| root.pointer(at.strip_prefix('#')?))
    {
        properties(root, target, depth + 1, visit);
    }
    for key in ["allOf", "oneOf", "anyOf"] {
        for part in schema.get(key).and_then(Json::as_array).into_iter().flatten() {
            properties(root, part, depth + 1, visit);
        }
    }
    for (name, inner) in schema.get("properties").and_then(Json::as_object).into_iter().flatten() {
        visit(name);
        // `{"user": {"email": …}}` is common; what lies deeper is no field of a form.
        if depth < 3 {
            properties(root, inner, depth + 3, visit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registrations_and_logins_are_found_by_words_and_fields() {
        let form = |names: &[&str]| {
            let properties: serde_json::Map<_, _> = names
                .iter()
                .map(|name| ((*name).to_owned(), serde_json::json!({"type": "string"})))
                .collect();
            serde_json::json!({"post": {"requestBody": {"content": {"application/json": {"schema": {"properties": properties}}}}}})
        };
        let document = serde_json::json!({"openapi": "3.1.0", "info": {"title": "a", "version": "1"}, "paths": {
            "/users": form(&["email", "password", "name"]),
            "/users/login": form(&["email", "password"]),
            "/password/reset": form(&["email", "password"]),
            "/orders": form(&["item"]),
            "/users/{id}/password": form(&["user", "password"]),
            "/wifi": form(&["ssid", "password"]),
        }});
        let surface = Surface::from_openapi_text(&document.to_string(), "a.json").expect("a document");
        let path = |found: Vec<Candidate>| {
            found.iter().map(|found| surface.operations[found.operation].path.clone()).collect::<Vec<_>>()
        };
        assert_eq!(path(registrations(&surface))[0], "/users");
        assert_eq!(path(logins(&surface)), ["/users/login"]);
    }
}
