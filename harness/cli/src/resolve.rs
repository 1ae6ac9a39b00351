//! From what was typed and configured to what it means.

use std::collections::BTreeSet;
use std::sync::Arc;

use proofhouse::accounts;
use proofhouse::engine::campaign::{HttpFactory, LaneFactory as _};
use proofhouse::execute::{Door, Governor, Halt, Session, SessionConfig, SigningKey};
use proofhouse::expect::Expectation;
use proofhouse::gate::Gate;
use proofhouse::generate::{Policy, Settings, Strict};
use proofhouse::identity::{Identity, Spec, Vault, Wallet};
use proofhouse::scope::{Scheme, Scope, TargetUrl};
use proofhouse::surface::Surface;
use proofhouse::wire::{Proxy, TlsSettings};

use crate::args::TargetArgs;
use crate::config::{self, ConfigFile, DataMode, read_indirect};
use crate::document::{self, Asked};
use crate::embedded::{self, Embedded};
use crate::error::Failure;
use crate::identities::identity;

/// A target with everything that sending to it needs.
pub(crate) struct Resolved {
    /// Keeps the embedded range alive.
    pub(crate) embedded: Option<Embedded>,
    pub(crate) target: TargetUrl,
    pub(crate) scope: Arc<Scope>,
    pub(crate) tls: Arc<rustls::ClientConfig>,
    /// What identities with certificates of their own build on.
    trust: TlsSettings,
    pub(crate) proxy: Option<Proxy>,
    pub(crate) surface: Arc<Surface>,
    pub(crate) identities: Vec<Identity>,
    pub(crate) settings: Settings,
    pub(crate) signing_key: Option<SigningKey>,
    pub(crate) samples: Vec<(String, String)>,
    pub(crate) per_second: u32,
    pub(crate) headers: Vec<(String, String)>,
    /// Accounts may be made at the target.
    pub(crate) self_register: bool,
    pub(crate) gate: Gate,
    pub(crate) expected: Vec<Expectation>,
    pub(crate) warnings: Vec<String>,
}

impl Resolved {
    /// What a run would do about accounts of its own, and who there would be then.
    pub(crate) fn accounts(&self, safe: bool) -> (String, Vec<Identity>) {
        let mut all = self.identities.clone();
        let none = |why: &str| format!("none would be made: {why}");
        let text = match accounts::foreseen(&self.surface) {
            _ if all.len() >= 2 => none("enough are given"),
            Err(why) => none(why),
            Ok(_) if !self.self_register => none("scope.self_register permits it"),
            Ok(_) if safe || self.settings.safe_only => none("only safe methods are sent"),
            Ok(how) => {
                all.extend(accounts::NAMES.map(|name| Identity::bearer(name, "made by the run")));
                format!("two would be made: {how}")
            }
        };
        (text, all)
    }
}

/// Whether the document is needed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Document {
    Needed,
    /// A case brings all that judging needs.
    Unneeded,
}

