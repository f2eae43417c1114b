//! Makers of files that do harm.

pub fn frame(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    [kind, &synchsafe(content.len())[..], &[0, 0], content].concat()
}

pub fn synchsafe(n: usize) -> [u8; 4] {
    [21, 14, 7, 0].map(|shift| (n >> shift) as u8 & 0x7f)
}

pub fn id3(frames: &[u8]) -> Vec<u8> {
    [b"ID3\x04\0\0", &synchsafe(frames.len())[..], frames].concat()
}

/// Tables of contents, each the only entry of the one in front of it.
pub fn chain(n: usize) -> Vec<u8> {
    let entry = |i: usize| {
        let flags = if i == 0 { 3 } else { 1 };
        let content = [
            format!("{i}\0").as_bytes(),
            &[flags, 1],
            format!("{}\0", i + 1).as_bytes(),
        ]
        .concat();
        frame(b"CTOC", &content)
    };
    id3(&(0..n).map(entry).collect::<Vec<_>>().concat())
}

/// Tables of contents in each other, around a frame.
pub fn nested(n: usize, mut inner: Vec<u8>) -> Vec<u8> {
    for _ in 0..n {
        inner = frame(b"CTOC", &[b"x\0\x03\0", &inner[..]].concat());
    }
    id3(&inner)
}

/// A chunk of AIFF, or of WAV, with a tag in it.
pub fn chunk(name: &[u8; 4], size: [u8; 4], content: &[u8]) -> Vec<u8> {
    [name, &size[..], content, &vec![0; content.len() % 2]].concat()
}

/// Bits, the lowest of a byte first.
#[derive(Default)]
struct Bits(Vec<u8>, usize);

impl Bits {
    fn put(&mut self, value: u64, n: usize) {
        for i in 0..n {
            if self.1.is_multiple_of(8) {
                self.0.push(0);
            }
            *self.0.last_mut().unwrap() |= ((value >> i & 1) as u8) << (self.1 % 8);
            self.1 += 1;
        }
    }
}

/// A page of Ogg with whole packets, the last of which may go on.
pub fn page(serial: u32, number: u32, flags: u8, packets: &[&[u8]], goes_on: bool) -> Vec<u8> {
    let mut page = b"OggS\0".to_vec();
    page.push(flags);
    page.extend([0; 8]);
    page.extend(serial.to_le_bytes());
    page.extend(number.to_le_bytes());
    page.extend([0; 4]);
    let mut table = Vec::new();
    for (i, packet) in packets.iter().enumerate() {
        table.extend(vec![255; packet.len() / 255]);
        if !(goes_on && i + 1 == packets.len()) {
            table.push((packet.len() % 255) as u8);
        }
    }
    page.push(u8::try_from(table.len()).unwrap());
    page.extend(table);
    page.extend(packets.concat());
    let sum = page.iter().fold(0u32, |mut sum, b| {
        sum ^= u32::from(*b) << 24;
        for _ in 0..8 {
            sum = if sum >> 31 == 1 {
                sum << 1 ^ 0x04c1_1db7
            } else {
                sum << 1
            };
        }
        sum
    });
    page[22..26].copy_from_slice(&sum.to_le_bytes());
    page
}

/// A Vorbis stream whose codebooks have many entries of many dimensions.
pub fn vorbis(n_books: u64) -> Vec<u8> {
    let mut b = Bits::default();
    b.put(n_books - 1, 8);
    for _ in 0..n_books {
        for (value, n) in [
            (0x56_4342, 24),
            (31, 16),
            (131_072, 24),
            (1, 1),
            (16, 5),
            (131_072, 18),
            (1, 4),
            (0, 32),
            (0, 32),
            (0, 4),
            (0, 1),
            (0, 1),
        ] {
            b.put(value, n);
        }
    }
    // One of each other part, the simplest that there is.
    for (value, n) in [
        (0, 6 + 16),
        (0, 6),
        (1, 16),
        (0, 5 + 2),
        (7, 4),
        (0, 6 + 16 + 24 + 24 + 24 + 6 + 8 + 3 + 1),
        (0, 6 + 16 + 1 + 1 + 2 + 8 + 8 + 8),
        (0, 6 + 1 + 16 + 16 + 8),
        (1, 1),
    ] {
        b.put(value, n);
    }
    let mut ident = b"\x01vorbis\0\0\0\0\x01".to_vec();
    ident.extend(44_100u32.to_le_bytes());
    ident.extend([0; 12]);
    ident.extend([0xb8, 1]);
    let setup = [b"\x05vorbis", &b.0[..]].concat();
    let comment = b"\x03vorbis\x01\0\0\0x\0\0\0\0\x01";
    [
        page(7, 0, 2, &[&ident], false),
        page(7, 1, 0, &[comment, &setup], false),
        page(7, 2, 4, &[&[0u8; 8][..]; 8], false),
    ]
    .concat()
}

/// A frame of FLAC in which every sample of every channel is the same.
pub fn flac_frame(number: u64, n_channels: u8, n_samples: u32) -> Vec<u8> {
    let mut x = vec![0xff, 0xf8, 0x70, (n_channels - 1) << 4 | 2];
    match number {
        0..0x80 => x.push(number as u8),
        0x80..0x800 => x.extend([0xc0 | (number >> 6) as u8, 0x80 | (number & 63) as u8]),
        _ => x.extend([
            0xe0 | (number >> 12) as u8,
            0x80 | (number >> 6 & 63) as u8,
            0x80 | (number & 63) as u8,
        ]),
    }
    x.extend(((n_samples - 1) as u16).to_be_bytes());
    let sum = x.iter().fold(0u8, |mut c, b| {
        c ^= b;
        for _ in 0..8 {
            c = if c & 0x80 != 0 { c << 1 ^ 7 } else { c << 1 };
        }
        c
    });
    x.push(sum);
    x.extend([0, 0].repeat(usize::from(n_channels)));
    let sum = x.iter().fold(0u16, |mut c, b| {
        c ^= u16::from(*b) << 8;
        for _ in 0..8 {
            c = if c & 0x8000 != 0 { c << 1 ^ 0x8005 } else { c << 1 };
        }
        c
    });
    x.extend(sum.to_be_bytes());
    x
}

pub fn flac_info(rate: u64, n_channels: u64, n_block: u16) -> Vec<u8> {
    let mut x = [n_block.to_be_bytes(), n_block.to_be_bytes()].concat();
    x.extend([0; 6]);
    x.extend((rate << 44 | (n_channels - 1) << 41 | 7 << 36).to_be_bytes());
    x.extend([0; 16]);
    x
}

/// Silence, which takes 23 bytes for 65,535 samples of eight channels.
pub fn flac(rate: u64, n_channels: u8, n_frames: u64) -> Vec<u8> {
    let head = [
        b"fLaC\x80\0\0\x22",
        &flac_info(rate, u64::from(n_channels), 65_535)[..],
    ]
    .concat();
    let frames = (0..n_frames).map(|i| flac_frame(i, n_channels, 65_535));
    frames.fold(head, |mut x, frame| {
        x.extend(frame);
        x
    })
}
