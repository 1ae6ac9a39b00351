//! The workers of a run: threads with a current-thread runtime each, and a seat for each worker.
//!
//! Where workers wait for a network, a thread serves several of them: what is waited for together costs one
//! switch, and there are no more threads than twice the cores.

use std::cell::{Cell, RefCell};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::runtime::Runtime;

use super::worker::{Done, Epoch, Job, LaneFactory, Shared, Worker, open};
use crate::execute::Session;

/// The threads, and the ways to and from them.
pub(super) struct Crew {
    epochs: Vec<Sender<Arc<Epoch>>>,
    results: Receiver<Vec<Finished>>,
    threads: Vec<JoinHandle<()>>,
}

/// What a worker did: the index of the work, or why there can be no work at all.
pub(super) type Finished = Result<(usize, Done), String>;

impl Crew {
    pub(super) fn start(shared: &Arc<Shared>, workers: usize) -> Self {
        let workers = workers.max(1);
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        // One of two computes while the other waits its turn: the target runs on these cores too, often enough.
        let of = if shared.factory.waits() { workers.min(2 * cores) } else { workers };
        let (tell, results) = channel();
        let (mut epochs, mut threads) = (Vec::new(), Vec::new());
        for index in 0..of {
            let (send, receive) = channel();
            let (tell, shared) = (tell.clone(), Arc::clone(shared));
            let seats = workers / of + usize::from(index < workers % of);
            threads.push(std::thread::spawn(move || work(&shared, seats, &receive, &tell)));
            epochs.push(send);
        }
        Self { epochs, results, threads }
    }

    /// Hands out an epoch.
    pub(super) fn begin(&self, epoch: &Arc<Epoch>) {
        let threads = if epoch.alone { 1 } else { self.epochs.len() };
        for thread in self.epochs.iter().take(threads) {
            let _ = thread.send(Arc::clone(epoch));
        }
    }

    /// Waits for what some of the work gave; `None` when nobody works any more.
    pub(super) fn results(&self) -> Option<Vec<Finished>> {
        self.results.recv().ok()
    }

    /// Waits until every thread has ended.
    pub(super) fn end(self) {
        drop(self.epochs);
        for thread in self.threads {
            // A worker that panicked is a defect of proofhouse: let it be seen as one.
            if let Err(panic) = thread.join() {
                std::panic::resume_unwind(panic);
            }
        }
    }
}

/// A worker's place: its session, and what it is at.
struct Seat {
    session: Session,
    at: Cell<Option<usize>>,
    done: RefCell<Done>,
}

impl Seat {
    /// Does work until none is left, or nobody waits for it.
    #[expect(clippy::await_holding_refcell_ref, reason = "`leave` borrows it too, when this was dropped")]
    async fn serve(&self, shared: &Shared, epoch: &Epoch, batch: &Batch<'_>) {
        let worker = Worker { shared, session: &self.session, epoch };
        while let Some((index, job)) = epoch.take() {
            let mut done = self.done.borrow_mut();
            let is_over = epoch.until.is_some_and(|until| Instant::now() >= until);
            if self.session.is_stopped() || (is_over && !matches!(job, Job::Alive(_))) {
                done.late = true;
            } else {
                self.at.set(Some(index));
                worker.run(job, &mut done).await;
                self.at.set(None);
                // It ended because it was told to.
                done.late |= self.session.is_stopped() && !matches!(job, Job::Alive(_));
            }
            if !batch.add(index, std::mem::take(&mut *done)) {
                return;
            }
        }
        batch.send();
    }

    /// Gives what was done of the work that was cut off.
    fn leave(&self, batch: &Batch<'_>) {
        let Some(index) = self.at.take() else { return };
        self.session.recover();
        let done = Done { late: true, ..self.done.take() };
        batch.add(index, done);
    }
}

impl Epoch {
    fn take(&self) -> Option<(usize, &Job)> {
        let index = self.next.fetch_add(1, Ordering::Relaxed);
        self.jobs.get(index).map(|job| (index, job))
    }
}