pub(crate) fn resolve(url: Option<&str>, args: &TargetArgs, document: Document) -> Result<Resolved, Failure> {
    let file = config::load(args.config.as_deref())?;
    let url = url.map(str::to_owned).or_else(|| file.target.clone());
    if url.is_some() && !args.defects.is_empty() {
        return Err(Failure::Usage("--defect is for the embedded range: name no URL beside it".to_owned()));
    }
    let embedded = if url.is_none() { Some(Embedded::start(&args.defects)?) } else { None };
    let text =
        url.unwrap_or_else(|| embedded.as_ref().map(|embedded| embedded.range.url()).unwrap_or_default());
    let mut target: TargetUrl =
        text.parse().map_err(|error| Failure::Usage(format!("{}: {error}", without_password(&text))))?;
    let scope = Arc::new(scope(&file, &target)?);
    let trust = tls(args)?;
    let tls = trust.clone().build().map_err(Failure::usage)?;
    let proxy = args.proxy.as_deref().map(str::parse::<Proxy>).transpose();
    let proxy = proxy.map_err(|error| Failure::Usage(format!("--proxy: {error}")))?;
    let asked =
        Asked { target: &target, scope: Arc::clone(&scope), tls: Arc::clone(&tls), proxy: proxy.clone() };
    let finds_logins = file.identity.values().any(|identity| identity.user.is_some())
        || args.identities.iter().any(|identity| identity.contains("=user:"));
    let surface = match (&embedded, document) {
        (Some(_), _) => Surface::from_openapi_text(proofhouse_range::openapi(), "the range's document")
            .map_err(Failure::usage)?,
        (None, Document::Unneeded) if !finds_logins => Surface::default(),
        (None, _) => {
            let named = if args.openapi.is_empty() { file.openapi.as_slice() } else { &args.openapi };
            document::load(named, &asked)?.surface
        }
    };
    // The URL that was given wins; where it has no path, the document's first server may name one.
    if embedded.is_none() && target.base().trim_matches('/').is_empty() && !surface.base_path.is_empty() {
        let joined = format!("{}{}", text.trim_end_matches('/'), surface.base_path);
        target = joined.parse().map_err(|error| Failure::Usage(format!("{joined}: {error}")))?;
    }
    let mut identities = match &embedded {
        Some(embedded) if args.identities.is_empty() && file.identity.is_empty() => {
            embedded.identities.clone()
        }
        _ => Vec::new(),
    };
    for (name, table) in &file.identity {
        identities.push(
            identity(name, table).map_err(|reason| Failure::Usage(format!("[identity.{name}]: {reason}")))?,
        );
    }
    for spec in &args.identities {
        let identity = Identity::parse(spec, &read_indirect).map_err(Failure::usage)?;
        identities.retain(|old: &Identity| old.name != identity.name);
        identities.push(identity);
    }
    let signing_key = match (&file.jwt.signing_key, &embedded) {
        (Some(value), _) => {
            let key = read_indirect(value)
                .map_err(|reason| Failure::Usage(format!("jwt.signing_key: {reason}")))?;
            Some(SigningKey::hmac(&file.jwt.algorithm, key).map_err(Failure::usage)?)
        }
        (None, Some(embedded)) => Some(embedded.signing_key.clone()),
        (None, None) => None,
    };
    let mut samples = Vec::new();
    for (name, value) in &file.jwt.samples {
        let value =
            read_indirect(value).map_err(|reason| Failure::Usage(format!("jwt.samples.{name}: {reason}")))?;
        samples.push((name.clone(), value));
    }
    if target.origin().scheme() == Scheme::Http
        && let Some(identity) = identities.iter().find(|identity| identity.certificate.is_some())
    {
        return Err(Failure::Usage(format!(
            "the identity `{}` has a certificate, and {text} is not https: nobody would see it",
            identity.name
        )));
    }
    let limits = file.rate_limit.iter();
    let settings = Settings {
        signing_key: signing_key.is_some(),
        expired_sample: samples.iter().any(|(name, _)| name == "expired"),
        policy: match &embedded {
            Some(_) if file.policy == Policy::default() => embedded::policy(),
            _ => file.policy.clone(),
        },
        limits: limits
            .flat_map(|table| {
                table.operations.iter().map(|operation| (operation.clone(), table.limit.clone()))
            })
            .collect(),
        disposable_data: embedded.is_some() || file.scope.data == DataMode::Disposable,
        safe_only: file.scope.data == DataMode::Production,
        // The range refuses with 415; what it does not limit, its document does not promise.
        strict: match &file.gate.strict {
            None if embedded.is_some() => vec![Strict::MediaType],
            strict => strict.clone().unwrap_or_default(),
        },
        at_once: file.scope.limits.concurrency.unwrap_or(0),
        ..Settings::default()
    };
    let self_register = file.scope.self_register.unwrap_or_else(|| target.origin().is_loopback());
    let headers = args.headers.iter().map(|header| header_of(header)).collect::<Result<_, _>>()?;
    for exception in &file.expect {
        if proofhouse::checks::by_id(&exception.check).is_none() {
            let Failure::Usage(text) = crate::commands::unknown_check(&exception.check) else { continue };
            return Err(Failure::Usage(format!("[[expect]]: {text}")));
        }
    }
    let mut warnings: Vec<String> =
        file.unused().into_iter().map(|table| format!("{table} is not used by this version yet")).collect();
    warnings.extend(
        surface.broken.iter().map(|broken| format!("the document, at {}: {}", broken.pointer, broken.reason)),
    );
    let roles: BTreeSet<_> = identities.iter().filter_map(|identity| identity.role.as_deref()).collect();
    let idle = file.policy.rules.iter().map(|rule| rule.role.as_str()).filter(|role| !roles.contains(role));
    warnings.extend(idle.collect::<BTreeSet<_>>().into_iter().map(|role| {
        format!("[policy] has rules for `{role}`, and no identity has that role: they count for nobody")
    }));
    let (mut surface, mut settings) = (surface, settings);
    if document == Document::Needed || !surface.operations.is_empty() {
        warnings.extend(crate::select::by_file(&file.operation, &mut surface, &mut settings)?);
    } else {
        crate::select::unseen(&file.operation, &mut settings)?;
    }
    Ok(Resolved {
        per_second: args.rate.or(file.scope.limits.per_second).unwrap_or(0),
        gate: gate(&file)?,
        embedded,
        target,
        scope,
        tls,
        trust,
        proxy,
        expected: file.expect.clone(),
        surface: Arc::new(surface),
        identities,
        settings,
        signing_key,
        samples,
        headers,
        self_register,
        warnings,
    })
}

