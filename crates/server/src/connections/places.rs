//! Places for connections: how many there are, how many an address may take, and a few that are kept for short questions.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// Places beyond the others, where only who watches the server is answered.
pub(super) const N_RESERVED: usize = 16;

/// All places.
pub(crate) struct Places {
    open: Arc<Semaphore>,
    reserved: Arc<Semaphore>,
    by_address: Arc<Mutex<HashMap<IpAddr, usize>>>,
    most_by_address: usize,
    n_open: usize,
    /// Who has a reserved place, the longest first.
    short: Arc<Mutex<VecDeque<Arc<Notify>>>>,
}

/// A place, until it is dropped.
pub(crate) struct Place {
    _permit: OwnedSemaphorePermit,
    kind: Kind,
}

enum Kind {
    /// One of the places that an address may take.
    Seat {
        by_address: Arc<Mutex<HashMap<IpAddr, usize>>>,
        address: IpAddr,
    },
    /// One for short questions, until another needs it.
    Short {
        short: Arc<Mutex<VecDeque<Arc<Notify>>>>,
        leave: Arc<Notify>,
    },
}

impl Places {
    pub(crate) fn new(n_open: usize, most_by_address: usize) -> Self {
        Self {
            open: Arc::new(Semaphore::new(n_open)),
            reserved: Arc::new(Semaphore::new(N_RESERVED)),
            by_address: Arc::default(),
            most_by_address,
            n_open,
            short: Arc::default(),
        }
    }

    /// Seats a connection from this address. Where all places are taken, or all that it may take, it gets a reserved one; where
    /// these are taken too, who has had one for the longest leaves, so that silence keeps nobody out. `None` at the end.
    pub(crate) async fn seat(&self, address: IpAddr) -> Option<Place> {
        if let Ok(permit) = Arc::clone(&self.open).try_acquire_owned()
            && let Some(kind) = self.seat_of(address)
        {
            return Some(Place {
                _permit: permit,
                kind,
            });
        }
        let permit = match Arc::clone(&self.reserved).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => {
                if let Some(longest) = locked(&self.short).pop_front() {
                    longest.notify_one();
                }
                Arc::clone(&self.reserved).acquire_owned().await.ok()?
            }
        };
        let (short, leave) = (Arc::clone(&self.short), Arc::<Notify>::default());
        locked(&short).push_back(Arc::clone(&leave));
        Some(Place {
            _permit: permit,
            kind: Kind::Short { short, leave },
        })
    }

    /// Ends when every connection has.
    pub(crate) async fn all_left(&self) {
        let all = |n| u32::try_from(n).unwrap_or(u32::MAX);
        let _ = self.open.acquire_many(all(self.n_open)).await;
        let _ = self.reserved.acquire_many(all(N_RESERVED)).await;
    }

    fn seat_of(&self, address: IpAddr) -> Option<Kind> {
        let mut by_address = locked(&self.by_address);
        let n = by_address.entry(address).or_default();
        if *n >= self.most_by_address {
            return None;
        }
        *n += 1;
        Some(Kind::Seat {
            by_address: Arc::clone(&self.by_address),
            address,
        })
    }
}

impl Place {
    /// Whether only short questions are answered here.
    pub(crate) fn is_reserved(&self) -> bool {
        matches!(self.kind, Kind::Short { .. })
    }

    /// Ends when another needs the place.
    pub(crate) async fn needed(&self) {
        match &self.kind {
            Kind::Seat { .. } => std::future::pending().await,
            Kind::Short { leave, .. } => leave.notified().await,
        }
    }
}

impl Drop for Kind {
    fn drop(&mut self) {
        match self {
            Self::Seat { by_address, address } => {
                let mut by_address = locked(by_address);
                if let Some(n) = by_address.get_mut(address) {
                    *n -= 1;
                    if *n == 0 {
                        by_address.remove(address);
                    }
                }
            }
            Self::Short { short, leave } => locked(short).retain(|other| !Arc::ptr_eq(other, leave)),
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    async fn one(places: &Places, address: [u8; 4]) -> Place {
        places.seat(address.into()).await.unwrap()
    }

    #[test]
    fn an_address_gets_its_share_and_who_watches_always_a_place() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let places = Places::new(3, 2);
            let first = one(&places, [1; 4]).await;
            let second = one(&places, [1; 4]).await;
            assert!(!first.is_reserved() && !second.is_reserved());
            // Its share is taken: a reserved place, and one is left for others.
            assert!(one(&places, [1; 4]).await.is_reserved());
            let other = one(&places, [2; 4]).await;
            assert!(!other.is_reserved());
            // All are taken.
            let mut waiting = Vec::new();
            for _ in 0..N_RESERVED {
                waiting.push(one(&places, [3; 4]).await);
            }
            assert!(waiting.iter().all(Place::is_reserved));
            drop(first);
            // The place that is free now is not for an address that has its share.
            let third = one(&places, [1; 4]).await;
            assert!(!third.is_reserved());
            assert!(places.open.try_acquire().is_err());
            drop((second, third, other, waiting));
            assert!(places.by_address.lock().unwrap().is_empty());
            assert!(places.short.lock().unwrap().is_empty());
            places.all_left().await;
        });
    }

    #[test]
    fn who_has_had_a_reserved_place_for_the_longest_makes_room() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let places = Places::new(1, 1);
            let open = one(&places, [1; 4]).await;
            let mut silent = VecDeque::new();
            for _ in 0..N_RESERVED {
                silent.push_back(one(&places, [1; 4]).await);
            }
            for address in [1, 2, 3] {
                let longest = silent.pop_front().unwrap();
                let leaves = async {
                    longest.needed().await;
                    drop(longest);
                };
                let (seated, ()) = tokio::join!(one(&places, [address; 4]), leaves);
                assert!(seated.is_reserved());
                silent.push_back(seated);
            }
            // Nobody else was asked to leave.
            for place in &silent {
                assert!(tokio::select! { biased; () = place.needed() => false, () = async {} => true });
            }
            drop((silent, open));
            places.all_left().await;
        });
    }
}
