//! actix-web's services are not tower's: this hands requests on to one, and its answers back.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_http::Request;
use actix_web::body::{BoxBody, MessageBody, to_bytes};
use actix_web::dev::{Service, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, Error};
use bytes::Bytes;
use http_body_util::Full;

/// The body of requests and answers: all of it at once.
pub type Body = Full<Bytes>;

type Answer = Pin<Box<dyn Future<Output = Result<http::Response<Body>, String>>>>;
type Handler = dyn Fn(Request) -> Pin<Box<dyn Future<Output = Result<ServiceResponse<BoxBody>, Error>>>>;

/// A `tower::Service` that an actix-web application answers for.
#[derive(Clone)]
pub struct Adapter {
    handler: Rc<Handler>,
}

impl Adapter {
    /// Starts an application, as `actix_web::test` does.
    pub async fn new<T, B>(app: App<T>) -> Self
    where
        T: ServiceFactory<
                ServiceRequest,
                Config = (),
                Response = ServiceResponse<B>,
                Error = Error,
                InitError = (),
            > + 'static,
        B: MessageBody + 'static,
    {
        let service = Rc::new(init_service(app).await);
        let handler = move |request: Request| {
            let service = Rc::clone(&service);
            Box::pin(async move { service.call(request).await.map(ServiceResponse::map_into_boxed_body) })
                as Pin<Box<dyn Future<Output = _>>>
        };
        Self { handler: Rc::new(handler) }
    }
}

impl tower_service::Service<http::Request<Body>> for Adapter {
    type Response = http::Response<Body>;
    type Error = String;
    type Future = Answer;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), String>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Answer {
        let handler = Rc::clone(&self.handler);
        Box::pin(async move {
            let answer = match handler(actix_request(request).await?).await {
                Ok(answer) => answer.into_parts().1,
                // What a server makes of an error.
                Err(error) => error.error_response(),
            };
            let mut response = http::Response::builder().status(answer.status().as_u16());
            for (name, value) in answer.headers() {
                response = response.header(name.as_str(), value.as_bytes());
            }
            let body = to_bytes(answer.into_body()).await.map_err(|error| error.to_string())?;
            response.body(Full::new(body)).map_err(|error| error.to_string())
        })
    }
}

/// The two frameworks know the types of different versions of the `http` crate.
async fn actix_request(request: http::Request<Body>) -> Result<Request, String> {
    use http_body_util::BodyExt as _;
    let (head, body) = request.into_parts();
    let method = Method::from_bytes(head.method.as_str().as_bytes()).map_err(|error| error.to_string())?;
    let mut message = TestRequest::with_uri(&head.uri.to_string()).method(method);
    for (name, value) in &head.headers {
        message = message.append_header((name.as_str(), value.as_bytes()));
    }
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    Ok(message.set_payload(body).to_request())
}
