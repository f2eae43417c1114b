//! Places for connections: how many there are, how many an address may take, and a few that are kept for short questions.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Places beyond the others, where only who watches the server is answered.
const N_RESERVED: usize = 16;

/// All places.
pub(crate) struct Places {
    open: Arc<Semaphore>,
    reserved: Arc<Semaphore>,
    by_address: Arc<Mutex<HashMap<IpAddr, usize>>>,
    most_by_address: usize,
    n_open: usize,
}

/// A place, until it is dropped.
pub(crate) struct Place {
    _permit: OwnedSemaphorePermit,
    _seat: Option<Seat>,
    /// Whether only short questions are answered here.
    pub(crate) reserved: bool,
}

/// One of the places that an address may take.
struct Seat {
    by_address: Arc<Mutex<HashMap<IpAddr, usize>>>,
    address: IpAddr,
}

/// A place for whoever comes next.
pub(crate) struct Free {
    permit: OwnedSemaphorePermit,
    reserved: bool,
}

impl Places {
    pub(crate) fn new(n_open: usize, most_by_address: usize) -> Self {
        Self {
            open: Arc::new(Semaphore::new(n_open)),
            reserved: Arc::new(Semaphore::new(N_RESERVED)),
            by_address: Arc::default(),
            most_by_address,
            n_open,
        }
    }

    /// Waits until there is a place, a reserved one where all others are taken.
    pub(crate) async fn free(&self) -> Option<Free> {
        let (open, reserved) = (Arc::clone(&self.open), Arc::clone(&self.reserved));
        let (permit, reserved) = tokio::select! {
            biased;
            permit = open.acquire_owned() => (permit, false),
            permit = reserved.acquire_owned() => (permit, true),
        };
        permit.ok().map(|permit| Free { permit, reserved })
    }

    /// Seats a connection from this address. An address that has as many places as it may take gets a reserved one; `None` where
    /// these are taken too.
    pub(crate) fn seat(&self, free: Free, address: IpAddr) -> Option<Place> {
        let open = match free.reserved {
            false => Some(free.permit),
            // One may have become free while nobody came.
            true => match Arc::clone(&self.open).try_acquire_owned() {
                Ok(permit) => Some(permit),
                Err(_) => return Some(Place::reserved(free.permit)),
            },
        };
        if let (Some(permit), Some(seat)) = (open, self.seat_of(address)) {
            return Some(Place {
                _permit: permit,
                _seat: Some(seat),
                reserved: false,
            });
        }
        let permit = Arc::clone(&self.reserved).try_acquire_owned().ok()?;
        Some(Place::reserved(permit))
    }

    /// Ends when every connection has.
    pub(crate) async fn all_left(&self) {
        let all = |n| u32::try_from(n).unwrap_or(u32::MAX);
        let _ = self.open.acquire_many(all(self.n_open)).await;
        let _ = self.reserved.acquire_many(all(N_RESERVED)).await;
    }

    fn seat_of(&self, address: IpAddr) -> Option<Seat> {
        let mut by_address = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        let n = by_address.entry(address).or_default();
        if *n >= self.most_by_address {
            return None;
        }
        *n += 1;
        Some(Seat {
            by_address: Arc::clone(&self.by_address),
            address,
        })
    }
}

impl Place {
    fn reserved(permit: OwnedSemaphorePermit) -> Self {
        Self {
            _permit: permit,
            _seat: None,
            reserved: true,
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut by_address = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(n) = by_address.get_mut(&self.address) {
            *n -= 1;
            if *n == 0 {
                by_address.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    async fn one(places: &Places, address: [u8; 4]) -> Option<Place> {
        let free = places.free().await.unwrap();
        places.seat(free, address.into())
    }

    #[test]
    fn an_address_gets_its_share_and_who_watches_always_a_place() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let places = Places::new(3, 2);
            let first = one(&places, [1; 4]).await.unwrap();
            let second = one(&places, [1; 4]).await.unwrap();
            assert!(!first.reserved && !second.reserved);
            // Its share is taken: a reserved place, and one is left for others.
            assert!(one(&places, [1; 4]).await.unwrap().reserved);
            let other = one(&places, [2; 4]).await.unwrap();
            assert!(!other.reserved);
            // All are taken.
            let mut waiting = Vec::new();
            for _ in 0..N_RESERVED {
                waiting.push(one(&places, [3; 4]).await.unwrap());
            }
            assert!(waiting.iter().all(|place| place.reserved));
            drop(first);
            // The place that is free now is not for an address that has its share, and nothing else is left.
            let third = one(&places, [1; 4]).await.unwrap();
            assert!(!third.reserved);
            assert!(places.open.try_acquire().is_err());
            drop((second, third, other, waiting));
            assert!(places.by_address.lock().unwrap().is_empty());
            places.all_left().await;
        });
    }
}
