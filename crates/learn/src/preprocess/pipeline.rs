use std::fmt;
use std::str::FromStr;

use super::step::{Encoding, Fill, Step};
use crate::data::columns::ColumnKind;
use crate::error::{LearnError, Result};
use crate::estimator::Method;

/// The steps between the features and a model, in order; none is a pipeline too.
///
/// As text the steps have commas between them, each by its name and what belongs to it:
///
/// | text | step |
/// |---|---|
/// | `encode=target`, `count` | columns of categories become the shares of the classes among the training rows of their category, drawn towards those of all rows as if 10 artists more were like them (`target:10`), or as scikit-learn's `TargetEncoder` does (`target:auto`); the share of all rows that are of it (`target:10:count`); always the first step |
/// | `impute=mean`, `median`, `constant:0` | missing values become the column's mean, median or this number |
/// | `outliers=clip:5`, `nan`, `mean`, `median`, `keep` | values beyond 5 (default 3) standard deviations are clipped, made missing or replaced; `outliers=clip:5:robust` measures by median and MAD |
/// | `log` | `sign(x) * ln(1 + abs(x))` |
/// | `quantile=uniform`, `normal` | ranks among the training rows, as shares or as normal scores |
/// | `standard` | mean 0 and standard deviation 1 |
/// | `robust` | median 0 and interquartile range 1 |
/// | `none` | no step at all |
///
/// ```
/// use cratedigger_learn::Pipeline;
///
/// let pipeline: Pipeline = "impute=median,outliers=clip:5,standard".parse()?;
/// assert_eq!(pipeline.to_string(), "impute=median,outliers=clip:5,standard");
/// # Ok::<(), cratedigger_learn::LearnError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pipeline {
    /// The steps, the first one first.
    pub steps: Vec<Step>,
}

impl Pipeline {
    /// What a method gets unless told otherwise: `standard` where it wants standardised features, else nothing.
    pub fn default_of(method: Method) -> Self {
        Self {
            steps: match method.wants_scaling() {
                true => vec![Step::Standard],
                false => Vec::new(),
            },
        }
    }

    /// The same for rows with these columns, some of which may be of categories or have missing values: then those are encoded
    /// (`encode=target:10`), and these filled (`impute=median`), before anything else.
    pub fn default_for(method: Method, feature_names: &[String]) -> Self {
        let has = |kind| feature_names.iter().any(|name| ColumnKind::of(name) == kind);
        let mut steps = Vec::new();
        // What prepares its rows itself has a pipeline in each of its parts.
        if !method.classifier(0).prepares_rows() {
            if has(ColumnKind::Category) {
                steps.push(Step::Encode(Encoding::default()));
            }
            if has(ColumnKind::Optional) {
                steps.push(Step::Impute(Fill::Median));
            }
        }
        steps.extend(Self::default_of(method).steps);
        Self { steps }
    }

    /// The steps after the encoding of categories, and that; codes of categories are no numbers, so that columns of them are
    /// encoded whether that is asked for or not.
    pub(super) fn encoding(&self) -> (Encoding, &[Step]) {
        match self.steps.split_first() {
            Some((Step::Encode(encoding), rest)) => (*encoding, rest),
            _ => (Encoding::default(), &self.steps),
        }
    }

    /// Whether missing values are filled, so that rows with some can be taken.
    pub fn fills_missing(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Impute(_)))
    }

    /// Whether the last step scales: 0 then is the mean (`standard`) or the median (`robust`) of the training rows in every
    /// column.
    pub fn ends_in_scaling(&self) -> bool {
        matches!(self.steps.last(), Some(Step::Standard | Step::Robust))
    }
}

impl fmt::Display for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.steps.is_empty() {
            return f.write_str("none");
        }
        for (at, step) in self.steps.iter().enumerate() {
            if at > 0 {
                f.write_str(",")?;
            }
            write!(f, "{step}")?;
        }
        Ok(())
    }
}

impl FromStr for Pipeline {
    type Err = LearnError;

    /// # Errors
    /// `UnknownStep`, which lists the steps there are.
    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        if text.is_empty() || text == "none" {
            return Ok(Self::default());
        }
        let steps = text
            .split(',')
            .map(|step| step.trim().parse())
            .collect::<Result<Vec<Step>>>()?;
        if steps.iter().skip(1).any(|step| matches!(step, Step::Encode(_))) {
            return Err(LearnError::UnknownStep {
                step: text.to_owned(),
                expected: "`encode` as the first step alone, since the others need numbers",
            });
        }
        Ok(Self { steps })
    }
}
