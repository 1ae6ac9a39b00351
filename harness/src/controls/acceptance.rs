//! P16 and the acceptance oracle: whether an answer is what the entitled caller gets.

use super::template::Template;
use crate::trace::Exchange;

/// Where both have one shape, the share of the granted values that refusals may have too, at most: one flag that
/// flips by itself among many values must not tell the two apart.
const SAME: f64 = 0.5;
/// How much more of the one than of the other an answer must have, where both have one shape.
const APART: f64 = 0.25;

/// What an operation answers to those who may and to those who may not, learned within one case.
#[derive(Clone, Debug)]
pub struct Acceptance {
    granted: Template,
    refused: Vec<Template>,
}

/// What an answer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The operation did for the sender what it does for the entitled caller.
    Granted,
    /// The operation refused.
    Refused,
    /// Neither is certain; never evidence.
    Unclear(&'static str),
}

impl Acceptance {
    /// Learns from the positive controls (the genuine caller, before and after) and the rejection controls
    /// (no credential, random credential, random id). The error says why nothing can be decided here.
    pub fn learn<'a>(
        positive: impl IntoIterator<Item = &'a Exchange>,
        rejections: impl IntoIterator<Item = &'a Exchange>,
    ) -> Result<Self, &'static str> {
        let positive: Vec<_> = positive.into_iter().collect();
        if positive.is_empty() || positive.iter().any(|exchange| exchange.is_blocked()) {
            return Err("the genuine request was not answered before and after");
        }
        let granted =
            Template::learn(positive).ok_or("the genuine request is answered differently each time")?;
        if granted.status >= 300 {
            return Err("the genuine request was refused");
        }
        let refused: Vec<_> = rejections
            .into_iter()
            .filter(|exchange| !exchange.is_blocked())
            .filter_map(Template::of)
            .collect();
        if refused.iter().any(|refusal| looks_the_same(&granted, refusal)) {
            return Err("whoever asks gets the same answer: the operation does not look at the credential");
        }
        Ok(Self { granted, refused })
    }

    /// Decides one answer.
    pub fn decide(&self, exchange: &Exchange) -> Decision {
        if exchange.is_blocked() {
            return Decision::Unclear("nobody answered for the operation");
        }
        let Some(answer) = Template::of(exchange) else { return Decision::Unclear("there is no answer") };
        let alike: Vec<_> = self.refused.iter().filter(|refusal| refusal.is_kind_of(&answer)).collect();
        match (self.granted.is_kind_of(&answer), alike.is_empty()) {
            (true, true) => return Decision::Granted,
            (false, false) => return Decision::Refused,
            (true, false) => {
                // One shape for both: the values have to tell, and clearly.
                let granted = self.granted.content_kept_by(&answer);
                let refused =
                    alike.iter().map(|refusal| refusal.content_kept_by(&answer)).fold(0.0, f64::max);
                return if granted >= refused + APART {
                    Decision::Granted
                } else if refused >= granted + APART {
                    Decision::Refused
                } else {
                    Decision::Unclear("the answer is as like the granted as the refused one")
                };
            }
            (false, true) => {}
        }
        match answer.status {
            401 | 403 | 404 => Decision::Refused,
            300..=399 if leads_to_login(exchange) => Decision::Refused,
            500..=599 => Decision::Unclear("the operation failed"),
            _ => Decision::Unclear("the answer is like neither the granted nor the refused one"),
        }
    }

    /// The template of the entitled caller.
    pub fn granted(&self) -> &Template {
        &self.granted
    }
}

/// Two answers that a judge could not tell apart.
fn looks_the_same(granted: &Template, refused: &Template) -> bool {
    granted.is_kind_of(refused) && granted.content_kept_by(refused) > SAME
}

fn leads_to_login(exchange: &Exchange) -> bool {
    let location = exchange.headers().and_then(|headers| headers.text("location")).unwrap_or_default();
    let location = location.to_ascii_lowercase();
    ["login", "signin", "sign-in", "sign_in", "auth", "sso"].iter().any(|word| location.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls::tests_support::{answer, answer_as};

    fn oracle(granted: &str, refused: Exchange) -> Acceptance {
        Acceptance::learn(&[answer(200, granted), answer(200, granted)], &[refused]).expect("they differ")
    }

    #[test]
    fn templates_decide_and_not_the_status_alone() {
        let acceptance =
            oracle(r#"{"id": 1, "name": "alice"}"#, answer(200, r#"{"error": "please log in"}"#));
        assert_eq!(acceptance.decide(&answer(200, r#"{"id": 2, "name": "bob"}"#)), Decision::Granted);
        assert_eq!(acceptance.decide(&answer(200, r#"{"error": "please log in"}"#)), Decision::Refused);
        assert_eq!(acceptance.decide(&answer(401, "{}")), Decision::Refused);
        assert!(matches!(acceptance.decide(&answer(400, r#"{"error": "header"}"#)), Decision::Unclear(_)));
        assert!(matches!(acceptance.decide(&answer(500, "{}")), Decision::Unclear(_)));
        assert!(matches!(acceptance.decide(&answer(429, "{}")), Decision::Unclear(_)));
        assert!(matches!(
            acceptance.decide(&answer_as(200, "text/html", "<html>app</html>")),
            Decision::Unclear(_)
        ));
    }

    #[test]
    fn flags_that_tell_are_used() {
        let acceptance = oracle(r#"{"ok": true}"#, answer(200, r#"{"ok": false}"#));
        assert_eq!(acceptance.decide(&answer(200, r#"{"ok": true}"#)), Decision::Granted);
        assert_eq!(acceptance.decide(&answer(200, r#"{"ok": false}"#)), Decision::Refused);
    }

    #[test]
    fn a_public_operation_decides_nothing() {
        let same = r#"{"menu": ["soup"]}"#;
        let learned = Acceptance::learn(&[answer(200, same)], &[answer(200, same)]);
        assert!(learned.unwrap_err().contains("does not look at the credential"));
        assert!(Acceptance::learn(&[answer(403, "{}")], &[]).unwrap_err().contains("refused"));
        assert!(Acceptance::learn(&[answer(503, "{}")], &[]).unwrap_err().contains("not answered"));
    }
}
