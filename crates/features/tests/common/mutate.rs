//! Seeded damage to audio files: what a bad disk, a broken transfer or somebody hostile makes of them.

use symphonia::core::checksum::Crc32;
use symphonia::core::io::Monitor;

/// Four-byte names of chunks, boxes and tags, near which lengths, rates and numbers of channels stand.
const NAMES: [&[u8; 4]; 40] = [
    b"RIFF", b"WAVE", b"fmt ", b"data", b"fact", b"LIST", b"FORM", b"COMM", b"SSND", b"caff", b"desc",
    b"pakt", b"kuki", b"fLaC", b"OggS", b"ftyp", b"moov", b"mvhd", b"trak", b"mdhd", b"stsd", b"mp4a",
    b"alac", b"esds", b"stts", b"stsc", b"stsz", b"stco", b"mdat", b"ID3\x04", b"Info", b"Xing", b"edts",
    b"elst", b"tkhd", b"udta", b"ilst", b"iTun", b"mvex", b"Opus",
];

/// Numbers that headers do not expect.
const EXTREMES: [u64; 22] = [
    0,
    1,
    2,
    7,
    9,
    255,
    256,
    999,
    1000,
    8000,
    0x7fff,
    0x8000,
    0xffff,
    0x1_0000,
    768_000,
    768_001,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_fff0,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    0xffff_ffff_ffff_ffff,
];

/// SplitMix64 (Steele, Lea & Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `n`, which is above zero.
    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
}

/// Files to damage.
pub struct Mutator {
    files: Vec<(String, Vec<u8>)>,
    seed: u64,
}

/// A damaged file.
pub struct Mutant {
    /// Which file it was.
    pub name: String,
    pub bytes: Vec<u8>,
}

impl Mutator {
    /// All files of `folder` but tables, in the order of their names.
    pub fn new(folder: &std::path::Path, seed: u64) -> std::io::Result<Self> {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|e| e != "csv") {
                let name = path
                    .file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
                files.push((name, std::fs::read(&path)?));
            }
        }
        files.sort();
        Ok(Self { files, seed })
    }

    /// Number of files.
    pub fn n_files(&self) -> usize {
        self.files.len()
    }

    /// The damaged file number `index`: the same for the same seed, whatever was asked for before.
    pub fn mutant(&self, index: u64) -> Mutant {
        let mut r = Random(self.seed ^ index.wrapping_mul(0xd134_2543_de82_ef95));
        r.next();
        let (name, original) = &self.files[(index % self.files.len() as u64) as usize];
        let mut x = original.clone();
        for _ in 0..1 + r.below(4) {
            self.damage(&mut x, &mut r);
            if x.len() < 8 {
                break;
            }
        }
        // A page whose checksum is wrong is not looked at: most damage gets a right one.
        if r.below(4) > 0 {
            correct_ogg_checksums(&mut x);
        }
        Mutant {
            name: name.clone(),
            bytes: x,
        }
    }

    fn damage(&self, x: &mut Vec<u8>, r: &mut Random) {
        // Half of the damage is done among the first bytes, where headers are.
        let reach = if r.below(2) == 0 {
            x.len().min(200)
        } else {
            x.len()
        };
        let at = r.below(reach);
        let end = (at + 1 + r.below(64)).min(x.len());
        match r.below(13) {
            0 => (0..1 + r.below(8)).for_each(|_| {
                let at = r.below(reach);
                x[at] ^= 1 << r.below(8);
            }),
            1 => x[at..end].fill([0, 0xff, 0x7f, 0x80, r.next() as u8][r.below(5)]),
            2 => x[at..end].iter_mut().for_each(|b| *b = r.next() as u8),
            3 => x.truncate(at.max(1)),
            4 => drop(x.drain(at..end)),
            5 => {
                let part = x[at..end].repeat(1 + r.below(30));
                x.splice(at..at, part);
            }
            6 => number(x, at, r),
            7 => {
                // A number in the 40 bytes behind a name.
                let names = named(x);
                if !names.is_empty() {
                    let at = names[r.below(names.len())] + 4 + r.below(36);
                    number(x, at, r);
                }
            }
            8 => {
                // A chunk of any kind and any length, with little in it.
                let mut chunk = NAMES[r.below(NAMES.len())].to_vec();
                let mut length = vec![0; 8];
                number(&mut length, 0, r);
                chunk.extend(&length[..if r.below(2) == 0 { 4 } else { 8 }]);
                chunk.extend((0..r.below(40)).map(|_| r.next() as u8));
                let names = named(x);
                let at = if names.is_empty() {
                    at
                } else {
                    names[r.below(names.len())]
                };
                x.splice(at..at, chunk);
            }
            9 => {
                // From one name to another, once more or not at all.
                let names = named(x);
                if names.len() > 1 {
                    let i = r.below(names.len() - 1);
                    let part = names[i]..names[i + 1 + r.below(names.len() - 1 - i)];
                    if r.below(2) == 0 {
                        let copy = x[part.clone()].to_vec();
                        x.splice(part.start..part.start, copy);
                    } else {
                        x.drain(part);
                    }
                }
            }
            10 => {
                // The beginning of one file and the end of another.
                let other = &self.files[r.below(self.files.len())].1;
                let from = r.below(other.len());
                x.truncate(at);
                x.extend(&other[from..]);
            }
            11 => {
                let other = &self.files[r.below(self.files.len())].1;
                let from = r.below(other.len());
                let to = (from + 1 + r.below(2000)).min(other.len());
                x.splice(at..at, other[from..to].iter().copied());
            }
            _ => {
                // An ID3v2 tag in front, its length anything.
                let mut tag = vec![b'I', b'D', b'3', r.below(6) as u8, 0, (r.next() & 0xf0) as u8];
                tag.extend((0..4).map(|_| (r.next() & if r.below(4) == 0 { 0xff } else { 0x0f }) as u8));
                tag.extend((0..r.below(60)).map(|_| r.next() as u8));
                x.splice(0..0, tag);
            }
        }
    }
}

