//! From the numbers of all frames to the 518 of a recording: the table of `columns`, seven `statistics` of each row
//! (`sums` adds up in the order of the reference), and the dataset's own format (`csv`).

pub(crate) mod columns;
pub(crate) mod csv;
pub(crate) mod statistics;
pub(crate) mod sums;
