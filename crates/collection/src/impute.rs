//! Tracks without a top genre: first the rule, then the model, then silence. And what that is worth: the same with known genres of
//! whole artists hidden.

mod open;
mod roots;

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use cratedigger_catalog::feature_table::RowId;
use cratedigger_learn::model::{Model, Seen};
use cratedigger_learn::selective::Answered;

use crate::classify::{GenreSets, Question, Said, Verdicts, classify};
use crate::error::{Result, refuse};
use crate::listener::Listener;
use crate::rows::known::Known;
use crate::rows::options::{FeatureChoice, GenreChoice, LabelRule, LabelSource};
use crate::rows::tables::read_genres;
use crate::rows::{InputChoice, Kind, Reading, Request, Wanted, for_learning, gather, kind, open};
use crate::table::{Table, text_at};

pub use self::open::{OpenTrack, OpenTracks, open_tracks};
use self::roots::roots;
pub use self::roots::{by_rule, may_be};

/// Where a genre comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// All genres of the track lead to one root.
    Rule,
    /// The model is sure enough.
    Model,
    /// Neither: no genre is named.
    Nothing,
}

impl By {
    /// The word for it in outputs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Model => "model",
            Self::Nothing => "none",
        }
    }
}

/// A track that had no top genre.
#[derive(Debug, Clone, PartialEq)]
pub struct Imputed {
    /// The track.
    pub id: RowId,
    /// Its genre now.
    pub genre: Option<String>,
    /// Where that comes from.
    pub by: By,
    /// The model's largest probability, where it was asked.
    pub probability: Option<f64>,
    /// Genres of which the true one is among as often as the model promises; `None` where it was not asked, or promises nothing.
    pub set: Option<Vec<String>>,
    /// Why, in words.
    pub reason: String,
}

/// The test with genres hidden: tracks of artists that the model was neither fitted nor calibrated on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hidden {
    /// By the rule alone.
    pub rule: Answered,
    /// By the model alone, which knows none of a track's genres.
    pub model: Answered,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Imputation {
    /// Tracks of the tables.
    pub n_tracks: usize,
    /// Those that have a top genre.
    pub n_labelled: usize,
    /// The others, in the order of the tables.
    pub rows: Vec<Imputed>,
    /// The test, or why there is none.
    pub hidden: std::result::Result<Hidden, String>,
}

impl Imputation {
    /// How many tracks got their genre, or none, in this way.
    pub fn count(&self, by: By) -> usize {
        self.rows.iter().filter(|row| row.by == by).count()
    }
}

/// Names genres of all tracks of a store, or of a folder of the dataset's CSV files, that have no `track.genre_top`.
///
/// `threshold`: the least probability that the model must have; `None`: it is always believed.
///
/// # Errors
/// The data are no tables or cannot be read; the model is not for their features.
pub fn impute(
    path: &Path,
    model: &Model,
    threshold: Option<f64>,
    reading: &Reading,
    listener: &dyn Listener,
) -> Result<Imputation> {
    if kind(path) != Kind::Tables {
        refuse!(
            Input,
            "{} is neither a store nor a folder of the dataset's CSV files, which tell which tracks have no genre",
            path.display()
        );
    }
    let (store, _) = open(path, reading, listener)?;
    // What follows reads the store that was made, and does not look at the files again.
    let path = store.dir();
    let known = Known::of_store(&store)?;
    let roots = roots(&known, read_genres(&store)?.as_ref())?;
    let table = Table::new("tracks", &known.genres);
    let top = table.borrowed_text("track.genre_top")?;
    let open_rows: Vec<usize> = (0..known.ids.len())
        .filter(|&row| text_at(top, row).is_none())
        .collect();
    let model_says = ask(path, model, threshold, reading, listener)?;
    let filler = Filler {
        model,
        threshold,
        says: &model_says,
    };
    let rows = open_rows
        .iter()
        .map(|&row| filler.fill(&known.ids[row], &roots[row]))
        .collect();
    Ok(Imputation {
        n_tracks: known.ids.len(),
        n_labelled: known.ids.len() - open_rows.len(),
        rows,
        hidden: hide(path, (model, &model_says), reading, (&known, &roots), listener)?,
    })
}

/// What the model says of every row that it can be asked of.
struct Says {
    place: HashMap<String, usize>,
    verdicts: Verdicts,
}

impl Says {
    /// What it says of a row, where it could be asked.
    fn of(&self, id: &RowId) -> Option<Said> {
        Some(self.verdicts.said[*self.place.get(&id.to_string())?])
    }
}

fn ask(
    path: &Path,
    model: &Model,
    threshold: Option<f64>,
    reading: &Reading,
    listener: &dyn Listener,
) -> Result<Says> {
    let gathered = gather(
        &[path.to_owned()],
        model,
        reading,
        &mut std::io::empty(),
        listener,
    )?;
    let question = Question {
        threshold,
        ..Question::default()
    };
    Ok(Says {
        place: gathered.ids.iter().cloned().zip(0..).collect(),
        verdicts: classify(model, &gathered.x, question)?,
    })
}

/// First the rule, then the model, then silence.
struct Filler<'a> {
    model: &'a Model,
    threshold: Option<f64>,
    says: &'a Says,
}

