//! Bearer tokens: only their hashes are configured, and comparing them takes the same time whatever they are.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::{Choice, ConstantTimeEq};

use crate::error::{Error, Result, refuse};

/// Hashes of the tokens that are accepted; none means that no token is asked for.
#[derive(Clone, Debug, Default)]
pub struct Tokens(Vec<[u8; 32]>);

impl Tokens {
    /// From hexadecimal BLAKE3 hashes.
    ///
    /// # Errors
    /// One of them is no such hash.
    pub fn parse(hashes: &[String]) -> Result<Self> {
        let mut out = Vec::with_capacity(hashes.len());
        for hash in hashes {
            let Ok(hash) = blake3::Hash::from_hex(hash.trim()) else {
                refuse!(
                    Choice,
                    "a token hash has 64 hexadecimal digits (the BLAKE3 hash of the token, not the token itself); \
                     `cratedigger serve --new-token` makes both"
                );
            };
            out.push(*hash.as_bytes());
        }
        Ok(Self(out))
    }

    /// Whether no token is asked for.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this is one of the tokens. All hashes are compared, each in constant time.
    pub(crate) fn accept(&self, token: &[u8]) -> bool {
        let hash = blake3::hash(token);
        let mut found = Choice::from(0);
        for accepted in &self.0 {
            found |= accepted.ct_eq(hash.as_bytes());
        }
        found.into()
    }
}

/// A fresh token of 256 random bits, and the hash of it.
///
/// # Errors
/// The system gives no random numbers.
pub fn new_token() -> Result<(String, String)> {
    let mut bytes = [0_u8; 32];
    if let Err(error) = getrandom::fill(&mut bytes) {
        return Err(Error::NoRandomNumbers(error));
    }
    let token = URL_SAFE_NO_PAD.encode(bytes);
    let hash = blake3::hash(token.as_bytes()).to_hex().to_string();
    Ok((token, hash))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

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
}
