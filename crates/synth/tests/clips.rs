//! Synthetic clips as their users see them: the same bytes again, tables that agree, work that goes on after an interruption.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::Int64Type;
use cratedigger_catalog::{ImportOptions, Store, TableId, import};
use cratedigger_synth::clips::{
    self, Balance, Channels, ClipFormat, ClipOptions, ClipPlan, ClipReport, Container, Style,
};
use cratedigger_synth::{self as synth, Error, Format, SynthOptions};

fn options(n_clips: usize) -> ClipOptions {
    ClipOptions {
        n_clips,
        seconds: 1,
        sample_rate: 11_025,
        container: Container::Mixed,
        ..ClipOptions::default()
    }
}

fn make(options: &ClipOptions, dir: &Path) -> ClipReport {
    clips::write(options, dir, &mut |_| {}).unwrap()
}

/// All files below `dir` with their contents.
fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut folders = vec![dir.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(dir).unwrap().to_path_buf();
                all.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    all
}

fn of_clips(all: &BTreeMap<PathBuf, Vec<u8>>) -> BTreeMap<&PathBuf, &Vec<u8>> {
    all.iter().filter(|(name, _)| name.starts_with("clips")).collect()
}

#[test]
fn bytes_do_not_depend_on_threads_and_clips_not_on_their_number() {
    let dirs: [tempfile::TempDir; 3] = std::array::from_fn(|_| tempfile::tempdir().unwrap());
    make(
        &ClipOptions {
            n_jobs: 1,
            ..options(19)
        },
        dirs[0].path(),
    );
    make(
        &ClipOptions {
            n_jobs: 5,
            ..options(19)
        },
        dirs[1].path(),
    );
    make(
        &ClipOptions {
            n_jobs: 2,
            ..options(30)
        },
        dirs[2].path(),
    );
    let [one, five, more] = dirs.each_ref().map(|dir| files(dir.path()));
    assert_eq!(one.len(), 19 + 3);
    assert!(one == five, "the number of threads changes a file");
    let (few, many) = (of_clips(&one), of_clips(&more));
    assert_eq!((few.len(), many.len()), (19, 30));
    assert!(few.iter().all(|(name, bytes)| many[name] == *bytes));
    let other = ClipPlan::new(&ClipOptions {
        seed: 1,
        ..options(8)
    })
    .unwrap();
    let plan = ClipPlan::new(&options(8)).unwrap();
    assert!((0..8).all(|i| other.audio(i) != plan.audio(i)));
}

#[test]
fn every_style_sounds_and_stays_in_range() {
    for sample_rate in [8_000, 44_100] {
        let options = ClipOptions {
            sample_rate,
            seconds: 2,
            ..options(4 * Style::ALL.len())
        };
        let plan = ClipPlan::new(&options).unwrap();
        let mut heard = HashSet::new();
        for (i, clip) in plan.clips().iter().enumerate() {
            let audio = plan.audio(i);
            assert_eq!(
                audio.samples.len(),
                plan.n_frames() * usize::from(clip.n_channels)
            );
            assert_eq!(plan.n_frames(), 2 * sample_rate as usize);
            let n = audio.samples.len() as f64;
            let squares: f64 = audio.samples.iter().map(|&x| f64::from(x).powi(2)).sum();
            let db = 20.0 * ((squares / n).sqrt() / 32_768.0).log10();
            assert!((-45.0..-8.0).contains(&db), "{clip:?} has {db} dB");
            let mean = audio.samples.iter().map(|&x| f64::from(x)).sum::<f64>() / n;
            assert!(mean.abs() < 300.0, "{clip:?} has an offset of {mean}");
            // The limiter ends below full scale.
            let peak = audio.samples.iter().map(|x| x.unsigned_abs()).max().unwrap();
            assert!(peak < 32_200, "{clip:?} clips");
            // Both halves sound.
            for half in audio.samples.chunks(audio.samples.len() / 2) {
                assert!(half.iter().any(|x| x.unsigned_abs() > 300), "{clip:?} is silent");
            }
            if clip.n_channels == 2 {
                assert!(
                    audio.samples.chunks(2).any(|f| f[0] != f[1]),
                    "{clip:?} is not stereo"
                );
            }
            heard.insert(clip.style);
        }
        assert_eq!(heard.len(), Style::ALL.len());
    }
}

