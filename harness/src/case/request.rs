//! Requests: a fully materialised valid baseline.

use serde::{Deserialize, Serialize};

use super::place::Place;
use super::value::{Value, escape_token};

/// Names and values in order. A list is a name that is sent several times.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pairs(pub Vec<(String, Value)>);

/// A valid request, before edits. The identity's credential is added when it is sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The path template, relative to the target.
    pub path: String,
    /// Values of the template's parameters.
    #[serde(default, skip_serializing_if = "Pairs::is_empty")]
    pub path_params: Pairs,
    /// Query parameters.
    #[serde(default, skip_serializing_if = "Pairs::is_empty")]
    pub query: Pairs,
    /// Headers, less those that the body and the connection need.
    #[serde(default, skip_serializing_if = "Pairs::is_empty")]
    pub headers: Pairs,
    /// Cookies.
    #[serde(default, skip_serializing_if = "Pairs::is_empty")]
    pub cookies: Pairs,
    /// The body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
}

/// A request body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Its media type.
    pub media_type: String,
    /// Its content.
    pub content: Content,
}

/// The content of a body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// A JSON document.
    Json(Value),
    /// `application/x-www-form-urlencoded`
    Form(Pairs),
    /// `multipart/form-data`
    Multipart(Vec<Part>),
    /// Anything else, as it is.
    Text(Value),
}

/// A part of a multipart body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The field's name.
    pub name: String,
    /// A file's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    /// Its media type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Its content.
    pub value: Value,
}

impl Pairs {
    /// No pairs.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first value of this name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Replaces the first value of this name, or adds it.
    pub fn set(&mut self, name: &str, value: Value) {
        match self.0.iter_mut().find(|(key, _)| key == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    /// Drops every value of this name.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(key, _)| key != name);
    }
}

impl Request {
    /// The inputs: every parameter and every leaf of the body.
    pub fn inputs(&self) -> Vec<Place> {
        let mut places: Vec<Place> = Vec::new();
        places.extend(self.path_params.0.iter().map(|(name, _)| Place::Path(name.clone())));
        places.extend(self.query.0.iter().map(|(name, _)| Place::Query(name.clone())));
        places.extend(self.headers.0.iter().map(|(name, _)| Place::Header(name.clone())));
        places.extend(self.cookies.0.iter().map(|(name, _)| Place::Cookie(name.clone())));
        match self.body.as_ref().map(|body| &body.content) {
            Some(Content::Json(value)) => leaves(value, &mut String::new(), &mut places),
            Some(Content::Form(pairs)) => {
                places.extend(pairs.0.iter().map(|(name, _)| node(&[name])));
            }
            Some(Content::Multipart(parts)) => places.extend(parts.iter().map(|part| node(&[&part.name]))),
            Some(Content::Text(_)) | None => {}
        }
        places
    }
}

fn node(tokens: &[&str]) -> Place {
    Place::Node(tokens.iter().fold(String::new(), |path, token| format!("{path}/{}", escape_token(token))))
}

fn leaves(value: &Value, at: &mut String, places: &mut Vec<Place>) {
    let length = at.len();
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                at.push('/');
                at.push_str(&escape_token(key));
                leaves(value, at, places);
                at.truncate(length);
            }
        }
        Value::List(items) => {
            // The first item stands for all.
            if let Some(first) = items.first() {
                at.push_str("/0");
                leaves(first, at, places);
                at.truncate(length);
            }
        }
        Value::Null | Value::Bool(_) => {}
        Value::Number(_) | Value::Text(_) | Value::Dynamic(_) => places.push(Place::Node(at.clone())),
    }
}

impl FromIterator<(String, Value)> for Pairs {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

impl Serialize for Pairs {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = indexmap::IndexMap::<String, Value>::deserialize(deserializer)?;
        Ok(Self(map.into_iter().collect()))
    }
}

impl Request {
    /// Calls `visit` with every value.
    pub fn each_value<'a>(&'a self, visit: &mut dyn FnMut(&'a Value)) {
        self.each_named(&mut |_, value| visit(value));
    }

    /// Calls `visit` with every value and its name: of the parameter or the field, and none of a body as a whole.
    pub(crate) fn each_named<'a>(&'a self, visit: &mut dyn FnMut(&'a str, &'a Value)) {
        for pairs in [&self.path_params, &self.query, &self.headers, &self.cookies] {
            pairs.0.iter().for_each(|(name, value)| visit(name, value));
        }
        match self.body.as_ref().map(|body| &body.content) {
            Some(Content::Json(value) | Content::Text(value)) => visit("", value),
            Some(Content::Form(pairs)) => pairs.0.iter().for_each(|(name, value)| visit(name, value)),
            Some(Content::Multipart(parts)) => parts.iter().for_each(|part| visit(&part.name, &part.value)),
            None => {}
        }
    }

    /// Calls `visit` with every value, to change it.
    pub fn each_value_mut(&mut self, visit: &mut dyn FnMut(&mut Value)) {
        for pairs in [&mut self.path_params, &mut self.query, &mut self.headers, &mut self.cookies] {
            pairs.0.iter_mut().for_each(|(_, value)| visit(value));
        }
        match self.body.as_mut().map(|body| &mut body.content) {
            Some(Content::Json(value) | Content::Text(value)) => visit(value),
            Some(Content::Form(pairs)) => pairs.0.iter_mut().for_each(|(_, value)| visit(value)),
            Some(Content::Multipart(parts)) => parts.iter_mut().for_each(|part| visit(&mut part.value)),
            None => {}
        }
    }
}
