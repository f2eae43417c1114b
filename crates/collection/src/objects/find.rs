//! The search for objects, also of builds that have no stores.

use std::path::PathBuf;

use super::known::{Found, Objects};
#[cfg(feature = "store")]
use super::search::search_in;
use crate::error::Result;

/// Searches what each of the addresses means, and hands it over in their order, streamed, with the stores that it is in.
///
/// # Errors
/// Those of `take`, which end the search; the environment does not say how stores are opened.
pub(crate) fn search(
    objects: &mut Objects,
    addresses: &[PathBuf],
    take: &mut dyn FnMut(&Objects, Found) -> Result<()>,
) -> Result<()> {
    #[cfg(feature = "store")]
    {
        let stores = objects.stores()?;
        search_in(&stores, addresses, &mut |found| take(objects, found))
    }
    #[cfg(not(feature = "store"))]
    addresses.iter().try_for_each(|address| {
        let why = super::known::NO_STORES.to_owned();
        take(objects, Found::Not(address.clone(), why))
    })
}
