//! P12, the seeded content canary: text that only its owner may see.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::trace::Exchange;

/// Whether an answer holds the canary: as it is, in base64 at any offset, or in hexadecimal. Headers count.
///
/// What the sender itself sent must be stripped before: a canary that is the id in the attacker's own URL
/// proves nothing.
pub fn holds_canary(exchange: &Exchange, canary: &str) -> bool {
    if canary.len() < 8 || sent(exchange, canary) {
        return false;
    }
    let Some(answer) = exchange.answer() else { return false };
    let forms = forms(canary);
    let in_body = |form: &[u8]| memchr::memmem::find(&answer.body, form).is_some();
    let in_headers =
        |form: &[u8]| answer.headers.iter().any(|(_, value)| memchr::memmem::find(value, form).is_some());
    forms.iter().any(|form| in_body(form) || in_headers(form))
}

fn sent(exchange: &Exchange, canary: &str) -> bool {
    let request = &exchange.sent.request;
    let find = |bytes: &[u8]| memchr::memmem::find(bytes, canary.as_bytes()).is_some();
    find(&request.target) || find(&request.body) || request.headers.iter().any(|(_, value)| find(value))
}

/// The canary as it is, in hexadecimal, and the part of its base64 that does not depend on what stands before.
fn forms(canary: &str) -> Vec<Vec<u8>> {
    let mut forms = vec![canary.as_bytes().to_vec(), crate::case::hex(canary.as_bytes()).into_bytes()];
    for skip in 0..3 {
        let inner = &canary.as_bytes()[skip..];
        let whole = &inner[..inner.len() / 3 * 3];
        forms.push(STANDARD_NO_PAD.encode(whole).into_bytes());
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls::tests_support::answer;

    #[test]
    fn every_form_is_found() {
        let canary = "ph-ab12-k3v9q0w8e7";
        for lead in ["", "x", "xy"] {
            let encoded = STANDARD_NO_PAD.encode(format!("{lead}{canary} and more"));
            assert!(holds_canary(&answer(200, &format!("{{\"blob\": \"{encoded}\"}}")), canary), "{lead}");
        }
        assert!(holds_canary(&answer(404, &format!("no {canary}")), canary));
        assert!(holds_canary(&answer(200, &crate::case::hex(canary.as_bytes())), canary));
        assert!(!holds_canary(&answer(200, "nothing of the kind"), canary));
        assert!(!holds_canary(&answer(200, "ab"), "ab"));
    }
}
