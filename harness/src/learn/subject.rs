//! Which field a message is about, when nothing around it says so.

use std::sync::LazyLock;

use regex::Regex;

use super::path::{Part, Spot};
use super::phrase::snake;

/// A message, and where it belongs as far as it says.
#[derive(Debug)]
pub(super) struct Subject<'a> {
    pub(super) spot: Spot,
    pub(super) rest: &'a str,
}

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a pattern of ours")
}

/// What frameworks put before the reason, and which part it tells.
static PREFIX: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)^(?:failed to deserialize (?:the )?(?P<a>json body|query string|form body|form)(?: into the target type)?|(?P<b>json|query|form|path) deserialize error|json parse error|(?:\w+ ){0,3}(?:validation failed|validation errors?|error|exception|invalid|bad request|unprocessable entity)|validation|json|1 validation error for \w+|wrong type): ",
    )
});
/// The place that a message ends with: Jackson, System.Text.Json, Python's jsonschema.
static CHAIN: LazyLock<Regex> = LazyLock::new(|| regex(r"\(through reference chain: (?P<p>.+)\)"));
static STEP: LazyLock<Regex> = LazyLock::new(|| regex(r#"\["(?P<name>[^"\]]+)"\]|\[(?P<index>\d{1,6})\]"#));
static DOTNET: LazyLock<Regex> = LazyLock::new(|| regex(r"Path: (?P<p>\$[^\s|]*)"));
static DASHED: LazyLock<Regex> = LazyLock::new(|| regex(r" - '(?P<p>[\w.\[\]-]+)'$"));
/// Go: a struct's name, then fields; and encoding/json.
static GO_KEY: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^Key: '(?P<p>[^']+)' Error:(?P<r>.*failed on the '(?P<tag>\w+)' tag.*)$"));
static GO_FIELD: LazyLock<Regex> = LazyLock::new(|| regex(r"into Go struct field (?P<p>[\w.\[\]]+) of type"));
/// `limit` of "for query parameter 'limit'", and the like.
static FOR_PARAMETER: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r#"(?i)\b(?:for|request|in|missing) (?P<part>query|header|cookie|path parameter|path variable) (?:string )?(?:parameter )?['"`]?(?P<p>[\w.\[\]-]+)['"`]?"#,
    )
});
static RUST_PATH: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)^(?:invalid url: )?cannot parse `(?P<p>\w+)` with value"));
static RENDERED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)^(?:request[/.])?(?P<part>body|requestBody|querystring|query|params|path|headers?|cookies?)(?P<p>[/.\[][^\s:]*)? (?P<r>(?:must|should|is|has|are|requires?|contains?)\b.*)$",
    )
});
static COLON: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?s)^(?P<p>[A-Za-z_$\[][\w$.\[\]/-]*): (?P<r>\S.*)$"));
static QUOTED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r#"(?s)^(?:[Pp]ath |[Ff]ield |[Pp]roperty |[Pp]arameter |[Tt]he )?["`](?P<p>[^"`]+)["`] (?P<r>(?:field |property |parameter )?(?:is|must|should|length|contains|with|failed|does|cannot|can't|has|may|not|needs|fails|already)\b.*)$"#,
    )
});
static SINGLE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?s)^(?:[Pp]ath |[Ff]ield |[Pp]roperty |[Pp]arameter |[Tt]he )?'(?P<p>[A-Za-z_$][\w .\[\]-]*)' (?P<r>(?:field |property |parameter )?(?:is required|is a required field|is missing|is not a valid|is not allowed|must|should|cannot|can't|may not|has)\b.*)$",
    )
});
static EACH: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^each value in (?:nested property )?(?P<p>[\w.]+) (?P<r>(?:must|should)\b.*)$"));
static PLAIN: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?is)^(?:the |your |param(?:eter)? |field |property |attribute |nested property )?(?P<p>[a-z_$][\w.\[\]$-]*(?: [a-z_][\w-]*){0,3}?)(?P<what> (?:field|parameter|param|query parameter|header|value|property|attribute))? (?P<r>(?:is|are|must|should|shouldn't|can't|cannot|can not|has|have|may|does|doesn't|needs|shall|already|was|length|contains)\b.*)$",
    )
});

/// Words that begin a sentence about something other than a field.
const NO_FIELD: &[&str] = &[
    "must",
    "should",
    "nested",
    "additional",
    "extra",
    "this",
    "that",
    "it",
    "value",
    "values",
    "input",
    "request",
    "body",
    "payload",
    "you",
    "we",
    "there",
    "data",
    "json",
    "content",
    "authentication",
    "authorization",
    "access",
    "permission",
    "permissions",
    "credentials",
    "one",
    "some",
    "resource",
    "object",
    "at",
    "all",
    "invalid",
    "validation",
    "error",
    "errors",
    "an",
    "a",
    "no",
    "only",
    "method",
    "operation",
    "feature",
    "session",
    "signature",
    "service",
    "server",
    "length",
    "list",
    "string",
    "number",
    "array",
    "ensure",
    "expected",
    "either",
    "please",
    "unable",
    "client",
    "media",
    "unsupported",
    "syntax",
    "what",
    "which",
    "if",
    "when",
    "in",
    "for",
    "to",
    "from",
    "following",
    "required",
    "missing",
    "http",
    "unexpected",
    "unknown",
    "passwords",
    "endpoint",
    "route",
    "login",
    "api",
];

