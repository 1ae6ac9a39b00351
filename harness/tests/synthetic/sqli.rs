//! SQL in inputs: services that take text for text in every way there is, and services that evaluate it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use proofhouse::case::{ANONYMOUS, Base, Body, Content, Pairs, Place, Request, Value};
use proofhouse::checks::Subject;
use proofhouse::execute::SessionConfig;
use proofhouse::generate::{Access, Draft, Profile, World};
use proofhouse::identity::{Identity, Wallet};
use proofhouse::surface::{self, Location, Operation, Parameter, Schema, Style, Surface};
use serde_json::{Map, Value as Json, json};

use super::lab::{Lab, Model, Reply, Req, Rng, TRACES, Tally, active};
use super::noise::{Echo, Noise};

/// One row of a table.
#[derive(Clone, Debug)]
struct Row {
    id: String,
    title: String,
    kind: String,
    body: Json,
}

/// What an operation does with its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Search,
    Filter,
    Detail,
    Sort,
    Login,
    Create,
}

const KINDS: [Kind; 6] = [Kind::Search, Kind::Filter, Kind::Detail, Kind::Sort, Kind::Login, Kind::Create];

/// How text is matched where nothing evaluates it.
#[derive(Clone, Copy, Debug)]
enum Match {
    Equal,
    Contains,
    /// The words alone, all of them.
    AllWords,
    /// The words alone, any of them.
    AnyWord,
    /// As `AnyWord`, and a word counts by its first three letters.
    Fuzzy,
    /// The letters alone, without anything between them, as a prefix of one another.
    Letters,
    /// The number at the beginning.
    Leading,
    /// Everything behind the first character that is no letter or digit is dropped.
    Cut,
    /// Only so many characters are looked at.
    Truncated(usize),
    /// The input is not looked at.
    Ignored,
    /// Whatever is no word is refused.
    Validated(u16),
    /// The best matches by common trigrams, a fixed number of them.
    Ranked,
}

/// What stands in front.
#[derive(Clone, Copy, Debug)]
enum Wall {
    None,
    Quotes,
    Tautology,
    Contradiction,
    Keywords,
    Balanced,
    Hash(u64),
}

#[derive(Clone, Copy, Debug)]
enum Block {
    Status(u16),
    Page,
    Login,
}

struct Shop {
    noise: Noise,
    kind: Kind,
    rows: Vec<Row>,
    how: Match,
    wall: Wall,
    block: Block,
    /// The input is evaluated, in this way.
    evaluated: Option<Flaw>,
    wrapped: bool,
    total: bool,
    /// Values that stand in every answer, whatever matches.
    fixed: usize,
    drift_price: bool,
    drift_optional: bool,
    appended: bool,
    reorders: bool,
    page: usize,
    cache: Option<BTreeMap<String, Json>>,
    clock: u64,
    password: String,
    created: u64,
    ids_numeric: bool,
}

/// How an input is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Flaw {
    quote: Quote,
    /// What broken syntax is answered with.
    broken: Broken,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quote {
    Single,
    Double,
    Like,
    Number,
    Paren,
    ParenLike,
    Order,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Broken {
    Failure,
    Refused,
    Empty,
    NotFound,
}

/// What a condition comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sql {
    /// Rows of this value, and the condition.
    And(bool),
    /// Rows of this value, or the condition.
    Or(bool),
    Plain,
    Broken,
}

