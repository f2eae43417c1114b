//! Ogg whose positions, pages or tags are wrong: what of the sound is played, and that the rest is told.

#![allow(clippy::unwrap_used)]

mod common;

use common::whole::{decode, find, read, same, with};
use symphonia::core::checksum::Crc32;
use symphonia::core::io::Monitor;

/// The pages of an Ogg file.
fn pages(x: &[u8]) -> Vec<Vec<u8>> {
    let (mut all, mut at) = (Vec::new(), 0);
    while at < x.len() {
        let table = &x[at + 27..][..usize::from(x[at + 26])];
        let n = 27 + table.len() + table.iter().map(|n| usize::from(*n)).sum::<usize>();
        all.push(x[at..at + n].to_vec());
        at += n;
    }
    all
}

/// Writes a page's checksum anew.
fn seal(page: &mut [u8]) {
    page[22..26].fill(0);
    let mut crc = Crc32::new(0);
    crc.process_buf_bytes(page);
    page[22..26].copy_from_slice(&crc.crc().to_le_bytes());
}

#[test]
fn what_no_packet_gave_is_told() {
    // A page in the middle that is not whole: its samples are missing between two positions.
    let clean = read("pages.ogg");
    let (want, _) = decode(&clean).unwrap();
    let mut all = pages(&clean);
    let middle = all.len() - 3;
    let at = |page: &[u8]| i64::from_le_bytes(page[6..14].try_into().unwrap());
    let n_page = at(&all[middle]) - at(&all[middle - 1]);
    all.remove(middle);
    let (got, info) = decode(&all.concat()).unwrap();
    assert!(got.len() < want.len());
    assert_eq!(info.n_lost, (want.len() - got.len()) as u64);
    assert!(info.n_lost.abs_diff(n_page as u64) <= 1024, "{info:?} {n_page}");
    // A frame of FLAC that decodes, but not to what was written.
    let clean = read("flac.flac");
    let (want, _) = decode(&clean).unwrap();
    let last = clean.len() - 1;
    let (got, info) = decode(&with(&clean, last, [clean[last] ^ 1])).unwrap();
    assert!(
        info.n_lost > 0 && info.lost_share() < 0.9,
        "{info:?} of {}",
        want.len()
    );
    assert!(got.len() <= want.len());
}

#[test]
fn ogg_pages_without_a_position_are_played() {
    let clean = read("pages.ogg");
    let (want, _) = decode(&clean).unwrap();
    let all = pages(&clean);
    let audio: Vec<usize> = (0..all.len())
        .filter(|i| i64::from_le_bytes(all[*i][6..14].try_into().unwrap()) > 0)
        .collect();
    assert!(audio.len() >= 5);
    let without = |drop: &dyn Fn(usize) -> bool| {
        let mut changed = all.clone();
        for (k, i) in audio.iter().enumerate().filter(|(k, _)| drop(*k)) {
            changed[*i][6..14].fill(0xff);
            seal(&mut changed[*i]);
            assert!(k < audio.len());
        }
        changed.concat()
    };
    let last = audio.len() - 1;
    same("every second", &without(&|k| k % 2 == 1 && k != last), &want);
    same("one in the middle", &without(&|k| k == last / 2), &want);
    same("the one before the last", &without(&|k| k == last - 1), &want);
    // Without the last position the end is that of the last packet.
    let (got, info) = decode(&without(&|k| k == last)).unwrap();
    assert!(
        got.len() >= want.len() && got.len() < want.len() + 2048,
        "{}",
        got.len()
    );
    assert!(got[..want.len()] == want[..] && info.n_lost == 0);
}

#[test]
fn tags_of_opus_that_count_wrong_cost_no_sound() {
    let clean = read("opus.opus");
    let (want, _) = decode(&clean).unwrap();
    let tags = find(&clean, b"OpusTags");
    for n_vendor in [1000u32, u32::MAX] {
        let mut all = pages(&with(&clean, tags + 8, n_vendor.to_le_bytes()));
        all.iter_mut().for_each(|page| seal(page));
        same(&format!("vendor of {n_vendor} bytes"), &all.concat(), &want);
    }
}

#[test]
fn sound_beside_a_picture_that_comes_first_is_played() {
    let clean = read("pages.ogg");
    let (want, _) = decode(&clean).unwrap();
    // The first page of a stream of Theora: streams begin before any goes on.
    let mut video =
        b"OggS\0\x02\0\0\0\0\0\0\0\0\x4d\0\0\0\0\0\0\0\0\0\0\0\x01\x2a\x80theora\x03\x02\x01".to_vec();
    video.resize(28 + 42, 0);
    seal(&mut video);
    let both = [&video[..], &clean].concat();
    same("video first", &both, &want);
    // With video alone its name is what is told.
    let alone = decode(&video).unwrap_err().to_string();
    assert!(alone.contains("Theora (video) is not supported"), "{alone}");
}
