#![allow(clippy::unwrap_used)]
use super::*;
use crate::extract::heard::Heard;
use crate::extract::values::{Job, Values};

fn job() -> Job {
    Job {
        recipe: "fma/1".to_owned(),
        max_duration_s: 10.0,
        max_bytes: 5,
        max_lost: 0.01,
        embedding: String::new(),
    }
}

fn input(id: usize) -> Input {
    Input {
        id: id.to_string(),
        path: format!("{id}.mp3").into(),
    }
}

fn outcome(id: usize) -> Outcome<Values> {
    match id % 3 {
        0 => Outcome::Failed {
            stage: "decode".to_owned(),
            reason: format!("number {id}"),
        },
        _ => Outcome::Done(Values {
            values: (0..518).map(|i| (id * i) as f64 / 7.0).collect(),
            heard: Heard {
                sample_rate: 44_100,
                n_channels: 2,
                n_samples: id as u64,
                n_bad_packets: 1,
                n_lost: 7,
                n_trimmed: 8,
                n_told: (id % 3 == 1).then_some(9),
            },
        }),
    }
}

fn state(id: usize) -> FileState {
    FileState {
        size: id as u64,
        modified_ns: 7,
    }
}

fn resume(path: &Path, job: &Job) -> Result<Journal<Values>> {
    Journal::resume(path, job, &mut |_| {})
}

fn written(path: &Path, n: usize) -> Journal<Values> {
    let mut journal = Journal::create(path, &job()).unwrap();
    for id in 0..n {
        journal.append(&input(id), state(id), &outcome(id)).unwrap();
    }
    journal
}

#[test]
fn cut_anywhere_it_keeps_all_whole_records_and_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.partial");
    drop(written(&path, 7));
    let whole = std::fs::read(&path).unwrap();
    for length in (0..whole.len()).step_by(331).chain([whole.len()]) {
        std::fs::write(&path, &whole[..length]).unwrap();
        let mut journal = resume(&path, &job()).unwrap();
        let n = journal.entries.len();
        assert!(n < 7 || length == whole.len());
        for id in n..7 {
            journal.append(&input(id), state(id), &outcome(id)).unwrap();
        }
        for id in 0..7 {
            let entry = journal.entry(&id.to_string()).unwrap();
            assert!(entry.is_of(&input(id).path, state(id)));
            assert!(!entry.is_of(&input(id).path, state(id + 1)));
            assert!(!entry.is_of(Path::new("other.mp3"), state(id)));
            assert_eq!(entry.is_failure(), id % 3 == 0);
            assert_eq!(journal.read(entry).unwrap(), outcome(id));
        }
        drop(journal);
        assert_eq!(std::fs::read(&path).unwrap(), whole);
    }
}

#[test]
fn what_was_tried_is_counted_until_there_is_an_outcome() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.partial");
    let mut journal = written(&path, 1);
    for outcome in [Outcome::Begun, Outcome::EndedHelper, Outcome::Begun] {
        journal.append(&input(1), state(1), &outcome).unwrap();
    }
    journal
        .append(&input(2), state(2), &Outcome::EndedHelper)
        .unwrap();
    journal.append(&input(2), state(2), &outcome(2)).unwrap();
    for resumed in [false, true] {
        if resumed {
            drop(journal);
            journal = resume(&path, &job()).unwrap();
        }
        let tried = journal.tried(&input(1), state(1));
        assert_eq!((tried.begun, tried.ended_helpers), (2, 1));
        assert!(journal.entry("1").is_none() && journal.entry("2").is_some());
        // It has changed since, or has an outcome, or was never tried.
        for (id, in_state) in [(1, 7), (2, 2), (3, 3)] {
            assert_eq!(journal.tried(&input(id), state(in_state)), Tried::default());
        }
    }
    journal.append(&input(1), state(8), &Outcome::Begun).unwrap();
    assert_eq!(journal.tried(&input(1), state(8)).begun, 1);
    assert_eq!(journal.tried(&input(1), state(1)).begun, 0);
}

#[test]
fn a_damaged_record_and_what_follows_is_left_out() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.partial");
    let third = written(&path, 5).entry("2").unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[third.offset as usize + 100] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let journal = resume(&path, &job()).unwrap();
    assert_eq!(journal.entries.len(), 2);
}

#[test]
fn a_second_process_and_another_recipe_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.partial");
    let journal = written(&path, 1);
    let second = resume(&path, &job()).err().unwrap().to_string();
    assert!(second.contains("another extraction"), "{second}");
    drop(journal);
    let other = Job {
        recipe: "librosa/1".to_owned(),
        ..job()
    };
    let refused = resume(&path, &other).err().unwrap().to_string();
    assert!(
        refused.contains("`fma/1`") && refused.contains("`librosa/1`") && refused.contains("--restart"),
        "{refused}"
    );
    for text in ["something else\n", "notes"] {
        std::fs::write(&path, text).unwrap();
        for opened in [resume(&path, &job()), Journal::create(&path, &job())] {
            let refused = opened.err().unwrap().to_string();
            assert!(refused.contains("not the journal"), "{refused}");
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }
}
