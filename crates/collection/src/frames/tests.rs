#![allow(clippy::unwrap_used)]
use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use cratedigger_catalog::feature_table::RowId;
use cratedigger_features::{BatchOptions, FrameExtractor, FrameRecipe, Limits, MelRecipe, Recipe};
use cratedigger_learn::{FrameSource, FramesInMemory};

use super::*;
use crate::extract::Inputs;
use crate::helper::{Decoding, FrameExtraction};
use crate::listener::Nobody;
use crate::test_audio::wav;

/// A folder with music in it.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        for (at, name) in ["000002.wav", "000010.wav", "a/song.wav", "b.wav", "c.wav"]
            .iter()
            .enumerate()
        {
            wav(&desk.music().join(name), 40 + 7 * at, 12_000 + 500 * at as u32);
        }
        desk
    }

    fn music(&self) -> PathBuf {
        self.0.path().join("music")
    }

    fn out(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn inputs(&self) -> Inputs {
        Inputs::find(&[self.music()], &mut std::io::empty()).unwrap()
    }

    fn run(&self, extractor: &FrameExtractor, out: &str, jobs: usize, verify: bool) -> Report {
        let decoding = Decoding::in_process(*extractor.limits());
        let again = FrameExtractor::new(*extractor.recipe()).unwrap();
        let job = Job {
            extraction: &FrameExtraction::new(again, &decoding),
            inputs: self.inputs(),
            out: &self.out(out),
            batch: BatchOptions::default().n_threads(NonZeroUsize::new(jobs)),
            verify,
        };
        run(&job, &Nobody).unwrap()
    }
}

fn mel() -> FrameExtractor {
    FrameExtractor::new(FrameRecipe::Mel(MelRecipe::default())).unwrap()
}

/// All files of a folder with their contents.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    entries
        .map(|path| (name(&path), fs::read(&path).unwrap()))
        .collect()
}

fn all(cache: &FrameCache, at: usize) -> Vec<f32> {
    let mut out = vec![0.0; cache.n_frames(at) * cache.n_bands()];
    cache.read(at, 0, &mut out).unwrap();
    out
}

#[test]
fn frames_come_back_as_they_were_computed() {
    let desk = Desk::new();
    for extractor in [
        mel(),
        FrameExtractor::new(FrameRecipe::Descriptors(Recipe::Librosa)).unwrap(),
    ] {
        let report = desk.run(&extractor, "cache", 2, false);
        assert_eq!((report.n_new, report.n_kept, report.n_recordings), (5, 0, 5));
        let cache = FrameCache::open(&report.folder, None).unwrap();
        assert_eq!(cache.damage(), None);
        let ids: Vec<String> = cache.ids().map(ToString::to_string).collect();
        assert_eq!(ids, ["2", "10", "a/song.wav", "b.wav", "c.wav"]);
        assert_eq!(cache.recipe(), extractor.recipe().to_string());
        let (mut n_frames, n_bands) = (0, extractor.recipe().n_bands());
        for file in desk.inputs().files {
            let at = cache.place(&RowId::from(file.id.as_str())).unwrap();
            let want = rounded(extractor.path(&file.path).unwrap());
            assert_eq!((cache.n_frames(at), cache.n_bands()), (want.n_frames(), n_bands));
            assert_eq!(all(&cache, at), want.values);
            n_frames += want.n_frames() as u64;
            let mut excerpt = vec![0.0; 3 * n_bands];
            cache.read(at, 5, &mut excerpt).unwrap();
            assert_eq!(excerpt, want.values[5 * n_bands..8 * n_bands]);
            assert_eq!(cache.heard(at).n_samples, want.info.n_samples);
            let memory = FramesInMemory::new("x", n_bands, vec![want.values.clone()]).unwrap();
            assert_eq!(cache.digest(at), memory.digest(0));
            // What is not there.
            assert!(cache.read(at, want.n_frames() - 2, &mut excerpt).is_err());
            assert!(cache.read(at, usize::MAX, &mut excerpt).is_err());
            assert!(cache.read(at, 0, &mut excerpt[1..]).is_err());
        }
        assert!(cache.read(5, 0, &mut [0.0; 74]).is_err());
        assert_eq!(
            (report.n_frames, report.bytes),
            (n_frames, 2 * n_frames * n_bands as u64)
        );
        assert!(cache.verify(&[0, 1, 2, 3, 4], None, &Nobody).is_empty());
        let again = desk.run(&extractor, "cache", 2, true);
        assert_eq!((again.n_new, again.n_kept, again.unused_bytes), (0, 5, 0));
    }
    // Two recipes in one folder: one of them must be named.
    let cache = desk.out("cache");
    assert!(is_cache(&cache) && !is_cache(&desk.music()));
    assert_eq!(recipes_in(&cache).unwrap().len(), 2);
    let both = FrameCache::open(&cache, None).unwrap_err().to_string();
    assert!(both.contains("2 recipes") && both.contains("mel-96-"), "{both}");
    let recipe = mel().recipe().to_string();
    assert_eq!(FrameCache::open(&cache, Some(&recipe)).unwrap().n_bands(), 96);
    let other = FrameCache::open(&cache, Some("mel/1 other"))
        .unwrap_err()
        .to_string();
    assert!(other.contains(&recipe), "{other}");
    assert!(FrameCache::open(&desk.music(), None).is_err());
}

