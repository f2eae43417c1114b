//! No sound is lost because a number beside it is wrong: files with whole audio in containers that say otherwise.

#![allow(clippy::unwrap_used)]

mod common;

use common::data;
use common::whole::{decode, find, read, same, with};
use cratedigger_features::Error;

/// The stream of an MP3 without its header, and the number of samples that a frame has.
fn without_header(x: &[u8]) -> Vec<u8> {
    let info = x.windows(4).position(|w| w == b"Info" || w == b"Xing").unwrap();
    let first = x[..info]
        .windows(2)
        .rposition(|w| w[0] == 0xff && w[1] & 0xe0 == 0xe0)
        .unwrap();
    let header = &x[first..first + 4];
    let next = (info..x.len())
        .find(|i| x[*i..].starts_with(&header[..2]) && x[*i + 2] & 0x0c == header[2] & 0x0c)
        .unwrap();
    x[next..].to_vec()
}

#[test]
fn mp3_is_decoded_to_its_end_whatever_its_header_says() {
    for (name, n_frame) in [("mp3_cbr.mp3", 1152), ("mp3_vbr.mp3", 576)] {
        let clean = read(name);
        let (want, info) = decode(&clean).unwrap();
        let count = clean
            .windows(4)
            .position(|w| w == b"Info" || w == b"Xing")
            .unwrap()
            + 8;
        let n = u32::from_be_bytes(clean[count..count + 4].try_into().unwrap());
        // The padding is left out only if the header counts right.
        let n_delay = 529 + 576;
        let n_all = u64::from(n) * n_frame - n_delay;
        assert!(info.n_samples <= n_all, "{name}");
        for wrong in [0, n / 2, 2 * n, u32::MAX] {
            let (got, info) = decode(&with(&clean, count, wrong.to_be_bytes())).unwrap();
            assert_eq!(got.len() as u64, n_all, "{name} {wrong}");
            assert!(got[..want.len()] == want[..], "{name} {wrong}");
            assert_eq!((info.n_bad_packets, info.n_lost), (0, 0));
        }
        let bare = without_header(&clean);
        let (got, _) = decode(&bare).unwrap();
        assert_eq!(
            got.len() as u64,
            u64::from(n) * n_frame,
            "{name} without a header"
        );
        assert!(got[n_delay as usize..][..want.len()] == want[..], "{name}");
        // Two files in one: the header of the second is a frame of silence, as for ffmpeg.
        let joined = [clean.clone(), clean.clone()].concat();
        let (got, _) = decode(&joined).unwrap();
        assert_eq!(
            got.len() as u64,
            u64::from(2 * n + 1) * n_frame - n_delay,
            "{name} joined"
        );
        // With tags in front and behind, and noise in between.
        let tagged = [
            b"ID3\x04\0\0\0\0\0\x0a0123456789".as_slice(),
            &clean,
            b"TAG",
            &[b'x'; 125],
            b"ID3\x04\0\0\0\0\0\x0a\xff\xfb\x90\x64\xff\xfb\x90\x6489",
            &bare,
        ]
        .concat();
        let (got, info) = decode(&tagged).unwrap();
        assert_eq!(
            got.len() as u64,
            u64::from(2 * n) * n_frame - n_delay,
            "{name} tagged"
        );
        assert_eq!(info.n_bad_packets, 0, "{name} tagged");
    }
}

#[test]
fn zeros_in_front_are_passed_over() {
    let clean = read("mp3_cbr.mp3");
    let (want, _) = decode(&clean).unwrap();
    for n in [100, 2_000_000] {
        let x = [vec![0; n], clean.clone()].concat();
        same(&format!("{n} zeros"), &x, &want);
    }
    let tag = b"ID3\x04\0\0\0\0\0\x0a0123456789".as_slice();
    let x = [tag, &vec![0; 2_000_000], &clean].concat();
    same("zeros behind a tag", &x, &want);
    assert!(decode(&vec![0; 100_000]).is_err());
}

#[test]
fn another_rate_in_the_stream_is_counted_as_lost() {
    let (first, second) = (read("mp3_cbr.mp3"), without_header(&read("mp3_vbr.mp3")));
    let (_, alone) = decode(&first).unwrap();
    let (_, other) = decode(&second).unwrap();
    let (_, info) = decode(&[first, second].concat()).unwrap();
    assert_eq!(info.sample_rate, 44_100);
    assert!(info.n_samples >= alone.n_samples);
    // At twice the rate; the decoder may need a frame to begin with.
    assert!(info.n_lost.abs_diff(2 * other.n_samples) <= 1152, "{info:?}");
    assert!(info.lost_share() > 0.3 && info.lost_share() < 0.7);
}

