//! P6, the block filter: answers that somebody in front of the operation gave.

use super::template::Template;
use crate::trace::Exchange;

/// Whether an answer is no sample of the operation in a comparison of contents: refused by a filter (403, 406),
/// throttled, failed, or missing. A true condition that is blocked while the false one passes is a filter's
/// artefact, not an injection.
pub fn is_blocked_sample(exchange: &Exchange) -> bool {
    exchange.is_blocked() || matches!(exchange.status(), Some(403 | 406 | 500..=599))
}

/// Whether an answer is a page where the operation answers something else, or a page in place of a refusal: filters
/// that block with status 200 show one.
pub(super) fn is_page(original: &Template, exchange: &Exchange) -> bool {
    const PAGE: &str = "text/html";
    exchange.media_type().as_deref() == Some(PAGE)
        && exchange.status().is_some_and(|status| status < 400)
        && (original.family != PAGE || original.status >= 400)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls::tests_support::{answer, exchange};
    use crate::message::Outcome;

    #[test]
    fn filters_failures_and_silence_are_no_samples() {
        for status in [403, 406, 429, 500, 503] {
            assert!(is_blocked_sample(&answer(status, "{}")), "{status}");
        }
        for status in [200, 400, 404, 422] {
            assert!(!is_blocked_sample(&answer(status, "{}")), "{status}");
        }
        assert!(is_blocked_sample(&exchange(Outcome::Reset { received: 0, status: None })));
    }
}
