//! Frames of recordings beside rows, or as all that rows have.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use cratedigger_catalog::feature_table::RowId;
use cratedigger_learn::Dataset;

use super::builder::row_ids;
use super::labelled::{Labelled, Wanted};
use super::reader::{Reader, Row};
use super::source::Reading;
use crate::error::{Result, refuse};
use crate::extract::Inputs;
use crate::frames::FrameSets;
use crate::listener::Listener;

/// Rows of recordings that have frames, without columns.
pub(crate) struct FramesOnly {
    rows: Vec<(RowId, PathBuf)>,
}

impl FramesOnly {
    pub(crate) fn of(sets: &FrameSets) -> Self {
        let rows = sets.recordings().map(|(id, path)| (id.clone(), path.to_owned()));
        Self { rows: rows.collect() }
    }

    /// The same of audio whose frames were computed, in the order of the files.
    pub(crate) fn of_files(inputs: &Inputs) -> Self {
        let rows = inputs
            .files
            .iter()
            .map(|file| (RowId::from(file.id.as_str()), file.path.clone()));
        Self { rows: rows.collect() }
    }
}

impl Reader for FramesOnly {
    fn columns(&self) -> &[String] {
        &[]
    }

    fn read(&self, _: &[usize], row: &mut dyn FnMut(Row<'_>) -> Result<()>) -> Result<()> {
        for (id, path) in &self.rows {
            row(Row {
                id: id.clone(),
                path: Some(path),
                values: &[],
                out_of_range: None,
            })?;
        }
        Ok(())
    }
}

/// The caches that stand beside rows; none where none is named and the model, if there is one, reads none.
pub(crate) fn beside(
    reading: &Reading,
    wanted: &Wanted<'_>,
    listener: &dyn Listener,
) -> Result<Option<FrameSets>> {
    if let Some(model) = wanted.model
        && model.card().feature_names.is_empty()
    {
        refuse!(
            Model,
            "the model reads frames of recordings alone: name a cache of them as the data (`cratedigger mel PATH --out CACHE`), and \
             where their genres are by --labels"
        );
    }
    let recipes = wanted.model.map(|model| model.card().frames.as_slice());
    match (reading.frames.is_empty(), recipes) {
        (true, Some([_, ..])) => refuse!(
            Model,
            "the model reads frames of recordings; name a cache of them by --frames CACHE, or as the data (`cratedigger mel PATH \
             --out CACHE` makes one)"
        ),
        (true, _) | (false, Some([])) => Ok(None),
        (false, _) => FrameSets::open(&reading.frames, recipes, listener).map(Some),
    }
}

/// The caches that are the data, with others that stand beside them.
pub(crate) fn named(
    data: &[PathBuf],
    reading: &Reading,
    wanted: &Wanted<'_>,
    listener: &dyn Listener,
) -> Result<FrameSets> {
    let paths: Vec<PathBuf> = data.iter().chain(&reading.frames).cloned().collect();
    let recipes = wanted.model.map(|model| model.card().frames.as_slice());
    FrameSets::open(&paths, recipes, listener)
}

/// Those tracks of a data set that have frames in all of these caches, with their frames, and which rows these are.
///
/// # Errors
/// `Input` where a cache cannot be read or is damaged, or where no track has frames.
pub fn frames_of_tracks(
    caches: &[PathBuf],
    data: &Dataset,
    jobs: Option<NonZeroUsize>,
    listener: &dyn Listener,
) -> Result<(Dataset, Vec<usize>)> {
    let sets = FrameSets::open(caches, None, listener)?;
    let id = |row: usize| RowId::Track(data.row_ids[row]);
    let kept: Vec<usize> = (0..data.n_rows()).filter(|&row| sets.has(&id(row))).collect();
    if kept.is_empty() {
        refuse!(
            Input,
            "none of the tracks has frames; a cache calls them by their numbers where files are called as those of the FMA, for example \
             000/000002.mp3"
        );
    }
    let ids: Vec<RowId> = kept.iter().map(|&row| id(row)).collect();
    let mut some = data.take_rows(&kept)?;
    some.x = sets.beside(std::mem::take(&mut some.x), &ids, jobs, listener)?;
    Ok((some, kept))
}

impl Labelled {
    /// The rows that have frames, with them; the others are counted.
    pub(crate) fn with_frames(
        mut self,
        sets: &FrameSets,
        wanted: &Wanted<'_>,
        reading: &Reading,
        listener: &dyn Listener,
    ) -> Result<Self> {
        let kept: Vec<usize> = (0..self.ids.len())
            .filter(|&row| sets.has(&self.ids[row]))
            .collect();
        let n_without = self.ids.len() - kept.len();
        if kept.is_empty() {
            let of_cache = sets.recordings().next();
            refuse!(
                Input,
                "none of the rows has frames; ids are compared as they are written, for example `{}` here and `{}` in the cache",
                self.ids.first().map(ToString::to_string).unwrap_or_default(),
                of_cache.map(|(id, _)| id.to_string()).unwrap_or_default()
            );
        }
        if n_without > 0 {
            listener.say(&format!(
                "{n_without} of {} rows have no frames; they take no part",
                self.ids.len()
            ));
            let classes = self.data.classes.clone();
            self.data = self.data.take_rows(&kept)?;
            self.ids = kept.iter().map(|&row| self.ids[row].clone()).collect();
            self.data.row_ids = row_ids(&self.ids);
            let emptied: Vec<String> = self
                .data
                .class_counts()
                .iter()
                .zip(&classes)
                .filter(|(n, _)| **n == 0)
                .map(|(_, name)| name.clone())
                .collect();
            if !emptied.is_empty() {
                self.forget(&emptied);
                listener.say(&format!(
                    "no row of these genres has frames: {}",
                    emptied.join(", ")
                ));
            }
        }
        if wanted.model.is_none() && self.data.n_classes() < 2 {
            refuse!(
                Labels,
                "a classifier needs at least two genres, and all {} rows with frames are of {}",
                self.ids.len(),
                self.data.classes.join("")
            );
        }
        self.lost.n_without_frames += n_without as u64;
        let x = std::mem::take(&mut self.data.x);
        self.data.x = sets.beside(x, &self.ids, reading.jobs, listener)?;
        // Recordings that are heard twice belong together too.
        self.data.unite_groups();
        Ok(self)
    }

