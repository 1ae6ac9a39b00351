//! `init`: looks at a target and writes down what it saw, as a configuration to begin with.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use proofhouse::exit::ExitCode;
use proofhouse::message::inert_text;
use proofhouse::surface::{Operation, Schema, SecurityScheme, Surface};
use serde_json::Value as Json;

use crate::args::InitArgs;
use crate::document::{self, Found};
use crate::error::Failure;
use crate::output;
use crate::resolve::{Document, Resolved, resolve};

/// The most operations that are asked, once each.
const ASKED: usize = 12;

pub(crate) fn init(args: &InitArgs) -> Result<ExitCode, Failure> {
    let printed = args.output.as_os_str() == "-";
    if !printed && !args.force && args.output.exists() {
        return Err(Failure::Usage(format!(
            "{} is there already: name another with --output, print it with --output -, or add --force",
            args.output.display()
        )));
    }
    let resolved = resolve(Some(&args.url), &args.target, Document::Unneeded)?;
    let asked = resolved.asked();
    let found = document::load(&args.target.openapi, &asked)?;
    let seen = look(&resolved, &found.surface)?;
    let text = inert_text(&configuration(&resolved, &found, &seen));
    if printed {
        output::result(text.trim_end());
        return Ok(ExitCode::Proven);
    }
    std::fs::write(&args.output, text)
        .map_err(|error| Failure::Environment(format!("{}: {error}", args.output.display())))?;
    output::result(&format!(
        "{}: {} operations, from {}\nNext: proofhouse check-config --config {0}, and then proofhouse run --config {0}",
        args.output.display(),
        found.surface.operations.len(),
        inert_text(&found.places.join(", ")),
    ));
    Ok(ExitCode::Proven)
}

/// What the target answered to a few harmless requests.
#[derive(Default)]
struct Observed {
    /// Answers by status.
    statuses: BTreeMap<u16, usize>,
    /// Headers that speak of limits, by operation.
    limits: Vec<(String, String, String)>,
    unanswered: usize,
}

fn look(resolved: &Resolved, surface: &Surface) -> Result<Observed, Failure> {
    let mut seen = Observed::default();
    let plain = |operation: &&Operation| {
        operation.method == "GET"
            && !operation.path.contains('{')
            && !operation.parameters.iter().any(|p| p.required)
    };
    let base = resolved.target.base().trim_end_matches('/');
    for operation in surface.operations.iter().filter(plain).take(ASKED) {
        let Ok(answer) = document::get(&format!("{base}{}", operation.path), &resolved.asked()) else {
            seen.unanswered += 1;
            continue;
        };
        *seen.statuses.entry(answer.status).or_default() += 1;
        for (name, value) in answer.headers {
            let lower = name.to_ascii_lowercase();
            if lower.contains("ratelimit-limit")
                || lower == "ratelimit-policy"
                || lower == "x-rate-limit-limit"
            {
                seen.limits.push((operation.name(), name, value));
            }
        }
    }
    if seen.statuses.is_empty() && seen.unanswered > 0 {
        return Err(Failure::Unreachable(format!("{} answers nothing", resolved.target_name())));
    }
    Ok(seen)
}

fn configuration(resolved: &Resolved, found: &Found, seen: &Observed) -> String {
    let surface = &found.surface;
    let mut text = String::new();
    let _ = writeln!(
        text,
        "# {} at {}, as it was seen. Lines that begin with # are off.\n\
         # `proofhouse check-config` says whether this is right, `proofhouse run` attacks.\n\
         version = 1\n\
         target = {}",
        one_line(if surface.title.is_empty() { "The API" } else { &surface.title }),
        resolved.target_name(),
        quoted(&resolved.target_name()),
    );
    let safe = surface.operations.iter().filter(|operation| operation.is_safe()).count();
    let _ = writeln!(
        text,
        "openapi = {}   # {} operations, {safe} of them safe",
        places(&found.places),
        surface.operations.len()
    );
    for broken in surface.broken.iter().take(5) {
        let _ = writeln!(text, "# skipped, at {}: {}", one_line(&broken.pointer), one_line(&broken.reason));
    }
    if !seen.statuses.is_empty() {
        let counts: Vec<_> = seen.statuses.iter().map(|(status, n)| format!("{n} × {status}")).collect();
        let _ = writeln!(text, "# Asked without a credential, operations answered: {}.", counts.join(", "));
    }
    scope(&mut text, resolved);
    identities(&mut text, surface);
    limits(&mut text, surface, seen);
    let _ = write!(
        text,
        "\n# What fails a build. Findings that are accepted for a while go into [[expect]]:\n\
         # [[expect]]\n\
         # check = \"ctype-undocumented-accepted\"\n\
         # operations = [\"POST /hooks/*\"]\n\
         # because = {{ reason = \"…\", owner = \"…\", until = 2027-03-01 }}\n\
         [gate]\n\
         fail = {{ severity = \"medium\", confidence = \"proven\", only = \"new\" }}\n"
    );
    text
}

