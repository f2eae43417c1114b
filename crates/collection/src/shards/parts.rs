//! Whether a set of parts is whole, and each recording in it once.

use std::collections::{BTreeMap, HashSet};

use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Int64Type};
use cratedigger_catalog::feature_table::PART_KEY;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::manifest::Manifest;
use super::naming::{AboutPart, PartName, Recipe};
use super::place::Place;
use super::share::Shard;
use super::table_file::TableFile;
use crate::error::{Error, Result};

/// What a set of parts is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parts {
    /// Parts that can be read.
    pub n_parts: usize,
    /// Shards that there should be.
    pub of: u32,
    /// Rows in all parts.
    pub n_rows: u64,
    /// Recordings that gave none, and are told beside the parts.
    pub n_failed: u64,
    /// Recordings of the manifest, as the parts tell.
    pub n_inputs: u64,
    /// What was made of them, as the first part tells.
    pub recipe: Option<Recipe>,
    /// Shards whose part is not there.
    pub missing: Missing,
    /// Everything else that is wrong, in sentences.
    pub wrong: Vec<String>,
}

/// Shards without a part.
pub type Missing = Vec<Shard>;

impl Parts {
    /// Whether every recording of the manifest is there once, as a row or a failure.
    pub fn is_whole(&self) -> bool {
        self.n_parts > 0 && self.missing.is_empty() && self.wrong.is_empty()
    }

    /// Looks at the parts in a place: their names, what their footers say, and the names of their rows. With the manifest also whether
    /// they are of its recordings as they are in it.
    ///
    /// # Errors
    /// The place cannot be listed, the manifest not be read. A part that cannot be read is in [`Self::wrong`].
    pub fn look(place: &Place, manifest: Option<&Manifest>) -> Result<Self> {
        let names: Vec<PartName> = place
            .names()?
            .iter()
            .filter_map(|name| PartName::parse(name))
            .collect();
        let mut found = Self {
            of: names.first().map_or(0, |name| name.shard.of()),
            ..Self::default()
        };
        let mut by_shard: BTreeMap<Shard, Vec<String>> = BTreeMap::new();
        for name in &names {
            by_shard.entry(name.shard).or_default().push(name.to_string());
        }
        if names.iter().any(|name| name.shard.of() != found.of) {
            let counts: std::collections::BTreeSet<u32> = names.iter().map(|name| name.shard.of()).collect();
            let counts: Vec<String> = counts.iter().map(u32::to_string).collect();
            found.wrong.push(format!(
                "there are parts of several sets, of {} shards; move those of the others away",
                counts.join(", ")
            ));
        }
        for names in by_shard.values().filter(|names| names.len() > 1) {
            found.wrong.push(format!(
                "{} are of the same shard, from other recordings or by another recipe; delete all but the right one",
                names.join(" and ")
            ));
        }
        let every = (1..=found.of).filter_map(|index| Shard::new(index, found.of));
        found.missing = every.filter(|shard| !by_shard.contains_key(shard)).collect();
        let mut ids = HashSet::new();
        let mut manifests: BTreeMap<String, String> = BTreeMap::new();
        let mut n_told = 0;
        for name in &names {
            let told = place.show(&name.to_string());
            match read(place, &name.to_string(), &mut ids) {
                Err(error) => found.wrong.push(format!("{told}: {}", error.in_one_line())),
                Ok((about, n_double)) => {
                    found.n_parts += 1;
                    found.n_rows += about.n_rows;
                    found.n_failed += about.n_failed;
                    n_told += about.n_inputs;
                    found.n_inputs = about.n_all;
                    if about.n_rows + about.n_failed != about.n_inputs {
                        found.wrong.push(format!(
                            "{told} is of {} recordings, and has {} rows and {} failures",
                            about.n_inputs, about.n_rows, about.n_failed
                        ));
                    }
                    if n_double > 0 {
                        found
                            .wrong
                            .push(format!("{told} has {n_double} rows that another part has too"));
                    }
                    let recipe = found.recipe.get_or_insert_with(|| about.recipe.clone());
                    if *recipe != about.recipe {
                        found
                            .wrong
                            .push(format!("{told} was made by another recipe than the first part"));
                    }
                    manifests.entry(about.manifest).or_insert(told);
                }
            }
        }
        if manifests.len() > 1 {
            let firsts: Vec<&str> = manifests.values().map(String::as_str).collect();
            found.wrong.push(format!(
                "parts are of different manifests, such as {}",
                firsts.join(" and ")
            ));
        }
        if found.missing.is_empty() && found.wrong.is_empty() && n_told != found.n_inputs {
            found.wrong.push(format!(
                "the parts are of {n_told} recordings, and their manifest has {}",
                found.n_inputs
            ));
        }
        if let (Some(manifest), Some(recipe)) = (manifest, found.recipe.clone()) {
            found.compare(&names, manifest, &recipe)?;
        }
        Ok(found)
    }

    /// Whether the parts are those that the manifest's recordings would give.
    fn compare(&mut self, names: &[PartName], manifest: &Manifest, recipe: &Recipe) -> Result<()> {
        for name in names {
            let entries = manifest.entries(Some(name.shard))?;
            if PartName::of(name.shard, &entries, recipe) != *name {
                self.wrong.push(format!(
                    "{name} is not of the recordings that this manifest has for shard {}; delete it, and make it anew",
                    name.shard
                ));
            }
        }
        Ok(())
    }
}

/// What a part says of itself, and how many of its rows have a name that was seen before.
pub(super) fn read(place: &Place, name: &str, ids: &mut HashSet<[u8; 16]>) -> Result<(AboutPart, u64)> {
    let file = match place {
        Place::Folder(folder) => TableFile::open(&folder.join(name))?,
        #[cfg(feature = "store")]
        Place::Store(stores, uri) => TableFile::remote(stores, &uri.join(name))?,
    };
    let wrong = |error: parquet::errors::ParquetError| Error::Input(error.to_string());
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(wrong)?;
    let metadata = builder.metadata().file_metadata();
    let about = metadata
        .key_value_metadata()
        .into_iter()
        .flatten()
        .find(|pair| pair.key == PART_KEY)
        .and_then(|pair| serde_json::from_str::<AboutPart>(pair.value.as_deref()?).ok());
    let Some(about) = about else {
        return Err(Error::Input("it does not say which part it is".to_owned()));
    };
    if u64::try_from(metadata.num_rows()).ok() != Some(about.n_rows) {
        return Err(Error::Input(format!(
            "it says {} rows, and has {}",
            about.n_rows,
            metadata.num_rows()
        )));
    }
    let first = ProjectionMask::roots(builder.parquet_schema(), [0]);
    let mut n_double = 0;
    for batch in builder.with_projection(first).build().map_err(wrong)? {
        let batch = batch?;
        let column = batch.column(0);
        let mut see = |text: &str| {
            let mut digest = [0; 16];
            digest.copy_from_slice(&blake3::hash(text.as_bytes()).as_bytes()[..16]);
            n_double += u64::from(!ids.insert(digest));
        };
        match column.data_type() {
            DataType::Int64 => {
                let numbers = column.as_primitive::<Int64Type>();
                numbers
                    .iter()
                    .flatten()
                    .for_each(|number| see(&number.to_string()));
            }
            DataType::Utf8 => column.as_string::<i32>().iter().flatten().for_each(see),
            other => {
                return Err(Error::Input(format!(
                    "its first column is of type {other}, and names no rows"
                )));
            }
        }
        if column.null_count() > 0 {
            return Err(Error::Input("rows without a name".to_owned()));
        }
    }
    Ok((about, n_double))
}
