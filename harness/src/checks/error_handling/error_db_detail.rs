//! # What it sends
//! Nothing of its own: it looks at every answer of every other check and of the exploring phase.
//!
//! # What must hold
//! No error tells what the database, its driver or its mapper said: a message in a driver's own words, a statement
//! with placeholders or conditions, a connection address. A success counts only with two signs of different kinds that the
//! answer to a harmless request lacks: what an operation always shows is its data. What the request itself brought in
//! does not count. Smallest effect: one unmistakable sign in the first 256 KiB of an error, escaped up to three times.
//!
//! # Why it matters
//! Names of tables, columns and constraints make an injection quick, a constraint that is named confirms a guess, and
//! an address may hold a password.
//!
//! # How to fix
//! Map every failure of the database to an error of the API's own, and write the driver's words to the log.
//!
//! # References
//! CWE-209, CWE-497; OWASP API8:2023; ASVS 5.0 16.5.1.

use crate::checks::{
    About, Confirm, Effect, Fact, Grain, Interest, Isolation, Passive, Phase, Practice, Seen, Severity,
    Sighting,
};
use crate::signatures;

/// An error that tells what the database said.
pub struct DbDetail;

static ABOUT: About = About {
    id: "error-db-detail",
    title: "an error that tells what the database said",
    practice: Practice::ErrorHandling,
    source: include_str!("error_db_detail.rs"),
    grain: Grain::Operation,
    phase: Phase::Shape,
    needs: &[],
    effect: Effect::Reads,
    isolation: Isolation::Shared,
    budget: 20,
    confirm: Confirm::AT_ONCE,
    severity: Severity::Medium,
    chance: 15,
    cwe: &[209, 497],
    owasp: &["API8:2023"],
    wfc: None,
    once: false,
};

impl Passive for DbDetail {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn interest(&self) -> Interest {
        Interest::bodies(200, 599, signatures::DATABASE_NEEDLES)
    }

    fn inspect(&self, seen: &Seen<'_>) -> Option<Sighting> {
        let found = signatures::database_error(seen.text())?;
        // In data, one sign is an article about databases.
        if (seen.status < 400 && found.signs < 2) || seen.was_sent_by_anyone(&found.evidence) {
            return None;
        }
        let fact = if found.secret { Fact::SecretShown } else { Fact::InternalsShown };
        let what = format!("what the database said ({})", found.detector);
        Some(Sighting::new(found.detector, what, found.evidence).facts([fact]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Case;
    use crate::checks::look;
    use crate::controls::tests_support::answer;
    use crate::trace::Trace;

    fn sees(status: u16, body: &str) -> bool {
        let (case, trace, exchange) = (Case::new(ABOUT.id, "GET /"), Trace::default(), answer(status, body));
        Seen::new(&case, &trace, &exchange).and_then(|seen| look(&DbDetail, &seen)).is_some()
    }

    #[test]
    fn one_sign_is_enough_in_an_error_and_not_in_data() {
        let one = r#"{"detail": "UNIQUE constraint failed: accounts.name"}"#;
        assert!(sees(409, one));
        assert!(!sees(200, one), "an article");
        assert!(sees(200, r#"{"log": "SQLITE_ERROR in SELECT id FROM dishes WHERE id = ?"}"#));
        assert!(!sees(409, r#"{"detail": "the name is taken"}"#));
    }
}
