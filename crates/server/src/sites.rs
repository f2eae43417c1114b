//! Which sites may ask: a browser sends what any page tells it to, and a name of a stranger may lead to this machine.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{HOST, HeaderMap, HeaderName, ORIGIN};
use axum::http::uri::{Scheme, Uri};
use axum::http::{Method, Version};
use axum::middleware::Next;
use axum::response::Response;

use crate::problem::{Kind, Problem};
use crate::settings::{Settings, split_host as split};
use crate::state::Shared;

/// What is asked of machines that watch this one, by whatever name they know it.
pub(crate) const FOR_WATCHERS: [&str; 2] = ["/healthz", "/readyz"];

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The names by which this server may be asked.
pub(crate) struct Sites {
    /// Names given with `--host`, each with its port or for any.
    given: Vec<(String, Option<u16>)>,
    /// Where it listens.
    addr: SocketAddr,
    /// Whether a token is asked for, which no other site knows.
    has_tokens: bool,
}

/// The sites, and what requests are refused with.
pub(crate) struct Guard {
    pub(crate) sites: Sites,
    pub(crate) app: Shared,
}

impl Sites {
    /// For a server that listens on `addr`.
    pub(crate) fn new(settings: &Settings, addr: SocketAddr) -> Self {
        Self {
            given: settings.hosts.iter().filter_map(|host| split(host)).collect(),
            addr,
            has_tokens: !settings.tokens.is_empty(),
        }
    }

    /// Whether this is a name of this server. A page of another site can make its own name lead here (DNS rebinding), and
    /// would then read everything; an address in numbers cannot be made to.
    fn is_ours(&self, host: &str) -> bool {
        let Some((name, port)) = split(host) else {
            return false;
        };
        if self.is_given(&name, port) {
            return true;
        }
        let local = ["localhost", "127.0.0.1", "[::1]"].contains(&name.as_str());
        let numbers = name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
        (local && port.unwrap_or(80) == self.addr.port()) || (numbers && !self.addr.ip().is_loopback())
    }

    fn is_given(&self, name: &str, port: Option<u16>) -> bool {
        let same = |(given, at): &(String, Option<u16>)| given == name && (at.is_none() || *at == port);
        self.given.iter().any(same)
    }

    /// Why a request is not taken.
    fn refusal(&self, request: &Request) -> Option<Problem> {
        if FOR_WATCHERS.contains(&request.uri().path()) {
            return None;
        }
        let headers = request.headers();
        let host = match request.uri().authority() {
            Some(authority) => Some(authority.as_str()),
            None => headers.get(HOST).and_then(|host| host.to_str().ok()),
        };
        // Only old clients that are no browsers send none.
        let nameless = host.is_none() && request.version() <= Version::HTTP_10;
        if !(self.has_tokens || nameless || host.is_some_and(|host| self.is_ours(host))) {
            return Some(Problem::new(
                Kind::WrongHost,
                "without a token this server is asked as localhost, 127.0.0.1 or [::1] with its port; `--host NAME` names others",
            ));
        }
        let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
        (!reads && self.is_foreign(headers, host.unwrap_or_default())).then(|| {
            Problem::new(
                Kind::CrossSite,
                "a page of another site told the browser to send this; `--host NAME` names sites that may",
            )
        })
    }

    /// Whether a page of another site makes the browser ask.
    fn is_foreign(&self, headers: &HeaderMap, host: &str) -> bool {
        if let Some(origin) = headers.get(ORIGIN) {
            let origin = origin.to_str().ok().and_then(|text| text.parse::<Uri>().ok());
            let parts = origin
                .as_ref()
                .and_then(|uri| Some((uri.scheme()?, uri.authority()?)));
            let Some((scheme, authority)) = parts else {
                return true;
            };
            let default = if *scheme == Scheme::HTTPS { 443 } else { 80 };
            let Some((name, port)) = split(authority.as_str()) else {
                return true;
            };
            let same = split(host)
                .is_some_and(|(ours, at)| ours == name && at.unwrap_or(default) == port.unwrap_or(default));
            return !same && !self.is_given(&name, port);
        }
        let site = headers.get(SEC_FETCH_SITE).map(|site| site.as_bytes());
        site.is_some_and(|site| site != b"same-origin" && site != b"none")
    }
}

