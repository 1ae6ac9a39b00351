//! The report as data. Adding a field raises the minor version; a reader ignores what it does not know.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::checks::Practice;
use crate::finding::{Finding, OperationName};

/// The version of the report's format.
pub const SCHEMA_VERSION: &str = "1.2";

/// What a run says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// The version of this format.
    pub schema_version: String,
    /// Which proofhouse.
    pub tool: Tool,
    /// What was attacked.
    pub target: String,
    /// The seed that gives the same cases again.
    pub seed: u64,
    /// When it began (RFC 3339, UTC).
    pub started: String,
    /// When it ended (RFC 3339, UTC).
    pub finished: String,
    /// How many requests were sent.
    pub requests: u64,
    /// How many a second.
    pub requests_per_second: f64,
    /// Where it ran.
    pub environment: Environment,
    /// A hash of what was configured, secrets left out.
    pub config_digest: String,
    /// Practice by practice.
    pub practices: Vec<PracticeSummary>,
    /// What was found.
    pub findings: Vec<Finding>,
    /// Operation by operation.
    pub operations: Vec<OperationSummary>,
    /// Operation × check × identity.
    pub matrix: Vec<Cell>,
    /// What is proven where, and for whom: the matrix summed up by practice. Since 1.2.
    #[serde(default)]
    pub coverage: Vec<Coverage>,
    /// Figures over time.
    pub series: Vec<serde_json::Value>,
    /// What was exercised but proves nothing.
    pub vacuous: Vec<Vacuous>,
    /// What was not exercised, and what would enable it.
    pub skipped: Vec<Skipped>,
    /// The identities, and whether they worked at the start and at the end.
    pub identities: Vec<IdentitySummary>,
    /// How the run came by accounts of its own, or why it made none; empty where enough were given.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub accounts: String,
    /// How long all workers together waited because the target asked for it (429), in seconds. Since 1.1.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub waited_seconds: f64,
    /// How many ways of answering the run met. Since 1.1.
    #[serde(default)]
    pub behaviours: Behaviours,
    /// What the run made and did not take away. Since 1.1.
    #[serde(default, skip_serializing_if = "LeftBehind::is_nothing")]
    pub left_behind: LeftBehind,
    /// Operations that the run was told to leave alone. Since 1.1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
}

// serde hands this a reference.
#[expect(clippy::trivially_copy_pass_by_ref)]
fn is_nothing(seconds: &f64) -> bool {
    *seconds <= 0.0
}

/// Which proofhouse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tool {
    /// `proofhouse`
    pub name: String,
    /// Its version.
    pub version: String,
}

/// Where a run took place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Environment {
    /// How many workers sent.
    pub workers: usize,
    /// Requests under way at once, at most, where they were bounded: by the user, or because the target slowed down or
    /// failed under more. Since 1.2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_once: Option<usize>,
    /// `http`, `range` (the embedded one) or `service`.
    pub kind: String,
    /// What the document calls itself.
    pub document: String,
}

/// Behaviours that exploring met: an operation, a status, the shape of the body and the names of the header fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Behaviours {
    /// Met for the first time, as far as the corpora tell.
    pub new: u64,
    /// Known from earlier runs.
    pub known: u64,
}

/// What a run made and did not take away: `ledger.jsonl` beside the report lists it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LeftBehind {
    /// Objects in all.
    pub objects: u64,
    /// Objects among them that no operation of the document deletes.
    pub without_delete: u64,
}

impl LeftBehind {
    /// Whether nothing was left behind.
    pub fn is_nothing(&self) -> bool {
        self.objects == 0
    }
}

impl From<crate::ledger::Summary> for LeftBehind {
    fn from(summary: crate::ledger::Summary) -> Self {
        Self { objects: summary.objects, without_delete: summary.without }
    }
}

/// An operation that the run was told to leave alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LeftOut {
    /// The operation.
    pub operation: OperationName,
    /// Who said so.
    pub reason: String,
}

/// A practice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PracticeSummary {
    /// Its id.
    pub id: Practice,
    /// Its name for people.
    pub title: String,
    /// `held`, `violated`, `vacuous` or `skipped`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["held", "violated", "vacuous", "skipped"])))]
    pub verdict: String,
    /// Cells that are held or violated.
    pub proven: usize,
    /// Cells in all.
    pub applicable: usize,
    /// Figures that belong to it.
    pub figures: BTreeMap<String, f64>,
    /// Its checks.
    pub checks: Vec<CheckSummary>,
}

/// A check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CheckSummary {
    /// Its id.
    pub id: String,
    /// `held`, `violated`, `vacuous` or `skipped`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["held", "violated", "vacuous", "skipped"])))]
    pub verdict: String,
    /// Requests that were sent for it.
    pub requests: u64,
    /// The operations where it is held or violated.
    pub operations: Vec<String>,
    /// Cells by verdict.
    pub cells: BTreeMap<String, usize>,
}

/// An operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OperationSummary {
    /// The method.
    pub method: String,
    /// The path template.
    pub path: String,
    /// Requests that were sent to it.
    pub requests: u64,
    /// Requests among them that were sent as the document says, with nothing changed. Since 1.1.
    #[serde(default)]
    pub valid: u64,
    /// Valid ones among them that were answered with a success. Since 1.1.
    #[serde(default)]
    pub granted: u64,
    /// Answers by status; `none` for no answer.
    pub statuses: BTreeMap<String, u64>,
    /// Whether a valid request was granted to anybody.
    pub reached: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// One cell: a check on a subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Cell {
    /// The check.
    pub check: String,
    /// The operation.
    pub operation: OperationName,
    /// The identity.
    pub identity: String,
    /// The input.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub place: String,
    /// `held`, `violated`, `vacuous` or `skipped`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["held", "violated", "vacuous", "skipped"])))]
    pub verdict: String,
    /// Why it proves nothing, or was skipped.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// Requests that it cost.
    pub requests: u64,
    /// Digests of the cases, when they are recorded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<String>,
}

/// What is proven of an operation in one practice, for one identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Coverage {
    /// The operation; `* *` for what is about the whole target.
    pub operation: OperationName,
    /// The practice.
    pub practice: Practice,
    /// The identity; `*` for whoever sent.
    pub identity: String,
    /// The gravest of its cells: `violated`, `held`, `vacuous` or `skipped`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["held", "violated", "vacuous", "skipped"])))]
    pub verdict: String,
    /// Cells that are held.
    pub held: usize,
    /// Cells that are violated.
    pub violated: usize,
    /// Cells that prove nothing.
    pub vacuous: usize,
    /// Cells that were not tried.
    pub skipped: usize,
    /// What would make most of the vacuous ones count.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub enable: String,
}

/// What was exercised but proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Vacuous {
    /// The check.
    pub check: String,
    /// Why.
    pub reason: String,
    /// What would make these cells count. Since 1.1.
    #[serde(default)]
    pub enable: String,
    /// On how many cells.
    pub cells: usize,
    /// Some of the operations.
    pub operations: Vec<String>,
}

/// What was not exercised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Skipped {
    /// The check.
    pub check: String,
    /// Why.
    pub reason: String,
    /// What would enable it.
    pub enable: String,
}

/// An identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IdentitySummary {
    /// Its name.
    pub name: String,
    /// Its role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// How many operations granted it a valid request at the start.
    pub granted: usize,
    /// Whether it still works at the end.
    pub alive_at_end: bool,
    /// What went wrong.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}
