//! Which labels are doubtful, and which tracks are there more than once.

use cratedigger_study::Findings;
use cratedigger_study::learning::audit::{Audit, Doubles};

use super::method_names::name_of;
use crate::block::{Block, Cell, Section, Table};
use crate::format::{count, count_of, percent};

/// The section; `None` where nothing was audited.
pub(crate) fn section(findings: &Findings) -> Option<Section> {
    let found = findings.audit.as_ref()?;
    let mut blocks = vec![Block::text(format!(
        "Every track was judged by {} on {}{}. Where its sound speaks against its label (confident learning), or the labels of its \
         album, of its artist's other tracks and of tracks of the same sound do, the label is doubtful: {} of {} are. Confident learning \
         finds {} of them mislabelled by their sound and estimates that {} of all labels are wrong; what a model cannot hear counts \
         among these.",
        name_of(&found.method),
        count_of(found.n_folds, "fold"),
        match found.by_artist {
            true => ", fitted on other artists",
            false => "; artists are not known, so that tracks of one artist judge each other",
        },
        count(found.n_doubtful),
        count_of(found.n_tracks, "label"),
        count(found.n_issues),
        percent(found.noise_rate),
    ))];
    if found.n_albums > 0 {
        blocks.push(Block::text(format!(
            "{} one label which most of {} tracks speak against.",
            match found.n_albums {
                1 => "1 album has".to_owned(),
                n => format!("{} albums have", count(n)),
            },
            if found.n_albums == 1 { "its" } else { "their" }
        )));
    }
    blocks.push(Block::text(doubles(&found.doubles)));
    blocks.push(Block::Table { table: genres(found) });
    if !found.entries.is_empty() {
        blocks.push(Block::Table {
            table: entries(found),
        });
    }
    Some(Section {
        title: "Labels to listen to",
        gist: format!(
            "{} of {} labels doubtful",
            count(found.n_doubtful),
            count(found.n_tracks)
        ),
        blocks,
    })
}

fn doubles(found: &Doubles) -> String {
    if found.n_groups == 0 {
        return "No two tracks are equal, or nearly so, in their features.".to_owned();
    }
    let sides = match found.n_on_both_sides {
        Some(n) => format!(", {} on both sides of the split", count(n)),
        None => String::new(),
    };
    format!(
        "{} are there more than once, in {}: {} equal in every feature, the others nearly so; {} under several artists, {} with different \
         labels{sides}.",
        count_of(found.n_tracks, "track"),
        count_of(found.n_groups, "group"),
        count(found.n_equal),
        count(found.n_of_several_artists),
        count(found.n_with_different_labels),
    )
}

fn genres(found: &Audit) -> Table {
    let rows = found.genres.iter().map(|genre| {
        vec![
            Cell::text(&genre.label),
            Cell::count(genre.n_tracks),
            Cell::real(genre.threshold, 3),
            Cell::count(genre.n_issues),
            Cell::count(genre.n_doubtful),
        ]
    });
    Table::new(
        "audit-genres",
        "Doubtful labels by genre; from the threshold on a track is confidently of it".to_owned(),
        &[
            ("label", "Label", false),
            ("n_tracks", "Tracks", true),
            ("threshold", "Threshold", true),
            ("n_issues", "Mislabelled by their sound", true),
            ("n_doubtful", "Doubtful", true),
        ],
        rows.collect(),
        usize::MAX,
    )
}

fn entries(found: &Audit) -> Table {
    let rows = found.entries.iter().map(|entry| {
        let id = entry.ids.first().map_or("", String::as_str);
        vec![
            Cell::text(entry.kind.name()),
            Cell::text(match entry.ids.len() {
                1 => id.to_owned(),
                n => format!("{id} and {} more", n - 1),
            }),
            Cell::text(&entry.genre),
            match &entry.suggested {
                Some(genre) => Cell::text(genre),
                None => Cell::missing(),
            },
            Cell::real(entry.doubt, 3),
            Cell::text(entry.reasons.join("; ")),
        ]
    });
    Table::new(
        "audit",
        "What to listen to first; cratedigger audit lists all".to_owned(),
        &[
            ("kind", "Kind", false),
            ("id", "Track", false),
            ("genre", "Label", false),
            ("suggested", "Rather", false),
            ("doubt", "Doubt", true),
            ("reasons", "Why", false),
        ],
        rows.collect(),
        usize::MAX,
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use cratedigger_study::learning::audit::GenreAudit;

    #[test]
    fn counts_and_doubles_are_said() {
        let mut findings = Findings::default();
        assert!(section(&findings).is_none());
        findings.audit = Some(Audit {
            method: "logistic-regression".to_owned(),
            n_folds: 5,
            by_artist: true,
            n_tracks: 900,
            n_doubtful: 40,
            n_issues: 25,
            noise_rate: 0.031,
            genres: vec![GenreAudit {
                label: "Rock".to_owned(),
                n_tracks: 900,
                threshold: 0.7,
                n_issues: 25,
                n_doubtful: 40,
            }],
            confident_joint: vec![vec![900]],
            n_albums: 1,
            doubles: Doubles {
                n_groups: 2,
                n_tracks: 5,
                n_equal: 1,
                n_of_several_artists: 1,
                n_with_different_labels: 0,
                n_on_both_sides: Some(0),
            },
            entries: Vec::new(),
        });
        let text = format!("{:?}", section(&findings).unwrap().blocks);
        for part in [
            "fitted on other artists",
            "40 of 900 labels are",
            "1 album has one label which most of its tracks",
            "5 tracks are there more than once, in 2 groups: 1 equal",
            "0 on both sides of the split",
            "audit-genres",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}
