//! From a request that was seen to a case that can be sent anywhere: ids become references, secrets placeholders.

use serde_json::Value as Json;

use super::seen::{Seen, matched, pairs};
use crate::case::{
    Base, Body, Case, Content, CredentialRef, Dynamic, FreshKind, Pairs, Request, Role, Step, Value,
    escape_token,
};
use crate::identity::{Identity, Spec, is_secret_member};
use crate::surface::{Operation, Surface};

/// How many requests are remembered: what they answered may be named later.
const MEMORY: usize = 64;
/// How many requests one case may need.
const CHAIN: usize = 6;

/// One request of the memory, ready to be a step.
#[derive(Clone)]
struct Taken {
    base: Base,
    identity: String,
    /// The ids that the answer holds, each with where it stands.
    ids: Vec<(String, String)>,
    /// The requests that it refers to.
    needs: Vec<usize>,
}

/// What was seen so far.
pub(super) struct Recorder {
    surface: Surface,
    identities: Vec<Identity>,
    /// Secret texts with whose part of which identity they are.
    secrets: Vec<(String, CredentialRef)>,
    taken: Vec<Taken>,
    pub(super) failure: Option<String>,
}

impl Recorder {
    pub(super) fn new(surface: Surface) -> Self {
        Self { surface, identities: Vec::new(), secrets: Vec::new(), taken: Vec::new(), failure: None }
    }

    pub(super) fn know(&mut self, identity: Identity) {
        use secrecy::ExposeSecret as _;
        let part = |part: &str| CredentialRef { identity: identity.name.clone(), part: part.to_owned() };
        let mut secrets = match &identity.spec {
            Spec::Bearer(secret) | Spec::ApiKey { value: secret, .. } => vec![(secret, part("secret"))],
            Spec::Basic { password, .. } => vec![(password, part("secret"))],
            Spec::Login(_) | Spec::User { .. } | Spec::Certificate => Vec::new(),
        };
        self.secrets
            .extend(secrets.drain(..).map(|(secret, part)| (secret.expose_secret().to_owned(), part)));
        if let Spec::Login(login) = &identity.spec {
            let parts = login.secret_parts().into_iter();
            self.secrets.extend(parts.map(|(at, text)| (text, part(&at))));
        }
        self.identities.push(identity);
    }

    /// The case of a request that the service granted; `None` for what is of no operation, was refused, or is not
    /// understood.
    pub(super) fn take(&mut self, seen: &Seen) -> Option<Case> {
        if !(200..300).contains(&seen.status) || self.taken.len() >= MEMORY * 16 {
            return None;
        }
        let (operation, params) = self.operation(seen)?;
        let identity = self.sender(seen);
        let mut needs = Vec::new();
        let mut request =
            Request { method: seen.method.clone(), path: operation.path.clone(), ..Request::default() };
        for (name, text) in params {
            request.path_params.set(&name, self.text(&name, &text, &mut needs));
        }
        for (name, text) in pairs(&seen.query) {
            request.query.0.push((name.clone(), self.text(&name, &text, &mut needs)));
        }
        for parameter in &operation.parameters {
            let is_header = parameter.location == crate::surface::Location::Header;
            if let Some(text) =
                seen.header(&parameter.name).filter(|_| is_header && !is_credential(&parameter.name))
            {
                request.headers.set(&parameter.name, self.text(&parameter.name, text, &mut needs));
            }
        }
        request.body = self.body(seen, &mut needs);
        let mut ids = Vec::new();
        if let Some(answer) = &seen.answer {
            let owner = self.owner(seen, &identity);
            self.learn(answer, "", "", owner.as_deref(), &mut ids);
        }
        let base =
            Base { name: format!("request-{}", self.taken.len() + 1), operation: operation.name(), request };
        self.taken.push(Taken { base, identity, ids, needs });
        self.case(self.taken.len() - 1)
    }

    /// The operation of a request, and its path parameters.
    fn operation(&self, seen: &Seen) -> Option<(Operation, Vec<(String, String)>)> {
        let path = seen.path.strip_prefix(self.surface.base_path.trim_end_matches('/')).unwrap_or(&seen.path);
        let fitting = self.surface.operations.iter().filter(|operation| operation.method == seen.method);
        let mut fitting: Vec<_> =
            fitting.filter_map(|operation| Some((operation, matched(&operation.path, path)?))).collect();
        // `/orders/latest` is not `/orders/{id}`.
        fitting.sort_by_key(|(_, params)| params.len());
        let (operation, params) = fitting.into_iter().next()?;
        Some((operation.clone(), params))
    }

