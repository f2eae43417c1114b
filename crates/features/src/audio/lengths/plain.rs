//! Sound without packets (WAV, AIFF, CAF), counted by its bytes and the description of its samples.

use std::io;

use super::window::Window;

/// Chunks of a CAF file that are looked at.
const MAX_CHUNKS: u32 = 100_000;

/// Samples in `n_bytes` of a WAV file with this header (`RIFF` to `data`); none if the description tells no size.
pub(crate) fn in_wave(header: &[u8], n_bytes: u64) -> Option<u64> {
    // The `fmt` chunk comes first.
    let at = |start: usize| {
        let bytes: [u8; 2] = header.get(20 + start..22 + start)?.try_into().ok()?;
        Some(u64::from(u16::from_le_bytes(bytes)))
    };
    let (tag, n_channels, bits) = (at(0)?, at(2)?, at(14)?);
    match tag {
        // ADPCM: blocks, each of as many samples.
        2 | 0x11 => Some(n_bytes.checked_div(at(12)?)? * at(18)?),
        _ => n_bytes.checked_div(n_channels * bits.div_ceil(8)),
    }
}

/// Samples in `n_bytes` of an AIFF file with this header (`FORM` to `SSND`).
pub(crate) fn in_aiff(header: &[u8], n_bytes: u64) -> Option<u64> {
    // The description comes first.
    let comm = header.get(20..)?;
    let at = |start: usize| {
        let bytes: [u8; 2] = comm.get(start..start + 2)?.try_into().ok()?;
        Some(u64::from(u16::from_be_bytes(bytes)))
    };
    let codec = comm.get(18..22).filter(|_| header.get(8..12) == Some(b"AIFC"));
    let n_sample = match codec {
        Some(b"ulaw" | b"ULAW" | b"alaw" | b"ALAW") => 1,
        _ => at(6)?.div_ceil(8),
    };
    n_bytes.checked_div(at(0)? * n_sample)
}

/// Samples of a CAF file: by the table of its packets, or by its bytes where all packets are alike.
///
/// Source: Apple Core Audio Format Specification 1.0.
///
/// # Errors
/// Those of reading.
pub(crate) fn in_caf(window: &mut Window<'_, '_>) -> io::Result<Option<u64>> {
    let (mut packet, mut n_bytes, mut table) = (None, None, None);
    let mut at = 8;
    for _ in 0..MAX_CHUNKS {
        let Some([a, b, c, d, size @ ..]) = window.take::<12>(at)? else {
            break;
        };
        let start = at + 12;
        let size = u64::from_be_bytes(size).min(window.end().saturating_sub(start));
        match &[a, b, c, d] {
            b"desc" => {
                packet = window.take::<24>(start)?.map(|x| {
                    let number = |at: usize| x[at..at + 4].iter().fold(0u64, |v, b| v << 8 | u64::from(*b));
                    (number(16), number(20))
                });
            }
            // A count of edits comes first.
            b"data" => n_bytes = size.checked_sub(4),
            b"pakt" => {
                table = window.take::<24>(start)?.map(|x| {
                    let number =
                        |at: usize, n: usize| x[at..at + n].iter().fold(0u64, |v, b| v << 8 | u64::from(*b));
                    // Packets, samples, and those of them in front and behind that belong to no recording.
                    [number(0, 8), number(8, 8), number(16, 4), number(20, 4)]
                });
            }
            _ => {}
        }
        at = start + size;
    }
    Ok(match (packet, n_bytes) {
        (Some((n_packet, n_samples)), Some(n)) if n_packet > 0 => Some(n / n_packet * n_samples),
        // Some writers tell no remainder, though the last packet is short: it counts as nothing then.
        (Some((_, n_samples)), _) if n_samples > 0 => table.map(|[n_packets, valid, front, behind]| {
            let n_whole = match front + behind {
                0 => n_packets.saturating_sub(1),
                _ => n_packets,
            };
            let all = n_whole.saturating_mul(n_samples);
            valid.min(all.saturating_sub(front + behind))
        }),
        _ => table.map(|[_, valid, ..]| valid),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::audio::source::Bytes;
    use std::io::Cursor;

    #[test]
    fn bytes_divided_by_those_of_a_sample() {
        let audio = |name: &str| {
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/audio/");
            std::fs::read(format!("{path}{name}")).unwrap()
        };
        // 0.2 s and 0.1 s at 16,000 Hz.
        assert_eq!(in_wave(&audio("pcm_s16.wav")[..44], 12_800), Some(3200));
        assert_eq!(in_wave(&audio("pcm_s24.wav")[..44], 9600), Some(1600));
        assert_eq!(in_wave(b"RIFF", 9600), None);
        assert_eq!(in_aiff(&audio("pcm_s16.aiff")[..54], 12_800), Some(3200));
        let caf = audio("pcm_s16.caf");
        let n = caf.len() as u64;
        let bytes = Bytes::new(Box::new(Cursor::new(caf)));
        assert_eq!(in_caf(&mut Window::new(&bytes, n)).unwrap(), Some(3200));
    }
}
