//! Rules that are about requests which carry something: what is sent for them, and that it was sent.

use serde_json::{Value as Json, json};

use crate::case::{Case, Edit, Step};
use crate::generate::When;

const FACT: &str = "when";

/// Notes what an attack must carry to be one, and gives the edits that make it so.
pub(super) fn demand<'w>(case: &mut Case, conditions: impl IntoIterator<Item = &'w When>) -> Vec<Edit> {
    let edits: Vec<Edit> = conditions.into_iter().flat_map(When::edits).collect();
    if !edits.is_empty() {
        case.facts.insert(FACT.to_owned(), json!(edits));
    }
    edits
}

/// Whether a step carries all that the case demands, and whether that is all that it carries.
pub(super) fn is_met(case: &Case, step: &Step) -> (bool, bool) {
    let edits: Vec<Json> =
        step.request().into_iter().flat_map(|send| &send.edits).map(|edit| json!(edit)).collect();
    let demanded = case.facts.get(FACT).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    (demanded.iter().all(|edit| edits.contains(edit)), edits.len() == demanded.len())
}