/// Reads what stands behind the value as the database would: a toy, for the grammar of the payloads.
fn evaluate(input: &str, quote: Quote) -> (String, Sql) {
    if quote == Quote::Order {
        return order(input);
    }
    let (value, rest) = if quote == Quote::Number {
        let end = input.find(|c: char| !c.is_ascii_digit()).unwrap_or(input.len());
        (input[..end].to_owned(), &input[end..])
    } else {
        // In a pattern, a quote closes it whether or not a percent sign stands before.
        let mark = if quote == Quote::Double { '"' } else { '\'' };
        match input.find(mark) {
            None => return (input.to_owned(), Sql::Plain),
            Some(at) => {
                let paren = matches!(quote, Quote::Paren | Quote::ParenLike);
                let rest = &input[at + 1..];
                let value = input[..at].to_owned();
                let like = matches!(quote, Quote::Like | Quote::ParenLike);
                let bare = !value.ends_with('%');
                let value = value.trim_end_matches('%').to_owned();
                let rest = if paren {
                    match rest.strip_prefix(')') {
                        Some(rest) => rest,
                        None if rest.starts_with(" AND (") || rest.starts_with(" OR (") => {
                            return (value, Sql::Broken);
                        }
                        None => rest,
                    }
                } else if rest.starts_with(')') {
                    return (value, Sql::Broken);
                } else {
                    rest
                };
                // Without its percent sign, a pattern anchors its end.
                let value = if like && bare { format!("{value}$") } else { value };
                (value, rest)
            }
        }
    };
    if rest.is_empty() {
        return (value, if quote == Quote::Number { Sql::Plain } else { Sql::Broken });
    }
    let (and, condition) = match (rest.strip_prefix(" AND "), rest.strip_prefix(" OR ")) {
        (Some(condition), _) => (true, condition),
        (_, Some(condition)) => (false, condition),
        _ => return (value, Sql::Broken),
    };
    let opens = condition.matches('(').count();
    let unclosed = match quote {
        Quote::Paren | Quote::ParenLike => opens != 1,
        _ => opens != 0,
    };
    if unclosed {
        return (value, Sql::Broken);
    }
    let numbers: Vec<&str> =
        condition.split(|c: char| !c.is_ascii_digit()).filter(|n| !n.is_empty()).collect();
    let quoted = condition.contains('\'') || condition.contains('"');
    let fits = match quote {
        Quote::Number => !quoted,
        Quote::Double => condition.contains('"') && !condition.contains('\''),
        _ => condition.contains('\'') && !condition.contains('"'),
    };
    let [left, right] = numbers[..] else { return (value, Sql::Broken) };
    if !fits {
        return (value, Sql::Broken);
    }
    // The closing quote of the statement: a pattern's begins with a percent sign.
    let tail = condition.rsplit('=').next().unwrap_or_default();
    let like_tail = tail.contains("LIKE");
    let is_like = matches!(quote, Quote::Like | Quote::ParenLike);
    let truth = match (is_like, like_tail) {
        (true, true) | (false, false) => left == right,
        // `'5'='5%'`: the pattern's own percent sign spoils the comparison.
        (true, false) => false,
        (false, true) => left == right && and,
    };
    (value, if and { Sql::And(truth) } else { Sql::Or(truth) })
}

fn order(input: &str) -> (String, Sql) {
    let Some(rest) = input.strip_prefix("CASE WHEN ") else {
        let known = ["title", "kind", "id"].contains(&input);
        return (input.to_owned(), if known { Sql::Plain } else { Sql::Broken });
    };
    if rest.starts_with('(') {
        return (String::new(), Sql::Broken);
    }
    let mut words = rest.split(' ');
    let condition = words.next().unwrap_or_default();
    let truth = condition.split_once('=').is_some_and(|(left, right)| left == right);
    let column = words.nth(1).unwrap_or_default().to_owned();
    if !["title", "kind", "id"].contains(&column.as_str()) {
        return (String::new(), Sql::Broken);
    }
    (column, Sql::And(truth))
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(str::to_ascii_lowercase)
        .collect()
}

fn letters(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

fn trigrams(text: &str) -> Vec<String> {
    let text: Vec<char> = text.to_ascii_lowercase().chars().collect();
    text.windows(3).map(|w| w.iter().collect()).collect()
}

fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3))
}

