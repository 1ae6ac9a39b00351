//! A report to look at: several checks, every kind of finding, identities that work and that do not.

use std::collections::BTreeMap;

use crate::checks::{Cause, Confidence, Practice, Severity, by_id};
use crate::finding::{Evidence, Finding, OperationName, Reproduced, State, Status};
use crate::report::{
    Behaviours, Cell, CheckSummary, Coverage, Environment, IdentitySummary, LeftBehind, LeftOut,
    OperationSummary, PracticeSummary, Report, SCHEMA_VERSION, Skipped, Tool, Vacuous,
};

/// A confirmed finding of a check, with one attack and what stands around it.
pub(crate) fn finding(check: &str, operation: &str, place: &str, title: &str) -> Finding {
    let about = by_id(check).map(super::super::super::checks::Kind::about);
    let severity = about.map_or(Severity::Medium, |about| about.severity);
    Finding {
        fingerprint: "v1:0f1e2d3c4b5a6978".to_owned(),
        cause: Cause {
            outcome: Some("200".to_owned()),
            detector: Some("sample".to_owned()),
            ..Cause::default()
        },
        issue: crate::finding::issue_of(check, operation),
        check: check.to_owned(),
        practice: about.map_or(Practice::InputValidation, |about| about.practice),
        state: State::Shrunk,
        severity,
        severity_reason: vec![format!("{check} is {severity} by itself")],
        confidence: Confidence::Proven,
        cwe: about.map(|about| about.cwe.to_vec()).unwrap_or_default(),
        owasp: about.map(|about| about.owasp.iter().map(ToString::to_string).collect()).unwrap_or_default(),
        wfc_code: about.and_then(|about| about.wfc),
        operation: OperationName::of(operation),
        place: place.to_owned(),
        title: title.to_owned(),
        detail: String::new(),
        expected: "a refusal".to_owned(),
        actual: "200".to_owned(),
        falsified_by: "a statement of the owner".to_owned(),
        rule: None,
        identity: "alice".to_owned(),
        reproduced: Reproduced { k: 3, n: 3 },
        case_file: format!("findings/{check}-5f2c9a1be07d4438.json"),
        evidence: Vec::new(),
        curl: String::new(),
        first_seen: "2026-05-04T03:02:01Z".to_owned(),
        status: Status::New,
    }
}

/// What is proven of some operations.
fn covered() -> Vec<Coverage> {
    let row = |operation: &str,
               practice,
               identity: &str,
               (held, violated, vacuous, skipped): (usize, usize, usize, usize)| Coverage {
        operation: OperationName::of(operation),
        practice,
        identity: identity.to_owned(),
        verdict: "held".to_owned(),
        held,
        violated,
        vacuous,
        skipped,
        enable: String::new(),
    };
    vec![
        row("GET /menu", Practice::ErrorHandling, "*", (3, 0, 0, 0)),
        row("GET /menu", Practice::InputValidation, "alice", (12, 1, 3, 0)),
        row("GET /orders/{id}", Practice::Authentication, "alice", (4, 0, 0, 0)),
        row("GET /orders/{id}", Practice::Authentication, "bob", (2, 0, 2, 0)),
        row("GET /orders/{id}", Practice::InputValidation, "alice", (150, 0, 20, 0)),
        row("POST /login", Practice::InputValidation, "anonymous", (0, 0, 4, 0)),
        row("GET /kitchen/tickets", Practice::Authentication, "bob", (0, 0, 0, 3)),
    ]
}

/// An exchange.
pub(crate) fn exchange(label: &str, step: &str, identity: &str, request: &str, response: &str) -> Evidence {
    let (line, rest) = request.split_once('\n').unwrap_or((request, ""));
    Evidence {
        label: label.to_owned(),
        step: step.to_owned(),
        identity: identity.to_owned(),
        copies: 1,
        request: format!("{line} HTTP/1.1\nHost: api.acme.test\n{rest}"),
        response: format!("HTTP/1.1 {response}"),
        millis: 4,
    }
}