    fn sender(&self, seen: &Seen) -> String {
        let carried = |text: &String| seen.carries(text);
        let known = self.secrets.iter().find(|(secret, part)| part.part == "secret" && carried(secret));
        let basic = || {
            use base64::Engine as _;
            use secrecy::ExposeSecret as _;
            let credential = seen.header("authorization")?.strip_prefix("Basic ")?;
            self.identities.iter().find_map(|identity| match &identity.spec {
                Spec::Basic { username, password } => {
                    let pair = format!("{username}:{}", password.expose_secret());
                    (base64::engine::general_purpose::STANDARD.encode(pair) == credential)
                        .then(|| identity.name.clone())
                }
                _ => None,
            })
        };
        let known = known.map(|(_, part)| part.identity.clone());
        known.or_else(basic).unwrap_or_else(|| crate::case::ANONYMOUS.to_owned())
    }

    /// Whose a token is that the answer holds: the sender's, or that of whoever logs in.
    fn owner(&self, seen: &Seen, sender: &str) -> Option<String> {
        let body = String::from_utf8_lossy(&seen.body);
        let logs_in = |(secret, part): &&(String, CredentialRef)| {
            part.part.starts_with("login:") && body.contains(secret.as_str())
        };
        let by_login = self.secrets.iter().find(logs_in).map(|(_, part)| part.identity.clone());
        by_login.or_else(|| (sender != crate::case::ANONYMOUS).then(|| sender.to_owned()))
    }

    fn body(&self, seen: &Seen, needs: &mut Vec<usize>) -> Option<Body> {
        if seen.body.is_empty() {
            return None;
        }
        let media_type = seen.header("content-type").unwrap_or("application/octet-stream").to_owned();
        let content = if let Ok(json) = serde_json::from_slice::<Json>(&seen.body) {
            Content::Json(self.json("", json, needs))
        } else {
            let text = String::from_utf8(seen.body.clone()).ok()?;
            if media_type.starts_with("application/x-www-form-urlencoded") {
                let pairs = pairs(&text).into_iter();
                let said = pairs.map(|(name, text)| (name.clone(), self.text(&name, &text, needs)));
                Content::Form(said.collect::<Pairs>())
            } else if self.secrets.iter().any(|(secret, _)| text.contains(secret.as_str())) {
                return None;
            } else {
                Content::Text(Value::Text(text))
            }
        };
        Some(Body { media_type, content })
    }

    fn json(&self, name: &str, json: Json, needs: &mut Vec<usize>) -> Value {
        match json {
            Json::String(text) => self.text(name, &text, needs),
            Json::Number(number) if is_id_name(name) => match self.named(&number.to_string(), needs) {
                Some(reference) => reference,
                None => Value::Number(number),
            },
            Json::Array(items) => {
                Value::List(items.into_iter().map(|item| self.json(name, item, needs)).collect())
            }
            Json::Object(members) => Value::Object(
                members
                    .into_iter()
                    .map(|(key, value)| (key.clone(), self.json(&key, value, needs)))
                    .collect(),
            ),
            other => Value::from(other),
        }
    }

    /// A text: a reference where an earlier answer holds it, a placeholder where it is secret.
    fn text(&self, name: &str, text: &str, needs: &mut Vec<usize>) -> Value {
        if let Some((_, part)) = self.secrets.iter().find(|(secret, _)| secret == text) {
            return Value::dynamic(Dynamic::Credential(part.clone()));
        }
        if let Some(reference) = self.named(text, needs) {
            return reference;
        }
        // What opens a door is another one each time: a password that is set, a token of nobody in particular.
        if is_secret_member(name, text)
            || self.secrets.iter().any(|(secret, _)| text.contains(secret.as_str()))
        {
            return Value::fresh(name, FreshKind::Password);
        }
        Value::text(text)
    }

