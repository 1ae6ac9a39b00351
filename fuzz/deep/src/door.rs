//! The door: armed, sealed, released.

use http::{Response, StatusCode};
use serde::Deserialize;
use serde_json::json;

use crate::Body;
use crate::answer::{Refusal, json as answer};

const TO_ARM: u16 = 0xb6e5;
const TO_SEAL: u16 = 0x2f93;

/// What is sent with a request.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Code {
    code: u16,
}

/// Where the door stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Door {
    #[default]
    Closed,
    Armed,
    Sealed,
}

impl Door {
    pub(crate) fn shown(self) -> Response<Body> {
        let name = match self {
            Self::Closed => "closed",
            Self::Armed => "armed",
            Self::Sealed => "sealed",
        };
        answer(StatusCode::OK, &json!({"door": name}))
    }

    pub(crate) fn arm(&mut self, sent: Code) -> Result<Response<Body>, Refusal> {
        self.step(Self::Closed, Self::Armed, sent.code == TO_ARM)
    }

    pub(crate) fn seal(&mut self, sent: Code) -> Result<Response<Body>, Refusal> {
        self.step(Self::Armed, Self::Sealed, sent.code == TO_SEAL)
    }

    pub(crate) fn release(&mut self) -> Result<Response<Body>, Refusal> {
        assert!(*self != Self::Sealed, "a sealed door was never meant to be released");
        *self = Self::Closed;
        Ok(self.shown())
    }

    fn step(&mut self, from: Self, to: Self, is_right: bool) -> Result<Response<Body>, Refusal> {
        if *self != from {
            return Err(Refusal(StatusCode::CONFLICT, "the door does not stand so"));
        }
        if !is_right {
            return Err(Refusal(StatusCode::BAD_REQUEST, "the code is not right"));
        }
        *self = to;
        Ok(self.shown())
    }
}
