//! AIFF and AIFC: the description and the samples, whatever else is in the file and however long it says it is.
//!
//! Chunks behind the samples (tags, mostly) are often cut or counted wrong. As in ffmpeg they do not touch the sound: the
//! decoder gets a plain header in front of the samples.

use crate::audio::patch::Repair;
use crate::audio::source::Bytes;
use crate::error::{Error, Result};

/// Chunks that are looked at before the search is given up.
const MAX_CHUNKS: usize = 100_000;

/// The longest description that is read.
const MAX_COMM: u64 = 1024;

/// The file with a plain header; nothing if the description or the samples are not there.
///
/// # Errors
/// Those of reading, and [`Error::UnsupportedCodec`] with the name of a codec that has no decoder here.
pub(crate) fn repair(bytes: &Bytes<'_>, base: u64, n: u64) -> Result<Option<Repair>> {
    let Some(kind) = bytes.take::<4>(base + 8)? else {
        return Ok(None);
    };
    let (mut comm, mut sound) = (None, None);
    let mut at = base + 12;
    for _ in 0..MAX_CHUNKS {
        if comm.is_some() && sound.is_some() {
            break;
        }
        let Some([a, b, c, d, size @ ..]) = bytes.take::<8>(at)? else {
            break;
        };
        let (start, size) = (at + 8, u64::from(u32::from_be_bytes(size)));
        match &[a, b, c, d] {
            b"COMM" if comm.is_none() && (18..=MAX_COMM).contains(&size) => {
                let mut content = vec![0; size as usize];
                if bytes.peek(start, &mut content)? == content.len() {
                    comm = Some(content);
                }
            }
            b"SSND" if sound.is_none() => {
                if let Some(offset) = bytes.take::<4>(start)? {
                    let first = start + 8 + u64::from(u32::from_be_bytes(offset));
                    let end = match size {
                        0 => n,
                        size => (start + size).min(n),
                    };
                    sound = Some((first, end)).filter(|(first, end)| first <= end);
                }
            }
            _ => {}
        }
        at = start + size + size % 2;
    }
    let (Some(comm), Some((start, end))) = (comm, sound) else {
        return Ok(None);
    };
    if let Some(name) = unsupported(&kind, &comm) {
        return Err(Error::UnsupportedCodec {
            reason: format!("{name} in AIFF is not supported"),
        });
    }
    let comm = match (&kind, comm.get(..22)) {
        // Without the name of the codec.
        (b"AIFC", Some(comm)) => [comm, &[0, 0]].concat(),
        (b"AIFF", _) => comm[..18].to_vec(),
        _ => return Ok(None),
    };
    let n_data = end - start;
    let size = |n: u64| u32::try_from(n).unwrap_or(u32::MAX).to_be_bytes();
    let mut front = b"FORM".to_vec();
    // Without the byte that fills up an odd number: it need not be there.
    front.extend(size(4 + 8 + comm.len() as u64 + 16 + n_data));
    front.extend(kind);
    front.extend(b"COMM");
    front.extend(size(comm.len() as u64));
    front.extend(&comm);
    front.extend(b"SSND");
    front.extend(size(8 + n_data));
    // No offset and no blocks.
    front.extend([0; 8]);
    Ok(Some(Repair {
        front,
        start,
        end: Some(end),
        ..Repair::default()
    }))
}

fn unsupported(kind: &[u8; 4], comm: &[u8]) -> Option<&'static str> {
    match comm.get(18..22).filter(|_| kind == b"AIFC")? {
        b"ima4" => Some("IMA ADPCM"),
        b"MAC3" | b"MAC6" => Some("MACE"),
        b"QDMC" | b"QDM2" => Some("QDesign Music"),
        b"Qclp" => Some("QCELP"),
        b"GSM " | b"agsm" => Some("GSM 6.10"),
        b"G722" => Some("G.722"),
        b"G726" => Some("G.726 ADPCM"),
        // Little-endian samples; the size of one stands in front of the rate.
        b"sowt" if comm[6..8] != [0, 16] => Some("`sowt` of other than 16 bits"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::io::Cursor;

    fn of(x: Vec<u8>) -> Result<Option<Repair>> {
        let n = x.len() as u64;
        repair(&Bytes::new(Box::new(Cursor::new(x))), 0, n)
    }

    fn chunk(name: &[u8], size: usize, content: &[u8]) -> Vec<u8> {
        [name, &(size as u32).to_be_bytes(), content].concat()
    }

    fn form(size: u32, chunks: &[Vec<u8>]) -> Vec<u8> {
        [b"FORM".as_slice(), &size.to_be_bytes(), b"AIFF", &chunks.concat()].concat()
    }

    #[test]
    fn every_wrong_length_gives_the_header_of_the_whole() {
        let comm = chunk(b"COMM", 18, &[1; 18]);
        let samples = [vec![0; 8], vec![7; 100]].concat();
        let sound = chunk(b"SSND", 108, &samples);
        let good = form(4 + 26 + 116, &[comm.clone(), sound.clone()]);
        let want = good[..54].to_vec();
        let id3 = chunk(b"ID3 ", 500, b"cut");
        for (what, x, start) in [
            ("good", good, 54),
            ("FORM of 0", form(0, &[comm.clone(), sound.clone()]), 54),
            ("a cut tag", form(900, &[comm.clone(), sound.clone(), id3]), 54),
            (
                "SSND past the end",
                form(900, &[comm.clone(), chunk(b"SSND", 900, &samples)]),
                54,
            ),
            (
                "SSND of 0",
                form(900, &[comm.clone(), chunk(b"SSND", 0, &samples)]),
                54,
            ),
            ("SSND first", form(146, &[sound, comm.clone()]), 28),
        ] {
            let got = of(x).unwrap().unwrap();
            assert_eq!((got.front, got.start), (want.clone(), start), "{what}");
            assert_eq!(got.end, Some(start + 100), "{what}");
        }
        let offset = [vec![0, 0, 0, 4], vec![0; 8], vec![7; 100]].concat();
        let got = of(form(900, &[comm, chunk(b"SSND", 112, &offset)]))
            .unwrap()
            .unwrap();
        assert_eq!((got.front, got.start, got.end), (want, 58, Some(158)));
    }

    #[test]
    fn what_is_not_there_or_not_decoded() {
        assert!(of(form(0, &[chunk(b"COMM", 18, &[1; 18])])).unwrap().is_none());
        assert!(of(form(0, &[chunk(b"COMM", 99, &[1; 18])])).unwrap().is_none());
        let compressed = |codec: &[u8; 4], n_bits: u8| {
            let mut comm = vec![1; 18];
            (comm[6], comm[7]) = (0, n_bits);
            comm.extend(codec);
            comm.extend([0, 0]);
            let mut x = form(0, &[chunk(b"COMM", 24, &comm), chunk(b"SSND", 10, &[0; 10])]);
            x[11] = b'C';
            of(x)
        };
        for (codec, n_bits, name) in [
            (b"ima4", 16, "IMA ADPCM"),
            (b"sowt", 24, "`sowt` of other than 16 bits"),
        ] {
            let error = compressed(codec, n_bits).unwrap_err();
            let told = format!("{name} in AIFF is not supported");
            assert!(error.to_string().contains(&told), "{error}");
        }
        assert!(compressed(b"sowt", 16).unwrap().is_some());
    }
}
