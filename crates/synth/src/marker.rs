//! The file that says of an archive that it is synthetic.

use std::fs;
use std::path::Path;

use cratedigger_catalog::store::MARKER_FILE;
use cratedigger_files::write_whole;
use serde::{Deserialize, Serialize};

use crate::clips::options::ClipOptions;
use crate::error::Error;
use crate::options::SynthOptions;

/// Version of the generator: another one gives another archive for the same seed.
pub const GENERATOR_VERSION: u32 = 1;

/// What [`MARKER_FILE`] says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SynthMarker {
    /// What made the archive.
    pub generator: String,
    /// [`GENERATOR_VERSION`] at that time.
    pub version: u32,
    /// A sentence for people.
    pub note: String,
    /// The options it was made with, seed included.
    pub options: SynthOptions,
    /// The options of its clips, where it has any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clips: Option<ClipOptions>,
    /// False while it is being written, and ever after if that was interrupted.
    pub complete: bool,
}

/// What [`MARKER_FILE`] in `dir` says; `None` where there is none.
///
/// A marker that cannot be understood counts as one, so that a damaged file never makes synthetic data look real.
pub fn marker(dir: &Path) -> Option<SynthMarker> {
    let path = dir.join(MARKER_FILE);
    match fs::read(&path) {
        Ok(bytes) => Some(serde_json::from_slice(&bytes).unwrap_or_else(|e| SynthMarker {
            generator: "unknown".to_string(),
            version: 0,
            note: format!("synthetic data; {} cannot be understood: {e}", path.display()),
            options: SynthOptions {
                n_tracks: 0,
                ..SynthOptions::default()
            },
            clips: None,
            complete: false,
        })),
        Err(_) => None,
    }
}

/// Writes [`MARKER_FILE`] into `dir`.
pub(crate) fn write_marker(
    dir: &Path,
    options: &SynthOptions,
    clips: Option<&ClipOptions>,
    complete: bool,
) -> Result<(), Error> {
    let path = dir.join(MARKER_FILE);
    let marker = SynthMarker {
        generator: "cratedigger synth".to_string(),
        version: GENERATOR_VERSION,
        note: "Synthetic data: every artist, album, track and number here is invented. Do not draw conclusions about music \
               from them."
            .to_string(),
        options: options.clone(),
        clips: clips.cloned(),
        complete,
    };
    let failed = |source| Error::Write {
        path: path.clone(),
        source,
    };
    let mut text = serde_json::to_vec_pretty(&marker).map_err(|e| failed(e.into()))?;
    text.push(b'\n');
    write_whole(&path, &text).map_err(failed)
}
