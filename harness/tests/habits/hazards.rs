//! Operations with innocent names that end sessions, lose everything, or switch the service off.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::extract::Request;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::IntoResponse as _;
use axum::routing::{get, post, put};
use proofhouse::engine::campaign::Campaign;
use proofhouse::identity::Identity;

use crate::document;
use crate::notes::{Habits, Notes, parsed, refusal};
use crate::run::{Ran, campaign, person, run};

/// What an operation does besides what it is called for.
type Deed = fn(&Notes, &HeaderMap);

/// The notes with `POST /summaries/refresh`, which does this to whoever is known; and how often it was done.
fn with(notes: &Arc<Notes>, deed: Deed) -> (serde_json::Value, Router, Arc<AtomicU64>) {
    let mut document = document::notes();
    document::add(&mut document, "post", "/summaries/refresh");
    let done = Arc::new(AtomicU64::new(0));
    let (count, api) = (Arc::clone(&done), Arc::clone(notes));
    let service = notes.serve(|router| {
        let refresh = move |headers: HeaderMap| {
            let answer = api.who(&headers).map(|_| {
                count.fetch_add(1, Ordering::SeqCst);
                deed(&api, &headers);
                StatusCode::NO_CONTENT.into_response()
            });
            std::future::ready(answer)
        };
        router.route("/summaries/refresh", post(refresh))
    });
    (document, service, done)
}

fn ran(deed: Deed, set: impl FnOnce(&mut Campaign)) -> (Ran, u64) {
    let (document, service, done) = with(&Notes::new(Habits::default()), deed);
    let mut campaign = campaign(&document, service);
    set(&mut campaign);
    (run(campaign), done.load(Ordering::SeqCst))
}

#[track_caller]
fn quarantined(ran: &Ran, what: &str) {
    let held: Vec<_> =
        ran.report.quarantined.iter().map(|held| (held.operation.to_string(), &held.reason)).collect();
    assert_eq!(held.len(), 1, "{held:#?}");
    assert_eq!(held[0].0, "POST /summaries/refresh");
    assert!(held[0].1.contains(what), "{held:#?}");
}

/// What the others prove without the operation.
#[track_caller]
fn as_without(ran: &Ran) {
    ran.nothing_found().reached_all_but(&[]);
    ran.is("authz-object-read", "GET /notes/{id}", "held");
    ran.is("authn-missing-credential", "DELETE /notes/{id}", "held");
    ran.is("input-server-error", "POST /notes", "held");
    assert!(
        ran.report.identities.iter().all(|identity| identity.alive_at_end),
        "{:#?}",
        ran.report.identities
    );
}

#[test]
fn one_that_resets_everything() {
    let (ran, done) = ran(|notes, _| notes.begin_anew(), |_| {});
    quarantined(&ran, "resets data");
    as_without(&ran);
    assert_eq!(done, 1, "others may use what it takes away");
    ran.is("authn-missing-credential", "POST /summaries/refresh", "skipped");
}

#[test]
fn one_that_resets_what_may_be_lost() {
    let (ran, _) = ran(|notes, _| notes.begin_anew(), |campaign| campaign.settings.disposable_data = true);
    quarantined(&ran, "resets data");
    as_without(&ran);
    assert_eq!(ran.report.quarantined[0].unsent, "");
    ran.is("authn-missing-credential", "POST /summaries/refresh", "held");
}

#[test]
fn one_that_ends_all_sessions() {
    let (ran, _) = ran(|notes, _| notes.end_sessions(), |_| {});
    quarantined(&ran, "ends sessions");
    as_without(&ran);
    ran.is("authn-missing-credential", "POST /summaries/refresh", "held");
}

/// Who has nothing but a token is out for good: the other one must not lose its own.
#[test]
fn one_that_ends_a_session_that_nobody_can_begin_again() {
    let notes = Notes::new(Habits::default());
    let token = notes.begin_session("alice");
    let (document, service, _) = with(&notes, Notes::end_session);
    let mut campaign = campaign(&document, service);
    campaign.identities = vec![Identity::bearer("alice", token), person("bob")];
    let ran = run(campaign);
    quarantined(&ran, "locks out");
    ran.nothing_found().reached_all_but(&[]);
    let [alice, bob] = &ran.report.identities[..] else { panic!("two identities") };
    assert!(!alice.alive_at_end && alice.note.contains("POST /summaries/refresh"), "{alice:#?}");
    assert!(bob.alive_at_end, "{bob:#?}");
    ran.is("authn-missing-credential", "GET /notes", "held");
}

