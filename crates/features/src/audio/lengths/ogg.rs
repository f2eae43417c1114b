//! Ogg, counted by the positions of its pages.
//!
//! Source: RFC 3533, 6; the headers of Vorbis I (4.2.2), Opus (RFC 7845, 5.1) and FLAC in Ogg (RFC 9639, 10.1).

use std::io;

use super::window::Window;

/// Bytes of a page's header without its table.
const N_HEAD: usize = 27;

/// One of the streams that are joined in a file.
struct Link {
    serial: [u8; 4],
    sample_rate: u64,
    /// Samples in front that belong to no recording.
    pre_skip: u64,
    /// The longest packet in samples.
    max_packet: u64,
    /// Packets up to the first position, and the position.
    n_packets: u64,
    first: Option<u64>,
    last: u64,
    has_sound: bool,
}

/// Samples between the positions of the first audio stream of each link, at the rate of the first link; none without one.
///
/// A stream that was cut out of a longer one begins at a position that its packets cannot reach: it is counted from there.
///
/// # Errors
/// Those of reading.
pub(crate) fn n_samples(window: &mut Window<'_, '_>, start: u64) -> io::Result<Option<u64>> {
    let mut links: Vec<Link> = Vec::new();
    let mut at = start;
    while let Some(head) = window.take::<N_HEAD>(at)? {
        if !head.starts_with(b"OggS\0") {
            at += 1;
            continue;
        }
        let table = window.get(at + N_HEAD as u64, usize::from(head[26]))?.to_vec();
        let n_body = table.iter().map(|n| u64::from(*n)).sum::<u64>();
        let body = at + (N_HEAD + table.len()) as u64;
        if body + n_body > window.end() {
            break;
        }
        at = body + n_body;
        let [
            _,
            _,
            _,
            _,
            _,
            flags,
            position @ ..,
            s0,
            s1,
            s2,
            s3,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
        ] = head;
        let position = i64::from_le_bytes(position);
        let serial = [s0, s1, s2, s3];
        if flags & 2 != 0 {
            // Streams side by side begin together: the first with sound counts.
            if links.last().is_none_or(|link| link.has_sound) {
                links.extend(link(serial, window.get(body, 64)?));
            }
            continue;
        }
        let Some(link) = links.last_mut().filter(|link| link.serial == serial) else {
            continue;
        };
        if position == 0 {
            continue;
        }
        if link.first.is_none() {
            link.n_packets += table.iter().filter(|n| **n < 255).count() as u64;
        }
        if let Ok(position) = u64::try_from(position) {
            link.has_sound = true;
            link.first.get_or_insert(position);
            link.last = link.last.max(position);
        }
    }
    let Some(rate) = links.first().map(|link| link.sample_rate) else {
        return Ok(None);
    };
    let n = links
        .iter()
        .map(|link| link.n_samples() * rate / link.sample_rate)
        .sum();
    Ok(Some(n).filter(|n| *n > 0))
}

impl Link {
    fn n_samples(&self) -> u64 {
        let first = self.first.unwrap_or(0);
        let base = match first > self.n_packets * self.max_packet {
            true => first,
            false => self.pre_skip,
        };
        self.last.saturating_sub(base)
    }
}

/// The stream whose first packet begins with these bytes, if it is one of sound.
fn link(serial: [u8; 4], packet: &[u8]) -> Option<Link> {
    let at = |start: usize, n: usize| packet.get(start..start + n);
    let little = |bytes: &[u8]| bytes.iter().rev().fold(0u64, |v, b| v << 8 | u64::from(*b));
    let (sample_rate, pre_skip, max_packet) = match packet {
        [1, b'v', b'o', b'r', b'b', b'i', b's', ..] => (little(at(12, 4)?), 0, 8192),
        [b'O', b'p', b'u', b's', b'H', b'e', b'a', b'd', ..] => (48_000, little(at(10, 2)?), 5760),
        [0x7f, b'F', b'L', b'A', b'C', ..] => {
            let rate = at(27, 3)?.iter().fold(0u64, |v, b| v << 8 | u64::from(*b)) >> 4;
            (rate, 0, 65_536)
        }
        _ => return None,
    };
    (sample_rate > 0).then_some(Link {
        serial,
        sample_rate,
        pre_skip,
        max_packet,
        n_packets: 0,
        first: None,
        last: 0,
        has_sound: false,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::audio::source::Bytes;
    use std::io::Cursor;

    fn of(x: &[u8]) -> Option<u64> {
        let bytes = Bytes::new(Box::new(Cursor::new(x.to_vec())));
        n_samples(&mut Window::new(&bytes, x.len() as u64), 0).unwrap()
    }

    fn page(flags: u8, position: i64, serial: u8, packets: &[&[u8]]) -> Vec<u8> {
        let mut page = b"OggS\0".to_vec();
        page.push(flags);
        page.extend(position.to_le_bytes());
        page.extend([serial, 0, 0, 0]);
        page.extend([0; 8]);
        page.push(packets.len() as u8);
        page.extend(packets.iter().map(|p| p.len() as u8));
        page.extend(packets.concat());
        page
    }

    fn vorbis(serial: u8, rate: u32, positions: &[i64]) -> Vec<u8> {
        let mut head = b"\x01vorbis\0\0\0\0\x02".to_vec();
        head.extend(rate.to_le_bytes());
        let mut x = page(2, 0, serial, &[&head]);
        x.extend(page(0, 0, serial, &[b"comment", b"setup"]));
        for position in positions {
            x.extend(page(0, *position, serial, &[&b"sound"[..]; 3]));
        }
        x
    }

    #[test]
    fn positions_tell_the_length_of_each_link() {
        assert_eq!(of(&vorbis(1, 44_100, &[1000, -1, 3000])), Some(3000));
        let chained = [vorbis(1, 44_100, &[1000, 3000]), vorbis(2, 22_050, &[500])].concat();
        assert_eq!(of(&chained), Some(4000));
        assert_eq!(of(&[b"junk".to_vec(), chained.clone()].concat()), Some(4000));
        assert_eq!(of(&chained[..chained.len() - 3]), Some(3000), "a cut page");
        // Cut out of a longer stream.
        assert_eq!(of(&vorbis(1, 44_100, &[900_000, 903_000])), Some(3000));
        assert_eq!(of(&vorbis(1, 44_100, &[])), None);
        let mut head = b"OpusHead\x01\x02".to_vec();
        head.extend(312u16.to_le_bytes());
        head.resize(19, 0);
        let video = page(2, 0, 9, &[b"\x80theora"]);
        let opus = [
            page(2, 0, 5, &[&head]),
            page(0, 0, 5, &[b"OpusTags"]),
            page(4, 1272, 5, &[b"x"]),
        ]
        .concat();
        assert_eq!(of(&[video, opus].concat()), Some(960));
    }
}
