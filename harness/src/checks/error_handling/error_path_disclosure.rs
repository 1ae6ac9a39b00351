//! # What it sends
//! Nothing of its own: it looks at every answer of every other check and of the exploring phase.
//!
//! # What must hold
//! No error names a file of the server by its absolute path: below a root that only machines have, with an extension;
//! below a root that sites have too, a file of source or configuration; on Windows a drive or a share with two segments.
//! Addresses are no paths, and neither is what a request of the case sent. A success counts only with two different
//! paths that the answer to a harmless request lacks: files, notebooks and builds are data of some APIs. Smallest
//! effect: one path in the first 256 KiB of an error, escaped up to three times.
//!
//! # Why it matters
//! A path tells the system, the framework, the account that runs it, and where an upload or a traversal has to lead.
//!
//! # How to fix
//! Answer failures with a text of the API's own and an id; write the path to the log under that id.
//!
//! # References
//! CWE-209, CWE-497; OWASP API8:2023; ASVS 5.0 16.5.1.

use crate::checks::{
    About, Confirm, Effect, Fact, Grain, Interest, Isolation, Passive, Phase, Practice, Seen, Severity,
    Sighting,
};
use crate::signatures;

/// An error that names a file of the server.
pub struct PathDisclosure;

static ABOUT: About = About {
    id: "error-path-disclosure",
    title: "an error that names a file of the server",
    practice: Practice::ErrorHandling,
    source: include_str!("error_path_disclosure.rs"),
    grain: Grain::Operation,
    phase: Phase::Shape,
    needs: &[],
    effect: Effect::Reads,
    isolation: Isolation::Shared,
    budget: 20,
    confirm: Confirm::AT_ONCE,
    severity: Severity::Low,
    chance: 15,
    cwe: &[209, 497],
    owasp: &["API8:2023"],
    wfc: None,
    once: false,
};

impl Passive for PathDisclosure {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn interest(&self) -> Interest {
        Interest::bodies(200, 599, signatures::PATH_NEEDLES)
    }

    fn inspect(&self, seen: &Seen<'_>) -> Option<Sighting> {
        let mut paths = signatures::paths(seen.text());
        paths.retain(|path| !seen.was_sent_by_anyone(&path.evidence));
        let least = if seen.status < 400 { 2 } else { 1 };
        if paths.len() < least {
            return None;
        }
        let path = paths.swap_remove(0);
        let what = format!("the path of a file of the server ({})", path.detector);
        Some(Sighting::new(path.detector, what, path.evidence).facts([Fact::InternalsShown]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Case;
    use crate::checks::look;
    use crate::controls::tests_support::answer;
    use crate::message::Outgoing;
    use crate::trace::{Sent, Trace};

    #[test]
    fn what_was_sent_or_is_data_does_not_count() {
        let (case, trace) = (Case::new(ABOUT.id, "GET /"), Trace::default());
        let error = r#"{"detail": "cannot open /srv/canteen/menu.toml"}"#;
        let sees = |trace: &Trace, status: u16| {
            let exchange = answer(status, error);
            Seen::new(&case, trace, &exchange).and_then(|seen| look(&PathDisclosure, &seen)).is_some()
        };
        assert!(sees(&trace, 404));
        assert!(!sees(&trace, 200), "one path in a success");
        let mut sent = Trace::default();
        let mut earlier = answer(200, "{}");
        let request =
            Outgoing { target: b"/files?at=/srv/canteen/menu.toml".to_vec(), ..Outgoing::default() };
        earlier.sent = std::sync::Arc::new(Sent { request, ..Sent::default() });
        sent.exchanges.push(earlier);
        assert!(!sees(&sent, 404), "an earlier request of the case sent it");
    }
}