fn scope(text: &mut String, resolved: &Resolved) {
    let _ = writeln!(text, "\n[scope]");
    if resolved.target.origin().is_loopback() {
        let _ = writeln!(
            text,
            "# Nothing leaves this machine. Behind a tunnel, loopback may be somebody's production."
        );
    } else {
        let _ = writeln!(
            text,
            "# Nothing is sent anywhere else, and nothing at all without a person who allows it.\n\
             allow = [{}]\n\
             authorization = {{ by = \"\", reference = \"\", until = 1970-01-01 }}   # fill in",
            quoted(&format!("{}/", resolved.target_name()))
        );
    }
    let _ = writeln!(
        text,
        "# production: safe methods only; shared: writes to what the run made; disposable: everything may be lost\n\
         data = \"shared\""
    );
}

fn identities(text: &mut String, surface: &Surface) {
    let needing =
        surface.operations.iter().filter(|operation| operation.needs_credential() == Some(true)).count();
    let login = surface.operations.iter().find_map(login_of);
    if surface.schemes.is_empty() && login.is_none() {
        let _ = writeln!(
            text,
            "\n# The document says nothing of credentials. If callers have one, name two of them:\n\
             # [identity.alice]\n\
             # bearer = \"env:ALICE_TOKEN\""
        );
        return;
    }
    let _ = writeln!(
        text,
        "\n# {needing} of {} operations ask for a credential. Two callers of one role let proofhouse see whether one\n\
         # reads what is the other's; one of a higher role, whether functions are guarded. Secrets stay outside:\n\
         # env:VARIABLE, file:PATH or cmd:COMMAND.",
        surface.operations.len()
    );
    if let Some(login) = login {
        for name in ["alice", "bob"] {
            let _ = writeln!(text, "# [identity.{name}]\n# role = \"user\"\n# {}", login.line(name));
        }
        return;
    }
    let mut seen = Vec::new();
    for (name, scheme) in &surface.schemes {
        let lines: Vec<String> = match scheme {
            SecurityScheme::Bearer { .. } | SecurityScheme::OAuth2 { .. } | SecurityScheme::OpenIdConnect => {
                vec!["bearer = \"env:{}_TOKEN\"".to_owned()]
            }
            SecurityScheme::Basic => {
                vec!["basic = { username = \"{}\", password = \"env:{}_PASSWORD\" }".to_owned()]
            }
            SecurityScheme::ApiKey { location, name } => {
                let location = format!("{location:?}").to_lowercase();
                vec![format!("api_key = {{ {location} = {}, value = \"env:{{}}_KEY\" }}", quoted(name))]
            }
            SecurityScheme::MutualTls => vec!["# a client certificate: --cert FILE --key FILE".to_owned()],
            SecurityScheme::Other { .. } => vec![],
        };
        for line in lines {
            if seen.contains(&line) {
                continue;
            }
            let _ = writeln!(text, "# The document's scheme {}:", one_line(name));
            for caller in ["alice", "bob"] {
                let upper = caller.to_uppercase();
                let filled = line
                    .replacen("username = \"{}\"", &format!("username = \"{caller}\""), 1)
                    .replace("{}", &upper);
                let _ = writeln!(text, "# [identity.{caller}]\n# role = \"user\"\n# {filled}");
            }
            seen.push(line);
        }
    }
}

