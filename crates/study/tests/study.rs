//! Whole studies: from CSV files to findings, against values of pandas and numpy.
#![allow(clippy::unwrap_used)]

mod common;

use std::path::Path;

use common::{all_methods, here, options, shared, store, study};
use cratedigger_learn::Splitter;
use cratedigger_study::dataset::assemble;
use cratedigger_study::options::METHODS;
use cratedigger_study::{DataOptions, FeatureChoice, Findings, GenreChoice};

#[test]
fn real_mfccs_lose_their_ten_empty_rows_and_tell_rock_from_hip_hop() {
    let Some(dir) = shared("fma/mfcc-2000") else {
        return;
    };
    let (_folder, store) = store(&dir);
    let mut options = options();
    options.test_size = 0.25;
    let findings = study(&store, &options);
    let steps: Vec<u64> = findings.selection.steps.iter().map(|step| step.n).collect();
    assert_eq!(steps, [2000, 2000, 2000, 2000, 1990]);
    let incomplete = &findings.selection.incomplete_features;
    assert_eq!((incomplete.n, incomplete.n_without_any_value), (10, 10));
    assert_eq!(
        incomplete.track_ids,
        [2, 5, 182, 255, 256, 368, 459, 574, 676, 690]
    );
    let classes: Vec<(&str, u64)> = findings
        .selection
        .classes
        .iter()
        .map(|class| (class.label.as_str(), class.n_tracks))
        .collect();
    assert_eq!(classes, [("Hip-Hop", 997), ("Rock", 993)]);
    let split = findings.split.unwrap();
    assert_eq!((split.kind.as_str(), split.n_artists_shared), ("artist", Some(0)));
    assert!(split.n_test.abs_diff(1990 / 4) < 40, "{}", split.n_test);
    let found = &findings.classifiers[0];
    assert_eq!(
        (
            found.name.as_str(),
            found.n_features,
            found.n_train + found.n_test
        ),
        ("mlp", 140, 1990)
    );
    assert!(
        found.accuracy > 0.85 && found.balanced_accuracy > 0.85,
        "{}",
        found.accuracy
    );
}

#[test]
fn echonest_features_stand_in_where_there_are_no_others() {
    let Some(dir) = shared("fma/echonest-13129") else {
        return;
    };
    let (_folder, store) = store(&dir);
    let options = DataOptions {
        genres: GenreChoice::All,
        ..DataOptions::default()
    };
    let (selection, data) = assemble(&store, &options).unwrap().into_data().unwrap();
    let features = selection.features.unwrap();
    assert_eq!((features.table.as_str(), features.n_features), ("echonest", 8));
    assert_eq!(
        (data.n_rows(), data.n_features(), data.n_classes()),
        (9355, 8, 12)
    );
    assert!(data.groups.is_some() && data.official.is_none());
    // artist.id is known throughout, set.split nowhere: the official split is refused with the remedy.
    let mut official = common::options();
    official.split = Splitter::Official;
    let reason = study(&store, &official).classifiers_skipped.unwrap().reason;
    assert!(
        reason.contains("set.split") && reason.contains("--split artist"),
        "{reason}"
    );
}

