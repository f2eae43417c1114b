//! The sections of the report, one file each; the folders are the study's.

mod archive;
mod continents;
mod learning;
mod places;
mod provenance;
mod published;

use cratedigger_study::Findings;
use serde::Serialize;

use crate::block::{Block, Figure, Section, Table};
use crate::maps::Map;

/// What makes a section of the findings; `None` leaves it out.
type Render = fn(&Findings) -> Option<Section>;

/// The sections in the order of the page, each with its anchor and the sections of the study that it tells of: a new one is a line
/// here and its file.
const SECTIONS: [(&str, &[&str], Render); 17] = [
    ("data", &["overview"], archive::overview::section),
    (
        "wrangling",
        &["missingness", "sound", "selection"],
        archive::missingness::section,
    ),
    ("genres", &["overview"], archive::genres::section),
    ("places", &["geography"], places::geography::section),
    ("differences", &["differences"], continents::independence::section),
    (
        "outliers",
        &["outliers", "treatments"],
        archive::outliers::section,
    ),
    ("split", &["split"], learning::split::section),
    (
        "classifiers",
        &[
            "classifiers",
            "method_comparison",
            "inspection",
            "tuning",
            "genre_sets",
        ],
        learning::methods::section,
    ),
    ("selective", &["selective"], learning::selective::section),
    ("sources", &["sources"], learning::sources::section),
    ("all-genres", &["all_genres"], learning::all_genres::section),
    ("deep", &["deep"], learning::deep::section),
    ("audit", &["audit"], learning::audit::section),
    ("unknown", &["unknown"], learning::unknown::section),
    ("imputation", &["imputation"], learning::imputation::section),
    ("comparison", &["comparison"], published::section),
    ("provenance", &[], provenance::section),
];

/// A section with its anchor.
#[derive(Debug, Serialize)]
pub(crate) struct Anchored {
    id: &'static str,
    #[serde(flatten)]
    section: Section,
}

/// The sections that the findings have something for.
pub(crate) fn sections(findings: &Findings) -> Vec<Anchored> {
    SECTIONS
        .iter()
        .filter_map(|&(id, parts, render)| {
            Some(Anchored {
                id,
                section: with_gaps(render(findings)?, parts, findings),
            })
        })
        .collect()
}

/// The section, with what was left out of it said first; where that is everything, nothing else.
fn with_gaps(mut section: Section, parts: &[&str], findings: &Findings) -> Section {
    let skipped = findings.sections_skipped.iter();
    let notices: Vec<Block> = skipped
        .filter(|skipped| parts.contains(&skipped.section.as_str()))
        .map(|skipped| Block::Notice {
            text: skipped.reason.clone(),
        })
        .collect();
    if !notices.is_empty() && notices.len() == parts.len() {
        section.gist = "left out".to_owned();
        section.blocks.clear();
    }
    section.blocks.splice(0..0, notices);
    section
}

/// The maps of these sections.
pub(crate) fn maps(sections: &[Anchored]) -> impl Iterator<Item = &Map> {
    blocks(sections).flat_map(|block| match block {
        Block::Maps { maps } => maps.as_slice(),
        _ => &[],
    })
}

/// The tables of these sections.
pub(crate) fn tables(sections: &[Anchored]) -> impl Iterator<Item = &Table> {
    blocks(sections).filter_map(|block| match block {
        Block::Table { table } => Some(table),
        _ => None,
    })
}

/// The other pictures of these sections.
pub(crate) fn figures(sections: &[Anchored]) -> impl Iterator<Item = &Figure> {
    blocks(sections).flat_map(|block| match block {
        Block::Figures { figures } => figures.as_slice(),
        _ => &[],
    })
}

fn blocks(sections: &[Anchored]) -> impl Iterator<Item = &Block> {
    sections.iter().flat_map(|anchored| &anchored.section.blocks)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left out of a study is said where a reader looks for it.
    #[test]
    fn every_section_of_the_study_has_its_place() {
        let told: Vec<&str> = SECTIONS
            .iter()
            .flat_map(|(_, parts, _)| *parts)
            .copied()
            .collect();
        for id in cratedigger_study::section_ids() {
            assert!(told.contains(&id), "{id}");
        }
    }

    /// Links to a part of a report stand in other people's texts.
    #[test]
    fn anchors_stay_what_they_are() {
        assert_eq!(
            SECTIONS.map(|(id, ..)| id).join(" "),
            "data wrangling genres places differences outliers split classifiers selective sources all-genres deep audit unknown imputation comparison provenance"
        );
    }
}
