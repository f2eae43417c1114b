//! A fixed number of threads that decode and predict, and a bounded number of files that wait for them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError, oneshot};

type Work = Box<dyn FnOnce() + Send>;

/// The threads and their queue. Dropped, they finish what was given to them.
pub(crate) struct Pool {
    sender: Sender<Work>,
    slots: Arc<Semaphore>,
    n_slots: usize,
    running: Arc<AtomicUsize>,
}

/// All places are taken.
#[derive(Debug)]
pub(crate) struct Full;

/// Places for some files.
pub(crate) struct Places(Vec<OwnedSemaphorePermit>);

/// Why a piece of work gave nothing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Panicked(pub(super) String);

impl Pool {
    /// `n_threads` threads, with places for `n_waiting` more files.
    pub(crate) fn new(n_threads: usize, n_waiting: usize) -> std::io::Result<Self> {
        let (sender, receiver) = channel::<Work>();
        let receiver = Arc::new(Mutex::new(receiver));
        let running = Arc::new(AtomicUsize::new(0));
        for i in 0..n_threads {
            let receiver = Arc::clone(&receiver);
            thread::Builder::new()
                .name(format!("decode-{i}"))
                .spawn(move || {
                    loop {
                        let work = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
                        let Ok(work) = work else { return };
                        work();
                    }
                })?;
        }
        let n_slots = n_threads + n_waiting;
        Ok(Self {
            sender,
            slots: Arc::new(Semaphore::new(n_slots)),
            n_slots,
            running,
        })
    }

    /// Whether a file could be taken now.
    pub(crate) fn has_place(&self) -> bool {
        self.slots.available_permits() > 0
    }

    /// Places for `n` files, all or none.
    pub(crate) fn places(&self, n: usize) -> Result<Places, Full> {
        let n = u32::try_from(n).map_err(|_| Full)?;
        let all = Arc::clone(&self.slots).try_acquire_many_owned(n);
        let mut all = all.map_err(|_: TryAcquireError| Full)?;
        let mut out = Vec::with_capacity(n as usize);
        while let Some(one) = all.split(1) {
            out.push(one);
        }
        Ok(Places(out))
    }

    /// Hands work to the threads; the place is free again when it is done. Work is left out when nobody waits for it any
    /// more.
    pub(crate) fn start<T: Send + 'static>(
        &self,
        places: &mut Places,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> oneshot::Receiver<Result<T, Panicked>> {
        let place = places.0.pop();
        let running = Arc::clone(&self.running);
        let (answer, receiver) = oneshot::channel();
        let work: Work = Box::new(move || {
            if !answer.is_closed() {
                running.fetch_add(1, Ordering::Relaxed);
                let result = catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
                    let words = panic
                        .downcast_ref::<String>()
                        .map(String::as_str)
                        .or_else(|| panic.downcast_ref::<&str>().copied());
                    Panicked(words.unwrap_or("no message").to_owned())
                });
                running.fetch_sub(1, Ordering::Relaxed);
                // The place is free before the answer is known, so that who has the answer finds a free place.
                drop(place);
                let _ = answer.send(result);
            }
        });
        // Only a pool without threads refuses work; the receiver tells it.
        let _ = self.sender.send(work);
        receiver
    }

    /// Files that are being worked on.
    pub(crate) fn n_running(&self) -> usize {
        self.running.load(Ordering::Relaxed)
    }

    /// Files that are being worked on or wait.
    pub(crate) fn n_taken(&self) -> usize {
        self.n_slots - self.slots.available_permits()
    }

    /// Most files that can be worked on or wait.
    pub(crate) fn n_slots(&self) -> usize {
        self.n_slots
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::time::Duration;

    #[test]
    fn places_run_out_and_come_back_and_a_panic_is_an_answer() {
        let pool = Pool::new(1, 1).unwrap();
        let (go, wait) = channel::<()>();
        let mut places = pool.places(2).unwrap();
        assert!(pool.places(1).is_err() && !pool.has_place());
        let first = pool.start(&mut places, move || wait.recv());
        let second = pool.start(&mut places, || panic!("broken"));
        go.send(()).unwrap();
        assert_eq!(first.blocking_recv().unwrap().unwrap(), Ok(()));
        assert_eq!(
            second.blocking_recv().unwrap(),
            Err::<(), _>(Panicked("broken".into()))
        );
        let mut places = pool.places(2).unwrap();
        let third = pool.start(&mut places, || 7);
        assert_eq!(third.blocking_recv().unwrap(), Ok(7));
    }

    #[test]
    fn all_places_or_none_are_given() {
        let pool = Pool::new(1, 2).unwrap();
        let two = pool.places(2).unwrap();
        assert!(pool.places(2).is_err());
        assert_eq!(pool.n_taken(), 2);
        drop(two);
        assert_eq!(pool.n_taken(), 0);
        assert!(pool.places(4).is_err());
        pool.places(3).unwrap();
    }

    #[test]
    fn work_that_nobody_waits_for_is_left_out() {
        let pool = Pool::new(1, 2).unwrap();
        let (go, wait) = channel::<()>();
        let (told, hear) = channel::<()>();
        let mut places = pool.places(3).unwrap();
        let first = pool.start(&mut places, move || wait.recv());
        drop(pool.start(&mut places, move || told.send(())));
        let third = pool.start(&mut places, || ());
        go.send(()).unwrap();
        first.blocking_recv().unwrap().unwrap().unwrap();
        third.blocking_recv().unwrap().unwrap();
        assert!(hear.recv_timeout(Duration::from_millis(50)).is_err());
    }
}
