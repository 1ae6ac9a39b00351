//! Whether an answer to a valid request is a success, where nothing is known of the operation yet.

use serde_json::Value as Json;

use crate::trace::Exchange;

/// Whether a valid request was granted, as far as one answer tells: a success that does not say the contrary in
/// its body.
pub fn is_granted(exchange: &Exchange) -> bool {
    exchange.status().is_some_and(|status| (200..300).contains(&status))
        && !exchange.json().is_some_and(says_refused)
}

/// Whether a body says that the request failed, as the envelopes of many APIs do under 200: an `error` that is
/// set, `success` or `ok` that is false, a `status` of failure, a `code` of 400 or above beside a message.
fn says_refused(json: &Json) -> bool {
    let Some(members) = json.as_object() else { return false };
    let is_set = |value: &Json| match value {
        Json::Null | Json::Bool(false) => false,
        Json::String(text) => !text.is_empty(),
        Json::Array(items) => !items.is_empty(),
        Json::Object(members) => !members.is_empty(),
        Json::Number(number) => number.as_f64() != Some(0.0),
        Json::Bool(true) => true,
    };
    let is_false = |name: &str| members.get(name) == Some(&Json::Bool(false));
    // An object with much else in it may well tell of errors of its own, such as a job that failed.
    let is_envelope = members.len() <= 6 && !members.contains_key("id");
    let error = members.get("error").is_some_and(is_set) || members.get("errors").is_some_and(is_set);
    let status = members.get("status").and_then(Json::as_str).map(str::to_ascii_lowercase);
    let failed =
        status.is_some_and(|status| matches!(status.as_str(), "fail" | "failed" | "failure" | "error"));
    let says_why =
        members.contains_key("message") || members.contains_key("detail") || members.contains_key("msg");
    let code = ["code", "status", "statusCode", "status_code"]
        .iter()
        .filter_map(|name| members.get(*name)?.as_u64());
    let bad = says_why && code.into_iter().any(|code| (400..600).contains(&code));
    is_envelope && (error || bad || is_false("success") || is_false("ok") || (failed && says_why))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn refusals_under_200_are_told_from_data() {
        for refusal in [
            json!({"error": "not found"}),
            json!({"error": {"code": 7, "message": "no"}}),
            json!({"success": false, "message": "no such order", "data": null}),
            json!({"status": "error", "message": "no"}),
            json!({"statusCode": 404, "message": "Not Found"}),
            json!({"errors": [{"field": "a"}]}),
            json!({"ok": false}),
        ] {
            assert!(says_refused(&refusal), "{refusal}");
        }
        for data in [
            json!({"error": null, "result": []}),
            json!({"errors": [], "data": {"id": 1}}),
            json!({"id": 3, "status": "failed", "error": "timeout"}),
            json!({"success": true}),
            json!({"status": "failed", "started": "today", "name": "a job"}),
            json!({"code": 404, "name": "a product"}),
            json!([{"error": "a"}]),
            json!("error"),
        ] {
            assert!(!says_refused(&data), "{data}");
        }
    }
}
