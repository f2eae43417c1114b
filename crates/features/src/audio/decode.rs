//! Audio files to mono samples, packet by packet.

use std::fs::File;
use std::io;
use std::path::Path;

use symphonia::core::errors::Error as SymphoniaError;
use symphonia::core::io::MediaSource;

use crate::audio::edits::Edits;
use crate::audio::limits::{AudioInfo, Limits, RATES};
use crate::audio::names::in_words;
use crate::audio::packets::Packets;
use crate::audio::panics::guard;
use crate::audio::probe::{named, open_format};
use crate::audio::samples::mix_to_mono;
use crate::audio::source::Bytes;
use crate::audio::track::{OpenTrack, open_track};
use crate::audio::work::{Deadline, Work};
use crate::error::{Error, Result};

/// Packets that may be refused in a row, before anything was decoded, until the file is given up.
const MAX_BAD_PACKETS_BEFORE_AUDIO: u64 = 4096;

/// Chained streams (Ogg) that are followed.
const MAX_CHAINED_STREAMS: u32 = 1024;

/// A decoder that hands out mono samples packet by packet.
///
/// Damaged packets are skipped and counted. A stream that breaks off ends there; a read that fails is an error, as is a
/// stream that turns out to need a decoder that is not here. Encoder delay and padding are trimmed as ffmpeg does. Packets
/// with other channels than the first are mixed as they are; those of another sample rate are skipped and counted.
pub struct Decoder<'s> {
    bytes: Bytes<'s>,
    packets: Packets<'s>,
    edits: Edits,
    track: OpenTrack,
    /// Samples that are still to be left out; `None` until the rate is known.
    to_skip: Option<u64>,
    planes: Vec<Vec<f32>>,
    info: Option<AudioInfo>,
    n_bad_packets: u64,
    n_lost: u64,
    n_trimmed: u64,
    n_told: Option<u64>,
    n_chained: u32,
    last_error: String,
    max_duration_s: f64,
    work: Work,
}

impl Decoder<'static> {
    /// Opens a file.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::Empty`], [`Error::TooLarge`], [`Error::UnknownFormat`], [`Error::Damaged`],
    /// [`Error::NoAudioTrack`], [`Error::UnsupportedCodec`] and [`Error::DecoderPanicked`], each without the path.
    pub fn open(path: &Path, limits: &Limits) -> Result<Self> {
        // Before it is opened: that of a pipe waits for its other end.
        let meta = std::fs::metadata(path)?;
        if meta.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder").into());
        }
        if !meta.is_file() {
            return Err(io::Error::other("it is no regular file (a pipe, a socket or a device)").into());
        }
        let file = File::open(path)?;
        check_size(meta.len(), limits)?;
        Self::new(Box::new(file), limits)
    }
}

impl<'s> Decoder<'s> {
    /// Starts to decode a media source; the content tells the format. A source that cannot be sent to any position is read whole
    /// first.
    ///
    /// # Errors
    /// As [`Decoder::open`].
    pub fn new(source: Box<dyn MediaSource + 's>, limits: &Limits) -> Result<Self> {
        let work = Work::new(limits);
        let bytes = Bytes::open(source, limits.max_bytes)?;
        check_size(bytes.n_bytes(), limits)?;
        let edits = Edits::read(&bytes)?;
        let packets = open_format(&bytes).map_err(|e| named(&bytes, e))?;
        let track = open_track(&packets, &edits).map_err(|e| named(&bytes, e))?;
        Ok(Self {
            bytes,
            packets,
            edits,
            track,
            to_skip: None,
            planes: Vec::new(),
            info: None,
            n_bad_packets: 0,
            n_lost: 0,
            n_trimmed: 0,
            n_told: None,
            n_chained: 0,
            last_error: "the stream ended before the first packet".to_owned(),
            max_duration_s: limits.max_duration_s,
            work,
        })
    }

