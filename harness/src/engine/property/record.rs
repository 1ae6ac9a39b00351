//! A tower layer that takes down what a service's own tests send, as seed cases.

use std::fmt::Debug;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::Body as HttpBody;
use http_body_util::BodyExt as _;
use tower_layer::Layer;
use tower_service::Service;

use crate::corpora::write_atomically;
use crate::identity::Identity;
use crate::surface::Surface;

mod recorder;
mod seen;
#[cfg(test)]
mod tests;

use recorder::Recorder;
use seen::Seen;

/// The largest body that is taken down, in bytes; what is larger goes through unseen.
const LARGEST: usize = 256 << 10;

/// Takes down what goes through, as seed cases of a test.
///
/// ```no_run
/// # use proofhouse::{identity::Identity, RecordLayer, surface::Surface};
/// # use tower::Layer as _;
/// # fn router() -> axum::Router { axum::Router::new() }
/// let surface = Surface::from_file("openapi.yaml").unwrap();
/// let layer = RecordLayer::new(surface, "corpora/the_api_holds")
///     .identity(Identity::bearer("alice", "the token that the tests use"));
/// let service = layer.layer(router()); // as `tower::ServiceExt::oneshot` takes it
/// ```
#[derive(Clone)]
pub struct RecordLayer {
    recorder: Arc<Mutex<Recorder>>,
    folder: Arc<PathBuf>,
}

impl RecordLayer {
    /// Writes the seeds of requests to these operations below `folder/seeds`. Requests of no operation are left out.
    pub fn new(surface: Surface, folder: impl Into<PathBuf>) -> Self {
        let recorder = Arc::new(Mutex::new(Recorder::new(surface)));
        Self { recorder, folder: Arc::new(folder.into()) }
    }

    /// Somebody whose credential the tests send. In the seeds stands their name and never the credential; a credential
    /// of nobody in particular is left out.
    pub fn identity(self, identity: Identity) -> Self {
        self.recorder().know(identity);
        self
    }

    /// What went wrong with writing, if anything did: a test that records must not fail for it.
    pub fn failure(&self) -> Option<String> {
        self.recorder().failure.clone()
    }

    fn recorder(&self) -> MutexGuard<'_, Recorder> {
        self.recorder.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, seen: &Seen) {
        let mut recorder = self.recorder();
        let Some(case) = recorder.take(seen) else { return };
        let file = self.folder.join("seeds").join(format!("{}.json", case.digest()));
        if !file.exists()
            && let Err(error) = write_atomically(&file, case.to_json().as_bytes())
        {
            recorder.failure.get_or_insert(format!("{}: {error}", file.display()));
        }
    }
}

impl Debug for RecordLayer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecordLayer").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl<S> Layer<S> for RecordLayer {
    type Service = Record<S>;

    fn layer(&self, inner: S) -> Record<S> {
        Record { inner, layer: self.clone() }
    }
}

/// A service whose requests are taken down: see [`RecordLayer`].
#[derive(Clone, Debug)]
pub struct Record<S> {
    inner: S,
    layer: RecordLayer,
}

type Boxed<T> = std::pin::Pin<Box<dyn Future<Output = T> + Send>>;

impl<S, B, R> Service<http::Request<B>> for Record<S>
where
    S: Service<http::Request<B>, Response = http::Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    B: HttpBody + From<Bytes> + Send + 'static,
    B::Data: Send,
    R: HttpBody + From<Bytes> + Send + 'static,
    R::Data: Send,
{
    type Response = http::Response<R>;
    type Error = S::Error;
    type Future = Boxed<Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        // The service that was ready is the one that is called.
        let ready = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, ready);
        let layer = self.layer.clone();
        Box::pin(async move {
            let (head, body) = request.into_parts();
            // A body that breaks off arrives as far as it came.
            let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
            let mut seen = Seen::of(&head, &body);
            let response = inner.call(http::Request::from_parts(head, B::from(body))).await?;
            let (head, body) = response.into_parts();
            let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
            if seen.body.len() <= LARGEST {
                seen.answered(head.status.as_u16(), body.get(..LARGEST).unwrap_or(&body));
                layer.take(&seen);
            }
            Ok(http::Response::from_parts(head, R::from(body)))
        })
    }
}
