//! What is proven where, and for whom: operation × practice × identity.

use std::collections::BTreeMap;

use super::advice;
use super::model::{Cell, Coverage};
use crate::checks::{Practice, by_id};
use crate::finding::OperationName;

/// Sums the cells of the matrix up.
pub(crate) fn coverage(matrix: &[Cell]) -> Vec<Coverage> {
    let mut found: BTreeMap<(&OperationName, Practice, &str), Vec<&Cell>> = BTreeMap::new();
    for cell in matrix {
        let Some(check) = by_id(&cell.check) else { continue };
        let key = (&cell.operation, check.about().practice, cell.identity.as_str());
        found.entry(key).or_default().push(cell);
    }
    found
        .into_iter()
        .map(|((operation, practice, identity), cells)| {
            let count = |verdict: &str| cells.iter().filter(|cell| cell.verdict == verdict).count();
            let (held, violated) = (count("held"), count("violated"));
            let (vacuous, skipped) = (count("vacuous"), count("skipped"));
            let verdict = match (violated, held, vacuous) {
                (1.., ..) => "violated",
                (0, 1.., _) => "held",
                (0, 0, 1..) => "vacuous",
                (0, 0, 0) => "skipped",
            };
            Coverage {
                operation: operation.clone(),
                practice,
                identity: identity.to_owned(),
                verdict: verdict.to_owned(),
                held,
                violated,
                vacuous,
                skipped,
                enable: enable(&cells).to_owned(),
            }
        })
        .collect()
}

/// What would make most of the cells count that prove nothing.
fn enable(cells: &[&Cell]) -> &'static str {
    let mut ways: BTreeMap<&'static str, usize> = BTreeMap::new();
    for cell in cells.iter().filter(|cell| cell.verdict == "vacuous") {
        *ways.entry(advice(&cell.why)).or_default() += 1;
    }
    let most = ways.into_iter().max_by_key(|(_, count)| *count);
    most.map(|(way, _)| way).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(check: &str, identity: &str, verdict: &str, why: &str) -> Cell {
        Cell {
            check: check.to_owned(),
            operation: OperationName::of("GET /orders/{id}"),
            identity: identity.to_owned(),
            place: String::new(),
            verdict: verdict.to_owned(),
            why: why.to_owned(),
            requests: 1,
            cases: Vec::new(),
        }
    }

    #[test]
    fn cells_are_summed_by_practice_and_identity() {
        let only = "only safe methods are sent";
        let matrix = [
            cell("authz-object-read", "alice", "held", ""),
            cell("authz-function", "alice", "vacuous", only),
            cell("authz-function", "bob", "vacuous", only),
            cell("input-sqli-error", "alice", "violated", ""),
            cell("input-sqli-error", "alice", "held", ""),
            cell("input-json-depth", "alice", "skipped", "budget"),
        ];
        let told: Vec<_> = coverage(&matrix)
            .into_iter()
            .map(|row| {
                let cells = (row.held, row.violated, row.vacuous, row.skipped);
                (row.practice, row.identity, row.verdict, cells, row.enable)
            })
            .collect();
        let row = |practice, identity: &str, verdict: &str, cells, enable: &str| {
            (practice, identity.to_owned(), verdict.to_owned(), cells, enable.to_owned())
        };
        assert_eq!(
            told,
            [
                row(Practice::Authorization, "alice", "held", (1, 0, 1, 0), advice(only)),
                row(Practice::Authorization, "bob", "vacuous", (0, 0, 1, 0), advice(only)),
                row(Practice::InputValidation, "alice", "violated", (1, 1, 0, 1), ""),
            ]
        );
    }
}
