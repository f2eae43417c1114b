//! What the index keeps of a recording: where its frames are, their hash, and what was heard.

use serde::{Deserialize, Serialize};

use crate::extract::{Head, Heard, Kept, put, take_text, take_u64};

/// Version of the layout of index and numbers.
const LAYOUT: u32 = 1;

/// The first line of an index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct IndexHead {
    /// Version of the layout.
    frames: u32,
    /// The text of the recipe.
    pub(super) recipe: String,
}

impl IndexHead {
    pub(super) fn of(recipe: &str) -> Self {
        Self {
            frames: LAYOUT,
            recipe: recipe.to_owned(),
        }
    }

    /// Whether this version of the command can read what it is the head of.
    pub(super) fn is_known(&self) -> bool {
        self.frames == LAYOUT
    }
}

impl Head for IndexHead {
    const BEGINNING: &'static [u8] = b"{\"frames\":";
    const WHAT: &'static str = "the index of a cache of frames; delete its folder and compute them again";
    const BUSY: &'static str = "another process is adding frames to";

    fn differs_from(&self, found: &Self) -> String {
        format!(
            "is of layout {} and recipe `{}`, not {} and `{}`; choose another --out",
            found.frames, found.recipe, self.frames, self.recipe
        )
    }
}

/// Where the frames of a recording are.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stored {
    /// The audio file, as it was named.
    pub(super) path: String,
    /// Number of the file of numbers.
    pub(super) file: u32,
    /// Bytes before the first number.
    pub(super) offset: u64,
    pub(super) n_frames: u64,
    /// BLAKE3 of the numbers, as single precision.
    pub(super) digest: [u8; 32],
    pub(super) heard: Heard,
}

impl Stored {
    /// Bytes of its numbers, and where they end; none where that is beyond all files.
    pub(super) fn extent(&self, n_bands: usize) -> Option<(u64, u64)> {
        let length = self.n_frames.checked_mul(2 * n_bands as u64)?;
        Some((length, self.offset.checked_add(length)?))
    }
}

impl Kept for Stored {
    fn put(&self, body: &mut Vec<u8>) {
        put(body, self.path.as_bytes());
        for number in [u64::from(self.file), self.offset, self.n_frames] {
            body.extend_from_slice(&number.to_le_bytes());
        }
        body.extend_from_slice(&self.digest);
        self.heard.put(body);
    }

    fn take(mut rest: &[u8]) -> Option<Self> {
        let path = take_text(&mut rest)?;
        let file = u32::try_from(take_u64(&mut rest)?).ok()?;
        let (offset, n_frames) = (take_u64(&mut rest)?, take_u64(&mut rest)?);
        let (digest, mut rest) = rest.split_first_chunk::<32>()?;
        Some(Self {
            path,
            file,
            offset,
            n_frames,
            digest: *digest,
            heard: Heard::take(&mut rest)?,
        })
    }
}
