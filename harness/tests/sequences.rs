//! Failures of several steps, planted in a service with state: what is left of a long case is what it takes.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use proofhouse::case::{ANONYMOUS, Base, Case, Pairs, Request, Role, Step, Value};
use proofhouse::checks::{Checks, Invariant};
use proofhouse::engine::{Open, shrink};
use proofhouse::execute::{Session, SessionConfig, execute};
use proofhouse::generate::{Seeded, Source};
use proofhouse::identity::Wallet;
use proofhouse::target::ServiceLane;
use serde_json::json;

/// Executions that each failure may take.
const EXECUTIONS: u32 = 300;

/// A failure: what has to be done, in this order, to which of its items; and what undoes all of it for an item.
struct Fault {
    name: &'static str,
    pattern: &'static [(&'static str, usize)],
    undone_by: &'static [&'static str],
}

const fn fault(
    name: &'static str,
    pattern: &'static [(&'static str, usize)],
    undone_by: &'static [&'static str],
) -> Fault {
    Fault { name, pattern, undone_by }
}

/// Every verb of an item.
const VERBS: &[&str] = &["lock", "open", "pack", "ship", "pay", "bill", "void", "hold", "sign", "file"];

/// Twenty failures; the shortest case for each makes its items and follows its pattern.
const FAULTS: &[Fault] = &[
    fault("locked-twice", &[("lock", 0), ("lock", 0)], &["open"]),
    fault("shipped-unpaid", &[("pack", 0), ("ship", 0)], &["pay"]),
    fault("billed-after-void", &[("void", 0), ("bill", 0)], &[]),
    fault("paid-and-voided", &[("pay", 0), ("void", 0), ("pay", 0)], &[]),
    fault("opened-while-held", &[("hold", 0), ("open", 0)], &["sign"]),
    fault("packed-three-times", &[("pack", 0), ("pack", 0), ("pack", 0)], &["void"]),
    fault("signed-then-opened", &[("sign", 0), ("open", 0), ("file", 0)], &[]),
    fault("filed-before-bill", &[("file", 0), ("bill", 0)], &["sign"]),
    fault("held-shipment", &[("pack", 0), ("hold", 0), ("ship", 0)], &["open"]),
    fault("four-in-order", &[("lock", 0), ("pack", 0), ("pay", 0), ("file", 0)], &[]),
    fault("two-locked", &[("lock", 0), ("lock", 1)], &["open"]),
    fault("two-paid-one-void", &[("pay", 0), ("pay", 1), ("void", 0)], &[]),
    fault("crossed", &[("sign", 0), ("hold", 1), ("sign", 1)], &["void"]),
    fault("there-and-back", &[("open", 0), ("open", 1), ("lock", 0), ("lock", 1)], &[]),
    fault("bill-of-another", &[("bill", 0), ("ship", 1)], &["pay"]),
    fault("file-both", &[("file", 0), ("file", 1), ("bill", 1)], &[]),
    fault("three-held", &[("hold", 0), ("hold", 1), ("hold", 2)], &["open"]),
    fault("ring", &[("pack", 0), ("pack", 1), ("pack", 2), ("ship", 0)], &[]),
    fault("void-chain", &[("void", 0), ("sign", 1), ("void", 2)], &[]),
    fault("long-way", &[("open", 0), ("sign", 0), ("pay", 0), ("hold", 0), ("void", 0)], &[]),
];

impl Fault {
    fn items(&self) -> usize {
        self.pattern.iter().map(|(_, item)| item + 1).max().unwrap_or(0)
    }

    fn fewest_steps(&self) -> usize {
        self.items() + self.pattern.len()
    }

    /// Whether the last of these events completes the pattern, for any choice of items.
    fn strikes(&self, events: &[(String, usize)]) -> bool {
        let known = events.iter().map(|(_, item)| item + 1).max().unwrap_or(0);
        (0..known.pow(u32::try_from(self.items()).expect("few"))).any(|choice| {
            let chosen: Vec<usize> =
                (0..self.items()).map(|place| choice / known.pow(place as u32) % known).collect();
            let distinct = (1..chosen.len()).all(|at| !chosen[..at].contains(&chosen[at]));
            distinct && self.follows(events, &chosen)
        })
    }

    fn follows(&self, events: &[(String, usize)], chosen: &[usize]) -> bool {
        let mut next = 0;
        for (at, (verb, item)) in events.iter().enumerate() {
            if chosen.contains(item) && self.undone_by.contains(&verb.as_str()) {
                next = 0;
                continue;
            }
            let (wanted, place) = self.pattern[next];
            if verb == wanted && *item == chosen[place] {
                next += 1;
                if next == self.pattern.len() {
                    return at + 1 == events.len();
                }
            }
        }
        false
    }
}

/// What was done, to which item; the number of items.
#[derive(Default)]
struct Workshop {
    events: Vec<(String, usize)>,
    items: usize,
}

type Shared = State<(usize, Arc<Mutex<Workshop>>)>;

async fn make(State((_, workshop)): Shared) -> Response {
    let mut workshop = workshop.lock().expect("nobody panics here");
    workshop.items += 1;
    (StatusCode::CREATED, axum::Json(json!({"id": workshop.items}))).into_response()
}

async fn act(State((fault, workshop)): Shared, Path((id, verb)): Path<(usize, String)>) -> Response {
    let mut workshop = workshop.lock().expect("nobody panics here");
    if id == 0 || id > workshop.items || !VERBS.contains(&verb.as_str()) {
        return StatusCode::NOT_FOUND.into_response();
    }
    workshop.events.push((verb, id - 1));
    let fault = &FAULTS[fault];
    if fault.strikes(&workshop.events) {
        return (StatusCode::INTERNAL_SERVER_ERROR, fault.name).into_response();
    }
    StatusCode::NO_CONTENT.into_response()
}

