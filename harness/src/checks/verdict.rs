//! Verdicts: what a trace proves.

use serde::{Deserialize, Serialize};

/// What a trace proves.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// The case is another check's.
    NotMine,
    /// The invariant held, and the attack was judged by the operation itself.
    Held,
    /// It was exercised, but proves nothing.
    Vacuous(String),
    /// The invariant was broken.
    Violated(Box<Violation>),
}

/// How an invariant was broken.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// Actor, verb, object: "bob reads alice's order".
    pub title: String,
    /// What happened, in one or two sentences.
    pub detail: String,
    /// What should have come.
    pub expected: String,
    /// What came.
    pub actual: String,
    /// What would show that this is no finding.
    pub falsified_by: String,
    /// How sure it is.
    pub confidence: Confidence,
    /// Facts that move the severity.
    pub facts: Vec<Fact>,
    /// How bad it is before the facts, where that is not the check's own severity.
    pub severity: Option<super::about::Severity>,
    /// What tells two causes apart.
    pub cause: Cause,
    /// The index of the step that shows it.
    pub step: usize,
    /// Lines of configuration that would settle it.
    pub rule: Option<String>,
}

/// How sure a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// Needs a statement of the owner.
    Suspected,
    /// Structure says so, no effect was seen.
    Likely,
    /// An effect, a canary, a computation or a policy says so, every time.
    Proven,
}

impl std::fmt::Display for Confidence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Suspected => "suspected",
            Self::Likely => "likely",
            Self::Proven => "proven",
        })
    }
}

/// A fact that moves the severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Fact {
    /// Nobody has to log in for it.
    Anonymous,
    /// Somebody else's data is shown.
    OthersData,
    /// State was changed.
    StateChanged,
    /// A secret is shown.
    SecretShown,
    /// A privilege is gained.
    PrivilegeGained,
    /// Any caller's identity can be taken.
    AnyIdentity,
    /// Only shows how the service is built.
    InternalsShown,
    /// No harm follows from it by itself.
    Formality,
}

/// What tells two causes of one symptom apart. No free text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Cause {
    /// The class of the outcome, such as `200` or `reset`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// What detected it, such as `rust-panic`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detector: Option<String>,
    /// The keys of the JSON answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shape: Option<String>,
    /// Where the service panicked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub panic: Option<String>,
}

impl Cause {
    /// Whether two causes may be one: a field that is absent on one side matches.
    pub fn matches(&self, other: &Self) -> bool {
        let same = |a: &Option<String>, b: &Option<String>| a.is_none() || b.is_none() || a == b;
        same(&self.outcome, &other.outcome)
            && same(&self.detector, &other.detector)
            && same(&self.shape, &other.shape)
            && same(&self.panic, &other.panic)
    }
}

impl Verdict {
    /// A vacuous verdict.
    pub fn vacuous(why: impl Into<String>) -> Self {
        Self::Vacuous(why.into())
    }

    /// The violation, if there is one.
    pub fn violation(&self) -> Option<&Violation> {
        match self {
            Self::Violated(violation) => Some(violation),
            _ => None,
        }
    }

    /// Its name in reports.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NotMine => "not-mine",
            Self::Held => "held",
            Self::Vacuous(_) => "vacuous",
            Self::Violated(_) => "violated",
        }
    }
}

impl Violation {
    /// A proven violation shown by the step at this index.
    pub fn new(step: usize, title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            detail: detail.into(),
            expected: String::new(),
            actual: String::new(),
            falsified_by: String::new(),
            confidence: Confidence::Proven,
            facts: Vec::new(),
            severity: None,
            cause: Cause::default(),
            step,
            rule: None,
        }
    }

    /// What should have come and what came.
    pub fn expected(mut self, expected: impl Into<String>, actual: impl Into<String>) -> Self {
        self.expected = expected.into();
        self.actual = actual.into();
        self
    }

    /// What would show that this is no finding.
    pub fn falsified_by(mut self, text: impl Into<String>) -> Self {
        self.falsified_by = text.into();
        self
    }

    /// How sure it is.
    pub fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    /// Facts that move the severity.
    pub fn facts(mut self, facts: impl IntoIterator<Item = Fact>) -> Self {
        self.facts.extend(facts);
        self
    }

    /// How bad it is before the facts, where that is not the check's own severity.
    pub fn severity(mut self, severity: super::about::Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// What detected it, and the class of the answer that shows it.
    pub fn cause(mut self, detector: impl Into<String>, exchange: &crate::trace::Exchange) -> Self {
        self.cause = Cause {
            outcome: exchange.status().map(|status| status.to_string()),
            detector: Some(detector.into()),
            shape: None,
            panic: exchange.panic.as_ref().and_then(|panic| panic.location.clone()),
        };
        self
    }

    /// The verdict.
    pub fn verdict(self) -> Verdict {
        Verdict::Violated(Box::new(self))
    }
}
