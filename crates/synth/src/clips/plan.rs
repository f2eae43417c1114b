//! Which clips there are: whose they are, in what style, under which identifier.
//!
//! The plan goes from clip to clip and looks only back, so that clip 17 is the same whether 18 or 18,000 are made.

use std::path::{Path, PathBuf};

use super::canvas::Canvas;
use super::colour::Studio;
use super::options::{Balance, Channels, ClipFormat, ClipOptions, Container};
use super::style::{Band, Style};
use crate::error::Error;
use crate::stream::{Domain, Stream};

/// Folder of the clips inside of an archive.
pub const CLIP_FOLDER: &str = "clips";
/// Most clips of an archive.
pub(super) const MOST_CLIPS: usize = 1_000_000;
/// Longest clip in seconds.
pub(super) const LONGEST_S: u32 = 600;
/// Lowest and highest sample rate: what telephones use, and what FLAC's encoder takes.
pub(super) const RATES: [u32; 2] = [8_000, 96_000];
/// Tracks of an album, at most.
const ALBUM: u32 = 4;

/// One clip to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clip {
    /// `track_id` in the tables.
    pub track_id: u32,
    /// Its style; the track's `genre_top` is [`Style::genre_top`].
    pub style: Style,
    /// Position of the artist, in the order of first tracks.
    pub artist: u32,
    /// Kind of file.
    pub format: ClipFormat,
    /// 1 or 2.
    pub n_channels: u16,
    /// Position of the album, in the order of first tracks.
    pub(crate) album: u32,
    /// Position in the album, from 1.
    pub(crate) number: u16,
}

impl Clip {
    /// Where the clip lies inside of its archive: `clips/000/000002.wav`, as in the dataset's own archives of audio.
    pub fn path(&self) -> PathBuf {
        let folder = format!("{:03}", self.track_id / 1_000);
        let file = format!("{:06}.{}", self.track_id, self.format.extension());
        Path::new(CLIP_FOLDER).join(folder).join(file)
    }
}

/// The sound of a clip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClipAudio {
    /// 16-bit samples, one frame after the other: left, right, left, right, or one channel.
    pub samples: Vec<i16>,
    /// 1 or 2.
    pub n_channels: u16,
    /// Samples a second in each channel.
    pub sample_rate: u32,
}

/// All clips of an archive.
#[derive(Clone, Debug, PartialEq)]
pub struct ClipPlan {
    options: ClipOptions,
    clips: Vec<Clip>,
    n_artists: u32,
    n_albums: u32,
}

/// The artist of a style whose turn it is, with the album that is being filled.
#[derive(Clone, Copy)]
struct Seat {
    artist: u32,
    album: u32,
    n_done: u32,
    n_tracks: u32,
}

impl ClipPlan {
    /// Plans the clips.
    ///
    /// # Errors
    /// [`Error::ClipOption`] for a number that is out of its range.
    pub fn new(options: &ClipOptions) -> Result<Self, Error> {
        let check = |what, value: u64, low: u64, high: u64| {
            if (low..=high).contains(&value) {
                return Ok(());
            }
            Err(Error::ClipOption {
                what,
                value,
                low,
                high,
            })
        };
        check("clips", options.n_clips as u64, 1, MOST_CLIPS as u64)?;
        check("seconds a clip", options.seconds.into(), 1, LONGEST_S.into())?;
        check(
            "Hz as sample rate",
            options.sample_rate.into(),
            RATES[0].into(),
            RATES[1].into(),
        )?;
        let mut plan = Self {
            options: options.clone(),
            clips: Vec::with_capacity(options.n_clips),
            n_artists: 0,
            n_albums: 0,
        };
        let mut s = Stream::new(options.seed, Domain::ClipPlan, 0);
        let styles = options.task.styles();
        let mut seats: Vec<Option<Seat>> = vec![None; styles.len()];
        let mut track_id = 1;
        for index in 0..options.n_clips {
            // The same draws whatever the options, so that a format changes no sound.
            let drawn = s.weighted(styles.iter().map(|style| style.weight()));
            let (is_mono, is_flac) = (s.chance(0.15), s.chance(0.5));
            track_id += if s.chance(0.9258) {
                1
            } else {
                s.geometric(7.1) as u32
            };
            let which = match options.balance {
                Balance::Equal => index % styles.len(),
                Balance::Archive => drawn,
            };
            let seat = plan.seat(seats[which]);
            seats[which] = Some(seat);
            plan.clips.push(Clip {
                track_id,
                style: styles[which],
                artist: seat.artist,
                format: match options.container {
                    Container::Wav => ClipFormat::Wav,
                    Container::Flac => ClipFormat::Flac,
                    Container::Mixed if is_flac => ClipFormat::Flac,
                    Container::Mixed => ClipFormat::Wav,
                },
                n_channels: match options.channels {
                    Channels::Mono => 1,
                    Channels::Mixed if is_mono => 1,
                    _ => 2,
                },
                album: seat.album,
                number: ((seat.n_done - 1) % ALBUM + 1) as u16,
            });
        }
        Ok(plan)
    }

