//! A client that holds every answer against the document.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use base64::{Engine, engine::general_purpose::STANDARD};
use http_body_util::BodyExt;
use proofhouse_range::{Config, app, openapi};
use serde_json::{Value, json};
use tower::ServiceExt;

/// A range, and the accounts on it.
pub(crate) struct Client {
    pub(crate) config: Config,
    pub(crate) app: Router,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) json: Value,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The first field that the problem names.
    pub(crate) fn field(&self) -> &str {
        self.json["errors"][0]["name"].as_str().unwrap_or("?")
    }
}

/// A request with no credential and no body.
pub(crate) fn request(operation: &str) -> axum::http::request::Builder {
    let (method, path) = operation.split_once(' ').unwrap();
    Request::builder().method(method).uri(path)
}

impl Client {
    pub(crate) fn hardened() -> Self {
        Self::of(Config::seeded(7))
    }

    pub(crate) fn with(defect: &str) -> Self {
        Self::of(Config::seeded(7).defect(defect).unwrap())
    }

    fn of(config: Config) -> Self {
        Self { app: app(&config), config }
    }

    /// The `Authorization` of `alice`, `bob`, `olga`, or the kitchen.
    pub(crate) fn credential(&self, who: &str) -> String {
        let accounts = &self.config.accounts;
        if who == "kitchen" {
            let pair = format!("{}:{}", accounts.kitchen_name, accounts.kitchen_password);
            return format!("Basic {}", STANDARD.encode(pair));
        }
        let account = accounts.people().into_iter().find(|account| account.name == who).unwrap();
        format!("Bearer {}", accounts.token(account, 60))
    }

    /// Sends, and judges nothing.
    pub(crate) async fn raw(&self, request: Request<Body>) -> Answer {
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status: parts.status.as_u16(), headers: parts.headers, text, json }
    }

    /// Sends, and holds the answer against the document.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let (method, path) = (request.method().as_str().to_lowercase(), request.uri().path().to_owned());
        let answer = self.raw(request).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("cache-control"), "no-store");
        if answer.status >= 400 {
            assert_problem(&answer);
        }
        if method != "head" && !matches!(answer.status, 405) {
            assert_documented(&method, &path, &answer);
        }
        answer
    }

    /// `GET` and friends, as somebody (`""`: nobody).
    pub(crate) async fn call(&self, who: &str, operation: &str) -> Answer {
        self.send(self.authorized(who, operation).body(Body::empty()).unwrap()).await
    }

    /// With a JSON body, as somebody.
    pub(crate) async fn post(&self, who: &str, operation: &str, body: &Value) -> Answer {
        self.text(who, operation, "application/json", &body.to_string()).await
    }

    /// With any body, as somebody.
    pub(crate) async fn text(&self, who: &str, operation: &str, media: &str, body: &str) -> Answer {
        let request = self.authorized(who, operation).header("content-type", media);
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    pub(crate) fn authorized(&self, who: &str, operation: &str) -> axum::http::request::Builder {
        match who {
            "" => request(operation),
            "reports" => request(operation).header("x-api-key", &self.config.accounts.api_key),
            who => request(operation).header("authorization", self.credential(who)),
        }
    }

    /// Places an order, and returns its id.
    pub(crate) async fn order(&self, who: &str, note: &str) -> String {
        let body = json!({"pickup": "counter", "note": note, "lines": [{"dish": 1, "quantity": 2}]});
        let answer = self.raw(
            self.authorized(who, "POST /orders")
                .header("content-type", "application/json")
                .body(Body::from(body.to_string()))
                .unwrap(),
        );
        answer.await.json["id"].as_str().unwrap().to_owned()
    }
}

/// Every error has one shape.
pub(crate) fn assert_problem(answer: &Answer) {
    assert_eq!(answer.header("content-type"), "application/problem+json", "{}", answer.text);
    let schema = schema(&json!({"$ref": "#/components/schemas/Problem"}));
    assert!(jsonschema::is_valid(&schema, &answer.json), "{}", answer.text);
    assert_eq!(answer.json["status"], answer.status);
    let title = StatusCode::from_u16(answer.status).unwrap();
    assert_eq!(answer.json["title"], title.canonical_reason().unwrap());
    assert_eq!(answer.status == 401, answer.headers.contains_key("www-authenticate"));
    assert_eq!(answer.status == 405, answer.headers.contains_key("allow"));
    assert_eq!(answer.status == 429, answer.headers.contains_key("retry-after"));
}

fn assert_documented(method: &str, path: &str, answer: &Answer) {
    let document = document();
    let Some((_, item)) =
        document["paths"].as_object().unwrap().iter().find(|(template, _)| fits(template, path))
    else {
        return assert_eq!(answer.status, 404, "{path} is not in the document");
    };
    let mut response = &item[method]["responses"][answer.status.to_string()];
    if let Some(reference) = response["$ref"].as_str() {
        response = document.pointer(&reference[1..]).unwrap();
    }
    assert!(response.is_object(), "{method} {path} answers {}: {}", answer.status, answer.text);
    for (name, header) in response["headers"].as_object().into_iter().flatten() {
        assert!(header["required"] != true || answer.headers.contains_key(name.to_lowercase()), "{name}");
    }
    match response["content"].as_object().and_then(|content| content.iter().next()) {
        None => assert_eq!(answer.text, ""),
        Some((media, content)) => {
            assert_eq!(answer.header("content-type"), media);
            if let Err(error) = jsonschema::validate(&schema(&content["schema"]), &answer.json) {
                panic!("{method} {path}: {error}: {}", answer.text);
            }
        }
    }
}

/// Whether a path is one of a template's. `/orders/{id}` does not hide a literal path: there is none beside it.
fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len() && template.iter().zip(path).all(|(t, p)| t.starts_with('{') || *t == p)
}

pub(crate) fn document() -> Value {
    serde_json::from_str(openapi()).unwrap()
}

/// A schema of the document, standing on its own.
pub(crate) fn schema(schema: &Value) -> Value {
    json!({"allOf": [schema], "components": document()["components"]})
}
