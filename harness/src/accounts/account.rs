//! What an account is made of, and how a drawn request becomes its registration or its login.

use secrecy::{ExposeSecret as _, SecretString};

use super::names::{Field, field};
use crate::case::{Content, Request, Value};
use crate::execute::Session;

/// The particulars of an account of ours.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) username: String,
    pub(super) email: String,
    pub(super) password: String,
    pub(super) phone: String,
}

/// What is written into fields that name somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Naming {
    /// The user name where one is asked for, the mail address where that is.
    ByField,
    /// The mail address everywhere.
    Email,
    /// The user name everywhere.
    Username,
    /// The telephone number everywhere.
    Phone,
}

impl Account {
    /// An account that nobody has: a reserved mail domain (RFC 2606) and telephone number.
    pub(super) fn new(session: &Session) -> Self {
        let letters = session.random_text(b"abcdefghijklmnopqrstuvwxyz", 10);
        let digits = session.random_text(b"0123456789", 4);
        let tail = session.random_text(b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", 12);
        Self {
            username: format!("ph{letters}"),
            email: format!("ph{letters}@ph.example"),
            // Upper and lower case, a digit and a sign: what most rules ask for.
            password: format!("Aa1!{tail}"),
            phone: format!("+1202555{digits}"),
        }
    }

    /// An account that somebody has: one name for all that names it.
    pub(super) fn known(username: &str, password: &SecretString) -> Self {
        Self {
            username: username.to_owned(),
            email: username.to_owned(),
            password: password.expose_secret().to_owned(),
            phone: username.to_owned(),
        }
    }

    /// Writes the particulars into the request; returns the fields that it has.
    pub(super) fn fill(&self, request: &mut Request, naming: Naming) -> Vec<Field> {
        let mut found = Vec::new();
        match request.body.as_mut().map(|body| &mut body.content) {
            Some(Content::Json(value)) => self.fill_value("", value, naming, &mut found),
            Some(Content::Form(pairs)) => {
                pairs.0.iter_mut().for_each(|(name, value)| self.fill_value(name, value, naming, &mut found));
            }
            Some(Content::Multipart(parts)) => {
                parts
                    .iter_mut()
                    .for_each(|part| self.fill_value(&part.name, &mut part.value, naming, &mut found));
            }
            Some(Content::Text(_)) | None => {}
        }
        found
    }

    fn fill_value(&self, name: &str, value: &mut Value, naming: Naming, found: &mut Vec<Field>) {
        match value {
            Value::Object(members) => {
                members.iter_mut().for_each(|(name, value)| self.fill_value(name, value, naming, found));
            }
            Value::List(_) | Value::Bool(_) => {}
            leaf => {
                if let Some(field) = field(name) {
                    *leaf = Value::text(self.text(field, naming));
                    found.push(field);
                }
            }
        }
    }

    fn text(&self, field: Field, naming: Naming) -> &str {
        match (field, naming) {
            (Field::Password | Field::Confirmation, _) => &self.password,
            (Field::GrantType, _) => "password",
            (_, Naming::Email) | (Field::Email, Naming::ByField) => &self.email,
            (_, Naming::Phone) | (Field::Phone, Naming::ByField) => &self.phone,
            (_, Naming::Username) | (Field::Username, Naming::ByField) => &self.username,
        }
    }
}
