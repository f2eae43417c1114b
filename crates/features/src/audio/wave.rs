//! WAV (RIFF, RF64, BW64): where the samples are, whatever the lengths in its header say.
//!
//! Recorders that are cut off, streams that were written to a pipe, and programs that count wrong leave lengths that are 0,
//! short or too long, while the sound is whole. As ffmpeg, what is read is the `fmt` chunk and the data, as far as there
//! are any; the decoder gets a plain header in front of them.

use std::io;

use crate::audio::patch::Repair;
use crate::audio::source::Bytes;
use crate::error::{Error, Result};

/// Chunks that are looked at before the search is given up.
const MAX_CHUNKS: usize = 100_000;

/// The longest `fmt` chunk that is read.
const MAX_FMT: usize = 128;

/// The file with a plain header; nothing if there is no `fmt` chunk in front of the data.
///
/// # Errors
/// Those of reading, and [`Error::UnsupportedCodec`] with the name of a codec that has no decoder here.
pub(crate) fn repair(bytes: &Bytes<'_>, base: u64, n: u64) -> Result<Option<Repair>> {
    let Some(found) = find(bytes, base, n)? else {
        return Ok(None);
    };
    let Found {
        fmt,
        fact,
        start,
        end,
    } = found;
    let tag = u16::from_le_bytes([fmt[0], fmt[1]]);
    let fmt = match tag {
        1 | 3 => plain(&fmt),
        // Without the count of bytes that follow, the chunk is refused.
        6 | 7 => [&fmt[..16], &[0u8, 0][..]].concat(),
        0xfffe if fmt.len() >= 40 => extensible(&fmt[..40]),
        2 | 0x11 if fmt.len() >= 20 => fmt,
        // A stream of MPEG audio tells all about itself.
        0x50 | 0x55 => {
            return Ok(Some(Repair {
                start,
                end: Some(end),
                ..Repair::default()
            }));
        }
        other => {
            return Err(Error::UnsupportedCodec {
                reason: format!("{} in WAV is not supported", name(other)),
            });
        }
    };
    let fact = fact.filter(|_| matches!(tag, 2 | 0x11));
    Ok(Some(Repair {
        front: header(&fmt, fact, end - start),
        start,
        end: Some(end),
        ..Repair::default()
    }))
}

struct Found {
    /// At least 16 bytes.
    fmt: Vec<u8>,
    fact: Option<[u8; 4]>,
    start: u64,
    end: u64,
}

fn find(bytes: &Bytes<'_>, base: u64, n: u64) -> io::Result<Option<Found>> {
    let (mut fmt, mut fact, mut long_size) = (None, None, None);
    let mut at = base + 12;
    for _ in 0..MAX_CHUNKS {
        let Some([a, b, c, d, size @ ..]) = bytes.take::<8>(at)? else {
            break;
        };
        let (start, size) = (at + 8, u64::from(u32::from_le_bytes(size)));
        match &[a, b, c, d] {
            b"fmt " if fmt.is_none() => {
                let mut content = vec![0; (size as usize).min(MAX_FMT)];
                let got = bytes.peek(start, &mut content)?;
                content.truncate(got);
                fmt = Some(content).filter(|f| f.len() >= 16);
            }
            b"fact" if size >= 4 => fact = bytes.take::<4>(start)?,
            b"ds64" => long_size = bytes.take::<8>(start + 8)?.map(u64::from_le_bytes),
            b"data" => {
                let size = match (size, long_size) {
                    (0xffff_ffff, Some(long)) => long,
                    (size, _) => size,
                };
                let end = match size {
                    0 => n,
                    size => start.saturating_add(size).min(n),
                };
                return Ok(fmt.map(|fmt| Found {
                    fmt,
                    fact,
                    start,
                    end,
                }));
            }
            _ => {}
        }
        at = start + size + size % 2;
    }
    Ok(None)
}

/// 16 bytes of a `fmt` chunk; samples of any number of bits stand in whole bytes.
fn plain(fmt: &[u8]) -> Vec<u8> {
    let mut fmt = fmt[..16].to_vec();
    let bits = u16::from_le_bytes([fmt[14], fmt[15]]);
    let whole = bits.div_ceil(8).saturating_mul(8);
    fmt[14..16].copy_from_slice(&whole.to_le_bytes());
    fmt
}

/// 40 bytes of a `fmt` chunk with the right count of bytes that follow, and as many valid bits as there are if none are
/// told.
fn extensible(fmt: &[u8]) -> Vec<u8> {
    let mut fmt = fmt.to_vec();
    fmt[16..18].copy_from_slice(&22u16.to_le_bytes());
    if fmt[18..20] == [0, 0] {
        fmt.copy_within(14..16, 18);
    }
    fmt
}

