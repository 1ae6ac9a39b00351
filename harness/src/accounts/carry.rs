//! How a token travels from then on: tried where nobody gets in without it.

use super::names::{is_csrf, plain};
use super::{Asked, ask};
use crate::case::{ANONYMOUS, Request, Value};
use crate::execute::{Session, set_cookies, taken};
use crate::generate::{Manner, Seeded, World, request};
use crate::identity::{Companion, SendAs};
use crate::surface::{Location, SecurityScheme, Surface};
use crate::trace::Exchange;

/// How many operations are asked whether they refuse nobody.
const PROBES: usize = 8;

/// How a token travels.
pub(super) struct Carried {
    pub(super) take: String,
    pub(super) send: SendAs,
    pub(super) also: Vec<Companion>,
    /// An operation refused nobody's request and took the one with the token.
    pub(super) is_proven: bool,
}

/// Finds how a token of this answer travels; takes are where it may stand, best first.
pub(super) async fn find(
    takes: &[String],
    answer: &Exchange,
    world: &World,
    session: &Session,
    seed: u64,
    asked: &mut Asked,
) -> Option<Carried> {
    let closed = closed(world, session, seed, asked).await;
    let also = companions(answer, &world.surface);
    let mut first = None;
    for take in takes.iter().take(4) {
        let Some(token) = taken(answer, take) else { continue };
        for send in ways(take, &world.surface) {
            let also = others(&also, take);
            for (name, probe) in &closed {
                let mut request = probe.clone();
                put(&mut request, &send, &token);
                for companion in &also {
                    if let Some(text) = taken(answer, &companion.take) {
                        put(&mut request, &companion.send, &text);
                    }
                }
                let status = ask(session, name, &request, asked).await.and_then(|answer| answer.status());
                if status.is_some_and(|status| !matches!(status, 401 | 403 | 407 | 429 | 500..)) {
                    return Some(Carried { take: take.clone(), send, also, is_proven: true });
                }
            }
            first.get_or_insert(Carried { take: take.clone(), send, also, is_proven: false });
        }
    }
    first
}

/// Requests that read and that nobody is granted without a credential.
async fn closed(world: &World, session: &Session, seed: u64, asked: &mut Asked) -> Vec<(String, Request)> {
    let mut indices: Vec<usize> = (0..world.surface.operations.len())
        .filter(|index| world.operation(*index).method == "GET" && !world.operation(*index).is_hazard())
        .collect();
    let rank = |index: &usize| {
        let operation = world.operation(*index);
        let own = ["me", "profile", "account", "self", "whoami", "user"];
        let last = operation.path.rsplit('/').next().unwrap_or_default();
        (
            operation.path.contains('{'),
            operation.needs_credential() == Some(false),
            !own.contains(&last),
            operation.needs_credential() != Some(true),
            *index,
        )
    };
    indices.sort_by_key(rank);
    let mut closed = Vec::new();
    for index in indices.into_iter().take(3 * PROBES) {
        let name = world.operation(index).name();
        let mut src = Seeded::derive(seed, &["closed", &name]);
        let Some(draft) = request(world, index, ANONYMOUS, Manner::Minimal, &mut src) else { continue };
        let answer = ask(session, &name, draft.request(), asked).await;
        if answer.and_then(|answer| answer.status()).is_some_and(|status| matches!(status, 401 | 403)) {
            closed.push((name, draft.request().clone()));
        }
        if closed.len() == PROBES / 2 {
            break;
        }
    }
    closed
}

