//! What a study has found so far, and what its later sections need beside that.

use cratedigger_catalog::Store;
use cratedigger_learn::{Dataset, Evaluation, Fold};

use crate::findings::{Findings, SectionSkipped};
use crate::learning::methods::ClassifiersSkipped;
use crate::learning::training::Trained;
use crate::learning::tuning::TUNED;
use crate::options::StudyOptions;
use crate::places::Atlas;
use crate::places::located::Located;
use crate::progress::Progress;

/// The findings so far, and what later sections need beside them.
pub(crate) struct Draft<'a> {
    pub(crate) store: &'a Store,
    pub(crate) options: &'a StudyOptions,
    pub(crate) atlas: Atlas,
    pub(crate) progress: Progress<'a>,
    pub(crate) findings: Findings,
    /// Every track with its place, where any could have one.
    pub(crate) located: Option<Located>,
    /// What there is to learn from.
    pub(crate) data: Option<Dataset>,
    /// Who trains and who tests.
    pub(crate) fold: Option<Fold>,
    /// The methods that could be trained.
    pub(crate) trained: Vec<Trained>,
}

impl Draft<'_> {
    /// What the methods learn from, and who trains and who tests.
    pub(crate) fn sides(&self) -> Option<(&Dataset, &Fold)> {
        self.data.as_ref().zip(self.fold.as_ref())
    }

    /// How each trained method did.
    pub(crate) fn evaluations(&self) -> Vec<&Evaluation> {
        self.trained.iter().map(|trained| &trained.evaluation).collect()
    }

    /// The method that is tuned, with its default parameters.
    pub(crate) fn to_tune(&self) -> Option<&Trained> {
        self.trained
            .iter()
            .find(|trained| trained.evaluation.method == TUNED)
    }

    /// Whether the section `id` is not wanted, or `needs` one that is not; the findings then say so.
    pub(crate) fn leave_out(&mut self, id: &str, needs: Option<&str>) -> bool {
        let needed = needs.filter(|needed| self.findings.left_out(needed));
        let reason = match needed {
            _ if self.options.skip.iter().any(|name| name == id) => {
                format!("The section `{id}` was left out (--skip).")
            }
            Some(needed) => format!("The section `{id}` needs `{needed}`, which was left out (--skip)."),
            None => return false,
        };
        if matches!(id, "selection" | "split" | "classifiers") && self.findings.classifiers_skipped.is_none()
        {
            self.skip_classifiers(&reason);
        }
        self.findings.sections_skipped.push(SectionSkipped {
            section: id.to_owned(),
            reason,
        });
        true
    }

    /// Says why nothing is trained.
    pub(crate) fn skip_classifiers(&mut self, reason: &str) {
        self.findings.classifiers_skipped = Some(ClassifiersSkipped {
            reason: format!("No classifier could be trained. {reason}"),
        });
    }
}
