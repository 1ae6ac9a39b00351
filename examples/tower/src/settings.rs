//! The service behind it: settings by name, for each caller.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

use crate::key::Caller;
use crate::{Body, Bug, json as answer, problem};

/// The largest body, in bytes.
const LARGEST: usize = 8 << 10;

#[derive(Clone)]
pub(crate) struct Settings {
    bug: Option<Bug>,
    all: Arc<Mutex<BTreeMap<(&'static str, String), Value>>>,
}

impl Settings {
    pub(crate) fn new(bug: Option<Bug>) -> Self {
        // Everybody has a color to begin with.
        let color = |name| json!({"text": format!("the color of {name}"), "seconds": 60, "per_hour": 60});
        let all = crate::KEYS.map(|(_, name)| ((name, "color".to_owned()), color(name)));
        Self { bug, all: Arc::new(Mutex::new(all.into())) }
    }

    pub(crate) async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        let Some(Caller(caller)) = head.extensions.get().copied() else {
            return problem(StatusCode::UNAUTHORIZED, "A valid key is needed.");
        };
        let Some(name) = head.uri.path().strip_prefix("/settings/").filter(|name| is_name(name)) else {
            return problem(StatusCode::NOT_FOUND, "There is no such setting.");
        };
        let key = (caller, name.to_owned());
        match head.method {
            Method::GET => match self.lock().get(&key) {
                Some(setting) => answer(StatusCode::OK, setting),
                None => problem(StatusCode::NOT_FOUND, "There is no such setting."),
            },
            Method::PUT => match self.read(&head.headers, &body) {
                Ok(setting) => {
                    self.lock().insert(key, setting.clone());
                    answer(StatusCode::OK, &setting)
                }
                Err(refusal) => refusal,
            },
            Method::DELETE => match self.lock().remove(&key) {
                Some(_) => {
                    let mut response = Response::new(Body::default());
                    *response.status_mut() = StatusCode::NO_CONTENT;
                    response
                }
                None => problem(StatusCode::NOT_FOUND, "There is no such setting."),
            },
            _ => problem(StatusCode::METHOD_NOT_ALLOWED, "This method is not supported here."),
        }
    }

    /// A setting: a text, and for how many seconds it is kept.
    fn read(&self, headers: &HeaderMap, body: &Bytes) -> Result<Value, Response<Body>> {
        let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (essence, parameter) = media_type.split_once(';').unwrap_or((media_type, ""));
        let utf8 = matches!(parameter.trim().to_ascii_lowercase().as_str(), "" | "charset=utf-8");
        if !essence.trim().eq_ignore_ascii_case("application/json")
            || !utf8
            || headers.contains_key(CONTENT_ENCODING)
        {
            return Err(problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body is application/json."));
        }
        if body.len() > LARGEST {
            return Err(problem(StatusCode::PAYLOAD_TOO_LARGE, "The body is too large."));
        }
        let json = serde_json::from_slice::<Value>(body).map_err(|error| match self.bug {
            Some(Bug::TellsInside) => {
                let inside = format!("thread 'main' panicked at src/settings.rs:78:5:\n{error}\nstack backtrace:\n   0: rust_begin_unwind");
                problem(StatusCode::INTERNAL_SERVER_ERROR, &inside)
            }
            _ => problem(StatusCode::BAD_REQUEST, "The body is no JSON."),
        })?;
        let invalid = || problem(StatusCode::UNPROCESSABLE_ENTITY, "The setting is not as documented.");
        let members = json.as_object().filter(|members| members.len() == 2).ok_or_else(invalid)?;
        let text = members.get("text").and_then(Value::as_str).filter(|text| text.chars().count() <= 100);
        let least = i64::from(self.bug != Some(Bug::NoSeconds));
        let seconds =
            members.get("seconds").and_then(whole).filter(|seconds| (least..=3_600).contains(seconds));
        let (text, seconds) = text.zip(seconds).ok_or_else(invalid)?;
        Ok(json!({"text": text, "seconds": seconds, "per_hour": 3_600 / seconds}))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<(&'static str, String), Value>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An integer as JSON Schema has it: 3.0 is one.
fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_f64().filter(|n| n.fract() == 0.0 && n.abs() < 1e9).map(|n| n as i64))
}

fn is_name(name: &str) -> bool {
    (1..=20).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_lowercase())
}
