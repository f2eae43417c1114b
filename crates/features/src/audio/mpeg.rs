//! MPEG audio (MP1, MP2, MP3): every frame of the stream, to its end.
//!
//! What a header in front says of the length is often an estimate, wrong, or true of the first of several joined files
//! only. The stream is the truth: the encoder's delay is left out at the beginning, and its padding at the end only if
//! there are as many frames as the header tells.
//!
//! Source: ISO/IEC 11172-3 and 13818-3, frame headers; the Xing, Info and LAME header as ffmpeg reads it
//! (`libavformat/mp3dec.c`).

use std::collections::VecDeque;
use std::io;

use symphonia::core::errors::{Error, Result, SeekErrorKind};
use symphonia::core::formats::well_known::FORMAT_ID_MP3;
use symphonia::core::formats::{FormatInfo, FormatReader, MediaInfo, SeekMode, SeekTo, SeekedTo, Track};
use symphonia::core::io::{MediaSourceStream, ReadBytes, SeekBuffered};
use symphonia::core::meta::{ChapterGroup, Metadata, MetadataLog};
use symphonia::core::packet::Packet;
use symphonia::core::units::{Duration, Timestamp};

/// The longest frame with its header.
const MAX_FRAME: usize = 2881;

/// Frames that the longest padding can reach into.
const N_AHEAD: usize = 8;

/// The longest tag between frames that is skipped as one.
const MAX_TAG: u32 = 1 << 24;

/// Samples that a decoder is behind, in addition to the encoder's delay.
const DECODER_DELAY: u32 = 529;

/// What the header of a frame says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Bits of version and layer.
    kind: u32,
    pub(crate) sample_rate: u32,
    pub(crate) n_channels: u8,
    n_samples: u32,
    /// With the header.
    n_bytes: usize,
    /// Bytes between the header and the first data of layer 3, without a checksum.
    n_side: usize,
}

