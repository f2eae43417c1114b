//! Bearer tokens: only their hashes are configured, and comparing them takes the same time whatever they are.

use anyhow::{Result, bail};
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, HeaderValue, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use subtle::{Choice, ConstantTimeEq};

use super::app::Shared;
use super::problem::{Kind, Problem};

/// Hashes of the tokens that are accepted; none means that no token is asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tokens(Vec<[u8; 32]>);

impl Tokens {
    /// From hexadecimal BLAKE3 hashes.
    pub(crate) fn parse(hashes: &[String]) -> Result<Self> {
        let mut out = Vec::with_capacity(hashes.len());
        for hash in hashes {
            let Ok(hash) = blake3::Hash::from_hex(hash.trim()) else {
                bail!(
                    "a token hash has 64 hexadecimal digits (the BLAKE3 hash of the token, not the token itself); \
                     `cratedigger serve --new-token` makes both"
                );
            };
            out.push(*hash.as_bytes());
        }
        Ok(Self(out))
    }

    /// Whether no token is asked for.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this is one of the tokens. All hashes are compared, each in constant time.
    fn accept(&self, token: &[u8]) -> bool {
        let hash = blake3::hash(token);
        let mut found = Choice::from(0);
        for accepted in &self.0 {
            found |= accepted.ct_eq(hash.as_bytes());
        }
        found.into()
    }
}

/// A fresh token of 256 random bits, and the hash of it.
pub(crate) fn new_token() -> Result<(String, String)> {
    let mut bytes = [0_u8; 32];
    if let Err(error) = getrandom::fill(&mut bytes) {
        bail!("the system gave no random numbers for a token: {error}");
    }
    let token = URL_SAFE_NO_PAD.encode(bytes);
    let hash = blake3::hash(token.as_bytes()).to_hex().to_string();
    Ok((token, hash))
}

/// Lets a request pass that has a token, or that needs none.
pub(super) async fn check(
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
    fn a_new_token_is_accepted_by_its_hash_and_no_other_is() {
        let (one, hash) = new_token().unwrap();
        let (two, _) = new_token().unwrap();
        assert_ne!(one, two);
        let tokens = Tokens::parse(&[blake3::hash(b"x").to_hex().to_string(), hash.to_uppercase()]).unwrap();
        assert!(tokens.accept(one.as_bytes()));
        assert!(!tokens.accept(two.as_bytes()));
        assert!(!tokens.accept(hash.as_bytes()), "the hash is no token");
        assert!(!tokens.accept(b""));
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
