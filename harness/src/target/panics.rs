//! Panics of a service in this process, and of what looks at it, with message and location.

use std::any::Any;
use std::cell::RefCell;
#[cfg(feature = "service")]
use std::future::Future;
#[cfg(feature = "libfuzzer")]
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
#[cfg(feature = "service")]
use std::pin::Pin;
use std::sync::Once;
#[cfg(feature = "service")]
use std::task::{Context, Poll};

#[cfg(feature = "service")]
use super::LocalFuture;
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
            if !noted && !keep(info) {
                before(info);
            }
        }));
    });
}

/// Panics that no watched request is to blame for alone: of tasks and threads that a service began.
#[cfg(feature = "libfuzzer")]
static STRAY: std::sync::Mutex<Vec<Panic>> = std::sync::Mutex::new(Vec::new());

/// A task that panics each time would fill the terminal.
#[cfg(feature = "libfuzzer")]
static TOLD: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);

/// Whether they are kept. Otherwise they are left to the hook that was there before.
#[cfg(feature = "libfuzzer")]
static KEPT: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);

/// Keeps such panics from now on, whatever hook is there already.
#[cfg(feature = "libfuzzer")]
pub(crate) fn keep_strays() {
    KEPT.store(true, std::sync::atomic::Ordering::SeqCst);
    install_hook();
}

#[cfg(feature = "libfuzzer")]
fn keep(info: &std::panic::PanicHookInfo<'_>) -> bool {
    use std::sync::atomic::Ordering;
    if !KEPT.load(Ordering::SeqCst) {
        return false;
    }
    let panic =
        Panic { message: message(info.payload()), location: info.location().map(ToString::to_string) };
    // Our own panics end the process: this is all that is ever told of them.
    let at = panic.location.as_deref().unwrap_or("an unknown place");
    if TOLD.fetch_add(1, Ordering::Relaxed) < 16 {
        let _ = writeln!(std::io::stderr(), "panicked at {at}: {}", panic.message);
    }
    strays().push(panic);
    true
}

#[cfg(not(feature = "libfuzzer"))]
fn keep(_: &std::panic::PanicHookInfo<'_>) -> bool {
    false
}

/// What came since it was asked last.
#[cfg(feature = "libfuzzer")]
pub(crate) fn take_strays() -> Vec<Panic> {
    std::mem::take(&mut *strays())
}

#[cfg(feature = "libfuzzer")]
fn strays() -> std::sync::MutexGuard<'static, Vec<Panic>> {
    STRAY.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn message(payload: &dyn Any) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}

/// Does something whose panic is noted and not printed: it is a result like others.
pub(crate) fn quietly<T>(work: impl FnOnce() -> T) -> Result<T, Panic> {
    install_hook();
    let outer = CURRENT.with(|current| current.borrow_mut().replace(Vec::new()));
    let done = catch_unwind(AssertUnwindSafe(work));
    let noted = CURRENT.with(|current| std::mem::replace(&mut *current.borrow_mut(), outer));
    done.map_err(|payload| {
        let last = noted.unwrap_or_default().pop();
        last.unwrap_or_else(|| Panic { message: message(&*payload), location: None })
    })
}

/// The same for a future.
#[cfg(feature = "service")]
pub(crate) async fn watched<F: Future>(work: F) -> Result<F::Output, Panic> {
    install_hook();
    let (output, panic) = Watched::new(Box::pin(work)).await;
    let unknown = || Panic { message: "a panic without a message".to_owned(), location: None };
    output.ok_or_else(|| panic.unwrap_or_else(unknown))
}

/// A future whose panics are noted, and end it with `None`.
#[cfg(feature = "service")]
pub(super) struct Watched<'a, T> {
    inner: LocalFuture<'a, T>,
    panics: Vec<Panic>,
}

#[cfg(feature = "service")]
impl<'a, T> Watched<'a, T> {
    pub(super) fn new(inner: LocalFuture<'a, T>) -> Self {
        Self { inner, panics: Vec::new() }
    }
}

#[cfg(feature = "service")]
impl<T> Future for Watched<'_, T> {
    type Output = (Option<T>, Option<Panic>);

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
