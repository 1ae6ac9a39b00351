//! What may be sent many times over without harm to what is not the run's own.

use crate::case::{Content, Place, Value};
use crate::generate::{Draft, World};

/// Whether a valid request may be sent over and over, and edited forms of it; the error says why not.
pub(super) fn may_repeat(world: &World, draft: &Draft) -> Result<(), &'static str> {
    let operation = world.operation(draft.operation);
    if operation.is_safe() {
        return Ok(());
    }
    if world.settings.safe_only {
        return Err("only safe methods are sent");
    }
    if operation.method == "DELETE" {
        return Err("what is deleted cannot be asked for again");
    }
    if world.settings.disposable_data {
        return Ok(());
    }
    if operation.is_costly() {
        return Err("the operation costs or reaches people each time, and the data are not disposable");
    }
    let login =
        world.access(draft.operation, &draft.identity).is_some_and(|access| access.invented.is_some());
    if login {
        return Err("attempts could lock the account, and the data are not disposable");
    }
    if draft.makes_what_it_acts_on() {
        Ok(())
    } else {
        Err("the object is not the run's own, and the data are not disposable")
    }
}

/// Whether this input may be changed, too: who an unsafe method acts on is not.
pub(super) fn may_edit(world: &World, draft: &Draft, place: &Place) -> Result<(), &'static str> {
    may_repeat(world, draft)?;
    let safe = world.operation(draft.operation).is_safe();
    match place {
        Place::Node(_) => Ok(()),
        _ if safe || world.settings.disposable_data => Ok(()),
        _ => Err("what an unsafe method acts on is left alone, and the data are not disposable"),
    }
}

/// The JSON body of a draft.
pub(super) fn json_body(draft: &Draft) -> Option<&Value> {
    match &draft.request().body.as_ref()?.content {
        Content::Json(value) => Some(value),
        _ => None,
    }
}
