//! Containers as they are read: lengths that are wrong become those of the bytes, tags are left out.
//!
//! WAV, AIFF and FLAC files get a plain header in front of their sound (`wave`, `aiff`, `flac`); in MP4, Matroska and Ogg what is no
//! sound is read over (`mp4`, `matroska`, `ogg`). Readers of CAF, Matroska and MP4 refuse a file whose outermost length runs past
//! its end. Decoders of other programs read on to where the bytes end; so does ours once the length is that of the bytes.

use std::io;

use crate::audio::names::Form;
use crate::audio::patch::{Patch, Repair};
use crate::audio::source::Bytes;
use crate::audio::{aiff, flac, matroska, mp4, ogg, wave};
use crate::error::{Error, Result};

/// Chunks that are looked at before the search is given up.
const MAX_CHUNKS: usize = 100_000;

/// Packets in the table of a CAF file: of the shortest ones, a day.
const MAX_PACKETS: u64 = 1 << 22;

/// How a file of a form that begins at `base` is read instead of as it stands; nothing if its description or its sound is not there.
///
/// # Errors
/// Those of reading, [`Error::UnsupportedCodec`] for WAV and AIFF files with such a codec, and [`Error::Damaged`] for more parts than
/// any recording has.
pub(crate) fn repair(bytes: &Bytes<'_>, form: Form, base: u64) -> Result<Option<Repair>> {
    let n = bytes.n_bytes();
    let plain = Repair::starting(base);
    Ok(match form {
        Form::Wave if bytes.take::<4>(base + 8)? == Some(*b"WAVE") => wave::repair(bytes, base, n)?,
        Form::Aiff if matches!(bytes.take::<4>(base + 8)?.as_ref(), Some(b"AIFF" | b"AIFC")) => {
            aiff::repair(bytes, base, n)?
        }
        Form::Wave | Form::Aiff => None,
        Form::Flac => flac::repair(bytes, base, n)?,
        Form::Caf => Some(Repair {
            patches: caf(bytes, base)?,
            ..plain
        }),
        Form::Mp4 => Some(Repair {
            patches: mp4::patches(bytes, base)?,
            ..plain
        }),
        Form::Matroska => {
            let (patches, forward_only) = matroska::patches(bytes, base)?;
            Some(Repair {
                patches,
                forward_only,
                ..plain
            })
        }
        Form::Ogg => {
            let (patches, end) = ogg::patches(bytes, base)?;
            Some(Repair {
                patches,
                end,
                ..plain
            })
        }
    })
}

/// The length of the data of a CAF file, whose chunks have 64-bit lengths, if it runs past the end.
fn caf(bytes: &Bytes<'_>, base: u64) -> Result<Vec<Patch>> {
    let too_much = |reason: String| Error::Damaged {
        format: "a CAF file",
        reason,
    };
    let n = bytes.n_bytes();
    let mut at = base + 8;
    for _ in 0..MAX_CHUNKS {
        let Some([a, b, c, d, size @ ..]) = bytes.take::<12>(at)? else {
            return Ok(Vec::new());
        };
        let size = u64::from_be_bytes(size);
        let start = at + 12;
        if [a, b, c, d] == *b"pakt" {
            let n_packets = bytes.take::<8>(start)?.map_or(0, u64::from_be_bytes);
            if n_packets > MAX_PACKETS {
                return Err(too_much(format!("a table of {n_packets} packets")));
            }
        }
        // -1 stands for "to the end".
        if size == u64::MAX {
            return Ok(Vec::new());
        }
        if start.saturating_add(size) > n {
            let is_data = [a, b, c, d] == *b"data";
            return Ok(match is_data {
                true => vec![Patch::u64(at + 4, n - start)],
                false => Vec::new(),
            });
        }
        at = start + size;
    }
    Err(too_much(format!("more than {MAX_CHUNKS} chunks")))
}

/// The first place from `base` on, but not there, where a file of some form may begin; of MPEG audio with other bytes in front that
/// is rare, so it is looked for last.
///
/// # Errors
/// Those of reading.
pub(crate) fn find_form(bytes: &Bytes<'_>, base: u64, n_searched: usize) -> io::Result<Option<(Form, u64)>> {
    let mut block = vec![0; n_searched];
    let n = bytes.peek(base, &mut block)?;
    let found = block[..n]
        .windows(Form::N_HEAD)
        .enumerate()
        .skip(1)
        .find_map(|(i, head)| Form::of(head).map(|form| (form, base + i as u64)));
    Ok(found)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::io::Cursor;

    fn of(form: Form, x: &[u8], base: u64) -> Result<Option<Repair>> {
        repair(&Bytes::new(Box::new(Cursor::new(x.to_vec()))), form, base)
    }

    #[test]
    fn a_file_behind_other_bytes_is_read_from_its_beginning() {
        let flac = include_bytes!("../../tests/data/audio/flac.flac");
        let behind = [b"ID3\x04\0\0\0\0\0\x05hello".as_slice(), flac].concat();
        let plain = of(Form::Flac, flac, 0).unwrap().unwrap();
        let got = of(Form::Flac, &behind, 15).unwrap().unwrap();
        assert_eq!((got.front, got.start), (plain.front, plain.start + 15));
        let bytes = Bytes::new(Box::new(Cursor::new(behind)));
        assert_eq!(find_form(&bytes, 0, 100).unwrap(), Some((Form::Flac, 15)));
        assert_eq!(find_form(&bytes, 0, 20).unwrap(), None);
        assert_eq!(find_form(&bytes, 15, 100).unwrap(), None);
    }

    #[test]
    fn lengths_past_the_end_become_those_of_the_bytes() {
        let mut caf = b"caff\0\x01\0\0desc\0\0\0\0\0\0\0\x02xxdata\0\0\0\0\0\x01\0\0".to_vec();
        caf.extend([7; 50]);
        let got = of(Form::Caf, &caf, 0).unwrap().unwrap();
        assert_eq!(got.patches, [Patch::u64(26, 50)]);
    }

    #[test]
    fn tables_and_chunks_that_no_recording_has_are_refused() {
        let table = b"caff\0\x01\0\0pakt\0\0\0\0\0\0\0\x18\0\0\0\0\x40\0\0\0".as_slice();
        assert!(matches!(of(Form::Caf, table, 0), Err(Error::Damaged { .. })));
        let chunks = [
            b"caff\0\x01\0\0".as_slice(),
            &b"free\0\0\0\0\0\0\0\0".repeat(MAX_CHUNKS),
        ]
        .concat();
        assert!(matches!(of(Form::Caf, &chunks, 0), Err(Error::Damaged { .. })));
    }

    #[test]
    fn without_a_description_nothing_is_read() {
        for (form, x) in [
            (Form::Aiff, &b"FORM\0\0\x10\0AIFFCOMM\0\0\0\x20abc"[..]),
            (Form::Aiff, b"FORM\0\0\x10\08SVX"),
            (Form::Wave, b"RIFF\0\0\x10\0AVI LIST"),
            (Form::Wave, b"RIFF"),
            (Form::Flac, b"fLaC"),
        ] {
            assert_eq!(of(form, x, 0).unwrap(), None);
        }
    }
}