fn header(fmt: &[u8], fact: Option<[u8; 4]>, n_data: u64) -> Vec<u8> {
    let chunk = |name: &[u8; 4], content: &[u8]| {
        let mut chunk = name.to_vec();
        chunk.extend((content.len() as u32).to_le_bytes());
        chunk.extend(content);
        chunk.resize(chunk.len().next_multiple_of(2), 0);
        chunk
    };
    let mut chunks = chunk(b"fmt ", fmt);
    if let Some(fact) = fact {
        chunks.extend(chunk(b"fact", &fact));
    }
    // The largest number stands for "to the end".
    let size = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    let n_riff = size(4 + chunks.len() as u64 + 8 + n_data + n_data % 2);
    let n_data = if n_riff == u32::MAX {
        u32::MAX
    } else {
        size(n_data)
    };
    let mut out = b"RIFF".to_vec();
    out.extend(n_riff.to_le_bytes());
    out.extend(b"WAVE");
    out.extend(chunks);
    out.extend(b"data");
    out.extend(n_data.to_le_bytes());
    out
}

/// Codecs by their number in `fmt`.
fn name(tag: u16) -> String {
    match tag {
        2 | 0x11 | 0xfffe => "a header that is cut short".to_owned(),
        0x10 | 0x17 => "OKI ADPCM".to_owned(),
        0x20 => "Yamaha ADPCM".to_owned(),
        0x22 => "TrueSpeech".to_owned(),
        0x31 => "GSM 6.10".to_owned(),
        0x40 | 0x64 | 0x14 => "G.721 ADPCM".to_owned(),
        0x45 => "G.726 ADPCM".to_owned(),
        0xff | 0x1600..=0x1610 | 0xa106 => "AAC".to_owned(),
        0x160..=0x163 => "Windows Media Audio".to_owned(),
        0x2000 => "AC-3".to_owned(),
        0x2001 => "DTS".to_owned(),
        0x566f | 0x674f..=0x6771 => "Vorbis".to_owned(),
        other => format!("format 0x{other:04x}"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::io::Cursor;

    fn fmt(tag: u16, bits: u16) -> Vec<u8> {
        let mut f = tag.to_le_bytes().to_vec();
        f.extend([2, 0, 0x44, 0xac, 0, 0, 0x10, 0xb1, 2, 0, 4, 0]);
        f.extend(bits.to_le_bytes());
        f
    }

    fn file(fmt: &[u8], riff: u32, data: u32, n: usize) -> Vec<u8> {
        let mut x = b"RIFF".to_vec();
        x.extend(riff.to_le_bytes());
        x.extend(b"WAVEfmt ");
        x.extend((fmt.len() as u32).to_le_bytes());
        x.extend(fmt);
        x.extend(b"data");
        x.extend(data.to_le_bytes());
        x.extend(vec![7; n]);
        x
    }

    fn of(x: Vec<u8>) -> Result<Option<Repair>> {
        let n = x.len() as u64;
        repair(&Bytes::new(Box::new(Cursor::new(x))), 0, n)
    }

    #[test]
    fn every_wrong_length_gives_the_header_of_the_whole() {
        let good = file(&fmt(1, 16), 136, 100, 100);
        let want = Repair {
            front: good[..44].to_vec(),
            start: 44,
            end: Some(144),
            ..Repair::default()
        };
        assert_eq!(of(good).unwrap(), Some(want.clone()));
        for (riff, data) in [(0, 0), (136, 0), (u32::MAX, u32::MAX), (100, 100), (200, 164)] {
            let got = of(file(&fmt(1, 16), riff, data, 100)).unwrap();
            assert_eq!(got, Some(want.clone()), "{riff} {data}");
        }
        // 20 and 28 bytes of `fmt`.
        for more in [4, 12] {
            let long = [fmt(1, 16), vec![0; more]].concat();
            let got = of(file(&long, 136, 100, 100)).unwrap().unwrap();
            assert_eq!((got.front, got.start), (want.front.clone(), 44 + more as u64));
        }
        // Samples of 20 bits stand in 24.
        assert_eq!(
            of(file(&fmt(1, 20), 136, 100, 100)).unwrap().unwrap().front[34],
            24
        );
    }

    #[test]
    fn what_is_no_wave_is_named_and_mpeg_audio_read() {
        let got = of(file(&fmt(0x55, 0), 136, 100, 100)).unwrap().unwrap();
        assert_eq!((got.front.len(), got.start, got.end), (0, 44, Some(144)));
        let error = of(file(&fmt(0x31, 0), 136, 100, 100)).unwrap_err();
        assert!(
            error.to_string().contains("GSM 6.10 in WAV is not supported"),
            "{error}"
        );
        assert!(
            of(b"RIFF\0\0\0\0WAVEdata\x04\0\0\0abcd".to_vec())
                .unwrap()
                .is_none()
        );
    }
}
