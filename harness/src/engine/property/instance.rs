//! A service of this process, with the identities that came with it.

use std::marker::PhantomData;
use std::task::{Context, Poll};

use bytes::Bytes;
use tower_service::Service;

use crate::identity::Identity;
use crate::target::Body;

/// One service, with identities that only it knows: a token that it issued, an account in its own database.
///
/// ```
/// # use proofhouse::Instance;
/// # use proofhouse::identity::Identity;
/// # struct App;
/// # impl App {
/// #     fn new() -> Self { Self }
/// #     fn issue(&self, _name: &str) -> String { "token".to_owned() }
/// #     fn router(self) -> axum::Router { axum::Router::new() }
/// # }
/// let proof = proofhouse::prove_with(|| async {
///     let app = App::new();
///     let alice = Identity::bearer("alice", app.issue("alice"));
///     Instance::new(app.router()).identity(alice)
/// });
/// ```
#[derive(Clone, Debug)]
pub struct Instance<S> {
    service: S,
    identities: Vec<Identity>,
}

impl<S> Instance<S> {
    /// A service that nobody is known to yet.
    pub fn new(service: S) -> Self {
        Self { service, identities: Vec::new() }
    }

    /// The same with somebody whom it knows. Each instance must know the same names.
    pub fn identity(mut self, identity: Identity) -> Self {
        self.identities.push(identity);
        self
    }
}

/// What a factory may give: a service, or an [`Instance`].
pub trait IntoInstance {
    /// The service.
    type Service;

    /// The service and the identities that came with it.
    fn into_instance(self) -> (Self::Service, Vec<Identity>);
}

impl<S: Service<http::Request<Body>>> IntoInstance for S {
    type Service = S;

    fn into_instance(self) -> (S, Vec<Identity>) {
        (self, Vec::new())
    }
}

impl<S> IntoInstance for Instance<S> {
    type Service = S;

    fn into_instance(self) -> (S, Vec<Identity>) {
        (self.service, self.identities)
    }
}

/// A service that takes another kind of body than ours: see [`with_body`].
pub struct WithBody<S, B> {
    service: S,
    body: PhantomData<fn(B)>,
}

/// Hands every request on with another kind of body, for services that take one kind only. `axum::Router` takes any.
///
/// ```
/// # use axum::{body::Body, extract::Request, response::Response};
/// let service = tower::service_fn(async |_: Request<Body>| Ok::<_, std::io::Error>(Response::new(Body::empty())));
/// let proof = proofhouse::prove(proofhouse::with_body::<_, Body>(service));
/// ```
pub fn with_body<S, B>(service: S) -> WithBody<S, B> {
    WithBody { service, body: PhantomData }
}

impl<S: Clone, B> Clone for WithBody<S, B> {
    fn clone(&self) -> Self {
        with_body(self.service.clone())
    }
}

impl<S, B> Service<http::Request<Body>> for WithBody<S, B>
where
    S: Service<http::Request<B>>,
    B: From<Bytes>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(cx)
    }

    fn call(&mut self, request: http::Request<Body>) -> S::Future {
        self.service.call(request.map(|body| B::from(body.into_inner().unwrap_or_default())))
    }
}
