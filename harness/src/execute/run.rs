//! The loop over steps.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::time::Instant;

use super::bind::Bindings;
use super::encode::build;
use super::login::log_in;
use super::session::Session;
use super::settle;
use crate::case::{ANONYMOUS, Act, Case, Edit, Role, Step, Wait};
use crate::message::{Delivery, Headers, Outcome, Stage, Timing, Unsent};
use crate::target::{Delivered, How};
use crate::trace::{Exchange, Sent, Trace};

/// The most copies of a burst that are under way at once.
const BURST: usize = 32;
/// The longest wait before a step is asked again.
const PATIENCE: Duration = Duration::from_secs(3);
/// How often a request is sent again that a limit on all operations turned away.
const TURNED_AWAY: u8 = 3;
/// How often a target that died is looked for.
const RETURNS: Duration = Duration::from_millis(250);
/// The longest that one case waits to ask again, over all its steps: a target must not freeze a run.
const PATIENCE_OF_CASE: Duration = Duration::from_secs(8);

const STOPPED: &str = "the run was stopped";

/// Does what the case says and tells what happened. Never fails: what could not be sent is told too.
pub async fn execute(case: &Case, session: &Session) -> Trace {
    let began = Instant::now();
    let mut bindings = Bindings::new(case, session);
    let mut trace = Trace::default();
    let mut index = 0;
    while index < case.steps.len() {
        if session.is_stopped() {
            trace.stopped = Some(STOPPED.to_owned());
            break;
        }
        // Steps that overlap the next one are built first and sent together.
        let mut group = 1;
        while case.steps[index + group - 1].overlap && index + group < case.steps.len() {
            group += 1;
        }
        let before = trace.exchanges.len();
        if group == 1 {
            step(case, index, session, &mut bindings, &mut trace, began).await;
        } else {
            together(case, index..index + group, session, &mut bindings, &mut trace, began).await;
        }
        trace.stopped = trace.exchanges[before..].iter().find_map(why_cut);
        if trace.stopped.is_some() {
            break;
        }
        index += group;
    }
    trace.bindings = bindings.names;
    trace
}

async fn step(
    case: &Case,
    index: usize,
    session: &Session,
    bindings: &mut Bindings<'_>,
    trace: &mut Trace,
    began: Instant,
) {
    let step = &case.steps[index];
    match &step.act {
        Act::Request(_) if step.copies > 1 => {
            let sent = match request(case, step, session, bindings, trace).await {
                Ok(sent) => sent,
                Err(reason) => return trace.exchanges.push(unsent(index, reason, began)),
            };
            burst(case, index, &sent, session, trace, began).await;
        }
        Act::Request(_) => asked(case, index, session, bindings, trace, began).await,
        Act::Raw(value) => {
            let bytes = match bindings.bytes(value, trace) {
                Ok(bytes) => bytes,
                Err(reason) => return trace.exchanges.push(unsent(index, reason, began)),
            };
            let mut words = bytes.split(|byte| matches!(byte, b' ' | b'\r' | b'\n'));
            let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            let below = target.strip_prefix(session.base_path().as_bytes()).unwrap_or(target);
            if let Err(reason) = session.admit(method, below) {
                return trace.exchanges.push(because(Unsent::Withheld, index, reason, began));
            }
            let turn = session.governor().pass().await;
            let at = began.elapsed();
            let delivered = session.lane().send_raw(&bytes, how(step)).await;
            drop(turn);
            let sent =
                Arc::new(Sent { payloads: vec![(crate::case::Place::Body, bytes)], ..Sent::default() });
            trace.exchanges.push(exchange(index, 0, 0, sent, delivered, at));
        }
        Act::Wait(wait) => tokio::time::sleep(length(case, wait, trace)).await,
        Act::Hook(name) | Act::Log(name) => {
            trace.exchanges.push(unsent(index, format!("this run has no hook or log named `{name}`"), began));
        }
    }
}