#[test]
fn the_fixture_is_studied_from_end_to_end() {
    let (_folder, store) = store(&here("fixture"));
    let findings = study(&store, &options());
    let overview = &findings.overview;
    assert_eq!(
        (overview.n_tracks, overview.n_artists, overview.n_albums),
        (90, Some(30), Some(30))
    );
    assert_eq!(
        (overview.n_genres_listed, overview.n_genres_used),
        (Some(5), Some(5))
    );
    assert_eq!(overview.n_with_genre_top, 80);
    let rates = overview.bit_rate.as_ref().unwrap();
    assert_eq!((rates.n_below, rates.n_above), (1, 1));
    assert_eq!(overview.duration.as_ref().unwrap().n_not_positive, 1);

    let selection = &findings.selection;
    // All, with a genre_top, of the three genres, with a row of features (3 lack it), with complete features (2 do not).
    let steps: Vec<u64> = selection.steps.iter().map(|step| step.n).collect();
    assert_eq!(steps, [90, 80, 80, 77, 75]);
    assert_eq!(selection.without_features.track_ids, [20, 40, 60]);
    assert_eq!(selection.incomplete_features.track_ids, [50, 70]);
    assert_eq!(selection.incomplete_features.n_without_any_value, 1);

    let split = findings.split.as_ref().unwrap();
    assert_eq!((split.kind.as_str(), split.n_artists_shared), ("artist", Some(0)));
    assert_eq!(split.n_train + split.n_test, 75);
    let found = &findings.classifiers[0];
    assert_eq!(found.confusion.labels, ["Blues & <b>Soul</b>", "Hip-Hop", "Rock"]);
    assert_eq!(found.confusion.counts.iter().flatten().sum::<u64>(), split.n_test);
    assert!(found.accuracy > found.baseline.accuracy, "{found:?}");
    assert!(findings.classifiers_skipped.is_none() && findings.methods_skipped.is_empty());
    assert_eq!(findings.provenance.tables.len(), 3);
    assert_eq!(findings.provenance.data_fingerprint.len(), 64);
}

#[test]
fn the_same_seed_gives_the_same_findings_whatever_the_threads() {
    let (_folder, store) = store(&here("fixture"));
    let mut options = options();
    let first = study(&store, &options).without_times().unwrap();
    options.n_jobs = Some(1);
    let second = study(&store, &options).without_times().unwrap();
    assert_eq!(
        serde_json::to_string(&first).unwrap(),
        serde_json::to_string(&second).unwrap()
    );
    options.seed = 1;
    assert_ne!(first, study(&store, &options).without_times().unwrap());
}

#[test]
fn other_choices_change_what_is_learnt_from() {
    let (_folder, store) = store(&here("fixture"));
    let of = |genres: &str, labels: &str, features: &str| DataOptions {
        genres: genres.parse().unwrap(),
        labels: labels.parse().unwrap(),
        features: features.parse().unwrap(),
        ..DataOptions::default()
    };
    let (selection, data) = assemble(&store, &of("hip-hop,Blues & <b>Soul</b>", "genre_top", "rmse"))
        .unwrap()
        .into_data()
        .unwrap();
    assert_eq!(data.feature_names, ["rmse.mean.01", "rmse.std.01"]);
    assert_eq!(data.classes, ["Blues & <b>Soul</b>", "Hip-Hop"]);
    assert_eq!(
        selection.classes.iter().map(|class| class.n_tracks).sum::<u64>(),
        data.n_rows() as u64
    );
    // Track 70 lacks a value of another family only.
    assert!(data.row_ids.contains(&70));
    assert!(data.official.is_some());

    // Every ninth track has no genre_top, but roots of which one is selected.
    let top = assemble(&store, &of("top:3", "genre_top", "all"))
        .unwrap()
        .into_data()
        .unwrap()
        .1;
    let unambiguous = assemble(&store, &of("top:3", "unambiguous", "all"))
        .unwrap()
        .into_data()
        .unwrap()
        .1;
    assert!(unambiguous.n_rows() > top.n_rows());
    assert!(!top.row_ids.contains(&9) && unambiguous.row_ids.contains(&9));

    let error = assemble(&store, &of("top:3", "genre_top", "mfcc,loudness"))
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "there is no feature family named \"loudness\"; this archive has: mfcc, rmse"
    );
    let error = assemble(&store, &of("Polka", "genre_top", "all"))
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "there is no genre named \"Polka\"; this archive has: Blues & <b>Soul</b>, Rock, Hip-Hop"
    );
    let reason = assemble(&store, &of("top:3", "genre_top", "echonest"))
        .unwrap()
        .data
        .unwrap_err();
    assert!(reason.contains("echonest.csv"), "{reason}");
    let reason = assemble(&store, &of("Rock", "genre_top", "all"))
        .unwrap()
        .data
        .unwrap_err();
    assert!(
        reason.contains("at least two genres") && reason.contains("Rock"),
        "{reason}"
    );
}

