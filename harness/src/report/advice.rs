//! What would make a cell count that proves nothing.

/// Parts of reasons, and what helps against them; the first that fits.
const ADVICE: &[(&[&str], &str)] = &[
    (&["only safe methods"], "a run without --safe"),
    (
        &["not the run's own", "are disposable", "is left alone"],
        "data = \"disposable\", where everything may be lost",
    ),
    (&["signing key"], "[jwt] signing_key, or a sample of an expired token"),
    (
        &["entitled", "nothing says that this operation", "above every owner", "granted nothing beside"],
        "an identity of another role, or [policy] rules that say who may what",
    ),
    (
        &[
            "canary",
            "the object was not made",
            "own object",
            "read back what it wrote",
            "nobody came back",
            "nothing reads",
        ],
        "an operation that reads what another one makes, with free text in both",
    ),
    (
        &["limit", "burst", "window", "wait", "refusals do not say", "another wait"],
        "more --time, and the limit as the target means it: x-rate-limit, or [[rate_limit]]",
    ),
    (
        &["no operation refuses", "for everybody", "no credential is looked at", "without a credential"],
        "an operation that refuses whoever has no credential, and a document that says which ones ask for it",
    ),
    (
        &[
            "no valid request",
            "was never tried",
            "valid request was",
            "valid request is",
            "genuine request",
            "original request",
            "no operation that",
            "valid body was",
        ],
        "a valid request that is granted: an identity that may, an example in the document, or what OPERATIONS says is missing",
    ),
    (&["schema", "documented", "document"], "a document that says more of this operation and its answers"),
    (
        &["never answered", "answered no error", "did not fail", "did not come"],
        "more --time; nothing, where the target never answers so",
    ),
    (
        &[
            "fails by itself",
            "differently",
            "by itself",
            "alike",
            "in front",
            "nobody answered",
            "not answered",
            "not asked in turn",
            "usual shape",
        ],
        "a target that answers steadily, with nobody in front who refuses",
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
}
