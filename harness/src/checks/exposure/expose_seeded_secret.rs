//! # What it sends
//! Nothing of its own: it looks for the run's own secrets in every answer of every other check and of the exploring
//! phase: passwords, keys and tokens of the configured identities, and passwords that a case made up.
//!
//! # What must hold
//! No answer shows anybody's password, and none shows a key or a token to anybody but its owner. Looked for is the whole secret, as it is, in
//! base64 and in hexadecimal, in body and headers. What the request itself sent does not count, nor what an operation
//! gives out to whoever proves who they are by another secret of the same identity: that is how tokens are issued. Secrets that are short or
//! of few characters are not looked for. Smallest effect: one secret in one success or error.
//!
//! # Why it matters
//! Who reads a secret is its owner from then on; a password that can be shown is stored in the clear.
//!
//! # How to fix
//! Store passwords as salted, slow hashes and tokens and keys as digests; show a key once, when it is made; never serialise
//! the stored credential.
//!
//! # References
//! CWE-200, CWE-522, CWE-256; OWASP API3:2023; ASVS 5.0 6.5.

use crate::case::{ANONYMOUS, CredentialRef, Dynamic, Edit, FreshKind, Place, Role, Step, Value};
use crate::checks::{
    About, Confirm, Effect, Fact, Grain, Interest, Isolation, Need, Passive, Phase, Practice, Seen, Severity,
    Sighting,
};
use crate::controls::holds_canary;
use crate::identity::Wallet;

/// An answer that shows somebody's secret.
pub struct SeededSecret;

static ABOUT: About = About {
    id: "expose-seeded-secret",
    title: "an answer that shows somebody's password, key or token",
    practice: Practice::Exposure,
    source: include_str!("expose_seeded_secret.rs"),
    grain: Grain::Operation,
    phase: Phase::Shape,
    needs: &[Need::Identity],
    effect: Effect::Reads,
    isolation: Isolation::Shared,
    budget: 20,
    confirm: Confirm::AT_ONCE,
    severity: Severity::Critical,
    chance: 10,
    cwe: &[200, 522, 256],
    owasp: &["API3:2023"],
    wfc: None,
    once: false,
};

/// The part of a credential that is sent with every request.
const SECRET: &str = "secret";
/// The part of a secret that a case made up.
const MADE_UP: &str = "made-up";

/// A secret whose appearance proves something.
struct Secret {
    owner: String,
    /// As a case names it, see [`CredentialRef`]; or made up.
    part: String,
    text: String,
}

impl Passive for SeededSecret {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn interest(&self) -> Interest {
        Interest { empty: true, ..Interest::bodies(200, 599, &[]) }
    }

    fn inspect(&self, seen: &Seen<'_>) -> Option<Sighting> {
        let mut secrets = made_up(seen);
        match seen.wallet {
            // One search for all secrets says that there is nothing, nearly always.
            Some(wallet) if secrets.is_empty() && !may_hold(seen, wallet) => return None,
            Some(wallet) => secrets.extend(planted(wallet)),
            None => secrets.extend(stated(seen)),
        }
        let sender = &seen.step()?.identity;
        let shown = secrets.iter().find(|secret| is_shown(secret, &secrets, sender, seen))?;
        let kind = if shown.part == SECRET { "key or token" } else { "password" };
        let owner = if &shown.owner == sender { "its own".to_owned() } else { format!("{}'s", shown.owner) };
        let what = format!("{owner} {kind}, asked by {sender}");
        let mut sighting = Sighting::new("secret-shown", what, format!("the {kind} of {}", shown.owner));
        sighting.class =
            format!("{}:{}", shown.owner, if shown.part == SECRET { "secret" } else { "password" });
        sighting.controls = controls(shown, seen);
        sighting.facts.push(Fact::SecretShown);
        if sender == ANONYMOUS {
            sighting.facts.push(Fact::Anonymous);
        } else if *sender != shown.owner {
            sighting.facts.push(Fact::OthersData);
        }
        let falsified_by =
            "two names of the configuration that are one account, or a secret that others have by right";
        Some(sighting.because("an answer without anybody's secret", falsified_by))
    }

    fn is_telling(&self, seen: &Seen<'_>) -> bool {
        let has = |wallet: &Wallet| wallet.identities().next().is_some();
        let body = seen.exchange.answer().is_some_and(|answer| !answer.body.is_empty());
        (200..300).contains(&seen.status) && body && seen.wallet.is_some_and(has)
    }

    fn unseen(&self) -> &'static str {
        "the operation never answered with a success and a body"
    }

    fn counts_always(&self) -> bool {
        true
    }
}

/// Whether an answer shows a secret to somebody who should not see it.
fn is_shown(secret: &Secret, all: &[Secret], sender: &str, seen: &Seen<'_>) -> bool {
    if !is_distinct(&secret.text) || !holds_canary(seen.exchange, &secret.text) {
        return false;
    }
    // One's own token is one's own, whatever it is called elsewhere.
    let own = |other: &Secret| other.owner == sender && other.text == secret.text;
    if secret.part == SECRET && (secret.owner == sender || all.iter().any(own)) {
        return false;
    }
    // Who proves to be the owner by another secret is given this one.
    let request = &seen.exchange.sent.request;
    let sent = |text: &str| {
        let find = |bytes: &[u8]| memchr::memmem::find(bytes, text.as_bytes()).is_some();
        let form = crate::execute::percent(text.as_bytes(), crate::execute::FORM);
        find(&request.body)
            || find(&request.target)
            || memchr::memmem::find(&request.body, form.as_bytes()).is_some()
    };
    !all.iter().any(|other| other.owner == secret.owner && sent(&other.text))
}

