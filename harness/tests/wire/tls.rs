//! TLS: whom to trust, and who we are.

use std::sync::Arc;

use proofhouse::message::{Outcome, Stage};
use proofhouse::scope::{Scope, TargetUrl};
use proofhouse::wire::{Limits, SendOptions, TlsSettings};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::AsyncWriteExt;
use tokio_rustls::TlsAcceptor;

use crate::server::{Server, answer, client, get, ok, read_request};

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn issue(&self, name: &str) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &self.0).unwrap();
        (certificate, key)
    }
}

/// A TLS server for 127.0.0.1; with `clients`, it wants a certificate from that authority.
async fn serve(authority: &Authority, clients: bool) -> (Server, TargetUrl) {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(authority.0.der().clone()).unwrap();
    let builder = if clients {
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
        builder.with_client_cert_verifier(verifier)
    } else {
        builder.with_no_client_auth()
    };
    let (certificate, key) = authority.issue("127.0.0.1");
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    let mut config = builder.with_single_cert(vec![certificate.der().clone()], key.into()).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let server = Server::start(move |_, stream| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            while read_request(&mut stream).await.is_some() {
                let alpn = stream.get_ref().1.alpn_protocol().unwrap_or_default().to_vec();
                let alpn = String::from_utf8(alpn).unwrap();
                stream.write_all(ok(&alpn).as_bytes()).await.unwrap();
            }
        }
    })
    .await;
    let url = format!("https://{}/", server.address).parse().unwrap();
    (server, url)
}

async fn ask(url: &TargetUrl, tls: TlsSettings) -> Outcome {
    let client = client(Scope::loopback(), url, tls, Limits::default());
    let first = client.send(&get("/"), &SendOptions::default()).await;
    if first.outcome.answer().is_some() {
        assert!(first.timing.tls.is_some());
        assert!(client.send(&get("/"), &SendOptions::default()).await.reused);
    }
    first.outcome
}

#[tokio::test]
async fn an_authority_is_trusted_when_told_so() {
    let authority = Authority::new();
    let (_server, url) = serve(&authority, false).await;
    let trusting = TlsSettings::default().trust_pem(authority.0.pem().as_bytes()).unwrap();
    assert_eq!(answer(ask(&url, trusting).await).body, "http/1.1");
    assert_eq!(answer(ask(&url, TlsSettings::default().insecure()).await).body, "http/1.1");
    for stranger in [
        TlsSettings::default(),
        TlsSettings::default().trust_pem(Authority::new().0.pem().as_bytes()).unwrap(),
    ] {
        let refused = ask(&url, stranger).await;
        assert!(matches!(refused, Outcome::Refused { at: Stage::Handshake, .. }), "{refused}");
    }
}

#[tokio::test]
async fn a_client_certificate_is_shown() {
    let authority = Authority::new();
    let (_server, url) = serve(&authority, true).await;
    let trusting = || TlsSettings::default().trust_pem(authority.0.pem().as_bytes()).unwrap();
    let (certificate, key) = authority.issue("client");
    let known = trusting().client_pem(certificate.pem().as_bytes(), key.serialize_pem().as_bytes()).unwrap();
    answer(ask(&url, known).await);
    let refused = ask(&url, trusting()).await;
    assert!(matches!(refused, Outcome::Refused { at: Stage::Certificate, .. }), "{refused}");
}

#[tokio::test]
async fn what_does_not_speak_tls_is_refused() {
    let server = Server::once("HTTP/1.1 400 Bad\r\n\r\n").await;
    let url = format!("https://{}/", server.address).parse().unwrap();
    let short = Limits { connect: std::time::Duration::from_millis(200), ..Limits::default() };
    let client = client(Scope::loopback(), &url, TlsSettings::default(), short);
    let outcome = client.send(&get("/"), &SendOptions::default()).await.outcome;
    let timed_out = matches!(outcome, Outcome::TimedOut { phase: proofhouse::message::Phase::Handshake, .. });
    assert!(timed_out || matches!(outcome, Outcome::Refused { at: Stage::Handshake, .. }), "{outcome}");
}
