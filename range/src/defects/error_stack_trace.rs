//! Errors that show the inside of the service.

use std::panic::Location;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;

use super::answer::problem;
use super::{Defect, Part};
use crate::extract::{Id, QueryReader};
use crate::routes::menu;
use crate::state::AppState;

const FIRES: &[&str] = &["error-stack-trace"];

pub(super) const RUST_PANIC: Defect = Defect {
    id: "error-stack-trace-on-unknown-dish",
    title: "a dish that does not exist is a 500 whose detail is a Rust panic with its backtrace",
    operations: &["GET /menu/{id}"],
    part: Part::Answer,
    fires: FIRES,
    also: &[
        ("input-server-error", "an id that is merely unknown is answered with 500"),
        ("error-path-disclosure", "the frames name source files"),
    ],
    build: |plan| plan.replace(&get(dish)),
};

async fn dish(State(state): State<AppState>, Id(id): Id<u32>) -> Response {
    match state.store.dish(id) {
        Ok(Some(dish)) => axum::Json(dish).into_response(),
        _ => problem(StatusCode::INTERNAL_SERVER_ERROR, &report(Location::caller())),
    }
}

/// What the default panic hook prints with `RUST_BACKTRACE=1`, for a panic here.
fn report(here: &Location<'_>) -> String {
    let (file, line) = (here.file(), here.line());
    format!(
        "thread 'tokio-runtime-worker' panicked at {file}:{line}:14:\n\
         called `Option::unwrap()` on a `None` value\n\
         stack backtrace:\n   \
         0: core::panicking::panic\n             at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/core/src/panicking.rs:145:5\n   \
         1: {module}::dish\n             at ./{file}:{line}:14\n   \
         2: <axum::handler::IntoServiceFuture<F> as core::future::future::Future>::poll\n             \
         at /usr/src/app/vendor/axum-0.8.9/src/macros.rs:42:17\n",
        module = module_path!(),
    )
}

pub(super) const NESTED_PYTHON: Defect = Defect {
    id: "error-stack-trace-nested-in-json",
    title: "a malformed order is a 400 whose detail is a JSON document, in which a Python traceback is a string",
    operations: &["POST /orders"],
    part: Part::Answer,
    fires: FIRES,
    also: &[
        ("error-path-disclosure", "the frames name source files"),
        ("error-deserializer-detail", "the traceback ends in the parser's exception"),
    ],
    build: |plan| plan.wrap(|handler| handler.route_layer(from_fn(traceback_when_malformed))),
};

async fn traceback_when_malformed(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if response.status() != StatusCode::BAD_REQUEST {
        return response;
    }
    let inner = json!({"upstream": "orders", "error": concat!(
        "Traceback (most recent call last):\n",
        "  File \"/srv/canteen/app/orders.py\", line 88, in create\n    payload = parse(request.body)\n",
        "  File \"/srv/canteen/app/parsing.py\", line 17, in parse\n    return json.loads(body)\n",
        "  File \"/usr/lib/python3.12/json/decoder.py\", line 337, in decode\n    obj, end = self.raw_decode(s, idx=_w(s, 0).end())\n",
        "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)\n",
    )});
    problem(StatusCode::BAD_REQUEST, &inner.to_string())
}

pub(super) const JAVA_ON_QUOTE: Defect = Defect {
    id: "error-stack-trace-on-quote",
    title: "a search for text with a quote in it is a 422 whose detail is a Java stack trace",
    operations: &["GET /menu"],
    part: Part::Answer,
    fires: FIRES,
    also: &[],
    build: |plan| plan.replace(&get(java_on_quote)),
};

async fn java_on_quote(State(state): State<AppState>, mut query: QueryReader) -> Response {
    let all = query.clone();
    let Ok(Some(true)) = query.take("q", "", |text| Some(text.contains('\''))) else {
        return menu::list(State(state), all).await.into_response();
    };
    problem(
        StatusCode::UNPROCESSABLE_ENTITY,
        "java.lang.IllegalStateException: unbalanced term\n\
         \tat com.canteen.search.TermParser.close(TermParser.java:142)\n\
         \tat com.canteen.search.TermParser.parse(TermParser.java:58)\n\
         \tat com.canteen.menu.MenuController.list(MenuController.java:31)\n\
         \tat jdk.internal.reflect.DirectMethodHandleAccessor.invoke(DirectMethodHandleAccessor.java:103)\n\
         Caused by: java.util.NoSuchElementException\n\
         \tat java.base/java.util.ArrayDeque.removeFirst(ArrayDeque.java:362)\n\
         \t... 27 more\n",
    )
}

pub(super) const NODE_ON_LONG_TEXT: Defect = Defect {
    id: "error-stack-trace-on-long-text",
    title: "a search for text that is too long is a 422 whose detail is a Node stack trace",
    operations: &["GET /menu"],
    part: Part::Answer,
    fires: FIRES,
    also: &[
        ("error-path-disclosure", "the frames name source files"),
        ("error-unactionable", "the trace stands where the field and its rule should"),
    ],
    build: |plan| plan.replace(&get(search)),
};

async fn search(State(state): State<AppState>, mut query: QueryReader) -> Response {
    let all = query.clone();
    if let Ok(Some(true)) = query.take("q", "", |text| Some(text.chars().count() > 64)) {
        return problem(
            StatusCode::UNPROCESSABLE_ENTITY,
            "RangeError: Invalid string length\n    \
             at Menu.search (/usr/src/app/src/menu/search.js:57:19)\n    \
             at async /usr/src/app/src/routes/menu.js:23:20\n    \
             at process.processTicksAndRejections (node:internal/process/task_queues:105:5)\n",
        );
    }
    menu::list(State(state), all).await.into_response()
}
