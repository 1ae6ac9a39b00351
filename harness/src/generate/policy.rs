//! Who may do what: the policy that the user states.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::world::{World, matches};
use crate::case::{Edit, Place};

/// Who may do what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// What holds where no rule says anything.
    #[serde(default)]
    pub default: Stance,
    /// The rules.
    #[serde(default)]
    pub rules: Vec<Rule>,
}

/// What holds where no rule says anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stance {
    /// It is inferred, reported as suspected, and the rule to paste is printed.
    #[default]
    Ask,
    /// A role that has rules may do what they name, and nothing else.
    Deny,
    /// Everybody may do what no rule denies them.
    Allow,
}

/// What one role may do; patterns are `METHOD glob`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The role.
    pub role: String,
    /// Everything here is theirs to do.
    #[serde(default)]
    pub allow: Vec<String>,
    /// What is theirs alone is theirs to do.
    #[serde(default)]
    pub own: Vec<String>,
    /// Nothing here is theirs to do.
    #[serde(default)]
    pub deny: Vec<String>,
    /// Members that no answer shows to them, by name, at any depth.
    #[serde(default)]
    pub hidden_fields: Vec<String>,
    /// Only requests that carry all of this are meant.
    #[serde(default)]
    pub when: When,
}

/// What a request must carry for a rule to be about it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// Header fields and their values.
    #[serde(default)]
    pub header: BTreeMap<String, String>,
    /// Query parameters and their values.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
}

impl When {
    /// Whether it asks for nothing: the rule is about every request.
    pub fn is_always(&self) -> bool {
        self.header.is_empty() && self.query.is_empty()
    }

    /// What makes a request one that the rule is about.
    pub fn edits(&self) -> Vec<Edit> {
        let headers = self.header.iter().map(|(name, value)| (Place::Header(name.clone()), value));
        let query = self.query.iter().map(|(name, value)| (Place::Query(name.clone()), value));
        headers.chain(query).map(|(place, value)| Edit::set(place, value.as_str())).collect()
    }
}

impl World {
    /// Whether the policy says that what an identity may do here, it may do only to what is its own.
    pub fn is_declared_own(&self, operation: usize, identity: &str) -> bool {
        self.is_named(operation, identity, |rule| &rule.own)
    }

    /// Whether the policy says that an identity may do this to anybody's objects.
    pub fn is_declared_shared(&self, operation: usize, identity: &str) -> bool {
        self.is_named(operation, identity, |rule| &rule.allow)
            || (self.settings.policy.default == Stance::Allow
                && !self.is_declared_own(operation, identity)
                && !self.is_declared_denied(operation, identity))
    }

    /// Whether the policy says that an identity may not do this.
    pub fn is_declared_denied(&self, operation: usize, identity: &str) -> bool {
        self.is_named(operation, identity, |rule| &rule.deny)
            || (self.settings.policy.default == Stance::Deny
                && self.rules(identity).next().is_some()
                && !self.is_named(operation, identity, |rule| &rule.allow)
                && !self.is_named(operation, identity, |rule| &rule.own))
    }

    /// What an identity's requests must carry for the policy to deny them, where without it they are not denied.
    pub fn denied_when(&self, operation: usize, identity: &str) -> Option<&When> {
        if self.is_declared_denied(operation, identity) {
            return None;
        }
        let conditional = self.rules(identity).filter(|rule| !rule.when.is_always());
        let operation = self.operation(operation);
        let mut denying =
            conditional.filter(|rule| rule.deny.iter().any(|pattern| matches(pattern, operation)));
        denying.next().map(|rule| &rule.when)
    }

    /// The members that the policy hides from an identity, each with what its requests must carry for that.
    pub fn hidden_fields(&self, identity: &str) -> Vec<(&str, &When)> {
        let rules = self.rules(identity);
        rules.flat_map(|rule| rule.hidden_fields.iter().map(|name| (name.as_str(), &rule.when))).collect()
    }

    fn is_named(&self, operation: usize, identity: &str, list: impl Fn(&Rule) -> &Vec<String>) -> bool {
        let operation = self.operation(operation);
        let rules = self.rules(identity).filter(|rule| rule.when.is_always());
        rules.flat_map(list).any(|pattern| matches(pattern, operation))
    }

    fn rules(&self, identity: &str) -> impl Iterator<Item = &Rule> {
        let role = self.profile(identity).and_then(|profile| profile.role.as_deref());
        self.settings.policy.rules.iter().filter(move |rule| Some(rule.role.as_str()) == role)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::generate::{Profile, Settings};
    use crate::surface::{Operation, Surface};

    fn world(default: Stance, rules: Vec<Rule>) -> World {
        let operation = |path: &str| Operation { path: path.to_owned(), ..Operation::default() };
        let operations = ["/menu", "/orders/{id}", "/reports"]
            .map(operation)
            .map(|operation| Operation { method: "GET".to_owned(), ..operation });
        let profile =
            Profile { name: "alice".to_owned(), role: Some("customer".to_owned()), ..Profile::default() };
        World {
            surface: Arc::new(Surface { operations: operations.into(), ..Surface::default() }),
            profiles: vec![profile, Profile { name: "nameless".to_owned(), ..Profile::default() }],
            settings: Settings { policy: Policy { default, rules }, ..Settings::default() },
            ..World::default()
        }
    }

    fn rule() -> Rule {
        Rule {
            role: "customer".to_owned(),
            allow: vec!["GET /menu".to_owned()],
            own: vec!["* /orders/**".to_owned()],
            ..Rule::default()
        }
    }

    #[test]
    fn what_no_rule_names_is_asked_denied_or_allowed() {
        let asks = world(Stance::Ask, vec![rule()]);
        assert!(!asks.is_declared_denied(2, "alice") && !asks.is_declared_shared(2, "alice"));
        let denies = world(Stance::Deny, vec![rule()]);
        assert!(denies.is_declared_denied(2, "alice"));
        assert!(!denies.is_declared_denied(0, "alice") && !denies.is_declared_denied(1, "alice"));
        assert!(!denies.is_declared_denied(2, "nameless"), "nobody said anything of it");
        let allows = world(Stance::Allow, vec![rule()]);
        assert!(allows.is_declared_shared(2, "alice") && allows.is_declared_shared(2, "nameless"));
        assert!(!allows.is_declared_shared(1, "alice"), "own is not everybody's");
    }

    #[test]
    fn a_rule_with_a_condition_is_about_requests_that_carry_it() {
        let region =
            When { header: BTreeMap::from([("X-Region".to_owned(), "us".to_owned())]), ..When::default() };
        let narrow = Rule {
            role: "customer".to_owned(),
            deny: vec!["GET /reports".to_owned()],
            when: region.clone(),
            ..Rule::default()
        };
        let narrowed = world(Stance::Ask, vec![rule(), narrow.clone()]);
        assert!(!narrowed.is_declared_denied(2, "alice"));
        assert_eq!(narrowed.denied_when(2, "alice"), Some(&region));
        assert_eq!(narrowed.denied_when(0, "alice"), None);
        let whole = Rule { when: When::default(), ..narrow.clone() };
        assert_eq!(world(Stance::Ask, vec![narrow, whole]).denied_when(2, "alice"), None, "denied anyhow");
        assert_eq!(region.edits(), [Edit::set(Place::Header("X-Region".to_owned()), "us")]);
    }
}
