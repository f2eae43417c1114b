//! Names of machines, as they stand in the header `Host` and behind `--host`.

use axum::http::uri::Authority;

/// A name in lower case, without the dot at its end, and its port, where there is one; `None` where it is no such name.
pub(crate) fn split_host(host: &str) -> Option<(String, Option<u16>)> {
    let authority: Authority = host.trim().parse().ok()?;
    if authority.as_str().contains('@') {
        return None;
    }
    let port = match authority.port() {
        Some(port) => Some(port.as_str().parse().ok()?),
        None => None,
    };
    let name = authority.host().trim_end_matches('.').to_ascii_lowercase();
    (!name.is_empty()).then_some((name, port))
}
