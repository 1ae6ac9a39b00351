//! # What it sends
//! Twice as many requests as the limit allows at once; then, after as long as the refusals' `Retry-After` says and a
//! second more, the request again, up to three times, each after as long as the refusal before it says. Where it says
//! more than three windows, the request is sent again after one window and a fifth.
//!
//! # What must hold
//! `Retry-After` is a whole number of seconds or a date, and is true: who waits as long as it says is let through, and
//! who is told to wait much longer than the window would not have been let through after it. A refusal without it
//! promises nothing and is no finding, unless the document declares it. A date is not waited for. Smallest effect: still
//! refused after two waits in a row that were as long as was said; or told to wait three windows and two seconds where
//! one window and a fifth suffices.
//!
//! # Why it matters
//! Clients that believe it come back too early again and again, or stay away for nothing; the limit turns into load or
//! into an outage.
//!
//! # How to fix
//! Compute the header from the limiter's own state, rounded up to whole seconds.
//!
//! # References
//! CWE-799; OWASP API4:2023; RFC 9110 section 10.2.3; RFC 6585 section 4.

use super::limited;
use crate::case::{Case, Role, Step, Wait};
use crate::checks::{
    About, Check, Confirm, Effect, Grain, Isolation, Need, Phase, Plan, Practice, Round, Severity, Subject,
    Verdict, Violation,
};
use crate::controls::Framed;
use crate::generate::{Source, World};
use crate::surface::RateLimit;
use crate::trace::{Exchange, Trace};

/// A limit that says something untrue of when it ends.
pub struct RetryAfterDishonest;

static ABOUT: About = About {
    id: "ratelimit-retry-after-dishonest",
    title: "an operation whose Retry-After is not true",
    practice: Practice::RateLimiting,
    source: include_str!("ratelimit_retry_after_dishonest.rs"),
    grain: Grain::Operation,
    phase: Phase::Limits,
    needs: &[Need::RateLimit],
    effect: Effect::Poisons,
    isolation: Isolation::Alone,
    budget: 60_000,
    confirm: Confirm::AT_ONCE,
    severity: Severity::Low,
    chance: 10,
    cwe: &[799],
    owasp: &["API4:2023"],
    wfc: None,
    once: false,
};

const AFTER: [&str; 3] = ["after-1", "after-2", "after-3"];
/// The longest that a case waits at once, in milliseconds: a target must not freeze a run.
const PATIENCE: u64 = 20_000;
/// The classes.
const UNREADABLE: &str = "unreadable";
const TOO_LONG: &str = "too-long";
const TOO_SHORT: &str = "too-short";

impl Check for RetryAfterDishonest {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn plan(&self, at: &Subject, world: &World, rounds: &[Round], _src: &mut dyn Source) -> Plan {
        let (draft, limit, status) = match limited::draft_of(at, world) {
            Ok(found) => found,
            Err(verdict) => return Plan::Done(verdict),
        };
        let look = rounds.last().and_then(|round| round.cases.first());
        let class = match look {
            None => "",
            Some((case, trace)) => match class(&told(case, trace, limit), limit) {
                Some(class) => class,
                None => return Plan::Done(self.judge(case, trace)),
            },
        };
        let mut case = draft.open(ABOUT.id, world);
        class.clone_into(&mut case.class);
        limited::note(&mut case, limit, status);
        let documented = world.operation(draft.operation).responses.get(&limit.answer.to_string());
        let promises = |name: &String| name.eq_ignore_ascii_case("retry-after");
        if documented.is_some_and(|response| response.headers.keys().any(promises)) {
            case.facts.insert("documented".to_owned(), true.into());
        }
        if look.is_some() {
            // What the look left must be out of every window.
            let quiet = limit.window * 11 / 5;
            case.steps.push(Step::wait("quiet", Wait { millis: quiet, retry_after: None, at_most: quiet }));
        }
        case.steps.push(draft.step("burst", Role::Attack, vec![]).copied(limited::burst(limit) * 4 / 3));
        if class == TOO_LONG {
            let silence = limit.window + limit.window / 5 + 50;
            case.steps
                .push(Step::wait("silence", Wait { millis: silence, retry_after: None, at_most: silence }));
            AFTER.iter().for_each(|name| case.steps.push(draft.step(name, Role::Control, vec![])));
        }
        if class == TOO_SHORT {
            for (index, name) in AFTER.iter().enumerate() {
                let refusal = if index == 0 { "burst" } else { AFTER[index - 1] };
                let wait = Wait { millis: 0, retry_after: Some(refusal.to_owned()), at_most: PATIENCE };
                case.steps.push(Step::wait(format!("as-told-by-{refusal}"), wait));
                case.steps.push(draft.step(name, Role::Control, vec![]));
            }
        }
        case.note_identities(|name| world.role_of(name));
        if look.is_none() { Plan::Run(vec![case]) } else { Plan::suspect(case) }
    }

