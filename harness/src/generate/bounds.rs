//! What the user said of single operations: left out, bounded, or dangerous.

use crate::surface::Operation;

/// An operation that the run leaves alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The operation, `METHOD /template`.
    pub operation: String,
    /// Who said so.
    pub why: String,
}

/// An operation that is sent a few times only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// The operation, `METHOD /template`.
    pub operation: String,
    /// What it does to people: `message`, `payment`, or what else is bounded.
    pub effect: String,
    /// How often it is sent in the whole run, at most.
    pub most: u32,
}

/// Which operations are meant: `METHOD glob`, `tag:NAME` or `id:NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OperationPattern {
    /// Method and path template; `*` within a segment, `**` across segments.
    Path(String),
    /// A tag of the document.
    Tag(String),
    /// An `operationId` of the document.
    Id(String),
}

impl OperationPattern {
    /// Reads a pattern; the error says how one is written.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let named = |name: &str| (!name.is_empty()).then(|| name.to_owned());
        let pattern = match (text.strip_prefix("tag:"), text.strip_prefix("id:")) {
            (Some(name), _) => named(name).map(Self::Tag),
            (_, Some(name)) => named(name).map(Self::Id),
            _ => {
                let path = text.split_once(' ').map_or(text, |(_, path)| path).trim();
                path.starts_with(['/', '*']).then(|| Self::Path(text.to_owned()))
            }
        };
        pattern.ok_or_else(|| {
            format!("`{text}`: a pattern is written `METHOD /path/**`, `/path/*`, `tag:NAME` or `id:NAME`")
        })
    }

    /// Whether an operation is meant.
    pub fn covers(&self, operation: &Operation) -> bool {
        match self {
            Self::Path(pattern) => super::matches_name(pattern, &operation.method, &operation.path),
            Self::Tag(name) => operation.tags.iter().any(|tag| tag == name),
            Self::Id(name) => operation.operation_id.as_ref() == Some(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_meant_by_path_by_tag_and_by_name() {
        let operation = Operation {
            method: "POST".to_owned(),
            path: "/orders/{id}/items".to_owned(),
            operation_id: Some("addItem".to_owned()),
            tags: vec!["orders".to_owned(), "write".to_owned()],
            ..Operation::default()
        };
        let covers = |text: &str| OperationPattern::parse(text).expect(text).covers(&operation);
        assert!(
            ["POST /orders/**", "* /orders/*/items", "/orders/**", "tag:write", "id:addItem"]
                .map(covers)
                .iter()
                .all(|yes| *yes)
        );
        assert!(
            ["GET /orders/**", "POST /orders/*", "tag:Write", "id:add"].map(covers).iter().all(|yes| !*yes)
        );
        for text in ["", "tag:", "id:", "POST", "POST orders"] {
            assert!(OperationPattern::parse(text).is_err(), "{text}");
        }
    }
}