impl<'a> Subject<'a> {
    /// Whom a message is about. Nowhere, when it does not say; the rest is what it says.
    pub(super) fn of(message: &'a str) -> Self {
        let (part, message) = without_prefix(message);
        let mut subject = named(message).unwrap_or(Self { spot: Spot::default(), rest: message });
        if subject.spot.part.is_none() {
            subject.spot.part = part;
        }
        subject
    }
}

fn without_prefix(message: &str) -> (Option<Part>, &str) {
    let (mut part, mut rest) = (None, message);
    for _ in 0..3 {
        let Some(found) = PREFIX.captures(rest) else { break };
        let word = found.name("a").or(found.name("b")).map(|word| word.as_str().to_ascii_lowercase());
        let told = word.and_then(|word| Part::named(word.split(' ').next().unwrap_or_default()));
        part = part.or(told);
        rest = &rest[found.get(0).map_or(0, |all| all.end())..];
    }
    (part, rest)
}

/// The place that a message names in a notation of its own, wherever else it was found.
pub(super) fn precise(message: &str) -> Option<Spot> {
    if let Some(found) = CHAIN.captures(message) {
        let mut spot = Spot::of(Part::Body);
        for step in STEP.captures_iter(&found["p"]) {
            let token = step.name("name").or(step.name("index"))?.as_str();
            spot = spot.join(token)?;
        }
        return Some(spot);
    }
    if let Some(found) = DOTNET.captures(message) {
        return Spot::parse(found["p"].trim_end_matches('.'));
    }
    if let Some(found) = GO_FIELD.captures(message) {
        let spot = Spot::parse(&found["p"])?;
        // The first is the struct's name.
        let tokens = spot.tokens.into_iter().skip(1).collect();
        return Some(Spot { part: Some(Part::Body), tokens });
    }
    None
}

fn named(message: &str) -> Option<Subject<'_>> {
    if let Some(spot) = precise(message) {
        return Some(Subject { spot, rest: message });
    }
    if let Some(found) = DASHED.captures(message) {
        let mut spot = Spot::parse(&found["p"])?;
        spot.part = Some(Part::Body);
        return Some(Subject { spot, rest: &message[..found.get(0)?.start()] });
    }
    if let Some(found) = GO_KEY.captures(message) {
        // The first is the struct's name.
        let spot = Spot::parse(found["p"].split_once('.')?.1)?;
        return Some(Subject { spot: Spot { part: None, ..spot }, rest: found.name("tag")?.as_str() });
    }
    if let Some(found) = FOR_PARAMETER.captures(message).or_else(|| RUST_PATH.captures(message)) {
        let part = found.name("part").map_or(Some(Part::Path), |part| Part::named(part.as_str()));
        let spot = part.and_then(|part| Spot::of(part).join(&found["p"]));
        // "Missing query parameter 'x'" names the field itself.
        if super::phrase::read(message).is_some_and(|reading| reading.fields.is_empty()) {
            return Some(Subject { spot: spot?, rest: message });
        }
        return Some(Subject { spot: Spot { part, tokens: Vec::new() }, rest: message });
    }
    if let Some(found) = RENDERED.captures(message) {
        let part = Part::named(&found["part"])?;
        let mut spot = Spot::of(part);
        if let Some(path) = found.name("p") {
            spot = spot.extend(&Spot { part: None, tokens: tokens_of(path.as_str()) })?;
        }
        return Some(Subject { spot, rest: found.name("r")?.as_str() });
    }
    if let Some(found) = COLON.captures(message) {
        let spot = Spot::parse(&found["p"])?;
        let rest = found.name("r")?.as_str();
        // A clause may name its subject twice: `name: name must be …`.
        return Some(Subject { spot, rest });
    }
    if let Some(found) = EACH.captures(message) {
        let spot = Spot::parse(&found["p"])?.join("0")?;
        return Some(Subject { spot, rest: found.name("r")?.as_str() });
    }
    if let Some(found) = QUOTED.captures(message).or_else(|| SINGLE.captures(message)) {
        let spot = Spot::parse(&snake(&found["p"]))?;
        return Some(Subject { spot, rest: found.name("r")?.as_str() });
    }
    let found = PLAIN.captures(message)?;
    let name = found.name("p")?.as_str();
    let first = name.split(' ').next().unwrap_or_default();
    if NO_FIELD.iter().any(|word| first.eq_ignore_ascii_case(word)) {
        return None;
    }
    let mut spot = Spot::parse(&snake(name))?;
    // `Name` of a sentence is `name` of the field, where it is a plain word.
    if let [only] = spot.tokens.as_mut_slice()
        && only.chars().skip(1).all(|c| c.is_ascii_lowercase())
    {
        only.make_ascii_lowercase();
    }
    let what = found.name("what").map(|what| what.as_str().trim().to_ascii_lowercase());
    match what.as_deref() {
        Some("header") => spot = Spot { part: Some(Part::Header), tokens: vec![name.replace(' ', "-")] },
        Some("query parameter") => spot.part = Some(Part::Query),
        _ => {}
    }
    Some(Subject { spot, rest: found.name("r")?.as_str() })
}

fn tokens_of(path: &str) -> Vec<String> {
    let pointed =
        if path.starts_with('/') { path.to_owned() } else { path.trim_start_matches('.').to_owned() };
    // Below a part nothing is a part any more.
    let spot = Spot::parse(&pointed).unwrap_or_default();
    match spot.part {
        Some(_) => pointed.split(['/', '.']).filter(|token| !token.is_empty()).map(str::to_owned).collect(),
        None => spot.tokens,
    }
}