/// Writes an extreme number of 1 to 8 bytes, lowest or highest byte first, or a floating-point one.
fn number(x: &mut [u8], at: usize, r: &mut Random) {
    let value = EXTREMES[r.below(EXTREMES.len())];
    let bytes = match r.below(8) {
        0 => [f64::NAN, f64::INFINITY, -1.0, 1e300, 1e-300][r.below(5)]
            .to_be_bytes()
            .to_vec(),
        width => {
            let width = [1, 2, 2, 4, 4, 4, 8][width - 1];
            if r.below(2) == 0 {
                value.to_le_bytes()[..width].to_vec()
            } else {
                value.to_be_bytes()[8 - width..].to_vec()
            }
        }
    };
    for (slot, b) in x.iter_mut().skip(at).zip(bytes) {
        *slot = b;
    }
}

/// Positions of names.
fn named(x: &[u8]) -> Vec<usize> {
    let is_name = |w: &[u8]| NAMES.iter().any(|n| w == n.as_slice());
    (0..x.len().saturating_sub(3))
        .filter(|i| is_name(&x[*i..*i + 4]))
        .collect()
}

/// Rewrites the checksum of every whole page.
fn correct_ogg_checksums(x: &mut [u8]) {
    let mut at = 0;
    while at + 27 <= x.len() {
        if &x[at..at + 4] != b"OggS" {
            at += 1;
            continue;
        }
        let table = at + 27..at + 27 + usize::from(x[at + 26]);
        let Some(lengths) = x.get(table.clone()) else {
            return;
        };
        let end = table.end + lengths.iter().map(|n| usize::from(*n)).sum::<usize>();
        if end > x.len() {
            return;
        }
        x[at + 22..at + 26].fill(0);
        let mut crc = Crc32::new(0);
        crc.process_buf_bytes(&x[at..end]);
        x[at + 22..at + 26].copy_from_slice(&crc.crc().to_le_bytes());
        at = end;
    }
}
