//! Transcripts: exchanges as text that people read. Everything in them is inert, and secrets are taken out.

use crate::case::{Case, Role};
use crate::finding::Evidence;
use crate::identity::Vault;
use crate::message::{Incoming, Outgoing};
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
        text.push_str(&format!("{}: {}\n", lossy(name), lossy(value)));
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
        text.push_str(&format!("\n[the service panicked at {at}: {}]", inert(&panic.message)));
    }
    text
}

fn answered(answer: &Incoming) -> String {
    let mut text = format!("HTTP/1.1 {}\n", answer.status);
    for (name, value) in answer.headers.iter() {
        text.push_str(&format!("{}: {}\n", lossy(name), lossy(value)));
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
        text.push_str(&format!("\n[{} more bytes]", bytes.len() - SHOWN));
    }
    text
}

fn lossy(bytes: &[u8]) -> String {
    inert(&String::from_utf8_lossy(bytes))
}

/// Text without control characters, bidirectional overrides and the like, line ends kept.
fn inert(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\t' => c,
            '\r' => ' ',
            c if c.is_control() => '\u{fffd}',
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}'..='\u{200f}' | '\u{feff}' => {
                '\u{fffd}'
            }
            c => c,
        })
        .collect()
}
