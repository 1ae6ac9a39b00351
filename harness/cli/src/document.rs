//! What describes the API: files, or a document of the target.

use std::path::Path;
use std::sync::Arc;

use proofhouse::message::Outgoing;
use proofhouse::scope::{Scheme, Scope, TargetUrl};
use proofhouse::surface::Surface;
use proofhouse::target::{How, HttpLane, Lane as _};
use proofhouse::wire::{Limits, Proxy};

use crate::error::Failure;

/// Where documents usually are: frameworks' defaults first. No more, because each is a request.
const USUAL: &[&str] = &[
    "/openapi.json",
    "/openapi.yaml",
    "/openapi.yml",
    "/openapi",
    "/v3/api-docs",
    "/v3/api-docs.yaml",
    "/swagger/v1/swagger.json",
    "/swagger.json",
    "/swagger.yaml",
    "/swagger/doc.json",
    "/api/openapi.json",
    "/api/openapi.yaml",
    "/api/openapi",
    "/api/swagger.json",
    "/api/schema/",
    "/api/schema",
    "/api/v1/openapi.json",
    "/api/docs-json",
    "/api-json",
    "/api-docs",
    "/api-docs/openapi.json",
    "/docs/openapi.json",
    "/docs/json",
    "/documentation/json",
    "/schema/openapi.json",
    "/q/openapi",
    "/.well-known/openapi.json",
];
/// How long to wait before each of them, on other machines.
const PACE: std::time::Duration = std::time::Duration::from_millis(200);
/// The largest document that is taken from a target.
const LARGEST: usize = 32 << 20;

/// What is needed to ask the target.
pub(crate) struct Asked<'a> {
    pub(crate) target: &'a TargetUrl,
    pub(crate) scope: Arc<Scope>,
    pub(crate) tls: Arc<rustls::ClientConfig>,
    pub(crate) proxy: Option<Proxy>,
}

/// A surface, and where what describes it was.
pub(crate) struct Found {
    pub(crate) surface: Surface,
    pub(crate) places: Vec<String>,
}

/// What a document's place answered.
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) text: String,
}

/// Loads what was named, the first before the later ones, or looks where documents usually are.
pub(crate) fn load(named: &[String], asked: &Asked<'_>) -> Result<Found, Failure> {
    let base = asked.target.base().trim_end_matches('/');
    let mut all: Option<Surface> = None;
    for name in named {
        let mut one = match name {
            url if url.starts_with("http://") || url.starts_with("https://") => fetch_url(url, asked)?,
            file => Surface::from_file(Path::new(file)).map_err(Failure::usage)?,
        };
        if !base.is_empty() {
            one = one.at_base(base);
        }
        if named.len() > 1 {
            one.broken.iter_mut().for_each(|broken| broken.pointer = format!("{name}#{}", broken.pointer));
        }
        all = Some(match all {
            Some(first) => first.merge(one),
            None => one,
        });
    }
    let (surface, places) = match all {
        Some(surface) => (surface, named.to_vec()),
        None => discover(asked).map(|(surface, place)| (surface, vec![place]))?,
    };
    if surface.operations.is_empty() {
        let first = surface.broken.first().map(|broken| format!(" ({}: {})", broken.pointer, broken.reason));
        return Err(Failure::Usage(format!(
            "{} no operation that can be used{}",
            if places.len() == 1 { "the document has" } else { "the documents have" },
            first.unwrap_or_default()
        )));
    }
    Ok(Found { surface, places })
}

fn fetch_url(url: &str, asked: &Asked<'_>) -> Result<Surface, Failure> {
    let parsed: TargetUrl =
        url.parse().map_err(|error| Failure::Usage(format!("--openapi {url}: {error}")))?;
    if parsed.origin() != asked.target.origin() {
        return Err(Failure::Usage(format!(
            "--openapi {url}: a document is only fetched from the target itself; save it to a file and name that"
        )));
    }
    let Got { status, text, .. } = get(parsed.base(), asked)?;
    if status != 200 {
        return Err(Failure::Usage(format!("--openapi {url}: the target answered {status}")));
    }
    Surface::from_text(&text, url).map_err(Failure::usage)
}

fn discover(asked: &Asked<'_>) -> Result<(Surface, String), Failure> {
    let base = asked.target.base().trim_end_matches('/');
    for path in USUAL {
        let path = format!("{base}{path}");
        let Got { status, text, .. } = get(&path, asked)?;
        if status == 200
            && let Ok(surface) = Surface::from_openapi_text(&text, &path)
        {
            let scheme = if asked.target.origin().scheme() == Scheme::Https { "https" } else { "http" };
            return Ok((surface, format!("{scheme}://{}{path}", asked.target.origin().authority())));
        }
        if !asked.target.origin().is_loopback() {
            std::thread::sleep(PACE);
        }
    }
    Err(Failure::Usage(format!(
        "the target shows no OpenAPI document at the usual places ({} and {} others): name one with --openapi FILE",
        USUAL[..4].join(", "),
        USUAL.len() - 4
    )))
}

/// Asks for a page, without a credential.
pub(crate) fn get(path: &str, asked: &Asked<'_>) -> Result<Got, Failure> {
    let limits = Limits { body: LARGEST, ..Limits::default() };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Environment(error.to_string()))?;
    let lane = HttpLane::new(asked.target, Arc::clone(&asked.scope), Arc::clone(&asked.tls), limits)
        .via(asked.proxy.clone());
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
        Some(answer) => Ok(Got {
            status: answer.status,
            headers: answer.headers.iter().map(|(name, value)| (lossy(name), lossy(value))).collect(),
            text: String::from_utf8_lossy(&answer.body).into_owned(),
        }),
        None => Err(Failure::Unreachable(format!(
            "{}: {}",
            asked.target.origin().authority(),
            delivered.delivery.outcome
        ))),
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
