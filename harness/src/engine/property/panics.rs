//! A handler that panics is a bug, whatever was asked and whatever was answered: in process it is seen.

use std::sync::OnceLock;

use crate::checks::{About, Invariant, Judged, Observed, Practice, Severity};

static ABOUT: About = About {
    severity: Severity::High,
    cwe: &[248],
    ..About::of("service-panic", "a request that makes a handler panic", Practice::ErrorHandling)
};

/// No request makes the service panic, even where a layer turns the panic into an answer.
pub(super) fn service_panic() -> &'static Invariant {
    static INVARIANT: OnceLock<Invariant> = OnceLock::new();
    INVARIANT.get_or_init(|| Invariant::declared(&ABOUT, none))
}

fn none(trace: &Observed<'_>) -> Judged {
    let panicked = trace.all().find_map(|one| Some((one.operation, one.exchange().panic.as_ref()?)));
    panicked.map_or(Judged::Holds, |(operation, panic)| {
        let at = panic.location.as_deref().unwrap_or("an unknown place");
        Judged::Broken(format!("{operation} panicked at {at}: {}", panic.message))
    })
}
