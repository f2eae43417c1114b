//! MPEG audio (MP1, MP2, MP3): every frame of the stream, to its end.
//!
//! What a header in front says of the length is often an estimate, wrong, or true of the first of several joined files
//! only. The stream is the truth: the encoder's delay is left out at the beginning, and its padding at the end only if
//! there are as many frames as the header tells.

use std::collections::VecDeque;
use std::io;

use symphonia::core::errors::{Error, Result, SeekErrorKind};
use symphonia::core::formats::well_known::FORMAT_ID_MP3;
use symphonia::core::formats::{FormatInfo, FormatReader, MediaInfo, SeekMode, SeekTo, SeekedTo, Track};
use symphonia::core::io::{MediaSourceStream, ReadBytes, SeekBuffered};
use symphonia::core::meta::{ChapterGroup, Metadata, MetadataLog};
use symphonia::core::packet::Packet;
use symphonia::core::units::{Duration, Timestamp};

use crate::audio::mpeg::frame::{Frame, MAX_FRAME};
use crate::audio::mpeg::told::Told;

/// Frames that the longest padding can reach into.
const N_AHEAD: usize = 8;

/// The longest tag between frames that is skipped as one.
const MAX_TAG: u32 = 1 << 24;

/// The frames of a stream, as packets.
pub(crate) struct MpegFrames<'s> {
    source: MediaSourceStream<'s>,
    media: MediaInfo,
    tracks: Vec<Track>,
    metadata: MetadataLog,
    told: Told,
    ahead: VecDeque<Packet>,
    n_frames: u64,
    /// Where the next packet begins; below 0 in the encoder's delay.
    next: i64,
    is_over: bool,
}

const INFO: FormatInfo = FormatInfo {
    format: FORMAT_ID_MP3,
    short_name: "mpeg",
    long_name: "MPEG audio",
};

impl<'s> MpegFrames<'s> {
    /// Takes a stream over from the reader that has found its first frame.
    pub(crate) fn new(reader: Box<dyn FormatReader + 's>) -> Self {
        let tracks = reader.tracks().to_vec();
        let mut source = reader.into_inner();
        let told = header_in_front(&mut source).unwrap_or_default();
        Self {
            source,
            media: MediaInfo::default(),
            tracks,
            metadata: MetadataLog::default(),
            told,
            ahead: VecDeque::new(),
            n_frames: 0,
            next: -i64::from(told.delay),
            is_over: false,
        }
    }

    /// Whether a reader is one of MPEG audio.
    pub(crate) fn is_read_by(reader: &dyn FormatReader) -> bool {
        matches!(reader.format_info().short_name, "mp1" | "mp2" | "mp3")
    }

    /// The next frame; none at the end.
    fn read_frame(&mut self) -> Result<Option<(Frame, Vec<u8>)>> {
        let mut word = 0u32;
        let mut n_read = 0;
        loop {
            let Some(byte) = at_end(self.source.read_u8())? else {
                return Ok(None);
            };
            word = word << 8 | u32::from(byte);
            n_read += 1;
            if word & 0xff_ffff == u32::from_be_bytes(*b"\0ID3") {
                self.skip_tag()?;
                continue;
            }
            let Some(frame) = Frame::parse(word).filter(|_| n_read >= 4) else {
                continue;
            };
            let mut data = vec![0; frame.n_bytes.max(4)];
            data[..4].copy_from_slice(&word.to_be_bytes());
            let start = self.source.pos() - 4;
            let body = at_end(self.source.read_buf_exact(&mut data[4..]))?;
            let is_frame = body.is_some() && (n_read == 4 || self.is_followed(&frame)?);
            if is_frame {
                return Ok(Some((frame, data)));
            }
            if n_read == 4 {
                return Ok(None);
            }
            // What looks like a header among other bytes.
            self.source.seek_buffered(start + 1);
            (word, n_read) = (0, 1);
        }
    }