    /// What was asked for.
    pub fn options(&self) -> &ClipOptions {
        &self.options
    }

    /// The clips, by track identifier.
    pub fn clips(&self) -> &[Clip] {
        &self.clips
    }

    /// Number of artists.
    pub fn n_artists(&self) -> usize {
        self.n_artists as usize
    }

    /// Number of albums.
    pub fn n_albums(&self) -> usize {
        self.n_albums as usize
    }

    /// Frames of each clip.
    pub fn n_frames(&self) -> usize {
        self.options.seconds as usize * self.options.sample_rate as usize
    }

    /// Makes the sound of one of the plan's clips.
    ///
    /// It depends on the seed, the length, the sample rate and the clip's position in the plan; a mono clip is the mean of
    /// the stereo clip's channels. Memory: some 28 bytes a frame.
    ///
    /// # Panics
    /// If `index` is not below the number of clips.
    pub fn audio(&self, index: usize) -> ClipAudio {
        let clip = &self.clips[index];
        let (band, studio) = self.artist(clip);
        let s = &mut Stream::new(self.options.seed, Domain::Clip, index as u64);
        let rate = f64::from(self.options.sample_rate);
        let canvas: Canvas = band.play(s, self.n_frames(), rate);
        let [left, right] = studio.finish(s, canvas);
        let frames = left.iter().zip(&right);
        let samples = if clip.n_channels == 1 {
            frames.map(|(l, r)| quantise(0.5 * (l + r))).collect()
        } else {
            frames.flat_map(|(&l, &r)| [quantise(l), quantise(r)]).collect()
        };
        ClipAudio {
            samples,
            n_channels: clip.n_channels,
            sample_rate: self.options.sample_rate,
        }
    }

    /// What all clips of a clip's artist have in common.
    pub(super) fn artist(&self, clip: &Clip) -> (Band, Studio) {
        let s = &mut Stream::new(self.options.seed, Domain::ClipArtist, clip.artist.into());
        (Band::draw(clip.style, s), Studio::draw(s))
    }

    /// Who plays the next clip of a style after `last`.
    fn seat(&mut self, last: Option<Seat>) -> Seat {
        match last {
            Some(seat) if seat.n_done < seat.n_tracks => {
                let mut seat = seat;
                if seat.n_done % ALBUM == 0 {
                    seat.album = self.n_albums;
                    self.n_albums += 1;
                }
                seat.n_done += 1;
                seat
            }
            _ => {
                let artist = self.n_artists;
                let s = &mut Stream::new(self.options.seed, Domain::ClipPlan, 1 + u64::from(artist));
                let seat = Seat {
                    artist,
                    album: self.n_albums,
                    n_done: 1,
                    n_tracks: 2 + s.below(5) as u32,
                };
                self.n_artists += 1;
                self.n_albums += 1;
                seat
            }
        }
    }
}

