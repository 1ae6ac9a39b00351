//! Reading `proofhouse.toml`: errors name the file, the place and the mend.

use std::path::Path;

use super::model::ConfigFile;
use crate::error::Failure;

/// Reads the file that was named, or `proofhouse.toml` of the working directory when there is one.
pub(crate) fn load(named: Option<&Path>) -> Result<ConfigFile, Failure> {
    let path = match named {
        Some(path) => path,
        None if Path::new("proofhouse.toml").exists() => Path::new("proofhouse.toml"),
        None => return Ok(ConfigFile::default()),
    };
    let refused = |error: String| Failure::Usage(format!("{}: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| refused(error.to_string()))?;
    let file = parse(&text).map_err(refused)?;
    if named.is_none() && toml::from_str(&text).is_ok_and(|table: toml::Value| runs_command(&table)) {
        return Err(refused(
            "a `cmd:` value is only run from a file that is named: add --config proofhouse.toml if you trust it"
                .to_owned(),
        ));
    }
    Ok(file)
}

/// Whether any text of it is a command to run.
fn runs_command(value: &toml::Value) -> bool {
    match value {
        toml::Value::String(text) => text.starts_with("cmd:"),
        toml::Value::Array(items) => items.iter().any(runs_command),
        toml::Value::Table(members) => members.values().any(runs_command),
        _ => false,
    }
}

fn parse(text: &str) -> Result<ConfigFile, String> {
    let file: ConfigFile = toml::from_str(text).map_err(|error| mend(text, &error))?;
    if file.version != 1 {
        return Err(format!("version = {}: this proofhouse reads version 1", file.version));
    }
    Ok(file)
}

/// The parser's message and its place, with the nearest known key where one is unknown. The line itself is not
/// shown: it may hold a secret.
fn mend(whole: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| whole.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let text = format!("line {line}, column {column}: {}", without_values(error.message().trim_end()));
    let Some(unknown) = between(&text, "unknown field `") else { return text };
    let known = text.split("expected").nth(1).unwrap_or_default();
    let candidates = known.split('`').skip(1).step_by(2);
    let nearest = candidates
        .max_by(|a, b| strsim::jaro_winkler(a, unknown).total_cmp(&strsim::jaro_winkler(b, unknown)));
    match nearest {
        Some(nearest) => {
            format!("{text}\n`{unknown}` is not a key here: did you mean `{nearest}`?")
        }
        None => text,
    }
}

/// `invalid type: string "…", expected …` without the string.
fn without_values(message: &str) -> String {
    let (Some(start), Some(end)) = (message.find("string \""), message.rfind("\", expected")) else {
        return message.to_owned();
    };
    format!("{}a string{}", &message[..start], &message[end + 1..])
}

fn between<'t>(text: &'t str, start: &str) -> Option<&'t str> {
    let rest = &text[text.find(start)? + start.len()..];
    Some(&rest[..rest.find('`')?])
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn an_unknown_key_names_the_nearest() {
        let error = parse("version = 1\n[scope]\nalow = []\n").unwrap_err();
        assert!(error.contains("line 3"), "{error}");
        assert!(error.contains("did you mean `allow`?"), "{error}");
    }

    #[test]
    fn what_may_be_a_secret_is_not_shown() {
        for text in ["[identity.alice]\nbasic = \"hunter2\"\n", "[identity.alice]\nbearer = \"hunter2\n"] {
            let error = parse(text).unwrap_err();
            assert!(error.starts_with("line 2, column") && !error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn the_tables_of_the_reference_are_read() {
        let file = parse(
            r#"
            version = 1
            target = "http://127.0.0.1:8080/v2"
            openapi = "openapi.yaml"
            [scope]
            allow = ["http://127.0.0.1:8080/v2/"]
            deny = ["* /v2/payments/**"]
            authorization = { by = "J. Roe, CISO", reference = "SEC-1482", until = 2027-01-31 }
            data = "shared"
            limits = { per_second = 50, concurrency = 8 }
            [identity.alice]
            role = "customer"
            login = { request = "POST /login", json = { username = "alice", password = "env:ALICE_PW" }, take = "/access_token", send = "Authorization: Bearer {}" }
            [identity.ops]
            role = "admin"
            oauth2 = { token = "POST /oauth/token", client_id = "ops", client_secret = "file:/run/secrets/ops", scopes = ["admin"] }
            [identity.carol]
            oauth2 = { token = "POST /oauth/token", client_id = "tests", refresh_token = "env:CAROL_REFRESH" }
            [identity.dan]
            login = { request = "POST /login", json = { email = "dan@example.test" }, take = "/access", refresh = { request = "POST /refresh", body = { token = "{}" }, take = "/refresh" } }
            [identity.till]
            certificate = { chain = "file:till.pem", key = "file:till.key" }
            [policy]
            rules = [{ role = "customer", own = ["* /orders/**"] }]
            [jwt]
            signing_key = "file:jwt.key"
            samples = { expired = "env:OLD" }
            [[rate_limit]]
            operations = ["POST /login"]
            limit = { count = 10, window = "60s", per = "account", answer = 429 }
            [gate]
            fail = { severity = "medium", confidence = "proven", only = "new" }
            prove = { authentication = 0.9 }
            "#,
        )
        .expect("read");
        assert_eq!(file.rate_limit[0].limit.window, 60_000);
        assert!(file.identity["alice"].login.is_some());
    }

    #[test]
    fn the_policy_of_the_guide_is_read() {
        let guide = include_str!("../../../../docs/authorization.md");
        let example = guide.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
        let file = parse(&format!("version = 1\n{}", example.expect("an example"))).expect("read");
        let rules = &file.policy.rules;
        assert_eq!(rules[1].hidden_fields, ["cost", "permissions"]);
        assert_eq!(rules[2].when.header["X-Region"], "us");
        let error = parse("version = 1\n[policy]\nrules = [{ role = \"a\", wen = {} }]\n").unwrap_err();
        assert!(error.contains("did you mean `when`?"), "{error}");
        assert!(parse("version = 1\n[policy]\ndefault = \"never\"\n").is_err());
    }

    #[test]
    fn a_later_version_is_refused() {
        assert!(parse("version = 2").unwrap_err().contains("reads version 1"));
    }
}