/// One request, asked again as often as the step allows, and once more with a new login after a 401.
async fn asked(
    case: &Case,
    index: usize,
    session: &Session,
    bindings: &mut Bindings<'_>,
    trace: &mut Trace,
    began: Instant,
) {
    let step = &case.steps[index];
    let mut renewed = session.logging_in.get() || !is_genuine(step);
    let mut attempt: u8 = 0;
    let mut left = step.retry;
    let (mut late, mut polls) = (None, 0);
    let settling = &session.governor().settling;
    let early = settling.before(step, case, trace, began.elapsed());
    if !early.is_zero() {
        tokio::time::sleep(early).await;
    }
    loop {
        let generation = session.wallet().credential(&step.identity).map(|credential| credential.generation);
        let sent = match request(case, step, session, bindings, trace).await {
            Ok(sent) => sent,
            Err(reason) => return trace.exchanges.push(unsent(index, reason, began)),
        };
        trace.exchanges.push(deliver(case, (index, 0, attempt), sent, session, began).await);
        let Some(last) = trace.exchanges.last() else { return };
        attempt = attempt.saturating_add(1);
        if last.status() == Some(401) && !renewed && session.wallet().login(&step.identity).is_some() {
            renewed = true;
            if log_in(session, &step.identity, generation).await {
                continue;
            }
        }
        if let Some(made) = late.filter(|_| last.status().is_some_and(|status| status < 300)) {
            return settling.shown(last.ended().saturating_sub(made));
        }
        if last.status() == Some(404)
            && !session.governor().is_hurried
            && let Some(made) = settle::made_for(case, index, trace)
            && let Some(pause) = settling.pause(case.operation_of(step).unwrap_or_default(), polls)
        {
            (late, polls) = (Some(made), polls + 1);
            tokio::time::sleep(pause).await;
            continue;
        }
        // Whoever was asked for a certificate is asked for it again.
        let is_final = matches!(
            last.delivery.outcome,
            Outcome::NotSent { .. } | Outcome::Refused { at: Stage::Certificate, .. }
        );
        // Seen from inside, a panic is no trouble on the way: it is what the attack did.
        let is_done = last.panic.is_some() && step.role == Role::Attack;
        if left == 0
            || session.governor().is_hurried
            || is_final
            || is_done
            || !last.is_blocked()
            || session.is_stopped()
        {
            return;
        }
        left -= 1;
        let pause = asked_for(last).unwrap_or(Duration::from_millis(100 << attempt.min(4))).min(PATIENCE);
        if bindings.waited + pause > PATIENCE_OF_CASE {
            return;
        }
        bindings.waited += pause;
        if last.status() == Some(429) {
            session.governor().waits(pause);
        }
        tokio::time::sleep(pause).await;
    }
}

/// Whether the step sends the identity's own credential, so that a 401 means that it wore out.
fn is_genuine(step: &Step) -> bool {
    let touched = |edit: &Edit| edit.place() == &crate::case::Place::Credential;
    step.role != Role::Attack
        && step.identity != ANONYMOUS
        && step.request().is_some_and(|send| !send.edits.iter().any(touched))
}

async fn request(
    case: &Case,
    step: &Step,
    session: &Session,
    bindings: &mut Bindings<'_>,
    trace: &Trace,
) -> Result<Arc<Sent>, String> {
    let Some(send) = step.request() else { return Err("this step sends no request".to_owned()) };
    let wallet = session.wallet();
    if step.identity != ANONYMOUS && wallet.credential(&step.identity).is_none() {
        if wallet.identity(&step.identity).is_none() {
            return Err(format!("there is no identity `{}`", step.identity));
        }
        if !log_in(session, &step.identity, None).await {
            let why = wallet.failure(&step.identity).unwrap_or_default();
            return Err(format!("the identity `{}` cannot log in: {why}", step.identity));
        }
    }
    build(case, send, &step.identity, session, bindings, trace).map(Arc::new)
}

/// Sends one request, a copy or an attempt of a step, when its turn comes.
async fn deliver(
    case: &Case,
    (index, copy, attempt): (usize, u32, u8),
    sent: Arc<Sent>,
    session: &Session,
    began: Instant,
) -> Exchange {
    let step = &case.steps[index];
    let below = sent.request.target.strip_prefix(session.base_path().as_bytes());
    if let Err(reason) = session.admit(&sent.request.method, below.unwrap_or(&sent.request.target)) {
        return because(Unsent::Withheld, index, reason, began);
    }
    let mut again = 0;
    let (at, delivered) = loop {
        if session.governor().is_limited() && !measures(case) {
            session.governor().held_back().await;
        }
        let turn = session.governor().pass().await;
        if session.is_stopped() {
            return because(Unsent::Cancelled, index, STOPPED.to_owned(), began);
        }
        let at = began.elapsed();
        let delivered = session.lane().send(&sent.request, how(step)).await;
        drop(turn);
        note(session, &delivered.delivery);
        let status = delivered.delivery.outcome.answer().map(|answer| answer.status);
        if status == Some(429) && !measures(case) {
            let answer = delivered.delivery.outcome.answer();
            let pause =
                answer.and_then(|answer| retry_after(&answer.headers)).unwrap_or(Duration::from_secs(1));
            let all = session.governor().limits(case.operation_of(step).unwrap_or_default(), pause);
            if all && step.copies == 1 && again < TURNED_AWAY && !session.is_stopped() {
                again += 1;
                continue;
            }
        } else if status.is_some() {
            if status == Some(503) && step.copies == 1 && step.role != Role::Attack {
                session.governor().overruns(case.operation_of(step).unwrap_or_default());
            }
            session.governor().serves();
        }
        let refused = matches!(delivered.delivery.outcome, Outcome::Refused { at: Stage::Connect, .. });
        // Copies of a burst belong together: none is sent again later.
        if !refused || step.copies > 1 || !session.governor().may_return() || session.is_stopped() {
            break (at, delivered);
        }
        tokio::time::sleep(RETURNS).await;
    };
    let one = exchange(index, copy, attempt, sent, delivered, at);
    session.take_down(case, step, &one);
    one
}

