//! A small sound service of private notes, with knobs for the habits that real services have.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde_json::{Value as Json, json};
use tokio::time::Instant;

/// Who may log in; the password is the name twice.
pub(crate) const PEOPLE: [&str; 2] = ["alice", "bob"];

/// What a service of notes does that others do not.
#[derive(Clone, Copy)]
pub(crate) struct Habits {
    /// The id of a note: its number, and what was sent.
    pub(crate) id: fn(u64, &Json) -> String,
    /// Everybody reads and changes everything.
    pub(crate) shared: bool,
    /// Two notes never have one title.
    pub(crate) unique: bool,
    /// How long it takes until readers see what was done.
    pub(crate) settles: Duration,
    /// A change is answered, and not done.
    pub(crate) forgets_changes: bool,
    /// The header that holds the token, when it is none of its own kind.
    pub(crate) header: Option<&'static str>,
    /// One note is read without a token, too.
    pub(crate) open: bool,
    /// One note is read with anybody's token.
    pub(crate) any_reads: bool,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            id: |number, _| number.to_string(),
            shared: false,
            unique: false,
            settles: Duration::ZERO,
            forgets_changes: false,
            header: None,
            open: false,
            any_reads: false,
        }
    }
}

struct Note {
    id: String,
    owner: String,
    /// What it says and from when on that is read; the newest last.
    versions: Vec<(Instant, Content)>,
    /// From when on nobody reads it any more.
    gone: Option<Instant>,
}

#[derive(Clone)]
struct Content {
    title: String,
    text: String,
}

impl Note {
    /// What readers see now.
    fn read(&self) -> Option<&Content> {
        let now = Instant::now();
        let seen = self.versions.iter().rev().find(|(from, _)| *from <= now);
        seen.map(|(_, content)| content).filter(|_| self.gone.is_none_or(|gone| gone > now))
    }

    fn shown(&self, content: &Content) -> Json {
        json!({"id": self.id, "title": content.title, "text": content.text})
    }
}

/// The service, and what it knows.
pub(crate) struct Notes {
    habits: Habits,
    notes: Mutex<Vec<Note>>,
    sessions: Mutex<BTreeMap<String, String>>,
    number: AtomicU64,
    /// Nothing is served.
    pub(crate) off: AtomicBool,
}

type Answer = Result<Response, Response>;
type Service = State<Arc<Notes>>;

/// An answer of this service.
pub(crate) fn answer(status: u16, body: &Json) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let status = StatusCode::from_u16(status).expect("a status");
    (status, headers, body.to_string()).into_response()
}