fn session(fault: usize) -> Session {
    let workshop = Arc::new(Mutex::new(Workshop::default()));
    let service = Router::new()
        .route("/items", post(make).get(async || "[]"))
        .route("/items/{id}/{verb}", post(act))
        .route("/health", get(async || "well"))
        .with_state((fault, workshop));
    let invariant = Invariant::new("does-not-fail", |observed: &proofhouse::checks::Observed<'_>| {
        observed.all().all(|one| one.status() != Some(500))
    });
    let checks = Checks::default().with_invariant(Box::leak(Box::new(invariant))).expect("a name of its own");
    let config = SessionConfig { checks: Arc::new(checks), ..SessionConfig::default() };
    let wallet = Wallet::new(Vec::new(), Arc::default());
    // What is asked for and not there is asked for again later: that takes no time here.
    let lane = ServiceLane::<_, axum::body::Body>::new(service).on_virtual_clock();
    Session::new(Box::new(lane), Arc::new(wallet), config)
}

fn request(method: &str, path: &str, parameters: &[(&str, Value)]) -> Request {
    let pairs = parameters.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Request {
        method: method.to_owned(),
        path: path.to_owned(),
        path_params: Pairs(pairs),
        ..Request::default()
    }
}

/// A case that follows the pattern somewhere among much that has nothing to do with it.
fn witness(fault: &Fault, src: &mut dyn Source) -> Case {
    let (last, item) = fault.pattern[fault.pattern.len() - 1];
    let mut case = Case::new("does-not-fail", "POST /items/{id}/{verb}");
    // Events, and who makes the item of each: items of others come and go between.
    let mut plan: Vec<(Option<&str>, usize)> = Vec::new();
    let others = 2 + src.int(0..=3) as usize;
    plan.extend((0..fault.items() + others).map(|item| (None, item)));
    for (verb, item) in &fault.pattern[..fault.pattern.len() - 1] {
        for _ in 0..=src.int(0..=3) {
            let any = fault.items() + src.int(0..=others as u64 - 1) as usize;
            // Most of the noise is about other items; some is about these.
            let about = if src.ratio(1, 3) { src.int(0..=fault.items() as u64 - 1) as usize } else { any };
            plan.push((src.pick(VERBS).copied(), about));
        }
        plan.push((Some(verb), *item));
    }
    for (verb, about) in plan.into_iter().chain([(Some(last), item)]) {
        let number = case.steps.len();
        let made = format!("make-{about}");
        let (name, request) = match verb {
            None => (made, request("POST", "/items", &[])),
            Some(verb) => {
                let id = Value::reference(&made, "/id");
                let request =
                    request("POST", "/items/{id}/{verb}", &[("id", id), ("verb", Value::from(verb))]);
                (format!("step-{number}"), request)
            }
        };
        let operation = format!("{} {}", request.method, request.path);
        case.bases.push(Base { name: name.clone(), operation, request });
        case.steps.push(Step::send(&name, Role::Setup, ANONYMOUS, &name, Vec::new()));
        if src.ratio(1, 4) {
            let look = format!("look-{number}");
            let request = self::request("GET", "/health", &[]);
            case.bases.push(Base { name: look.clone(), operation: "GET /health".to_owned(), request });
            case.steps.push(Step::send(&look, Role::Observe, ANONYMOUS, &look, Vec::new()));
        }
    }
    case
}

/// A witness that fails, and where it does for the first time: what comes later is not in it.
async fn failing(number: usize, seed: u64) -> Case {
    for again in 0..200 {
        let mut src = Seeded::derive(seed, &[FAULTS[number].name, &again.to_string()]);
        let mut case = witness(&FAULTS[number], &mut src);
        let trace = execute(&case, &session(number)).await;
        let failed = trace.exchanges.iter().find(|exchange| exchange.status() == Some(500));
        if let Some(failed) = failed {
            case.steps.truncate(failed.step + 1);
            case.steps[failed.step].role = Role::Attack;
            return case;
        }
    }
    panic!("no witness of {} fails", FAULTS[number].name);
}

fn median(mut numbers: Vec<usize>) -> usize {
    numbers.sort_unstable();
    numbers[numbers.len() / 2]
}

#[test]
#[expect(clippy::print_stdout, reason = "figures for whoever asks with --nocapture")]
fn what_is_left_of_twenty_failures_is_what_they_take() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.expect("a runtime");
    for seed in 1..=3 {
        let mut more = Vec::new();
        for (number, fault) in FAULTS.iter().enumerate() {
            let (long, small, spent) = runtime.block_on(async {
                let long = failing(number, seed).await;
                let open: Open<'_> = &move || Box::pin(async move { Ok(session(number)) });
                let (small, spent) =
                    shrink(long.clone(), EXECUTIONS, None, &session(number), Some(open)).await;
                (long, small, spent)
            });
            println!(
                "{seed} {:20} {:2} steps became {} of at least {} in {spent} executions",
                fault.name,
                long.steps.len(),
                small.steps.len(),
                fault.fewest_steps()
            );
            assert!(long.steps.len() > fault.fewest_steps(), "{} has nothing to lose", fault.name);
            assert!(spent <= EXECUTIONS);
            let fewest = fault.fewest_steps();
            assert!(small.steps.len() >= fewest, "{} takes {fewest} steps", fault.name);
            more.push(small.steps.len() - fewest);
        }
        assert_eq!(more.len(), 20);
        assert_eq!(median(more.clone()), 0, "{more:?}");
        assert!(more.iter().all(|more| *more <= 2), "{more:?}");
    }
}
