//! The model of a surface, whatever document it came from.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{SharedJson, Validator};

/// What a target exposes.
#[derive(Clone, Debug, Default)]
pub struct Surface {
    /// The document's title.
    pub title: String,
    /// The operations, in the document's order.
    pub operations: Vec<Operation>,
    /// Security schemes by name.
    pub schemes: BTreeMap<String, SecurityScheme>,
    /// The path prefix of the first `servers` entry (never its host), without a trailing slash.
    pub base_path: String,
    /// What could not be used, each with its JSON pointer.
    pub broken: Vec<Broken>,
}

/// A part of the document that could not be used.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Broken {
    /// Where, as a JSON pointer into the document.
    pub pointer: String,
    /// Why.
    pub reason: String,
}

/// One method on one path.
#[derive(Clone, Debug, Default)]
pub struct Operation {
    /// As it is sent: upper case, but for methods that OpenAPI 3.2 lets a document name itself.
    pub method: String,
    /// The path template, such as `/orders/{id}`.
    pub path: String,
    /// The document's `operationId`.
    pub operation_id: Option<String>,
    /// The document's summary, or the first line of its description.
    pub summary: String,
    /// The document's tags.
    pub tags: Vec<String>,
    /// Marked deprecated.
    pub deprecated: bool,
    /// Parameters of the path item and the operation, the operation's winning.
    pub parameters: Vec<Parameter>,
    /// One for each media type of the request body, in order.
    pub bodies: Vec<Body>,
    /// The document says that a body is required.
    pub body_required: bool,
    /// Documented answers by status: `200`, `4XX`, `default`.
    pub responses: BTreeMap<String, Response>,
    /// `None`: the document says nothing. An empty list, or one with an empty alternative: no credential needed.
    pub security: Option<Vec<Vec<SecurityNeed>>>,
    /// `x-rate-limit`.
    pub rate_limit: Option<RateLimit>,
    /// Where the operation stands in the document.
    pub pointer: String,
    /// Its schemas were inferred from samples: they show what fits, and promise to refuse nothing. Its path is the
    /// whole one that was seen, base included, until [`Surface::at_base`].
    pub inferred: bool,
}

/// Words of operations that cost money or reach people each time.
const COSTLY: &[&str] = &[
    "pay",
    "charge",
    "checkout",
    "refund",
    "withdraw",
    "transfer",
    "purchase",
    "send",
    "sms",
    "email",
    "mail",
    "invite",
    "notify",
    "notification",
    "message",
    "otp",
    "call",
    "fax",
    "print",
    "ship",
];

impl Surface {
    /// The operation of this name, and its index.
    pub fn named(&self, name: &str) -> Option<(usize, &Operation)> {
        self.operations.iter().enumerate().find(|(_, operation)| operation.is_named(name))
    }
}

impl Surface {
    /// Takes required parameters that carry an identity's credential for what they are: where the document says
    /// nothing else of an operation, it asks for one.
    pub(crate) fn declare_credentials(&mut self, carriers: &[(Location, String)]) {
        for operation in self.operations.iter_mut().filter(|operation| operation.security.is_none()) {
            let carries = |parameter: &&Parameter| {
                let is = |(location, name): &(Location, String)| {
                    *location == parameter.location && name.eq_ignore_ascii_case(&parameter.name)
                };
                parameter.required && carriers.iter().any(is)
            };
            if let Some(parameter) = operation.parameters.iter().find(carries) {
                let need = SecurityNeed { scheme: parameter.name.clone(), scopes: Vec::new() };
                operation.security = Some(vec![vec![need]]);
            }
        }
    }
}

impl Operation {
    /// `METHOD /path/{template}`: the operation's name everywhere.
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Whether this is its name.
    pub fn is_named(&self, name: &str) -> bool {
        let path = name.strip_prefix(self.method.as_str()).and_then(|rest| rest.strip_prefix(' '));
        path == Some(self.path.as_str())
    }

    /// Whether the document shows how its body, or a parameter that is required, looks.
    pub(crate) fn shows_examples(&self) -> bool {
        let required = self.parameters.iter().filter(|parameter| parameter.required);
        let schemas = self.bodies.iter().map(|body| &body.schema).chain(required.map(|one| &one.schema));
        schemas.into_iter().any(|schema| !schema.examples.is_empty())
    }

    /// GET, HEAD, OPTIONS and QUERY: no effect is asked for (RFC 9110 section 9.2.1).
    pub fn is_safe(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS" | "QUERY")
    }

    /// Whether its name says that it costs money or reaches people each time.
    pub fn is_costly(&self) -> bool {
        let mut words = self.path.split(|c: char| !c.is_ascii_alphanumeric()).map(str::to_ascii_lowercase);
        !self.is_safe() && words.any(|word| COSTLY.contains(&word.trim_end_matches('s')))
    }

