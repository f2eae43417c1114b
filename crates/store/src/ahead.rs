//! Objects that are fetched before they are asked for, so that who works on them need not wait.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use crate::error::{Error, Result};
use crate::read::{Object, whole};
use crate::stores::Stores;

/// The bytes of a list of objects, fetched in the order of the list, each handed out once.
///
/// At a time so many objects and bytes are fetched or wait as the settings say; one that somebody waits for is fetched in any case.
pub struct Ahead {
    stores: Arc<Stores>,
    objects: Vec<Object>,
    most: u64,
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    came: Condvar,
}

#[derive(Default)]
struct State {
    /// The next one to be begun.
    next: usize,
    /// Begun and not handed out.
    n_held: usize,
    bytes_held: u64,
    came: BTreeMap<usize, Result<Bytes>>,
    /// Begun out of turn, since somebody waited.
    begun: BTreeSet<usize>,
    /// For each whether it was asked for.
    asked: Vec<bool>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stores {
    /// Begins to fetch objects, of which those are failures that have more than `most` bytes.
    pub fn ahead(self: &Arc<Self>, objects: Vec<Object>, most: u64) -> Ahead {
        let state = State {
            asked: vec![false; objects.len()],
            ..State::default()
        };
        let ahead = Ahead {
            stores: self.clone(),
            objects,
            most,
            shared: Arc::new(Shared {
                state: Mutex::new(state),
                came: Condvar::new(),
            }),
        };
        ahead.begin_more(&mut ahead.shared.lock());
        ahead
    }
}

impl Ahead {
    /// The object at a place of the list, when it is there. Each is to be taken once.
    ///
    /// # Errors
    /// As [`Stores::read_object`].
    pub fn take(&self, at: usize) -> Result<Bytes> {
        let Some(object) = self.objects.get(at) else {
            return Err(std::io::Error::other("no such object in the list").into());
        };
        let mut state = self.shared.lock();
        if std::mem::replace(&mut state.asked[at], true) {
            return Err(std::io::Error::other("the object was taken before").into());
        }
        if at >= state.next && !state.begun.contains(&at) {
            state.begun.insert(at);
            self.begin(&mut state, at);
        }
        loop {
            if let Some(came) = state.came.remove(&at) {
                state.n_held -= 1;
                state.bytes_held -= self.weight(object);
                self.begin_more(&mut state);
                return came;
            }
            state = self
                .shared
                .came
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// What an object counts for.
    fn weight(&self, object: &Object) -> u64 {
        match object.size <= self.most {
            true => object.size,
            false => 0,
        }
    }

    fn begin_more(&self, state: &mut State) {
        let settings = self.stores.settings();
        while state.next < self.objects.len() {
            let at = state.next;
            let weight = self.weight(&self.objects[at]);
            let fits = state.n_held < settings.ahead_count
                && (state.n_held == 0 || state.bytes_held.saturating_add(weight) <= settings.ahead_bytes);
            let is_begun = state.begun.contains(&at);
            if !fits && !is_begun {
                return;
            }
            state.next += 1;
            if !state.begun.remove(&at) {
                self.begin(state, at);
            }
        }
    }

    fn begin(&self, state: &mut State, at: usize) {
        let object = self.objects[at].clone();
        state.n_held += 1;
        state.bytes_held += self.weight(&object);
        let shared = self.shared.clone();
        let (most, range_bytes) = (self.most, self.stores.settings().range_bytes);
        let begun = self.stores.of(&object.uri).and_then(|store| {
            self.stores.spawn(async move {
                let mut guard = Came {
                    shared,
                    at,
                    outcome: None,
                };
                guard.outcome = Some(whole(store, object, range_bytes, most).await);
            })
        });
        if let Err(error) = begun {
            state.came.insert(at, Err(error));
        }
    }
}

/// Tells what came, also if the fetching panicked or was given up.
struct Came {
    shared: Arc<Shared>,
    at: usize,
    outcome: Option<Result<Bytes>>,
}

impl Drop for Came {
    fn drop(&mut self) {
        let outcome = self.outcome.take().unwrap_or_else(|| {
            Err(Error::Unavailable {
                said: "the request was given up".to_owned(),
            })
        });
        self.shared.lock().came.insert(self.at, outcome);
        self.shared.came.notify_all();
    }
}
