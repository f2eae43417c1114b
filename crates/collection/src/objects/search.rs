//! Which objects are meant by an address: one, all audio below it, or those that match a pattern.

use std::path::{Path, PathBuf};

use cratedigger_store::{Error as StoreError, Object, Stores, Uri};
use glob::{MatchOptions, Pattern};

use super::known::{Found, Known};
use crate::error::Result;

/// Searches what each of the addresses means, and hands it over in their order, streamed.
///
/// # Errors
/// Only those of `take`, which end the search.
pub(super) fn search_in(
    stores: &Stores,
    addresses: &[PathBuf],
    take: &mut dyn FnMut(Found) -> Result<()>,
) -> Result<()> {
    let mut named = Vec::new();
    let uris: Vec<_> = addresses.iter().map(|address| Uri::of_path(address)).collect();
    for uri in uris.iter().flatten().filter(|uri| !uri.is_prefix()) {
        named.push(uri.clone());
    }
    let mut heads = match stores.heads(&named) {
        Ok(heads) => heads.into_iter().map(Ok).collect::<Vec<_>>(),
        Err(error) => named.iter().map(|_| Err(error.to_string())).collect(),
    }
    .into_iter();
    for (address, uri) in addresses.iter().zip(uris) {
        let uri = match uri {
            Ok(uri) => uri,
            Err(error) => {
                take(Found::Not(address.clone(), error.to_string()))?;
                continue;
            }
        };
        let head = if uri.is_prefix() { None } else { heads.next() };
        match head {
            None => below(stores, address, &uri, None, take)?,
            Some(Ok(Ok(object))) => take(Found::Named(address.clone(), known(&object)))?,
            Some(Ok(Err(StoreError::Missing { said }))) if !uri.is_http() => {
                let (folder, pattern) = match uri.key().find(['*', '?', '[']) {
                    Some(at) => {
                        let end = uri.key()[..at].rfind('/').map_or(0, |slash| slash + 1);
                        (uri.with_key(&uri.key()[..end]), Some(uri.key()))
                    }
                    None => (uri.with_key(&format!("{}/", uri.key())), None),
                };
                let mut any = false;
                below(stores, address, &folder, pattern, &mut |found| {
                    any = true;
                    take(found)
                })?;
                if !any {
                    let error = StoreError::Missing { said };
                    take(Found::Not(address.clone(), error.to_string()))?;
                }
            }
            Some(Ok(Err(error))) => take(Found::Not(address.clone(), error.to_string()))?,
            Some(Err(error)) => take(Found::Not(address.clone(), error))?,
        }
    }
    Ok(())
}

/// The audio below a folder, or what matches a pattern.
fn below(
    stores: &Stores,
    address: &Path,
    folder: &Uri,
    pattern: Option<&str>,
    take: &mut dyn FnMut(Found) -> Result<()>,
) -> Result<()> {
    let not = |reason: String| Found::Not(address.to_owned(), reason);
    let pattern = match pattern.map(Pattern::new).transpose() {
        Ok(pattern) => pattern,
        Err(error) => return take(not(format!("not a pattern: {error}"))),
    };
    let options = MatchOptions {
        require_literal_separator: true,
        ..MatchOptions::new()
    };
    let objects = match stores.list(folder) {
        Ok(objects) => objects,
        Err(error) => return take(not(error.to_string())),
    };
    for object in objects {
        let object = match object {
            Ok(object) => object,
            Err(error) => return take(not(format!("the listing ended early: {error}"))),
        };
        let path = PathBuf::from(object.uri.as_str());
        let is_wanted = match &pattern {
            Some(pattern) => pattern.matches_with(object.uri.key(), options),
            None => crate::extract::is_audio(&path) && !crate::extract::is_of_macos(&path),
        };
        if is_wanted {
            take(match pattern {
                Some(_) => Found::Named(path, known(&object)),
                None => Found::Below(PathBuf::from(folder.as_str()), path, known(&object)),
            })?;
        }
    }
    Ok(())
}

fn known(object: &Object) -> Known {
    Known {
        size: object.size,
        version: object.version.clone().unwrap_or_default(),
    }
}
