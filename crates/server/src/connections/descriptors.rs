//! How many connections the file descriptors of the process allow.

use super::places::N_RESERVED;
use crate::settings::Settings;

/// Descriptors besides those of connections and helpers: standard streams, the listener, the runtime, files that are read for an
/// answer, and one connection that has no place yet.
const N_BASE: usize = 24;

/// Descriptors of a helper: two pipes, and as many while it is started.
const N_BY_HELPER: usize = 4;

/// Connections that are taken, and those of one address: what the settings say, or what there are descriptors for, of which the
/// process gets as many as it may have. The log is told where these are fewer.
pub(super) fn connections(settings: &Settings) -> (usize, usize) {
    let wanted = (settings.max_connections, settings.max_per_address);
    let Some(descriptors) = raised() else {
        return wanted;
    };
    let (n_open, by_address) = within(wanted, settings.decodes, descriptors);
    if n_open < wanted.0 {
        tracing::warn!(
            "{n_open} connections are taken at a time, not {}: this process may have {descriptors} open files",
            wanted.0
        );
    }
    (n_open, by_address)
}

/// Of fewer connections an address gets the half.
fn within((wanted, by_address): (usize, usize), decodes: usize, descriptors: u64) -> (usize, usize) {
    let taken = N_BASE + N_RESERVED + N_BY_HELPER * decodes;
    let most = usize::try_from(descriptors).unwrap_or(usize::MAX);
    let most = most.saturating_sub(taken).max(1);
    match wanted <= most {
        true => (wanted, by_address),
        false => (most, by_address.min(most.div_ceil(2))),
    }
}

/// Open files that the process may have, after it has asked for all that it can get.
#[cfg(unix)]
fn raised() -> Option<u64> {
    rlimit::increase_nofile_limit(u64::MAX)
        .or_else(|_| rlimit::Resource::NOFILE.get_soft())
        .ok()
}

#[cfg(not(unix))]
fn raised() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_no_more_connections_than_descriptors_for_them() {
        assert_eq!(within((1024, 512), 2, 1 << 20), (1024, 512));
        assert_eq!(within((1024, 512), 2, 1072), (1024, 512));
        assert_eq!(within((1024, 512), 2, 1071), (1023, 512));
        assert_eq!(within((1024, 100), 2, 1000), (952, 100));
        assert_eq!(within((1024, 512), 2, 64), (16, 8));
        assert_eq!(within((1024, 512), 64, 64), (1, 1));
    }
}