impl Match {
    fn select(self, rows: &[Row], input: &str, field: fn(&Row) -> &str) -> Result<Vec<Row>, u16> {
        let of = |keep: &dyn Fn(&str) -> bool| rows.iter().filter(|row| keep(field(row))).cloned().collect();
        Ok(match self {
            Self::Equal => of(&|text| text == input),
            Self::Contains => of(&|text| text.to_ascii_lowercase().contains(&input.to_ascii_lowercase())),
            Self::AllWords => {
                let asked = words(input);
                of(&|text| {
                    let has = words(text);
                    asked.iter().all(|word| has.contains(word))
                })
            }
            Self::AnyWord => {
                let asked = words(input);
                of(&|text| words(text).iter().any(|word| asked.contains(word)))
            }
            Self::Fuzzy => {
                let stem = |word: &String| word.chars().take(3).collect::<String>();
                let asked: Vec<_> = words(input).iter().map(stem).collect();
                of(&|text| words(text).iter().any(|word| asked.contains(&stem(word))))
            }
            Self::Letters => {
                let asked = letters(input);
                of(&|text| {
                    let text = letters(text);
                    asked.starts_with(&text) || text.starts_with(&asked)
                })
            }
            Self::Leading => {
                let digits: String = input.chars().take_while(char::is_ascii_digit).collect();
                if digits.is_empty() { of(&|text| text == input) } else { of(&|text| text == digits) }
            }
            Self::Cut => {
                let end = input.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(input.len());
                let asked = &input[..end];
                of(&|text| text == asked || (!asked.is_empty() && text.contains(asked)))
            }
            Self::Truncated(length) => {
                let asked: String = input.chars().take(length).collect();
                of(&|text| text.contains(&asked))
            }
            Self::Ignored => rows.to_vec(),
            Self::Validated(status) => {
                if input.len() > 40 || !input.chars().all(|c| c.is_ascii_alphanumeric() || "-_ ".contains(c))
                {
                    return Err(status);
                }
                of(&|text| text.contains(input))
            }
            Self::Ranked => {
                let asked = trigrams(input);
                let score = |row: &Row| trigrams(field(row)).iter().filter(|t| asked.contains(t)).count();
                let mut best: Vec<_> = rows.to_vec();
                best.sort_by_key(|row| std::cmp::Reverse(score(row)));
                best.truncate(5);
                best
            }
        })
    }
}

impl Shop {
    fn input(&self, request: &Req) -> String {
        match self.kind {
            Kind::Detail => request.last().to_owned(),
            Kind::Login | Kind::Create => {
                let name = request.json().and_then(|json| json.get("name").cloned());
                name.map_or(String::new(), |name| name.as_str().map_or(name.to_string(), str::to_owned))
            }
            Kind::Filter => request.param("kind").unwrap_or_default().to_owned(),
            Kind::Sort => request.param("sort").unwrap_or_default().to_owned(),
            Kind::Search => request.param("q").unwrap_or_default().to_owned(),
        }
    }

    fn blocked(&self, input: &str) -> bool {
        let numbers: Vec<_> = input.split(|c: char| !c.is_ascii_digit()).filter(|n| n.len() > 2).collect();
        let equal = numbers.windows(2).any(|pair| pair[0] == pair[1]);
        match self.wall {
            Wall::None => false,
            Wall::Quotes => input.contains('\'') || input.contains('"'),
            Wall::Tautology => input.contains('=') && equal && !input.contains('('),
            Wall::Contradiction => input.contains('=') && !equal,
            Wall::Keywords => input.contains(" OR ") || input.contains(" AND ") || input.contains("CASE "),
            Wall::Balanced => input.contains('=') && input.matches('\'').count() % 2 == 1,
            Wall::Hash(of) => input.len() > 12 && hash(input).is_multiple_of(of),
        }
    }

    fn view(&mut self, row: &Row) -> Json {
        let mut view = row.body.clone();
        let Json::Object(members) = &mut view else { return view };
        if self.drift_price {
            let price = self.noise.rng.real(1.0, 90.0);
            members.insert("price".to_owned(), json!((price * 100.0).round() / 100.0));
        }
        if self.drift_optional {
            match self.noise.rng.int(0, 2) {
                0 => drop(members.insert("badge".to_owned(), Json::Null)),
                1 => drop(members.insert("badge".to_owned(), json!("new"))),
                _ => {}
            }
            if self.noise.rng.chance(0.5) {
                let mut all: Vec<_> = std::mem::take(members).into_iter().collect();
                self.noise.rng.shuffle(&mut all);
                *members = all.into_iter().collect();
            }
        }
        view
    }