    /// Whether a frame after other bytes is followed by another, a tag or the end.
    fn is_followed(&mut self, frame: &Frame) -> Result<bool> {
        let at = self.source.pos();
        let next = at_end(self.source.read_be_u32())?;
        self.source.seek_buffered(at);
        Ok(next.is_none_or(|word| {
            matches!(&word.to_be_bytes()[..3], b"TAG" | b"ID3" | b"APE" | b"LYR")
                || Frame::parse(word).is_some_and(|next| next.is_like(frame))
        }))
    }

    /// Skips a tag whose three letters were read, if it is one.
    fn skip_tag(&mut self) -> Result<()> {
        let at = self.source.pos();
        let mut head = [0; 7];
        if at_end(self.source.read_buf_exact(&mut head))?.is_none() {
            return Ok(());
        }
        let [version, _, _, size @ ..] = head;
        let n = size.iter().fold(0, |n, b| n << 7 | u32::from(b & 0x7f));
        if version > 4 || n > MAX_TAG || size.iter().any(|b| *b > 0x7f) {
            self.source.seek_buffered(at);
            return Ok(());
        }
        at_end(self.source.ignore_bytes(u64::from(n)))?;
        Ok(())
    }

    fn read_ahead(&mut self) -> Result<()> {
        let may_trim = self.told.n_frames.is_some() && self.told.padding > 0;
        let n_wanted = if may_trim { N_AHEAD } else { 0 };
        while self.ahead.len() <= n_wanted && !self.is_over {
            let Some((frame, data)) = self.read_frame()? else {
                self.is_over = true;
                if may_trim && self.told.n_frames.map(u64::from) == Some(self.n_frames) {
                    trim(&mut self.ahead, u64::from(self.told.padding));
                }
                break;
            };
            let n = u64::from(frame.n_samples);
            let mut packet = Packet::new(0, Timestamp::new(self.next), Duration::from(n), data);
            packet.trim_start = Duration::from(self.next.min(0).unsigned_abs().min(n));
            self.next += n as i64;
            self.n_frames += 1;
            self.ahead.push_back(packet);
        }
        Ok(())
    }
}

/// Leaves `n` samples out at the end.
fn trim(packets: &mut VecDeque<Packet>, mut n: u64) {
    for packet in packets.iter_mut().rev() {
        let here = n.min(packet.dur.get() - packet.trim_start.get());
        packet.trim_end = Duration::from(here);
        n -= here;
    }
}

/// The header in front of the first frame, if the reader has passed one.
fn header_in_front(source: &mut MediaSourceStream<'_>) -> Option<Told> {
    let end = source.pos();
    let start = source.seek_buffered(end.saturating_sub(MAX_FRAME as u64));
    let mut bytes = vec![0; (end - start) as usize];
    let read = source.read_buf_exact(&mut bytes);
    source.seek_buffered(end);
    read.ok()?;
    (0..bytes.len()).find_map(|at| {
        let data = &bytes[at..];
        let frame = Frame::of(data).filter(|f| f.n_bytes == data.len());
        frame.and_then(|_| Told::read(data))
    })
}

/// The end of the stream is no error.
fn at_end<T>(result: io::Result<T>) -> Result<Option<T>> {
    match result {
        Ok(x) => Ok(Some(x)),
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(e) => Err(Error::IoError(e)),
    }
}

impl FormatReader for MpegFrames<'_> {
    fn format_info(&self) -> &FormatInfo {
        &INFO
    }

    fn media_info(&self) -> &MediaInfo {
        &self.media
    }

    fn next_packet(&mut self) -> Result<Option<Packet>> {
        self.read_ahead()?;
        Ok(self.ahead.pop_front())
    }

    fn metadata(&mut self) -> Metadata<'_> {
        self.metadata.metadata()
    }

    fn chapters(&self) -> Option<&ChapterGroup> {
        None
    }

    fn tracks(&self) -> &[Track] {
        &self.tracks
    }

    fn seek(&mut self, _mode: SeekMode, _to: SeekTo) -> Result<SeekedTo> {
        Err(Error::SeekError(SeekErrorKind::Unseekable))
    }

    fn into_inner<'a>(self: Box<Self>) -> MediaSourceStream<'a>
    where
        Self: 'a,
    {
        self.source
    }
}
