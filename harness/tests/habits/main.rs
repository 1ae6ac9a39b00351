//! What real services do: each habit is a small service, attacked by a whole campaign.

mod answers;
mod certificates;
mod document;
mod documents;
mod failures;
mod hazards;
mod notes;
mod objects;
mod renewal;
mod run;

use crate::notes::{Habits, Notes};
use crate::run::{campaign, run};

/// The ground that all others stand on.
#[test]
fn a_service_without_habits() {
    let service = Notes::new(Habits::default()).serve(|router| router);
    let ran = run(campaign(&document::notes(), service));
    ran.nothing_found().reached_all_but(&[]);
    for (check, operation) in [
        ("authz-object-read", "GET /notes/{id}"),
        ("authn-missing-credential", "GET /notes"),
        ("authn-missing-credential", "DELETE /notes/{id}"),
        ("input-server-error", "POST /notes"),
    ] {
        ran.is(check, operation, "held");
    }
}
