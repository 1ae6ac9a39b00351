//! A round trip on a kept connection over loopback, beside the same bytes on a bare socket.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use proofhouse::message::Outgoing;
use proofhouse::scope::{Scope, TargetUrl};
use proofhouse::wire::{Client, Limits, SendOptions, TlsSettings};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{\"ok\":true}";

/// A server that answers every head with the same bytes, one thread a connection.
fn serve() -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback");
    let address = listener.local_addr().expect("bound");
    std::thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            std::thread::spawn(move || answer(stream));
        }
    });
    address
}

fn answer(mut stream: TcpStream) {
    let _ = stream.set_nodelay(true);
    let mut buffer = [0; 4_096];
    let mut filled = 0;
    loop {
        match stream.read(&mut buffer[filled..]) {
            Ok(read) if read > 0 => filled += read,
            _ => return,
        }
        if buffer[..filled].ends_with(b"\r\n\r\n") {
            filled = 0;
            if stream.write_all(ANSWER).is_err() {
                return;
            }
        }
    }
}

fn wire(criterion: &mut Criterion) {
    let address = serve();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let target: TargetUrl = format!("http://{address}/").parse().expect("a URL");
    let tls = TlsSettings::default().build().expect("defaults");
    let client = Client::new(Arc::new(Scope::loopback()), target.origin().clone(), tls, Limits::default());
    let request = Outgoing::new("GET", "/null").header("Host", address.to_string());
    let mut group = criterion.benchmark_group("wire");
    let options = SendOptions::default();
    let first = runtime.block_on(client.send(&request, &options));
    assert_eq!(first.outcome.answer().map(|answer| answer.status), Some(200), "the server answers");
    group.bench_function("client", |bencher| {
        bencher.iter(|| runtime.block_on(client.send(&request, &options)));
    });
    let bytes = format!("GET /null HTTP/1.1\r\nHost: {address}\r\n\r\n");
    let mut socket = runtime.block_on(async {
        let socket = tokio::net::TcpStream::connect(address).await.expect("a connection");
        socket.set_nodelay(true).expect("an option");
        socket
    });
    group.bench_function("bare socket", |bencher| {
        bencher.iter(|| {
            runtime.block_on(async {
                socket.write_all(bytes.as_bytes()).await.expect("written");
                let mut answer = [0; ANSWER.len()];
                socket.read_exact(&mut answer).await.expect("an answer");
                answer
            })
        });
    });
    group.finish();
}

criterion_group!(benches, wire);
criterion_main!(benches);
