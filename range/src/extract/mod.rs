//! Extractors that accept what the document describes, and nothing else.

mod json;
mod path;
mod query;
mod text;

pub(crate) use json::{Json, Object, present};
pub(crate) use path::Id;
pub(crate) use query::QueryReader;
pub(crate) use text::plain_text;
