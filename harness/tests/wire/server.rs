//! A server that does what a test says, and a client for it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use proofhouse::message::{Incoming, Outcome, Outgoing};
use proofhouse::scope::{Scope, TargetUrl};
use proofhouse::wire::{Client, Limits, TlsSettings};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// Runs its script on every connection, and ends with the test.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    accepted: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Server {
    /// The script gets the number of its connection, counted from 1.
    pub(crate) async fn start<F>(script: impl Fn(usize, TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self::start_at("127.0.0.1".parse().unwrap(), script).await
    }

    pub(crate) async fn start_at<F>(
        ip: IpAddr,
        script: impl Fn(usize, TcpStream) -> F + Send + 'static,
    ) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind((ip, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let accepted = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&accepted);
        let task = tokio::spawn(async move {
            let mut scripts = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let number = count.fetch_add(1, Ordering::SeqCst) + 1;
                scripts.spawn(script(number, stream));
            }
        });
        Self { address, accepted, task }
    }

    /// A server that reads one request on every connection, answers with these bytes, and closes.
    pub(crate) async fn once(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::start(move |_, mut stream| {
            let answer = answer.clone();
            async move {
                read_request(&mut stream).await;
                let _ = stream.write_all(&answer).await;
            }
        })
        .await
    }

    /// A server that answers every request on every connection with these bytes.
    pub(crate) async fn always(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::start(move |_, mut stream| {
            let answer = answer.clone();
            async move {
                while read_request(&mut stream).await.is_some() {
                    stream.write_all(&answer).await.unwrap();
                }
            }
        })
        .await
    }

    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    pub(crate) fn url(&self) -> TargetUrl {
        format!("http://{}/", self.address).parse().unwrap()
    }

    pub(crate) fn client(&self) -> Client {
        self.client_with(Limits::default())
    }

    pub(crate) fn client_with(&self, limits: Limits) -> Client {
        client(Scope::loopback(), &self.url(), TlsSettings::default(), limits)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(crate) fn client(scope: Scope, url: &TargetUrl, tls: TlsSettings, limits: Limits) -> Client {
    Client::new(Arc::new(scope), url.origin().clone(), tls.build().unwrap(), limits)
}

/// Everything up to the end of the head; `None` when the other side closed.
pub(crate) async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<Vec<u8>> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await.ok()?);
    }
    Some(request)
}

pub(crate) fn get(target: &str) -> Outgoing {
    Outgoing::new("GET", target).header("Host", "a.test")
}

pub(crate) fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

pub(crate) fn answer(outcome: Outcome) -> Incoming {
    match outcome {
        Outcome::Answered(incoming) => incoming,
        other => panic!("{other}"),
    }
}

pub(crate) fn short() -> Limits {
    Limits { total: Duration::from_millis(150), connect: Duration::from_millis(150), ..Limits::default() }
}
