//! Every figure of the published study beside what the data at hand give.
//!
//! The study, "Genre Classification in the Free Music Archive", used all 106,574 tracks of the dataset. Beside another
//! archive its figures are not expected to recur; the table then says how far it is like the whole.

use serde::{Deserialize, Serialize};

use super::figures;
use crate::findings::Findings;

/// Tracks of the whole dataset.
pub const N_TRACKS_PUBLISHED: u64 = 106_574;

/// How far off a figure may be and still be near.
const NEAR: f64 = 0.1;

/// The finding `comparison`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Whether this is the dataset that the published study used.
    pub whole_dataset: bool,
    /// The figures but for times.
    pub figures: Vec<Compared>,
    /// How many of `figures` are equal.
    pub n_equal: u64,
    /// How many are near.
    pub n_near: u64,
    /// How many are different.
    pub n_different: u64,
    /// How many the data at hand do not give.
    pub n_not_computable: u64,
    /// Times to train, in seconds; they depend on the machine.
    pub times_seconds: Vec<Compared>,
}

/// A figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// What it is about: `missing values`, `missing together`, `selection`, `places`, `languages`, `tests`, `outliers`,
    /// `accuracy` or `training time`.
    pub topic: String,
    /// The figure.
    pub figure: String,
    /// `share`, `phi`, `tracks`, `artists`, `features`, `value`, `log10 p` or `s`.
    pub unit: String,
    /// How the study states it: `exactly`, `about`, `more than` or `less than`.
    pub stated: String,
    /// Its value there.
    pub published: f64,
    /// Its value here; `null` where the data do not give it.
    pub ours: Option<f64>,
    /// How the two compare.
    pub verdict: Verdict,
    /// Why it is not computable, or what differs in its making; may be empty.
    pub note: String,
}

/// How two figures compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The same as far as the published one is stated, or on the stated side of it.
    Equal,
    /// Within a tenth.
    Near,
    /// Further off.
    Different,
    /// Not given by the data at hand.
    NotComputable,
}

impl Verdict {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Near => "near",
            Self::Different => "different",
            Self::NotComputable => "not computable",
        }
    }
}

/// How the study states a figure: to this precision, or as a bound.
#[derive(Clone, Copy)]
pub(super) enum Stated {
    /// To half of this unit.
    Exactly(f64),
    /// Rounded to this unit.
    About(f64),
    MoreThan,
    LessThan,
}

/// Sets the published figures beside those of `findings`.
pub fn compare(findings: &Findings) -> Comparison {
    let mut list = List { figures: Vec::new() };
    figures::archive(findings, &mut list);
    figures::gaps(findings, &mut list);
    figures::places(findings, &mut list);
    figures::tests(findings, &mut list);
    figures::outliers(findings, &mut list);
    figures::accuracies(findings, &mut list);
    let figures = std::mem::take(&mut list.figures);
    figures::times(findings, &mut list);
    let count = |verdict| figures.iter().filter(|figure| figure.verdict == verdict).count() as u64;
    Comparison {
        whole_dataset: is_whole_dataset(findings),
        n_equal: count(Verdict::Equal),
        n_near: count(Verdict::Near),
        n_different: count(Verdict::Different),
        n_not_computable: count(Verdict::NotComputable),
        figures,
        times_seconds: list.figures,
    }
}

/// Whether these findings are of the dataset that the published study used.
pub fn is_whole_dataset(findings: &Findings) -> bool {
    findings.overview.n_tracks == N_TRACKS_PUBLISHED && findings.provenance.synthetic.is_none()
}

pub(super) struct List {
    figures: Vec<Compared>,
}

impl List {
    /// `ours`: the value, or why there is none.
    pub(super) fn add(
        &mut self,
        topic: &str,
        figure: impl Into<String>,
        unit: &str,
        stated: Stated,
        published: f64,
        ours: Result<f64, &str>,
    ) {
        self.figures.push(Compared {
            topic: topic.to_owned(),
            figure: figure.into(),
            unit: unit.to_owned(),
            stated: match stated {
                Stated::Exactly(_) => "exactly",
                Stated::About(_) => "about",
                Stated::MoreThan => "more than",
                Stated::LessThan => "less than",
            }
            .to_owned(),
            published,
            ours: ours.ok(),
            verdict: ours.map_or(Verdict::NotComputable, |ours| verdict(stated, published, ours)),
            note: ours.err().unwrap_or_default().to_owned(),
        });
    }

    /// A remark on the figure that was added last.
    pub(super) fn note(&mut self, note: &str) {
        if let Some(last) = self.figures.last_mut().filter(|last| last.note.is_empty()) {
            last.note = note.to_owned();
        }
    }
}

fn verdict(stated: Stated, published: f64, ours: f64) -> Verdict {
    let equal = match stated {
        // A little more than half, for halves that do not fit into a double.
        Stated::Exactly(unit) | Stated::About(unit) => (ours - published).abs() <= unit * 0.500_001,
        Stated::MoreThan => ours > published,
        Stated::LessThan => ours < published,
    };
    if equal {
        Verdict::Equal
    } else if (ours - published).abs() <= NEAR * published.abs() {
        Verdict::Near
    } else {
        Verdict::Different
    }
}

#[cfg(test)]
mod tests_of_verdicts {
    use super::*;

    #[test]
    fn figures_are_equal_as_far_as_they_are_stated() {
        use Verdict::{Different, Equal, Near};
        for (stated, published, ours, want) in [
            (Stated::Exactly(1e-6), 0.340_421, 0.340_421_4, Equal),
            (Stated::Exactly(1e-6), 0.340_421, 0.340_423, Near),
            (Stated::Exactly(1e-6), 0.340_421, 0.5, Different),
            (Stated::About(500.0), 3500.0, 3740.0, Equal),
            (Stated::About(500.0), 3500.0, 3840.0, Near),
            (Stated::About(500.0), 3500.0, 300.0, Different),
            (Stated::About(0.01), 0.81, 0.805, Equal),
            (Stated::MoreThan, 15_000.0, 16_341.0, Equal),
            (Stated::MoreThan, 15_000.0, 14_000.0, Near),
            (Stated::LessThan, 10.0, 9.0, Equal),
            (Stated::LessThan, 10.0, 12.0, Different),
            (Stated::Exactly(0.01), -1.97, -1.974, Equal),
            (Stated::Exactly(0.01), -1.97, -1.9, Near),
            (Stated::LessThan, -1.3, -400.0, Equal),
        ] {
            assert_eq!(verdict(stated, published, ours), want, "{published} {ours}");
        }
    }
}
