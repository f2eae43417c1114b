//! The caches that stand beside the rows of a data set, one for each recipe of frames.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cratedigger_catalog::feature_table::RowId;
use cratedigger_learn::{FrameSource, Matrix, Recordings};

use super::cache::FrameCache;
use super::folder::recipes_in;
use crate::error::{Result, refuse};
use crate::extract::Heard;
use crate::listener::Listener;

/// One recording of each recipe, or why there is none.
pub(crate) type Checked = std::result::Result<Vec<(Arc<dyn FrameSource>, usize)>, String>;

/// Frames by one recipe or several.
pub struct FrameSets {
    caches: Vec<Arc<FrameCache>>,
}

impl FrameSets {
    /// Opens the caches of these recipes, in their order; all that are there where none is named. Tells what is damaged.
    ///
    /// # Errors
    /// As [`FrameCache::open`]; where two caches are of the same recipe, or a recipe has none.
    pub fn open(paths: &[PathBuf], recipes: Option<&[String]>, listener: &dyn Listener) -> Result<Self> {
        let mut caches: Vec<FrameCache> = Vec::new();
        for path in paths {
            let folders = recipes_in(path)?;
            if folders.is_empty() {
                refuse!(
                    Input,
                    "{} is no cache of frames: `cratedigger mel PATH --out CACHE` makes one",
                    path.display()
                );
            }
            for folder in folders {
                let cache = FrameCache::open(&folder, None)?;
                if let Some(other) = caches.iter().find(|other| other.recipe() == cache.recipe()) {
                    refuse!(
                        Input,
                        "{} and {} are caches of the same recipe; `cratedigger mel` adds recordings to one",
                        other.folder().display(),
                        folder.display()
                    );
                }
                caches.push(cache);
            }
        }
        if let Some(wanted) = recipes {
            let found: Vec<String> = caches
                .iter()
                .map(|cache| format!("`{}`", cache.recipe()))
                .collect();
            let mut kept = Vec::with_capacity(wanted.len());
            for recipe in wanted {
                let Some(at) = caches.iter().position(|cache| cache.recipe() == recipe) else {
                    refuse!(
                        Model,
                        "the model reads frames by `{recipe}`, and here are {}; compute them by `cratedigger mel` with its parameters",
                        match found.is_empty() {
                            true => "none".to_owned(),
                            false => found.join(" and "),
                        }
                    );
                };
                kept.push(caches.swap_remove(at));
            }
            caches = kept;
        }
        for cache in &caches {
            if let Some(damage) = cache.damage() {
                listener.say(&damage);
            }
        }
        Ok(Self {
            caches: caches.into_iter().map(Arc::new).collect(),
        })
    }

    /// Whether there are frames of a recording by every recipe.
    pub fn has(&self, id: &RowId) -> bool {
        self.caches.iter().all(|cache| {
            let frames = cache.place(id).map(|at| cache.n_frames(at));
            frames.is_some_and(|n| n > 0)
        })
    }

    /// What recordings with frames by every recipe are called, in the order of names, and their audio files.
    pub fn recordings(&self) -> impl Iterator<Item = (&RowId, &Path)> {
        let first = self.caches.first();
        let all = first.into_iter().flat_map(|cache| {
            let with_place = cache.ids().enumerate();
            with_place.map(|(at, id)| (id, cache.path(at)))
        });
        all.filter(|(id, _)| self.has(id))
    }

    /// One recording of each recipe, whose numbers were compared with their hash; or why there is none.
    pub(crate) fn checked(&self, id: &RowId) -> Checked {
        let of_cache = |cache: &Arc<FrameCache>| {
            let place = cache.place(id).filter(|&at| cache.n_frames(at) > 0);
            let place = place.ok_or_else(|| format!("it has no frames in {}", cache.folder().display()))?;
            match cache.wrong(place) {
                Some(wrong) => Err(wrong.reason),
                None => Ok((cache.clone() as Arc<dyn FrameSource>, place)),
            }
        };
        self.caches.iter().map(of_cache).collect()
    }

    /// What was heard of a recording.
    pub(crate) fn heard(&self, id: &RowId) -> Option<Heard> {
        let cache = self.caches.first()?;
        Some(cache.heard(cache.place(id)?))
    }

    /// Gives each row of a matrix its recordings. All must have some ([`FrameSets::has`]).
    ///
    /// # Errors
    /// `Input` where a row has none, or numbers of it are not what they were when they were computed.
    pub(crate) fn beside(
        &self,
        mut x: Matrix,
        ids: &[RowId],
        jobs: Option<std::num::NonZeroUsize>,
        listener: &dyn Listener,
    ) -> Result<Matrix> {
        for cache in &self.caches {
            let mut rows = Vec::with_capacity(ids.len());
            for id in ids {
                match cache.place(id) {
                    Some(at) => rows.push(at),
                    None => refuse!(Input, "{id} has no frames in {}", cache.folder().display()),
                }
            }
            let mut different = rows.clone();
            different.sort_unstable();
            different.dedup();
            cache.whole(&different, jobs, listener)?;
            x = x.with_recordings(Recordings::new(cache.clone(), rows)?)?;
        }
        Ok(x)
    }
}