    fn judge(&self, case: &Case, trace: &Trace) -> Verdict {
        let Some(limit) = limited::noted(case) else { return Verdict::vacuous("the case declares no limit") };
        // What an earlier execution closed proves nothing for a case that could not have closed it itself.
        if case.step("burst").is_none_or(|step| step.copies <= limit.count) {
            return Verdict::vacuous("the burst is smaller than the limit");
        }
        let told = told(case, trace, &limit);
        let Some(refusal) = told.refusals.first() else {
            return Verdict::vacuous("the limit was not reached");
        };
        if told.refusals.len() < 2 {
            return Verdict::vacuous("one refusal may be anybody's");
        }
        if case.class != UNREADABLE && told.seconds.is_none() {
            return Verdict::vacuous("the refusals do not say in seconds when to come back");
        }
        let seconds = told.seconds.unwrap_or_default();
        match case.class.as_str() {
            UNREADABLE if told.silent => missing(case, refusal),
            UNREADABLE if told.unreadable => unreadable(case, refusal),
            UNREADABLE if told.seconds.is_some() => Verdict::Held,
            UNREADABLE => Verdict::vacuous("some refusals can be read, and some cannot"),
            TOO_LONG => too_long(case, trace, &limit, seconds, refusal),
            TOO_SHORT => too_short(case, trace, &limit, seconds),
            _ => Verdict::vacuous("nobody came back to see"),
        }
    }
}

/// What the refusals of the burst say.
struct Told<'t> {
    refusals: Vec<&'t Exchange>,
    /// The longest wait in seconds, when each says one.
    seconds: Option<u64>,
    /// Each says what no client can read.
    unreadable: bool,
    /// None says anything, although the document declares it.
    silent: bool,
}

fn told<'t>(case: &Case, trace: &'t Trace, limit: &RateLimit) -> Told<'t> {
    let refusals: Vec<_> = trace
        .all(case, "burst")
        .filter(|exchange| limited::framed(exchange, limit) == Framed::Denied)
        .collect();
    let says: Vec<_> = refusals.iter().map(|exchange| text(exchange)).collect();
    let numbers: Option<Vec<u64>> = says.iter().map(|text| text.and_then(seconds)).collect();
    let is_word = |text: &str| seconds(text).is_none() && !is_date(text);
    let documented = case.facts.contains_key("documented");
    Told {
        seconds: numbers.and_then(|numbers| numbers.into_iter().max()),
        unreadable: !says.is_empty() && says.iter().all(|text| text.is_some_and(is_word)),
        silent: documented && !says.is_empty() && says.iter().all(Option::is_none),
        refusals,
    }
}

fn text(exchange: &Exchange) -> Option<&str> {
    exchange.headers().and_then(|headers| headers.text("retry-after")).map(str::trim)
}