/// The ways in which a token may travel, the likeliest first.
fn ways(take: &str, surface: &Surface) -> Vec<SendAs> {
    let header = |name: &str, template: &str| SendAs {
        location: Location::Header,
        name: name.to_owned(),
        template: template.to_owned(),
    };
    let mut ways = Vec::new();
    if let Some(name) = take.strip_prefix("cookie:") {
        ways.push(SendAs { location: Location::Cookie, name: name.to_owned(), template: "{}".to_owned() });
    }
    for scheme in surface.schemes.values() {
        match scheme {
            SecurityScheme::ApiKey { location, name } => {
                let template = if plain(name) == "authorization" { "Bearer {}" } else { "{}" };
                ways.push(SendAs { location: *location, name: name.clone(), template: template.to_owned() });
                if plain(name) == "authorization" {
                    ways.push(header(name, "{}"));
                }
            }
            SecurityScheme::Bearer { .. } | SecurityScheme::OAuth2 { .. } | SecurityScheme::OpenIdConnect => {
                ways.push(header("Authorization", "Bearer {}"));
            }
            SecurityScheme::Basic | SecurityScheme::MutualTls | SecurityScheme::Other { .. } => {}
        }
    }
    for operation in &surface.operations {
        for parameter in &operation.parameters {
            if is_credential(&parameter.name) && parameter.location != Location::Path {
                let way = |template: &str| SendAs {
                    location: parameter.location,
                    name: parameter.name.clone(),
                    template: template.to_owned(),
                };
                let is_authorization = plain(&parameter.name) == "authorization";
                ways.push(way(if is_authorization { "Bearer {}" } else { "{}" }));
                ways.push(way(if is_authorization { "{}" } else { "Bearer {}" }));
            }
        }
    }
    if let Some(name) = take.strip_prefix("header:") {
        ways.push(header(name, "{}"));
    }
    ways.extend([
        header("Authorization", "Bearer {}"),
        header("Authorization", "{}"),
        header("Authorization", "Token {}"),
        header("Authorization", "JWT {}"),
        header("X-Auth-Token", "{}"),
        header("X-Access-Token", "{}"),
        header("X-Api-Key", "{}"),
    ]);
    let mut unique: Vec<SendAs> = Vec::new();
    for way in ways {
        if !unique.contains(&way) {
            unique.push(way);
        }
    }
    unique.truncate(12);
    unique
}

/// Whether a parameter of this name carries a credential.
pub(crate) fn is_credential(name: &str) -> bool {
    let name = plain(name);
    matches!(
        name.as_str(),
        "authorization"
            | "token"
            | "xtoken"
            | "authtoken"
            | "accesstoken"
            | "apikey"
            | "xapikey"
            | "sessiontoken"
            | "xauthorization"
            | "xauth"
            | "jwt"
            | "bearer"
            | "xsession"
            | "xsessionid"
            | "sessionid"
    ) || (name.starts_with('x') && (name.ends_with("authtoken") || name.ends_with("accesstoken")))
}

/// What must travel beside the token: the other cookies, and the token against forged requests in its header.
fn companions(answer: &Exchange, surface: &Surface) -> Vec<Companion> {
    let mut found = Vec::new();
    let Some(headers) = answer.headers() else { return found };
    let header_of = |name: &str| {
        let declared = surface.operations.iter().flat_map(|operation| &operation.parameters);
        let mut declared = declared.filter(|p| p.location == Location::Header && is_csrf(&p.name));
        declared.next().map_or_else(
            || match plain(name).as_str() {
                "csrftoken" => "X-CSRFToken".to_owned(),
                "xsrftoken" => "X-XSRF-TOKEN".to_owned(),
                _ => "X-CSRF-Token".to_owned(),
            },
            |parameter| parameter.name.clone(),
        )
    };
    let as_header = |take: String, name: &str| Companion {
        take,
        send: SendAs { location: Location::Header, name: header_of(name), template: "{}".to_owned() },
    };
    for (name, _) in set_cookies(headers) {
        let take = format!("cookie:{name}");
        if is_csrf(&name) {
            found.push(as_header(take.clone(), &name));
        }
        found.push(Companion {
            take,
            send: SendAs { location: Location::Cookie, name, template: "{}".to_owned() },
        });
    }
    let members = answer.json().and_then(serde_json::Value::as_object);
    for (name, value) in members.into_iter().flatten() {
        if is_csrf(name) && value.is_string() {
            found.push(as_header(format!("/{}", crate::case::escape_token(name)), name));
        }
    }
    found
}

fn others(all: &[Companion], take: &str) -> Vec<Companion> {
    let is_other =
        |companion: &&Companion| companion.take != take || companion.send.location == Location::Header;
    all.iter().filter(is_other).cloned().collect()
}

fn put(request: &mut Request, send: &SendAs, text: &str) {
    let value = Value::text(send.template.replace("{}", text));
    match send.location {
        Location::Query => request.query.set(&send.name, value),
        Location::Cookie => request.cookies.set(&send.name, value),
        Location::Header | Location::Path => {
            request.headers.0.retain(|(name, _)| !name.eq_ignore_ascii_case(&send.name));
            request.headers.set(&send.name, value);
        }
    }
}
