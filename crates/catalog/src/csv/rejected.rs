//! Records that cannot be read.

use std::ops::Range;

use crate::error::Result;
use crate::report::Rejection;

/// What becomes of records that cannot be read.
pub(crate) enum Rejected<'a> {
    /// The file is refused.
    Refuse,
    /// They are left out and handed over, each with its bytes in the file; more than `limit` of them refuse the file.
    List {
        limit: u64,
        sink: &'a mut dyn FnMut(&Rejection, Range<u64>) -> Result<()>,
    },
}