    /// Appends the mono samples of the next packet to `out`; false at the end of the stream.
    ///
    /// # Errors
    /// [`Error::NoAudio`] if the stream ends or breaks before a single sample, [`Error::TooLong`], [`Error::TooManySamples`],
    /// [`Error::TookTooLong`],
    /// [`Error::NotANumber`], [`Error::BadRate`], [`Error::Read`], [`Error::UnsupportedCodec`], [`Error::DecoderPanicked`]. After an error the decoder
    /// must not be used.
    pub fn next_samples(&mut self, out: &mut Vec<f32>) -> Result<bool> {
        loop {
            let packet = match guard(|| self.packets.next(&self.bytes))? {
                Ok(Some(packet)) => packet,
                Ok(None) => return self.end(),
                Err(SymphoniaError::ResetRequired) => {
                    self.n_chained += 1;
                    if self.n_chained > MAX_CHAINED_STREAMS {
                        return self.end();
                    }
                    match open_track(&self.packets, &self.edits) {
                        Ok(track) => (self.track, self.to_skip) = (track, None),
                        Err(e) => {
                            self.last_error = e.to_string();
                            return self.end();
                        }
                    }
                    continue;
                }
                Err(SymphoniaError::Unsupported(what)) => return Err(unsupported(what)),
                Err(e) => {
                    self.last_error = in_words(&e);
                    return self.end();
                }
            };
            self.work.packet()?;
            let after_end = |end: u64| u64::try_from(packet.dts.get()).is_ok_and(|t| t >= end);
            if packet.track_id != self.track.id {
                continue;
            }
            let rate = self.sample_rate();
            let n_here = self.track.n_samples(packet.dur.get(), rate);
            if self.track.edit.and_then(|e| e.end).is_some_and(after_end) {
                self.work.samples(n_here, 1)?;
                self.n_trimmed = self.n_trimmed.saturating_add(n_here);
                continue;
            }
            self.track.look_at(&packet.data)?;
            let n_cut = packet.trim_start.get().saturating_add(packet.trim_end.get());
            self.n_trimmed = self.n_trimmed.saturating_add(self.track.n_samples(n_cut, rate));
            let is_damaged = self.packets.is_damaged();
            match guard(|| self.track.decoder.decode(&packet))? {
                Ok(buffer) => {
                    if buffer.frames() == 0 || buffer.num_planes() == 0 {
                        continue;
                    }
                    let rate = buffer.spec().rate();
                    let n_channels = buffer.num_planes();
                    self.work.samples(buffer.frames() as u64, n_channels)?;
                    let to_skip = self.to_skip.get_or_insert_with(|| match self.track.edit {
                        Some(edit) => edit.n_skipped(rate),
                        None => self.track.pre_skip,
                    });
                    let n_skipped = usize::try_from(*to_skip)
                        .unwrap_or(usize::MAX)
                        .min(buffer.frames());
                    *to_skip -= n_skipped as u64;
                    self.n_trimmed += n_skipped as u64;
                    if n_skipped == buffer.frames() {
                        "all of it is in front of what the file says is played"
                            .clone_into(&mut self.last_error);
                        continue;
                    }
                    buffer.copy_to_vecs_planar::<f32>(&mut self.planes);
                    self.planes.truncate(n_channels);
                    if n_skipped > 0 {
                        self.planes.iter_mut().for_each(|p| drop(p.drain(..n_skipped)));
                    }
                    let info = self.info.get_or_insert(AudioInfo {
                        sample_rate: rate,
                        n_channels,
                        n_samples: 0,
                        n_bad_packets: 0,
                        n_lost: 0,
                        n_trimmed: 0,
                        n_told: None,
                    });
                    if !RATES.contains(&rate) {
                        return Err(Error::BadRate { sample_rate: rate });
                    }
                    if rate != info.sample_rate {
                        self.n_bad_packets += 1;
                        let n = self.planes.first().map_or(0, Vec::len) as u64;
                        self.n_lost += n * u64::from(info.sample_rate) / u64::from(rate);
                        continue;
                    }
                    if is_damaged {
                        self.n_bad_packets += 1;
                        self.n_lost += n_here;
                    }
                    if self.track.is_float {
                        self.n_lost += n_infinite(&self.planes);
                    }
                    let start = out.len();
                    mix_to_mono(&self.planes, out);
                    if let Some(i) = first_nan(&out[start..]) {
                        return Err(Error::NotANumber {
                            index: info.n_samples + i as u64,
                        });
                    }
                    info.n_samples += (out.len() - start) as u64;
                    if info.n_samples as f64 > self.max_duration_s * f64::from(rate) {
                        return Err(Error::TooLong {
                            limit_s: self.max_duration_s,
                        });
                    }
                    return Ok(true);
                }
                Err(e @ (SymphoniaError::DecodeError(_) | SymphoniaError::IoError(_))) => {
                    self.n_bad_packets += 1;
                    self.n_lost = self.n_lost.saturating_add(n_here);
                    self.last_error = in_words(&e);
                    if self.info.is_none() && self.n_bad_packets >= MAX_BAD_PACKETS_BEFORE_AUDIO {
                        return self.end();
                    }
                }
                Err(SymphoniaError::Unsupported(what)) => {
                    return Err(unsupported(what));
                }
                Err(e) => {
                    self.last_error = in_words(&e);
                    return self.end();
                }
            }
        }
    }