/// A URL that may be shown: people put passwords into them.
fn without_password(url: &str) -> String {
    match url.rsplit_once('@') {
        Some((before, host)) => {
            format!(
                "{}…@{host}",
                before.split_once("://").map_or(String::new(), |(scheme, _)| format!("{scheme}://"))
            )
        }
        None => url.to_owned(),
    }
}

fn header_of(text: &str) -> Result<(String, String), Failure> {
    let parts = text.split_once(':').filter(|(name, _)| !name.trim().is_empty());
    let (name, value) = parts.ok_or_else(|| Failure::Usage("--header is written NAME: VALUE".to_owned()))?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

fn gate(file: &ConfigFile) -> Result<Gate, Failure> {
    let mut gate = Gate::default();
    if let Some(fail) = &file.gate.fail {
        gate.severity = fail.severity.unwrap_or(gate.severity);
        gate.confidence = fail.confidence.unwrap_or(gate.confidence);
        if let Some(only) = fail.only.as_deref().filter(|only| !matches!(*only, "new" | "all")) {
            return Err(Failure::Usage(format!("gate.fail.only = \"{only}\": write \"new\" or \"all\"")));
        }
        gate.only_new = fail.only.as_deref() != Some("all");
    }
    if let Some(prove) = &file.gate.prove {
        let shares = prove.iter().map(|(name, share)| {
            let practice = name.parse().map_err(|error| Failure::Usage(format!("gate.prove: {error}")))?;
            Ok((practice, *share))
        });
        gate.prove = shares.collect::<Result<_, Failure>>()?;
    }
    Ok(gate)
}

/// Loopback needs no authorization; any other target needs one that is explicit and has not run out.
fn scope(file: &ConfigFile, target: &TargetUrl) -> Result<Scope, Failure> {
    let table = &file.scope;
    let mut scope = if table.allow.is_empty() { Scope::loopback() } else { Scope::nothing() };
    for text in &table.allow {
        let url = text.parse().map_err(|error| Failure::Usage(format!("scope.allow: {text}: {error}")))?;
        scope = scope.allow(url);
    }
    for text in &table.deny {
        scope =
            scope.deny(text.parse().map_err(|error| Failure::Usage(format!("scope.deny: {text}: {error}")))?);
    }
    let origin = target.origin();
    scope.admit_origin(origin).map_err(|error| {
        Failure::Usage(format!("{error}; put the target into `allow` of [scope], with an `authorization`"))
    })?;
    if !origin.is_loopback() {
        let authorization = table.authorization.as_ref().ok_or_else(|| {
            Failure::Usage(format!(
                "{} is not on this machine: [scope] needs authorization = {{ by, reference, until }}",
                origin.authority()
            ))
        })?;
        let until: jiff::civil::Date =
            authorization.until.to_string().get(..10).unwrap_or_default().parse().map_err(|_| {
                Failure::Usage(format!("scope.authorization.until = {} is not a date", authorization.until))
            })?;
        if jiff::Zoned::now().date() > until {
            return Err(Failure::Usage(format!(
                "the authorization by {} ({}) ran out on {until}",
                authorization.by, authorization.reference
            )));
        }
    }
    Ok(scope)
}

fn tls(args: &TargetArgs) -> Result<TlsSettings, Failure> {
    let mut settings = TlsSettings::default();
    if let Some(path) = &args.cacert {
        let pem =
            std::fs::read(path).map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))?;
        settings = settings
            .trust_pem(&pem)
            .map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))?;
    }
    if let (Some(cert), Some(key)) = (&args.cert, &args.key) {
        let read = |path: &std::path::Path| {
            std::fs::read(path).map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))
        };
        settings = settings.client_pem(&read(cert)?, &read(key)?).map_err(|error| {
            Failure::Usage(format!("--cert {}, --key {}: {error}", cert.display(), key.display()))
        })?;
    }
    if args.insecure {
        settings = settings.insecure();
    }
    Ok(settings)
}