/// Long enough, and of enough different characters, to be nobody's word.
fn is_distinct(text: &str) -> bool {
    let distinct: std::collections::BTreeSet<_> = text.bytes().collect();
    let has = |kind: fn(&u8) -> bool| text.bytes().any(|b| kind(&b));
    text.len() >= 10
        && distinct.len() >= 6
        && has(u8::is_ascii_alphabetic)
        && !has(u8::is_ascii_whitespace)
        && (has(u8::is_ascii_digit) || text.len() >= 20)
}

/// Whether the answer may hold a secret of the run at all.
fn may_hold(seen: &Seen<'_>, wallet: &Wallet) -> bool {
    let vault = wallet.vault();
    seen.exchange.answer().is_some_and(|answer| {
        vault.leaks(&answer.body) || answer.headers.iter().any(|(_, value)| vault.leaks(value))
    })
}

/// The secrets of the configured identities.
fn planted(wallet: &Wallet) -> impl Iterator<Item = Secret> {
    wallet.planted().into_iter().map(|(owner, part, text)| Secret { owner, part, text })
}

/// The secrets that the controls of a witness state.
fn stated(seen: &Seen<'_>) -> Vec<Secret> {
    let mut secrets = Vec::new();
    for (index, step) in seen.case.steps.iter().enumerate().filter(|(_, step)| step.role == Role::Control) {
        let Some((send, exchange)) = step.request().zip(seen.trace.of_index(index)) else { continue };
        for edit in &send.edits {
            let Some(Value::Dynamic(leaf)) = edit.value() else { continue };
            let Dynamic::Credential(CredentialRef { identity, part }) = &**leaf else { continue };
            let payload = exchange.sent.payloads.iter().find(|(place, _)| place == edit.place());
            if let Some((_, payload)) = payload {
                let text = String::from_utf8_lossy(payload).into_owned();
                secrets.push(Secret { owner: identity.clone(), part: part.clone(), text });
            }
        }
    }
    secrets
}

/// The passwords that earlier steps of the case made up.
fn made_up(seen: &Seen<'_>) -> Vec<Secret> {
    if seen.trace.bindings.is_empty() {
        return Vec::new();
    }
    let mut secrets = Vec::new();
    let this = seen.exchange.step;
    let own = seen.step().and_then(Step::request).map(|send| send.base.as_str());
    for step in &seen.case.steps[..this] {
        let Some(base) = step.request().and_then(|send| seen.case.base(&send.base)) else { continue };
        if own == Some(&base.name) {
            continue;
        }
        base.request.each_value(&mut |value| {
            value.each_dynamic(&mut |leaf| {
                if let Dynamic::Fresh(fresh) = leaf
                    && fresh.kind == FreshKind::Password
                    && let Some(text) = seen.trace.bindings.get(&fresh.name)
                {
                    let owner = step.identity.clone();
                    secrets.push(Secret { owner, part: MADE_UP.to_owned(), text: text.clone() });
                }
            });
        });
    }
    secrets
}

/// The steps that state a secret, and prove that it is one where a login takes it.
fn controls(secret: &Secret, seen: &Seen<'_>) -> Vec<(Option<crate::case::Base>, Step)> {
    let credential = |part: &str| {
        Value::dynamic(Dynamic::Credential(CredentialRef {
            identity: secret.owner.clone(),
            part: part.to_owned(),
        }))
    };
    let mut controls = Vec::new();
    if let Some((base, pointer)) = seen.wallet.and_then(|wallet| login(wallet, secret)) {
        let edit = Edit::set(Place::Node(pointer.clone()), credential(&format!("login:{pointer}")));
        let step = Step::send("states-password", Role::Control, ANONYMOUS, &base.name, vec![edit]).retried(2);
        controls.push((Some(base), step));
    }
    if secret.part == SECRET
        && let Some(base) = seen.step().and_then(Step::request).map(|send| &send.base)
    {
        let edit = Edit::set(Place::Credential, credential(SECRET));
        controls.push((
            None,
            Step::send("states-secret", Role::Control, &secret.owner, base, vec![edit]).retried(2),
        ));
    }
    controls
}

/// The login of a secret's owner, and where its password goes.
fn login(wallet: &Wallet, secret: &Secret) -> Option<(crate::case::Base, String)> {
    let login = wallet.login(&secret.owner).filter(|login| !login.is_by_refresh_only())?;
    let pointer = match secret.part.strip_prefix("login:") {
        Some(pointer) => pointer.to_owned(),
        None => wallet.planted().into_iter().find_map(|(owner, part, _)| {
            (owner == secret.owner).then(|| part.strip_prefix("login:").map(str::to_owned)).flatten()
        })?,
    };
    let mut base = crate::execute::login_base(&secret.owner, login);
    base.name = "states-password".to_owned();
    Some((base, pointer))
}