impl Frame {
    /// Parses the header of a frame; none for streams of a free bit rate.
    pub(crate) fn parse(word: u32) -> Option<Self> {
        let (version, layer) = (word >> 19 & 3, word >> 17 & 3);
        let (rate, speed) = ((word >> 12 & 15) as usize, word >> 10 & 3);
        if word >> 21 != 0x7ff || version == 1 || layer == 0 || rate == 0 || rate == 15 || speed == 3 {
            return None;
        }
        let is_first = version == 3;
        let sample_rate = [44_100, 48_000, 32_000][speed as usize]
            / match version {
                3 => 1,
                2 => 2,
                _ => 4,
            };
        const RATES: [[u32; 14]; 5] = [
            [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
            [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
            [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
            [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
            [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
        ];
        let column = match (is_first, layer) {
            (true, 3) => 0,
            (true, 2) => 1,
            (true, _) => 2,
            (false, 3) => 3,
            (false, _) => 4,
        };
        let bit_rate = 1000 * RATES[column][rate - 1];
        let n_channels = if word >> 6 & 3 == 3 { 1 } else { 2 };
        // Rates that layer 2 has for one or for two channels only.
        let kbit = bit_rate / 1000;
        let odd = match n_channels {
            1 => matches!(kbit, 224 | 256 | 320 | 384),
            _ => matches!(kbit, 32 | 48 | 56 | 80),
        };
        if layer == 2 && odd {
            return None;
        }
        let padding = word >> 9 & 1;
        let (n_samples, n_bytes) = match layer {
            3 => (384, 4 * (12 * bit_rate / sample_rate + padding)),
            1 if !is_first => (576, 72 * bit_rate / sample_rate + padding),
            _ => (1152, 144 * bit_rate / sample_rate + padding),
        };
        Some(Self {
            kind: word >> 17 & 15,
            sample_rate,
            n_channels,
            n_samples,
            n_bytes: n_bytes as usize,
            n_side: match (is_first, n_channels) {
                (true, 2) => 32,
                (false, 1) => 9,
                _ => 17,
            },
        })
    }

    /// Parses the header at the beginning of a packet.
    pub(crate) fn of(packet: &[u8]) -> Option<Self> {
        let [a, b, c, d, ..] = packet else { return None };
        Self::parse(u32::from_be_bytes([*a, *b, *c, *d]))
    }

    fn is_like(&self, other: &Self) -> bool {
        (self.kind, self.sample_rate) == (other.kind, other.sample_rate)
    }
}

/// What the header in front says of the stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Told {
    n_frames: Option<u32>,
    delay: u32,
    padding: u32,
}

impl Told {
    /// Reads the header in a frame; none if there is none in it.
    fn read(data: &[u8]) -> Option<Self> {
        let frame = Frame::of(data)?;
        if frame.kind & 3 != 1 {
            return None;
        }
        let u32_at = |at: usize| -> Option<u32> {
            let bytes: [u8; 4] = data.get(at..at + 4)?.try_into().ok()?;
            Some(u32::from_be_bytes(bytes))
        };
        if data.get(36..40)? == b"VBRI" {
            return Some(Self {
                n_frames: u32_at(50),
                ..Self::default()
            });
        }
        let mut at = 4 + frame.n_side;
        if !matches!(data.get(at..at + 4)?, b"Xing" | b"Info") {
            return None;
        }
        let flags = u32_at(at + 4)?;
        at += 8;
        let mut told = Self::default();
        if flags & 1 != 0 {
            told.n_frames = u32_at(at);
            at += 4;
        }
        at += [(2, 4), (4, 100), (8, 4)]
            .iter()
            .filter(|(flag, _)| flags & flag != 0)
            .map(|(_, n)| n)
            .sum::<usize>();
        if let Some(b"LAME" | b"Lavf" | b"Lavc") = data.get(at..at + 4) {
            // The last byte in front of the two numbers of twelve bits is at 20.
            if let Some(both) = u32_at(at + 20).map(|v| v & 0xff_ffff) {
                told.delay = (both >> 12) + DECODER_DELAY;
                told.padding = (both & 0xfff).saturating_sub(DECODER_DELAY);
            }
        }
        Some(told)
    }
}

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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const CBR: &[u8] = include_bytes!("../../tests/data/audio/mp3_cbr.mp3");

    #[test]
    fn headers_give_rate_channels_and_length() {
        // 128 kbit/s, 44,100 Hz, joint stereo.
        let f = Frame::parse(0xfffb_9064).unwrap();
        assert_eq!((f.sample_rate, f.n_channels, f.n_samples), (44_100, 2, 1152));
        assert_eq!((f.n_bytes, f.n_side), (417, 32));
        // MPEG 2, layer 3, 64 kbit/s, 22,050 Hz, mono, padded.
        let f = Frame::parse(0xfff3_82c4).unwrap();
        assert_eq!((f.sample_rate, f.n_channels, f.n_samples), (22_050, 1, 576));
        assert_eq!((f.n_bytes, f.n_side), (209, 9));
        // MPEG 1, layer 2, 192 kbit/s, 48,000 Hz.
        let f = Frame::parse(0xfffd_a400).unwrap();
        assert_eq!((f.sample_rate, f.n_samples, f.n_bytes), (48_000, 1152, 576));
        // Layer 1, 384 kbit/s, 44,100 Hz.
        assert_eq!(Frame::parse(0xffff_c000).unwrap().n_bytes, 4 * 104);
        for word in [
            0xffeb_9064,
            0xfff9_9064,
            0xfffb_f064,
            0xfffb_0064,
            0xfffb_9c64,
            0x1234_5678,
        ] {
            assert_eq!(Frame::parse(word), None, "{word:x}");
        }
    }

    #[test]
    fn a_header_tells_frames_delay_and_padding() {
        let start = CBR.windows(4).position(|w| w == b"Info" || w == b"Xing").unwrap() - 36;
        let told = Told::read(&CBR[start..]).unwrap();
        // 17,640 samples.
        assert_eq!(told.delay, 576 + 529);
        let n = 1152 * told.n_frames.unwrap();
        assert_eq!(n - told.delay - told.padding, 17_640);
        assert_eq!(Told::read(&CBR[start + 1..]), None);
    }
}