#[test]
fn threads_and_interruptions_change_no_byte() {
    let desk = Desk::new();
    let report = desk.run(&mel(), "one", 1, false);
    let whole = files(&report.folder);
    assert_eq!(
        whole.keys().collect::<Vec<_>>(),
        ["frames-000.f16", "index", "recipe.json", "recordings.csv"]
    );
    assert_eq!(files(&desk.run(&mel(), "three", 3, false).folder), whole);
    let (index, numbers) = (&whole["index"], &whole["frames-000.f16"]);
    // Killed at any moment: numbers are there before the record that tells of them, and perhaps some more.
    let folder = &report.folder;
    for length in (0..index.len()).step_by(97).chain([index.len()]) {
        fs::write(folder.join("index"), &index[..length]).unwrap();
        fs::remove_file(folder.join("recordings.csv")).ok();
        let known = FrameCache::open(folder, None).map_or(0, |cache| cache.n_recordings());
        fs::write(
            folder.join("frames-000.f16"),
            [numbers.as_slice(), b"more"].concat(),
        )
        .unwrap();
        fs::write(folder.join("frames-001.f16"), b"more").unwrap();
        let again = desk.run(&mel(), "one", 2, false);
        assert_eq!((again.n_kept, again.n_new), (known, 5 - known), "cut at {length}");
        assert!(files(folder) == whole, "cut at {length}");
    }
}

#[test]
fn a_broken_cache_is_told_and_mended_and_never_a_panic() {
    let desk = Desk::new();
    let folder = desk.run(&mel(), "cache", 2, false).folder;
    let whole = files(&folder);
    let (index, numbers) = (&whole["index"], &whole["frames-000.f16"]);
    let try_all = || {
        if let Ok(cache) = FrameCache::open(&folder, None) {
            let places: Vec<usize> = (0..cache.n_recordings()).collect();
            return (
                places.len(),
                cache.verify(&places, None, &Nobody).len(),
                cache.unusable().len(),
            );
        }
        (0, 0, 0)
    };
    assert_eq!(try_all(), (5, 0, 0));
    for at in (0..index.len()).step_by(13) {
        let mut broken = index.clone();
        broken[at] ^= 0x41;
        fs::write(folder.join("index"), &broken).unwrap();
        let (n, n_wrong, _) = try_all();
        assert!(n < 5 && n_wrong == 0, "{at}: {n} {n_wrong}");
    }
    fs::write(folder.join("index"), index).unwrap();
    // One wrong number spoils one recording, and is found by who reads all.
    let mut broken = numbers.clone();
    let half = broken.len() / 2;
    broken[half] ^= 1;
    fs::write(folder.join("frames-000.f16"), &broken).unwrap();
    assert_eq!(try_all(), (5, 1, 0));
    let mended = desk.run(&mel(), "cache", 2, true);
    assert_eq!((mended.n_new, mended.n_replaced, mended.n_kept), (1, 1, 4));
    assert!(mended.unused_bytes > 0);
    assert_eq!(try_all(), (5, 0, 0));
    // Numbers that are gone are missed at once, and computed again without being asked.
    let length = fs::metadata(folder.join("frames-000.f16")).unwrap().len();
    let file = fs::OpenOptions::new()
        .write(true)
        .open(folder.join("frames-000.f16"))
        .unwrap();
    file.set_len(length / 3).unwrap();
    let (n, _, n_unusable) = try_all();
    assert!(n_unusable > 0 && n + n_unusable == 5);
    let told = FrameCache::open(&folder, None).unwrap().damage().unwrap();
    assert!(
        told.contains("cannot be used") && told.contains("cratedigger mel"),
        "{told}"
    );
    assert_eq!(desk.run(&mel(), "cache", 2, false).n_new, n_unusable);
    assert_eq!(try_all(), (5, 0, 0));
    fs::remove_file(folder.join("frames-000.f16")).unwrap();
    assert_eq!(try_all(), (0, 0, 5));
}

