//! Notes on actix-web, behind tokens that are signed (RFC 7519); and the adapter that makes a `tower::Service` of it.

mod adapter;
mod token;

use std::collections::BTreeMap;
use std::sync::Mutex;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use actix_web::middleware::DefaultHeaders;
use actix_web::{App, HttpRequest, HttpResponse, HttpResponseBuilder, web};
use serde::Deserialize;
use serde_json::{Value, json};

pub use adapter::{Adapter, Body};
pub use token::issue;

/// A bug that is easily made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A token whose header says `none` needs no signature.
    AlgNone,
    /// Whatever is sent is taken for JSON.
    AnyMediaType,
    /// The text of a note is cut in the middle of a character.
    CutInCharacter,
}

impl Bug {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::AlgNone, Self::AnyMediaType, Self::CutInCharacter];
}

/// What every handler works with.
#[derive(Debug, Default)]
struct Notes {
    bug: Option<Bug>,
    notes: Mutex<BTreeMap<u64, (String, Value)>>,
}

/// The service, with a store of its own.
pub async fn service(bug: Option<Bug>) -> Adapter {
    let notes = web::Data::new(Notes { bug, ..Notes::default() });
    let app = App::new()
        .app_data(notes)
        .app_data(web::PayloadConfig::new(16 << 10))
        .wrap(DefaultHeaders::new().add(("X-Content-Type-Options", "nosniff")))
        .service(
            web::resource("/notes")
                .get(list)
                .post(write)
                .default_service(web::to(async || problem(StatusCode::METHOD_NOT_ALLOWED))),
        )
        .service(
            web::resource("/notes/{id}")
                .get(read)
                .default_service(web::to(async || problem(StatusCode::METHOD_NOT_ALLOWED))),
        )
        .default_service(web::to(async || problem(StatusCode::NOT_FOUND)));
    Adapter::new(app).await
}

fn problem(status: StatusCode) -> HttpResponse {
    let body = json!({"title": status.canonical_reason(), "status": status.as_u16()});
    let mut answer = HttpResponseBuilder::new(status);
    if status == StatusCode::UNAUTHORIZED {
        answer.insert_header((WWW_AUTHENTICATE, "Bearer"));
    }
    answer.insert_header((CONTENT_TYPE, "application/problem+json")).body(body.to_string())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Draft {
    text: String,
}

fn caller(notes: &Notes, request: &HttpRequest) -> Result<String, HttpResponse> {
    let header = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    let token = header.and_then(|value| value.strip_prefix("Bearer "));
    let name = token.and_then(|token| token::verify(token, notes.bug == Some(Bug::AlgNone)));
    name.ok_or_else(|| problem(StatusCode::UNAUTHORIZED))
}

fn draft(
    notes: &Notes,
    request: &HttpRequest,
    body: Result<web::Bytes, actix_web::Error>,
) -> Result<Draft, HttpResponse> {
    let media_type =
        request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (essence, parameter) = media_type.split_once(';').unwrap_or((media_type, ""));
    let utf8 = matches!(parameter.trim().to_ascii_lowercase().as_str(), "" | "charset=utf-8");
    let is_json = essence.trim().eq_ignore_ascii_case("application/json") && utf8;
    if (!is_json || request.headers().contains_key("content-encoding"))
        && notes.bug != Some(Bug::AnyMediaType)
    {
        return Err(problem(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let body = body.map_err(|_| problem(StatusCode::PAYLOAD_TOO_LARGE))?;
    let json = serde_json::from_slice::<Value>(&body).map_err(|_| problem(StatusCode::BAD_REQUEST))?;
    let invalid = || problem(StatusCode::UNPROCESSABLE_ENTITY);
    if !json.is_object() {
        return Err(invalid());
    }
    let draft: Draft = serde_json::from_value(json).map_err(|_| invalid())?;
    let length = draft.text.chars().count();
    if (1..=200).contains(&length) { Ok(draft) } else { Err(invalid()) }
}

async fn write(
    notes: web::Data<Notes>,
    request: HttpRequest,
    body: Result<web::Bytes, actix_web::Error>,
) -> Result<HttpResponse, actix_web::Error> {
    let done = (|| {
        let name = caller(&notes, &request)?;
        let Draft { text } = draft(&notes, &request, body)?;
        let mut title: String = text.chars().take(10).collect();
        if notes.bug == Some(Bug::CutInCharacter) && text.len() > 2 {
            title = text[..2].to_owned();
        }
        let mut all = notes.notes.lock().expect("no handler panics while it holds it");
        let id = all.len() as u64 + 1;
        let note = json!({"id": id, "title": title, "text": text});
        all.insert(id, (name, note.clone()));
        Ok(HttpResponse::Created().json(note))
    })();
    Ok(done.unwrap_or_else(|refusal: HttpResponse| refusal))
}

async fn list(notes: web::Data<Notes>, request: HttpRequest) -> HttpResponse {
    match caller(&notes, &request) {
        Err(refusal) => refusal,
        Ok(name) => {
            let all = notes.notes.lock().expect("no handler panics while it holds it");
            let own: Vec<_> = all
                .values()
                .rev()
                .filter(|(owner, _)| *owner == name)
                .map(|(_, note)| note)
                .take(20)
                .collect();
            HttpResponse::Ok().json(own)
        }
    }
}

async fn read(notes: web::Data<Notes>, request: HttpRequest, id: web::Path<String>) -> HttpResponse {
    match caller(&notes, &request) {
        Err(refusal) => refusal,
        Ok(name) => {
            let all = notes.notes.lock().expect("no handler panics while it holds it");
            let found = id.parse().ok().and_then(|id: u64| all.get(&id)).filter(|(owner, _)| *owner == name);
            found.map_or_else(|| problem(StatusCode::NOT_FOUND), |(_, note)| HttpResponse::Ok().json(note))
        }
    }
}
