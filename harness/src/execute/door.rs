//! The door: operations that are left out of a run, and those that may be sent a few times only.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{PoisonError, RwLock};

use crate::generate::{Budget, Settings};
use crate::surface::{Surface, Template};

/// What every request passes on its way out. What an edit makes of a request counts, not what it was drawn from.
#[derive(Debug, Default)]
pub struct Door {
    rules: Vec<Rule>,
    /// Operations without a rule: a request that is one of these more exactly is none of the rules'.
    free: Vec<(String, Template)>,
    /// Operations that are kept in for a while.
    held: RwLock<Vec<Held>>,
    is_holding: AtomicBool,
}

#[derive(Debug)]
struct Held {
    method: String,
    path: Template,
    why: String,
}

#[derive(Debug)]
struct Rule {
    method: String,
    path: Template,
    /// What is bounded; none is let through where this is absent.
    budget: Option<Budget>,
    spent: AtomicU32,
}

impl Door {
    /// A door with the rules of the settings; `surface` is what is left to the run.
    pub fn new(surface: &Surface, settings: &Settings) -> Self {
        let rule = |name: &str, budget: Option<&Budget>| {
            let (method, path) = name.split_once(' ')?;
            let (method, path) = (method.to_owned(), Template::new(path));
            Some(Rule { method, path, budget: budget.cloned(), spent: AtomicU32::new(0) })
        };
        let left_out = settings.left_out.iter().filter_map(|left| rule(&left.operation, None));
        let bounded = settings.budgets.iter().filter_map(|budget| rule(&budget.operation, Some(budget)));
        let rules: Vec<_> = left_out.chain(bounded).collect();
        let free = surface
            .operations
            .iter()
            .filter(|operation| !settings.budgets.iter().any(|budget| operation.is_named(&budget.operation)));
        let free = free.map(|operation| (operation.method.clone(), Template::new(&operation.path)));
        Self { free: free.collect(), rules, ..Self::default() }
    }

    /// Keeps an operation in until it is released.
    pub(crate) fn hold(&self, operation: &str, why: &str) {
        let Some((method, path)) = operation.split_once(' ') else { return };
        let held = Held {
            method: method.to_owned(),
            path: Template::new(path),
            why: format!("{operation} is in quarantine: {why}"),
        };
        self.held.write().unwrap_or_else(PoisonError::into_inner).push(held);
        self.is_holding.store(true, Ordering::Relaxed);
    }

    /// Lets an operation through again.
    pub(crate) fn release(&self, operation: &str) {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        held.retain(|held| format!("{} {}", held.method, held.path.path()) != operation);
        self.is_holding.store(!held.is_empty(), Ordering::Relaxed);
    }

    /// Lets a request through and counts it, or says why not; `target` is its path and query below the target.
    pub(super) fn pass(&self, method: &[u8], target: &[u8]) -> Result<(), String> {
        let is_holding = self.is_holding.load(Ordering::Relaxed);
        if self.rules.is_empty() && !is_holding {
            return Ok(());
        }
        let target = String::from_utf8_lossy(target);
        let path = target.split(['?', '#']).next().unwrap_or_default();
        let fits = |own: &str, template: &Template| own.as_bytes() == method && template.fits(path);
        if is_holding {
            let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
            let fitting = held.iter().filter(|held| fits(&held.method, &held.path));
            if let Some(held) = fitting.min_by_key(|held| held.path.parameters()) {
                let others = self.free.iter().filter(|(own, template)| fits(own, template));
                let closest = others.map(|(_, template)| template.parameters()).min();
                if closest.is_none_or(|closest| closest >= held.path.parameters()) {
                    return Err(held.why.clone());
                }
            }
        }
        let fitting = self.rules.iter().filter(|rule| fits(&rule.method, &rule.path));
        let Some(rule) = fitting.min_by_key(|rule| rule.path.parameters()) else { return Ok(()) };
        let free = self.free.iter().filter(|(own, template)| fits(own, template));
        if free.map(|(_, template)| template.parameters()).any(|free| free < rule.path.parameters()) {
            return Ok(());
        }
        let most = rule.budget.as_ref().map_or(0, |budget| budget.most);
        let taken = rule
            .spent
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |spent| (spent < most).then_some(spent + 1));
        taken.map(|_| ()).map_err(|_| rule.why())
    }

    /// Why nothing of this operation passes any more.
    pub(crate) fn closed(&self, operation: &str) -> Option<String> {
        let (method, path) = operation.split_once(' ')?;
        let rule = self.rules.iter().find(|rule| rule.method == method && rule.path.path() == path)?;
        let most = rule.budget.as_ref().map_or(0, |budget| budget.most);
        (rule.spent.load(Ordering::Relaxed) >= most).then(|| rule.why())
    }
}

impl Rule {
    fn why(&self) -> String {
        let name = format!("{} {}", self.method, self.path.path());
        match &self.budget {
            None => format!("{name} is left out of this run"),
            Some(budget) => {
                format!("{name} has effect = \"{}\": its budget of {} is spent", budget.effect, budget.most)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::LeftOut;
    use crate::surface::Operation;

    #[test]
    fn a_door_counts_what_it_bounds_and_keeps_what_is_left_out() {
        let operation = |path: &str| Operation {
            method: "POST".to_owned(),
            path: path.to_owned(),
            ..Operation::default()
        };
        let surface = Surface {
            operations: ["/otp", "/pay/now", "/orders"].map(operation).to_vec(),
            ..Surface::default()
        };
        let left_out = LeftOut { operation: "POST /pay/{way}".to_owned(), why: String::new() };
        let budget = Budget { operation: "POST /otp".to_owned(), effect: "message".to_owned(), most: 2 };
        let settings = Settings { left_out: vec![left_out], budgets: vec![budget], ..Settings::default() };
        let door = Door::new(&surface, &settings);
        let pass = |target: &str| door.pass(b"POST", target.as_bytes());
        assert_eq!(pass("/pay/card?x=1").unwrap_err(), "POST /pay/{way} is left out of this run");
        assert_eq!(pass("/pay/now"), Ok(()));
        assert_eq!(door.closed("POST /otp"), None);
        assert_eq!((pass("/otp"), pass("/otp/"), pass("/orders")), (Ok(()), Ok(()), Ok(())));
        assert_eq!(door.pass(b"GET", b"/otp"), Ok(()));
        let spent = "POST /otp has effect = \"message\": its budget of 2 is spent";
        assert_eq!(pass("/otp?again").unwrap_err(), spent);
        assert_eq!(door.closed("POST /otp").as_deref(), Some(spent));
    }

    #[test]
    fn what_is_held_is_kept_in_until_it_is_released() {
        let operation = |path: &str| Operation {
            method: "POST".to_owned(),
            path: path.to_owned(),
            ..Operation::default()
        };
        let operations = ["/notes/{id}", "/notes/all"].map(operation).to_vec();
        let surface = Surface { operations, ..Surface::default() };
        let door = Door::new(&surface, &Settings::default());
        assert_eq!(door.pass(b"POST", b"/notes/all"), Ok(()));
        door.hold("POST /notes/{id}", "it resets data");
        assert_eq!(door.pass(b"POST", b"/notes/all"), Ok(()), "that is another operation");
        assert_eq!(door.pass(b"GET", b"/notes/1"), Ok(()));
        let why = door.pass(b"POST", b"/notes/1?x=1").unwrap_err();
        assert_eq!(why, "POST /notes/{id} is in quarantine: it resets data");
        door.release("POST /notes/{id}");
        assert_eq!(door.pass(b"POST", b"/notes/1"), Ok(()));
    }
}
