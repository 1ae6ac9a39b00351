//! A store of settings as a plain `tower` stack: a layer that asks for a key, and a service behind it. No framework.

mod key;
mod settings;

use std::convert::Infallible;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use tower::util::BoxCloneService;
use tower::{ServiceBuilder, ServiceExt as _, service_fn};

use key::KeyLayer;
use settings::Settings;

/// The body of requests and answers: all of it at once.
pub type Body = Full<Bytes>;

/// The keys that open it, with whose they are.
pub const KEYS: [(&str, &str); 2] = [("key-of-alice-5f0c", "alice"), ("key-of-bob-91aa", "bob")];

/// A bug that is easily made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// Whoever has no key reads what is alice's.
    ReadWithoutKey,
    /// What is wrong with a body is told with the place in the code.
    TellsInside,
    /// A setting that is kept for no seconds divides by zero.
    NoSeconds,
}

impl Bug {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::ReadWithoutKey, Self::TellsInside, Self::NoSeconds];
}

/// The stack, with a store of its own.
pub fn stack(bug: Option<Bug>) -> BoxCloneService<Request<Body>, Response<Body>, Infallible> {
    let settings = Settings::new(bug);
    let store = service_fn(move |request: Request<Body>| {
        let settings = settings.clone();
        async move { Ok(settings.answer(request).await) }
    });
    let stack = ServiceBuilder::new()
        .map_response(|mut response: Response<Body>| {
            response.headers_mut().insert("x-content-type-options", HeaderValue::from_static("nosniff"));
            response
        })
        .layer(KeyLayer { reads_need_none: bug == Some(Bug::ReadWithoutKey) })
        .service(store);
    stack.boxed_clone()
}

/// An error in the one shape (RFC 9457).
pub(crate) fn problem(status: StatusCode, detail: &str) -> Response<Body> {
    let body =
        serde_json::json!({"title": status.canonical_reason(), "status": status.as_u16(), "detail": detail});
    let mut response = json(status, &body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("ApiKey"));
    }
    response
}

pub(crate) fn json(status: StatusCode, body: &serde_json::Value) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
