//! Sockets: how many are open, how long they may be silent, how they end.

mod descriptors;
mod listen;
mod patient;
mod places;

pub(crate) use listen::serve;