    fn list(&mut self, mut rows: Vec<Row>, input: &str) -> Reply {
        if self.reorders {
            self.noise.rng.shuffle(&mut rows);
        }
        let total = rows.len();
        rows.truncate(self.page);
        let views: Vec<_> = rows.iter().map(|row| self.view(row)).collect();
        if !self.wrapped && self.fixed == 0 {
            return Reply::json(200, &Json::Array(views));
        }
        let mut body = Map::new();
        for index in 0..self.fixed {
            body.insert(format!("facet_{index}"), json!(index * 7 + 3));
        }
        if self.total {
            body.insert("total".to_owned(), json!(total));
        }
        body.insert("items".to_owned(), Json::Array(views));
        self.noise.success(200, Json::Object(body), input)
    }

    fn not_found(&mut self, request: &Req) -> Reply {
        self.noise.error(404, "not found", request)
    }

    /// What a sound operation does.
    fn plainly(&mut self, input: &str, request: &Req) -> Reply {
        match self.kind {
            Kind::Search | Kind::Filter => {
                let field: fn(&Row) -> &str =
                    if self.kind == Kind::Search { |r| &r.title } else { |r| &r.kind };
                match self.how.select(&self.rows, input, field) {
                    Ok(rows) => self.list(rows, input),
                    Err(status) => self.noise.error(status, "invalid input", request),
                }
            }
            Kind::Detail => match self.how.select(&self.rows, input, |r| &r.id) {
                Ok(rows) => match rows.first().cloned() {
                    Some(row) => {
                        let view = self.view(&row);
                        self.noise.success(200, view, input)
                    }
                    None => self.not_found(request),
                },
                Err(status) => self.noise.error(status, "invalid id", request),
            },
            Kind::Sort => {
                let known = ["title", "kind", "id"].contains(&input);
                if !known && let Match::Validated(status) = self.how {
                    return self.noise.error(status, "unknown column", request);
                }
                let mut rows = self.rows.clone();
                let fuzzy = matches!(self.how, Match::Contains | Match::AnyWord | Match::Fuzzy);
                let column = if known || !fuzzy {
                    input.to_owned()
                } else {
                    words(input)
                        .into_iter()
                        .find(|w| ["title", "kind", "id"].contains(&w.as_str()))
                        .unwrap_or_default()
                };
                sort(&mut rows, &column);
                self.list(rows, input)
            }
            Kind::Login => {
                let password =
                    request.json().and_then(|j| Some(j.get("password")?.as_str()? == self.password));
                let known = self.how.select(&self.rows, input, |r| &r.id).is_ok_and(|rows| rows.len() == 1);
                if known && password == Some(true) {
                    let token = self.noise.rng.uuid();
                    self.noise.success(200, json!({"token": token, "expires_in": 3600}), input)
                } else if let Match::Validated(status) = self.how {
                    self.noise.error(status.max(401), "wrong name or password", request)
                } else {
                    self.noise.error(401, "wrong name or password", request)
                }
            }
            Kind::Create => {
                if let Match::Validated(status) = self.how
                    && !input.chars().all(|c| c.is_ascii_alphanumeric() || "-_ ".contains(c))
                {
                    return self.noise.error(status, "invalid name", request);
                }
                self.created += 1;
                let id = self.noise.rng.uuid();
                let at = self.noise.now();
                let body = json!({"id": id, "number": self.created, "name": input, "created_at": at, "state": "new"});
                self.noise.success(201, body, input)
            }
        }
    }

