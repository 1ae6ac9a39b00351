//! People whom their certificates tell, and nothing in their requests.

use std::net::Ipv4Addr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::http::HeaderValue;
use axum::middleware::{Next, from_fn};
use axum::serve::{IncomingStream, Listener};
use proofhouse::engine::campaign::{Campaign, HttpFactory};
use proofhouse::identity::Identity;
use proofhouse::scope::Scope;
use proofhouse::wire::TlsSettings;
use rcgen::{BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::document;
use crate::notes::{Habits, Notes, PEOPLE};
use crate::run::{Ran, campaign, run};

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("signed"))
    }

    fn issue(&self, name: &str) -> (Certificate, KeyPair) {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new([name.to_owned()]).expect("a name");
        (params.signed_by(&key, &self.0).expect("signed"), key)
    }

    /// A server that asks for certificates; `all` have to show one.
    fn server(&self, all: bool) -> TlsAcceptor {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).expect("an authority");
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
        let verifier = if all { verifier } else { verifier.allow_unauthenticated() };
        let (certificate, key) = self.issue("127.0.0.1");
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_client_cert_verifier(verifier.build().expect("a verifier"))
            .with_single_cert(vec![certificate.der().clone()], key.into());
        TlsAcceptor::from(Arc::new(config.expect("a certificate")))
    }
}

/// Whose certificate a connection showed.
#[derive(Clone, Debug)]
struct Who(Option<&'static str>);

struct Tls {
    listener: TcpListener,
    acceptor: TlsAcceptor,
    known: Vec<(Vec<u8>, &'static str)>,
}

impl Listener for Tls {
    type Io = TlsStream<TcpStream>;
    type Addr = Who;

    async fn accept(&mut self) -> (Self::Io, Who) {
        loop {
            let Ok((stream, _)) = self.listener.accept().await else { continue };
            let Ok(stream) = self.acceptor.accept(stream).await else { continue };
            let shown = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
            let whose = |leaf: &[u8]| self.known.iter().find(|(der, _)| der == leaf).map(|(_, name)| *name);
            let who = Who(shown.and_then(|leaf| whose(leaf)));
            return (stream, who);
        }
    }

    fn local_addr(&self) -> std::io::Result<Who> {
        Ok(Who(None))
    }
}

impl axum::extract::connect_info::Connected<IncomingStream<'_, Tls>> for Who {
    fn connect_info(stream: IncomingStream<'_, Tls>) -> Self {
        stream.remote_addr().clone()
    }
}

/// A service on a port of this machine, and who is known to it.
struct Served {
    url: String,
    authority: String,
    identities: Vec<Identity>,
    document: serde_json::Value,
}

/// The notes of those whom their certificates tell.
fn served(habits: Habits, all: bool) -> Served {
    let authority = Authority::new();
    let people = PEOPLE.map(|name| (name, authority.issue(name)));
    let known = people.iter().map(|(name, (certificate, _))| (certificate.der().to_vec(), *name)).collect();
    let identities = people.iter().map(|(name, (certificate, key))| {
        Identity::certificate(*name, certificate.pem(), key.serialize_pem()).role("customer")
    });
    let identities: Vec<_> = identities.collect();
    let notes = Notes::new(habits);
    let tokens = PEOPLE.map(|name| (name, notes.begin_session(name)));
    let service = notes.serve(|router| {
        router.layer(from_fn(move |info: ConnectInfo<Who>, mut request: Request, next: Next| {
            let ConnectInfo(Who(who)) = info;
            let token = tokens.iter().find(|(name, _)| Some(*name) == who).map(|(_, token)| token);
            let value = token.and_then(|token| HeaderValue::from_str(&format!("Bearer {token}")).ok());
            request.headers_mut().remove("authorization");
            value.map(|value| request.headers_mut().insert("authorization", value));
            next.run(request)
        }))
    });
    let (sender, receiver) = std::sync::mpsc::channel();
    let acceptor = authority.server(all);
    // It ends with the tests.
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
            sender.send(listener.local_addr().expect("bound")).expect("somebody waits");
            let tls = Tls { listener, acceptor, known };
            let service = service.into_make_service_with_connect_info::<Who>();
            axum::serve(tls, service).await.expect("it serves");
        });
    });
    let address = receiver.recv().expect("it listens");
    let mut document = document::notes();
    document["components"]["securitySchemes"]["token"] = serde_json::json!({"type": "mutualTLS"});
    document["paths"].as_object_mut().expect("paths").remove("/login");
    Served { url: format!("https://{address}"), authority: authority.0.pem(), identities, document }
}

fn attacked(habits: Habits, all: bool) -> Ran {
    let Served { url, authority, identities, document } = served(habits, all);
    let settings = TlsSettings::default().trust_pem(authority.as_bytes()).expect("an authority");
    let tls = settings.clone().build().expect("settings");
    let factory = HttpFactory::new(url.parse().expect("a target"), Arc::new(Scope::loopback()), tls);
    let factory = Arc::new(factory.with_certificates(&identities, &settings).expect("certificates"));
    run(Campaign { identities, factory, ..campaign(&document, Router::new()) })
}

#[test]
fn whoever_shows_no_certificate_is_refused_by_the_service() {
    let ran = attacked(Habits::default(), false);
    ran.nothing_found().reached_all_but(&[]);
    ran.is("authz-object-read", "GET /notes/{id}", "held").is(
        "authn-missing-credential",
        "GET /notes/{id}",
        "held",
    );
}

#[test]
fn whoever_shows_no_certificate_has_no_connection() {
    let ran = attacked(Habits::default(), true);
    ran.nothing_found().reached_all_but(&[]);
    ran.is("authz-object-read", "GET /notes/{id}", "held").is(
        "authn-missing-credential",
        "GET /notes/{id}",
        "held",
    );
}

#[test]
fn the_certificates_of_others_open_what_they_must_not() {
    let ran = attacked(Habits { any_reads: true, ..Habits::default() }, false);
    ran.only_found(&["authz-object-read"]);
}

#[test]
fn a_test_shows_certificates_too() {
    let Served { url, authority, identities, document } = served(Habits::default(), true);
    let prove = || {
        let prove = proofhouse::prove_url(&url).openapi(document.to_string()).without_corpora();
        identities.iter().cloned().fold(prove, proofhouse::Prove::identity)
    };
    let rig = prove().trust(&authority).rig();
    let world = rig.world();
    let reading = world.surface.operations.iter().position(|operation| operation.name() == "GET /notes");
    let reading = reading.expect("in the document");
    assert!(PEOPLE.iter().all(|name| world.is_granted(reading, name)), "{:?}", world.access);
    assert!(!world.is_granted(reading, "anonymous"));
    let wrong = prove().trust("no certificate").try_run().err().map(|error| error.to_string());
    assert!(wrong.as_deref().is_some_and(|text| text.contains("`.trust(…)`")), "{wrong:?}");
    // Nothing shows a certificate in this process.
    let inside = proofhouse::prove(Router::new()).openapi(document.to_string()).without_corpora();
    let inside = inside.identity(identities[0].clone()).try_run().err().map(|error| error.to_string());
    assert!(inside.as_deref().is_some_and(|text| text.contains("prove_url")), "{inside:?}");
}
