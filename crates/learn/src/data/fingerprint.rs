use crate::data::dataset::Dataset;

/// A BLAKE3 hash over data and settings, each part with its length, so that no two lists of parts look the same.
pub(crate) struct Fingerprint(blake3::Hasher);

impl Fingerprint {
    pub(crate) fn new(purpose: &str) -> Self {
        let mut new = Self(blake3::Hasher::new());
        new.text(purpose);
        new
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.length(text.len());
        self.0.update(text.as_bytes());
    }

    pub(crate) fn indices(&mut self, indices: &[usize]) {
        self.length(indices.len());
        for &index in indices {
            self.0.update(&(index as u64).to_le_bytes());
        }
    }

    /// Features (bit by bit, row after row) and recordings, their names, labels, classes and row ids.
    pub(crate) fn dataset(&mut self, data: &Dataset) {
        self.length(data.x.n_rows());
        self.length(data.x.n_cols());
        let mut bytes = Vec::with_capacity(4 * data.x.n_cols());
        for row in data.x.rows() {
            bytes.clear();
            row.iter().for_each(|value| bytes.extend(value.to_le_bytes()));
            self.0.update(&bytes);
        }
        for recordings in data.x.recordings() {
            self.text(recordings.source().recipe());
            for row in 0..recordings.n_rows() {
                self.0.update(&recordings.digest(row));
            }
        }
        for names in [&data.feature_names, &data.classes] {
            self.length(names.len());
            names.iter().for_each(|name| self.text(name));
        }
        self.indices(&data.y);
        self.length(data.row_ids.len());
        for id in &data.row_ids {
            self.0.update(&id.to_le_bytes());
        }
    }

    pub(crate) fn finish(&self) -> String {
        self.0.finalize().to_hex().to_string()
    }

    fn length(&mut self, n: usize) {
        self.0.update(&(n as u64).to_le_bytes());
    }
}

impl Dataset {
    /// A hash of the features, their names, the labels, the classes and the row ids: 64 hexadecimal digits that tell
    /// whether a model was trained on these rows (BLAKE3).
    pub fn fingerprint(&self) -> String {
        let mut hash = Fingerprint::new("cratedigger data 1");
        hash.dataset(self);
        hash.finish()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::data::matrix::Matrix;

    #[test]
    fn every_part_of_the_data_counts() {
        let x = Matrix::new(2, 2, vec![0.0, 1.0, 2.0, 3.0]).unwrap();
        let data = Dataset::new(x, vec![0, 1], vec!["ab".into(), "c".into()]).unwrap();
        assert_eq!(data.fingerprint(), data.clone().fingerprint());
        let change = |change: &dyn Fn(&mut Dataset)| {
            let mut changed = data.clone();
            change(&mut changed);
            changed.fingerprint()
        };
        let prints = [
            data.fingerprint(),
            change(&|data| data.x.as_mut_slice()[0] = -0.0),
            change(&|data| data.y[0] = 1),
            change(&|data| data.classes = vec!["a".into(), "bc".into()]),
            change(&|data| data.feature_names[1].push('x')),
            change(&|data| data.row_ids[1] = 7),
        ];
        for (at, print) in prints.iter().enumerate() {
            assert!(!prints[..at].contains(print), "{at}");
        }
    }
}
