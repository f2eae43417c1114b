use super::confusion::ConfusionMatrix;

impl ConfusionMatrix {
    /// Cohen's kappa: the accuracy above chance, as a share of what is possible above chance. 0 where truth and prediction
    /// are independent, 1 where they are equal; `None` where both are always the same one class.
    ///
    /// Source: scikit-learn, `cohen_kappa_score`; J. Cohen (1960), "A coefficient of agreement for nominal scales".
    pub fn cohens_kappa(&self) -> Option<f64> {
        let n = self.n_rows() as f64;
        let expected: f64 = self
            .margins()
            .map(|(truth, predicted)| truth * predicted)
            .sum::<f64>()
            / (n * n);
        (expected < 1.0).then(|| (self.accuracy() - expected) / (1.0 - expected))
    }

    /// Matthews' correlation coefficient, generalised to many classes: 1 for perfect predictions, 0 for those that know
    /// nothing; 0 where truth or prediction is always the same class.
    ///
    /// Source: scikit-learn, `matthews_corrcoef`; J. Gorodkin (2004), "Comparing two K-category assignments by a
    /// K-category correlation coefficient".
    pub fn matthews(&self) -> f64 {
        let n = self.n_rows() as f64;
        let correct: f64 = (0..self.labels().len())
            .map(|class| self.counts()[class][class] as f64)
            .sum();
        let (mut both, mut truths, mut predictions) = (0.0, 0.0, 0.0);
        for (truth, predicted) in self.margins() {
            both += truth * predicted;
            truths += truth * truth;
            predictions += predicted * predicted;
        }
        let product = (n * n - truths) * (n * n - predictions);
        if product == 0.0 {
            0.0
        } else {
            (correct * n - both) / product.sqrt()
        }
    }

    /// Rows that are of each class, and rows that were predicted as it.
    fn margins(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        (0..self.labels().len()).map(|class| {
            let truth: u64 = self.counts()[class].iter().sum();
            let predicted: u64 = self.counts().iter().map(|row| row[class]).sum();
            (truth as f64, predicted as f64)
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::test_support::{assert_close, golden, indices};

    fn matrix(y_true: &[usize], y_pred: &[usize], n_classes: usize) -> ConfusionMatrix {
        let labels: Vec<String> = (0..n_classes).map(|class| class.to_string()).collect();
        ConfusionMatrix::from_predictions(y_true, y_pred, &labels).unwrap()
    }

    #[test]
    fn scores_equal_scikit_learn() {
        for case in golden(include_str!("../../tests/golden/metrics.json"))["cases"]
            .as_array()
            .unwrap()
        {
            let n_classes = case["n_classes"].as_u64().unwrap() as usize;
            let matrix = matrix(&indices(&case["y_true"]), &indices(&case["y_pred"]), n_classes);
            let want = |name: &str| case[name].as_f64().unwrap_or(f64::NAN);
            let got = [matrix.cohens_kappa().unwrap_or(f64::NAN), matrix.matthews()];
            assert_close(&got, &["cohens_kappa", "matthews"].map(want), 1e-12);
        }
    }

    #[test]
    fn the_coefficient_is_a_correlation() {
        // With two classes: Pearson's correlation of the two indicators, from its definition.
        let y_true = [0, 0, 1, 1, 1, 0, 1, 1, 0, 1];
        let y_pred = [0, 1, 1, 1, 0, 0, 1, 0, 0, 1];
        let mean = |values: &[usize]| values.iter().sum::<usize>() as f64 / values.len() as f64;
        let (mt, mp) = (mean(&y_true), mean(&y_pred));
        let sum = |f: &dyn Fn(f64, f64) -> f64| -> f64 {
            y_true
                .iter()
                .zip(&y_pred)
                .map(|(&t, &p)| f(t as f64 - mt, p as f64 - mp))
                .sum()
        };
        let want = sum(&|t, p| t * p) / (sum(&|t, _| t * t) * sum(&|_, p| p * p)).sqrt();
        assert_close(&[matrix(&y_true, &y_pred, 2).matthews()], &[want], 1e-14);
        // Kappa: 7 of 10 right; by chance 0.6 * 0.5 + 0.4 * 0.5.
        let kappa = matrix(&y_true, &y_pred, 2).cohens_kappa().unwrap();
        assert_close(&[kappa], &[(0.7 - 0.5) / 0.5], 1e-14);
        assert_eq!(matrix(&[1, 1], &[1, 1], 2).cohens_kappa(), None);
        assert_eq!(matrix(&[0, 1], &[1, 1], 2).matthews(), 0.0);
    }
}
