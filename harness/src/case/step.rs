//! Steps: what is done, by whom, in which role.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::edit::Edit;
use super::value::Value;

/// Nobody's identity: no credential is sent.
pub const ANONYMOUS: &str = "anonymous";

/// One step of a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its name, unique in the case; judges and references know it by that.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// Who sends: a name of the configuration, or `anonymous`.
    #[serde(rename = "as", default = "anonymous", skip_serializing_if = "is_anonymous")]
    pub identity: String,
    /// What is done.
    pub act: Act,
    /// How many copies are sent at once.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub copies: u32,
    /// The next step begins while this one is under way.
    #[serde(default, skip_serializing_if = "is_false")]
    pub overlap: bool,
    /// Steps that name the same connection share one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    /// The source address, for several clients on one machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<IpAddr>,
    /// How often it is asked again when nobody answered for the operation: 429, 502 to 504, or no answer.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub retry: u8,
    /// Passive checks that do not look at this step's answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mute: Vec<String>,
}

/// What a step is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Makes what later steps need.
    Setup,
    /// Shows what is normal; never dropped by shrinking.
    Control,
    /// What must not succeed.
    Attack,
    /// Looks for an effect.
    Observe,
    /// Takes away what the case made.
    Cleanup,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Sends a baseline with edits.
    Request(Send),
    /// Sends bytes as they are and reads one answer.
    Raw(Value),
    /// Waits.
    Wait(Wait),
    /// Calls a hook of the configuration by name.
    Hook(String),
    /// Reads a log source of the configuration by name.
    Log(String),
}

/// A baseline with edits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Send {
    /// The name of the baseline.
    pub base: String,
    /// The edits, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<Edit>,
}

/// How long to wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wait {
    /// So many milliseconds, at least.
    pub millis: u64,
    /// As long as this step's answer asked for by `Retry-After`, plus one second, when that is longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<String>,
    /// Never longer than this, in milliseconds.
    pub at_most: u64,
}

impl Step {
    /// A step that sends a baseline with edits.
    pub fn send(
        name: impl Into<String>,
        role: Role,
        identity: impl Into<String>,
        base: impl Into<String>,
        edits: Vec<Edit>,
    ) -> Self {
        Self::new(name, role, identity, Act::Request(Send { base: base.into(), edits }))
    }

    /// A step that waits.
    pub fn wait(name: impl Into<String>, wait: Wait) -> Self {
        Self::new(name, Role::Control, ANONYMOUS, Act::Wait(wait))
    }

    fn new(name: impl Into<String>, role: Role, identity: impl Into<String>, act: Act) -> Self {
        Self {
            name: name.into(),
            role,
            identity: identity.into(),
            act,
            copies: 1,
            overlap: false,
            connection: None,
            source: None,
            retry: 0,
            mute: Vec::new(),
        }
    }

    /// The same step, asked again so often.
    pub fn retried(mut self, times: u8) -> Self {
        self.retry = times;
        self
    }

    /// The same step in so many copies.
    pub fn copied(mut self, copies: u32) -> Self {
        self.copies = copies;
        self
    }

    /// The baseline and edits, if the step sends any.
    pub fn request(&self) -> Option<&Send> {
        match &self.act {
            Act::Request(send) => Some(send),
            _ => None,
        }
    }

    /// The baseline and edits, to change them.
    pub fn request_mut(&mut self) -> Option<&mut Send> {
        match &mut self.act {
            Act::Request(send) => Some(send),
            _ => None,
        }
    }
}

fn anonymous() -> String {
    ANONYMOUS.to_owned()
}

fn is_anonymous(name: &str) -> bool {
    name == ANONYMOUS
}

fn one() -> u32 {
    1
}

// serde hands these a reference.
#[expect(clippy::trivially_copy_pass_by_ref)]
fn is_one(copies: &u32) -> bool {
    *copies == 1
}

#[expect(clippy::trivially_copy_pass_by_ref)]
fn is_zero(times: &u8) -> bool {
    *times == 0
}

#[expect(clippy::trivially_copy_pass_by_ref)]
fn is_false(flag: &bool) -> bool {
    !*flag
}
