//! Labels: text in a buffer of fixed size, behind what the flags put in front of it.

use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::answer::Refusal;

/// What a printer takes.
const BUFFER: usize = 768;
/// The columns of a row.
const COLUMNS: usize = 32;

/// What is asked for.
#[derive(Debug, Deserialize)]
pub(crate) struct Label {
    text: String,
    format: Format,
    #[serde(default)]
    fragile: bool,
    #[serde(default)]
    insured: bool,
    #[serde(default)]
    chilled: bool,
    #[serde(default)]
    express: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Format {
    Small,
    Medium,
    Large,
}

/// How large the label is.
pub(crate) fn print(label: &Label) -> Result<Json, Refusal> {
    let text = label.text.as_bytes();
    if text.len() > BUFFER {
        return Err(Refusal(StatusCode::PAYLOAD_TOO_LARGE, "that is too much for a label"));
    }
    let mut buffer = [b' '; BUFFER];
    let prefix = prefix(label);
    // Nobody looked again at what both need together.
    buffer[..prefix.len()].copy_from_slice(prefix);
    buffer[prefix.len()..prefix.len() + text.len()].copy_from_slice(text);
    let bytes = prefix.len() + text.len();
    Ok(json!({"bytes": bytes, "rows": bytes.div_ceil(COLUMNS)}))
}

/// What stands in front of the text. One combination of flags has one.
fn prefix(label: &Label) -> &'static [u8] {
    if label.format != Format::Large {
        return b"";
    }
    if !label.chilled {
        return b"";
    }
    if !label.insured || label.fragile {
        return b"";
    }
    if label.express { b"!!" } else { b"" }
}
