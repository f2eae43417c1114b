//! What is known of embeddings, in files of features and in models, and whether it is the same.

use cratedigger_learn::data::ColumnKind;
use cratedigger_learn::model::{EmbeddingCard, ModelCard};

use crate::error::{Result, refuse};

/// The cards that a file of features was written with.
///
/// # Errors
/// `Json` where the text is not what [`write()`] gives.
pub fn read(text: Option<&str>) -> Result<Vec<EmbeddingCard>> {
    match text {
        None => Ok(Vec::new()),
        Some(text) => Ok(serde_json::from_str(text)?),
    }
}

/// The text that a file of features keeps of these; none where there are none.
///
/// # Errors
/// Never for cards that were made here.
pub fn write(cards: &[EmbeddingCard]) -> Result<Option<String>> {
    match cards {
        [] => Ok(None),
        cards => Ok(Some(serde_json::to_string(cards)?)),
    }
}

/// Those that some of these columns are of.
pub fn of_columns(cards: &[EmbeddingCard], columns: &[String]) -> Vec<EmbeddingCard> {
    let used = |card: &&EmbeddingCard| columns.iter().any(|column| column.starts_with(&card.prefix()));
    cards.iter().filter(used).cloned().collect()
}

/// Those of a model that rows must have: its numbers are features of the sound, and not among those that may be missing (`--inputs`).
pub(super) fn needed(model: &ModelCard) -> Vec<EmbeddingCard> {
    let names = model.feature_names.iter();
    let of_sound = |name: &&String| ColumnKind::of(name) == ColumnKind::Number;
    let names: Vec<String> = names.filter(of_sound).cloned().collect();
    of_columns(&model.embeddings, &names)
}

/// Whether all that a model learnt from are those that the rows hold; where rows may lack one, whether it is that one or none.
///
/// # Errors
/// `Model` with both, where they are not.
pub fn check(model: &ModelCard, found: &[EmbeddingCard]) -> Result<()> {
    let needed = needed(model);
    for card in &model.embeddings {
        match found.iter().find(|other| other.name == card.name) {
            Some(other) if other.is_same(card) => {}
            Some(other) => refuse!(
                Model,
                "the model was trained on the embedding `{}` of blake3 {} ({}), and these features are of one of that name with \
                 blake3 {} ({}); their numbers mean different things",
                card.name,
                card.hash,
                card.contract,
                other.hash,
                other.contract
            ),
            None if !needed.contains(card) => {}
            None => {
                let names: Vec<&str> = found.iter().map(|other| other.name.as_str()).collect();
                refuse!(
                    Model,
                    "the model was trained on the embedding `{}` (blake3 {}; {}), and these features hold {}",
                    card.name,
                    card.hash,
                    card.source,
                    match names.is_empty() {
                        true => "none".to_owned(),
                        false => names.join(", "),
                    }
                )
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn card(name: &str, hash: &str) -> EmbeddingCard {
        EmbeddingCard {
            name: name.to_owned(),
            hash: hash.to_owned(),
            n_columns: 2,
            ..EmbeddingCard::default()
        }
    }

    /// The card of a model that learnt from the embedding `a`, as this column.
    fn model(column: &str) -> ModelCard {
        ModelCard {
            feature_names: vec!["mfcc.mean.01".to_owned(), column.to_owned()],
            embeddings: vec![card("a", "1")],
            ..ModelCard::default()
        }
    }

    #[test]
    fn cards_come_back_from_files_of_features() {
        let cards = vec![card("a", "1"), card("b", "2")];
        let text = write(&cards).unwrap();
        assert_eq!(read(text.as_deref()).unwrap(), cards);
        assert_eq!((read(None).unwrap(), write(&[]).unwrap()), (vec![], None));
        assert!(read(Some("{")).is_err());
        let columns = ["mfcc.mean.01", "embedding.b.001", "embedding.ab.001"].map(str::to_owned);
        assert_eq!(of_columns(&cards, &columns), [card("b", "2")]);
    }

    #[test]
    fn another_embedding_of_the_same_name_is_refused() {
        let wanted = model("embedding.a.001");
        check(&wanted, &[card("b", "1"), card("a", "1")]).unwrap();
        check(&ModelCard::default(), &[]).unwrap();
        let error = |found: &[EmbeddingCard]| check(&wanted, found).unwrap_err().to_string();
        assert!(error(&[card("a", "2")]).contains("different things"));
        let other_words = EmbeddingCard {
            contract: "hop 1".to_owned(),
            ..card("a", "1")
        };
        assert!(error(&[other_words]).contains("hop 1"));
        assert!(error(&[card("b", "1")]).contains("hold b"));
        assert!(error(&[]).contains("hold none"));
    }

    #[test]
    fn one_that_may_be_missing_is_none_or_the_same() {
        let model = model("embedding.a.001.optional");
        check(&model, &[]).unwrap();
        check(&model, &[card("b", "2"), card("a", "1")]).unwrap();
        let error = check(&model, &[card("a", "2")]).unwrap_err().to_string();
        assert!(error.contains("different things"), "{error}");
        assert!(needed(&model).is_empty());
    }
}
