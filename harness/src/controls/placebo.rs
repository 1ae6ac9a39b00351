//! P2, the placebo: harmless text of the attack's length, in the attack's place.

use crate::case::{Edit, Fresh, FreshKind, Place, Value};

/// An edit that appends as many random letters and digits as the attack appends bytes.
pub fn placebo(at: Place, length: usize, name: &str) -> Edit {
    let length = u32::try_from(length.max(1)).ok();
    let fresh = Fresh { name: name.to_owned(), kind: FreshKind::Alphanumeric, max: length, min: length };
    Edit::append(at, Value::dynamic(crate::case::Dynamic::Fresh(fresh))).labelled("placebo")
}