    /// A reference to the answer that gave this id.
    fn named(&self, text: &str, needs: &mut Vec<usize>) -> Option<Value> {
        let recent = self.taken.iter().enumerate().rev().take(MEMORY);
        let (at, take) = recent.into_iter().find_map(|(at, taken)| {
            taken.ids.iter().find(|(id, _)| id == text).map(|(_, take)| (at, take.clone()))
        })?;
        needs.push(at);
        Some(Value::reference(&self.taken[at].base.name, take))
    }

    /// The ids of an answer, and the secrets that it gives out.
    fn learn(
        &mut self,
        json: &Json,
        name: &str,
        at: &str,
        owner: Option<&str>,
        ids: &mut Vec<(String, String)>,
    ) {
        match json {
            Json::Object(members) => {
                for (key, value) in members.iter().take(64) {
                    self.learn(value, key, &format!("{at}/{}", escape_token(key)), owner, ids);
                }
            }
            Json::Array(items) => {
                for (index, item) in items.iter().take(8).enumerate() {
                    self.learn(item, name, &format!("{at}/{index}"), owner, ids);
                }
            }
            Json::String(text) if is_secret_member(name, text) && text.len() >= 8 => {
                let known = self.secrets.iter().any(|(secret, _)| secret == text);
                if let Some(owner) = owner.filter(|_| !known) {
                    let part = CredentialRef { identity: owner.to_owned(), part: "secret".to_owned() };
                    self.secrets.push((text.clone(), part));
                }
            }
            Json::String(text) if is_id_name(name) && !text.is_empty() => {
                ids.push((text.clone(), at.to_owned()));
            }
            Json::Number(number) if is_id_name(name) => ids.push((number.to_string(), at.to_owned())),
            _ => {}
        }
    }

    /// The case of one request with all that it refers to before it.
    fn case(&self, last: usize) -> Option<Case> {
        let mut wanted = vec![last];
        let mut index = 0;
        while let Some(at) = wanted.get(index).copied() {
            let new: Vec<_> =
                self.taken[at].needs.iter().copied().filter(|need| !wanted.contains(need)).collect();
            wanted.extend(new);
            index += 1;
            if wanted.len() > CHAIN {
                return None;
            }
        }
        wanted.sort_unstable();
        wanted.dedup();
        let mut case = Case::new("explore", self.taken[last].base.operation.clone());
        // By their place in the case: tests run in any order, and the same requests are the same seed.
        let names: Vec<_> = wanted
            .iter()
            .enumerate()
            .map(|(n, at)| (self.taken[*at].base.name.clone(), format!("request-{}", n + 1)))
            .collect();
        for (at, (_, name)) in wanted.into_iter().zip(&names) {
            let taken = &self.taken[at];
            let role = if at == last { Role::Attack } else { Role::Setup };
            if let Some((_, operation)) = self.surface.named(&taken.base.operation) {
                case.note_operation(operation);
            }
            case.steps.push(Step::send(name, role, &taken.identity, name, Vec::new()));
            let mut base = Base { name: name.clone(), ..taken.base.clone() };
            base.request.each_value_mut(&mut |value| renamed(value, &names));
            case.bases.push(base);
        }
        case.note_identities(|name| self.identities.iter().find(|known| known.name == name)?.role.clone());
        // What cannot be read back is of no use to anybody.
        Case::from_json(case.to_json().as_bytes()).ok()
    }
}

/// The same value, with references to steps of other names.
fn renamed(value: &mut Value, names: &[(String, String)]) {
    match value {
        Value::List(items) => items.iter_mut().for_each(|item| renamed(item, names)),
        Value::Object(members) => members.iter_mut().for_each(|(_, value)| renamed(value, names)),
        Value::Dynamic(leaf) => {
            if let Dynamic::Ref(reference) = &mut **leaf
                && let Some((_, new)) = names.iter().find(|(old, _)| *old == reference.step)
            {
                reference.step.clone_from(new);
            }
        }
        _ => {}
    }
}

/// Whether a member of this name holds what other requests name.
fn is_id_name(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    matches!(plain.as_str(), "id" | "uuid" | "guid" | "key" | "slug" | "number") || plain.ends_with("id")
}

fn is_credential(name: &str) -> bool {
    matches!(name.to_ascii_lowercase().as_str(), "authorization" | "cookie")
        || crate::accounts::is_credential(name)
}
