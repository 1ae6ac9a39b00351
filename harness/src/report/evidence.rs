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
    let steps = case.steps.iter().enumerate().filter(|(_, step)| step.request().is_some());
    let shown = steps.filter_map(|(index, step)| Some((step, trace.of_index(index)?)));
    shown
        .take(EXCHANGES)
        .map(|(step, exchange)| Evidence {
            label: label(step.role, &step.name).to_owned(),
            step: step.name.clone(),
            identity: step.identity.clone(),
            copies: step.copies,
            request: vault.redact(&request(&exchange.sent.request)),
            response: vault.redact(&response(exchange)),
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

fn request(request: &Outgoing) -> String {
    let mut text = format!("{} {} HTTP/1.1\n", lossy(&request.method), lossy(&request.target));
    for (name, value) in &request.headers {
        let _ = writeln!(text, "{}: {}", lossy(name), lossy(value));
    }
    if !request.body.is_empty() {
        text.push('\n');
        text.push_str(&body(&request.body));
    }
    text
}

fn response(exchange: &Exchange) -> String {
    let mut text = match exchange.answer() {
        Some(answer) => answered(answer),
        None => exchange.delivery.outcome.to_string(),
    };
    if let Some(panic) = &exchange.panic {
        let at = panic.location.as_deref().unwrap_or("an unknown place");
        let _ = write!(text, "\n[the service panicked at {at}: {}]", inert_text(&panic.message));
    }
    text
}

fn answered(answer: &Incoming) -> String {
    let mut text = format!("HTTP/1.1 {}\n", answer.status);
    for (name, value) in answer.headers.iter() {
        let _ = writeln!(text, "{}: {}", lossy(name), lossy(value));
    }
    if !answer.body.is_empty() {
        text.push('\n');
        text.push_str(&body(&answer.body));
        if answer.cut {
            text.push_str("\n[cut]");
        }
    }
    text
}

fn body(bytes: &[u8]) -> String {
    let mut text = lossy(&bytes[..bytes.len().min(SHOWN)]);
    if bytes.len() > SHOWN {
        let _ = write!(text, "\n[{} more bytes]", bytes.len() - SHOWN);
    }
    text
}

fn lossy(bytes: &[u8]) -> String {
    inert_text(&String::from_utf8_lossy(bytes))
}
