//! The range on a socket.

use std::io::{Read, Write};
use std::net::TcpStream;

use proofhouse_range::{Config, Range};

#[test]
fn serves_until_dropped() {
    let range = Range::start(&Config::default()).unwrap();
    let address = range.address();
    assert_eq!(range.url(), format!("http://{address}"));
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"GET /health HTTP/1.1\r\nhost: range\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("{\"status\":\"ok\"}"), "{answer}");
    let _idle = TcpStream::connect(address).unwrap();
    drop(range);
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn secrets_differ_between_ranges_and_stay_out_of_debug_output() {
    let (one, other) = (Config::default(), Config::default());
    assert_ne!(one.accounts.signing_key, other.accounts.signing_key);
    assert_ne!(one.accounts.alice.password, one.accounts.bob.password);
    let debug = format!("{one:?}");
    for secret in [&one.accounts.signing_key, &one.accounts.api_key, &one.accounts.alice.password] {
        assert!(!debug.contains(secret.as_str()));
    }
}