/// Copies of one request, as close together as the lane lets them.
async fn burst(
    case: &Case,
    index: usize,
    sent: &Arc<Sent>,
    session: &Session,
    trace: &mut Trace,
    began: Instant,
) {
    let step = &case.steps[index];
    let next = std::cell::Cell::new(0);
    let done = std::cell::RefCell::new(Vec::with_capacity(step.copies as usize));
    let lanes = if session.capabilities().parallel { BURST.min(step.copies as usize) } else { 1 };
    let chain = || async {
        while next.get() < step.copies && !session.is_stopped() {
            let copy = next.replace(next.get() + 1);
            let one = deliver(case, (index, copy, 0), Arc::clone(sent), session, began).await;
            done.borrow_mut().push(one);
        }
    };
    join((0..lanes).map(|_| Box::pin(chain()) as Pin<Box<dyn Future<Output = ()>>>).collect()).await;
    trace.exchanges.append(&mut done.into_inner());
}

/// Steps that overlap: built in order, sent at once.
async fn together(
    case: &Case,
    steps: std::ops::Range<usize>,
    session: &Session,
    bindings: &mut Bindings<'_>,
    trace: &mut Trace,
    began: Instant,
) {
    let mut built = Vec::new();
    for index in steps {
        match request(case, &case.steps[index], session, bindings, trace).await {
            Ok(sent) => built.push((index, sent)),
            Err(reason) => trace.exchanges.push(unsent(index, reason, began)),
        }
    }
    let done = std::cell::RefCell::new(Vec::new());
    let one = |index: usize, copy: u32, sent: Arc<Sent>| {
        let done = &done;
        Box::pin(async move {
            let one = deliver(case, (index, copy, 0), sent, session, began).await;
            done.borrow_mut().push(one);
        }) as Pin<Box<dyn Future<Output = ()> + '_>>
    };
    let copies = built
        .iter()
        .flat_map(|(index, sent)| (0..case.steps[*index].copies).map(move |copy| (index, copy, sent)));
    join(copies.map(|(index, copy, sent)| one(*index, copy, Arc::clone(sent))).collect()).await;
    trace.exchanges.append(&mut done.into_inner());
}

/// Runs futures of this thread side by side until all are done.
async fn join(mut futures: Vec<Pin<Box<dyn Future<Output = ()> + '_>>>) {
    std::future::poll_fn(|cx| {
        futures.retain_mut(|future| future.as_mut().poll(cx).is_pending());
        if futures.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

fn how(step: &Step) -> How<'_> {
    How { connection: step.connection.as_deref(), source: step.source, identity: Some(&step.identity) }
}

fn note(session: &Session, delivery: &Delivery) {
    match &delivery.outcome {
        Outcome::NotSent { .. } => {}
        Outcome::Refused { .. } => session.governor().note(false),
        _ => session.governor().note(true),
    }
}

fn exchange(
    step: usize,
    copy: u32,
    attempt: u8,
    sent: Arc<Sent>,
    delivered: Delivered,
    at: Duration,
) -> Exchange {
    let mut exchange = Exchange::new(step, copy, attempt, sent, delivered.delivery, at);
    exchange.panic = delivered.panic;
    exchange
}

fn unsent(step: usize, reason: String, began: Instant) -> Exchange {
    because(Unsent::Inexpressible, step, reason, began)
}

/// Why a case cannot go on: what it needs may not be sent.
fn why_cut(exchange: &Exchange) -> Option<String> {
    match &exchange.delivery.outcome {
        Outcome::NotSent { why: Unsent::Withheld | Unsent::Cancelled, reason } => Some(reason.to_string()),
        _ => None,
    }
}

fn because(why: Unsent, step: usize, reason: String, began: Instant) -> Exchange {
    let outcome = Outcome::NotSent { why, reason: reason.into() };
    let delivery = crate::message::Delivery::undelivered(outcome, Timing::default());
    Exchange::new(step, 0, 0, Arc::default(), delivery, began.elapsed())
}

fn length(case: &Case, wait: &Wait, trace: &Trace) -> Duration {
    let step = wait.retry_after.as_deref();
    // Of a burst, any refusal tells: take the longest.
    let asked = step.and_then(|step| trace.all(case, step).filter_map(asked_for).max());
    let asked = asked.map_or(0, |asked| asked.as_millis() as u64 + 1_000);
    Duration::from_millis(wait.millis.max(asked).min(wait.at_most))
}

/// What `Retry-After` asks for, in its form in seconds (RFC 9110 section 10.2.3).
pub(crate) fn asked_for(exchange: &Exchange) -> Option<Duration> {
    retry_after(exchange.headers()?)
}

fn retry_after(headers: &Headers) -> Option<Duration> {
    let text = headers.text("retry-after")?;
    text.trim().parse::<u32>().ok().map(|seconds| Duration::from_secs(seconds.into()))
}

/// Whether a case measures how many requests are let through, and how fast: it is not slowed down.
fn measures(case: &Case) -> bool {
    case.steps.iter().any(|step| step.copies > 1 || matches!(step.act, Act::Wait(_)))
}