pub(crate) fn refusal(status: u16, why: &str) -> Response {
    let mut refusal = answer(status, &json!({"error": {"code": status, "message": why}}));
    if status == 401 {
        let challenge = "Bearer realm=\"notes\"".parse().expect("a value");
        refusal.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    refusal
}

impl Notes {
    pub(crate) fn new(habits: Habits) -> Arc<Self> {
        let notes = Self {
            habits,
            notes: Mutex::default(),
            sessions: Mutex::default(),
            number: AtomicU64::new(1),
            off: AtomicBool::new(false),
        };
        Arc::new(notes)
    }

    /// The service; `more` adds to it or stands in front of it.
    pub(crate) fn serve(
        self: &Arc<Self>,
        more: impl FnOnce(Router<Arc<Self>>) -> Router<Arc<Self>>,
    ) -> Router {
        let router = Router::new()
            .route("/login", post(log_in))
            .route("/me", get(me))
            .route("/notes", get(list).post(create))
            .route("/notes/{id}", get(read).put(change).delete(remove))
            .layer(DefaultBodyLimit::max(64 << 10))
            .method_not_allowed_fallback(|| async { refusal(405, "not here") })
            .fallback(|| async { refusal(404, "nothing is here") });
        more(router).with_state(Arc::clone(self))
    }

    /// Nobody is logged in any more.
    pub(crate) fn end_sessions(&self) {
        lock(&self.sessions).clear();
    }

    /// Whoever this is is logged in no more.
    pub(crate) fn end_session(&self, headers: &HeaderMap) {
        if let Ok(who) = self.who(headers) {
            lock(&self.sessions).retain(|_, known| *known != who);
        }
    }

    /// The token of a new session.
    pub(crate) fn begin_session(&self, name: &str) -> String {
        let number = self.number.fetch_add(1, Ordering::SeqCst);
        let token = format!("{name}-session-{:016x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        lock(&self.sessions).insert(token.clone(), name.to_owned());
        token
    }

    /// There are no notes any more, and nobody is logged in.
    pub(crate) fn begin_anew(&self) {
        lock(&self.notes).clear();
        self.end_sessions();
    }

    /// Whose token this is.
    pub(crate) fn who(&self, headers: &HeaderMap) -> Result<String, Response> {
        let value = headers.get(self.carrier()).and_then(|value| value.to_str().ok());
        let token =
            if self.habits.header.is_some() { value } else { value.and_then(|v| v.strip_prefix("Bearer ")) };
        let who = token.and_then(|token| lock(&self.sessions).get(token).cloned());
        who.ok_or_else(|| refusal(401, "who are you?"))
    }

    fn carrier(&self) -> &'static str {
        self.habits.header.unwrap_or("authorization")
    }

    fn is_named(&self, headers: &HeaderMap) -> bool {
        headers.contains_key(self.carrier())
    }

    /// From when on readers see what is done now.
    fn settled(&self) -> Instant {
        Instant::now() + self.habits.settles
    }

    fn reads(&self, note: &Note, who: &str) -> bool {
        self.habits.any_reads || self.own(note, who)
    }

    fn own(&self, note: &Note, who: &str) -> bool {
        self.habits.shared || note.owner == who
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nobody panics here")
}

async fn log_in(State(api): Service, headers: HeaderMap, body: Result<Bytes, BytesRejection>) -> Answer {
    let body = parsed(&headers, body)?;
    let text = |name: &str| body.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
    let (name, password) = (text("username"), text("password"));
    if !PEOPLE.contains(&name.as_str()) || password != format!("{name}{name}") {
        return Err(refusal(401, "no such account"));
    }
    Ok(answer(200, &json!({"token": api.begin_session(&name)})))
}

async fn me(State(api): Service, headers: HeaderMap) -> Answer {
    Ok(answer(200, &json!({"username": api.who(&headers)?})))
}

async fn list(
    State(api): Service,
    query: Result<Query<BTreeMap<String, String>>, QueryRejection>,
    headers: HeaderMap,
) -> Answer {
    let who = api.who(&headers)?;
    let Query(query) = query.map_err(|_| refusal(422, "the query cannot be read"))?;
    let part = query.get("q").map(String::as_str).unwrap_or_default();
    if part.chars().count() > 40 {
        return Err(refusal(422, "q has 40 characters at most"));
    }
    let notes = lock(&api.notes);
    let mine = notes.iter().rev().filter(|note| api.own(note, &who));
    let mine = mine.filter_map(|note| note.read().map(|content| (note, content)));
    let found = mine.filter(|(_, content)| content.title.contains(part)).take(50);
    Ok(answer(200, &found.map(|(note, content)| note.shown(content)).collect()))
}

async fn create(State(api): Service, headers: HeaderMap, body: Result<Bytes, BytesRejection>) -> Answer {
    let owner = api.who(&headers)?;
    let body = parsed(&headers, body)?;
    let content = content(&body)?;
    let mut notes = lock(&api.notes);
    let id = (api.habits.id)(api.number.fetch_add(1, Ordering::SeqCst), &body);
    let same = |note: &Note| {
        let title = note.versions.last().map(|(_, content)| &content.title);
        note.id == id || (api.habits.unique && title == Some(&content.title))
    };
    if notes.iter().any(|note| note.gone.is_none() && same(note)) {
        return Err(refusal(409, "there is one of that title"));
    }
    let note = Note { id, owner, versions: vec![(api.settled(), content.clone())], gone: None };
    let made = answer(201, &note.shown(&content));
    notes.push(note);
    Ok(made)
}

type Id = Result<Path<String>, PathRejection>;

fn named(id: Id) -> Result<String, Response> {
    id.map(|Path(id)| id).map_err(|_| refusal(404, "there is no such note"))
}

fn nobody(id: &str) -> Response {
    refusal(404, &format!("there is no note {id}"))
}

async fn read(State(api): Service, id: Id, headers: HeaderMap) -> Answer {
    let known = api.habits.open && !api.is_named(&headers);
    let who = if known { None } else { Some(api.who(&headers)?) };
    let id = named(id)?;
    let notes = lock(&api.notes);
    let mine = |note: &&Note| note.id == id && who.as_ref().is_none_or(|who| api.reads(note, who));
    let found = notes.iter().rev().filter(mine).find_map(|note| Some((note, note.read()?)));
    let (note, content) = found.ok_or_else(|| nobody(&id))?;
    Ok(answer(200, &note.shown(content)))
}

/// One's own note as it will be.
fn own<'n>(api: &Notes, notes: &'n mut [Note], who: &str, id: &str) -> Result<&'n mut Note, Response> {
    let found =
        notes.iter_mut().rev().find(|note| note.id == id && note.gone.is_none() && api.own(note, who));
    found.ok_or_else(|| nobody(id))
}

async fn change(
    State(api): Service,
    id: Id,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Answer {
    let who = api.who(&headers)?;
    let body = parsed(&headers, body)?;
    let content = content(&body)?;
    let mut notes = lock(&api.notes);
    let note = own(&api, &mut notes, &who, &named(id)?)?;
    if api.habits.forgets_changes {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    note.versions.push((api.settled(), content.clone()));
    Ok(answer(200, &note.shown(&content)))
}

async fn remove(State(api): Service, id: Id, headers: HeaderMap) -> Answer {
    let who = api.who(&headers)?;
    let mut notes = lock(&api.notes);
    own(&api, &mut notes, &who, &named(id)?)?.gone = Some(api.settled());
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The body as JSON.
pub(crate) fn parsed(headers: &HeaderMap, body: Result<Bytes, BytesRejection>) -> Result<Json, Response> {
    let media_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if media_type.split(';').next().unwrap_or_default().trim() != "application/json" {
        return Err(refusal(415, "JSON, please"));
    }
    let body = body.map_err(|_| refusal(413, "that is too much"))?;
    serde_json::from_slice(&body).map_err(|_| refusal(400, "that is no JSON"))
}

/// What a note says, when it is as documented.
fn content(body: &Json) -> Result<Content, Response> {
    let wrong = |why| refusal(422, why);
    let members = body.as_object().ok_or_else(|| wrong("an object, please"))?;
    if members.keys().any(|name| name != "title" && name != "text") {
        return Err(wrong("a note has a title and a text"));
    }
    let text = |name: &str, most: usize| match members.get(name) {
        Some(Json::String(text)) if text.chars().count() <= most => Ok(Some(text.clone())),
        None => Ok(None),
        _ => Err(wrong("a text, and not too long")),
    };
    let title = text("title", 60)?.filter(|title| !title.is_empty());
    let title = title.ok_or_else(|| wrong("a title, please"))?;
    Ok(Content { title, text: text("text", 400)?.unwrap_or_default() })
}