pub(crate) fn injection() -> Finding {
    let mut found =
        finding("input-sqli-boolean", "GET /menu", "query:q", "GET /menu evaluates query:q as SQL");
    found.detail =
        "A condition that is true and one that is false (like-and) are answered as SQL would have it, \
                    twice with other numbers; broken syntax and as many letters are not."
            .to_owned();
    found.severity_reason.push("somebody else's data is shown".to_owned());
    found.expected = "the same answer to both conditions: they are text".to_owned();
    found.actual = "the true condition acts, the false one does not".to_owned();
    found.falsified_by = "the original request being answered differently by itself".to_owned();
    let json = "200\ncontent-type: application/json\n\n";
    let soups = format!("{json}{{\"dishes\":[{{\"id\":1,\"name\":\"Tomato soup\"}}]}}");
    found.evidence = vec![
        exchange("control", "original", "alice", "GET /menu?q=soup", &soups),
        exchange(
            "attack",
            "truth",
            "alice",
            "GET /menu?q=soup%25'%20AND%20'3375'%3D'3375'%20AND%20'%25'%20LIKE%20'\nAuthorization: Bearer ‹alice.token›\n",
            &soups,
        ),
        exchange(
            "control",
            "lie",
            "alice",
            "GET /menu?q=soup%25'%20AND%20'3375'%3D'3725'%20AND%20'%25'%20LIKE%20'",
            &format!("{json}{{\"dishes\":[]}}"),
        ),
        exchange("rejection", "rejected-broken", "alice", "GET /menu?q=soup'((", "422\n\n{\"status\":422}"),
    ];
    found
}

fn forged(operation: &str, identity: &str, at: usize) -> Finding {
    let title = format!("{operation} accepts a token without a signature (none-empty)");
    let mut found = finding("jwt-alg-none", operation, "credential", &title);
    found.detail = format!(
        "With the token forged as none-empty, the answer is 200 and like the one that {identity} gets."
    );
    found.severity_reason.push("any caller's identity can be taken".to_owned());
    found.expected = "401 Unauthorized, as for a random token".to_owned();
    found.actual = "200, the entitled caller's answer".to_owned();
    found.falsified_by = "the genuine token being refused by the same operation".to_owned();
    found.identity = identity.to_owned();
    found.case_file = format!("findings/jwt-alg-none-{at:016x}.json");
    let target = found.operation.path.replace("{id}", "faa14d3e7bd8570f");
    let line = |token: &str| format!("{} {target}\n{token}", found.operation.method);
    found.evidence = vec![
        exchange("rejection", "rejected-none", identity, &line(""), "401\n"),
        exchange(
            "attack",
            "NONE-empty",
            identity,
            &line("Authorization: Bearer ‹forged-token-1›\n"),
            "401\n",
        ),
        exchange(
            "attack",
            "none-empty",
            identity,
            &line("Authorization: Bearer ‹forged-token-2›\n"),
            "200\n",
        ),
        exchange("positive", "genuine-after", identity, &line("Authorization: Bearer ‹token›\n"), "200\n"),
    ];
    found
}

fn burst() -> Finding {
    let mut found = finding(
        "ratelimit-missing",
        "POST /coupons/check",
        "",
        "POST /coupons/check lets 30 requests through where 20 are declared",
    );
    found.detail =
        "30 requests within 412 ms were let through; the document declares 20 in 60000 ms.".to_owned();
    found.expected = "429 after 20 requests in 60000 ms".to_owned();
    found.actual = "30 times 200".to_owned();
    found.reproduced = Reproduced { k: 2, n: 3 };
    found.confidence = Confidence::Likely;
    let mut attack =
        exchange("attack", "burst", "bob", "POST /coupons/check\n\n{\"code\":\"SUMMER\"}", "200\n");
    attack.copies = 30;
    found.identity = "bob".to_owned();
    found.evidence = vec![attack];
    found
}

fn shared() -> Finding {
    let mut found = finding(
        "authz-object-read",
        "GET /notes/{id}",
        "path:id",
        "bob (customer) reads alice's object: GET /notes/{id}",
    );
    found.confidence = Confidence::Suspected;
    found.detail = "The answer 200 to bob holds the canary that alice wrote. Whether these objects are private is for the \
                    owner to say."
        .to_owned();
    found.falsified_by =
        "these objects being shared on purpose: then say so with a rule `allow` for the role".to_owned();
    found.evidence =
        vec![exchange("attack", "attack", "bob", "GET /notes/77", "200\n\n{\"text\":\"ph-canary-4711\"}")];
    found.rule = Some("[policy]\nrules = [{ role = \"customer\", own = [\"GET /notes/{id}\"] }]".to_owned());
    found
}

