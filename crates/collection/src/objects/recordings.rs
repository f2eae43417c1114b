//! The recordings of a job, one by one: files by name, objects by their bytes, which are fetched ahead.

use std::collections::HashMap;
use std::path::Path;

use cratedigger_features::{Error as AudioError, Failure, Input, Limits};
use cratedigger_files::is_uri;

use super::known::{Known, Objects};
use super::stage::CHANGED;
#[cfg(feature = "store")]
use super::stage::OUTAGE;
use crate::embedding::Recording;
use crate::extract::FileState;

/// What is made of a recording: an error of its sound, a failure of another kind, or something.
pub(crate) type Made<T> = Result<Result<T, Failure>, AudioError>;

/// The recordings that a job will analyse, in the order in which it begins them.
pub(crate) struct Recordings<'a> {
    objects: &'a Objects,
    place: HashMap<&'a Path, usize>,
    #[cfg(feature = "store")]
    fetched: fetched::Fetched,
}

impl<'a> Recordings<'a> {
    /// Begins to fetch objects.
    pub(crate) fn begin(objects: &'a Objects, pending: &'a [Input], limits: &Limits) -> Self {
        let _ = limits;
        Self {
            objects,
            place: pending
                .iter()
                .zip(0..)
                .map(|(input, i)| (&*input.path, i))
                .collect(),
            #[cfg(feature = "store")]
            fetched: fetched::Fetched::begin(objects, pending, limits),
        }
    }

    /// Hands the place and the recording of a path of the list to `work`, when it is there.
    pub(crate) fn with<T>(&self, path: &Path, work: impl FnOnce(usize, Recording<'_>) -> Made<T>) -> Made<T> {
        let at = self.place[path];
        if !is_uri(path) {
            return match self.objects.get(path) {
                Some(known) if *known != Known::of_file(FileState::of(path)) => {
                    failure("open", CHANGED.to_owned())
                }
                _ => work(at, Recording::Path(path)),
            };
        }
        #[cfg(feature = "store")]
        return match self.fetched.take(at) {
            Ok(bytes) => work(at, Recording::Bytes(&bytes)),
            Err(cratedigger_store::Error::TooLarge { n_bytes, limit }) => {
                Err(AudioError::TooLarge { n_bytes, limit })
            }
            Err(error) if error.may_pass() => failure(OUTAGE, error.to_string()),
            Err(error) => failure("open", error.to_string()),
        };
        #[cfg(not(feature = "store"))]
        failure("open", super::known::NO_STORES.to_owned())
    }
}

fn failure<T>(stage: &'static str, reason: String) -> Made<T> {
    Ok(Err(Failure { stage, reason }))
}

#[cfg(feature = "store")]
mod fetched {
    use cratedigger_features::{Input, Limits};
    use cratedigger_files::is_uri;
    use cratedigger_store::{Ahead, Bytes, Error, Object, Uri};

    use super::super::known::Objects;

    /// The objects among the recordings.
    pub(super) struct Fetched {
        ahead: Option<Ahead>,
        /// For each recording its place among the objects.
        places: Vec<Option<usize>>,
    }

    impl Fetched {
        pub(super) fn begin(objects: &Objects, pending: &[Input], limits: &Limits) -> Self {
            let mut listed = Vec::new();
            let places = pending.iter().map(|input| {
                if !is_uri(&input.path) {
                    return None;
                }
                let known = objects.get(&input.path)?;
                listed.push(Object {
                    uri: Uri::of_path(&input.path).ok()?,
                    size: known.size,
                    version: Some(known.version.clone()).filter(|version| !version.is_empty()),
                });
                Some(listed.len() - 1)
            });
            let places = places.collect();
            Self {
                ahead: objects
                    .opened()
                    .filter(|_| !listed.is_empty())
                    .map(|stores| stores.ahead(listed, limits.max_bytes)),
                places,
            }
        }

        pub(super) fn take(&self, at: usize) -> Result<Bytes, Error> {
            match (&self.ahead, self.places[at]) {
                (Some(ahead), Some(place)) => ahead.take(place),
                _ => Err(Error::Missing {
                    said: "nothing is known of it".to_owned(),
                }),
            }
        }
    }
}