impl Resolved {
    pub(crate) fn factory(&self) -> Result<Arc<HttpFactory>, Failure> {
        let factory = HttpFactory::new(self.target.clone(), Arc::clone(&self.scope), Arc::clone(&self.tls));
        let factory = factory.with_certificates(&self.identities, &self.trust).map_err(Failure::Usage)?;
        Ok(Arc::new(factory.via(self.proxy.clone())))
    }

    /// Leaves operations out, as the command line says.
    pub(crate) fn select(&mut self, include: &[String], exclude: &[String]) -> Result<(), Failure> {
        crate::select::by_flags(include, exclude, Arc::make_mut(&mut self.surface), &mut self.settings)
    }

    /// What asking the target for a page needs.
    pub(crate) fn asked(&self) -> Asked<'_> {
        Asked {
            target: &self.target,
            scope: Arc::clone(&self.scope),
            tls: Arc::clone(&self.tls),
            proxy: self.proxy.clone(),
        }
    }

    /// The target as reports name it.
    pub(crate) fn target_name(&self) -> String {
        let scheme = if self.target.origin().scheme() == Scheme::Https { "https" } else { "http" };
        format!("{scheme}://{}{}", self.target.origin().authority(), self.target.base().trim_end_matches('/'))
    }

    /// Finds the logins of those of whom only a name and a password are known; says who has none.
    pub(crate) async fn complete(&mut self, vault: &Arc<Vault>) -> Result<Vec<String>, Failure> {
        if self.identities.iter().all(|identity| !matches!(identity.spec, Spec::User { .. })) {
            return Ok(Vec::new());
        }
        let session = self.session(vault).await?;
        Ok(accounts::complete(&mut self.identities, &self.surface, &session, 1).await)
    }

    /// One session of its own, for replaying.
    pub(crate) async fn session(&self, vault: &Arc<Vault>) -> Result<Session, Failure> {
        self.session_until(vault, &Arc::default()).await
    }

    /// The same, until it is stopped.
    pub(crate) async fn session_until(
        &self,
        vault: &Arc<Vault>,
        halt: &Arc<Halt>,
    ) -> Result<Session, Failure> {
        let lane = self.factory()?.lane().await.map_err(Failure::Environment)?;
        vault.register_headers(&self.headers);
        let wallet = Arc::new(
            Wallet::new(self.identities.clone(), Arc::clone(vault)).with_samples(self.samples.clone()),
        );
        let config = SessionConfig {
            run_id: "replay000000".into(),
            extra_headers: Arc::new(self.headers.clone()),
            signing_key: self.signing_key.clone(),
            governor: Arc::new(Governor::new(self.per_second).at_once(self.settings.at_once)),
            halt: Arc::clone(halt),
            door: Arc::new(Door::new(&self.surface, &self.settings)),
            ledger: None,
            checks: Arc::default(),
        };
        Ok(Session::new(lane, wallet, config))
    }
}
