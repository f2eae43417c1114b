//! Whole studies: from CSV files to findings and a report, against values of pandas and numpy.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use cratedigger_catalog::{ImportOptions, Store, import};
use cratedigger_learn::{Method, Splitter};
use cratedigger_study::dataset::assemble;
use cratedigger_study::{
    DataOptions, FeatureChoice, Findings, GenreChoice, StudyEvent, StudyOptions, report, run,
};
use serde::Deserialize;

/// What scripts/check_missingness.py --golden prints.
#[derive(Deserialize)]
struct Golden {
    n_tracks: u64,
    columns: BTreeMap<String, (u64, f64)>,
    phi: Vec<(String, String, f64)>,
}

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(path)
}

fn golden(name: &str) -> Golden {
    serde_json::from_str(&std::fs::read_to_string(here("golden").join(name)).unwrap()).unwrap()
}

/// A folder of real data, or `None` with a line that says so.
fn shared(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("CRATEDIGGER_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let dir = root.join(path);
    if dir.is_dir() {
        return Some(dir);
    }
    eprintln!(
        "SKIPPED: {} is not here; set CRATEDIGGER_SHARED to the folder that holds fma/",
        dir.display()
    );
    None
}

fn store(dir: &Path) -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    import(dir, folder.path(), &ImportOptions::default(), &|_| {}).unwrap();
    let store = Store::open(folder.path()).unwrap();
    (folder, store)
}

fn study(store: &Store, options: &StudyOptions) -> Findings {
    run(store, options, &|_| {}).unwrap()
}

/// The perceptron alone: what is not about methods need not wait for all of them.
fn options() -> StudyOptions {
    let mut options = all_methods();
    options.methods = vec![Method::MLP];
    options.genre_sets = Vec::new();
    options.tune = false;
    options
}

fn all_methods() -> StudyOptions {
    let mut options = StudyOptions::default();
    options.command_line = ["cratedigger", "study", "fixture"].map(str::to_owned).to_vec();
    options.data_source = "fixture".to_owned();
    options
}

fn check_missingness(findings: &Findings, golden: &Golden) {
    let found = &findings.missingness;
    assert_eq!(
        (found.n_tracks, found.columns.len()),
        (golden.n_tracks, golden.columns.len())
    );
    for column in &found.columns {
        let (n_missing, proportion) = golden.columns[&column.column];
        assert_eq!(
            (column.n, column.n_missing),
            (golden.n_tracks, n_missing),
            "{}",
            column.column
        );
        assert!(
            (column.proportion - proportion).abs() <= 1e-12,
            "{}",
            column.column
        );
    }
    assert_eq!(found.phi.len(), golden.phi.len());
    for (a, b, phi) in &golden.phi {
        let pair = found
            .phi
            .iter()
            .find(|pair| (&pair.a, &pair.b) == (a, b))
            .unwrap_or_else(|| panic!("{a} {b}"));
        assert!((pair.phi - phi).abs() <= 1e-12, "{a} {b}: {} {phi}", pair.phi);
    }
    assert!(found.phi.is_sorted_by(|left, right| left.phi >= right.phi));
}

#[test]
fn missing_values_are_those_of_pandas() {
    let (_folder, store) = store(&here("fixture"));
    check_missingness(&study(&store, &options()), &golden("fixture.json"));
}

#[test]
fn missing_values_of_the_real_excerpt_are_those_of_pandas() {
    let Some(dir) = shared("fma/metadata-excerpt") else {
        return;
    };
    let (_folder, store) = store(&dir);
    let events = Mutex::new(Vec::new());
    let findings = run(&store, &options(), &|event| events.lock().unwrap().push(event)).unwrap();
    check_missingness(&findings, &golden("metadata-excerpt.json"));
    // Without features there is no classifier, and it is said.
    assert!(findings.classifiers.is_empty() && findings.split.is_none());
    let reason = &findings.classifiers_skipped.as_ref().unwrap().reason;
    assert!(
        reason.contains("No classifier could be trained") && reason.contains("features.csv"),
        "{reason}"
    );
    assert!(
        events
            .into_inner()
            .unwrap()
            .contains(&StudyEvent::Note { text: reason.clone() })
    );
    let steps: Vec<u64> = findings.selection.steps.iter().map(|step| step.n).collect();
    assert_eq!(steps, [682, 631, 269 + 83 + 80]);
    assert_eq!(findings.selection.genres, ["Rock", "Experimental", "Folk"]);
}