#[test]
fn flac_keeps_its_last_block_whatever_is_behind() {
    let clean = read("flac.flac");
    let (want, info) = decode(&clean).unwrap();
    assert_eq!((info.n_samples, info.n_told), (4800, Some(4800)));
    for behind in [
        b"\n".to_vec(),
        b"TAG".iter().copied().chain([b'x'; 125]).collect(),
        b"APETAGEX".iter().copied().chain([0; 4000]).collect(),
        vec![0; 100],
        vec![0xff; 100],
    ] {
        let x = [clean.clone(), behind.clone()].concat();
        same(&format!("{} bytes behind", behind.len()), &x, &want);
    }
    let block = |kind: u8, content: &[u8]| {
        let mut b = vec![kind];
        b.extend(&(content.len() as u32).to_be_bytes()[1..]);
        b.extend(content);
        b
    };
    for (what, blocks) in [
        ("a short cue sheet", block(5, &[0; 100])),
        ("comments past the block", block(4, b"\x03\0\0\0abc\x09\0\0\0")),
        ("an empty picture", block(6, &[])),
        ("a block of type 127", block(127, &[0; 30])),
        ("a block past the end", vec![1, 0xff, 0xff, 0xff]),
    ] {
        same(what, &[&clean[..42], &blocks, &clean[42..]].concat(), &want);
    }
    same("smallest block 0", &with(&clean, 8, [0, 0]), &want);
    same("largest block 0", &with(&clean, 10, [0, 0]), &want);
    same("sizes of frames", &with(&clean, 12, [0, 0, 1, 0, 0, 2]), &want);
    same(
        "no length",
        &with(&clean, 21, [clean[21] & 0xf0, 0, 0, 0, 0]),
        &want,
    );
    let half = with(&clean, 22, 2400u32.to_be_bytes());
    same("half the length", &half, &want);
    // A frame that is damaged is told.
    let frame = (clean.len() * 3 / 4..clean.len())
        .find(|i| clean[*i..].starts_with(&[0xff, 0xf8]))
        .unwrap();
    let (got, info) = decode(&with(&clean, frame + 60, [0; 40])).unwrap();
    assert_eq!(info.n_lost, 4800 - got.len() as u64);
    assert!(info.n_lost > 0 && info.lost_share() < 0.5);
}

#[test]
fn flac_files_that_are_joined_are_played_one_after_the_other() {
    let clean = read("flac.flac");
    let (want, _) = decode(&clean).unwrap();
    let twice = [want.clone(), want.clone()].concat();
    same("joined", &[clean.clone(), clean.clone()].concat(), &twice);
    let tag = [b"TAG".as_slice(), &[b'x'; 125]].concat();
    same("with a tag between", &[&clean, &tag[..], &clean].concat(), &twice);
    let untold = with(&clean, 21, [clean[21] & 0xf0, 0, 0, 0, 0]);
    same("without lengths", &[untold.clone(), untold].concat(), &twice);
    let three = [clean.clone(), clean.clone(), clean.clone(), b"\n".to_vec()].concat();
    same("three", &three, &[twice, want.clone()].concat());
    let (_, info) = decode(&[clean.clone(), clean.clone()].concat()).unwrap();
    assert_eq!((info.n_samples, info.n_told), (9600, Some(9600)));
    // The second is cut: what is missing is told.
    let cut = [clean.as_slice(), &clean[..clean.len() * 2 / 3]].concat();
    let (got, info) = decode(&cut).unwrap();
    assert!(got.len() > 4800 && got[..4800] == want[..], "{}", got.len());
    assert_eq!(info.n_lost, 9600 - got.len() as u64);
}

