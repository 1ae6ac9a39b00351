//! What proves that somebody got in, and what does not.

use super::*;
use crate::case::Step;
use crate::controls::tests_support::{answer, exchange};

const MINE: &str = r#"{"items": [{"text": "ph-0000-aaaaaaaaaaaa"}]}"#;

/// A request of this name, and what became of it.
fn add(case: &mut Case, trace: &mut Trace, name: &str, identity: &str, mut exchange: Exchange) {
    let role = if name == "attack" { Role::Attack } else { Role::Control };
    exchange.step = case.steps.len();
    trace.exchanges.push(exchange);
    case.steps.push(Step::send(name, role, identity, "target", vec![]));
}

/// What nobody, and whoever asks elsewhere, is answered.
fn judge(operation: &str, attack: (u16, &str), refused: u16, elsewhere: u16, presence: bool) -> Verdict {
    let mut case = Case::new("authn-missing-credential", operation);
    case.facts.insert("needs".to_owned(), json!("declared"));
    let mut trace = Trace::default();
    trace.bindings.insert("own-canary-target/text".to_owned(), "ph-0000-aaaaaaaaaaaa".to_owned());
    for (name, (status, body)) in [
        ("genuine-before", (200, MINE)),
        ("refused", (refused, if refused == 200 { MINE } else { "{}" })),
        ("elsewhere-1-genuine", (200, "[1]")),
        ("elsewhere-1-refused", (elsewhere, if elsewhere == 200 { "[1]" } else { "{}" })),
        ("attack", attack),
        ("genuine-after", (200, MINE)),
    ] {
        add(&mut case, &mut trace, name, ANONYMOUS, answer(status, body));
    }
    super::judge(&case, &trace, &Say { title: "answers", presence })
}

