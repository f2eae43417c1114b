//! What ties the steps together: one recording, and many.

pub(crate) mod analysis;
pub(crate) mod batch;
pub(crate) mod extract;
pub(crate) mod plans;
pub(crate) mod stream;