#[test]
fn a_mono_clip_is_the_mean_of_the_stereo_clip() {
    let of = |channels| {
        let options = ClipOptions {
            channels,
            ..options(3)
        };
        ClipPlan::new(&options).unwrap().audio(2)
    };
    let (stereo, mono) = (of(Channels::Stereo), of(Channels::Mono));
    assert_eq!((stereo.n_channels, mono.n_channels), (2, 1));
    for (frame, &m) in stereo.samples.chunks(2).zip(&mono.samples) {
        let mean = 0.5 * (f64::from(frame[0]) + f64::from(frame[1]));
        assert!((mean - f64::from(m)).abs() <= 1.01, "{frame:?} {m}");
    }
}

fn column<'a>(batch: &'a RecordBatch, name: &str) -> &'a dyn Array {
    batch.column_by_name(name).unwrap().as_ref()
}

#[test]
fn tables_say_what_is_heard() {
    for tables in [Format::Csv, Format::Parquet] {
        let dir = tempfile::tempdir().unwrap();
        let options = ClipOptions {
            tables,
            ..options(60)
        };
        let report = make(&options, dir.path());
        assert_eq!((report.n_made, report.n_kept), (60, 0));
        assert!(!dir.path().join("features.csv").exists());
        let marker = synth::marker(dir.path()).unwrap();
        assert!(marker.complete);
        assert_eq!(marker.clips.unwrap().n_clips, 60);
        if tables == Format::Parquet {
            assert!(dir.path().join("tracks.parquet").exists());
            continue;
        }
        let store = dir.path().join("store");
        import(dir.path(), &store, &ImportOptions::default(), &|_| {}).unwrap();
        let tracks = Store::open(&store).unwrap().read(TableId::Tracks, None).unwrap();
        let plan = ClipPlan::new(&options).unwrap();
        assert_eq!(tracks.num_rows(), 60);
        let ids = column(&tracks, "track_id").as_primitive::<Int64Type>();
        let durations = column(&tracks, "track.duration").as_primitive::<Int64Type>();
        let artists = column(&tracks, "artist.id").as_primitive::<Int64Type>();
        let albums = column(&tracks, "album.id").as_primitive::<Int64Type>();
        let text = |name: &str| -> Vec<String> {
            let array =
                arrow::compute::cast(column(&tracks, name), &arrow::datatypes::DataType::Utf8).unwrap();
            let array = array.as_string::<i32>();
            (0..60).map(|i| array.value(i).to_string()).collect()
        };
        let (genres, splits) = (text("track.genre_top"), text("set.split"));
        let mut artist_of: HashMap<i64, u32> = HashMap::new();
        let mut split_of: HashMap<i64, &str> = HashMap::new();
        let mut artist_of_album: HashMap<i64, i64> = HashMap::new();
        for (i, clip) in plan.clips().iter().enumerate() {
            assert_eq!(ids.value(i), i64::from(clip.track_id));
            assert_eq!(genres[i], clip.style.genre_top());
            assert_eq!(durations.value(i), 1);
            assert!(dir.path().join(clip.path()).exists());
            let artist = artists.value(i);
            assert_eq!(*artist_of.entry(artist).or_insert(clip.artist), clip.artist);
            assert_eq!(*split_of.entry(artist).or_insert(&splits[i]), splits[i]);
            assert_eq!(*artist_of_album.entry(albums.value(i)).or_insert(artist), artist);
        }
        assert_eq!(artist_of.len(), plan.n_artists());
        assert_eq!(artist_of_album.len(), plan.n_albums());
        let parts: HashSet<&str> = split_of.values().copied().collect();
        assert!(parts.contains("training") && parts.contains("test"), "{parts:?}");
    }
}

