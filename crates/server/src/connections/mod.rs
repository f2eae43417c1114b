//! Sockets: how many are open, how long they may be silent, how they end.

mod listen;
mod patient;

pub(crate) use listen::serve;
