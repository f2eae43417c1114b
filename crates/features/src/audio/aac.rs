//! HE-AAC, told from plain AAC: its upper half of the band (SBR) has no decoder here.
//!
//! A decoder of plain AAC plays the lower half at half the rate and says nothing, so that such a stream must be known.
//!
//! Source: ISO/IEC 14496-3, 1.6.2.1 (`AudioSpecificConfig`) and 4.5.2.8 (`extension_payload`).

/// Packets that are looked at.
const N_LOOKED_AT: u32 = 32;

/// The most bytes of a fill element.
const MAX_FILL: usize = 269;

/// Fill elements behind each other that are looked at.
const MAX_FILLS: u32 = 3;

/// Bits, the highest of a byte first.
struct Bits<'a>(&'a [u8]);

impl Bits<'_> {
    /// `n` bits from `at`; `None` past the end.
    fn at(&self, at: usize, n: usize) -> Option<u32> {
        (at..at + n).try_fold(0, |v, i| {
            let bit = self.0.get(i / 8)? >> (7 - i % 8) & 1;
            Some(v << 1 | u32::from(bit))
        })
    }
}

/// Whether the description of a track says that it is HE-AAC.
pub(crate) fn is_described(config: &[u8]) -> bool {
    let bits = Bits(config);
    let described = || {
        let kind = bits.at(0, 5)?;
        if matches!(kind, 5 | 29) {
            return Some(true);
        }
        let at = if bits.at(5, 4)? == 15 { 33 } else { 9 };
        // Channels, three flags, then the extension of files that older decoders can play.
        let at = at + 4 + 3;
        Some(bits.at(at, 11)? == 0x2b7 && bits.at(at + 11, 5)? == 5 && bits.at(at + 16, 1)? == 1)
    };
    described().unwrap_or(false)
}

/// Whether a packet ends with a fill element of SBR data.
fn has_sbr(packet: &[u8]) -> bool {
    let bits = Bits(packet);
    let n = 8 * packet.len();
    (0..8).any(|n_pad| {
        n.checked_sub(n_pad + 3).is_some_and(|end| {
            bits.at(end, 3) == Some(7)
                && bits.at(end + 3, n_pad) == Some(0)
                && ends_in_sbr(&bits, end, MAX_FILLS)
        })
    })
}

fn ends_in_sbr(bits: &Bits<'_>, end: usize, n_fills: u32) -> bool {
    // A number of bytes below 15 is written in 4 bits, others in 8 more.
    let is_fill = |n: usize, start: usize, n_head: usize| {
        let (short, long) = if n < 15 { (n, None) } else { (15, Some(n - 14)) };
        let is = |at, n, v: usize| bits.at(at, n) == u32::try_from(v).ok();
        is(start, 3, 6) && is(start + 3, 4, short) && long.is_none_or(|l| is(start + 7, 8, l)) && n_head > 0
    };
    (1..=MAX_FILL).any(|n| {
        let n_head = if n < 15 { 7 } else { 15 };
        let Some(start) = end.checked_sub(8 * n + n_head) else {
            return false;
        };
        is_fill(n, start, n_head)
            && match bits.at(start + n_head, 4) {
                Some(13 | 14) => true,
                // Filling.
                Some(0 | 1) => n_fills > 1 && ends_in_sbr(bits, start, n_fills - 1),
                _ => false,
            }
    })
}

/// A look at the first packets of a stream.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SbrWatch {
    n_packets: u32,
    n_with_sbr: u32,
}

impl SbrWatch {
    /// Takes a packet; true once it is known that the stream is HE-AAC.
    pub(crate) fn sees(&mut self, packet: &[u8]) -> bool {
        if self.n_packets >= N_LOOKED_AT {
            return false;
        }
        self.n_packets += 1;
        self.n_with_sbr += u32::from(has_sbr(packet));
        self.n_packets == N_LOOKED_AT && self.is_he()
    }

    /// Whether more than half of the packets had SBR data; chance gives a few in a hundred.
    pub(crate) fn is_he(&self) -> bool {
        2 * self.n_with_sbr > self.n_packets
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Bits, written.
    fn bytes(fields: &[(u32, usize)]) -> Vec<u8> {
        let all: Vec<u32> = fields
            .iter()
            .flat_map(|(v, n)| (0..*n).rev().map(move |i| v >> i & 1))
            .collect();
        all.chunks(8)
            .map(|c| {
                c.iter()
                    .enumerate()
                    .fold(0, |b, (i, v)| b | (*v as u8) << (7 - i))
            })
            .collect()
    }

    #[test]
    fn a_description_tells() {
        // LC at 44,100 Hz, stereo.
        assert!(!is_described(&[0x12, 0x10]));
        assert!(is_described(&bytes(&[(5, 5), (7, 4), (2, 4), (4, 4), (2, 5)])));
        assert!(is_described(&bytes(&[(29, 5), (7, 4), (1, 4), (4, 4), (2, 5)])));
        let behind = |present| bytes(&[(2, 5), (7, 4), (2, 4), (0, 3), (0x2b7, 11), (5, 5), (present, 1)]);
        assert!(is_described(&behind(1)) && !is_described(&behind(0)));
        assert!(!is_described(&[]));
    }

    #[test]
    fn sbr_at_the_end_of_a_packet_is_found() {
        let fill = |n: u32, kind: u32| {
            let mut f = vec![(6, 3)];
            f.extend(if n < 15 {
                vec![(n, 4)]
            } else {
                vec![(15, 4), (n - 14, 8)]
            });
            f.push((kind, 4));
            f.extend(vec![(0x5, 4); 2 * n as usize - 1]);
            f
        };
        let packet = |parts: &[Vec<(u32, usize)>]| {
            let mut all = vec![(0x155, 11)];
            all.extend(parts.concat());
            all.push((7, 3));
            bytes(&all)
        };
        for n in [1, 9, 14, 15, 40, 200] {
            assert!(has_sbr(&packet(&[fill(n, 13)])), "{n}");
            assert!(has_sbr(&packet(&[fill(n, 14), fill(20, 0)])), "{n}");
            assert!(!has_sbr(&packet(&[fill(n, 0)])), "{n}");
        }
        let mut watch = SbrWatch::default();
        let he = packet(&[fill(30, 13)]);
        assert!((0..31).all(|_| !watch.sees(&he)) && watch.sees(&he) && watch.is_he());
        assert!(!SbrWatch::default().is_he());
    }
}