    /// Whether its name says that it resets, ends or empties something that others use, or ends the caller's session.
    pub fn is_hazard(&self) -> bool {
        const FOR_ALL: &[&str] = &[
            "reset", "wipe", "purge", "flush", "truncate", "shutdown", "poweroff", "restart", "reboot",
            "drop", "clear",
        ];
        const SESSION: &[&str] = &["logout", "signout", "logoff", "unregister"];
        let mut segments = self.path.rsplit('/').filter(|segment| !segment.is_empty());
        let last = segments.next().unwrap_or_default();
        let named = |words: &[&str]| {
            let plain = |text: &str| -> String { text.chars().filter(char::is_ascii_alphanumeric).collect() };
            let is = |text: &str| words.contains(&plain(text).to_ascii_lowercase().as_str());
            is(last) || last.split(['-', '_', '.', ':']).any(is)
        };
        // What is done to one object of many is done to an object of ours.
        let whole = !self.is_safe() && !self.path.contains('{');
        // A collection that is deleted as a whole holds what others made, the caller's account perhaps; a body says
        // what of it goes.
        let empties = self.method == "DELETE"
            && self.bodies.is_empty()
            && last.len() > 2
            && last.ends_with('s')
            && !last.ends_with("ss");
        whole && (empties || named(FOR_ALL)) || named(SESSION)
    }

    /// Whether the document asks for a credential; `None` when it is silent.
    pub fn needs_credential(&self) -> Option<bool> {
        let Some(alternatives) = self.security.as_ref() else {
            // A credential that is declared as an ordinary parameter is asked for all the same.
            let asks = |parameter: &Parameter| {
                parameter.required
                    && matches!(parameter.location, Location::Header | Location::Cookie)
                    && crate::accounts::is_credential(&parameter.name)
            };
            return self.parameters.iter().any(asks).then_some(true);
        };
        Some(!alternatives.is_empty() && alternatives.iter().all(|needs| !needs.is_empty()))
    }
}

/// One scheme of one alternative.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityNeed {
    /// The scheme's name.
    pub scheme: String,
    /// The scopes asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
}

/// Where a parameter travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Location {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// In a header.
    Header,
    /// In a cookie.
    Cookie,
}

/// How a parameter's value is written (OpenAPI 3.1, "Style Values").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Style {
    /// `;color=blue`
    Matrix,
    /// `.blue`
    Label,
    /// `blue` or `blue,black`
    Simple,
    /// `color=blue`
    Form,
    /// `blue%20black`
    SpaceDelimited,
    /// `blue|black`
    PipeDelimited,
    /// `color[R]=100`
    DeepObject,
    /// Not a style of the document: the value is a JSON document (a parameter with `content`).
    Json,
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Where it travels.
    pub location: Location,
    /// Must be sent.
    pub required: bool,
    /// How it is written.
    pub style: Style,
    /// Whether lists and objects are spread over several parameters.
    pub explode: bool,
    /// Reserved characters are sent as they are.
    pub allow_reserved: bool,
    /// What it may be.
    pub schema: Schema,
    /// Where it stands in the document.
    pub pointer: String,
}

/// A request body of one media type.
#[derive(Clone, Debug)]
pub struct Body {
    /// The media type as the document writes it.
    pub media_type: String,
    /// What it may be.
    pub schema: Schema,
    /// `encoding` of multipart and form properties: the content type by property.
    pub encoding: BTreeMap<String, String>,
}

/// A documented answer.
#[derive(Clone, Debug, Default)]
pub struct Response {
    /// Schemas by media type; `None` when the document gives none.
    pub content: BTreeMap<String, Option<Schema>>,
    /// Documented headers by name, as the document spells it.
    pub headers: BTreeMap<String, Schema>,
}

/// A self-contained JSON Schema (2020-12), made from whatever dialect the document used: `nullable`,
/// boolean `exclusiveMinimum` and the like are translated, every `$ref` points into `$defs`, and only the
/// definitions that are reachable are carried.
///
/// In a request's schema, `required` does not list `readOnly` properties (and in an answer's none that are
/// `writeOnly`); the keywords themselves stay.
#[derive(Clone, Debug)]
pub struct Schema {
    /// The schema.
    pub json: SharedJson,
    /// Example values of the document for this very place, best first.
    pub examples: Arc<Vec<Json>>,
    /// Compiled at the first use; shared by all places that share the schema.
    compiled: Arc<OnceLock<Result<Validator, String>>>,
}

impl Schema {
    /// A schema without examples.
    pub fn new(json: Json) -> Self {
        Self::shared(json.into())
    }

    /// A schema without examples that is made when somebody looks at it.
    pub fn shared(json: SharedJson) -> Self {
        Self { json, examples: Arc::default(), compiled: Arc::default() }
    }

    /// The same schema with these examples.
    pub fn with_examples(self, examples: Vec<Json>) -> Self {
        Self { examples: Arc::new(examples), ..self }
    }

