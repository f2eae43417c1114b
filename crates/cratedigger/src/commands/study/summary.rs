//! What a study prints: its main figures.

use cratedigger_study::Findings;

use super::compared::counts;

/// The main figures for standard output.
pub(super) fn summary(findings: &Findings) -> String {
    let mut lines = Vec::new();
    let mut say = |line: String| lines.push(line);
    if let Some(note) = &findings.provenance.synthetic {
        say(format!("{note}\n"));
    }
    if !findings.left_out("overview") {
        let overview = &findings.overview;
        say(format!(
            "{} tracks, {} artists, {} albums; {} of {} columns miss more than a fifth of their values",
            overview.n_tracks,
            known(overview.n_artists),
            known(overview.n_albums),
            findings
                .missingness
                .columns
                .iter()
                .filter(|column| column.proportion > 0.2)
                .count(),
            findings.missingness.columns.len()
        ));
    }
    if let Some(sound) = &findings.sound {
        let losses = &sound.losses;
        if losses.n_with_loss > 0 {
            say(format!(
                "{} of {} recordings lost some of their sound, {:.2} s in all",
                losses.n_with_loss, losses.n_recordings, losses.lost_s
            ));
        }
        if losses.n_failed > 0 {
            say(format!(
                "{} inputs gave no features, {} of them because more than --max-lost of the sound was lost",
                losses.n_failed, losses.n_failed_by_loss
            ));
        }
    }
    for step in &findings.selection.steps {
        say(format!("{:>9}  {}", step.n, step.step));
    }
    let selection = &findings.selection;
    for (lost, what) in [
        (&selection.without_features, "have no row of features"),
        (
            &selection.incomplete_features,
            "have empty cells among their features",
        ),
    ] {
        if lost.n > 0 {
            say(format!("{} tracks {what}: {}", lost.n, ids(&lost.track_ids)));
        }
    }
    if let Some(wrong) = selection.out_of_range.sentence() {
        say(wrong);
    }
    if let Some(geography) = &findings.geography {
        let coverage = &geography.coverage;
        say(format!(
            "{} of {} tracks with coordinates placed, {} of them off the coast; {} more by their artists' words",
            coverage.n_placed, coverage.n_with_coordinates, coverage.n_near, geography.text.n_found
        ));
        let leading: Vec<String> = geography
            .countries
            .iter()
            .take(3)
            .map(|place| format!("{} {}", place.name, place.n_tracks))
            .collect();
        if coverage.n_placed > 0 {
            say(format!("most tracks: {}", leading.join(", ")));
        }
    }
    if let Some(tests) = findings
        .differences
        .as_ref()
        .and_then(|found| found.continents.as_ref())
    {
        if let Some(found) = &tests.tracks_association {
            say(format!(
                "genres and continents: Cramér's V {:.3}, {:.3} with chance taken off, 95 % interval {:.3} to {:.3} over artists",
                found.cramers_v, found.corrected, found.low, found.high
            ));
        }
        say(tests.verdict.words.clone());
    }
    if let Some(outliers) = &findings.outliers {
        say(format!(
            "{} of {} values of {} features beyond {} standard deviations",
            outliers.n_beyond,
            outliers.n_values,
            outliers.features.len(),
            outliers.threshold
        ));
    }
    if let Some(comparison) = &findings.comparison {
        say(format!(
            "published figures: {} equal, {} near, {} different, {} not computable",
            comparison.n_equal, comparison.n_near, comparison.n_different, comparison.n_not_computable
        ));
        if comparison.baselines.iter().any(|figure| figure.ours.is_some()) {
            say(format!("published baselines: {}", counts(&comparison.baselines)));
        }
    }
    if let Some(split) = &findings.split {
        say(split.words.clone());
    }
    for classifier in &findings.classifiers {
        say(format!(
            "{}: accuracy {:.4}, balanced accuracy {:.4} (always {}: {:.4}), fitted in {:.1} s",
            classifier.name,
            classifier.accuracy,
            classifier.balanced_accuracy,
            classifier.baseline.label,
            classifier.baseline.accuracy,
            classifier.fit_seconds
        ));
    }
    for network in findings.deep.iter().flat_map(|deep| &deep.networks) {
        say(format!(
            "{} on frames: accuracy {:.4}, {:+.4} beside the features of the same tracks, fitted in {:.1} s",
            network.name, network.accuracy, network.against_features.difference, network.fit_seconds
        ));
    }
    for skipped in &findings.methods_skipped {
        say(format!("{}: {}", skipped.name, skipped.reason));
    }
    if let Some(skipped) = &findings.classifiers_skipped {
        say(skipped.reason.clone());
    }
    if !findings.sections_skipped.is_empty() {
        let names: Vec<&str> = findings
            .sections_skipped
            .iter()
            .map(|skipped| skipped.section.as_str())
            .collect();
        say(format!("left out, as asked: {}", names.join(", ")));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn known(n: Option<u64>) -> String {
    n.map_or_else(|| "unknown".to_owned(), |n| n.to_string())
}

/// The first ten track ids; findings.json lists them all.
fn ids(track_ids: &[i64]) -> String {
    let mut text = track_ids
        .iter()
        .take(10)
        .map(i64::to_string)
        .collect::<Vec<_>>()
        .join(", ");
    if track_ids.len() > 10 {
        text.push_str(", …");
    }
    text
}
