//! Who is told that a store is waited for.

/// Says who is told that a store does not answer and is waited for, and that it answers again; for the whole process, and only the first
/// call counts. In a build without stores nothing is waited for.
pub fn tell_waits(tell: impl Fn(&str) + Send + Sync + 'static) {
    #[cfg(feature = "store")]
    cratedigger_store::tell_waits(tell);
    #[cfg(not(feature = "store"))]
    drop(tell);
}