#[test]
fn files_that_changed_take_the_place_of_what_they_were() {
    let desk = Desk::new();
    let before = desk.run(&mel(), "cache", 2, false);
    std::thread::sleep(std::time::Duration::from_millis(20));
    wav(&desk.music().join("b.wav"), 90, 15_000);
    fs::write(desk.music().join("c.wav"), "no sound any more").unwrap();
    fs::write(desk.music().join("d.wav"), "nor here").unwrap();
    let report = desk.run(&mel(), "cache", 2, false);
    assert_eq!((report.n_new, report.n_replaced, report.n_kept), (1, 1, 3));
    let failed: Vec<String> = report
        .failed
        .iter()
        .map(|f| f.path.display().to_string())
        .collect();
    assert!(failed.len() == 2 && failed[0].ends_with("c.wav") && failed[1].ends_with("d.wav"));
    let table = fs::read_to_string(report.failures.unwrap()).unwrap();
    assert!(
        table.starts_with("path,stage,reason\n") && table.lines().count() == 3,
        "{table}"
    );
    let cache = FrameCache::open(&before.folder, None).unwrap();
    assert_eq!(cache.n_recordings(), 4);
    let at = cache.place(&RowId::from("b.wav")).unwrap();
    assert_eq!(
        all(&cache, at),
        rounded(mel().path(desk.music().join("b.wav")).unwrap()).values
    );
    let listed = fs::read_to_string(before.folder.join("recordings.csv")).unwrap();
    assert_eq!(listed.lines().count(), 5);
    assert!(
        listed.starts_with("id,path,file,offset,n_frames,blake3,sample_rate,"),
        "{listed}"
    );
}

#[test]
fn sound_that_is_lost_counts_by_the_limit_of_today() {
    let desk = Desk::new();
    let whole = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../features/tests/data/audio/flac.flac"
    );
    let whole = fs::read(whole).unwrap();
    fs::write(desk.music().join("cut.flac"), &whole[..whole.len() * 7 / 10]).unwrap();
    assert_eq!(desk.run(&mel(), "cache", 2, false).failed.len(), 1);
    let lenient = mel().with_limits(Limits::default().max_lost(1.0));
    let report = desk.run(&lenient, "cache", 2, false);
    assert_eq!((report.n_new, report.n_with_loss, report.n_recordings), (1, 1, 6));
    let strict = desk.run(&mel(), "cache", 2, false);
    assert_eq!((strict.failed.len(), strict.n_recordings), (1, 5));
    assert!(
        strict.failed[0].reason.contains("is lost"),
        "{}",
        strict.failed[0].reason
    );
}

#[test]
fn a_folder_is_named_after_its_recipe() {
    let default = folder_name(mel().recipe());
    assert_eq!(default, folder_name(&mel().recipe().to_string().parse().unwrap()));
    let other = MelRecipe {
        hop_length: 128,
        ..MelRecipe::default()
    };
    assert_ne!(default, folder_name(&FrameRecipe::Mel(other)));
    assert!(default.starts_with("mel-96-") && default.len() == 7 + 16);
}