/// Lets requests pass that no other site has a hand in.
pub(crate) async fn check(
    State(guard): State<Arc<Guard>>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    match guard.sites.refusal(&request) {
        None => Ok(next.run(request).await),
        Some(problem) => {
            guard.app.rules.discard(request).await;
            Err(problem)
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use axum::body::Body;

    use super::*;

    fn sites(addr: &str, given: &[&str], has_tokens: bool) -> Sites {
        Sites {
            given: given.iter().filter_map(|host| split(host)).collect(),
            addr: addr.parse().unwrap(),
            has_tokens,
        }
    }

    #[test]
    fn names_are_those_of_this_machine_and_those_given() {
        let local = sites("127.0.0.1:8080", &["Music.example", "other.example:81"], false);
        for ours in [
            "localhost:8080",
            "LOCALHOST:8080",
            "localhost.:8080",
            "127.0.0.1:8080",
            "[::1]:8080",
            "music.example",
            "music.example:9",
            "other.example:81",
        ] {
            assert!(local.is_ours(ours), "{ours}");
        }
        for strange in [
            "",
            "evil.test:8080",
            "localhost",
            "localhost:81",
            "127.0.0.1.evil.test:8080",
            "192.168.0.2:8080",
            "other.example",
            "a@localhost:8080",
            "localhost:99999",
        ] {
            assert!(!local.is_ours(strange), "{strange}");
        }
        assert!(sites("127.0.0.1:80", &[], false).is_ours("localhost"));
        // Whoever opened an address to others is reached by its numbers too, but by no name that was not given.
        let open = sites("0.0.0.0:8080", &[], false);
        assert!(open.is_ours("192.168.0.2:80") && open.is_ours("[fd00::1]:8080"));
        assert!(!open.is_ours("evil.test:8080"));
    }

    #[test]
    fn other_sites_cannot_make_a_browser_ask() {
        let refused = |sites: &Sites, method: &str, path: &str, headers: &[(&str, &str)]| {
            let mut request = Request::builder().method(method).uri(path);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            sites
                .refusal(&request.body(Body::empty()).unwrap())
                .map(|problem| problem.kind)
        };
        let ours = ("host", "localhost:8080");
        let local = sites("127.0.0.1:8080", &["music.example"], false);
        let post = |headers: &[(&str, &str)]| refused(&local, "POST", "/v1/classify", headers);
        assert_eq!(post(&[ours]), None);
        assert_eq!(post(&[ours, ("origin", "http://localhost:8080")]), None);
        assert_eq!(post(&[ours, ("origin", "https://music.example")]), None);
        assert_eq!(post(&[ours, ("sec-fetch-site", "same-origin")]), None);
        for foreign in [
            ("origin", "http://evil.test"),
            ("origin", "http://localhost:81"),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            assert_eq!(post(&[ours, foreign]), Some(Kind::CrossSite), "{foreign:?}");
        }
        // Rebinding: the name is the stranger's, and so is the origin.
        let theirs = [("host", "evil.test:8080"), ("origin", "http://evil.test:8080")];
        assert_eq!(post(&theirs), Some(Kind::WrongHost));
        assert_eq!(refused(&local, "GET", "/report/", &theirs), Some(Kind::WrongHost));
        assert_eq!(refused(&local, "GET", "/healthz", &theirs), None);
        assert_eq!(refused(&local, "GET", "/v1/model", &[]), Some(Kind::WrongHost));
        // A token is what a strange page does not have, but a browser may keep a password.
        let with_token = sites("127.0.0.1:8080", &[], true);
        assert_eq!(refused(&with_token, "GET", "/v1/model", &theirs), None);
        let cross = [ours, ("origin", "http://evil.test")];
        assert_eq!(
            refused(&with_token, "POST", "/v1/classify", &cross),
            Some(Kind::CrossSite)
        );
    }
}
