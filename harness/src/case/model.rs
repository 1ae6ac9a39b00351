//! The case itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::request::Request;
use super::step::{ANONYMOUS, Step};
use super::value::Value;
use crate::surface::{Operation, RateLimit};

/// The version of the case format that this build writes. `corpora/FORMAT.md` tells what each version means.
pub const FORMAT_VERSION: u32 = 1;

/// One to n steps, and all that judging them needs. Names no host, command, file or secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The format version.
    pub format: u32,
    /// The check that judges the case.
    pub check: String,
    /// The attacked operation, `METHOD /template`, or `*` for a conclusion over several.
    pub operation: String,
    /// The attacked input, such as `query:q`; empty when the whole request is the attack.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub place: String,
    /// The class of the payload, such as `string-and`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub class: String,
    /// What judging needs to know of the operations.
    pub operations: Vec<Arc<Excerpt>>,
    /// The identities that the steps name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identities: Vec<IdentityNeed>,
    /// Valid requests, by name.
    pub bases: Vec<Base>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// What the check wrote down for its judge: declared limits, where privacy is known from.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub facts: Map<String, Json>,
}

/// What judging needs to know of an operation, so that a case can be judged without its document.
#[derive(Clone, Default, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Excerpt {
    /// `METHOD /template`
    pub name: String,
    /// Documented media types by documented status.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub responses: BTreeMap<String, Vec<String>>,
    /// Whether the document asks for a credential; absent when it is silent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs_credential: Option<bool>,
    /// The declared limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<RateLimit>,
}

/// An identity that a case needs, by the name it had in the run that wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityNeed {
    /// Its name.
    pub name: String,
    /// Its role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

/// A valid request that steps begin from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Base {
    /// Its name within the case.
    pub name: String,
    /// The operation, `METHOD /template`.
    pub operation: String,
    /// The request.
    pub request: Request,
}

impl Case {
    /// An empty case of a check on an operation.
    pub fn new(check: impl Into<String>, operation: impl Into<String>) -> Self {
        Self {
            format: FORMAT_VERSION,
            check: check.into(),
            operation: operation.into(),
            place: String::new(),
            class: String::new(),
            operations: Vec::new(),
            identities: Vec::new(),
            bases: Vec::new(),
            steps: Vec::new(),
            facts: Map::new(),
        }
    }

    /// The step of this name.
    pub fn step(&self, name: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.name == name)
    }

    /// The index of the step of this name.
    pub fn step_index(&self, name: &str) -> Option<usize> {
        self.steps.iter().position(|step| step.name == name)
    }

    /// The baseline of this name.
    pub fn base(&self, name: &str) -> Option<&Base> {
        self.bases.iter().find(|base| base.name == name)
    }

    /// The excerpt of this operation.
    pub fn excerpt(&self, operation: &str) -> Option<&Excerpt> {
        self.operations.iter().find(|excerpt| excerpt.name == operation).map(|excerpt| &**excerpt)
    }

    /// The operation that a step sends to.
    pub fn operation_of(&self, step: &Step) -> Option<&str> {
        Some(self.base(&step.request()?.base)?.operation.as_str())
    }

    /// Notes an operation's excerpt, once.
    pub fn note_operation(&mut self, operation: &Operation) {
        if !self.operations.iter().any(|excerpt| operation.is_named(&excerpt.name)) {
            self.operations.push(Arc::new(Excerpt::of(operation)));
        }
    }

    /// Notes the identities that the steps name, with their roles, in the order of use.
    pub fn note_identities(&mut self, role_of: impl Fn(&str) -> Option<String>) {
        for step in &self.steps {
            let known = self.identities.iter().any(|need| need.name == step.identity);
            if step.identity != ANONYMOUS && !known {
                self.identities
                    .push(IdentityNeed { name: step.identity.clone(), role: role_of(&step.identity) });
            }
        }
    }

    /// Calls `visit` with every value of the case.
    pub fn each_value<'a>(&'a self, visit: &mut dyn FnMut(&'a Value)) {
        self.bases.iter().for_each(|base| base.request.each_value(visit));
        for step in &self.steps {
            match &step.act {
                super::step::Act::Request(send) => {
                    send.edits.iter().filter_map(super::edit::Edit::value).for_each(&mut *visit);
                }
                super::step::Act::Raw(value) => visit(value),
                _ => {}
            }
        }
    }
}

/// What a document declares for a status: the entry of the status itself, of its class, or the default
/// (OpenAPI 3.1, "Responses Object").
pub(crate) fn declared_for<T>(responses: &BTreeMap<String, T>, status: u16) -> Option<&T> {
    // Asked for every answer: nothing is made for it.
    let number = |key: &str| key.parse() == Ok(status);
    let class = |key: &str| {
        let digit = key.strip_suffix("XX").or_else(|| key.strip_suffix("xx"));
        digit.is_some_and(|digit| digit.parse() == Ok(status / 100))
    };
    let find =
        |wanted: &dyn Fn(&str) -> bool| responses.iter().find(|(key, _)| wanted(key)).map(|(_, entry)| entry);
    find(&number).or_else(|| find(&class)).or_else(|| responses.get("default"))
}

impl Excerpt {
    /// The documented media types of an answer with this status; `None` when the document does not name the status.
    pub fn media_types(&self, status: u16) -> Option<&[String]> {
        declared_for(&self.responses, status).map(Vec::as_slice)
    }

    /// The excerpt of an operation of a surface.
    pub fn of(operation: &Operation) -> Self {
        let media_types = |response: &crate::surface::Response| response.content.keys().cloned().collect();
        Self {
            name: operation.name(),
            responses: operation
                .responses
                .iter()
                .map(|(status, r)| (status.clone(), media_types(r)))
                .collect(),
            needs_credential: operation.needs_credential(),
            rate_limit: operation.rate_limit.clone(),
        }
    }
}
