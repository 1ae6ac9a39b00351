//! Operations from samples: requests that were recorded or written down, and their answers where there are some.
//!
//! A recording, a collection and a list of requests come to the same: [`Sample`]s. They are filtered, folded into
//! path templates, and written as a document of OpenAPI 3.2 that the one loader reads. Credentials are seen only to
//! know how they travel; no value of theirs gets into a surface.

mod answer;
mod body;
mod build;
mod credentials;
mod filter;
mod fold;
mod formats;
mod media;
mod operation;
mod secret;
mod segment;
mod shape;
mod url;
mod variables;

pub(super) use body::{Content, Field, Payload};
pub(super) use build::surface;
pub(super) use url::{Segment, Url};
pub(super) use variables::Variables;

/// Samples of one file.
pub(super) const MAX_SAMPLES: usize = 100_000;

/// One request, and its answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Sample {
    /// Where it stands: a JSON pointer, or `line 12`.
    pub(super) pointer: String,
    pub(super) method: String,
    pub(super) url: Url,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<Content>,
    pub(super) answer: Option<Answer>,
    /// What it is called.
    pub(super) summary: String,
    pub(super) tags: Vec<String>,
    /// The schemes that its author says it needs: a name, and the scheme as OpenAPI writes it.
    pub(super) security: Option<Vec<(String, serde_json::Value)>>,
    /// Sent by a program of the page, and not by the browser itself.
    pub(super) scripted: bool,
}

/// What was answered.
#[derive(Clone, Debug, Default)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) media_type: Option<String>,
    /// The body, where it is text.
    pub(super) text: Option<String>,
}

/// The first header of this name.
pub(super) fn header<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    let found = headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

/// A media type without its parameters, in lower case; `None` when it is none.
pub(super) fn essence(media_type: &str) -> Option<String> {
    let plain = media_type.split([';', ',']).next().unwrap_or_default().trim().to_ascii_lowercase();
    let good = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_graphic());
    plain.split_once('/').is_some_and(|(kind, subtype)| good(kind) && good(subtype)).then_some(plain)
}