/// A login that the document describes.
struct Login {
    request: String,
    user: String,
    password: String,
    form: bool,
    take: String,
}

impl Login {
    fn line(&self, name: &str) -> String {
        format!(
            "login = {{ request = {}, {} = {{ {} = \"{name}\", {} = \"env:{}_PASSWORD\" }}, take = {} }}",
            quoted(&self.request),
            if self.form { "form" } else { "json" },
            quoted(&self.user),
            quoted(&self.password),
            name.to_uppercase(),
            quoted(&self.take)
        )
    }
}

/// A `POST` that takes a user and a password and gives a token.
fn login_of(operation: &Operation) -> Option<Login> {
    if operation.method != "POST" || operation.path.contains('{') {
        return None;
    }
    let body = operation.bodies.first()?;
    let names = properties(&body.schema);
    let find = |words: &[&str]| {
        names.iter().find(|name| words.iter().any(|word| name.to_lowercase().contains(word)))
    };
    let password = find(&["password", "passwd"])?.clone();
    let user = find(&["username", "user", "email", "login", "account", "name"])?.clone();
    let answers = operation.responses.iter().filter(|(status, _)| status.starts_with('2'));
    let schemas = answers.flat_map(|(_, response)| response.content.values().flatten());
    let take = schemas.flat_map(properties).find(|name| name.to_lowercase().contains("token"))?;
    Some(Login {
        request: operation.name(),
        user,
        password,
        form: body.media_type.contains("x-www-form-urlencoded"),
        take: format!("/{take}"),
    })
}

/// The property names of an object's schema.
fn properties(schema: &Schema) -> Vec<String> {
    fn walk(schema: &Json, root: &Json, depth: usize, names: &mut Vec<String>) {
        if depth > 6 {
            return;
        }
        if let Some(target) =
            schema["$ref"].as_str().and_then(|reference| root.pointer(reference.trim_start_matches('#')))
        {
            walk(target, root, depth + 1, names);
        }
        if let Some(members) = schema["properties"].as_object() {
            names.extend(members.keys().cloned());
        }
        for part in ["allOf", "anyOf", "oneOf"] {
            for branch in schema[part].as_array().into_iter().flatten() {
                walk(branch, root, depth + 1, names);
            }
        }
    }
    let mut names = Vec::new();
    walk(&schema.json, &schema.json, 0, &mut names);
    names
}

fn limits(text: &mut String, surface: &Surface, seen: &Observed) {
    let declared: Vec<_> = surface
        .operations
        .iter()
        .filter(|operation| operation.rate_limit.is_some())
        .map(Operation::name)
        .collect();
    if !declared.is_empty() {
        let _ = writeln!(
            text,
            "\n# Limits that the document declares (x-rate-limit) are tested: {}.",
            one_line(&declared.join(", "))
        );
    }
    if seen.limits.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n# Answers spoke of limits. Write down what is promised, and it is tested:");
    for (operation, name, value) in seen.limits.iter().take(3) {
        let digits: String = value.chars().take_while(char::is_ascii_digit).take(9).collect();
        let count = digits.parse().unwrap_or(100_u32);
        let _ = writeln!(
            text,
            "# {}: {}: {}\n# [[rate_limit]]\n# operations = [{}]\n# limit = {{ count = {count}, window = \"60s\", per = \"identity\", answer = 429 }}",
            one_line(operation),
            one_line(name),
            one_line(value),
            quoted(operation)
        );
    }
}

/// One text, or a list of them.
fn places(places: &[String]) -> String {
    match places {
        [one] => quoted(one),
        several => format!("[{}]", several.iter().map(|place| quoted(place)).collect::<Vec<_>>().join(", ")),
    }
}

/// A text in TOML's quotes.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// For a comment: a target must not end it and write lines of its own.
fn one_line(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_target_says_stays_in_its_line() {
        assert_eq!(one_line("Shop\n[scope]\ndata = \"disposable\""), "Shop [scope] data = \"disposable\"");
        let value: toml::Table = format!("x = {}", quoted("a\"\n[scope]\u{1b}")).parse().expect("TOML");
        assert_eq!(value["x"].as_str(), Some("a\"\n[scope]\u{1b}"));
    }
}
