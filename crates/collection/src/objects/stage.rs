//! Where in its way a recording of a store failed, and when stores that do not answer end a run.

/// The stage of failures that may not be failures later: the store did not answer.
pub(crate) const OUTAGE: &str = "store";

/// Why a file of a manifest is not analysed that has changed.
pub(crate) const CHANGED: &str = "it was changed since the manifest was made";

/// Recordings in a row that were not to be had although each was asked for again and again: it is not the recordings then.
const MANY: usize = 4;

/// Counts recordings that their store did not give.
#[derive(Debug, Default)]
pub(crate) struct Outage {
    in_a_row: usize,
}

impl Outage {
    /// Counts a recording, and says whether the run should end.
    pub(crate) fn ends_after(&mut self, failed_at: Option<&str>) -> bool {
        self.in_a_row = match failed_at {
            Some(OUTAGE) => self.in_a_row + 1,
            _ => 0,
        };
        self.in_a_row >= MANY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_outages_in_a_row_end_a_run() {
        let mut outage = Outage::default();
        for _ in 0..3 {
            assert!(!outage.ends_after(Some(OUTAGE)));
        }
        assert!(!outage.ends_after(Some("decode")));
        assert!(!outage.ends_after(Some(OUTAGE)));
        assert!(!outage.ends_after(None));
        assert_eq!((0..4).filter(|_| outage.ends_after(Some(OUTAGE))).count(), 1);
    }
}