    /// What an operation does that evaluates its input.
    fn evaluated(&mut self, flaw: Flaw, input: &str, request: &Req) -> Reply {
        let (value, sql) = evaluate(input, flaw.quote);
        if sql == Sql::Broken {
            return match flaw.broken {
                Broken::Failure => self.noise.error(500, "something went wrong", request),
                Broken::Refused => self.noise.error(400, "bad request", request),
                Broken::NotFound => self.not_found(request),
                Broken::Empty => match self.kind {
                    Kind::Detail => self.not_found(request),
                    Kind::Login => self.noise.error(401, "wrong name or password", request),
                    _ => self.list(Vec::new(), input),
                },
            };
        }
        let like = matches!(flaw.quote, Quote::Like | Quote::ParenLike);
        let matches = |row: &Row| {
            let text = match self.kind {
                Kind::Search => &row.title,
                Kind::Filter => &row.kind,
                _ => &row.id,
            };
            let (text, value) = (text.to_ascii_lowercase(), value.to_ascii_lowercase());
            match value.strip_suffix('$') {
                Some(end) if like => text.ends_with(end),
                _ if like => text.contains(&value),
                _ => text == value,
            }
        };
        let keep = |row: &Row| match sql {
            Sql::Plain => matches(row),
            Sql::And(truth) => matches(row) && truth,
            Sql::Or(truth) => matches(row) || truth,
            Sql::Broken => false,
        };
        if flaw.quote == Quote::Order {
            let mut rows = self.rows.clone();
            match sql {
                Sql::Plain | Sql::And(true) => sort(&mut rows, &value),
                // A constant orders nothing.
                _ => {}
            }
            return self.list(rows, input);
        }
        let rows: Vec<_> = self.rows.iter().filter(|row| keep(row)).cloned().collect();
        match self.kind {
            Kind::Detail => match rows.first().cloned() {
                Some(row) => {
                    let view = self.view(&row);
                    self.noise.success(200, view, input)
                }
                None => self.not_found(request),
            },
            Kind::Login => {
                // `name = '…' AND password = '…'`: what is behind an OR takes the password with it.
                let password =
                    request.json().and_then(|j| Some(j.get("password")?.as_str()? == self.password));
                if rows.is_empty() || (!matches!(sql, Sql::Or(_)) && password != Some(true)) {
                    return self.noise.error(401, "wrong name or password", request);
                }
                let token = self.noise.rng.uuid();
                self.noise.success(200, json!({"token": token, "expires_in": 3600}), input)
            }
            _ => self.list(rows, input),
        }
    }
}

fn sort(rows: &mut [Row], column: &str) {
    match column {
        "title" => rows.sort_by(|a, b| a.title.cmp(&b.title)),
        "kind" => rows.sort_by(|a, b| a.kind.cmp(&b.kind)),
        "id" => rows.sort_by(|a, b| a.id.cmp(&b.id)),
        _ => {}
    }
}

impl Model for Shop {
    fn latency(&mut self) -> (Duration, Duration) {
        self.noise.latency()
    }

    fn answer(&mut self, request: &Req) -> Reply {
        if let Some(reply) = self.noise.hiccup() {
            return reply;
        }
        let input = self.input(request);
        if self.blocked(&input) {
            return match self.block {
                Block::Status(status) => {
                    Reply::text(status, "text/html", "<html><body>Request blocked</body></html>")
                }
                Block::Page => {
                    let id = self.noise.rng.uuid();
                    let page =
                        format!("<html><body>The requested URL was rejected. Support ID: {id}</body></html>");
                    Reply::text(200, "text/html", page)
                }
                Block::Login => Reply { status: 302, ..Reply::default() }.header("location", "/login"),
            };
        }
        if self.appended && self.noise.rng.chance(0.15) && self.rows.len() < 40 {
            let row = row(&mut self.noise.rng, self.clock, self.ids_numeric);
            self.clock += 1;
            self.rows.push(row);
        }
        if let Some(key) = self.cache.is_some().then(|| words(&input).join(" ")) {
            let hit = self.cache.as_ref().and_then(|cache| cache.get(&key).cloned());
            if let Some(body) = hit {
                return self.noise.success(200, body, &input);
            }
            let reply = self.plainly(&input, request);
            if reply.status == 200
                && let (Ok(body), Some(cache)) = (serde_json::from_slice(&reply.body), &mut self.cache)
            {
                cache.insert(key, body);
            }
            return reply;
        }
        match self.evaluated {
            Some(flaw) => self.evaluated(flaw, &input, request),
            None => self.plainly(&input, request),
        }
    }
}

