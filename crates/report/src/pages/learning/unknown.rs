//! Is a genre that was never heard told to be unknown?

use cratedigger_study::Findings;
use cratedigger_study::learning::unknown::Unknown;

use crate::block::{Block, Cell, Section, Table};
use crate::format::{count, count_of, percent};

/// The section; `None` where nothing was left out.
pub(crate) fn section(findings: &Findings) -> Option<Section> {
    let found = findings.unknown.as_ref()?;
    let mut blocks = vec![Block::text(format!(
        "Of {} of known genres {} called unknown ({}, {} were allowed), by their distance from the training tracks: {}.",
        count_of(found.n_test, "test track"),
        match found.n_unknown {
            1 => "1 is".to_owned(),
            n => format!("{} are", count(n)),
        },
        percent(found.unknown),
        percent(found.false_alarm),
        in_words(&found.detector),
    ))];
    if !found.genres.is_empty() {
        blocks.push(Block::text(format!(
            "Each genre was left out of the training tracks once, on folds{}: how often is one of its tracks farther from everything learnt \
             than a track of the other genres? One half is chance. Music of a genre that was never heard is often near to one that was; \
             silence and noise are far.",
            match found.by_artist {
                true => " of artists",
                false => "; artists are not known, so that tracks of one artist are near each other",
            },
        )));
        blocks.push(Block::Table { table: table(found) });
    }
    Some(Section {
        title: "What was never heard",
        gist: format!("{} of known tracks called unknown", percent(found.unknown)),
        blocks,
    })
}

fn in_words(detector: &str) -> &'static str {
    match detector {
        "mahalanobis" => "the Mahalanobis distance to the nearest genre",
        "families" => {
            "the Mahalanobis distance to the nearest genre in the genre's own shape, by the family of features in which a track is strangest"
        }
        "local-neighbours" => {
            "the mean distance to the five nearest tracks, over that of these tracks to their own nearest"
        }
        _ => "the mean distance to the five nearest tracks",
    }
}

fn column(detector: &str) -> &'static str {
    match detector {
        "mahalanobis" => "Mahalanobis",
        "families" => "By family",
        "local-neighbours" => "Nearest, locally",
        _ => "Nearest",
    }
}

fn table(found: &Unknown) -> Table {
    let area = |area: Option<f64>| area.map_or_else(Cell::missing, |area| Cell::real(area, 3));
    let mut rows: Vec<Vec<Cell>> = found
        .genres
        .iter()
        .map(|genre| {
            let mut row = vec![Cell::text(&genre.label), Cell::count(genre.n_tracks)];
            row.extend(genre.auroc.iter().map(|&one| area(one)));
            row
        })
        .collect();
    let n_tracks = found.genres.iter().map(|genre| genre.n_tracks).sum();
    let mut all = vec![Cell::text("mean"), Cell::count(n_tracks)];
    all.extend(found.detectors.iter().map(|one| area(one.mean_auroc)));
    rows.push(all);
    let mut columns = vec![("label", "Left out", false), ("n_tracks", "Tracks", true)];
    for one in &found.detectors {
        columns.push((&one.name, column(&one.name), true));
    }
    Table::new(
        "unknown",
        "AUROC of a genre that was left out against the others".to_owned(),
        &columns,
        rows,
        usize::MAX,
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use cratedigger_study::learning::unknown::{DetectorFinding, GenreLeftOut};

    #[test]
    fn the_chosen_detector_and_each_genre_are_told() {
        let mut findings = Findings::default();
        assert!(section(&findings).is_none());
        let detector = |name: &str, mean_auroc| DetectorFinding {
            name: name.to_owned(),
            mean_auroc,
        };
        findings.unknown = Some(Unknown {
            n_tracks: 900,
            by_artist: true,
            detectors: vec![detector("neighbours", Some(0.61)), detector("mahalanobis", None)],
            detector: "neighbours".to_owned(),
            genres: vec![GenreLeftOut {
                label: "Rock".to_owned(),
                n_tracks: 30,
                auroc: vec![Some(0.61), None],
            }],
            false_alarm: 0.01,
            n_test: 300,
            n_unknown: 6,
            unknown: 0.02,
            unknown_interval: None,
        });
        let found = section(&findings).unwrap();
        let text = format!("{:?}", found.blocks).replace("\\u{a0}", " ");
        for part in [
            "6 are called unknown (2.0 %, 1.0 % were allowed)",
            "the mean distance to the five nearest tracks.",
            "folds of artists",
            "0.610",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}
