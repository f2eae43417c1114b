//! What spoke for and against a genre, by family of features.

use cratedigger_features::{Family, columns};
use cratedigger_learn::{Matrix, Model};

use crate::error::{Result, refuse};

/// Which columns of a model belong to which family. Only for models that know what a typical track is: those whose
/// preprocessing ends in a scaling, after which 0 is the training rows' mean (`standard`) or median (`robust`).
pub struct Families(Vec<(Family, Vec<usize>)>);

impl Families {
    /// The families of a model, in the order of the features' columns; `None` where it does not know what is typical.
    pub fn of(model: &Model) -> Option<Self> {
        if !model.pipeline().steps().pipeline().ends_in_scaling() {
            return None;
        }
        let family_of = |name: &str| {
            let column = columns().iter().find(|column| column.name == name)?;
            Some(column.family)
        };
        // One for each column that the model sees, of which a column of categories gives several.
        let names = &model.card().feature_names;
        let sources = model.pipeline().steps().sources();
        let of_column: Vec<Option<Family>> = sources.into_iter().map(|at| family_of(&names[at])).collect();
        let families: Vec<(Family, Vec<usize>)> = Family::ALL
            .into_iter()
            .filter_map(|family| {
                let of_family: Vec<usize> = (0..of_column.len())
                    .filter(|&at| of_column[at] == Some(family))
                    .collect();
                (!of_family.is_empty()).then_some((family, of_family))
            })
            .collect();
        (!families.is_empty()).then_some(Self(families))
    }

    /// For each family, the `probability` of the class `top` minus what it is where the family's columns are those of a
    /// typical track. From the largest down; equal ones in the order of the columns.
    ///
    /// `seen` is one row after the model's preprocessing.
    pub fn effects(
        &self,
        model: &Model,
        seen: &Matrix,
        top: usize,
        probability: f64,
    ) -> Result<Vec<(Family, f64)>> {
        let n_cols = seen.n_cols();
        let mut rows = seen.take_rows(&vec![0; self.0.len()])?;
        for (row, (_, of_family)) in rows.as_mut_slice().chunks_exact_mut(n_cols).zip(&self.0) {
            for &column in of_family {
                row[column] = 0.0;
            }
        }
        let Some(without) = model.predict_seen(&rows)?.probabilities else {
            refuse!(Model, "the model gives no probabilities");
        };
        let mut out: Vec<(Family, f64)> = self
            .0
            .iter()
            .zip(without.rows())
            .map(|((family, _), row)| (*family, probability - row[top]))
            .collect();
        out.sort_by(|a, b| b.1.total_cmp(&a.1));
        Ok(out)
    }
}