fn own_invariant() -> Finding {
    let mut found = finding(
        "balance-negative",
        "POST /transfers",
        "body:/amount",
        "alice's balance is below zero after POST /transfers",
    );
    found.detail = "balance was -100".to_owned();
    found.case_file = String::new();
    found.curl = "curl -sS -i --path-as-is -X 'POST' -H 'Content-Type: application/json' -H \"Authorization: Bearer \
                  $ALICE_TOKEN\" --data-binary '{\"amount\":-100,\"to\":\"it'\\''s bob\"}' 'http://localhost:8080/transfers'"
        .to_owned();
    found.evidence = vec![exchange(
        "attack",
        "attack",
        "alice",
        "POST /transfers\n\n{\"amount\":-100,\"to\":\"bob\"}",
        "200\n",
    )];
    found
}

fn practice(
    id: Practice,
    verdict: &str,
    proven: usize,
    applicable: usize,
    checks: &[(&str, &str)],
) -> PracticeSummary {
    let checks = checks.iter().map(|(id, verdict)| CheckSummary {
        id: (*id).to_owned(),
        verdict: (*verdict).to_owned(),
        requests: 12,
        operations: vec!["GET /menu".to_owned()],
        cells: BTreeMap::from([((*verdict).to_owned(), 1)]),
    });
    PracticeSummary {
        id,
        title: id.title().to_owned(),
        verdict: verdict.to_owned(),
        proven,
        applicable,
        figures: BTreeMap::from([("share".to_owned(), 0.5)]),
        checks: checks.collect(),
    }
}

fn operation(name: &str, reached: bool, note: &str, statuses: &[(&str, u64)]) -> OperationSummary {
    let OperationName { method, path } = OperationName::of(name);
    let statuses: BTreeMap<_, _> = statuses.iter().map(|(status, n)| ((*status).to_owned(), *n)).collect();
    OperationSummary {
        method,
        path,
        requests: statuses.values().sum(),
        valid: statuses.values().sum::<u64>() / 2,
        granted: statuses.get("200").copied().unwrap_or_default() / 2,
        statuses,
        reached,
        note: note.to_owned(),
    }
}

fn vacuous(check: &str, reason: &str, cells: usize, operations: &[&str]) -> Vacuous {
    let operations = operations.iter().map(ToString::to_string).collect();
    let enable = crate::report::advice(reason).to_owned();
    Vacuous { check: check.to_owned(), reason: reason.to_owned(), enable, cells, operations }
}