/// A sample within [-1, 1] as 16 bits, rounded.
#[inline]
fn quantise(x: f32) -> i16 {
    // Truncation of a positive number is its floor.
    ((x * 32_767.0 + 32_768.5) as i32 - 32_768).clamp(-32_768, 32_767) as i16
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::HashMap;

    use super::*;

    fn options(n_clips: usize) -> ClipOptions {
        ClipOptions {
            n_clips,
            seconds: 1,
            sample_rate: 8_000,
            ..ClipOptions::default()
        }
    }

    #[test]
    fn a_longer_plan_begins_like_a_shorter_one() {
        for balance in [Balance::Equal, Balance::Archive] {
            let of = |n| {
                let options = ClipOptions {
                    balance,
                    container: Container::Mixed,
                    ..options(n)
                };
                ClipPlan::new(&options).unwrap()
            };
            let (short, long) = (of(37), of(400));
            assert_eq!(short.clips(), &long.clips()[..37]);
            for i in [0, 11, 36] {
                assert_eq!(short.audio(i), long.audio(i));
            }
        }
    }

    #[test]
    fn styles_take_turns_and_artists_stay_with_theirs() {
        let plan = ClipPlan::new(&options(800)).unwrap();
        let mut of_artist: HashMap<u32, Vec<&Clip>> = HashMap::new();
        let mut of_style: HashMap<Style, usize> = HashMap::new();
        for clip in plan.clips() {
            of_artist.entry(clip.artist).or_default().push(clip);
            *of_style.entry(clip.style).or_default() += 1;
        }
        assert!(Style::ALL.iter().all(|style| of_style[style] == 100));
        assert_eq!(of_artist.len(), plan.n_artists());
        for clips in of_artist.values() {
            assert!(clips.len() <= 6);
            assert!(clips.iter().all(|c| c.style == clips[0].style));
            let all: Vec<u16> = clips.iter().map(|c| c.number).collect();
            assert_eq!(all, [1, 2, 3, 4, 1, 2][..all.len()]);
        }
        let ids: Vec<u32> = plan.clips().iter().map(|c| c.track_id).collect();
        assert!(ids[0] >= 2 && ids.windows(2).all(|w| w[0] < w[1]));
        assert!(plan.clips().iter().any(|c| c.n_channels == 1));
        let mono = plan.clips().iter().filter(|c| c.n_channels == 1).count();
        assert!((80..160).contains(&mono), "{mono} of 800 are mono");
    }

    #[test]
    fn clips_of_an_artist_share_their_habits_and_differ() {
        let plan = ClipPlan::new(&options(60)).unwrap();
        let mut seen: HashMap<u32, usize> = HashMap::new();
        let mut n_pairs = 0;
        for (i, clip) in plan.clips().iter().enumerate() {
            if let Some(&before) = seen.get(&clip.artist) {
                assert_eq!(plan.artist(clip), plan.artist(&plan.clips()[before]));
                assert_ne!(plan.audio(i).samples, plan.audio(before).samples);
                n_pairs += 1;
            } else {
                for (&other, &at) in &seen {
                    assert_ne!(plan.artist(clip), plan.artist(&plan.clips()[at]), "{other}");
                }
            }
            seen.insert(clip.artist, i);
        }
        assert!(n_pairs > 20);
    }

    #[test]
    fn paths_are_the_datasets() {
        let clip = Clip {
            track_id: 12_345,
            style: Style::Rock,
            artist: 0,
            format: ClipFormat::Flac,
            n_channels: 2,
            album: 0,
            number: 1,
        };
        assert_eq!(clip.path(), Path::new("clips/012/012345.flac"));
    }

    #[test]
    fn samples_are_rounded() {
        for (x, want) in [
            (0.0, 0),
            (1.0, 32_767),
            (-1.0, -32_767),
            (0.49 / 32_767.0, 0),
            (0.51 / 32_767.0, 1),
            (-0.51 / 32_767.0, -1),
        ] {
            assert_eq!(quantise(x), want);
        }
    }

    #[test]
    fn numbers_out_of_range_are_named() {
        let wrong = [
            ClipOptions {
                n_clips: 0,
                ..options(1)
            },
            ClipOptions {
                seconds: 0,
                ..options(1)
            },
            ClipOptions {
                seconds: 601,
                ..options(1)
            },
            ClipOptions {
                sample_rate: 7_999,
                ..options(1)
            },
            ClipOptions {
                sample_rate: 192_000,
                ..options(1)
            },
        ];
        let messages: Vec<String> = wrong
            .iter()
            .map(|options| ClipPlan::new(options).unwrap_err().to_string())
            .collect();
        for (message, word) in messages
            .iter()
            .zip(["0 clips", "0 seconds", "601", "7999 Hz", "192000"])
        {
            assert!(message.contains(word), "{message}");
        }
    }
}
