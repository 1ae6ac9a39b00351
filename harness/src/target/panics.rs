//! Panics of a service in this process, with message and location.

use std::any::Any;
use std::cell::RefCell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Once;
use std::task::{Context, Poll};

use crate::trace::Panic;

thread_local! {
    /// The panic of the request that this thread is polling; `None` outside of one.
    static CURRENT: RefCell<Option<Vec<Panic>>> = const { RefCell::new(None) };
}

/// Chains a hook that notes panics of watched requests and leaves all others to the hook before it.
pub(super) fn install_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let noted = CURRENT.with(|current| {
                let Ok(mut current) = current.try_borrow_mut() else { return false };
                let Some(panics) = current.as_mut() else { return false };
                panics.push(Panic {
                    message: message(info.payload()),
                    location: info.location().map(ToString::to_string),
                });
                true
            });
            if !noted {
                before(info);
            }
        }));
    });
}

fn message(payload: &dyn Any) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}

/// A future whose panics are noted, and end it with `None`.
pub(super) struct Watched<F> {
    inner: Pin<Box<F>>,
    panics: Vec<Panic>,
}

impl<F: Future> Watched<F> {
    pub(super) fn new(inner: F) -> Self {
        Self { inner: Box::pin(inner), panics: Vec::new() }
    }
}

impl<F: Future> Future for Watched<F> {
    type Output = (Option<F::Output>, Option<Panic>);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let noted = std::mem::take(&mut self.panics);
        let outer = CURRENT.with(|current| current.borrow_mut().replace(noted));
        let polled = catch_unwind(AssertUnwindSafe(|| self.inner.as_mut().poll(cx)));
        self.panics =
            CURRENT.with(|current| std::mem::replace(&mut *current.borrow_mut(), outer)).unwrap_or_default();
        match polled {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(output)) => Poll::Ready((Some(output), self.panics.pop())),
            Err(_) => Poll::Ready((None, self.panics.pop())),
        }
    }
}
