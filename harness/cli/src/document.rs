//! The OpenAPI document: from a file, or from the target.

use std::path::Path;
use std::sync::Arc;

use proofhouse::message::Outgoing;
use proofhouse::scope::{Scope, TargetUrl};
use proofhouse::surface::Surface;
use proofhouse::target::{How, HttpLane, Lane as _};
use proofhouse::wire::Limits;

use crate::error::Failure;

/// Where documents usually are.
const USUAL: &[&str] =
    &["/openapi.json", "/openapi.yaml", "/v3/api-docs", "/swagger/v1/swagger.json", "/api/openapi.json"];
/// The largest document that is taken from a target.
const LARGEST: usize = 32 << 20;

/// What is needed to ask the target.
pub(crate) struct Asked<'a> {
    pub(crate) target: &'a TargetUrl,
    pub(crate) scope: Arc<Scope>,
    pub(crate) tls: Arc<rustls::ClientConfig>,
}

/// Loads the document that was named, or looks where documents usually are.
pub(crate) fn load(named: Option<&str>, asked: &Asked<'_>) -> Result<Surface, Failure> {
    let surface = match named {
        Some(url) if url.starts_with("http://") || url.starts_with("https://") => fetch_url(url, asked)?,
        Some(file) => Surface::from_openapi_file(Path::new(file)).map_err(Failure::usage)?,
        None => discover(asked)?,
    };
    if surface.operations.is_empty() {
        let first = surface.broken.first().map(|broken| format!(" ({}: {})", broken.pointer, broken.reason));
        return Err(Failure::Usage(format!(
            "the document has no operation that can be used{}",
            first.unwrap_or_default()
        )));
    }
    Ok(surface)
}

fn fetch_url(url: &str, asked: &Asked<'_>) -> Result<Surface, Failure> {
    let parsed: TargetUrl =
        url.parse().map_err(|error| Failure::Usage(format!("--openapi {url}: {error}")))?;
    if parsed.origin() != asked.target.origin() {
        return Err(Failure::Usage(format!(
            "--openapi {url}: a document is only fetched from the target itself; save it to a file and name that"
        )));
    }
    let (status, text) = get(parsed.base(), asked)?;
    if status != 200 {
        return Err(Failure::Usage(format!("--openapi {url}: the target answered {status}")));
    }
    Surface::from_openapi_text(&text, url).map_err(Failure::usage)
}

fn discover(asked: &Asked<'_>) -> Result<Surface, Failure> {
    let base = asked.target.base().trim_end_matches('/');
    for path in USUAL {
        let (status, text) = get(&format!("{base}{path}"), asked)?;
        if status == 200
            && let Ok(surface) = Surface::from_openapi_text(&text, path)
        {
            return Ok(surface);
        }
    }
    Err(Failure::Usage(format!(
        "the target shows no OpenAPI document at the usual places ({}): name one with --openapi FILE",
        USUAL.join(", ")
    )))
}

fn get(path: &str, asked: &Asked<'_>) -> Result<(u16, String), Failure> {
    let limits = Limits { body: LARGEST, ..Limits::default() };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Environment(error.to_string()))?;
    let lane = HttpLane::new(asked.target, Arc::clone(&asked.scope), Arc::clone(&asked.tls), limits);
    let path = if path.is_empty() { "/" } else { path };
    let request = Outgoing::new("GET", path)
        .header("Host", asked.target.origin().authority())
        .header("User-Agent", proofhouse::USER_AGENT)
        .header("Accept", "application/json, application/yaml;q=0.9, */*;q=0.5");
    let delivered = runtime.block_on(lane.send(&request, How::default()));
    match delivered.delivery.outcome.answer() {
        Some(answer) if answer.cut => {
            Err(Failure::Usage(format!("{path}: the document is larger than {} MiB", LARGEST >> 20)))
        }
        Some(answer) => Ok((answer.status, String::from_utf8_lossy(&answer.body).into_owned())),
        None => Err(Failure::Unreachable(format!(
            "{}: {}",
            asked.target.origin().authority(),
            delivered.delivery.outcome
        ))),
    }
}
