//! What decoding a recording may take: samples and time, whatever becomes of what was decoded.

use std::time::{Duration, Instant};

use crate::audio::limits::Limits;
use crate::error::{Error, Result};

/// Samples that a packet counts as besides its own, so that packets without any come to an end.
const OF_A_PACKET: u64 = 16;

/// Channels that count as one: decoding is a small part of the work, and the analysis is of their mean.
const CHANNELS_AT_ONCE: u64 = 8;

/// When the work on a recording ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    /// None lies beyond what a clock can tell.
    at: Option<Instant>,
    limit_s: f64,
}

impl Deadline {
    /// As many seconds from now as the limits allow.
    pub(crate) fn of(limits: &Limits) -> Self {
        let time = Duration::try_from_secs_f64(limits.max_work_s.max(0.0)).ok();
        Self {
            at: time.and_then(|time| Instant::now().checked_add(time)),
            limit_s: limits.max_work_s,
        }
    }

    /// # Errors
    /// [`Error::TookTooLong`] once it is over.
    pub(crate) fn check(&self) -> Result<()> {
        match self.at {
            Some(at) if Instant::now() >= at => Err(Error::TookTooLong {
                limit_s: self.limit_s,
            }),
            _ => Ok(()),
        }
    }
}

/// The work that was done on a recording.
#[derive(Debug)]
pub(crate) struct Work {
    pub(crate) deadline: Deadline,
    max_samples: u64,
    n_samples: u64,
}

impl Work {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            deadline: Deadline::of(limits),
            max_samples: limits.max_samples(),
            n_samples: 0,
        }
    }

    /// A packet was read, of whatever track.
    ///
    /// # Errors
    /// [`Error::TookTooLong`], [`Error::TooManySamples`].
    pub(crate) fn packet(&mut self) -> Result<()> {
        self.deadline.check()?;
        self.add(OF_A_PACKET)
    }

    /// So many samples of so many channels were decoded, or skipped without decoding.
    ///
    /// # Errors
    /// [`Error::TooManySamples`].
    pub(crate) fn samples(&mut self, n: u64, n_channels: usize) -> Result<()> {
        let times = (n_channels as u64).div_ceil(CHANNELS_AT_ONCE).max(1);
        self.add(n.saturating_mul(times))
    }

    fn add(&mut self, n: u64) -> Result<()> {
        self.n_samples = self.n_samples.saturating_add(n);
        match self.n_samples > self.max_samples {
            true => Err(Error::TooManySamples {
                limit: self.max_samples,
            }),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_of_more_channels_and_packets_without_any_count() {
        let mut work = Work::new(&Limits::default().max_duration_s(0.01));
        assert_eq!(work.max_samples, 1000);
        assert!(work.samples(400, 8).is_ok() && work.samples(300, 9).is_ok());
        assert!(matches!(
            work.packet(),
            Err(Error::TooManySamples { limit: 1000 })
        ));
        let mut work = Work::new(&Limits::default().max_duration_s(0.01));
        assert!((0..62).all(|_| work.packet().is_ok()) && work.packet().is_err());
        assert!(work.samples(u64::MAX, 9).is_err());
    }

    #[test]
    fn a_deadline_is_kept_and_one_beyond_the_clock_is_none() {
        let after = |s: f64| Deadline::of(&Limits::default().max_work_s(s)).check();
        assert!(matches!(after(0.0), Err(Error::TookTooLong { limit_s: 0.0 })));
        assert!(after(-1.0).is_err() && after(3600.0).is_ok());
        assert!(after(f64::INFINITY).is_ok() && after(1e300).is_ok());
    }
}