/// Results that are held back, since waking whoever waits for them costs more than a judged exchange.
struct Batch<'a> {
    results: &'a Sender<Vec<Finished>>,
    held: RefCell<Vec<Finished>>,
    since: Cell<Instant>,
}

impl<'a> Batch<'a> {
    /// How many are held back, and how long.
    const MOST: usize = 256;
    const LONGEST: Duration = Duration::from_millis(20);

    fn new(results: &'a Sender<Vec<Finished>>) -> Self {
        Self { results, held: RefCell::default(), since: Cell::new(Instant::now()) }
    }

    /// Takes what was done; `false` when nobody waits for it any more.
    fn add(&self, index: usize, done: Done) -> bool {
        let mut held = self.held.borrow_mut();
        held.push(Ok((index, done)));
        let is_due = held.len() >= Self::MOST || self.since.get().elapsed() >= Self::LONGEST;
        drop(held);
        !is_due || self.send()
    }

    fn send(&self) -> bool {
        self.since.set(Instant::now());
        let held = self.held.take();
        held.is_empty() || self.results.send(held).is_ok()
    }
}

/// A thread's loop: epochs in, results out.
fn work(shared: &Shared, seats: usize, epochs: &Receiver<Arc<Epoch>>, results: &Sender<Vec<Finished>>) {
    let runtime = match runtime(&*shared.factory) {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = results.send(vec![Err(format!("a worker could not start: {error}"))]);
            return;
        }
    };
    let mut taken = Vec::new();
    while let Ok(epoch) = epochs.recv() {
        while taken.len() < seats {
            match runtime.block_on(open(shared)) {
                Ok(session) => {
                    taken.push(Seat { session, at: Cell::default(), done: RefCell::default() });
                }
                Err(error) => {
                    let _ = results.send(vec![Err(error)]);
                    return;
                }
            }
        }
        let used = if epoch.alone { &taken[..1] } else { &taken[..] };
        let batch = Batch::new(results);
        runtime.block_on(serve(shared, &epoch, used, &batch));
        if !batch.send() {
            return;
        }
    }
}

/// A runtime of one thread, with the factory's clock.
pub(crate) fn runtime(factory: &dyn LaneFactory) -> std::io::Result<Runtime> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    #[cfg(feature = "virtual-clock")]
    if factory.virtual_clock() {
        runtime.block_on(async { tokio::time::pause() });
    }
    #[cfg(not(feature = "virtual-clock"))]
    let _ = factory;
    Ok(runtime)
}

/// How long answers are waited for that are on their way when work is cut off.
const LAST_ANSWERS: Duration = Duration::from_millis(500);

/// Serves an epoch from these seats until it is done, or until its work is cut off.
async fn serve(shared: &Shared, epoch: &Epoch, seats: &[Seat], batch: &Batch<'_>) {
    let mut serving: FuturesUnordered<_> =
        seats.iter().map(|seat| seat.serve(shared, epoch, batch)).collect();
    let is_whole = tokio::select! {
        () = async { while serving.next().await.is_some() {} } => true,
        () = cut_off(shared, epoch) => {
            // An answer that is on its way may tell of something that was made: nobody else will.
            seats.iter().for_each(|seat| seat.session.cut_off());
            let rest = async { while serving.next().await.is_some() {} };
            let _ = tokio::time::timeout(LAST_ANSWERS, rest).await;
            false
        }
    };
    drop(serving);
    if is_whole {
        return;
    }
    for seat in seats {
        seat.leave(batch);
        seat.session.recover();
    }
    while let Some((index, _)) = epoch.take() {
        batch.add(index, Done { late: true, ..Done::default() });
    }
}

/// Waits until work must end: at the end of its time, or when the run is stopped.
async fn cut_off(shared: &Shared, epoch: &Epoch) {
    // A paused clock runs ahead of the budget's.
    match epoch.end.filter(|_| !shared.factory.virtual_clock()) {
        Some(end) => {
            tokio::select! {
                () = shared.session.halt.stopped() => {}
                () = tokio::time::sleep_until(end.into()) => {}
            }
        }
        None => shared.session.halt.stopped().await,
    }
}
