use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::data::dataset::class_counts;
use crate::error::{LearnError, Result, same_length};

/// Weight of each class in the loss.
///
/// Source: scikit-learn, parameter `class_weight` and `compute_class_weight`.
///
/// Written as `none` or null, `balanced`, or a list of weights.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum ClassWeight {
    /// Every class weighs 1.
    #[default]
    None,
    /// `n_rows / (n_classes * n_rows_of_class)`, over the classes that have rows: small classes count as much as
    /// large ones.
    Balanced,
    /// These weights, one per class.
    Given(Vec<f64>),
}

impl Serialize for ClassWeight {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_none(),
            Self::Balanced => serializer.serialize_str("balanced"),
            Self::Given(weights) => weights.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for ClassWeight {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "lowercase")]
        enum Word {
            None,
            Balanced,
        }
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Raw {
            Word(Word),
            Given(Vec<f64>),
        }
        Ok(match Option::deserialize(deserializer)? {
            None | Some(Raw::Word(Word::None)) => Self::None,
            Some(Raw::Word(Word::Balanced)) => Self::Balanced,
            Some(Raw::Given(weights)) => Self::Given(weights),
        })
    }
}

impl ClassWeight {
    /// The weight of each of `n_classes` classes.
    pub(crate) fn weights(&self, y: &[usize], n_classes: usize) -> Result<Vec<f64>> {
        match self {
            Self::None => Ok(vec![1.0; n_classes]),
            Self::Balanced => {
                let counts = class_counts(y, n_classes);
                let n_present = counts.iter().filter(|&&count| count > 0).count();
                let weight = |&count: &usize| y.len() as f64 / (n_present * count.max(1)) as f64;
                Ok(counts.iter().map(weight).collect())
            }
            Self::Given(weights) => {
                same_length("class weights", n_classes, weights.len())?;
                match weights
                    .iter()
                    .find(|weight| !(weight.is_finite() && **weight >= 0.0))
                {
                    None => Ok(weights.clone()),
                    Some(bad) => Err(LearnError::parameter(
                        "class_weight",
                        bad,
                        "every weight must be finite and not negative",
                    )),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn balanced_classes_weigh_the_same_in_all() {
        // 6 rows, 2 classes of 3 have rows: 6 / (2 * 4) and 6 / (2 * 2).
        let weights = ClassWeight::Balanced.weights(&[0, 0, 0, 0, 2, 2], 3).unwrap();
        assert_eq!((weights[0], weights[2]), (0.75, 1.5));
        assert!(ClassWeight::Given(vec![1.0]).weights(&[0, 1], 2).is_err());
        assert!(ClassWeight::Given(vec![1.0, -1.0]).weights(&[0, 1], 2).is_err());
    }
}