/// The notes behind a switch; `POST /summaries/resume` switches them on again, where there is one.
fn switched(resumes: bool) -> Ran {
    let notes = Notes::new(Habits::default());
    let (mut document, service, _) = with(&notes, |notes, _| notes.off.store(true, Ordering::SeqCst));
    if resumes {
        document::add(&mut document, "post", "/summaries/resume");
    }
    let front = service.layer(from_fn(move |request: Request, next: Next| {
        let is_switch = resumes && request.uri().path() == "/summaries/resume" && request.method() == "POST";
        if is_switch && notes.who(request.headers()).is_ok() {
            notes.off.store(false, Ordering::SeqCst);
        }
        let is_off = notes.off.load(Ordering::SeqCst);
        async move {
            match (is_off, is_switch) {
                (true, _) => refusal(503, "closed"),
                (false, true) => StatusCode::NO_CONTENT.into_response(),
                (false, false) => next.run(request).await,
            }
        }
    }));
    run(campaign(&document, front))
}

#[test]
fn one_that_switches_the_service_off_until_another_switches_it_on() {
    let ran = switched(true);
    quarantined(&ran, "switches the target off");
    as_without(&ran);
}

#[test]
fn one_that_switches_the_service_off_for_ever() {
    let ran = switched(false);
    quarantined(&ran, "switches the target off");
    ran.nothing_found();
    // What was not looked at is not held.
    let held: Vec<_> =
        ran.report.matrix.iter().filter(|cell| cell.verdict == "held" && cell.requests > 0).collect();
    assert!(held.is_empty(), "{held:#?}");
    let skipped = ran.report.matrix.iter().find(|cell| cell.check == "input-server-error").expect("a cell");
    assert_eq!(skipped.verdict, "skipped");
    assert!(skipped.why.contains("POST /summaries/refresh switched the target off"), "{skipped:#?}");
    assert!(ran.report.identities.iter().all(|identity| !identity.alive_at_end));
}

/// Reading is not always without effect.
#[test]
fn one_that_reads_and_ends_the_session() {
    let notes = Notes::new(Habits::default());
    let mut document = document::notes();
    document::add(&mut document, "get", "/summaries/last");
    let api = Arc::clone(&notes);
    let service = notes.serve(|router| {
        let last = move |headers: HeaderMap| {
            let answer = api.who(&headers).map(|_| {
                api.end_session(&headers);
                StatusCode::NO_CONTENT.into_response()
            });
            std::future::ready(answer)
        };
        router.route("/summaries/last", get(last))
    });
    let ran = run(campaign(&document, service));
    as_without(&ran);
    let [held] = &ran.report.quarantined[..] else { panic!("{:#?}", ran.report.quarantined) };
    assert_eq!(held.operation.to_string(), "GET /summaries/last");
}

/// Settings with a flag that need not be sent: only some requests switch the service off.
#[test]
fn one_that_switches_the_service_off_by_a_flag() {
    let notes = Notes::new(Habits::default());
    let mut document = document::notes();
    document::add(&mut document, "put", "/settings");
    let properties = serde_json::json!({"theme": {"type": "string", "maxLength": 20}, "quiet": {"type": "boolean", "enum": [true]}});
    let schema = serde_json::json!({"type": "object", "required": ["theme"], "properties": properties});
    document["paths"]["/settings"]["put"]["requestBody"] =
        serde_json::json!({"required": true, "content": {"application/json": {"schema": schema}}});
    let service = notes.serve(|router| {
        let api = Arc::clone(&notes);
        let change = move |headers: HeaderMap, body: Result<Bytes, BytesRejection>| {
            let answer = api.who(&headers).and_then(|_| {
                let body = parsed(&headers, body)?;
                let is_fine = body["theme"].as_str().is_some_and(|theme| theme.chars().count() <= 20)
                    && body.get("quiet").is_none_or(serde_json::Value::is_boolean);
                if !is_fine {
                    return Err(refusal(422, "a theme, and a flag"));
                }
                if let Some(quiet) = body["quiet"].as_bool() {
                    api.off.store(quiet, Ordering::SeqCst);
                }
                Ok(StatusCode::NO_CONTENT.into_response())
            });
            std::future::ready(answer)
        };
        let off = Arc::clone(&notes);
        router.route("/settings", put(change)).layer(from_fn(move |request: Request, next: Next| {
            let is_off = off.off.load(Ordering::SeqCst) && request.uri().path() != "/settings";
            async move { if is_off { refusal(503, "closed") } else { next.run(request).await } }
        }))
    });
    let ran = run(campaign(&document, service));
    as_without(&ran);
    let [held] = &ran.report.quarantined[..] else { panic!("{:#?}", ran.report.quarantined) };
    assert_eq!(held.operation.to_string(), "PUT /settings");
    assert!(!notes.off.load(Ordering::SeqCst), "it is left as it was found");
}