#[test]
fn who_is_let_in_as_somebody_else_is_not_refused() {
    let me = answer(200, r#"{"name": "alice", "role": "customer"}"#);
    let oracle = Acceptance::learn([&me], []).expect("it is granted");
    let refused = |status, body: &str| {
        is_refused(&Case::new("authn-missing-credential", "GET /me"), &oracle, &me, &answer(status, body))
    };
    assert!(!refused(200, r#"{"name": "olga", "role": "admin", "permissions": ["all"]}"#));
    assert!(!refused(200, r#"{"name": "bob"}"#));
    assert!(refused(401, r#"{"name": "nobody"}"#));
    assert!(refused(200, r#"{"error": "log in"}"#));
    assert!(refused(200, r#"{"name": null, "error": "log in"}"#));
    assert!(!refused(503, "{}"));
}

#[test]
fn personal_data_are_for_nobody_where_the_document_tells_operations_apart() {
    let person = r#"{"email": "eve@a.example", "phone": "+1 202 555 0100"}"#;
    let judged = |selective: bool, shown: &str| {
        let mut case = Case::new("authn-missing-credential", "GET /doctors/{id}/contact");
        case.facts.insert("needs".to_owned(), json!("declared"));
        case.facts.insert("selective".to_owned(), json!(selective));
        let mut trace = Trace::default();
        for (name, (status, body)) in [
            ("genuine-before", (200, person)),
            ("refused", (200, person)),
            ("elsewhere-1-genuine", (200, "[1]")),
            ("elsewhere-1-refused", (401, "{}")),
            ("attack", (200, shown)),
            ("genuine-after", (200, person)),
        ] {
            add(&mut case, &mut trace, name, ANONYMOUS, answer(status, body));
        }
        super::judge(&case, &trace, &Say { title: "answers", presence: false })
    };
    assert_eq!(judged(true, person).violation().map(|found| found.confidence), Some(Confidence::Likely));
    assert!(judged(false, person).violation().is_none(), "a document that asks everywhere");
    assert!(judged(true, r#"{"email": "eve@a.example"}"#).violation().is_none(), "one kind is shown");
}

#[test]
fn strangers_who_are_shown_more_than_those_who_are_known() {
    let (nothing, all) =
        (r#"{"items": [], "total": 0}"#, r#"{"items": [{"email": "eve@a.example", "cents": 90}]}"#);
    let judged = |documented: &str, known: &str, shown: &str| {
        let mut case = Case::new("authn-missing-credential", "GET /fines");
        let mut excerpt = crate::case::Excerpt { name: "GET /fines".to_owned(), ..Default::default() };
        excerpt.responses.insert(documented.to_owned(), Vec::new());
        case.operations.push(std::sync::Arc::new(excerpt));
        let mut trace = Trace::default();
        for (name, (status, body)) in [
            ("genuine-before", (200, nothing)),
            ("other-before", (200, known)),
            ("refused", (200, all)),
            ("elsewhere-1-genuine", (200, "[1]")),
            ("elsewhere-1-refused", (401, "{}")),
            ("attack", (200, shown)),
            ("genuine-after", (200, nothing)),
            ("other-after", (200, known)),
        ] {
            add(&mut case, &mut trace, name, ANONYMOUS, answer(status, body));
        }
        super::judge(&case, &trace, &Say { title: "answers", presence: false })
    };
    let sure = |verdict: Verdict| verdict.violation().map(|found| found.confidence);
    assert_eq!(sure(judged("401", nothing, all)), Some(Confidence::Likely));
    assert_eq!(sure(judged("404", nothing, all)), None, "the document knows no refusal");
    assert_eq!(sure(judged("401", all, all)), None, "somebody else is shown it, too");
    assert_eq!(sure(judged("401", nothing, nothing)), None);
}

#[test]
fn a_canary_is_proof_where_somebody_is_refused_somewhere() {
    let sure = |refused, elsewhere, presence| {
        let verdict = judge("GET /notes", (200, MINE), refused, elsewhere, presence);
        verdict.violation().map(|violation| violation.confidence)
    };
    assert_eq!(sure(401, 401, false), Some(Confidence::Proven));
    assert_eq!(sure(200, 401, false), Some(Confidence::Proven));
    assert_eq!(sure(401, 200, false), Some(Confidence::Proven), "a credential is looked at here");
    assert_eq!(sure(200, 200, false), None, "nobody is refused anywhere");
    assert_eq!(sure(401, 200, true), None, "any credential will do, everywhere");
}

#[test]
fn what_was_written_where_everybody_reads_is_told_where_others_are_not_shown_it() {
    let judged = |other: Option<(u16, &str)>| {
        let mut case = Case::new("authn-missing-credential", "GET /settings/{name}");
        case.facts.insert("needs".to_owned(), json!("declared"));
        let mut trace = Trace::default();
        trace.bindings.insert("canary-written-target/text".to_owned(), "ph-0000-aaaaaaaaaaaa".to_owned());
        for (name, sent) in [
            ("other-before", other),
            ("genuine-before", Some((200, MINE))),
            ("refused", Some((401, "{}"))),
            ("attack", Some((200, MINE))),
            ("genuine-after", Some((200, MINE))),
            ("other-after", other),
        ] {
            let Some((status, body)) = sent else { continue };
            add(&mut case, &mut trace, name, ANONYMOUS, answer(status, body));
        }
        let verdict = super::judge(&case, &trace, &Say { title: "answers", presence: false });
        verdict.violation().map(|violation| violation.confidence)
    };
    assert_eq!(judged(Some((200, r#"{"items": [{"text": "of bob"}]}"#))), Some(Confidence::Proven));
    assert_eq!(judged(Some((403, "{}"))), Some(Confidence::Proven));
    assert_eq!(judged(Some((404, "{}"))), Some(Confidence::Proven), "another has nothing there");
    assert_eq!(judged(Some((200, MINE))), None, "it is shown to another, too");
    assert_eq!(judged(Some((401, "{}"))), None, "another who is not known either");
    assert_eq!(judged(Some((500, "{}"))), None);
    assert_eq!(judged(None), None, "there is nobody else");
}

#[test]
fn a_deletion_is_the_attacks_where_what_must_be_refused_had_an_object_of_its_own() {
    let judged = |refused_at: &str| {
        let mut case = Case::new("authn-missing-credential", "DELETE /notes/{id}");
        case.facts.insert("needs".to_owned(), json!("declared"));
        let mut trace = Trace::default();
        for (name, at, status) in [
            ("look-before", "/notes/1", 200),
            ("beside-before", "/notes/2", 200),
            ("refused", refused_at, 204),
            ("elsewhere-1-genuine", "/notes", 200),
            ("elsewhere-1-refused", "/notes", 401),
            ("attack", "/notes/1", if refused_at == "/notes/1" { 404 } else { 204 }),
            ("look-after", "/notes/1", 404),
            ("beside-after", "/notes/2", 200),
            ("genuine-after", "/notes/1", 404),
        ] {
            let mut exchange = answer(status, "{}");
            let request = crate::message::Outgoing { target: at.into(), ..Default::default() };
            exchange.sent = std::sync::Arc::new(crate::trace::Sent { request, ..Default::default() });
            add(&mut case, &mut trace, name, ANONYMOUS, exchange);
        }
        let verdict = super::judge(&case, &trace, &Say { title: "answers", presence: false });
        verdict.violation().map(|violation| violation.confidence)
    };
    assert_eq!(judged("/notes/3"), Some(Confidence::Proven));
    assert_eq!(judged("/notes/1"), None, "it was gone before the attack");
}

#[test]
fn a_handshake_that_wants_a_certificate_is_a_refusal() {
    let judged = |attacker: &str, at: Stage, after: u16| {
        let mut case = Case::new("authn-missing-credential", "GET /notes");
        let mut trace = Trace::default();
        let ends = |at| exchange(Outcome::Refused { at, reason: "alert".into() });
        for (name, identity, sent) in [
            ("genuine-before", "alice", answer(200, MINE)),
            ("refused", "alice", ends(Stage::Connect)),
            ("attack", attacker, ends(at)),
            ("genuine-after", "alice", answer(after, MINE)),
        ] {
            add(&mut case, &mut trace, name, identity, sent);
        }
        super::judge(&case, &trace, &Say { title: "answers", presence: false }) == Verdict::Held
    };
    assert!(judged(ANONYMOUS, Stage::Certificate, 200));
    assert!(!judged(ANONYMOUS, Stage::Handshake, 200), "TLS failed for another reason");
    assert!(!judged(ANONYMOUS, Stage::Connect, 200), "nobody was there");
    assert!(!judged("bob", Stage::Certificate, 200), "whose certificate is of no use");
    assert!(!judged(ANONYMOUS, Stage::Certificate, 503), "whoever has one is not let in either");
}

#[test]
fn refusals_hold_and_what_everybody_gets_is_vacuous() {
    assert_eq!(judge("GET /notes", (401, "{}"), 401, 401, false), Verdict::Held);
    for (attack, refused) in
        [((200, r#"{"items": [{"text": "menu"}]}"#), 401), ((429, "{}"), 401), ((500, "{}"), 401)]
    {
        let verdict = judge("GET /notes", attack, refused, 401, false);
        assert!(matches!(verdict, Verdict::Vacuous(_)), "{attack:?} {verdict:?}");
    }
    let any = judge("GET /notes", (200, r#"{"items": [{"text": "menu"}]}"#), 401, 401, true);
    assert_eq!(any.violation().map(|violation| violation.confidence), Some(Confidence::Likely));
}
