//! Turning dials down: one after the other, each as far as it goes.

use serde_json::Number;

use super::count::counts;
use super::node::each_node;
use super::text::{Text, texts};
use crate::case::{Case, Value};

/// Texts of at most so many characters lose them one by one.
const SHORT: usize = 16;

/// What is turned down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dial {
    /// Copies, repetitions, levels and offsets: binary search.
    Counts,
    /// Texts: the first half, the second half.
    Halves,
    /// Texts: quarters and eighths out of the middle, single characters of short ones.
    Slices,
    /// Numbers: 1, half the digits, half.
    Numbers,
}

/// One pass over the dials of a kind.
#[derive(Clone, Debug)]
pub(super) struct Reduce {
    dial: Dial,
    first: bool,
    /// Which dial.
    at: usize,
    attempt: usize,
    /// Counts: the largest that is known not to do. Slices: where the next begins.
    low: usize,
    /// Counts: what was tried last. Slices: how long one is; 0 before the first look.
    last: usize,
}

impl Reduce {
    pub(super) fn new(dial: Dial, first: bool) -> Self {
        Self { dial, first, at: 0, attempt: 0, low: 0, last: 0 }
    }

    /// The next candidate; `None` when the pass is over.
    pub(super) fn next(&mut self, best: &Case) -> Option<Case> {
        loop {
            let (candidate, dials) = match self.dial {
                Dial::Counts => {
                    let counts = counts(best);
                    let tried = counts.get(self.at).and_then(|(count, now)| {
                        let value = self.count(*now as usize, count.least() as usize)?;
                        Some(count.with(best, value as u32))
                    });
                    (tried, counts.len())
                }
                Dial::Halves => {
                    let texts = texts(best);
                    (texts.get(self.at).and_then(|text| self.half(best, text)), texts.len())
                }
                Dial::Slices => {
                    let texts = texts(best);
                    (texts.get(self.at).and_then(|text| self.slice(best, text)), texts.len())
                }
                Dial::Numbers => self.number(best),
            };
            if candidate.is_some() {
                return candidate;
            }
            if self.at >= dials {
                return None;
            }
            (self.at, self.attempt, self.low, self.last) = (self.at + 1, 0, 0, 0);
        }
    }

    pub(super) fn answer(&mut self, success: bool) {
        match self.dial {
            Dial::Counts => {
                if !success {
                    self.low = self.last;
                }
                self.attempt += 1;
            }
            Dial::Slices if !success => self.low += self.last,
            Dial::Slices => {}
            // What went well is done again; halves begin anew with the first.
            Dial::Halves if success => self.attempt = 0,
            Dial::Numbers if success => {}
            Dial::Halves | Dial::Numbers => self.attempt += 1,
        }
    }

    /// The least first, then between what does and what does not; after the first round, one less first.
    fn count(&mut self, now: usize, least: usize) -> Option<usize> {
        if now <= least {
            return None;
        }
        self.last = match self.attempt {
            0 if self.first => least,
            0 => now - 1,
            _ if now - self.low.min(now) <= 1 => return None,
            _ => (self.low + (now - self.low) / 2).max(least),
        };
        Some(self.last)
    }

    fn half(&self, best: &Case, text: &Text) -> Option<Case> {
        if text.len <= text.least() {
            return None;
        }
        let half = text.len / 2;
        match self.attempt {
            0 => Some(text.cut(best, half, text.len - half)),
            1 => Some(text.cut(best, 0, half)),
            _ => None,
        }
    }

    fn slice(&mut self, best: &Case, text: &Text) -> Option<Case> {
        if text.len <= text.least() {
            return None;
        }
        let finest = if text.len <= SHORT { 1 } else { text.len / 8 };
        if self.last == 0 {
            self.last = (text.len / 4).max(finest);
        }
        if self.low >= text.len {
            if self.last <= finest {
                return None;
            }
            (self.low, self.last) = (0, (self.last / 2).max(finest));
        }
        // Not the whole of what is left.
        self.last = self.last.min(text.len - text.least());
        Some(text.cut(best, self.low, self.last))
    }

    fn number(&mut self, best: &Case) -> (Option<Case>, usize) {
        let mut numbers = Vec::new();
        each_node(best, &mut |node, value, _| {
            if let Value::Number(number) = value {
                numbers.push((node, number.clone()));
            }
        });
        let Some((node, number)) = numbers.get(self.at) else { return (None, numbers.len()) };
        while self.attempt < 3 {
            if let Some(smaller) = smaller(number, self.attempt) {
                let mut case = best.clone();
                node.change(&mut case, |value| *value = Value::Number(smaller));
                return (Some(case), numbers.len());
            }
            self.attempt += 1;
        }
        (None, numbers.len())
    }
}

/// One step towards 0, from the boldest to the most careful.
fn smaller(number: &Number, attempt: usize) -> Option<Number> {
    let whole = number.as_i128().or_else(|| {
        let float = number.as_f64().filter(|float| float.abs() < 9e15)?;
        Some(float.trunc() as i128)
    })?;
    let size = whole.unsigned_abs();
    let size = match attempt {
        _ if number.is_f64() => return (attempt == 0).then(|| Number::from_i128(whole))?,
        0 if size > 1 => 1,
        1 if size > 9 => size.isqrt(),
        2 if size > 1 => size / 2,
        _ => return None,
    };
    Number::from_i128(size.cast_signed() * whole.signum())
}
