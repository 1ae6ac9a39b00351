//! The builder of a test.

use std::fmt::Debug;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http_body::Body as HttpBody;
use tower_service::Service;

use super::build::{Make, Target, built, opened};
use super::instance::IntoInstance;
use super::panics::service_panic;
use crate::checks::{Check, Checks, IntoJudged, Invariant, Observed};
use crate::execute::SigningKey;
use crate::expect::Expectation;
use crate::gate::Gate;
use crate::generate::{Policy, Settings, Strict};
use crate::identity::Identity;
use crate::surface::{RateLimit, Surface};
use crate::target::Body;

/// A test that proves a service. Made by [`prove_with`], [`prove`] or [`prove_url`].
#[must_use = "nothing is sent before `run()` or `run_async().await`"]
pub struct Prove {
    pub(super) target: Target,
    /// The documents, as text, and what was read of others.
    pub(super) documents: Vec<String>,
    pub(super) surface: Option<Surface>,
    pub(super) identities: Vec<Identity>,
    pub(super) checks: Checks,
    /// The first thing that was said wrongly.
    pub(super) mistake: Option<String>,
    pub(super) selection: Vec<String>,
    pub(super) settings: Settings,
    pub(super) signing_key: Option<SigningKey>,
    pub(super) samples: Vec<(String, String)>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) expected: Vec<Expectation>,
    pub(super) gate: Gate,
    pub(super) seed: u64,
    pub(super) cases: Option<u64>,
    pub(super) time: Option<Duration>,
    pub(super) workers: usize,
    pub(super) base_path: Option<String>,
    #[cfg(feature = "http")]
    pub(super) tls: crate::wire::TlsSettings,
    pub(super) virtual_clock: bool,
    pub(super) self_register: bool,
    pub(super) corpora: Corpora,
    pub(super) name: Option<String>,
    /// The thread's name: how test runners name a test.
    pub(super) thread: Option<String>,
}

/// Where the cases of a test are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Corpora {
    /// In `corpora/<test>/` of the package.
    OfTest,
    In(PathBuf),
    Nowhere,
}

/// Proves the services of a factory. It is called inside our runtime, for each worker and wherever a case needs a
/// state that nothing happened to yet; all that a service holds may be lost. It gives a [`tower::Service`], such as
/// an `axum::Router`, or an [`Instance`](super::Instance).
///
/// [`tower::Service`]: tower_service::Service
pub fn prove_with<F, Fut, T, R>(factory: F) -> Prove
where
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future<Output = T> + 'static,
    T: IntoInstance + 'static,
    T::Service: Service<http::Request<Body>, Response = http::Response<R>> + Clone + 'static,
    <T::Service as Service<http::Request<Body>>>::Error: Debug,
    R: HttpBody + 'static,
{
    let factory = Arc::new(factory);
    let make: Make = Arc::new(move |wanted| {
        let factory = Arc::clone(&factory);
        Box::pin(async move {
            let (service, identities) = built(async { factory().await }).await?.into_instance();
            Ok(opened(service, identities, &wanted))
        })
    });
    Prove::new(Target { make, own_state: true, waits: false, name: SERVICE.to_owned() })
        .in_process()
        .disposable()
}

/// Proves one service, whose state stays: what one case does, the next one meets. Only what the test makes itself is
/// changed, unless [`Prove::disposable`] says that all of it may be lost.
pub fn prove<S, R>(service: S) -> Prove
where
    S: Service<http::Request<Body>, Response = http::Response<R>> + Clone + Send + 'static,
    S::Error: Debug,
    R: HttpBody + 'static,
{
    let service = Mutex::new(service);
    let make: Make = Arc::new(move |wanted| {
        let service = service.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Box::pin(std::future::ready(Ok(opened(service, Vec::new(), &wanted))))
    });
    Prove::new(Target { make, own_state: false, waits: false, name: SERVICE.to_owned() }).in_process()
}

