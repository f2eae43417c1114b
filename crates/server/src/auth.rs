//! Who may ask: a bearer token in the header, or a browser's password where people read.

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, HeaderValue, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::problem::{Kind, Problem};
use crate::state::Shared;

/// Lets a request pass that has a token, or that needs none.
pub(crate) async fn check(
    State(app): State<Shared>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let tokens = &app.settings.tokens;
    let method = request.method();
    // A browser asks for a password when it opens the report; it would send it with any site's requests, so nothing but
    // reading is allowed by it.
    let for_people = request.uri().path().starts_with("/report");
    let by_password = for_people && (method == Method::GET || method == Method::HEAD);
    if tokens.is_empty() || token(request.headers(), by_password).is_some_and(|t| tokens.accept(&t)) {
        return Ok(next.run(request).await);
    }
    let scheme = match for_people {
        true => "Basic realm=\"cratedigger: any name, and a token as password\"",
        false => "Bearer realm=\"cratedigger\"",
    };
    app.rules.discard(request).await;
    Err(Problem::new(
        Kind::Unauthorized,
        "send the header `Authorization: Bearer TOKEN` with a token of this server",
    )
    .header(WWW_AUTHENTICATE, HeaderValue::from_static(scheme)))
}

fn token(headers: &HeaderMap, by_password: bool) -> Option<Vec<u8>> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, rest) = value.split_once(' ')?;
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.as_bytes().to_vec());
    }
    if by_password && scheme.eq_ignore_ascii_case("basic") {
        let pair = STANDARD.decode(rest).ok()?;
        let colon = pair.iter().position(|&b| b == b':')?;
        return Some(pair[colon + 1..].to_vec());
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn headers(value: &str) -> HeaderMap {
        HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn tokens_are_found_in_both_schemes_but_passwords_only_where_allowed() {
        assert_eq!(token(&headers("bearer  abc"), false).unwrap(), b"abc");
        let basic = format!("Basic {}", STANDARD.encode("anyone:a:b"));
        assert_eq!(token(&headers(&basic), true).unwrap(), b"a:b");
        assert_eq!(token(&headers(&basic), false), None);
        assert_eq!(token(&headers("Bearer"), true), None);
        assert_eq!(token(&HeaderMap::new(), true), None);
    }
}
