//! The tables of `proofhouse.toml`.

use std::collections::BTreeMap;

use proofhouse::expect::Expectation;
use proofhouse::generate::Policy;
use proofhouse::surface::RateLimit;
use serde::Deserialize;
use serde_json::Value as Json;

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfigFile {
    /// The version of the format: 1.
    #[serde(default = "one")]
    pub(crate) version: u32,
    pub(crate) target: Option<String>,
    #[serde(default)]
    pub(crate) openapi: OneOrMore,
    #[serde(default)]
    pub(crate) scope: ScopeTable,
    #[serde(default)]
    pub(crate) identity: BTreeMap<String, IdentityTable>,
    #[serde(default)]
    pub(crate) policy: Policy,
    #[serde(default)]
    pub(crate) jwt: JwtTable,
    #[serde(default)]
    pub(crate) rate_limit: Vec<RateLimitTable>,
    #[serde(default)]
    pub(crate) gate: GateTable,
    #[serde(default)]
    pub(crate) operation: Vec<OperationTable>,
    /// Expected exceptions.
    #[serde(default)]
    pub(crate) expect: Vec<Expectation>,
    // Tables of checks that are still to come: named, so that a file for a later version is not refused.
    pub(crate) profile: Option<Json>,
    pub(crate) storage: Option<Json>,
    pub(crate) logs: Option<Json>,
    pub(crate) gateway: Option<Json>,
    pub(crate) attack_mode: Option<Json>,
    pub(crate) recovery_codes: Option<Json>,
}

/// A text, or a list of texts.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "write a text or a list of texts")]
pub(crate) enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl Default for OneOrMore {
    fn default() -> Self {
        Self::More(Vec::new())
    }
}

impl OneOrMore {
    pub(crate) fn as_slice(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::More(texts) => texts,
        }
    }
}

/// `[scope]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScopeTable {
    #[serde(default)]
    pub(crate) allow: Vec<String>,
    #[serde(default)]
    pub(crate) deny: Vec<String>,
    #[serde(default)]
    pub(crate) auth: Vec<String>,
    pub(crate) authorization: Option<Authorization>,
    #[serde(default)]
    pub(crate) data: DataMode,
    #[serde(default)]
    pub(crate) limits: LimitsTable,
    pub(crate) intrusive: Option<Vec<String>>,
    pub(crate) self_register: Option<bool>,
    pub(crate) out_of_band: Option<Json>,
}

/// Who allowed the traffic, and until when.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Authorization {
    pub(crate) by: String,
    pub(crate) reference: String,
    pub(crate) until: toml::value::Datetime,
}

/// What may happen to the target's data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DataMode {
    /// Safe methods only.
    Production,
    /// Writes to what the run made.
    #[default]
    Shared,
    /// Everything may be lost.
    Disposable,
}

/// `scope.limits`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitsTable {
    pub(crate) per_second: Option<u32>,
    pub(crate) concurrency: Option<usize>,
}

/// `[identity.NAME]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdentityTable {
    pub(crate) role: Option<String>,
    pub(crate) tenant: Option<String>,
    #[serde(default)]
    pub(crate) disposable: bool,
    pub(crate) bearer: Option<String>,
    pub(crate) basic: Option<BasicTable>,
    pub(crate) api_key: Option<ApiKeyTable>,
    pub(crate) login: Option<LoginTable>,
    pub(crate) oauth2: Option<OAuth2Table>,
    pub(crate) user: Option<BasicTable>,
    pub(crate) certificate: Option<CertificateTable>,
}

/// `certificate = { chain, key }`: PEM, mostly `file:PATH`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CertificateTable {
    pub(crate) chain: String,
    pub(crate) key: String,
}

/// `oauth2 = { token, client_id, client_secret, scopes, username, password, refresh_token }`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OAuth2Table {
    pub(crate) token: String,
    pub(crate) client_id: String,
    /// None for a public client (RFC 6749 section 2.1), which needs a refresh token or a password.
    pub(crate) client_secret: Option<String>,
    #[serde(default)]
    pub(crate) scopes: Vec<String>,
    pub(crate) username: Option<String>,
    pub(crate) password: Option<String>,
    pub(crate) refresh_token: Option<String>,
}

/// `basic = { username, password }`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BasicTable {
    pub(crate) username: String,
    pub(crate) password: String,
}

/// `api_key = { header | query | cookie = NAME, value }`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApiKeyTable {
    pub(crate) header: Option<String>,
    pub(crate) query: Option<String>,
    pub(crate) cookie: Option<String>,
    pub(crate) value: String,
}

/// `login = { request, json | form, take, send, refresh }`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoginTable {
    pub(crate) request: String,
    pub(crate) json: Option<Json>,
    pub(crate) form: Option<Json>,
    pub(crate) take: String,
    pub(crate) send: Option<String>,
    pub(crate) refresh: Option<RefreshTable>,
}

/// `login.refresh = { request, body, take }`: `{}` in the body stands for the refresh token, which answers hold at
/// `take`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefreshTable {
    pub(crate) request: String,
    pub(crate) body: Json,
    pub(crate) take: String,
}

/// `[jwt]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct JwtTable {
    pub(crate) keys: Option<String>,
    pub(crate) signing_key: Option<String>,
    #[serde(default = "hs256")]
    pub(crate) algorithm: String,
    #[serde(default)]
    pub(crate) samples: BTreeMap<String, String>,
}

/// `[[rate_limit]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RateLimitTable {
    pub(crate) operations: Vec<String>,
    pub(crate) limit: RateLimit,
}

/// `[[operation]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OperationTable {
    pub(crate) r#match: Vec<String>,
    pub(crate) r#as: TreatedAs,
}

/// `as = { skip = true }`, or `as = { effect, budget }`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TreatedAs {
    #[serde(default)]
    pub(crate) skip: bool,
    pub(crate) effect: Option<EffectName>,
    pub(crate) budget: Option<u32>,
}

/// What an operation does to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum EffectName {
    /// Somebody gets a message.
    Message,
    /// Somebody pays.
    Payment,
    /// Everything begins anew.
    Reset,
    /// Something is not there for others.
    SwitchOff,
    /// Somebody's credential changes.
    Credential,
}

/// `[gate]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GateTable {
    pub(crate) fail: Option<FailTable>,
    pub(crate) prove: Option<BTreeMap<String, f64>>,
    pub(crate) strict: Option<Vec<proofhouse::generate::Strict>>,
}

/// `gate.fail`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FailTable {
    pub(crate) severity: Option<proofhouse::checks::Severity>,
    pub(crate) confidence: Option<proofhouse::checks::Confidence>,
    pub(crate) only: Option<String>,
}

impl ConfigFile {
    /// Tables that this version reads past.
    pub(crate) fn unused(&self) -> Vec<&'static str> {
        let tables = [
            ("profile", self.profile.is_some()),
            ("storage", self.storage.is_some()),
            ("[logs]", self.logs.is_some()),
            ("[gateway]", self.gateway.is_some()),
            ("[attack_mode]", self.attack_mode.is_some()),
            ("[recovery_codes]", self.recovery_codes.is_some()),
            ("scope.intrusive", self.scope.intrusive.is_some()),
            ("scope.out_of_band", self.scope.out_of_band.is_some()),
            ("scope.auth", !self.scope.auth.is_empty()),
            ("jwt.keys", self.jwt.keys.is_some()),
        ];
        tables.into_iter().filter(|(_, set)| *set).map(|(name, _)| name).collect()
    }
}

fn one() -> u32 {
    1
}

fn hs256() -> String {
    "HS256".to_owned()
}
