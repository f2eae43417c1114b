//! The list that figures are added to, and how two figures compare.

use super::verdicts::{PublishedFigure, Verdict};

/// How far off a figure may be and still be near.
const NEAR: f64 = 0.1;

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

pub(super) struct List {
    pub(super) figures: Vec<PublishedFigure>,
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
        self.figures.push(PublishedFigure {
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
mod tests {
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
