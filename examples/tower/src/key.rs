//! The layer that asks for a key.

use std::pin::Pin;
use std::task::{Context, Poll};

use http::{Request, Response, StatusCode};
use tower::{Layer, Service};

use crate::{Body, KEYS, problem};

/// Whose key a request carried.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller(pub(crate) &'static str);

#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyLayer {
    pub(crate) reads_need_none: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct KeyService<S> {
    inner: S,
    reads_need_none: bool,
}

impl<S> Layer<S> for KeyLayer {
    type Service = KeyService<S>;

    fn layer(&self, inner: S) -> KeyService<S> {
        KeyService { inner, reads_need_none: self.reads_need_none }
    }
}

impl<S> Service<Request<Body>> for KeyService<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
    S::Error: Send + 'static,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let key = request.headers().get("x-api-key").and_then(|value| value.to_str().ok());
        let known = key.and_then(|key| KEYS.iter().find(|(known, _)| *known == key)).map(|(_, name)| *name);
        let known = known
            .or((self.reads_need_none && key.is_none() && request.method() == http::Method::GET)
                .then_some("alice"));
        match known {
            Some(name) => {
                request.extensions_mut().insert(Caller(name));
                Box::pin(self.inner.call(request))
            }
            None => Box::pin(async { Ok(problem(StatusCode::UNAUTHORIZED, "A valid key is needed.")) }),
        }
    }
}
