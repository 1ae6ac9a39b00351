//! What documents leave out, or get wrong.

use serde_json::json;

use crate::document;
use crate::notes::{Habits, Notes, PEOPLE};
use crate::run::{Ran, campaign, person_with, run};

#[test]
fn without_answers() {
    let mut document = document::notes();
    document::without(&mut document, "responses");
    let ran = run(campaign(&document, Notes::new(Habits::default()).serve(|router| router)));
    ran.nothing_found().reached_all_but(&[]).is("authz-object-read", "GET /notes/{id}", "held");
}

#[test]
fn without_security() {
    let mut document = document::notes();
    document::without(&mut document, "security");
    let sound = run(campaign(&document, Notes::new(Habits::default()).serve(|router| router)));
    sound.nothing_found().reached_all_but(&[]).is("authn-missing-credential", "GET /notes/{id}", "held");
    // Nobody says that what is read there is not for everybody: it is told, and not as certain.
    let open = Notes::new(Habits { open: true, ..Habits::default() }).serve(|router| router);
    let found = run(campaign(&document, open)).found();
    assert_eq!(found, ["authn-missing-credential: GET /notes/{id} answers without a credential"]);
}

/// The token travels in a header that the document calls an ordinary parameter.
fn with_token_as_parameter(habits: Habits) -> Ran {
    let mut document = document::notes();
    document::without(&mut document, "security");
    let token =
        json!({"name": "X-Notes-Token", "in": "header", "required": true, "schema": {"type": "string"}});
    for path in ["/me", "/notes", "/notes/{id}"] {
        let path = &mut document["paths"][path];
        for method in ["get", "post", "put", "delete"] {
            if let Some(operation) = path[method].as_object_mut() {
                let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
                parameters.as_array_mut().expect("a list").push(token.clone());
            }
        }
    }
    let service = Notes::new(Habits { header: Some("x-notes-token"), ..habits }).serve(|router| router);
    let mut campaign = campaign(&document, service);
    campaign.identities = PEOPLE.map(|name| person_with(name, "X-Notes-Token")).into();
    run(campaign)
}

#[test]
fn a_token_that_is_an_ordinary_parameter() {
    let ran = with_token_as_parameter(Habits::default());
    ran.nothing_found().reached_all_but(&[]);
    for operation in ["GET /me", "GET /notes/{id}", "PUT /notes/{id}"] {
        ran.is("authn-missing-credential", operation, "held");
    }
    let open = with_token_as_parameter(Habits { open: true, ..Habits::default() });
    open.only_found(&["authn-missing-credential"]);
    assert_eq!(open.report.findings[0].operation.to_string(), "GET /notes/{id}");
}