/// Proves a live API of this machine. Any other host takes `proofhouse run` with a configuration that says who
/// authorized it until when.
#[cfg(feature = "http")]
pub fn prove_url(url: &str) -> Prove {
    use crate::engine::campaign::{HttpFactory, LaneFactory as _, Opened};
    use crate::scope::{Scope, TargetUrl};
    let text = url.to_owned();
    let make: Make = Arc::new(move |wanted| {
        let text = text.clone();
        Box::pin(async move {
            let mut target: TargetUrl = text.parse().map_err(|error| format!("{text}: {error}"))?;
            if target.base().is_empty() && !wanted.base_path.is_empty() {
                let joined = format!("{}{}", text.trim_end_matches('/'), wanted.base_path);
                target = joined.parse().map_err(|error| format!("{joined}: {error}"))?;
            }
            if !target.origin().is_loopback() {
                return Err(format!(
                    "{text} is not on this machine: `proofhouse run` attacks other hosts, with a configuration that \
                     says who authorized it"
                ));
            }
            let tls = wanted.tls.clone().build().map_err(|error| error.to_string())?;
            let factory = HttpFactory::new(target, Arc::new(Scope::loopback()), tls)
                .with_certificates(wanted.identities.iter(), &wanted.tls)?;
            Ok(Opened { lane: factory.lane().await?, identities: Vec::new() })
        })
    });
    let name = url.trim_end_matches('/').to_owned();
    let prove = Prove::new(Target { make, own_state: false, waits: true, name });
    Prove { workers: 4, ..prove }
}

/// What a service of this process is called.
const SERVICE: &str = "http://service.test";

impl Prove {
    fn new(target: Target) -> Self {
        Self {
            target,
            documents: Vec::new(),
            surface: None,
            identities: Vec::new(),
            checks: Checks::default(),
            mistake: None,
            selection: Vec::new(),
            settings: Settings::default(),
            signing_key: None,
            samples: Vec::new(),
            headers: Vec::new(),
            expected: Vec::new(),
            gate: Gate::default(),
            seed: 1,
            cases: None,
            time: None,
            workers: 1,
            base_path: None,
            #[cfg(feature = "http")]
            tls: crate::wire::TlsSettings::default(),
            virtual_clock: false,
            self_register: true,
            corpora: Corpora::OfTest,
            name: None,
            thread: std::thread::current().name().filter(|name| *name != "main").map(str::to_owned),
        }
    }

    /// What is seen of a service in this process alone.
    fn in_process(mut self) -> Self {
        let checks = std::mem::take(&mut self.checks);
        self.take(checks.clone().with_invariant(service_panic()), checks)
    }

    /// Reads the operations from a document: OpenAPI 2.0 to 3.2 as JSON or YAML, a recording, a collection. Several
    /// are put together.
    pub fn openapi(mut self, text: impl Into<String>) -> Self {
        self.documents.push(text.into());
        self
    }

    /// The operations as they were read elsewhere, such as by [`Surface::from_file`].
    pub fn surface(mut self, surface: Surface) -> Self {
        self.surface = Some(surface);
        self
    }

    /// Somebody who sends. Two of one role are what it takes to see whether one gets at what is the other's.
    pub fn identity(mut self, identity: Identity) -> Self {
        self.identities.push(identity);
        self
    }

    /// Something that must hold in every trace, by a name such as `balance-negative`. The closure gives a `bool`, a
    /// `Result`, or nothing and asserts; inside an `Option` it may say that there was nothing to look at. An invariant
    /// that never saw anything proves nothing, and the test says so.
    pub fn invariant<J: IntoJudged>(
        mut self,
        name: &str,
        look: impl Fn(&Observed<'_>) -> J + Send + Sync + 'static,
    ) -> Self {
        let invariant: &'static Invariant = Box::leak(Box::new(Invariant::new(name, look)));
        let checks = std::mem::take(&mut self.checks);
        self.take(checks.clone().with_invariant(invariant), checks)
    }

    /// A check of one's own, beside those that ship.
    pub fn check(mut self, check: impl Check + 'static) -> Self {
        // Checks live as long as the process, as those that ship do.
        let check: &'static dyn Check = Box::leak(Box::new(check));
        let checks = std::mem::take(&mut self.checks);
        self.take(checks.clone().with(check), checks)
    }

    fn take<E: ToString>(mut self, new: Result<Checks, E>, old: Checks) -> Self {
        match new {
            Ok(checks) => self.checks = checks,
            Err(error) => {
                self.checks = old;
                self.mistake.get_or_insert(error.to_string());
            }
        }
        self
    }

    /// Which checks run, by id or `prefix-*`; `!` in front leaves out. Invariants are among them.
    pub fn checks<T: Into<String>>(mut self, selection: impl IntoIterator<Item = T>) -> Self {
        self.selection.extend(selection.into_iter().map(Into::into));
        self
    }

    /// Who may do what: what is not said is inferred.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.settings.policy.default = policy.default;
        self.settings.policy.rules.extend(policy.rules);
        self
    }

