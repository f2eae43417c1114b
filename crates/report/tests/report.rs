//! Whole reports: from the CSV files of the study's fixture to a folder of files.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use cratedigger_catalog::{ImportOptions, Store, import};
use cratedigger_learn::Method;
use cratedigger_report as report;
use cratedigger_study::options::METHODS;
use cratedigger_study::{Findings, StudyOptions, run};

fn store() -> (tempfile::TempDir, Store) {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../study/tests/fixture");
    let folder = tempfile::tempdir().unwrap();
    import(&fixture, folder.path(), &ImportOptions::default(), &|_| {}).unwrap();
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
    // A quarter of the fixture's 75 tracks would be too few to test on.
    options.test_size = 0.3;
    options
}

#[test]
fn the_report_is_whole_escaped_and_loads_nothing() {
    let (_folder, store) = store();
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
fn all_methods_have_their_pictures() {
    let (_folder, store) = store();
    let findings = study(&store, &all_methods());
    let all = METHODS.iter().map(|method| method.name());
    let html = report::html(&findings).unwrap();
    for id in [
        "fig-accuracy-time",
        "fig-f1",
        "fig-calibration",
        "fig-calibration-scaled",
        "fig-risk-coverage",
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
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let (_folder, store) = store();
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
