//! What services do with objects and their ids.

use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::document;
use crate::notes::{Habits, Notes};
use crate::run::{Ran, campaign, run};

fn ran(habits: Habits) -> Ran {
    run(campaign(&document::notes(), Notes::new(habits).serve(|router| router)))
}

fn title(body: &Json) -> &str {
    body["title"].as_str().unwrap_or_default()
}

/// The id is what its maker wrote: it is in everybody's own requests, and in refusals that repeat it.
#[test]
fn ids_that_are_titles() {
    let ran =
        ran(Habits {
            id: |_, body| format!("{} / 100% ü?", title(body)), unique: true, ..Habits::default()
        });
    ran.nothing_found().reached_all_but(&[]).is("authz-object-read", "GET /notes/{id}", "held");
}

#[test]
fn ids_that_are_mail_addresses() {
    let ran = ran(Habits { id: |n, _| format!("note+{n}@notes.example"), ..Habits::default() });
    ran.nothing_found().reached_all_but(&[]).is("authz-object-read", "GET /notes/{id}", "held");
}

/// The document says that they are integers, and promises nothing of what is answered.
#[test]
fn ids_that_are_of_another_type_than_documented() {
    let mut document = document::notes();
    document["paths"]["/notes/{id}"]["parameters"][0]["schema"] = json!({"type": "integer"});
    let uuid = |n: u64, _: &Json| format!("{n:08x}-5b7a-4c8d-9e0f-a1b2c3d4e5f6");
    let service = Notes::new(Habits { id: uuid, ..Habits::default() }).serve(|router| router);
    let ran = run(campaign(&document, service));
    ran.nothing_found().reached_all_but(&[]).is("authz-object-read", "GET /notes/{id}", "held");
}

#[test]
fn titles_that_are_there_once() {
    ran(Habits { unique: true, ..Habits::default() }).nothing_found().reached_all_but(&[]);
}

/// Every replay makes objects with titles of their own: the finding is seen again each time.
#[test]
fn a_finding_among_titles_that_are_there_once() {
    let ran = ran(Habits { unique: true, any_reads: true, ..Habits::default() });
    ran.only_found(&["authz-object-read"]);
    let finding = &ran.report.findings[0];
    assert_eq!(finding.reproduced.k, finding.reproduced.n, "{finding:#?}");
}

#[test]
fn objects_that_are_readable_later() {
    let ran = ran(Habits { settles: Duration::from_millis(500), ..Habits::default() });
    ran.nothing_found().reached_all_but(&[]).is("authz-object-read", "GET /notes/{id}", "held");
}

/// What is wrong there is found all the same.
#[test]
fn a_finding_among_objects_that_are_readable_later() {
    let settles = Duration::from_millis(500);
    ran(Habits { settles, any_reads: true, ..Habits::default() }).only_found(&["authz-object-read"]);
    ran(Habits { settles, open: true, ..Habits::default() }).only_found(&["authn-missing-credential"]);
}

#[test]
fn objects_that_belong_to_everybody() {
    let ran = ran(Habits { shared: true, ..Habits::default() });
    ran.reached_all_but(&[]);
    let proven = |finding: &&proofhouse::finding::Finding| {
        finding.confidence > proofhouse::checks::Confidence::Suspected
    };
    let wrong: Vec<_> = ran.report.findings.iter().filter(proven).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    // What could be wrong is for the owner to say, and how is printed.
    assert!(ran.report.findings.iter().all(|finding| finding.rule.is_some()), "{:#?}", ran.report.findings);
}
