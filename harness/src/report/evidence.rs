//! Evidence: exchanges as text that people read. Everything in them is inert, and secrets are taken out.

use std::fmt::Write as _;

use crate::case::{Case, Role};
use crate::finding::Evidence;
use crate::identity::Vault;
use crate::message::{Incoming, Outgoing, inert_text};
use crate::trace::{Exchange, Trace};

/// The most bytes of a body that a transcript shows.
const SHOWN: usize = 2_048;
/// The most exchanges that a finding carries.
const EXCHANGES: usize = 24;

/// The exchanges that make a case's argument: the last attempt of the first copy of each step.
pub fn evidence(case: &Case, trace: &Trace, vault: &Vault) -> Vec<Evidence> {
    vault.learn(trace);
    let steps = case.steps.iter().enumerate().filter(|(_, step)| step.request().is_some());
    let shown = steps.filter_map(|(index, step)| Some((step, trace.of_index(index)?)));
    shown
        .take(EXCHANGES)
        .map(|(step, exchange)| Evidence {
            label: label(step.role, &step.name).to_owned(),
            step: step.name.clone(),
            identity: step.identity.clone(),
            copies: step.copies,
            request: vault.redact(&request(&exchange.sent.request, vault)),
            response: vault.redact(&response(exchange, vault)),
            millis: u64::try_from(exchange.delivery.timing.total.as_millis()).unwrap_or(u64::MAX),
        })
        .collect()
}

fn label(role: Role, name: &str) -> &'static str {
    match role {
        Role::Attack => "attack",
        Role::Observe => "reread",
        Role::Control if name.starts_with("rejected") || name == "nobody" => "rejection",
        Role::Control if name.ends_with("-after") || name.starts_with("after") => "positive",
        Role::Control => "control",
        Role::Setup | Role::Cleanup => "baseline",
    }
}

fn request(request: &Outgoing, vault: &Vault) -> String {
    let mut text = format!("{} {} HTTP/1.1\n", lossy(&request.method), lossy(&request.target));
    for (name, value) in &request.headers {
        let _ = writeln!(text, "{}: {}", lossy(name), lossy(value));
    }
    if !request.body.is_empty() {
        text.push('\n');
        text.push_str(&body(&request.body, vault));
    }
    text
}

fn response(exchange: &Exchange, vault: &Vault) -> String {
    let mut text = match exchange.answer() {
        Some(answer) => answered(answer, vault),
        None => exchange.delivery.outcome.to_string(),
    };
    if let Some(panic) = &exchange.panic {
        let at = panic.location.as_deref().unwrap_or("an unknown place");
        let _ = write!(text, "\n[the service panicked at {at}: {}]", inert_text(&panic.message));
    }
    text
}

fn answered(answer: &Incoming, vault: &Vault) -> String {
    let mut text = format!("HTTP/1.1 {}\n", answer.status);
    for (name, value) in answer.headers.iter() {
        let _ = writeln!(text, "{}: {}", lossy(name), lossy(value));
    }
    if !answer.body.is_empty() {
        text.push('\n');
        text.push_str(&body(&answer.body, vault));
        if answer.cut {
            text.push_str("\n[cut]");
        }
    }
    text
}

/// The beginning of a body. Secrets are taken out before it is cut: half of one would not be recognised.
fn body(bytes: &[u8], vault: &Vault) -> String {
    let whole = vault.redact(&String::from_utf8_lossy(bytes));
    if whole.len() <= SHOWN {
        return inert_text(&whole);
    }
    let at = (0..=SHOWN).rev().find(|at| whole.is_char_boundary(*at)).unwrap_or_default();
    let mut text = inert_text(&whole[..at]);
    let _ = write!(text, "\n[{} more bytes]", whole.len() - at);
    text
}

fn lossy(bytes: &[u8]) -> String {
    inert_text(&String::from_utf8_lossy(bytes))
}