    /// The same schema where a value may fit several branches of a choice (`oneOf` read as `anyOf`); `None` where
    /// there is no such choice.
    pub fn with_any_branch(&self) -> Option<Self> {
        fn relax(json: &mut Json) -> bool {
            match json {
                Json::Array(items) => items.iter_mut().map(relax).filter(|relaxed| *relaxed).count() > 0,
                Json::Object(members) => {
                    let mut any = members.values_mut().map(relax).filter(|relaxed| *relaxed).count() > 0;
                    let choice = members.get("oneOf").is_some_and(Json::is_array);
                    if choice && !members.contains_key("anyOf") {
                        if let Some(branches) = members.remove("oneOf") {
                            members.insert("anyOf".to_owned(), branches);
                        }
                        any = true;
                    }
                    any
                }
                _ => false,
            }
        }
        let mut json = (*self.json).clone();
        relax(&mut json).then(|| Self::new(json).with_examples((*self.examples).clone()))
    }

    /// The validator, compiled once; formats are annotations. The error says why the schema is unusable.
    pub fn validator(&self) -> Result<&Validator, &str> {
        self.compiled.get_or_init(|| Validator::compile(&self.json)).as_ref().map_err(String::as_str)
    }

    /// Whether the value is valid; an unusable schema refuses nothing.
    pub fn accepts(&self, value: &Json) -> bool {
        self.validator().map_or(true, |validator| validator.is_valid(value))
    }
}

impl From<Json> for Schema {
    fn from(json: Json) -> Self {
        Self::new(json)
    }
}

/// How a credential travels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum SecurityScheme {
    /// `Authorization: Bearer …` (RFC 6750)
    Bearer {
        /// `JWT`, or whatever the document says.
        format: Option<String>,
    },
    /// `Authorization: Basic …` (RFC 7617)
    Basic,
    /// A key in a named header, query parameter or cookie.
    ApiKey {
        /// Where.
        location: Location,
        /// Its name.
        name: String,
    },
    /// OAuth 2.0 flows: a bearer token.
    OAuth2 {
        /// Every `tokenUrl` of the flows.
        token_urls: Vec<String>,
    },
    /// OpenID Connect: a bearer token.
    OpenIdConnect,
    /// Client certificates.
    MutualTls,
    /// Something else, such as HTTP Digest.
    Other {
        /// As the document names it.
        name: String,
    },
}

/// A declared rate limit: `x-rate-limit`, or `[[rate_limit]]` of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// Requests that are allowed in one window.
    pub count: u32,
    /// The window, such as `60s` or `500ms`, in milliseconds here.
    #[serde(with = "window_text")]
    pub window: u64,
    /// Whose requests are counted together.
    #[serde(default)]
    pub per: LimitPer,
    /// The status of a refusal.
    #[serde(default = "too_many_requests")]
    pub answer: u16,
}

/// Whose requests are counted together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LimitPer {
    /// The source address.
    Ip,
    /// The caller.
    #[default]
    Identity,
    /// The API key.
    Key,
    /// The account that the request names (logins).
    Account,
}

fn too_many_requests() -> u16 {
    429
}

mod window_text {
    use serde::{Deserialize as _, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
    pub(super) fn serialize<S: Serializer>(millis: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        match millis {
            whole if whole % 1_000 == 0 => serializer.serialize_str(&format!("{}s", whole / 1_000)),
            millis => serializer.serialize_str(&format!("{millis}ms")),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        let text = String::deserialize(deserializer)?;
        crate::duration::millis(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Operation, Schema};

    #[test]
    fn what_resets_or_ends_something_says_so_by_its_name() {
        let is_hazard = |method: &str, path: &str| {
            Operation { method: method.to_owned(), path: path.to_owned(), ..Operation::default() }.is_hazard()
        };
        for (method, path) in [
            ("POST", "/api/v2/reset"),
            ("POST", "/admin/database/clear"),
            ("DELETE", "/cache:purge"),
            ("POST", "/server/shutdown/"),
            ("GET", "/logout"),
            ("POST", "/users/me/sign-out"),
            ("POST", "/system/factory-reset"),
            ("DELETE", "/accounts"),
        ] {
            assert!(is_hazard(method, path), "{method} {path}");
        }
        for (method, path) in [
            ("GET", "/reset"),
            ("POST", "/pods/{id}/restart"),
            ("POST", "/orders"),
            ("GET", "/presets"),
            ("POST", "/dropdowns"),
            ("DELETE", "/orders/{id}"),
            ("DELETE", "/orders/{id}/lines"),
            ("DELETE", "/session"),
        ] {
            assert!(!is_hazard(method, path), "{method} {path}");
        }
    }

    #[test]
    fn branches_that_nothing_tells_apart_are_any_of_them() {
        let cat = json!({"type": "object", "properties": {"claws": {"type": "integer"}}});
        let dog = json!({"type": "object", "properties": {"bark": {"type": "string"}}});
        let pet = Schema::new(json!({"properties": {"pet": {"oneOf": [cat, dog]}}}));
        let value = json!({"pet": {"claws": 2}});
        assert!(!pet.accepts(&value), "it fits both");
        assert!(pet.with_any_branch().expect("there is a choice").accepts(&value));
        assert!(Schema::new(json!({"type": "string"})).with_any_branch().is_none());
    }
}
