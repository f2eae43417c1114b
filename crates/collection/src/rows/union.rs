//! Several files of features as one.

use std::collections::HashSet;
use std::path::Path;

use cratedigger_catalog::feature_table::FeatureTable;

use crate::error::{Result, refuse};

/// The rows of all files, one file after the other, and their recipe.
///
/// # Errors
/// `Input` where two of them have other columns or recipes, or a row of the same name.
pub(crate) fn union(
    files: Vec<(&Path, FeatureTable, Option<String>)>,
) -> Result<(FeatureTable, Option<String>)> {
    let mut files = files.into_iter();
    let Some((first, mut all, recipe)) = files.next() else {
        refuse!(Input, "no file of features was named");
    };
    for (path, table, other) in files {
        if table.columns != all.columns {
            refuse!(
                Input,
                "{} has other columns than {}; only files of the same features can be taken together",
                path.display(),
                first.display()
            );
        }
        if table.embeddings != all.embeddings {
            refuse!(
                Input,
                "{} has columns of another embedding than {}; their values mean different things",
                path.display(),
                first.display()
            );
        }
        if other != recipe {
            let named = |recipe: &Option<String>| recipe.clone().unwrap_or_else(|| "unknown".to_owned());
            refuse!(
                Input,
                "{} is of recipe `{}` and {} of `{}`; their values mean different things",
                path.display(),
                named(&other),
                first.display(),
                named(&recipe)
            );
        }
        all.ids.extend(table.ids);
        all.values.extend(table.values);
    }
    let mut seen = HashSet::with_capacity(all.ids.len());
    if let Some(id) = all.ids.iter().find(|id| !seen.insert(*id)) {
        refuse!(
            Input,
            "{id} has two rows of features; every row needs its own name"
        );
    }
    Ok((all, recipe))
}