/// `delay-seconds` (RFC 9110 section 10.2.3): digits and nothing else.
fn seconds(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

/// A date as HTTP writes it, in any of its three forms, roughly: a day's name, and a time.
fn is_date(text: &str) -> bool {
    let day = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].iter().any(|day| text.starts_with(day));
    let time = text.split(' ').any(|word| word.len() == 8 && word.matches(':').count() == 2);
    day && time
}

/// Which kind of untruth is worth a witness.
fn class(told: &Told<'_>, limit: &RateLimit) -> Option<&'static str> {
    if told.refusals.is_empty() {
        return None;
    }
    if told.unreadable || told.silent {
        return Some(UNREADABLE);
    }
    Some(if is_too_long(told.seconds?, limit) { TOO_LONG } else { TOO_SHORT })
}

/// More than three windows and two seconds.
fn is_too_long(seconds: u64, limit: &RateLimit) -> bool {
    seconds.saturating_mul(1_000) > limit.window * 3 + 2_000
}

fn too_long(case: &Case, trace: &Trace, limit: &RateLimit, seconds: u64, refusal: &Exchange) -> Verdict {
    if !is_too_long(seconds, limit) {
        return Verdict::vacuous("the refusals say another wait each time");
    }
    let afters = AFTER.iter().filter_map(|name| trace.of(case, name));
    let open: Vec<_> = afters.filter(|exchange| limited::is_let_through(case, exchange)).collect();
    let burst_passed = trace.all(case, "burst").any(|exchange| limited::is_let_through(case, exchange));
    // Of several processes, each with a count of its own, another one may answer.
    if open.len() < 2 || !burst_passed {
        return Verdict::vacuous("the limit goes on longer than its window, as its refusals say");
    }
    Violation::new(
        refusal.step,
        format!("{} tells callers to wait {seconds} s where {} ms suffice", case.operation, limit.window),
        format!(
            "Retry-After says {seconds}; after {} ms the request is let through.",
            limit.window * 6 / 5 + 50
        ),
    )
    .expected(format!("at most {} s", limit.window.div_ceil(1_000)), format!("{seconds} s"))
    .falsified_by("another process answering, which has a count of its own")
    .cause(TOO_LONG, refusal)
    .verdict()
}

fn too_short(case: &Case, trace: &Trace, limit: &RateLimit, seconds: u64) -> Verdict {
    let mut waited = Some(seconds);
    let mut lies = 0;
    // Where a failure looks like a refusal, and takes a share, one more is asked for.
    let enough = if matches!(limit.answer, 502..=504) { 3 } else { 2 };
    for name in AFTER {
        let Some(exchange) = trace.of(case, name) else { return Verdict::vacuous("nobody came back to see") };
        if waited.is_none_or(|seconds| (seconds + 1).saturating_mul(1_000) > PATIENCE) {
            return Verdict::vacuous("the wait is longer than a run can take");
        }
        match limited::framed(exchange, limit) {
            Framed::Denied => lies += 1,
            Framed::Allowed if lies > 0 => break,
            Framed::Allowed if limited::is_let_through(case, exchange) => return Verdict::Held,
            _ => return Verdict::vacuous("the request after the wait was not answered"),
        }
        if lies >= enough {
            return Violation::new(
                exchange.step,
                format!("{} refuses callers who wait as long as it says", case.operation),
                format!(
                    "{lies} times in a row the request was refused a second after the time that Retry-After names \
                     ({seconds} s at first)."
                ),
            )
            .expected("the usual answer", format!("{} again", exchange.status().unwrap_or_default()))
            .falsified_by("somebody else using the same caller's share in the meantime")
            .cause(TOO_SHORT, exchange)
            .verdict();
        }
        waited = text(exchange).and_then(self::seconds);
    }
    Verdict::vacuous("one wait was too short, the next was not")
}

fn unreadable(case: &Case, refusal: &Exchange) -> Verdict {
    let text = crate::message::inert_text(text(refusal).unwrap_or_default());
    Violation::new(
        refusal.step,
        format!("{} has a Retry-After that no client can read", case.operation),
        format!("Retry-After is `{text}`: neither whole seconds nor a date."),
    )
    .expected("a whole number of seconds, or a date", text)
    .falsified_by("something between us and the service rewriting the header")
    .cause(UNREADABLE, refusal)
    .verdict()
}

fn missing(case: &Case, refusal: &Exchange) -> Verdict {
    Violation::new(
        refusal.step,
        format!("{} does not say when to come back, as the document promises", case.operation),
        "The document declares Retry-After for this refusal, and no refusal of the burst has it.",
    )
    .expected("Retry-After", "a refusal without it")
    .falsified_by("something between us and the service taking the header away")
    .cause("missing", refusal)
    .verdict()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Headers, Incoming, Outcome};
    use crate::surface::LimitPer;

    fn judge(class: &str, says: Option<&str>, afters: [u16; 3]) -> Verdict {
        let limit = RateLimit { count: 2, window: 1_000, per: LimitPer::Identity, answer: 429 };
        let mut case = Case::new(ABOUT.id, "GET /report");
        class.clone_into(&mut case.class);
        limited::note(&mut case, &limit, 200);
        case.steps.push(Step::send("burst", Role::Attack, "alice", "target", vec![]).copied(6));
        let mut trace = Trace::default();
        let mut answered = |step: usize, copy: u32, status: u16| {
            let says = says.filter(|_| status == 429).map(|says| ("Retry-After", says));
            let headers: Headers = says.into_iter().collect();
            let incoming = Incoming { status, headers, ..Incoming::default() };
            let mut exchange = crate::controls::tests_support::exchange(Outcome::Answered(incoming));
            (exchange.step, exchange.copy) = (step, copy);
            trace.exchanges.push(exchange);
        };
        for copy in 0..6 {
            answered(0, copy, if copy < 2 { 200 } else { 429 });
        }
        for (name, status) in AFTER.iter().zip(afters) {
            answered(case.steps.len(), 0, status);
            case.steps.push(Step::send(*name, Role::Control, "alice", "target", vec![]));
        }
        RetryAfterDishonest.judge(&case, &trace)
    }

    #[test]
    fn untrue_waits_are_seen() {
        assert!(judge(UNREADABLE, Some("soon"), [200; 3]).violation().is_some());
        assert!(judge(TOO_LONG, Some("3600"), [200; 3]).violation().is_some());
        assert!(judge(TOO_SHORT, Some("1"), [429; 3]).violation().is_some());
        assert!(judge(TOO_SHORT, Some("0"), [429, 429, 200]).violation().is_some());
    }

    #[test]
    fn true_waits_hold_and_the_rest_is_vacuous() {
        assert_eq!(judge(TOO_SHORT, Some("1"), [200, 429, 429]), Verdict::Held);
        for verdict in [
            judge(TOO_SHORT, Some("1"), [429, 200, 200]),
            judge(TOO_SHORT, Some("1"), [503, 200, 200]),
            judge(TOO_SHORT, None, [429; 3]),
            judge(TOO_SHORT, Some("60"), [429; 3]),
            judge(TOO_LONG, Some("3600"), [429; 3]),
            judge(UNREADABLE, Some("Sun, 06 Nov 1994 08:49:37 GMT"), [429; 3]),
            judge(UNREADABLE, None, [200; 3]),
        ] {
            assert!(matches!(verdict, Verdict::Vacuous(_)), "{verdict:?}");
        }
    }

    #[test]
    fn what_clients_can_read() {
        assert_eq!([seconds("120"), seconds("0")], [Some(120), Some(0)]);
        assert!(["", "-1", "1.5", "1s", "soon"].iter().all(|text| seconds(text).is_none() && !is_date(text)));
        assert!(is_date("Sun, 06 Nov 1994 08:49:37 GMT") && is_date("Sun Nov  6 08:49:37 1994"));
    }
}