#[test]
fn features_are_those_of_the_file() {
    let (_folder, store) = store(&here("fixture"));
    let options = DataOptions {
        genres: GenreChoice::All,
        features: FeatureChoice::All,
        ..DataOptions::default()
    };
    let data = assemble(&store, &options).unwrap().into_data().unwrap().1;
    let text = std::fs::read_to_string(here("fixture/features.csv")).unwrap();
    let mut n_compared = 0;
    for line in text.lines().skip(4) {
        let cells: Vec<&str> = line.split(',').collect();
        let track: i64 = cells[0].parse().unwrap();
        let Some(row) = data.row_ids.iter().position(|&id| id == track) else {
            continue;
        };
        let want: Vec<f32> = cells[1..]
            .iter()
            .map(|cell| cell.parse::<f64>().unwrap() as f32)
            .collect();
        assert_eq!(data.x.row(row), want, "track {track}");
        n_compared += 1;
    }
    assert_eq!(n_compared, data.n_rows());
    assert!(n_compared > 60);
}

#[test]
fn a_spent_budget_and_a_random_split_are_said() {
    let (_folder, store) = store(&here("fixture"));
    let mut options = options();
    options.time_budget_seconds = Some(0.0);
    let findings = study(&store, &options);
    assert!(findings.classifiers.is_empty());
    assert_eq!(findings.methods_skipped[0].name, "mlp");
    assert!(
        findings
            .classifiers_skipped
            .unwrap()
            .reason
            .contains("time budget")
    );

    options.time_budget_seconds = None;
    options.split = Splitter::Random;
    let split = study(&store, &options).split.unwrap();
    assert!(split.n_artists_shared.unwrap() > 0);
    assert!(split.words.contains("flatters"), "{}", split.words);
}

#[test]
fn all_methods_are_compared_on_the_same_tracks() {
    let (_folder, store) = store(&here("fixture"));
    let findings = study(&store, &all_methods());
    let names: Vec<&str> = findings
        .classifiers
        .iter()
        .map(|found| found.name.as_str())
        .collect();
    let all: Vec<&str> = METHODS.iter().map(|method| method.name()).collect();
    assert_eq!(names, all);
    let comparison = findings.method_comparison.as_ref().unwrap();
    assert_eq!(comparison.pairs.len(), all.len() * (all.len() - 1) / 2);
    let accuracy = |name: &str| {
        findings
            .classifiers
            .iter()
            .find(|found| found.name == name)
            .unwrap()
            .accuracy
    };
    for pair in &comparison.pairs {
        let difference = accuracy(&pair.first) - accuracy(&pair.second);
        assert!((pair.difference - difference).abs() < 1e-12, "{pair:?}");
        assert!(accuracy(&comparison.best) >= accuracy(&pair.first).max(accuracy(&pair.second)));
    }
    let inspection = findings.inspection.as_ref().unwrap();
    assert_eq!(inspection.method, comparison.best);
    let families: Vec<&str> = inspection
        .importance
        .iter()
        .map(|family| family.family.as_str())
        .collect();
    assert!(
        families.contains(&"mfcc") && families.contains(&"rmse"),
        "{families:?}"
    );
    let split = findings.split.as_ref().unwrap();
    assert_eq!(inspection.learning_curve.last().unwrap().n_train, split.n_train);
    // The fixture has three genres, so that eight and all of them come to the same set.
    assert_eq!(findings.genre_sets.len(), 1);
    assert_eq!(
        (
            findings.genre_sets[0].genres_option.as_str(),
            findings.genre_sets[0].methods.len()
        ),
        ("top:3", all.len())
    );
    let tuning = findings.tuning.as_ref().unwrap();
    assert_eq!(
        (tuning.method.as_str(), tuning.before.accuracy),
        ("mlp", accuracy("mlp"))
    );
    // The findings of a run read back as they were written, without an infinity on the way.
    let text = serde_json::to_string(&findings).unwrap();
    assert_eq!(serde_json::from_str::<Findings>(&text).unwrap(), findings);
}

