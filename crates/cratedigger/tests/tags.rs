//! Genres in the tags of files, written by the real binary: nothing but the tag changes, and it can be undone.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use cratedigger_features::{N_COLUMNS, Recipe, columns};
use cratedigger_learn::{Dataset, FittedPipeline, Matrix, Method, Model, ModelCard, Scaling, TrainSet};
use lofty::config::{ParseOptions, WriteOptions};
use lofty::file::TaggedFileExt;
use lofty::picture::{MimeType, Picture, PictureType};
use lofty::probe::Probe;
use lofty::tag::{Accessor, ItemKey, Tag, TagExt, TagType};
use serde_json::Value;

/// A folder with a model, in which the binary runs.
struct Desk {
    dir: tempfile::TempDir,
}

struct Run {
    code: Option<i32>,
    rows: BTreeMap<String, Value>,
    stdout: String,
    stderr: String,
}

/// Files of every format that has tags.
const TAGGED: [&str; 9] = [
    "mp3_cbr.mp3",
    "mp3_vbr.mp3",
    "flac.flac",
    "vorbis.ogg",
    "pages.ogg",
    "aac.m4a",
    "index_first.m4a",
    "pcm_s16.wav",
    "pcm_s16.aiff",
];

impl Desk {
    fn new() -> Self {
        let desk = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        fs::create_dir(desk.path("music")).unwrap();
        fs::write(desk.path("m.cdmodel"), model(["Jazz", "Rock"])).unwrap();
        fs::write(desk.path("other.cdmodel"), model(["Polka", "Ska"])).unwrap();
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A file of the feature tests' under another name; its bytes.
    fn add(&self, fixture: &str, name: &str) -> Vec<u8> {
        let bytes = fixture_bytes(fixture);
        fs::write(self.path(name), &bytes).unwrap();
        bytes
    }

    fn run(&self, args: &[&str]) -> Run {
        let out = Command::new(env!("CARGO_BIN_EXE_cratedigger"))
            .args(["classify"])
            .args(args)
            .current_dir(self.dir.path())
            .output()
            .unwrap();
        let stdout = String::from_utf8(out.stdout).unwrap();
        let rows = match serde_json::from_str(&stdout) {
            Ok(Value::Array(rows)) => rows
                .into_iter()
                .map(|row| (row["id"].as_str().unwrap().to_owned(), row))
                .collect(),
            _ => BTreeMap::new(),
        };
        Run {
            code: out.status.code(),
            rows,
            stdout,
            stderr: String::from_utf8(out.stderr).unwrap(),
        }
    }

    /// Writes tags of all genres, however unlikely, and gives the rows by name.
    fn tag(&self, more: &[&str]) -> Run {
        let args = [
            "--model",
            "m.cdmodel",
            "music",
            "--threshold",
            "0",
            "--write-tags",
            "--format",
            "json",
        ];
        self.run(&[&args[..], more].concat())
    }

    /// Names and contents of the folder.
    fn music(&self) -> BTreeMap<String, Vec<u8>> {
        fs::read_dir(self.path("music"))
            .unwrap()
            .map(|entry| {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                (name, fs::read(path).unwrap())
            })
            .collect()
    }
}

impl Run {
    fn outcome(&self, name: &str) -> &str {
        self.rows[name]["tag"]["outcome"].as_str().unwrap()
    }
}

/// A model of two genres that knows all features.
fn model(labels: [&str; 2]) -> Vec<u8> {
    let rows: Vec<Vec<f32>> = (0..8)
        .map(|i| (0..N_COLUMNS).map(|c| ((i * 7 + c * 3) % 11) as f32).collect())
        .collect();
    let x = Matrix::from_rows(&rows).unwrap();
    let y = (0..8).map(|i| i % 2).collect();
    let mut data = Dataset::new(x, y, labels.map(str::to_owned).to_vec()).unwrap();
    data.feature_names = columns().iter().map(|c| c.name.clone()).collect();
    let train = TrainSet::new(&data.x, &data.y, 2).unwrap();
    let fitted =
        FittedPipeline::fit(&*Method::LogisticRegression.classifier(0), &train, Scaling::Auto).unwrap();
    let mut card = ModelCard::of(&data);
    card.recipe = Some(Recipe::Fma.version().to_owned());
    // No file is like those it was fitted on, and it need not be sure of them.
    card.temperature = Some(1000.0);
    Model::new(fitted, card).unwrap().to_bytes().unwrap()
}

fn fixture_bytes(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../features/tests/data/audio");
    fs::read(path.join(name)).unwrap()
}

/// All tags of a file.
fn tags(path: &Path) -> Vec<Tag> {
    let bytes = fs::read(path).unwrap();
    let options = ParseOptions::new().read_properties(false);
    let probe = Probe::new(Cursor::new(bytes)).options(options).guess_file_type();
    probe.unwrap().read().unwrap().tags().to_vec()
}

/// What all tags of a file say under a key.
fn said(path: &Path, key: ItemKey) -> Vec<String> {
    tags(path)
        .iter()
        .filter_map(|tag| tag.get_string(key).map(str::to_owned))
        .collect()
}

/// The decoded samples as another decoder gives them, all channels; `None` where it is not installed.
fn heard_by_ffmpeg(path: &Path) -> Option<Vec<u8>> {
    let out = Command::new("ffmpeg")
        .args(["-v", "quiet", "-i"])
        .arg(path)
        .args(["-map", "0:a", "-f", "f32le", "-"])
        .output()
        .ok()?;
    (!out.stdout.is_empty()).then_some(out.stdout)
}

#[test]
fn every_format_gets_its_genre_sounds_the_same_and_comes_back_byte_for_byte() {
    let desk = Desk::new();
    for name in TAGGED {
        desk.add(name, &format!("music/{name}"));
    }
    let clips = [
        "synth",
        "archive",
        "--clips",
        "8",
        "--seconds",
        "2",
        "--clip-format",
        "mixed",
        "--quiet",
    ];
    let made = Command::new(env!("CARGO_BIN_EXE_cratedigger"))
        .args(clips)
        .current_dir(desk.dir.path())
        .status();
    assert!(made.unwrap().success());
    for clip in fs::read_dir(desk.path("archive/clips/000")).unwrap() {
        let clip = clip.unwrap().path();
        let to = format!("music/clip {}", clip.file_name().unwrap().display());
        fs::rename(&clip, desk.path(&to)).unwrap();
    }
    let old_time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    for name in desk.music().keys() {
        let file = fs::File::options()
            .write(true)
            .open(desk.path("music").join(name))
            .unwrap();
        file.set_modified(old_time).unwrap();
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::Permissions::from_mode(0o640);
        fs::set_permissions(desk.path("music/flac.flac"), mode).unwrap();
    }
    let before = desk.music();
    assert_eq!(before.len(), TAGGED.len() + 8);
    let heard: BTreeMap<&String, _> = before
        .keys()
        .map(|name| (name, heard_by_ffmpeg(&desk.path("music").join(name))))
        .collect();
    if heard.values().all(Option::is_none) {
        eprintln!("skipped in part: there is no ffmpeg to hear the files with");
    }

    let rehearsal = desk.tag(&["--dry-run"]);
    assert_eq!(rehearsal.code, Some(0), "{}", rehearsal.stderr);
    assert!(before == desk.music(), "a rehearsal writes nothing");
    let run = desk.tag(&[]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    for name in before.keys() {
        let path = desk.path("music").join(name);
        let row = &run.rows[name];
        assert_eq!(rehearsal.outcome(name), "would-be-written", "{name}");
        assert_eq!(run.outcome(name), "written", "{name}");
        let genres = said(&path, ItemKey::Genre);
        assert!(
            !genres.is_empty() && genres.iter().all(|g| row["genre"] == **g),
            "{name}: {genres:?}"
        );
        assert_ne!(&fs::read(&path).unwrap(), &before[name], "{name}");
        assert!(heard[name] == heard_by_ffmpeg(&path), "{name} sounds different");
        let meta = fs::metadata(&path).unwrap();
        assert!(
            meta.modified().unwrap() > old_time,
            "{name} tells that it changed"
        );
        let backup = fs::metadata(path.with_file_name(format!("{name}.cdtag"))).unwrap();
        assert!(
            backup.len() < 1200,
            "{name}: the backup has {} bytes",
            backup.len()
        );
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |name: &str| fs::metadata(desk.path(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode("music/flac.flac"), 0o640);
    }
    // The model hears no difference either, and what is there already is not written again.
    let tagged = desk.music();
    let again = desk.tag(&[]);
    for (name, row) in &again.rows {
        assert_eq!(row["probabilities"], run.rows[name]["probabilities"], "{name}");
        assert_eq!(again.outcome(name), "same", "{name}");
    }
    assert!(tagged == desk.music());

    let restored = desk.run(&["--restore-tags", "music"]);
    assert_eq!(restored.code, Some(0), "{}", restored.stderr);
    assert_eq!(restored.stdout.lines().count(), before.len());
    assert!(
        before == desk.music(),
        "every byte is back, and no backup is left"
    );
    for name in before.keys() {
        let meta = fs::metadata(desk.path("music").join(name)).unwrap();
        assert_eq!(meta.modified().unwrap(), old_time, "{name}");
    }
    let nothing = desk.run(&["--restore-tags", "music"]);
    assert_eq!(nothing.code, Some(2), "{}", nothing.stderr);
}

#[test]
fn a_persons_genre_stays_unless_told_otherwise_and_the_rest_of_the_tag_always() {
    let desk = Desk::new();
    for (name, kind) in [
        ("mp3_cbr.mp3", TagType::Id3v2),
        ("flac.flac", TagType::VorbisComments),
        ("vorbis.ogg", TagType::VorbisComments),
        ("aac.m4a", TagType::Mp4Ilst),
        ("pcm_s16.wav", TagType::RiffInfo),
    ] {
        let mut file = Cursor::new(fixture_bytes(name));
        let mut tag = Tag::new(kind);
        tag.set_title("Tïtle".to_owned());
        tag.set_genre("Blues".to_owned());
        if kind != TagType::RiffInfo {
            let cover = Picture::unchecked(vec![7; 90_000])
                .pic_type(PictureType::CoverFront)
                .mime_type(MimeType::Png)
                .build();
            tag.push_picture(cover);
        }
        tag.save_to(&mut file, WriteOptions::new()).unwrap();
        fs::write(desk.path("music").join(name), file.into_inner()).unwrap();
    }
    let before = desk.music();
    let run = desk.tag(&[]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(before == desk.music(), "no byte is changed and no backup is made");
    for name in before.keys() {
        assert_eq!(
            run.rows[name]["tag"],
            serde_json::json!({"outcome": "kept", "before": "Blues"})
        );
    }
    let run = desk.tag(&["--overwrite-genre"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let check = |run: &Run| {
        for name in before.keys() {
            let path = desk.path("music").join(name);
            assert_eq!(run.outcome(name), "written", "{name}");
            let genres = said(&path, ItemKey::Genre);
            assert!(
                genres.iter().all(|g| run.rows[name]["genre"] == **g),
                "{name}: {genres:?}"
            );
            assert_eq!(said(&path, ItemKey::TrackTitle), ["Tïtle"], "{name}");
            if name != "pcm_s16.wav" {
                let covers: Vec<Picture> = tags(&path).iter().flat_map(|t| t.pictures().to_vec()).collect();
                assert_eq!(covers.len(), 1, "{name}");
                assert!(covers[0].data() == [7; 90_000], "{name}: another cover");
                let backup = fs::metadata(path.with_file_name(format!("{name}.cdtag"))).unwrap();
                assert!(
                    backup.len() < 10_000,
                    "{name}: the backup has {} bytes",
                    backup.len()
                );
            }
        }
    };
    check(&run);
    assert_eq!(run.rows["flac.flac"]["tag"]["before"], "Blues");
    // Another model may replace what the first one wrote, and the way back still leads to the beginning.
    let args = [
        "--model",
        "other.cdmodel",
        "music",
        "--threshold",
        "0",
        "--write-tags",
        "--format",
        "json",
    ];
    let run = desk.run(&args);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    check(&run);
    assert_eq!(desk.run(&["--restore-tags", "music"]).code, Some(0));
    assert!(before == desk.music());
}

/// An ID3v2.3 tag with a title, a genre and a frame that only its owner understands.
fn old_tag(genre: &str) -> Vec<u8> {
    let frame = |id: &[u8; 4], content: &[u8]| {
        let mut out = id.to_vec();
        out.extend_from_slice(&(content.len() as u32).to_be_bytes());
        out.extend_from_slice(&[0, 0]);
        out.extend_from_slice(content);
        out
    };
    let frames = [
        frame(b"TIT2", b"\0Old title"),
        frame(b"TCON", format!("\0{genre}").as_bytes()),
        frame(b"PRIV", b"somebody@example.org\0\x01\x02\xfe\xff"),
        frame(b"TXXX", b"\0REPLAYGAIN_TRACK_GAIN\0-6.5 dB"),
        frame(b"TYER", b"\x001999"),
    ]
    .concat();
    let n = frames.len() as u32;
    let mut tag = b"ID3\x03\0\0".to_vec();
    tag.extend([n >> 21, n >> 14, n >> 7, n].map(|x| (x & 0x7f) as u8));
    tag.extend(frames);
    tag
}

#[test]
fn an_old_id3_tag_keeps_its_version_and_what_only_its_owner_understands() {
    let desk = Desk::new();
    let mut v1 = b"TAGOld title".to_vec();
    v1.resize(127, 0);
    v1.push(8); // Jazz
    let file = [old_tag("(0)"), fixture_bytes("mp3_cbr.mp3"), v1].concat();
    fs::write(desk.path("music/old.mp3"), &file).unwrap();
    let run = desk.tag(&[]);
    assert_eq!(run.rows["old.mp3"]["tag"]["before"], "Blues", "{}", run.stdout);
    let run = desk.tag(&["--overwrite-genre"]);
    assert_eq!(run.outcome("old.mp3"), "written", "{}", run.stderr);
    let path = desk.path("music/old.mp3");
    let new = fs::read(&path).unwrap();
    assert_eq!(new[..4], *b"ID3\x03");
    let has = |part: &[u8]| new.windows(part.len()).any(|w| w == part);
    assert!(
        has(b"somebody@example.org\0\x01\x02\xfe\xff") && has(b"TYER"),
        "{new:?}"
    );
    // Both tags tell the same genre.
    let genre = run.rows["old.mp3"]["genre"].as_str().unwrap();
    assert_eq!(said(&path, ItemKey::Genre), [genre, genre]);
    assert_eq!(said(&path, ItemKey::ReplayGainTrackGain), ["-6.5 dB"]);
    assert_eq!(desk.run(&["--restore-tags", "music"]).code, Some(0));
    assert_eq!(fs::read(&path).unwrap(), file);
}

#[test]
fn what_cannot_be_written_stays_as_it_is_and_the_others_go_on() {
    let desk = Desk::new();
    desk.add("flac.flac", "music/good.flac");
    desk.add("mp3_cbr.mp3", "music/read-only.mp3");
    let mut meta = fs::metadata(desk.path("music/read-only.mp3"))
        .unwrap()
        .permissions();
    meta.set_readonly(true);
    fs::set_permissions(desk.path("music/read-only.mp3"), meta).unwrap();
    desk.add("flac.mka", "music/no-tags.mka");
    // Cut in the middle of the sound, or with a tag in front that claims to be larger than everything.
    for name in TAGGED {
        let bytes = fixture_bytes(name);
        let cut = desk.path("music").join(format!("cut-{name}"));
        fs::write(cut, &bytes[..bytes.len() * 3 / 5]).unwrap();
    }
    for (name, size) in [("huge", [0x7f; 4]), ("large", [0, 2, 0, 0])] {
        let head = [&b"ID3\x04\0\0"[..], &size].concat();
        let file = [head, fixture_bytes("mp3_cbr.mp3")].concat();
        fs::write(desk.path("music").join(format!("{name}.mp3")), file).unwrap();
    }
    fs::write(desk.path("music/text.mp3"), "no audio").unwrap();
    let before = desk.music();
    let heard: BTreeMap<&String, _> = before
        .keys()
        .map(|name| (name, heard_by_ffmpeg(&desk.path("music").join(name))))
        .collect();
    let run = desk.tag(&[]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("text.mp3"), "{}", run.stderr);
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    assert_eq!(run.outcome("good.flac"), "written");
    for (name, words) in [
        ("read-only.mp3", "read-only"),
        ("no-tags.mka", "this is none"),
        ("huge.mp3", "268435465 bytes"),
        ("large.mp3", "the whole file has"),
    ] {
        assert_eq!(run.outcome(name), "failed", "{name}");
        let told = run.stderr.lines().find(|line| line.contains(name)).unwrap();
        assert!(told.contains(words), "{told}");
    }
    let after = desk.music();
    for (name, row) in &run.rows {
        let path = desk.path("music").join(name);
        match row["tag"]["outcome"].as_str().unwrap() {
            "failed" => {
                assert!(before[name] == after[name], "{name} was changed");
                assert!(!after.contains_key(&format!("{name}.cdtag")), "{name}");
            }
            "written" => assert!(heard[name] == heard_by_ffmpeg(&path), "{name} sounds different"),
            other => panic!("{name}: {other}"),
        }
    }
    assert!(
        after.keys().all(|name| !name.starts_with(".cratedigger-")),
        "{:?}",
        after.keys()
    );
    assert_eq!(desk.run(&["--restore-tags", "music"]).code, Some(0));
    assert!(before == desk.music());
}

#[test]
fn below_the_threshold_nothing_is_written_and_files_changed_since_are_left_alone() {
    let desk = Desk::new();
    desk.add("flac.flac", "music/a.flac");
    let before = desk.music();
    let args = [
        "--model",
        "m.cdmodel",
        "music",
        "--write-tags",
        "--format",
        "json",
    ];
    let run = desk.run(&[&args[..], &["--threshold", "1"]].concat());
    assert!(run.rows["a.flac"]["probability"].as_f64().unwrap() < 1.0);
    assert_eq!(
        (run.code, run.outcome("a.flac")),
        (Some(0), "unsure"),
        "{}",
        run.stderr
    );
    assert!(before == desk.music());

    // Backups in a folder of their own; a link stays a link.
    #[cfg(unix)]
    std::os::unix::fs::symlink(desk.path("music/a.flac"), desk.path("link.flac")).unwrap();
    #[cfg(not(unix))]
    fs::copy(desk.path("music/a.flac"), desk.path("link.flac")).unwrap();
    let args = [
        "--model",
        "m.cdmodel",
        "link.flac",
        "--write-tags",
        "--tag-backup",
        "kept/tags",
    ];
    let run = desk.run(&args);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    #[cfg(unix)]
    assert!(fs::symlink_metadata(desk.path("link.flac")).unwrap().is_symlink());
    let tagged = fs::read(desk.path("link.flac")).unwrap();
    assert_ne!(tagged, before["a.flac"]);
    assert_eq!(fs::read_dir(desk.path("kept/tags")).unwrap().count(), 1);
    let restore = ["--restore-tags", "link.flac", "--tag-backup", "kept/tags"];
    assert_eq!(desk.run(&restore[..2]).code, Some(2), "the backup is elsewhere");

    let mut edited = tagged.clone();
    *edited.last_mut().unwrap() ^= 1;
    fs::write(desk.path("link.flac"), &edited).unwrap();
    let run = desk.run(&restore);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("changed after cratedigger"), "{}", run.stderr);
    let run = desk.run(&[&args[..], &["--overwrite-genre"]].concat());
    assert!(
        run.stderr.contains("another state") || run.stdout.contains("already"),
        "{}",
        run.stderr
    );
    assert_eq!(fs::read(desk.path("link.flac")).unwrap(), edited);
    fs::write(desk.path("link.flac"), &tagged).unwrap();
    let rehearsal = desk.run(&[&restore[..], &["--dry-run"]].concat());
    assert!(
        rehearsal.stdout.starts_with("would be restored"),
        "{}",
        rehearsal.stdout
    );
    assert_eq!(fs::read(desk.path("link.flac")).unwrap(), tagged);
    assert_eq!(desk.run(&restore).code, Some(0));
    assert_eq!(fs::read(desk.path("link.flac")).unwrap(), before["a.flac"]);
}

#[test]
fn a_run_that_is_killed_on_the_way_can_be_undone() {
    let desk = Desk::new();
    let first = desk.add("mp3_cbr.mp3", "music/a.mp3");
    assert_eq!(desk.tag(&[]).outcome("a.mp3"), "written");
    let (song, backup) = (desk.path("music/a.mp3"), desk.path("music/a.mp3.cdtag"));
    let next = desk.path("music/a.mp3.cdtag.new");
    let (second, old_backup) = (fs::read(&song).unwrap(), fs::read(&backup).unwrap());
    let again = [
        "--model",
        "other.cdmodel",
        "music",
        "--threshold",
        "0",
        "--write-tags",
        "--format",
        "json",
    ];
    let run = desk.run(&again);
    assert_eq!(run.outcome("a.mp3"), "written", "{}", run.stderr);
    let (third, new_backup) = (fs::read(&song).unwrap(), fs::read(&backup).unwrap());
    assert!(!next.exists() && second != third && old_backup != new_backup);
    let genres = said(&song, ItemKey::Genre);
    // Killed before the file was replaced, and after; in the middle of the first run, and of the second.
    for (file, old, new) in [
        (&first, None, Some(&old_backup)),
        (&second, None, Some(&old_backup)),
        (&second, Some(&old_backup), Some(&new_backup)),
        (&third, Some(&old_backup), Some(&new_backup)),
    ] {
        let put = || {
            fs::write(&song, file).unwrap();
            for (path, bytes) in [(&backup, old), (&next, new)] {
                let _ = fs::remove_file(path);
                if let Some(bytes) = bytes {
                    fs::write(path, bytes).unwrap();
                }
            }
        };
        put();
        assert_eq!(desk.run(&["--restore-tags", "music"]).code, Some(0));
        assert_eq!(
            desk.music(),
            BTreeMap::from([("a.mp3".to_owned(), first.clone())])
        );
        // Or it goes on from there.
        put();
        let run = desk.run(&again);
        assert!(
            ["written", "same"].contains(&run.outcome("a.mp3")),
            "{}",
            run.stderr
        );
        assert_eq!(said(&song, ItemKey::Genre), genres);
        assert_eq!(desk.run(&["--restore-tags", "music"]).code, Some(0));
        assert_eq!(
            desk.music(),
            BTreeMap::from([("a.mp3".to_owned(), first.clone())])
        );
    }
}

#[test]
fn options_that_make_no_sense_together_are_refused() {
    let desk = Desk::new();
    desk.add("flac.flac", "music/a.flac");
    fs::write(desk.path("features.csv"), "").unwrap();
    for (args, word) in [
        (&["music", "--write-tags"][..], "--model"),
        (&["--model", "m.cdmodel", "music", "--dry-run"], "--write-tags"),
        (
            &["--model", "m.cdmodel", "music", "--overwrite-genre"],
            "--write-tags",
        ),
        (
            &["--model", "m.cdmodel", "features.csv", "--write-tags"],
            "features only",
        ),
        (
            &["--restore-tags", "music", "--write-tags"],
            "cannot be used with",
        ),
    ] {
        let run = desk.run(args);
        assert_eq!(run.code, Some(2), "{args:?}: {}", run.stderr);
        assert!(run.stderr.contains(word), "{args:?}: {}", run.stderr);
    }
}
