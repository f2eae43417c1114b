//! What the genres of tracks lead to, and what that says of a genre.

use std::collections::BTreeSet;

use crate::error::Result;
use crate::rows::genres::GenreTree;
use crate::rows::known::Known;
use crate::table::{Table, list_at};

/// The titles of the roots of each track's genres.
pub(super) fn roots(known: &Known, tree: Option<&GenreTree>) -> Result<Vec<BTreeSet<String>>> {
    let table = Table::new("tracks", &known.genres);
    let all = table.int64_lists("track.genres_all")?;
    let own = table.int64_lists("track.genres")?;
    let of_row = |row| {
        let ids = list_at(all.as_ref(), row)
            .or_else(|| list_at(own.as_ref(), row))
            .unwrap_or_default();
        let title = |&id: &i64| tree?.title(tree?.root(id)?).map(str::to_owned);
        ids.iter().filter_map(title).collect()
    };
    Ok((0..table.n_rows()).map(of_row).collect())
}

/// The rule: the root that all genres of a track lead to is its genre.
pub fn by_rule(roots: &BTreeSet<String>) -> Option<&String> {
    roots.first().filter(|_| roots.len() == 1)
}

/// Whether the genres of a track do not speak against this one.
pub fn may_be(roots: &BTreeSet<String>, genre: &str) -> bool {
    roots.is_empty() || roots.contains(genre)
}