const KINDS_OF_ROWS: &[&str] = &["soup", "stew", "cake", "bread", "salad"];
const TITLES: &[&str] = &[
    "tomato", "winter", "house", "green", "plain", "large", "and", "or", "hot", "soup", "stew", "cake",
    "bread",
];

fn row(rng: &mut Rng, index: u64, numeric: bool) -> Row {
    let id = if numeric { (1_000 + index).to_string() } else { rng.uuid() };
    let (kind, a, b) = (rng.pick(KINDS_OF_ROWS), rng.pick(TITLES), rng.pick(TITLES));
    let title = format!("{a} {b} {}", rng.word(4));
    let mut body = Map::new();
    body.insert("id".to_owned(), if numeric { json!(1_000 + index) } else { json!(id) });
    body.insert("title".to_owned(), json!(title));
    body.insert("kind".to_owned(), json!(kind));
    for name in ["stock", "weight", "sku", "note"].iter().take(rng.int(0, 4) as usize) {
        body.insert((*name).to_owned(), if *name == "note" { Json::Null } else { json!(rng.int(1, 900)) });
    }
    Row { id, title, kind: kind.to_owned(), body: Json::Object(body) }
}

fn parameter(name: &str, location: Location, schema: Json) -> Parameter {
    Parameter {
        name: name.to_owned(),
        location,
        required: location == Location::Path,
        style: if location == Location::Path { Style::Simple } else { Style::Form },
        explode: true,
        allow_reserved: false,
        schema: Schema::new(schema),
        pointer: String::new(),
    }
}

/// The world of one kind of operation; `value` is the valid one.
fn world(kind: Kind, value: &str, password: &str) -> (World, Subject) {
    let (method, path) = match kind {
        Kind::Detail => ("GET", "/items/{id}"),
        Kind::Login => ("POST", "/login"),
        Kind::Create => ("POST", "/orders"),
        _ => ("GET", "/items"),
    };
    let place = match kind {
        Kind::Search => Place::Query("q".to_owned()),
        Kind::Filter => Place::Query("kind".to_owned()),
        Kind::Sort => Place::Query("sort".to_owned()),
        Kind::Detail => Place::Path("id".to_owned()),
        Kind::Login | Kind::Create => Place::Node("/name".to_owned()),
    };
    let mut request = Request { method: method.to_owned(), path: path.to_owned(), ..Request::default() };
    let mut parameters = Vec::new();
    let mut bodies = Vec::new();
    match &place {
        Place::Query(name) => {
            request.query.set(name, Value::text(value));
            let schema = if kind == Kind::Sort {
                json!({"type": "string", "enum": ["title", "kind", "id"]})
            } else {
                json!({"type": "string"})
            };
            parameters.push(parameter(name, Location::Query, schema));
        }
        Place::Path(name) => {
            request.path_params.set(name, Value::text(value));
            parameters.push(parameter(name, Location::Path, json!({"type": "string"})));
        }
        _ => {
            let mut members = Pairs::default();
            members.set("name", Value::text(value));
            if kind == Kind::Login {
                members.set("password", Value::text(password));
            }
            let content = Content::Json(Value::Object(members.0));
            request.body = Some(Body { media_type: "application/json".to_owned(), content });
            let schema = json!({"type": "object", "properties": {"name": {"type": "string"}}});
            bodies.push(surface::Body {
                media_type: "application/json".to_owned(),
                schema: Schema::new(schema),
                encoding: BTreeMap::new(),
            });
        }
    }
    let operation = Operation {
        inferred: false,
        method: method.to_owned(),
        path: path.to_owned(),
        operation_id: None,
        summary: String::new(),
        tags: Vec::new(),
        deprecated: false,
        parameters,
        bodies,
        body_required: false,
        responses: BTreeMap::new(),
        security: None,
        rate_limit: None,
        pointer: String::new(),
    };
    let identity = if kind == Kind::Login { ANONYMOUS } else { "alice" };
    let draft = Arc::new(Draft {
        operation: 0,
        identity: identity.to_owned(),
        setup: Vec::new(),
        bases: vec![Base { name: "target".to_owned(), operation: operation.name(), request }],
        target: "target".to_owned(),
    });
    let mut access =
        Access { draft: Some(Arc::clone(&draft)), granted: true, status: Some(200), ..Access::default() };
    if kind == Kind::Login {
        access.invented = Some(draft);
        access.invented_status = Some(401);
    }
    let world = World {
        surface: Arc::new(Surface { operations: vec![operation], ..Surface::default() }),
        profiles: vec![Profile { name: "alice".to_owned(), alive: true, ..Profile::default() }],
        access: BTreeMap::from([((0, identity.to_owned()), access)]),
        ..World::default()
    };
    (world, Subject { operation: Some(0), identity: identity.to_owned(), place: Some(place) })
}