    /// A finding that is known and accepted for a while. When its day has passed, it counts again.
    pub fn expect(mut self, expected: Expectation) -> Self {
        self.expected.push(expected);
        self
    }

    /// A limit that the service keeps on operations, `METHOD glob`; the document may say it too (`x-rate-limit`).
    /// Limits whose windows are long take their time, unless the clock is virtual.
    pub fn rate_limit(mut self, operations: &str, limit: RateLimit) -> Self {
        self.settings.limits.push((operations.to_owned(), limit));
        self
    }

    /// The practices' own letter binds: a bad media type is refused with 415, and every operation has a limit.
    pub fn strict(mut self) -> Self {
        self.settings.strict = vec![Strict::MediaType, Strict::RateLimit];
        self
    }

    /// All that the service holds may be lost. It is so for [`prove_with`] anyway.
    pub fn disposable(mut self) -> Self {
        self.settings.disposable_data = true;
        self
    }

    /// Only safe methods are sent.
    pub fn safe(mut self) -> Self {
        self.settings.safe_only = true;
        self
    }

    /// The key that signs the service's tokens: enables the checks of claims.
    pub fn signing_key(mut self, key: SigningKey) -> Self {
        self.settings.signing_key = true;
        self.signing_key = Some(key);
        self
    }

    /// A token that the service issued and that has expired.
    pub fn expired_token(mut self, token: impl Into<String>) -> Self {
        self.settings.expired_sample = true;
        self.samples.push(("expired".to_owned(), token.into()));
        self
    }

    /// A header that every request carries.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// What makes the test fail, where that is not what fails `proofhouse run`: findings that are at least medium and
    /// proven, and a required practice that nothing was proven of.
    pub fn gate(mut self, gate: Gate) -> Self {
        self.gate = gate;
        self
    }

    /// No accounts are made by the registration that the document describes, where fewer than two identities are given.
    pub fn without_registration(mut self) -> Self {
        self.self_register = false;
        self
    }

    /// How many cases are judged, at most; what is under way then is ended. Without it, every planned case and 1,500
    /// that explore.
    pub fn cases(mut self, cases: u64) -> Self {
        self.cases = Some(cases.max(1));
        self
    }

    /// The seed: with the same seed, the same corpora and the same answers, the same cases are sent.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The time that it may take.
    pub fn time(mut self, time: Duration) -> Self {
        self.time = Some(time);
        self
    }

    /// How many workers send at once, each with a service of its own where there is a factory. The cases are the same
    /// for any number.
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = workers.clamp(1, 64);
        self
    }

    /// The operations hang below this path, whatever the document's `servers` say.
    pub fn below(mut self, path: &str) -> Self {
        self.base_path = Some(path.trim_end_matches('/').to_owned());
        self
    }

    /// Trusts the authorities in this PEM text too, beside those of the public web: for [`prove_url`] with `https`.
    #[cfg(feature = "http")]
    pub fn trust(mut self, pem: impl AsRef<[u8]>) -> Self {
        match self.tls.clone().trust_pem(pem.as_ref()) {
            Ok(tls) => self.tls = tls,
            Err(error) => {
                self.mistake.get_or_insert(format!("`.trust(…)`: {error}"));
            }
        }
        self
    }

    /// `tokio`'s clock is paused, and waiting takes no time: for services that read no other clock.
    #[cfg(feature = "virtual-clock")]
    pub fn virtual_clock(mut self) -> Self {
        self.virtual_clock = true;
        self
    }

    /// The name of the test, where the name of its thread is not it: the folder of its corpora.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Where the cases are, if not in `corpora/<test>/` of the package.
    pub fn corpora(mut self, folder: impl Into<PathBuf>) -> Self {
        self.corpora = Corpora::In(folder.into());
        self
    }

    /// Whether all that the service holds may be lost.
    #[cfg(feature = "libfuzzer")]
    pub(in crate::engine) fn is_disposable(&self) -> bool {
        self.settings.disposable_data
    }

    /// Where the cases are, if nothing else was said.
    #[cfg(feature = "libfuzzer")]
    pub(in crate::engine) fn corpora_or(mut self, folder: impl FnOnce() -> PathBuf) -> Self {
        if self.corpora == Corpora::OfTest {
            self.corpora = Corpora::In(folder());
        }
        self
    }

    /// Reads and writes no case.
    pub fn without_corpora(mut self) -> Self {
        self.corpora = Corpora::Nowhere;
        self
    }
}

impl Debug for Prove {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prove")
            .field("target", &self.target.name)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}
