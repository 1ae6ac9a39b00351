//! What would make a cell count that proves nothing.

/// Parts of reasons, and what helps against them; the first that fits.
const ADVICE: &[(&[&str], &str)] = &[
    (&["only safe methods"], "a run without --safe"),
    (
        &["not the run's own", "are disposable", "is left alone", "data are not disposable"],
        "data = \"disposable\", where everything may be lost",
    ),
    (&["signing key"], "[jwt] signing_key, or a sample of an expired token"),
    // A case that somebody edited, or that was cut short.
    (
        &[
            "an attack carries",
            "the attack is",
            "the attack holds",
            "nothing was attacked",
            "nothing was sent",
            "nothing was traced",
            "an operation was not asked",
            "is a genuine one",
            "is the genuine one",
            "is no forgery",
            "no forged token",
            "no refusal was asked for",
            "no garbled body",
            "no large body",
            "is not large",
            "is not deep",
            "sent as an attack",
            "what was sent is valid",
            "no document that is not JSON",
            "control is missing",
            "declares no limit",
            "smaller than the limit",
            "not asked in turn",
        ],
        "the case as proofhouse wrote it, sent to its end: this one is another",
    ),
    (
        &[
            "before the operation saw",
            "somebody in front",
            "a credential check refused",
            "nobody answered",
            "a ban or a limit",
            "credential is of another kind",
        ],
        "a target with nobody in front who refuses, and a credential that this operation takes",
    ),
    (
        &[
            "entitled",
            "nothing says that this operation",
            "above every owner",
            "granted nothing beside",
            "is shown the hidden member",
            "no identity is let in",
        ],
        "an identity of another role, or [policy] rules that say who may what",
    ),
    (
        &[
            "canary",
            "the object was not made",
            "own object",
            "read back what it wrote",
            "nothing reads",
            "neither shows the object nor refuses it",
        ],
        "an operation that reads what another one makes, with free text in both",
    ),
    (
        &[
            "no operation refuses",
            "no operation here refuses",
            "for everybody",
            "no credential is looked at",
            "without a credential",
            "without a genuine credential",
            "does not look at the credential",
            "can be made to refuse",
            "asks for no challenge",
        ],
        "an operation that refuses with 401 whoever has no credential",
    ),
    (
        &["that we signed ourselves"],
        "[jwt] signing_key as the target has it, with claims that the target takes",
    ),
    (
        &[
            "limit",
            "burst",
            "window",
            "wait",
            "refusals do not say",
            "some refusals can be read",
            "one refusal may be",
            "requests were granted",
            "nobody came back",
        ],
        "more --time, and the limit as the target means it: x-rate-limit, or [[rate_limit]]",
    ),
    // What this operation is, or how it answers, leaves nothing to judge.
    (
        &[
            "what is deleted cannot",
            "a batch answers",
            "the body is a patch",
            "only promises to look",
            "meant to hold SQL",
            "gives every request back",
            "answers a garbled body as",
            "is no refusal of a type",
            "before the body had been taken",
            "the operation fails on flat documents",
            "grows no more",
        ],
        "nothing: this operation leaves nothing to judge, and other operations stand for it",
    ),
    (
        &[
            "no valid request",
            "was never tried",
            "valid request was",
            "valid request is",
            "genuine request was refused",
            "genuine request was not sent",
            "original request",
            "was granted",
            "valid body was",
            "the valid request was not sent",
        ],
        "a valid request that is granted: an identity that may, an example in the document, or what OPERATIONS says is missing",
    ),
    (&["schema", "documented", "document"], "a document that says more of this operation and its answers"),
    (
        &["never answered", "answered no error", "did not fail", "did not come", "fewer than two operations"],
        "more --time; nothing, where the target never answers so",
    ),
    (
        &[
            "by itself",
            "differently",
            "alike",
            "as like the granted",
            "like neither the granted",
            "not answered",
            "there is no answer",
            "not every request was answered",
            "no harmless request was answered",
            "the operation failed",
            "usual shape",
            "seen once",
            "refuses clearly",
            "could not be sent to its end",
            "came to no end",
        ],
        "a target that answers steadily: fewer --workers, or a run while nobody else uses it",
    ),
];
/// What is left to do otherwise.
const OTHERWISE: &str = "more --time, or `proofhouse explain` of the check for what it needs";

/// What would make a vacuous cell count, in a few words that read after "counts with".
pub(crate) fn advice(reason: &str) -> &'static str {
    let fits = |(parts, _): &&(&[&str], &str)| parts.iter().any(|part| reason.contains(part));
    ADVICE.iter().find(fits).map_or(OTHERWISE, |(_, advice)| advice)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn reasons_are_met_by_what_helps() {
        assert!(advice("no valid request was ever granted here").starts_with("a valid request"));
        assert_eq!(advice("only safe methods are sent"), "a run without --safe");
        assert!(
            advice("alice makes no object with room for a canary that this operation reads")
                .contains("free text")
        );
        assert!(advice("the limit was not reached").contains("[[rate_limit]]"));
        assert_eq!(advice("the moon was in the wrong place"), OTHERWISE);
    }

    /// Reads every reason for nothing being proven out of the checks' sources.
    fn reasons(folder: &Path, found: &mut Vec<String>) {
        let given = regex::Regex::new(
            r#"(?s)(?:vacuous|Vacuous|Unclear)\(\s*(?:format!\(\s*)?"([^"]+)"|fn unseen[^"]*"([^"]+)""#,
        )
        .expect("a pattern");
        for entry in fs::read_dir(folder).expect("the sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                reasons(&path, found);
                continue;
            }
            let text = fs::read_to_string(&path).expect("a source");
            let text = text.split("#[cfg(test)]\nmod").next().unwrap_or_default();
            let texts = given.captures_iter(text).filter_map(|text| text.get(1).or(text.get(2)));
            found.extend(texts.map(|text| text.as_str().to_owned()));
        }
    }

    #[test]
    fn no_reason_of_a_check_is_left_without_advice() {
        let mut found = Vec::new();
        for folder in ["src/checks", "src/controls"] {
            reasons(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut found);
        }
        assert!(found.len() > 90, "only {} reasons were found", found.len());
        let without: Vec<_> = found.iter().filter(|reason| advice(reason) == OTHERWISE).collect();
        assert!(without.is_empty(), "{without:#?}");
    }
}