#[test]
fn work_goes_on_where_it_stopped() {
    let dir = tempfile::tempdir().unwrap();
    make(&options(12), dir.path());
    // Features that were extracted from the clips.
    fs::write(dir.path().join("features.csv"), "extracted").unwrap();
    let whole = files(dir.path());
    let paths: Vec<PathBuf> = ClipPlan::new(&options(12))
        .unwrap()
        .clips()
        .iter()
        .map(|clip| dir.path().join(clip.path()))
        .collect();
    // What an interruption leaves: clips that are missing, a file under its temporary name, no tables, an open marker.
    fs::remove_file(&paths[3]).unwrap();
    fs::remove_file(&paths[11]).unwrap();
    fs::write(paths[0].with_file_name(".cratedigger-0123456789abcdef"), "RIFF").unwrap();
    fs::remove_file(dir.path().join("tracks.csv")).unwrap();
    let marker = dir.path().join(synth::MARKER_FILE);
    let text = fs::read_to_string(&marker).unwrap();
    fs::write(&marker, text.replace("\"complete\": true", "\"complete\": false")).unwrap();
    // And a WAV file cut by something else.
    let cut = ClipPlan::new(&options(12))
        .unwrap()
        .clips()
        .iter()
        .position(|clip| clip.format == ClipFormat::Wav)
        .unwrap();
    fs::write(&paths[cut], "RIFF").unwrap();
    let before = fs::metadata(&paths[5]).unwrap().modified().unwrap();
    let mut seen = Vec::new();
    let report = clips::write(&options(12), dir.path(), &mut |p| seen.push((p.done, p.total))).unwrap();
    let n_gone = if cut == 3 || cut == 11 { 2 } else { 3 };
    assert_eq!((report.n_made, report.n_kept), (n_gone, 12 - n_gone));
    let expected: Vec<(u64, u64)> = (12 - n_gone as u64..=12).map(|done| (done, 12)).collect();
    assert_eq!(seen, expected);
    assert_eq!(fs::metadata(&paths[5]).unwrap().modified().unwrap(), before);
    assert!(files(dir.path()) == whole);
    let bytes: u64 = of_clips(&whole).values().map(|b| b.len() as u64).sum();
    assert_eq!(report.bytes, bytes);
}

#[test]
fn other_options_replace_clips_and_another_number_keeps_them() {
    let dir = tempfile::tempdir().unwrap();
    make(&options(10), dir.path());
    assert_eq!(make(&options(13), dir.path()).n_made, 3);
    assert_eq!(make(&options(6), dir.path()).n_made, 0);
    let fresh = tempfile::tempdir().unwrap();
    make(&options(6), fresh.path());
    assert!(files(dir.path()) == files(fresh.path()));

    fs::write(dir.path().join("features.csv"), "extracted").unwrap();
    let louder = ClipOptions {
        seed: 9,
        ..options(6)
    };
    assert_eq!(make(&louder, dir.path()).n_made, 6);
    assert!(!dir.path().join("features.csv").exists());
    let flac = ClipOptions {
        container: Container::Flac,
        balance: Balance::Archive,
        ..louder
    };
    make(&flac, dir.path());
    let all = files(dir.path());
    let clips = of_clips(&all);
    assert_eq!(clips.len(), 6);
    assert!(clips.keys().all(|name| name.extension().unwrap() == "flac"));

    // Tables without clips leave none behind.
    let tables = SynthOptions {
        n_tracks: 20,
        ..SynthOptions::default()
    };
    synth::write(&tables, dir.path(), &mut |_| {}).unwrap();
    assert!(!dir.path().join("clips").exists());
    assert_eq!(synth::marker(dir.path()).unwrap().clips, None);
}

#[test]
fn clips_of_other_origin_are_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("clips/000/000002.wav");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, "mine").unwrap();
    let error = clips::write(&options(3), dir.path(), &mut |_| {}).unwrap_err();
    assert!(
        matches!(&error, Error::NotSynthetic { path } if path.ends_with("clips")),
        "{error}"
    );
    assert_eq!(fs::read(&file).unwrap(), b"mine");
    assert_eq!(files(dir.path()).len(), 1);

    // Nor are other files inside of a synthetic archive.
    let dir = tempfile::tempdir().unwrap();
    make(&options(3), dir.path());
    let notes = dir.path().join("clips/000/notes.txt");
    fs::write(&notes, "mine").unwrap();
    make(
        &ClipOptions {
            seed: 4,
            ..options(3)
        },
        dir.path(),
    );
    assert_eq!(fs::read(&notes).unwrap(), b"mine");
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let dir = tempfile::tempdir().unwrap();
    make(&options(2), dir.path());
    let folder = dir.path().join("clips/000");
    fs::remove_dir_all(&folder).unwrap();
    fs::write(&folder, "in the way").unwrap();
    let error = clips::write(&options(2), dir.path(), &mut |_| {}).unwrap_err();
    assert!(error.to_string().contains("000"), "{error}");
}
