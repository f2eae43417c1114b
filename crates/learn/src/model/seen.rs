use super::card::ModelCard;
use super::hold_out::HoldOutCard;
use crate::data::dataset::Dataset;
use crate::split::Fold;

/// What a model has seen of some rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// It was fitted on exactly these rows: none of them is new to it.
    All,
    /// It was fitted on the training rows of this fold of them, and its card's scores are of the test rows, which are new to it.
    Part(Fold),
    /// Its card does not tell.
    Unknown,
}

impl ModelCard {
    /// Which of these rows the model was fitted on, as far as the card can tell: by the fingerprint of all rows, and by that
    /// of the training rows after the split that the card describes was made again.
    ///
    /// `data`: features and classes in the order of the model, rows in the order that they had when it was trained.
    pub fn seen(&self, data: &Dataset) -> Seen {
        if data.fingerprint() == self.data.fingerprint {
            return Seen::All;
        }
        let again = |card: &HoldOutCard| {
            let fold = card.fold(data).ok()?;
            let train = data.take_rows(&fold.train).ok()?;
            (train.fingerprint() == self.data.fingerprint).then_some(fold)
        };
        self.hold_out
            .as_ref()
            .and_then(again)
            .map_or(Seen::Unknown, Seen::Part)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::data::dataset::Part;
    use crate::split::{Splitter, given_folds};
    use crate::test_support::three_classes;

    fn data() -> Dataset {
        let mut data = three_classes();
        data.groups = Some((0..120).map(|row| row / 4).collect());
        data
    }

    fn card(data: &Dataset, fold: &Fold, hold_out: Option<HoldOutCard>) -> ModelCard {
        let mut card = ModelCard::of(&data.take_rows(&fold.train).unwrap());
        card.hold_out = hold_out;
        card
    }

    #[test]
    fn held_out_rows_are_found_again_in_the_same_data_only() {
        let data = data();
        for &splitter in Splitter::ALL.iter().filter(|s| **s != Splitter::Official) {
            let fold = splitter.hold_out(&data, 0.3, 5).unwrap();
            let told = HoldOutCard::of_splitter(splitter, 0.3, 5);
            let found = card(&data, &fold, Some(told.clone())).seen(&data);
            assert_eq!(found, Seen::Part(fold.clone()), "{splitter}");
            // Another seed or share chooses other rows, which is noticed.
            for wrong in [
                HoldOutCard {
                    seed: 6,
                    ..told.clone()
                },
                HoldOutCard {
                    test_size: 0.2,
                    ..told.clone()
                },
            ] {
                assert_eq!(
                    card(&data, &fold, Some(wrong)).seen(&data),
                    Seen::Unknown,
                    "{splitter}"
                );
            }
            let mut other = data.clone();
            other.x.as_mut_slice()[fold.train[0]] += 1.0;
            assert_eq!(
                card(&data, &fold, Some(told)).seen(&other),
                Seen::Unknown,
                "{splitter}"
            );
        }
        let mut parted = data.clone();
        let part = |row: usize| [Part::Training, Part::Validation, Part::Test, Part::Training][row % 4];
        parted.official = Some((0..120).map(part).collect());
        let told = HoldOutCard::official_test();
        let fold = told.fold(&parted).unwrap();
        assert_eq!((fold.train.len(), fold.test.len()), (90, 30));
        assert_eq!(card(&parted, &fold, Some(told)).seen(&parted), Seen::Part(fold));
        let fold = given_folds(120, &[vec![3, 1, 70]]).unwrap().remove(0);
        let given = HoldOutCard::given(&fold, 120);
        assert_eq!(
            (given.test_rows.clone(), given.test_size),
            (vec![1, 3, 70], 0.025)
        );
        assert_eq!(card(&data, &fold, Some(given)).seen(&data), Seen::Part(fold));
    }

    #[test]
    fn a_model_of_all_rows_has_seen_them_and_a_silent_card_tells_nothing() {
        let data = data();
        let fold = Splitter::Artist.hold_out(&data, 0.3, 5).unwrap();
        let told = HoldOutCard::of_splitter(Splitter::Artist, 0.3, 5);
        let mut of_all = ModelCard::of(&data);
        of_all.hold_out = Some(told);
        assert_eq!(of_all.seen(&data), Seen::All);
        assert_eq!(card(&data, &fold, None).seen(&data), Seen::Unknown);
        let unknown = HoldOutCard {
            kind: "by-moon".to_owned(),
            ..HoldOutCard::default()
        };
        assert_eq!(card(&data, &fold, Some(unknown)).seen(&data), Seen::Unknown);
    }
}
