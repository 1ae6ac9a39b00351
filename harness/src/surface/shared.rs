//! Trees of JSON that are made when somebody looks at them.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, LazyLock};

use serde_json::Value as Json;

/// A tree of JSON, shared by its copies, and made at the first look. A document has thousands of schemas, and each is
/// self-contained: together they are many times the document, and few of them are needed at once.
#[derive(Clone)]
pub struct SharedJson(Arc<LazyLock<Json, Make>>);

type Make = Box<dyn FnOnce() -> Json + Send>;

impl SharedJson {
    /// A tree that this makes.
    pub fn made_by(make: impl FnOnce() -> Json + Send + 'static) -> Self {
        Self(Arc::new(LazyLock::new(Box::new(make))))
    }
}

impl From<Json> for SharedJson {
    fn from(json: Json) -> Self {
        Self::made_by(move || json)
    }
}

impl Deref for SharedJson {
    type Target = Json;

    fn deref(&self) -> &Json {
        &self.0
    }
}

impl fmt::Debug for SharedJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl fmt::Display for SharedJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}
