//! Answers of strangers, past everything that reads them: the reader of HTTP/1.1, the passive checks, the report.

use std::sync::Arc;
use std::time::Duration;

use crate::case::{ANONYMOUS, Base, Case, Edit, Place, Request, Role, Step};
use crate::checks::{Checks, witness};
use crate::engine::campaign::{Lookout, behaviour};
use crate::identity::{Vault, Wallet};
use crate::message::{Delivery, Outcome, Outgoing, Timing};
use crate::report::evidence;
use crate::surface::{Operation, Surface};
use crate::trace::{Exchange, Sent, Trace};
use crate::wire::{Limits, answer_of};

/// The most bytes of an answer that are kept: a fuzzer's inputs are small, and so is what they must not grow to.
const KEPT: usize = 64 << 10;

/// Everything that reads answers, for a fuzz target.
pub struct Answers {
    case: Case,
    lookout: Lookout,
    wallet: Wallet,
    limits: Limits,
}

impl Default for Answers {
    fn default() -> Self {
        let operation = Operation { method: "GET".into(), path: "/a".into(), ..Operation::default() };
        let mut case = Case::new("explore", operation.name());
        case.note_operation(&operation);
        let request = Request { method: "GET".into(), path: "/a".into(), ..Request::default() };
        case.bases.push(Base { name: "a".into(), operation: operation.name(), request });
        let edits = vec![Edit::set(Place::Query("q".to_owned()), "'")];
        case.steps.push(Step::send("attack", Role::Attack, ANONYMOUS, "a", edits));
        let surface = Surface { operations: vec![operation], ..Surface::default() };
        Self {
            case,
            lookout: Lookout::new(&surface, &Checks::default(), |_| true),
            wallet: Wallet::new(Vec::new(), Arc::new(Vault::default())),
            limits: Limits { body: KEPT, decoded: 4 * KEPT, ..Limits::default() },
        }
    }
}

impl Answers {
    /// Reads these bytes as an answer, in pieces of `step` bytes, and looks at it; whether it was one.
    ///
    /// # Panics
    ///
    /// When a bound does not hold: more is kept than may be.
    pub fn look(&self, method: &'static str, bytes: &[u8], step: usize) -> bool {
        let Some(incoming) = answer_of(method, bytes, step, &self.limits) else { return false };
        assert!(incoming.body.len() <= self.limits.decoded, "a body is larger than its bound");
        let request = Outgoing::new(method, "/a?q=%27");
        let sent = Sent { request, payloads: vec![(Place::Query("q".to_owned()), b"'".to_vec())] };
        let delivery = Delivery::undelivered(Outcome::Answered(incoming), Timing::default());
        let exchange = Exchange::new(0, 0, 0, Arc::new(sent), delivery, Duration::ZERO);
        let trace = Trace { exchanges: vec![exchange], ..Trace::default() };
        for (check, exchange, sighting) in self.lookout.sightings(&self.case, &trace, &self.wallet) {
            if let Some(case) = witness(check, &self.case, exchange, &sighting) {
                let _ = Checks::default().judge(&case, &trace);
            }
        }
        let _ = behaviour(&self.case.operation, &trace.exchanges[0]);
        let shown = evidence(&self.case, &trace, self.wallet.vault());
        let is_inert = |text: &String| !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t'));
        assert!(shown.iter().all(|one| is_inert(&one.response)), "something that is shown is not inert");
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_an_answer_is_looked_at_however_it_comes() {
        let answers = Answers::default();
        let body = "thread 'main' panicked at src/main.rs:7:5:\nspilled \u{1b}[31m";
        let bytes = format!(
            "HTTP/1.1 500 Oh\r\nContent-Length: {}\r\nContent-Type: text/plain\r\n\r\n{body}",
            body.len()
        );
        assert!([1, 7, 4_096].into_iter().all(|step| answers.look("GET", bytes.as_bytes(), step)));
        assert!(!answers.look("GET", b"SSH-2.0-OpenSSH", 100));
    }
}