#[test]
fn wav_is_read_as_far_as_there_are_samples() {
    for name in ["pcm_s16.wav", "pcm_f32.wav", "six_channels.wav", "adpcm_ms.wav"] {
        let clean = read(name);
        let (want, _) = decode(&clean).unwrap();
        let size = find(&clean, b"data") + 4;
        for (riff, n) in [
            (0u32, 0u32),
            (7, 0),
            (u32::MAX, u32::MAX),
            (0x7fff_f024, 0x7fff_f000),
        ] {
            let x = with(&with(&clean, 4, riff.to_le_bytes()), size, n.to_le_bytes());
            same(&format!("{name} {riff} {n}"), &x, &want);
        }
        let data_length = u32::from_le_bytes(clean[size..size + 4].try_into().unwrap());
        let more = with(&clean, size, (data_length + 1).to_le_bytes());
        same(&format!("{name}, a byte more"), &more, &want);
        for magic in [b"RF64", b"BW64"] {
            let mut x = with(&clean, size, [0xff; 4]);
            let mut long = b"ds64\x1c\0\0\0".to_vec();
            long.extend((clean.len() as u64 + 28).to_le_bytes());
            long.extend(u64::from(data_length).to_le_bytes());
            long.extend([0; 12]);
            x.splice(12..12, long);
            same(
                &format!("{name} as {}", String::from_utf8_lossy(magic)),
                &with(&with(&x, 0, *magic), 4, [0xff; 4]),
                &want,
            );
        }
    }
    let clean = read("pcm_s16.wav");
    let (want, _) = decode(&clean).unwrap();
    for n in [18u32, 20, 28, 40] {
        let mut x = with(&clean, 16, n.to_le_bytes());
        x.splice(36..36, vec![0; n as usize - 16]);
        same(&format!("fmt of {n} bytes"), &x, &want);
    }
    for (what, chunk) in [
        ("an empty list", b"LIST\0\0\0\0".as_slice()),
        ("a list of two bytes", b"LIST\x02\0\0\0IN"),
        ("a list that lies", b"LIST\x0c\0\0\0INFOINAM\x88\x13\0\0"),
        ("fact of two bytes", b"fact\x02\0\0\0ab"),
        ("fact of 0", b"fact\x0c\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
        ("a broken tag", b"id3 \x0a\0\0\0ID3\x03\0\0\x7f\x7f\x7f\x7f"),
    ] {
        let mut x = clean.clone();
        x.splice(36..36, chunk.iter().copied());
        same(what, &x, &want);
    }
    // A value that is no number of a sample is told.
    let float = read("pcm_f32.wav");
    let start = find(&float, b"data") + 8;
    let (_, info) = decode(&with(&float, start + 80, f32::INFINITY.to_le_bytes())).unwrap();
    assert_eq!((info.n_lost, info.n_bad_packets), (1, 0));
}

#[test]
fn aiff_is_read_as_far_as_there_are_samples() {
    let clean = read("pcm_s16.aiff");
    let (want, _) = decode(&clean).unwrap();
    let n = u32::from_be_bytes(clean[4..8].try_into().unwrap());
    for wrong in [0, n - 8, n + 100, u32::MAX] {
        same(
            &format!("FORM of {wrong}"),
            &with(&clean, 4, wrong.to_be_bytes()),
            &want,
        );
    }
    for (what, behind) in [
        ("an empty tag", b"ID3 \0\0\0\0".as_slice()),
        ("a tag that is cut", b"ID3 \0\0\x10\0ID3\x03\0\0"),
        ("a tag of zeros", b"ID3 \0\0\0\x08\0\0\0\0\0\0\0\0"),
        ("a cut header", b"ID3 \0\0"),
        ("short marks", b"MARK\0\0\0\x02\0\x09"),
        ("a name", b"NAME\0\0\0\x04Caf\xe9"),
    ] {
        let x = [&clean, behind].concat();
        let x = with(&x, 4, (x.len() as u32 - 8).to_be_bytes());
        same(what, &x, &want);
    }
}

#[test]
fn what_is_not_decoded_is_named_and_not_called_damaged() {
    let mut speex = b"OggS\0\x02".to_vec();
    speex.resize(26, 0);
    speex.extend([1, 80]);
    speex.extend(b"Speex   1.2.0");
    speex.resize(300, 0);
    let clean = read("pcm_s16.wav");
    let gsm = with(&clean, 20, 0x31u16.to_le_bytes());
    for (bytes, name) in [
        (speex, "Speex is not supported"),
        (gsm, "GSM 6.10 in WAV is not supported"),
        (b"wvpk".repeat(100), "WavPack is not supported"),
        (
            [b"riff\x2e\x91\xcf\x11".as_slice(), &[0; 200]].concat(),
            "Sony Wave64 is not supported",
        ),
    ] {
        let error = decode(&bytes).unwrap_err();
        assert!(matches!(error, Error::UnsupportedCodec { .. }), "{error}");
        assert!(error.to_string().contains(name), "{error}");
    }
    // MPEG audio in WAV is read for what it is.
    let mp3 = read("mp3_cbr.mp3");
    let (want, _) = decode(&mp3).unwrap();
    let mut inside = with(&clean, 20, 0x55u16.to_le_bytes())[..36].to_vec();
    inside.extend(b"data");
    inside.extend((mp3.len() as u32).to_le_bytes());
    inside.extend(&mp3);
    same("MP3 in WAV", &inside, &want);
}

#[test]
fn containers_count_what_is_decoded() {
    let mut n_told = 0;
    for entry in std::fs::read_dir(data("audio")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with("csv") {
            continue;
        }
        let (_, info) = decode(&read(&name)).unwrap();
        assert_eq!((info.n_lost, info.n_bad_packets), (0, 0), "{name}");
        match info.n_told {
            None => assert!(name.ends_with(".mka"), "{name}"),
            // The last packet of AAC and Opus in MP4 is longer than the tables tell.
            Some(n) if name.ends_with(".m4a") || name.ends_with(".mp4") => {
                assert!(
                    n <= info.n_samples && n + 1024 > info.n_samples,
                    "{name}: {info:?}"
                );
                n_told += 1;
            }
            Some(n) => {
                assert_eq!(n, info.n_samples, "{name}");
                n_told += 1;
            }
        }
    }
    assert!(n_told >= 25, "{n_told}");
    let (_, info) = decode(&read("mp3_cbr.mp3")).unwrap();
    // Delay and padding of 17,640 samples in whole frames.
    assert_eq!((info.n_samples + info.n_trimmed) % 1152, 0);
    assert!(info.n_trimmed > 1105, "{info:?}");
}
