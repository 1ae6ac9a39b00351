//! Messages: which of them are about what, and what they say.

use super::clause::{clauses, head};
use super::code::Code;
use super::lesson::Rule;
use super::path::{Part, Spot};
use super::phrase::{self, Reading};
use super::read::{Coded, Reader};
use super::subject::{self, Subject};

impl Reader {
    pub(super) fn coded(&mut self, at: &Spot, rules: &[(Option<String>, Rule)]) {
        for (field, rule) in rules {
            let spot = match field {
                Some(field) => at.join(field),
                None => Some(at.clone()),
            };
            if let Some(spot) = spot {
                self.add(&spot, rule.clone());
            }
        }
    }

    /// One message about a place, or about whatever it names; `coded` is what a code beside it says. Whether it
    /// was understood.
    pub(super) fn message(&mut self, at: &Spot, message: &str, coded: &Coded) -> bool {
        if !self.spend() {
            return true;
        }
        let message = head(message.trim());
        let precise = subject::precise(message).filter(|precise| precise.tokens.len() >= at.tokens.len());
        let Some(spot) = precise.or_else(|| Some(at.clone()).filter(|at| !at.tokens.is_empty())) else {
            let clauses = clauses(message);
            let known = clauses.iter().filter(|clause| self.clause(at, clause, coded)).count() > 0;
            if !known {
                self.coded(at, coded);
            }
            return known || !coded.is_empty();
        };
        // A field that the message names, and what is missing, is said nowhere else.
        let says_more =
            |reading: &Reading| !reading.fields.is_empty() || reading.rules.contains(&Rule::Required);
        // So is a field that a code names, and better.
        let names_field = coded.iter().any(|(field, _)| field.is_some());
        match phrase::read(message) {
            Some(reading) if coded.is_empty() || !names_field && says_more(&reading) => {
                self.reading(&spot, reading);
            }
            None if coded.is_empty() && !message.contains(char::is_whitespace) => {
                // A single word is a code.
                let rules = Code { name: message, beside: Vec::new() }.rules();
                self.coded(&spot, &rules);
                return !rules.is_empty();
            }
            _ => {
                self.coded(&spot, coded);
                return !coded.is_empty();
            }
        }
        true
    }

    /// A clause that may name its own field. Whether anything in it was known.
    fn clause(&mut self, at: &Spot, clause: &str, coded: &Coded) -> bool {
        let subject = Subject::of(clause);
        let spot = Spot { part: subject.spot.part.or(at.part), tokens: subject.spot.tokens };
        let reading = phrase::read(subject.rest);
        let names_fields = |reading: &Reading| !reading.fields.is_empty();
        // "param is missing or the value is empty: user" is no sentence about `param`.
        if !reading.as_ref().is_some_and(names_fields)
            && let Some(whole) = phrase::read(clause).filter(names_fields)
        {
            let part = if spot.tokens.is_empty() { spot.part } else { at.part };
            self.reading(&Spot { part, tokens: Vec::new() }, whole);
            return true;
        }
        if let Some(reading) = reading {
            let whole = spot.tokens.is_empty() && reading.fields.is_empty();
            // Nobody's: "is required" about we do not know what.
            if whole && !(at.part == Some(Part::Body) && reading.rules.contains(&Rule::Required)) {
                return reading.rules.is_empty();
            }
            if reading.fields.is_empty() && !coded.is_empty() {
                self.coded(&spot, coded);
            } else {
                self.reading(&spot, reading);
            }
            return true;
        }
        if spot.tokens.is_empty() {
            return false;
        }
        let single = Code { name: subject.rest, beside: Vec::new() }.rules();
        let rules = if coded.is_empty() { &single } else { coded };
        self.coded(&spot, rules);
        // A tag of Go's validator that needs a value does not give it.
        if rules.is_empty() && clause.starts_with("Key: ") {
            self.refused(&spot);
            return true;
        }
        !rules.is_empty()
    }

    fn reading(&mut self, at: &Spot, reading: Reading) {
        if reading.fields.is_empty() {
            reading.rules.into_iter().for_each(|rule| self.add(at, rule));
            return;
        }
        for field in &reading.fields {
            let Some(below) = Spot::parse(field).map(|spot| Spot { part: None, ..spot }) else { continue };
            // What names the place once more names no place below it.
            let is_whole = reading.rules.iter().any(|rule| matches!(rule, Rule::Taken | Rule::Missing));
            let repeated = at.tokens.last().is_some_and(|last| Some(last) == below.tokens.last());
            let spot = if repeated || is_whole && !at.tokens.is_empty() {
                Some(at.clone())
            } else {
                at.extend(&below)
            };
            if let Some(spot) = spot {
                reading.rules.iter().for_each(|rule| self.add(&spot, rule.clone()));
            }
        }
    }
}