/// The fixture with the tables that an extraction leaves beside its features.
fn fixture_as_extracted() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["features.csv", "genres.csv", "tracks.csv"] {
        std::fs::copy(here("fixture").join(name), folder.path().join(name)).unwrap();
    }
    let heard = "id,sample_rate,n_channels,n_samples,n_bad_packets,n_lost,lost_share,n_trimmed,n_told\n\
                 3,44100,2,1323000,0,0,0.0,0,1323000\n\
                 4,44100,2,1310148,2,13230,0.00999,0,1323000\n\
                 8,22050,1,661500,1,0,0.0,0,\n";
    std::fs::write(folder.path().join("features.audio.csv"), heard).unwrap();
    let failures = "path,stage,reason\n\
                    a.mp3,decode,\"2.0 % of the sound is lost (9 samples are damaged); the limit is 1 %, raise `Limits::max_lost` \
                    (--max-lost) to accept it\"\n\
                    b.txt,probe,the format is not known\n";
    std::fs::write(folder.path().join("features.failures.csv"), failures).unwrap();
    folder
}

#[test]
fn what_of_the_sound_was_lost_is_found_beside_the_features() {
    let folder = fixture_as_extracted();
    let (_store, store) = store(folder.path());
    let mut options = options();
    options.methods = Vec::new();
    let sound = study(&store, &options).sound.unwrap();
    let losses = &sound.losses;
    assert_eq!(
        (losses.n_recordings, losses.n_with_loss, losses.n_bad_packets),
        (3, 2, 3)
    );
    assert_eq!(
        (losses.lost_s, losses.n_failed, losses.n_failed_by_loss),
        (0.3, 2, 1)
    );
    let most: Vec<&str> = losses.most.iter().map(|loss| loss.id.as_str()).collect();
    assert_eq!(most, ["4", "8"]);
    assert!(!sound.is_of_all_rows() && sound.n_rows > 3);
    options.skip = vec!["sound".to_owned()];
    assert_eq!(study(&store, &options).sound, None);
    // Without such tables nothing is said, and what is no such table is told.
    std::fs::write(folder.path().join("features.audio.csv"), "a,b\n1,2\n").unwrap();
    options.skip = Vec::new();
    let error = cratedigger_study::run(&store, &options, &|_| {}).unwrap_err();
    assert!(error.to_string().contains("features.audio.csv"), "{error}");
    std::fs::remove_file(folder.path().join("features.audio.csv")).unwrap();
    assert_eq!(study(&store, &options).sound, None);
}

/// docs/findings.md describes every field that a study of the fixture has, and names the version.
#[test]
fn every_field_is_documented() {
    let fixture = fixture_as_extracted();
    let (_folder, store) = store(fixture.path());
    let mut options = all_methods();
    options.compare = true;
    options.inputs = "place,year".parse().unwrap();
    options.all_genres = true;
    let findings = study(&store, &options);
    assert!(findings.all_genres.is_some());
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/findings.md"))
        .unwrap();
    assert!(text.contains(&format!("version {}", cratedigger_study::SCHEMA_VERSION)));
    let mut fields = Vec::new();
    collect(&serde_json::to_value(&findings).unwrap(), "", &mut fields);
    fields.sort();
    fields.dedup();
    assert!(fields.len() > 100, "{}", fields.len());
    let undocumented: Vec<&String> = fields
        .iter()
        // Two comparisons with the same fields.
        .filter(|field| {
            !text.contains(&format!(
                "`{}`",
                field.replace("differences.pair", "differences.continents")
            ))
        })
        .collect();
    assert!(
        undocumented.is_empty(),
        "docs/findings.md lacks: {undocumented:#?}"
    );
}

fn collect(value: &serde_json::Value, path: &str, fields: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(object) => {
            for (name, value) in object {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                fields.push(path.clone());
                collect(value, &path, fields);
            }
        }
        serde_json::Value::Array(items) => {
            let path = if path.ends_with("[]") {
                path.to_owned()
            } else {
                format!("{path}[]")
            };
            items.iter().for_each(|item| collect(item, &path, fields));
        }
        _ => {}
    }
}
