//! Features of recordings, made in this process or in helpers.

use std::io::Cursor;
use std::path::Path;
use std::time::Duration;

use cratedigger_features::{Error as AudioError, Extractor, Features, Limits, Recipe};

use super::command::HelperCommand;
use super::message::{Hello, Sound};
use super::pool::Pool;
use super::strikes::{MAX_STRIKES, Strikes};
use crate::error::{Context, Result};

/// Recordings to features, here or in helpers: the one way that commands and the server go.
pub struct Extraction {
    extractor: Extractor,
    helpers: Option<Pool>,
}

impl Extraction {
    /// Helpers that one file may end; then it has no features.
    pub const MAX_STRIKES: u32 = MAX_STRIKES;

    /// All in this process: a decoder that overflows its stack or takes all memory ends it.
    pub fn in_process(extractor: Extractor) -> Self {
        Self {
            extractor,
            helpers: None,
        }
    }

    /// In helpers where there is a command for them, else in this process.
    ///
    /// # Errors
    /// The first helper cannot be started.
    pub fn new(extractor: Extractor, command: Option<&HelperCommand>) -> Result<Self> {
        let hello = Hello {
            recipe: extractor.recipe(),
            limits: *extractor.limits(),
        };
        let start = |command: &HelperCommand| {
            Pool::start(command.clone(), hello.encode()).with_context(|| {
                format!(
                    "cannot start {} as a helper that decodes",
                    command.program.display()
                )
            })
        };
        Ok(Self {
            helpers: command.map(start).transpose()?,
            extractor,
        })
    }

    /// Whether recordings are analysed in helpers.
    pub fn has_helpers(&self) -> bool {
        self.helpers.is_some()
    }

    /// The recipe of the features.
    pub fn recipe(&self) -> Recipe {
        self.extractor.recipe()
    }

    /// What is accepted.
    pub fn limits(&self) -> &Limits {
        self.extractor.limits()
    }

    /// What makes features of samples, which need no decoder.
    pub fn extractor(&self) -> &Extractor {
        &self.extractor
    }

    /// The features of a file.
    ///
    /// # Errors
    /// Those of [`Extractor::extract_path`], and [`AudioError::DecoderEnded`] of a file that ended two helpers.
    pub fn path(&self, path: &Path, strikes: &mut dyn Strikes) -> Result<Features, AudioError> {
        let Some(helpers) = &self.helpers else {
            return self.extractor.extract_path(path);
        };
        helpers
            .features(Sound::Path(path), self.time(), strikes)
            .map_err(|source| AudioError::File {
                path: path.to_owned(),
                source: Box::new(source),
            })
    }

    /// The features of a file that is in memory, within a time and the limits.
    ///
    /// # Errors
    /// As [`Self::path`], without a path.
    pub fn bytes(&self, bytes: &[u8], time: Duration) -> Result<Features, AudioError> {
        match &self.helpers {
            Some(helpers) => helpers.features(Sound::Bytes(bytes), time.min(self.time()), &mut 0),
            None => self.extractor.within(time).extract_reader(Cursor::new(bytes)),
        }
    }

    /// The time for one recording.
    fn time(&self) -> Duration {
        Duration::try_from_secs_f64(self.limits().max_work_s.max(0.0)).unwrap_or(Duration::MAX)
    }
}