#[test]
fn real_mfccs_lose_their_ten_empty_rows_and_tell_rock_from_hip_hop() {
    let Some(dir) = shared("fma/mfcc-2000") else {
        return;
    };
    let (_folder, store) = store(&dir);
    let findings = study(&store, &options());
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
    let mut official = crate::options();
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
fn the_report_is_whole_escaped_and_loads_nothing() {
    let (_folder, store) = store(&here("fixture"));
    let mut options = options();
    options.data_source = "</title><img src=x onerror=alert(1)>".to_owned();
    options.command_line = vec!["cratedigger".into(), "</script><script>alert(2)</script>".into()];
    options.synthetic = Some("Invented for a test.".to_owned());
    let findings = study(&store, &options);
    let out = tempfile::tempdir().unwrap();
    let files = report::write(&findings, out.path()).unwrap();
    assert_eq!(files[0], out.path().join("report.html"));
    assert!(files.iter().all(|file| file.is_file()));
    let html = std::fs::read_to_string(&files[0]).unwrap();
    // plotly.js (4.7 MB) is inside, once, and MathJax (2.1 MB) is not.
    assert!(html.len() > 4_600_000 && html.len() < 6_500_000, "{}", html.len());
    assert_eq!(html.matches("plotly.js v3").count(), 1);
    // Texts from the data end no element and begin none.
    let (page, scripts) = html.split_once("<script type=\"application/json\"").unwrap();
    assert!(!page.contains("<img") && !page.contains("<b>Soul") && !page.contains("<script"));
    assert!(page.contains("Blues &amp; &lt;b&gt;Soul&lt;"));
    assert!(!scripts.contains("<b>Soul") && !scripts.contains("alert(2)</script>"));
    assert_eq!(html.matches("<script").count(), 4);
    // What a person must be told.
    assert!(page.matches("Invented for a test.").count() >= 3);
    assert!(page.contains("class=\"banner\"") && page.contains("<body class=\"synthetic\">"));
    // The findings in the page and in the file are the same.
    let json = scripts
        .split_once("id=\"findings-json\">")
        .unwrap()
        .1
        .split_once("</script>")
        .unwrap()
        .0;
    let inside: Findings = serde_json::from_str(json).unwrap();
    let file: Findings =
        serde_json::from_slice(&std::fs::read(out.path().join("findings.json")).unwrap()).unwrap();
    assert_eq!((&inside, &file), (&findings, &findings));

    // Every picture is in the page and a file of its own, which stands without the page's colours.
    let name = |file: &PathBuf| file.file_stem().unwrap().to_string_lossy().into_owned();
    let (maps, others): (Vec<&PathBuf>, Vec<&PathBuf>) = files
        .iter()
        .filter(|file| file.extension().is_some_and(|ext| ext == "svg"))
        .partition(|file| name(file).starts_with("map-"));
    assert!(
        maps.len() >= 2 && page.matches("<svg xmlns").count() == maps.len(),
        "{maps:?}"
    );
    assert_eq!(page.matches("<div class=\"plot\"").count(), others.len());
    for picture in &others {
        let name = name(picture);
        assert!(page.contains(&format!("id=\"fig-{name}-plot\"")), "{name}");
        let svg = std::fs::read_to_string(picture).unwrap();
        assert!(
            svg.contains("synthetic data") && svg.contains("Invented for a test."),
            "{name}"
        );
        assert!(!svg.contains("<b>Soul") && !svg.contains("<script"), "{name}");
    }
    for map in &maps {
        let svg = std::fs::read_to_string(map).unwrap();
        assert!(svg.starts_with("<svg xmlns") && svg.trim_end().ends_with("</svg>") && !svg.contains("var("));
        assert!(
            svg.contains("n = ") && svg.contains("synthetic data") && svg.len() < 300_000,
            "{}",
            map.display()
        );
        assert!(!svg.contains("<b>Soul") && !svg.contains("<script"));
    }

    let phi = std::fs::read_to_string(out.path().join("tables/phi.csv")).unwrap();
    assert_eq!(phi.lines().count(), findings.missingness.phi.len() + 1);
    assert!(phi.starts_with("a,b,phi,n_a_missing,"), "{phi}");
    let leftover = std::fs::read_dir(out.path()).unwrap().filter(|file| {
        file.as_ref()
            .unwrap()
            .file_name()
            .to_string_lossy()
            .ends_with(".tmp")
    });
    assert_eq!(leftover.count(), 0);

    // Real data carry no banner.
    options.synthetic = None;
    let html = report::html(&study(&store, &options)).unwrap();
    assert!(!html.contains("class=\"banner\"") && !html.contains("<body class=\"synthetic\">"));
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
    let all: Vec<&str> = Method::ALL
        .iter()
        .map(|method| method.name())
        .filter(|name| *name != "majority")
        .collect();
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

    let html = report::html(&findings).unwrap();
    for id in [
        "fig-accuracy-time",
        "fig-f1",
        "fig-calibration",
        "fig-calibration-scaled",
        "fig-roc-methods",
        "fig-roc",
        "fig-precision-recall",
        "fig-importance",
        "fig-learning-curve",
        "fig-tuning",
    ] {
        assert!(html.contains(&format!("id=\"{id}-plot\"")), "{id}");
    }
    for name in all {
        assert!(
            html.contains(&format!("id=\"fig-confusion-{name}-rows-plot\"")),
            "{name}"
        );
    }
    // The findings of a run read back as they were written, without an infinity on the way.
    let text = serde_json::to_string(&findings).unwrap();
    assert_eq!(serde_json::from_str::<Findings>(&text).unwrap(), findings);
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let (_folder, store) = store(&here("fixture"));
    let findings = study(&store, &options());
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("file");
    std::fs::write(&file, "x").unwrap();
    let error = report::write(&findings, &file.join("out"))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("file/out") && error.contains("cannot write"),
        "{error}"
    );
}

/// docs/findings.md describes every field that a study of the fixture has, and names the version.
#[test]
fn every_field_is_documented() {
    let (_folder, store) = store(&here("fixture"));
    let mut options = all_methods();
    options.compare = true;
    let findings = study(&store, &options);
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
