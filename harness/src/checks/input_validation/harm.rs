//! What may be sent many times over without harm to what is not the run's own.

use crate::case::{Act, Content, Dynamic, Place, Role, Value};
use crate::generate::{Draft, World};

/// Words of operations that cost money or reach people each time.
const COSTLY: &[&str] = &[
    "pay",
    "charge",
    "checkout",
    "refund",
    "withdraw",
    "transfer",
    "purchase",
    "send",
    "sms",
    "email",
    "mail",
    "invite",
    "notify",
    "notification",
    "message",
    "otp",
    "call",
    "fax",
    "print",
    "ship",
];

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
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_ascii_alphanumeric()).map(str::to_ascii_lowercase).collect()
    };
    let named = words(&operation.path).iter().any(|word| COSTLY.contains(&word.trim_end_matches('s')));
    if named {
        return Err("the operation costs or reaches people each time, and the data are not disposable");
    }
    let login =
        world.access(draft.operation, &draft.identity).is_some_and(|access| access.invented.is_some());
    if login {
        return Err("attempts could lock the account, and the data are not disposable");
    }
    let made = |value: &Value| match value {
        Value::Dynamic(leaf) => match &**leaf {
            Dynamic::Ref(reference) => draft.setup.iter().any(|step| {
                step.name == reference.step
                    && step.role == Role::Setup
                    && sends(draft, &step.act) == Some("POST")
            }),
            _ => false,
        },
        _ => false,
    };
    let parameters = &draft.request().path_params.0;
    let own = !parameters.is_empty() && parameters.iter().all(|(_, value)| made(value));
    let creates = operation.method == "POST" && parameters.is_empty();
    if own || creates {
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

fn sends<'d>(draft: &'d Draft, act: &Act) -> Option<&'d str> {
    let Act::Request(send) = act else { return None };
    let base = draft.bases.iter().find(|base| base.name == send.base)?;
    Some(base.request.method.as_str())
}