/// A run that found something of everything.
pub(crate) fn report() -> Report {
    let mut findings = vec![injection(), burst(), own_invariant(), shared()];
    for (at, name) in [
        "GET /me",
        "GET /orders",
        "GET /orders/{id}",
        "PATCH /orders/{id}",
        "GET /reports/daily",
        "POST /orders",
        "DELETE /orders/{id}",
    ]
    .iter()
    .enumerate()
    {
        findings.push(forged(name, if at == 4 { "olga" } else { "alice" }, at));
    }
    let mut second = injection();
    second.place = "query:sort".to_owned();
    second.title = "GET /menu evaluates query:sort as SQL".to_owned();
    second.reproduced = Reproduced { k: 2, n: 3 };
    findings.push(second);
    let mut accepted = finding(
        "error-shape-inconsistent",
        "GET /health",
        "",
        "GET /health answers errors in a shape of its own",
    );
    accepted.status = Status::Accepted;
    findings.push(accepted);
    let mut once = finding(
        "error-stack-trace",
        "GET /menu/{id}",
        "path:id",
        "GET /menu/{id} answers with a stack trace (java)",
    );
    once.state = State::Unconfirmed;
    once.reproduced = Reproduced { k: 1, n: 3 };
    findings.push(once);
    let mut cut_short = finding(
        "error-stack-trace",
        "GET /search",
        "query:q",
        "GET /search answers with a stack trace (python)",
    );
    cut_short.state = State::Suspected;
    cut_short.reproduced = Reproduced::default();
    cut_short.case_file = String::new();
    findings.push(cut_short);

    let denied = "the last valid request was answered 401";
    let skip = |check: &str, reason: &str, enable: &str| Skipped {
        check: check.to_owned(),
        reason: reason.to_owned(),
        enable: enable.to_owned(),
    };
    Report {
        schema_version: SCHEMA_VERSION.to_owned(),
        tool: Tool { name: "proofhouse".to_owned(), version: "0.1.0".to_owned() },
        target: "https://api.staging.acme.test/v2".to_owned(),
        seed: 7,
        started: "2026-05-04T03:00:00Z".to_owned(),
        finished: "2026-05-04T03:09:58Z".to_owned(),
        requests: 48_211,
        requests_per_second: 80.6,
        waited_seconds: 12.4,
        behaviours: Behaviours { new: 4, known: 212 },
        left_behind: LeftBehind { objects: 41, without_delete: 3 },
        left_out: vec![LeftOut {
            operation: OperationName::of("POST /payments"),
            reason: "--exclude POST /pay*".to_owned(),
        }],
        environment: Environment {
            workers: 2,
            at_once: Some(1),
            kind: "http".to_owned(),
            document: "Acme canteen".to_owned(),
        },
        config_digest: "5d41402abc4b2a76".to_owned(),
        practices: vec![
            practice(Practice::ContentType, "held", 31, 31, &[("ctype-absent-accepted", "held")]),
            practice(
                Practice::ErrorHandling,
                "vacuous",
                15,
                17,
                &[("error-stack-trace", "vacuous"), ("error-shape-inconsistent", "held")],
            ),
            practice(
                Practice::Authentication,
                "violated",
                22,
                96,
                &[
                    ("jwt-alg-none", "violated"),
                    ("jwt-exp-ignored", "skipped"),
                    ("authn-missing-credential", "held"),
                ],
            ),
            practice(Practice::Authorization, "vacuous", 0, 48, &[("authz-object-read", "vacuous")]),
            practice(
                Practice::InputValidation,
                "violated",
                160,
                220,
                &[
                    ("input-sqli-boolean", "violated"),
                    ("balance-negative", "violated"),
                    ("input-sqli-error", "held"),
                    ("input-cmd-output", "held"),
                    ("input-ssti", "held"),
                    ("input-ldap", "held"),
                    ("input-json-depth", "held"),
                    ("input-xxe-external", "vacuous"),
                ],
            ),
            practice(
                Practice::RateLimiting,
                "violated",
                1,
                16,
                &[("ratelimit-missing", "violated"), ("ratelimit-never-recovers", "skipped")],
            ),
            practice(Practice::Encryption, "skipped", 0, 4, &[("tls-hsts", "skipped")]),
        ],
        findings,
        operations: vec![
            operation("GET /menu", true, "", &[("200", 120), ("422", 40)]),
            operation("GET /orders/{id}", true, "", &[("200", 21), ("401", 24)]),
            operation("POST /login", false, denied, &[("400", 1), ("401", 17), ("415", 1), ("422", 3)]),
            operation("GET /kitchen/tickets", false, denied, &[("401", 19)]),
            operation("POST /maintenance", false, "no valid request was tried", &[]),
        ],
        coverage: covered(),
        matrix: vec![Cell {
            check: "input-sqli-boolean".to_owned(),
            operation: OperationName::of("GET /menu"),
            identity: "alice".to_owned(),
            place: "query:q".to_owned(),
            verdict: "violated".to_owned(),
            why: String::new(),
            requests: 42,
            cases: Vec::new(),
        }],
        series: Vec::new(),
        vacuous: vec![
            vacuous(
                "authz-object-read",
                "no other identity makes objects that this operation reads",
                32,
                &["GET /me", "GET /menu", "GET /menu/{id}", "GET /orders", "GET /orders/{id}", "POST /login"],
            ),
            vacuous(
                "authz-object-read",
                "olga is above bob: what it reads there is its right",
                16,
                &["GET /orders/{id}"],
            ),
            vacuous(
                "jwt-alg-none",
                "alice was never granted this operation",
                4,
                &["GET /kitchen/tickets", "POST /login"],
            ),
            vacuous(
                "jwt-alg-none",
                "bob was never granted this operation",
                4,
                &["GET /kitchen/tickets", "POST /login"],
            ),
            vacuous(
                "jwt-exp-ignored",
                "there is no signing key and no sample of an expired token",
                25,
                &["GET /me"],
            ),
            vacuous("input-xxe-external", "no listener that the target can reach", 12, &["POST /import"]),
            vacuous("error-shape-inconsistent", "fewer than two operations answered an error", 1, &["*"]),
        ],
        skipped: vec![
            skip(
                "jwt-exp-ignored",
                "no signing key and no expired token",
                "[jwt] signing_key = \"file:jwt.key\", or [jwt] samples = { expired = \"env:OLD_TOKEN\" }",
            ),
            skip("ratelimit-never-recovers", "budget", "more --time or --requests"),
            skip("ratelimit-sensitive-flow", "budget", "more --time or --requests"),
        ],
        accounts: String::new(),
        identities: vec![
            IdentitySummary {
                name: "alice".to_owned(),
                role: Some("customer".to_owned()),
                granted: 8,
                alive_at_end: true,
                note: String::new(),
            },
            IdentitySummary {
                name: "bob".to_owned(),
                role: Some("customer".to_owned()),
                granted: 8,
                alive_at_end: false,
                note: "it stopped working during the run".to_owned(),
            },
            IdentitySummary {
                name: "olga".to_owned(),
                role: None,
                granted: 0,
                alive_at_end: false,
                note: "the login was answered 500".to_owned(),
            },
        ],
    }
}

