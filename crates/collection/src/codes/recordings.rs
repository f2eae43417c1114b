//! The recordings of a cache for an autoencoder: what it is trained on, and what it makes of them as a file of features.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use cratedigger_catalog::feature_table::{FeatureFormat, FeatureWriter, RowId, read as read_features};
use cratedigger_features::Recipe;
use cratedigger_learn::{FrameSource, Recordings, with_threads};

use super::describer::OpenAutoencoder;
use crate::embedding::{Describer, read, write};
use crate::error::{Result, refuse};
use crate::frames::FrameCache;
use crate::listener::{Listener, Unit};
use crate::rows::{Reading, artists_of};

/// Recordings that are encoded between two looks at the progress.
const AT_A_TIME: usize = 64;

/// Recordings of a cache whose numbers were compared with their hashes.
pub struct CodedRecordings {
    /// What each row is called, in the order of names.
    pub ids: Vec<RowId>,
    /// Their frames.
    pub recordings: Recordings,
    /// Recordings that are too short.
    pub n_too_short: usize,
}

impl CodedRecordings {
    /// Opens a cache, or the one recipe of it that is read, and checks its numbers. `fewest`: frames that a recording must have, which may
    /// depend on the numbers of a frame.
    ///
    /// # Errors
    /// As [`FrameCache::open`]; `Input` where numbers are damaged, or where no recording is long enough.
    pub fn open(
        cache: &Path,
        recipe: Option<&str>,
        fewest: impl FnOnce(usize) -> Result<usize>,
        jobs: Option<NonZeroUsize>,
        listener: &dyn Listener,
    ) -> Result<Self> {
        let frames = FrameCache::open(cache, recipe)?;
        if let Some(damage) = frames.damage() {
            listener.say(&damage);
        }
        let fewest = fewest(frames.n_bands())?.max(1);
        let all = 0..frames.n_recordings();
        let rows: Vec<usize> = all.filter(|&at| frames.n_frames(at) >= fewest).collect();
        let n_too_short = frames.n_recordings() - rows.len();
        if rows.is_empty() {
            refuse!(
                Input,
                "{}: none of {} recordings has the {fewest} frames that are needed",
                frames.folder().display(),
                frames.n_recordings()
            );
        }
        if n_too_short > 0 {
            listener.say(&format!(
                "{n_too_short} of {} recordings have fewer than {fewest} frames; they take no part",
                frames.n_recordings()
            ));
        }
        frames.whole(&rows, jobs, listener)?;
        let names: Vec<&RowId> = frames.ids().collect();
        Ok(Self {
            ids: rows.iter().map(|&at| names[at].clone()).collect(),
            recordings: Recordings::new(Arc::new(frames), rows)?,
            n_too_short,
        })
    }

    /// A number for each recording, the same for those of an artist, of whom a table knows (the dataset's `tracks.csv`, a store, or a CSV
    /// file as `--labels` takes it); recordings of unknown artists have one each.
    ///
    /// # Errors
    /// As reading labels; `Labels` where none of the recordings is in the table.
    pub fn artists(&self, table: &Path, reading: &Reading, listener: &dyn Listener) -> Result<Vec<i64>> {
        let known: HashMap<RowId, Option<i64>> = artists_of(table, reading, listener)?;
        if !self.ids.iter().any(|id| known.contains_key(id)) {
            refuse!(
                Labels,
                "{} names none of the recordings, which are called as `{}`",
                table.display(),
                self.ids[0]
            );
        }
        let artist = |(row, id): (usize, &RowId)| match known.get(id).copied().flatten() {
            Some(artist) => artist,
            // Artists are numbered from 0 up.
            None => -1 - row as i64,
        };
        Ok(self.ids.iter().enumerate().map(artist).collect())
    }

    /// Writes the code of each recording as a file of features: its columns alone, or beside those of the rows of another file. Returns
    /// the number of rows, and of those without a code, whose cells are empty.
    ///
    /// # Errors
    /// `Choice` where the other file has such columns already; what cannot be read or written.
    pub fn write(
        &self,
        by: &OpenAutoencoder,
        beside: Option<&Path>,
        (out, format): (&Path, FeatureFormat),
        jobs: Option<NonZeroUsize>,
        listener: &dyn Listener,
    ) -> Result<(usize, usize)> {
        let width = by.columns().len();
        let codes = self.codes(by, jobs, listener)?;
        let codes: HashMap<&RowId, &[f32]> = self.ids.iter().zip(codes.chunks_exact(width)).collect();
        let Some(beside) = beside else {
            let ids = self.ids.iter().map(|id| (id, &[] as &[f64])).collect();
            return put(by, &[], None, (ids, &codes), (out, format));
        };
        let table = read_features(beside)?;
        let prefix = by.card().prefix();
        if let Some(there) = table.columns.iter().find(|name| name.starts_with(&prefix)) {
            refuse!(Choice, "{} has a column `{there}` already", beside.display());
        }
        let rows = (0..table.ids.len())
            .map(|at| (&table.ids[at], table.row(at)))
            .collect();
        let known = (table.recipe.as_deref(), table.embeddings.as_deref());
        put(by, &table.columns, Some(known), (rows, &codes), (out, format))
    }

    fn codes(
        &self,
        by: &OpenAutoencoder,
        jobs: Option<NonZeroUsize>,
        listener: &dyn Listener,
    ) -> Result<Vec<f32>> {
        let n = self.ids.len();
        let job = listener.begin("encoding".into(), Unit::Rows);
        let mut codes = Vec::with_capacity(n * by.columns().len());
        for first in (0..n).step_by(AT_A_TIME) {
            job.set(first as u64, n as u64);
            let rows: Vec<usize> = (first..n.min(first + AT_A_TIME)).collect();
            let some = self.recordings.rows(&rows)?;
            codes.extend(with_threads(jobs.map(NonZeroUsize::get), || {
                by.autoencoder().encode(&some)
            })?);
        }
        Ok(codes)
    }
}

/// Rows with the columns that they have already, and the code of each by name.
type Rows<'a> = (Vec<(&'a RowId, &'a [f64])>, &'a HashMap<&'a RowId, &'a [f32]>);

fn put(
    by: &OpenAutoencoder,
    columns: &[String],
    known: Option<(Option<&str>, Option<&str>)>,
    (rows, codes): Rows<'_>,
    (out, format): (&Path, FeatureFormat),
) -> Result<(usize, usize)> {
    let (recipe, embeddings) = known.unwrap_or_default();
    let mut cards = read(embeddings)?;
    cards.push(by.card().clone());
    let names = [columns, by.columns()].concat();
    let mut writer = FeatureWriter::with_embeddings(
        out,
        format,
        &names,
        // Columns of an embedding are the same by any recipe of the others.
        recipe.unwrap_or(Recipe::Fma.version()),
        write(&cards)?.as_deref(),
        rows.iter().all(|(id, _)| matches!(id, RowId::Track(_))),
    )?;
    let mut n_without = 0;
    for (id, own) in &rows {
        let mut values = own.to_vec();
        match codes.get(id) {
            Some(code) => values.extend(code.iter().map(|&value| f64::from(value))),
            None => {
                n_without += 1;
                values.resize(names.len(), f64::NAN);
            }
        }
        writer.push(id, &values)?;
    }
    writer.finish()?;
    Ok((rows.len(), n_without))
}