fn lab() -> Lab {
    let wallet = Wallet::new(vec![Identity::bearer("alice", "token-of-alice")], Arc::default());
    Lab::new(wallet, SessionConfig::default())
}

fn shop(seed: u64, kind: Kind) -> Shop {
    let noise = Noise::new(seed);
    let mut rng = noise.rng.clone();
    rng.next();
    let ids_numeric = rng.chance(0.5);
    let count = rng.int(0, 30);
    let rows = (0..count).map(|index| row(&mut rng, index, ids_numeric)).collect();
    Shop {
        kind,
        rows,
        how: Match::Equal,
        wall: Wall::None,
        block: Block::Status(403),
        evaluated: None,
        wrapped: rng.chance(0.6),
        total: rng.chance(0.5),
        fixed: 0,
        drift_price: rng.chance(0.15),
        drift_optional: rng.chance(0.15),
        appended: rng.chance(0.2),
        reorders: false,
        page: rng.pick(&[5_usize, 10, 50, 50]),
        cache: None,
        clock: 100,
        password: "correct-horse".to_owned(),
        created: rng.int(1, 1_000),
        ids_numeric,
        noise,
    }
}

/// A value that finds something, when there is anything.
fn value_for(shop: &Shop, rng: &mut Rng) -> String {
    let some =
        (!shop.rows.is_empty()).then(|| shop.rows[rng.int(0, shop.rows.len() as u64 - 1) as usize].clone());
    match (shop.kind, some) {
        (Kind::Sort, _) => "title".to_owned(),
        (Kind::Create, _) => "garden table".to_owned(),
        (_, None) => "soup".to_owned(),
        (Kind::Search, Some(row)) => {
            let words: Vec<_> = row.title.split(' ').collect();
            if rng.chance(0.3) { row.title.clone() } else { rng.pick(&words).to_owned() }
        }
        (Kind::Filter, Some(row)) => row.kind,
        (Kind::Detail | Kind::Login, Some(row)) => row.id,
    }
}

fn trial(salt: u64, sound: bool, draw: impl Fn(&mut Rng, u64) -> (Shop, String, String)) {
    let check = active("input-sqli-boolean");
    let (lab, mut tally) = (lab(), Tally::default());
    for seed in 0..TRACES {
        let seed = seed ^ salt << 32;
        let mut rng = Rng::new(seed ^ 0x51);
        let (shop, value, note) = draw(&mut rng, seed);
        let right = if sound { rng.chance(0.5) } else { value != "nobody" };
        let password = if right { shop.password.clone() } else { "wrong".to_owned() };
        let (world, subject) = world(shop.kind, &value, &password);
        lab.put(Box::new(shop), seed);
        let found = lab.cell(check, &subject, &world, seed);
        tally.count(&found.verdict, &note, sound, || format!("{value}\n{}", found.tell()));
    }
    if sound { tally.sound("input-sqli-boolean") } else { tally.defective("input-sqli-boolean") }
}