/// A run that reached nobody.
pub(crate) fn empty() -> Report {
    let mut report = report();
    report.findings.clear();
    report.identities.clear();
    report.requests = 31;
    report.requests_per_second = 6.2;
    report.finished = "2026-05-04T03:00:05Z".to_owned();
    for practice in &mut report.practices {
        practice.proven = 0;
        practice.verdict = "vacuous".to_owned();
        practice.checks.iter_mut().for_each(|check| check.verdict = "vacuous".to_owned());
    }
    report.operations = (0..16)
        .map(|n| operation(&format!("GET /things/{n}"), false, "nobody answered", &[("none", 2)]))
        .collect();
    report.vacuous =
        vec![vacuous("jwt-alg-none", "no valid request was ever granted here", 16, &["GET /things/0"])];
    report.skipped = vec![skipped_for_nobody()];
    report
}

fn skipped_for_nobody() -> Skipped {
    Skipped {
        check: "authz-object-read".to_owned(),
        reason: "fewer than two identities".to_owned(),
        enable: "--identity NAME=SPEC twice, or two [identity.NAME] tables".to_owned(),
    }
}

/// A target that wants to act on the reader's terminal.
pub(crate) fn hostile() -> Report {
    const EVIL: &str = "\u{1b}]0;owned\u{7}\u{1b}[2J\r\nPRACTICES\n  ✓ held  everything\u{202e}gnihtyreve\u{2066}\u{9b}31m\u{200b}";
    let mut report = empty();
    let mut found = injection();
    found.title = format!("GET /{EVIL} evaluates {EVIL}");
    found.detail = EVIL.repeat(30);
    found.expected = EVIL.to_owned();
    found.actual = EVIL.to_owned();
    found.rule = Some(EVIL.to_owned());
    found.operation = OperationName { method: "GET".to_owned(), path: format!("/{EVIL}") };
    found.identity = EVIL.to_owned();
    found.case_file = "findings/a b'; reboot #.json".to_owned();
    found.severity_reason = vec![EVIL.to_owned()];
    found.evidence[1].request = format!("GET /menu?q={EVIL}%1b[2J%0d%0a HTTP/1.1\nX: {EVIL}\n\n{EVIL}");
    found.evidence[1].response = format!("HTTP/1.1 200\nX: {EVIL}\n\n{EVIL}");
    report.findings = vec![found];
    report.environment.document = EVIL.to_owned();
    report.operations.truncate(1);
    report.operations[0].path = format!("/{EVIL}");
    report.operations[0].note = EVIL.to_owned();
    report.vacuous[0].reason = EVIL.to_owned();
    report.vacuous[0].operations = vec![EVIL.to_owned()];
    report.identities = vec![IdentitySummary {
        name: EVIL.to_owned(),
        role: Some("料理人".to_owned()),
        granted: 1,
        alive_at_end: true,
        note: EVIL.to_owned(),
    }];
    report.practices.truncate(1);
    report
}

/// Ten checks' worth of findings on many operations.
pub(crate) fn many() -> Report {
    let mut report = report();
    report.findings = (0..46).map(|n| forged(&format!("GET /resources/{n:02}/{{id}}"), "alice", n)).collect();
    for n in 0..14 {
        let mut found = injection();
        found.operation = OperationName::of(&format!("GET /lists/{n:02}"));
        found.title = format!("{} evaluates query:q as SQL", found.operation);
        found.case_file = format!("findings/input-sqli-boolean-{n:016x}.json");
        report.findings.push(found);
    }
    report
}
