//! Answers by status, with what their bodies have in common.

use indexmap::IndexMap;
use serde_json::{Map, Value as Json, json};

use super::secret::Secrets;
use super::shape::{Keep, Shape};
use super::{Answer, essence};
use crate::surface::openapi::is_json;

/// `responses` of an operation. Values of answers are not kept: they are somebody's data, and nothing is sent of them.
pub(super) fn responses<'s>(answers: impl Iterator<Item = &'s Answer>, secrets: &Secrets) -> Json {
    let mut found: IndexMap<u16, IndexMap<String, (Shape, usize)>> = IndexMap::new();
    for answer in answers {
        // Cached, aborted, or no status at all: they say nothing of the operation.
        if !(200..600).contains(&answer.status) || answer.status == 304 {
            continue;
        }
        let content = found.entry(answer.status).or_default();
        let text = answer.text.as_deref().filter(|text| !text.trim().is_empty());
        let media_type = answer.media_type.as_deref().and_then(essence);
        let Some((media_type, text)) = media_type.zip(text) else { continue };
        let (shape, seen) = content.entry(media_type.clone()).or_default();
        if let Some(json) = is_json(&media_type).then(|| serde_json::from_str::<Json>(text).ok()).flatten() {
            shape.add(&json, Keep { secrets, examples: false });
            *seen += 1;
        }
    }
    let mut out = Map::new();
    for (status, content) in found {
        let mut media = Map::new();
        for (media_type, (shape, seen)) in content {
            // One answer shows what may be there, and not what must be.
            let schema = (seen > 0).then(|| json!({"schema": shape.schema(seen > 1)}));
            media.insert(media_type, schema.unwrap_or_else(|| json!({})));
        }
        out.insert(status.to_string(), json!({"content": media}));
    }
    Json::Object(out)
}
