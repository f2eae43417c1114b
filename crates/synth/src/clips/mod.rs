//! Playable clips: seeded, procedural music in eight styles, beside tables that agree with it.
//!
//! [`write()`] makes a folder that looks like the dataset: `tracks.csv` and `genres.csv` next to `clips/000/000002.wav`. Every
//! track has a clip, its `genre_top` is what is heard ([`Style`]), its duration is the clip's. There is no `features.csv`: the
//! features of these tracks are in their sound, to be extracted from it.
//!
//! Each artist keeps instruments, tempo, manner and recording room; tempo, key, chords, melody and arrangement change from
//! clip to clip. Room, tone, band, noise and loudness are drawn alike for all styles, so that none is told by them alone.
//! [`Task::Order`] makes a pair of genres instead that consist of the same sounds in another order.
//!
//! The drawing board is [`ClipPlan`]; the same options give the same bytes whatever the number of threads, and clip 17 is the
//! same however many follow.

mod canvas;
mod colour;
mod drums;
mod files;
mod filter;
pub(crate) mod options;
mod oscillator;
mod plan;
mod song;
mod strings;
mod style;
mod tables;
mod voice;
mod write;

pub use options::{Balance, Channels, ClipFormat, ClipOptions, ClipProgress, ClipReport, Container, Task};
pub use plan::{CLIP_FOLDER, Clip, ClipAudio, ClipPlan};
pub use style::Style;
pub use write::write;
