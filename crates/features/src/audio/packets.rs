//! The packets of a file, to the last one that holds sound, whatever positions and lengths the container gives.

use std::collections::VecDeque;
use std::io;

use symphonia::core::errors::{Error, Result};
use symphonia::core::formats::FormatReader;
use symphonia::core::packet::Packet;
use symphonia::core::units::{Duration, Timestamp};

use crate::audio::flac::{Files, is_intact};
use crate::audio::lengths::container::Container;
use crate::audio::patch::Repair;
use crate::audio::source::Bytes;

/// Packets that a last page can hold.
const N_PAGE: usize = 256;

/// Bytes at the end of a file that are searched for its last page.
const N_END: u64 = 1 << 16;

/// A reader of packets with what its format needs at the end.
pub(crate) struct Packets<'s> {
    format: Box<dyn FormatReader + 's>,
    ends: Ends<'s>,
    ready: VecDeque<Packet>,
    /// What comes after those that are ready.
    then: Option<Result<Option<Packet>>>,
    /// Whether the last packet's checksum was wrong.
    is_damaged: bool,
    container: Container,
    aac_type: u8,
}

/// Opens a part of a file.
type Open<'s> = fn(&Bytes<'s>, Repair) -> crate::error::Result<Box<dyn FormatReader + 's>>;

/// How the packets of a format end.
pub(crate) enum Ends<'s> {
    /// As its reader says.
    AsTold,
    /// Ogg: pages can be without a position, and are then played whole.
    Ogg(Pages),
    /// FLAC: frames that the reader does not find, and files that are joined to the first.
    Flac {
        /// The file that is read, and those to come.
        files: Files,
        /// Opens one.
        open: Open<'s>,
    },
}

/// What is known of the positions of Ogg pages.
#[derive(Default)]
pub(crate) struct Pages {
    /// Position on the last page of the file, if it has one.
    last: Option<i64>,
    /// Whether a page without a position was met.
    is_untold: bool,
    /// Where the first packet begins, and samples up to here.
    first: Option<i64>,
    n_samples: u64,
}

impl Pages {
    /// Of a file.
    ///
    /// # Errors
    /// Those of reading.
    pub(crate) fn of(bytes: &Bytes<'_>) -> io::Result<Self> {
        let n = bytes.n_bytes();
        let mut end = vec![0; n.min(N_END) as usize];
        bytes.peek(n - end.len() as u64, &mut end)?;
        let last = end.windows(14).rev().find(|w| w.starts_with(b"OggS\0"));
        let position = last
            .and_then(|w| w[6..14].try_into().ok())
            .map(i64::from_le_bytes);
        Ok(Self {
            last: position.filter(|p| *p >= 0),
            ..Self::default()
        })
    }
}

impl<'s> Packets<'s> {
    pub(crate) fn new(
        format: Box<dyn FormatReader + 's>,
        ends: Ends<'s>,
        container: Container,
        aac_type: u8,
    ) -> Self {
        Self {
            format,
            ends,
            ready: VecDeque::new(),
            then: None,
            is_damaged: false,
            container,
            aac_type,
        }
    }

    /// The reader.
    pub(crate) fn format(&self) -> &dyn FormatReader {
        self.format.as_ref()
    }

    /// Whether the packet that was handed out last is there, but not as it was written: its checksum is wrong.
    pub(crate) fn is_damaged(&self) -> bool {
        self.is_damaged
    }

    /// The object type of AAC whose track has no description.
    pub(crate) fn aac_type(&self) -> u8 {
        self.aac_type
    }

    /// What the packets are in.
    pub(crate) fn container(&self) -> &Container {
        &self.container
    }

    /// The next packet; none at the end.
    ///
    /// # Errors
    /// Those of the reader; `ResetRequired` where another stream begins.
    pub(crate) fn next(&mut self, bytes: &Bytes<'s>) -> Result<Option<Packet>> {
        match &mut self.ends {
            Ends::AsTold => self.format.next_packet(),
            Ends::Flac { files, open } => {
                let packet = self.format.next_packet();
                match &packet {
                    Ok(Some(p)) => {
                        self.is_damaged = !is_intact(&p.data);
                        let first = p.pts.get().max(0).unsigned_abs();
                        files.tail.read(first, p.dur.get(), p.data.len());
                    }
                    Err(Error::IoError(e)) if e.kind() != io::ErrorKind::UnexpectedEof => {}
                    Ok(None) | Err(_) => {
                        if let Some((first, n, data)) = files.tail.frame(bytes)? {
                            self.is_damaged = false;
                            let first = Timestamp::new(i64::try_from(first).unwrap_or(i64::MAX));
                            return Ok(Some(Packet::new(0, first, Duration::from(n), data)));
                        }
                        while let Some(file) = files.next(bytes)? {
                            if let Ok(format) = open(bytes, file) {
                                self.format = format;
                                return Err(Error::ResetRequired);
                            }
                        }
                    }
                }
                packet
            }
            Ends::Ogg(_) => self.next_of_ogg(),
        }
    }

    /// Packets that the reader cuts are held back: only the last ones of a stream end before their last sample.
    fn next_of_ogg(&mut self) -> Result<Option<Packet>> {
        let Ends::Ogg(pages) = &mut self.ends else {
            return self.format.next_packet();
        };
        while self.then.is_none() {
            let is_held = self.ready.back().is_some_and(|p| !p.trim_end.is_zero());
            let n_ahead = if pages.is_untold { N_PAGE } else { 0 };
            if !is_held && self.ready.len() > n_ahead {
                break;
            }
            match self.format.next_packet() {
                Ok(Some(packet)) => {
                    if packet.trim_end.is_zero() {
                        pages.is_untold |= play_whole(&mut self.ready);
                    }
                    pages.first.get_or_insert(packet.pts.get());
                    let n_played = packet.block_dur().get().saturating_sub(packet.trim_start.get());
                    pages.n_samples = pages.n_samples.saturating_add(n_played);
                    self.ready.push_back(packet);
                }
                end => {
                    let is_end = !matches!(end, Err(Error::ResetRequired));
                    if is_end && pages.last.is_none() {
                        play_whole(&mut self.ready);
                    } else if is_end && pages.is_untold {
                        play_whole(&mut self.ready);
                        // Below 0 are samples that no position counts.
                        let first = pages.first.unwrap_or(0).max(0);
                        let n = pages.last.map_or(0, |p| p.saturating_sub(first)).max(0);
                        cut(&mut self.ready, pages.n_samples.saturating_sub(n.unsigned_abs()));
                    }
                    if !is_end {
                        (pages.first, pages.n_samples, pages.is_untold) = (None, 0, false);
                    }
                    self.then = Some(end);
                }
            }
        }
        match self.ready.pop_front() {
            Some(packet) => Ok(Some(packet)),
            None => self.then.take().unwrap_or(Ok(None)),
        }
    }
}

/// Takes back every cut at the end; true if there was one.
fn play_whole(packets: &mut VecDeque<Packet>) -> bool {
    let mut any = false;
    for packet in packets {
        any |= !packet.trim_end.is_zero();
        packet.dur = packet.dur.saturating_add(packet.trim_end);
        packet.trim_end = Duration::ZERO;
    }
    any
}

/// Leaves `n` samples out at the end.
fn cut(packets: &mut VecDeque<Packet>, mut n: u64) {
    for packet in packets.iter_mut().rev() {
        let here = n.min(packet.dur.get());
        packet.dur = Duration::from(packet.dur.get() - here);
        packet.trim_end = Duration::from(here);
        n -= here;
    }
}