impl Filler<'_> {
    fn fill(&self, id: &RowId, roots: &BTreeSet<String>) -> Imputed {
        let labels = &self.model.card().labels;
        let asked = self.says.place.get(&id.to_string()).copied();
        let verdicts = &self.says.verdicts;
        let probability = asked
            .filter(|_| verdicts.are_probabilities)
            .map(|row| verdicts.scores[row * labels.len() + verdicts.classes[row]]);
        let set = asked
            .zip(verdicts.sets.as_ref())
            .map(|(row, sets)| names(sets, row, labels));
        let imputed = |genre: Option<&str>, by, reason| Imputed {
            id: id.clone(),
            genre: genre.map(str::to_owned),
            by,
            probability,
            set: set.clone(),
            reason,
        };
        if let Some(root) = by_rule(roots) {
            return imputed(
                Some(root),
                By::Rule,
                "all of its genres lead to this root".to_owned(),
            );
        }
        let several = || roots.iter().cloned().collect::<Vec<_>>().join(", ");
        let Some(row) = asked else {
            let reason = match roots.is_empty() {
                true => "it has no genre at all, and no complete row of features".to_owned(),
                false => format!(
                    "its genres lead to {}, and it has no complete row of features",
                    several()
                ),
            };
            return imputed(None, By::Nothing, reason);
        };
        let best = &labels[verdicts.classes[row]];
        let least = self.threshold.unwrap_or(0.0);
        let p = probability.map_or_else(String::new, |p| format!(" ({p:.4})"));
        match verdicts.said[row] {
            Said::Genre(_) if !may_be(roots, best) => {
                let reason = format!("the model says {best}{p}, and its genres lead to {}", several());
                imputed(None, By::Nothing, reason)
            }
            Said::Genre(_) => {
                let reason = match roots.is_empty() {
                    true => format!("the model's probability is not below {least:.4}"),
                    false => format!(
                        "the model's probability is not below {least:.4}; its genres lead to {}",
                        several()
                    ),
                };
                imputed(Some(best), By::Model, reason)
            }
            Said::Unknown => imputed(
                None,
                By::Nothing,
                format!("it is unlike everything that the model has learnt (likeliest: {best}{p})"),
            ),
            _ => imputed(
                None,
                By::Nothing,
                format!("the model's likeliest genre, {best}{p}, is below {least:.4}"),
            ),
        }
    }
}

fn names(sets: &GenreSets, row: usize, labels: &[String]) -> Vec<String> {
    sets.plain[row]
        .iter()
        .map(|&class| labels[class].clone())
        .collect()
}

/// Names genres of tracks that have one, of artists that the model has not seen, as if they had none.
fn hide(
    path: &Path,
    (model, says): (&Model, &Says),
    reading: &Reading,
    (known, roots): (&Known, &[BTreeSet<String>]),
    listener: &dyn Listener,
) -> Result<std::result::Result<Hidden, String>> {
    let request = Request {
        data: vec![path.to_owned()],
        features: FeatureChoice::Auto,
        genres: GenreChoice::All,
        labels: LabelSource::Rule(LabelRule::GenreTop),
        inputs: InputChoice::default(),
        features_out: None,
        reading: reading.clone(),
    };
    let labelled = for_learning(&request, &Wanted::by(model), &mut std::io::empty(), listener)?;
    let data = &labelled.data;
    let tested = match model.card().seen(data) {
        Seen::Part(fold) => fold.test,
        Seen::All => {
            return Ok(Err(
                "the model was fitted on all tracks that have a genre".to_owned()
            ));
        }
        Seen::Unknown => {
            return Ok(Err(
                "which of these tracks the model has seen cannot be told: train it on the same data"
                    .to_owned(),
            ));
        }
    };
    let place: HashMap<&RowId, usize> = known.ids.iter().zip(0..).collect();
    let of_rule = |row: usize| {
        let root = by_rule(&roots[*place.get(&labelled.ids[row])?])?;
        Some(*root == data.classes[data.y[row]])
    };
    let rule: Vec<Option<bool>> = tested.iter().map(|&row| of_rule(row)).collect();
    let by_model = |row: usize| Some(says.of(&labelled.ids[row])?.genre()? == data.y[row]);
    let model: Vec<Option<bool>> = tested.iter().map(|&row| by_model(row)).collect();
    let groups: Option<Vec<i64>> = data
        .groups
        .as_ref()
        .map(|groups| tested.iter().map(|&row| groups[row]).collect());
    Ok(Ok(Hidden {
        rule: count(&rule, groups.as_deref())?,
        model: count(&model, groups.as_deref())?,
    }))
}

/// `right`: of each row whether its genre is right; `None` where none is named.
fn count(right: &[Option<bool>], groups: Option<&[i64]>) -> Result<Answered> {
    let named: Vec<bool> = right.iter().map(Option::is_some).collect();
    let hits: Vec<bool> = right.iter().map(|right| right.unwrap_or(false)).collect();
    Ok(Answered::new(&named, &hits, groups)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_what_is_named_counts() {
        let right = [Some(true), None, Some(false), Some(true), None];
        let found = count(&right, None).unwrap();
        assert_eq!((found.n_rows, found.n_answered, found.n_wrong), (5, 3, 1));
        assert_eq!(count(&[None], Some(&[1])).unwrap().risk(), None);
    }
}