#[test]
fn sound() {
    trial(11, true, |rng, seed| {
        let mut shop = shop(seed, rng.pick(&KINDS));
        shop.how = match rng.int(0, 13) {
            0 | 1 => Match::Contains,
            2 => Match::AllWords,
            3 => Match::AnyWord,
            4 => Match::Fuzzy,
            5 => Match::Letters,
            6 => Match::Leading,
            7 => Match::Cut,
            8 => Match::Truncated(rng.int(4, 12) as usize),
            9 => Match::Ignored,
            10 => Match::Validated(rng.pick(&[400_u16, 422, 404])),
            11 => Match::Ranked,
            _ => Match::Equal,
        };
        if rng.chance(0.35) {
            shop.wall = match rng.int(0, 6) {
                0 => Wall::Quotes,
                1 => Wall::Tautology,
                2 => Wall::Contradiction,
                3 => Wall::Keywords,
                4 => Wall::Balanced,
                _ => Wall::Hash(rng.int(2, 4)),
            };
            shop.block = match rng.int(0, 5) {
                0 => Block::Page,
                1 => Block::Login,
                2 => Block::Status(406),
                _ => Block::Status(403),
            };
        }
        shop.reorders = rng.chance(0.1);
        shop.cache = (rng.chance(0.1) && shop.wrapped).then(BTreeMap::new);
        let value = value_for(&shop, rng);
        let note = format!("{:?} {:?} {:?}", shop.kind, shop.how, shop.wall);
        (shop, value, note)
    });
}

#[test]
fn defective() {
    trial(12, false, |rng, seed| {
        let kind = rng.pick(&[Kind::Search, Kind::Filter, Kind::Detail, Kind::Sort, Kind::Login]);
        let mut shop = shop(seed, kind);
        while shop.rows.len() < 4 {
            let row = row(rng, shop.clock, shop.ids_numeric);
            shop.clock += 1;
            shop.rows.push(row);
        }
        let quote = match kind {
            Kind::Sort => Quote::Order,
            Kind::Search => rng.pick(&[Quote::Like, Quote::ParenLike, Quote::Like]),
            Kind::Detail if shop.ids_numeric => rng.pick(&[Quote::Number, Quote::Single]),
            Kind::Login => Quote::Single,
            _ => rng.pick(&[Quote::Single, Quote::Double, Quote::Paren]),
        };
        let broken = rng.pick(&[Broken::Failure, Broken::Refused, Broken::Empty, Broken::NotFound]);
        shop.evaluated = Some(Flaw { quote, broken });
        let mut value = value_for(&shop, rng);
        if kind == Kind::Search {
            // Not the end of a title, or the pattern without its percent sign finds the same.
            value = shop.rows[0].title.split(' ').next().unwrap_or_default().to_owned();
        }
        if kind == Kind::Login && rng.chance(0.5) {
            value = "nobody".to_owned();
        }
        // The smallest effect: what is lost is a fifth of the answer and a little, up to all of it.
        if shop.wrapped && kind != Kind::Sort && kind != Kind::Detail && rng.chance(0.5) {
            let (found, _) = evaluate(&value, quote);
            let lost: usize = shop
                .rows
                .iter()
                .filter(|row| match kind {
                    Kind::Filter => row.kind == found,
                    _ => row.title.contains(&found),
                })
                .take(shop.page)
                .map(|row| row.body.as_object().map_or(0, Map::len))
                .sum();
            shop.fixed = (lost as f64 * rng.real(0.0, 3.0)) as usize;
        }
        if kind == Kind::Sort {
            // An order that the table has not by itself.
            shop.rows.sort_by(|a, b| b.title.cmp(&a.title));
        }
        let note = format!("{kind:?} {quote:?} {broken:?} echo {:?}", shop.noise.echo != Echo::None);
        (shop, value, note)
    });
}
