//! The door: operations that are left out of a run, and those that may be sent a few times only.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::generate::{Budget, Settings};
use crate::surface::{Surface, Template};

/// What every request passes on its way out. What an edit makes of a request counts, not what it was drawn from.
#[derive(Debug, Default)]
pub struct Door {
    rules: Vec<Rule>,
    /// Operations without a rule: a request that is one of these more exactly is none of the rules'.
    free: Vec<(String, Template)>,
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
        Self { free: if rules.is_empty() { Vec::new() } else { free.collect() }, rules }
    }

    /// Lets a request through and counts it, or says why not; `target` is its path and query below the target.
    pub(super) fn pass(&self, method: &[u8], target: &[u8]) -> Result<(), String> {
        if self.rules.is_empty() {
            return Ok(());
        }
        let target = String::from_utf8_lossy(target);
        let path = target.split(['?', '#']).next().unwrap_or_default();
        let fits = |own: &str, template: &Template| own.as_bytes() == method && template.fits(path);
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
}
