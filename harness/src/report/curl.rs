//! A request as a command line that people paste, with credentials as shell variables.

use crate::identity::Vault;
use crate::message::Outgoing;

/// The request as a `curl` command. `base` is the target's origin; identities' secrets become variables.
pub fn curl(base: &str, identity: &str, request: &Outgoing, vault: &Vault) -> String {
    let mut parts = vec!["curl -sS -i --path-as-is".to_owned()];
    let method = String::from_utf8_lossy(&request.method);
    if method != "GET" {
        parts.push(format!("-X {}", quoted(&method)));
    }
    for (name, value) in &request.headers {
        let name = String::from_utf8_lossy(name);
        if ["host", "content-length", "user-agent", "accept", "x-proofhouse-run"]
            .contains(&name.to_ascii_lowercase().as_str())
        {
            continue;
        }
        let value = String::from_utf8_lossy(value);
        let clean = vault.redact(&value);
        if clean == value {
            parts.push(format!("-H {}", quoted(&format!("{name}: {value}"))));
        } else if let Some((_, label)) = clean.split_once("‹header.") {
            // A header that the user added.
            let variable = variable(label.split('›').next().unwrap_or_default(), "HEADER");
            parts.push(format!("-H \"{name}: ${variable}\""));
        } else {
            let variable =
                variable(identity, if clean.contains("forged") { "FORGED_TOKEN" } else { "TOKEN" });
            let scheme = value.split_once(' ').map_or(String::new(), |(scheme, _)| format!("{scheme} "));
            parts.push(format!("-H \"{name}: {scheme}${variable}\""));
        }
    }
    if !request.body.is_empty() {
        let body = vault.redact(&String::from_utf8_lossy(&request.body));
        parts.push(format!("--data-binary {}", quoted(&cut(&body))));
    }
    let target = vault.redact(&String::from_utf8_lossy(&request.target));
    parts.push(quoted(&format!("{}{target}", origin(base))));
    parts.join(" ")
}

/// Scheme and authority: the request's target holds the base path already.
fn origin(base: &str) -> &str {
    let authority = base.find("://").map_or(0, |at| at + 3);
    let end = base[authority..].find('/').map_or(base.len(), |at| authority + at);
    &base[..end]
}

fn cut(text: &str) -> String {
    let limit = 4_096;
    if text.len() <= limit { text.to_owned() } else { text.chars().take(limit).collect::<String>() + "…" }
}

fn variable(identity: &str, suffix: &str) -> String {
    let name: String = identity
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' })
        .collect();
    format!("{name}_{suffix}")
}

/// Single quotes for a POSIX shell; control characters by `$'…'`.
fn quoted(text: &str) -> String {
    if text.chars().any(char::is_control) {
        let escaped: String = text
            .chars()
            .map(|c| match c {
                '\'' => "\\'".to_owned(),
                '\\' => "\\\\".to_owned(),
                c if c.is_control() && u32::from(c) < 0x80 => format!("\\x{:02x}", u32::from(c)),
                c => c.to_string(),
            })
            .collect();
        return format!("$'{escaped}'");
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_path_is_named_once() {
        let command = curl("http://h:1/v9", "", &Outgoing::new("GET", "/v9/items"), &Vault::default());
        assert_eq!(command, "curl -sS -i --path-as-is 'http://h:1/v9/items'");
    }

    #[test]
    fn the_command_can_be_pasted_and_holds_no_secret() {
        let vault = Vault::default();
        vault.register("alice.token", "s3cr3t-token");
        let request = Outgoing::new("POST", "/menu?q=it%27s")
            .header("Host", "localhost")
            .header("Authorization", "Bearer s3cr3t-token")
            .header("Content-Type", "application/json")
            .body("{\"a\":\"it's\"}");
        insta::assert_snapshot!(curl("http://localhost:8080/", "alice", &request, &vault), @r#"curl -sS -i --path-as-is -X 'POST' -H "Authorization: Bearer $ALICE_TOKEN" -H 'Content-Type: application/json' --data-binary '{"a":"it'\''s"}' 'http://localhost:8080/menu?q=it%27s'"#);
    }
}
