use serde::{Deserialize, Serialize};

/// Parameters of stacking, with the names of scikit-learn's `StackingClassifier`.
///
/// Several methods ("members"), each on families of columns of its own, say how probable each class is of rows that they were not
/// fitted on; the final estimator learns from that how far to trust which. Members are then fitted again, on all training rows.
///
/// `estimators` is text: members with semicolons between them, each a method, then if need be parameters in parentheses, families of
/// columns after `@` ([`crate::data::is_of_family`]), and a pipeline after `|`, where it is not to be what the method gets unless
/// told otherwise ([`crate::Pipeline::default_for`]):
///
/// ```text
/// gradient-boosting(max_depth=4, learning_rate=0.1)@518; mlp@echonest; crnn@frames; logistic-regression(C=0.1)@place,year|encode=target:10,impute=median,standard
/// ```
///
/// `@frames` are no columns but the recordings of the rows, for networks that listen to them.
///
/// What the final estimator sees are the probabilities of the classes that have training rows, one member after the other (of two
/// classes that of the second), not standardised. They come from `cv` folds of the training rows that keep groups whole. A method
/// that knows margins only gives the softmax of its decision values by a temperature that the other folds' rows were fitted to.
/// Where the training rows of a fold are all of one class, a member says the shares of the classes among all rows.
///
/// Source: D. H. Wolpert (1992), "Stacked generalization"; K. M. Ting and I. H. Witten (1999), "Issues in stacked generalization",
/// for probabilities as inputs; scikit-learn 1.9, `StackingClassifier(stack_method="auto")`. Differs: folds keep groups whole; margins
/// become probabilities; members have their own columns and preprocessing; `passthrough` columns get the final estimator's
/// preprocessing.
///
/// ```
/// use cratedigger_learn::{Classifier, Matrix, StackingClassifier, TrainSet};
///
/// let x = Matrix::new(8, 1, vec![0.0, 0.1, 0.2, 0.3, 5.0, 5.1, 5.2, 5.3])?;
/// let stack = StackingClassifier { estimators: "decision-tree; logistic-regression".into(), cv: 2, ..Default::default() };
/// let model = stack.fit(&TrainSet::new(&x, &[0, 0, 0, 0, 1, 1, 1, 1], 2)?)?;
/// assert_eq!(model.predict(&Matrix::new(2, 1, vec![0.15, 5.05])?)?, [0, 1]);
/// # Ok::<(), cratedigger_learn::LearnError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StackingClassifier {
    /// The members. Default: `gradient-boosting; logistic-regression`, on all columns.
    pub estimators: String,
    /// The method that learns from what they say, with parameters as members have them. Default: `logistic-regression`.
    pub final_estimator: String,
    /// Folds of the training rows by which members are asked. Default: 5.
    pub cv: usize,
    /// Whether the final estimator sees the columns too. Default: no.
    pub passthrough: bool,
    /// Seed of the folds and of the members.
    #[serde(rename = "random_state", alias = "seed")]
    pub seed: u64,
}

impl Default for StackingClassifier {
    fn default() -> Self {
        Self {
            estimators: "gradient-boosting; logistic-regression".to_owned(),
            final_estimator: "logistic-regression".to_owned(),
            cv: 5,
            passthrough: false,
            seed: 0,
        }
    }
}
