//! Each bug is there, and what is next to it is sound.

use std::future::Future as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use fuzz_deep::{Body, Station};
use serde_json::{Value as Json, json};
use tower_service::Service as _;

fn sent(station: &mut Station, method: &str, path: &str, body: &Json) -> u16 {
    let body = if body.is_null() { Body::default() } else { Body::from(body.to_string()) };
    let request = http::Request::builder().method(method).uri(path).body(body).expect("a request");
    let answering = pin!(station.call(request));
    match answering.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer.unwrap_or_else(|never| match never {}).status().as_u16(),
        Poll::Pending => unreachable!("it answers at once"),
    }
}

fn panics(requests: &[(&str, Json)]) -> bool {
    let mut station = Station::default();
    let all = || requests.iter().for_each(|(path, body)| _ = sent(&mut station, "POST", path, body));
    catch_unwind(AssertUnwindSafe(all)).is_err()
}

#[test]
fn one_number_of_one_carrier() {
    assert!(panics(&[("/parcels", json!({"tracking": 0x9c3b_51d7_u32}))]));
    for tracking in [0x9c3b_51d8_u32, 0x9c3a_51d7, 0x51d7_9c3b] {
        assert!(!panics(&[("/parcels", json!({"tracking": tracking}))]), "{tracking}");
    }
}

#[test]
fn one_length_under_one_combination() {
    let label = |length: usize, fragile: bool| {
        json!({
            "text": "a".repeat(length), "format": "large",
            "chilled": true, "insured": true, "express": true, "fragile": fragile,
        })
    };
    let panicking = (700..800).filter(|length| panics(&[("/labels", label(*length, false))]));
    assert_eq!(panicking.collect::<Vec<_>>(), [767, 768]);
    assert!((700..800).all(|length| !panics(&[("/labels", label(length, true))])));
}

#[test]
fn three_requests_in_one_order() {
    let (arm, seal) = (json!({"code": 0xb6e5}), json!({"code": 0x2f93}));
    let release = ("/door/release", Json::Null);
    assert!(panics(&[("/door/arm", arm.clone()), ("/door/seal", seal.clone()), release.clone()]));
    assert!(!panics(&[("/door/seal", seal.clone()), ("/door/arm", arm.clone()), release.clone()]));
    assert!(!panics(&[("/door/arm", arm.clone()), release.clone(), ("/door/seal", seal), release.clone()]));
    assert!(!panics(&[("/door/arm", arm), release]));
}

#[test]
fn the_rest_is_sound() {
    let mut station = Station::default();
    assert_eq!(sent(&mut station, "POST", "/parcels", &json!({"tracking": 7, "weight": 2})), 201);
    assert_eq!(sent(&mut station, "GET", "/parcels/1", &Json::Null), 200);
    assert_eq!(sent(&mut station, "GET", "/parcels/0", &Json::Null), 404);
    assert_eq!(sent(&mut station, "POST", "/parcels", &json!({"tracking": -7})), 400);
    assert_eq!(sent(&mut station, "POST", "/parcels", &json!({"tracking": 7, "weight": 30_001})), 400);
    assert_eq!(sent(&mut station, "GET", "/door", &Json::Null), 200);
}
