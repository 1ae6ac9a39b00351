//! The embedded range as a target: started on loopback, with its accounts as identities.

use proofhouse::execute::SigningKey;
use proofhouse::generate::{Policy, Rule};
use proofhouse::identity::Identity;
use proofhouse_range::{Account, Config, Defect, DefectError, Range};
use serde_json::json;

use crate::error::Failure;

/// Defects that are built in when none is named: some of every kind, none in another's way.
const DEFAULT: &[&str] = &[
    "authn-challenge-missing-on-orders",
    "authn-invalid-credential-for-reports",
    "authn-missing-credential-on-deletion",
    "authz-function-for-everybody",
    "authz-object-read-of-receipt",
    "ctype-absent-accepted-of-login",
    "ctype-mismatch-body-form-as-json",
    "ctype-nosniff-missing-on-errors",
    "ctype-response-undeclared-no-json",
    "error-shape-inconsistent-plain-text",
    "error-stack-trace-nested-in-json",
    "expose-undocumented-field-purchase-price",
    "input-body-size-of-login",
    "input-flaky-operation-one-of-five",
    "input-json-depth-counter",
    "input-json-malformed-behind-the-end",
    "input-schema-violation-accepted-in-changed-note",
    "input-server-error-on-zero",
    "input-sqli-boolean-in-category",
    "inventory-trace-of-health",
    "jwt-alg-none-on-forgotten-route",
    "jwt-exp-ignored-on-one-route",
    "jwt-payload-swap-on-unverified-route",
    "jwt-sig-bitflip-in-first-byte",
    "jwt-sig-stripped-two-segments",
    "ratelimit-missing-on-login-recount",
    "ratelimit-retry-after-dishonest-in-words",
];

/// The embedded range, running until it is dropped.
pub(crate) struct Embedded {
    pub(crate) range: Range,
    pub(crate) identities: Vec<Identity>,
    pub(crate) signing_key: SigningKey,
    pub(crate) defects: Vec<&'static Defect>,
}

impl Embedded {
    /// Starts the range with these defects; none named means a default set, `none` means hardened.
    pub(crate) fn start(defects: &[String]) -> Result<Self, Failure> {
        let config = configured(defects)?;
        let range = Range::start(&config)
            .map_err(|error| Failure::Environment(format!("the range cannot listen on loopback: {error}")))?;
        let accounts = &config.accounts;
        let signing_key =
            SigningKey::hmac("HS256", accounts.signing_key.as_bytes()).map_err(Failure::usage)?;
        let identities = vec![
            person("alice", "customer", &accounts.alice),
            person("bob", "customer", &accounts.bob),
            person("olga", "admin", &accounts.admin),
            Identity::api_key("reports", "X-API-Key", accounts.api_key.clone()).role("reports"),
            Identity::basic("kitchen", accounts.kitchen_name.clone(), accounts.kitchen_password.clone())
                .role("kitchen"),
        ];
        Ok(Self { range, identities, signing_key, defects: config.defects })
    }

    /// The flags that build a finding's defects in again.
    pub(crate) fn replay_flags(&self, check: &str, operation: &str) -> String {
        let fires = |defect: &&&Defect| defect.fires.contains(&check);
        let lives = |defect: &&&Defect| defect.operations.contains(&operation);
        let all: Vec<_> = self.defects.iter().filter(fires).collect();
        let here: Vec<_> = self.defects.iter().filter(fires).filter(lives).collect();
        let named = if here.is_empty() { all } else { here };
        named.iter().map(|defect| format!("--defect {}", defect.id)).collect::<Vec<_>>().join(" ")
    }
}

/// A configuration of the range with these defects.
pub(crate) fn configured(defects: &[String]) -> Result<Config, Failure> {
    let mut config = Config::default();
    if defects.iter().any(|id| id == "none") {
        if defects.len() > 1 {
            return Err(Failure::Usage(
                "`--defect none` is the hardened range: name no other defect beside it".to_owned(),
            ));
        }
        return Ok(config);
    }
    let named: Vec<&str> =
        if defects.is_empty() { DEFAULT.to_vec() } else { defects.iter().map(String::as_str).collect() };
    for id in named {
        config = config.defect(id).map_err(|error| {
            Failure::Usage(format!("{error}{}; `proofhouse range --list` shows them", hint(&error)))
        })?;
    }
    Ok(config)
}

/// What the range's owner says of it.
pub(crate) fn policy() -> Policy {
    let customers = Rule {
        role: "customer".to_owned(),
        hidden_fields: vec!["permissions".to_owned()],
        ..Rule::default()
    };
    Policy { rules: vec![customers], ..Policy::default() }
}

/// The defect that may have been meant.
fn hint(error: &DefectError) -> String {
    let DefectError::Unknown { id } = error else { return String::new() };
    let ids = proofhouse_range::defects().iter().map(|defect| defect.id);
    let nearest = ids.max_by(|a, b| strsim::jaro_winkler(a, id).total_cmp(&strsim::jaro_winkler(b, id)));
    nearest.map(|nearest| format!(": did you mean `{nearest}`?")).unwrap_or_default()
}

fn person(name: &str, role: &str, account: &Account) -> Identity {
    let body = json!({"username": account.name, "password": account.password});
    Identity::login(name, "POST", "/login", body, "/access_token").role(role)
}

#[cfg(test)]
mod tests {
    use super::{DEFAULT, configured};

    #[test]
    fn the_default_defects_can_stand_together() {
        let config = configured(&[]).expect("no conflict");
        assert_eq!(config.defects.len(), DEFAULT.len());
        let mut checks: Vec<_> = config.defects.iter().flat_map(|defect| defect.fires.iter()).collect();
        checks.sort_unstable();
        checks.dedup();
        let mut absent: Vec<_> = proofhouse::checks::CHECKS
            .iter()
            .map(|check| check.about().id)
            .filter(|id| !checks.contains(&id))
            .collect();
        absent.sort_unstable();
        // One operation answers in one way: each of these would stand where another does.
        assert_eq!(
            absent,
            [
                "authn-not-enforced",
                "authz-field-matrix",
                "ctype-refusal-not-415",
                "ctype-undocumented-accepted",
                "error-db-detail",
                "error-panic-spreads",
                "error-path-disclosure",
                "expose-seeded-secret",
                "input-sqli-error",
                "ratelimit-never-recovers",
            ]
        );
    }
}
