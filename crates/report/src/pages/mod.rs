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

/// The sections in the order of the page, each with its anchor: a new one is a line here and its file.
const SECTIONS: [(&str, Render); 10] = [
    ("data", archive::overview::section),
    ("wrangling", archive::missingness::section),
    ("genres", archive::genres::section),
    ("places", places::geography::section),
    ("differences", continents::independence::section),
    ("outliers", archive::outliers::section),
    ("split", learning::split::section),
    ("classifiers", learning::methods::section),
    ("comparison", published::section),
    ("provenance", provenance::section),
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
        .filter_map(|&(id, render)| {
            Some(Anchored {
                id,
                section: render(findings)?,
            })
        })
        .collect()
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

    /// Links to a part of a report stand in other people's texts.
    #[test]
    fn anchors_stay_what_they_are() {
        assert_eq!(
            SECTIONS.map(|(id, _)| id).join(" "),
            "data wrangling genres places differences outliers split classifiers comparison provenance"
        );
    }
}