    /// Takes classes without rows out.
    fn forget(&mut self, emptied: &[String]) {
        let data = &mut self.data;
        let mut place = 0;
        let new: Vec<usize> = data
            .classes
            .iter()
            .map(|class| {
                let at = place;
                place += usize::from(!emptied.contains(class));
                at
            })
            .collect();
        data.y.iter_mut().for_each(|class| *class = new[*class]);
        data.classes.retain(|class| !emptied.contains(class));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::path::Path;

    use cratedigger_catalog::feature_table::{FeatureFormat, FeatureWriter};
    use cratedigger_features::{BatchOptions, FrameExtractor, FrameRecipe, Limits, MelRecipe, Recipe};

    use super::*;
    use crate::frames::{Job, run};
    use crate::helper::{Decoding, FrameExtraction};
    use crate::listener::Nobody;
    use crate::rows::options::{FeatureChoice, GenreChoice, LabelSource};
    use crate::rows::{InputChoice, Request, for_learning};
    use crate::test_audio::wav;

    const NAMES: [&str; 5] = ["a.wav", "b.wav", "c.wav", "d.wav", "e.wav"];

    /// Music, features of all of it, genres, and frames of all but `c.wav`, the only Jazz.
    fn desk() -> tempfile::TempDir {
        let desk = tempfile::tempdir().unwrap();
        let path = |name: &str| desk.path().join(name);
        let features = ["zcr.mean.01".to_owned()];
        let format = FeatureFormat::Parquet;
        let mut writer = FeatureWriter::create(
            &path("f.parquet"),
            format,
            &features,
            Recipe::Fma.version(),
            false,
        )
        .unwrap();
        for (at, name) in NAMES.into_iter().enumerate() {
            if name != "c.wav" {
                wav(&path("music").join(name), 40 + 7 * at, 12_000);
            }
            writer.push(&RowId::from(name), &[at as f64]).unwrap();
        }
        // The same sound twice.
        std::fs::copy(path("music/a.wav"), path("music/e.wav")).unwrap();
        writer.finish().unwrap();
        let labels =
            "path,genre,artist\na.wav,Folk,A\nb.wav,Rock,B\nc.wav,Jazz,C\nd.wav,Folk,D\ne.wav,Rock,E\n";
        std::fs::write(path("genres.csv"), labels).unwrap();
        for mel in [
            MelRecipe::default(),
            MelRecipe {
                n_mels: 40,
                ..MelRecipe::default()
            },
        ] {
            let job = Job {
                extraction: &FrameExtraction::new(
                    FrameExtractor::new(FrameRecipe::Mel(mel)).unwrap(),
                    &Decoding::in_process(Limits::default()),
                ),
                inputs: Inputs::find(&[path("music")], &mut std::io::empty()).unwrap(),
                out: &path("frames"),
                batch: BatchOptions::default(),
                verify: false,
            };
            run(&job, &Nobody).unwrap();
        }
        desk
    }

    fn rows(desk: &Path, data: &str, beside: &[&str]) -> Result<Labelled> {
        let request = Request {
            data: vec![desk.join(data)],
            features: FeatureChoice::Auto,
            genres: GenreChoice::All,
            labels: LabelSource::File(desk.join("genres.csv")),
            inputs: InputChoice::default(),
            features_out: None,
            reading: Reading {
                frames: beside.iter().map(|name| desk.join(name)).collect(),
                ..Reading::default()
            },
        };
        for_learning(&request, &Wanted::default(), &mut std::io::empty(), &Nobody)
    }

    #[test]
    fn rows_and_frames_are_joined_by_name_and_what_is_lost_is_counted() {
        let desk = desk();
        for (data, beside, n_columns) in [("f.parquet", &["frames"][..], 1), ("frames", &[][..], 0)] {
            let rows = rows(desk.path(), data, beside).unwrap();
            let ids: Vec<String> = rows.ids.iter().map(ToString::to_string).collect();
            assert_eq!(ids, ["a.wav", "b.wav", "d.wav", "e.wav"], "{data}");
            assert_eq!(rows.data.classes, ["Folk", "Rock"], "{data}");
            assert_eq!(rows.data.y, [0, 1, 0, 1], "{data}");
            assert_eq!(
                (rows.data.n_features(), rows.lost.n_without_frames),
                (n_columns, 1)
            );
            let recordings = rows.data.x.recordings();
            let bands: Vec<usize> = recordings.iter().map(|of| of.source().n_bands()).collect();
            assert_eq!(bands, [40, 96]);
            for of in recordings {
                assert!((0..4).all(|row| of.n_frames(row) == 35), "{}", of.n_frames(0));
                assert_eq!(of.digest(0), of.digest(3));
                assert_ne!(of.digest(0), of.digest(1));
            }
            // What sounds the same belongs together, whoever plays it.
            let groups = rows.data.groups.unwrap();
            assert!(groups[0] == groups[3] && groups[0] != groups[1] && groups[1] != groups[2]);
        }
    }

    #[test]
    fn caches_that_cannot_stand_beside_rows_are_refused() {
        let desk = desk();
        let error =
            |data: &str, beside: &[&str]| rows(desk.path(), data, beside).err().unwrap().in_one_line();
        let twice = error("f.parquet", &["frames", "frames"]);
        assert!(twice.contains("the same recipe"), "{twice}");
        let none = error("f.parquet", &["music"]);
        assert!(none.contains("no cache of frames"), "{none}");
        // One number that is not what it was.
        let of_recipe = crate::frames::recipes_in(&desk.path().join("frames")).unwrap();
        let numbers = of_recipe[1].join("frames-000.f16");
        let mut bytes = std::fs::read(&numbers).unwrap();
        bytes[1000] ^= 4;
        std::fs::write(&numbers, bytes).unwrap();
        let damaged = error("frames", &[]);
        assert!(
            damaged.contains("are damaged") && damaged.contains("--check"),
            "{damaged}"
        );
    }
}