    /// When the work on the recording ends.
    pub(crate) fn deadline(&self) -> Deadline {
        self.work.deadline
    }

    /// Another reading of the same recording ends when the first does.
    pub(crate) fn keep_to(&mut self, deadline: Deadline) {
        self.work.deadline = deadline;
    }

    /// Rate of the audio in Hz, known once samples were handed out.
    pub fn sample_rate(&self) -> Option<u32> {
        self.info.map(|i| i.sample_rate)
    }

    /// What was decoded so far, known once samples were handed out. What the container tells is known at the end.
    pub fn info(&self) -> Option<AudioInfo> {
        self.info.map(|i| AudioInfo {
            n_bad_packets: self.n_bad_packets,
            n_lost: self.n_lost,
            n_trimmed: self.n_trimmed,
            n_told: self.n_told,
            ..i
        })
    }

    fn end(&mut self) -> Result<bool> {
        if let Some(e) = self.bytes.take_failure() {
            return Err(e.into());
        }
        if let Some(info) = self.info {
            let OpenTrack { id, edit, .. } = self.track;
            let container = self.packets.container();
            self.n_told = container.n_samples(&self.bytes, id, edit, info.sample_rate)?;
            let n_missing = self.n_told.map_or(0, |n| n.saturating_sub(info.n_samples));
            self.n_lost = self.n_lost.max(n_missing);
            return Ok(false);
        }
        Err(Error::NoAudio {
            n_bad_packets: self.n_bad_packets,
            reason: self.last_error.clone(),
        })
    }
}

fn unsupported(what: &str) -> Error {
    Error::UnsupportedCodec {
        reason: what.to_owned(),
    }
}

fn check_size(n_bytes: u64, limits: &Limits) -> Result<()> {
    if n_bytes == 0 {
        return Err(Error::Empty);
    }
    if n_bytes > limits.max_bytes {
        return Err(Error::TooLarge {
            n_bytes,
            limit: limits.max_bytes,
        });
    }
    Ok(())
}

/// Samples that are infinite in a channel.
fn n_infinite(planes: &[Vec<f32>]) -> u64 {
    let n = planes.first().map_or(0, Vec::len);
    (0..n)
        .filter(|i| planes.iter().any(|p| p[*i].is_infinite()))
        .count() as u64
}

fn first_nan(x: &[f32]) -> Option<usize> {
    // Without an early exit the test vectorises; it is almost always false.
    if !x.iter().fold(false, |any, x| any | x.is_nan()) {
        return None;
    }
    x.iter().position(|x| x.is_nan())
}
