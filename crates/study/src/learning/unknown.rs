//! Whether a genre that was never heard is told to be unknown: the finding `unknown`.

use cratedigger_learn::novelty::{Novelty, is_unknown};
use cratedigger_learn::selective::Answered;
use cratedigger_learn::{Dataset, Fold};
use serde::{Deserialize, Serialize};

use super::methods::Ends;
use crate::error::Result;
use crate::options::StudyOptions;

/// The share of known tracks that may be called unknown.
const FALSE_ALARM: f64 = 0.01;

/// The finding `unknown`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Unknown {
    /// Training tracks, on which detectors are compared and the threshold is found.
    pub n_tracks: u64,
    /// Whether artists are known, so that no track is compared with tracks of its own artist.
    pub by_artist: bool,
    /// The detectors that were compared.
    pub detectors: Vec<DetectorFinding>,
    /// The detector with the largest mean.
    pub detector: String,
    /// Each genre, left out.
    pub genres: Vec<GenreLeftOut>,
    /// The share of known tracks that may be called unknown.
    pub false_alarm: f64,
    /// Test tracks, all of genres that were learnt.
    pub n_test: u64,
    /// Those of them that are called unknown.
    pub n_unknown: u64,
    /// Their share.
    pub unknown: f64,
    /// Its interval over artists; `null` with too few of them.
    pub unknown_interval: Option<Ends>,
}

/// A way to tell what is unlike everything that was learnt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DetectorFinding {
    /// `neighbours`, `local-neighbours`, `mahalanobis` or `families`.
    pub name: String,
    /// The mean AUROC over the genres; `null` where none could be tested.
    pub mean_auroc: Option<f64>,
}

/// A genre that no detector has heard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GenreLeftOut {
    /// The genre.
    pub label: String,
    /// Its tracks.
    pub n_tracks: u64,
    /// How often one of them is farther from all that was learnt than a track of the other genres, by each detector in their order; `null`
    /// where no fold tests tracks of both.
    pub auroc: Vec<Option<f64>>,
}

/// Fits to the training tracks, and counts what is called unknown of the test tracks.
///
/// # Errors
/// Whatever a fit returns.
pub(crate) fn unknown(options: &StudyOptions, data: &Dataset, fold: &Fold) -> Result<Unknown> {
    let (train, test) = (data.take_rows(&fold.train)?, data.take_rows(&fold.test)?);
    let novelty = Novelty::fit(&train, FALSE_ALARM, options.seed, options.n_jobs)?;
    let known: Vec<bool> = novelty
        .scores(&test.x)?
        .into_iter()
        .map(|score| !is_unknown(score))
        .collect();
    let found = Answered::new(&vec![true; known.len()], &known, test.groups.as_deref())?;
    let criterion = novelty.criterion();
    let genre = |class: usize| {
        let of = |trial: usize| &criterion.trials[trial].left_out[class];
        GenreLeftOut {
            label: data.classes[class].clone(),
            n_tracks: of(0).n_rows as u64,
            auroc: (0..criterion.trials.len()).map(|trial| of(trial).auroc).collect(),
        }
    };
    let n_genres = criterion.trials.first().map_or(0, |trial| trial.left_out.len());
    Ok(Unknown {
        n_tracks: criterion.n_rows as u64,
        by_artist: criterion.by_artist,
        detectors: criterion
            .trials
            .iter()
            .map(|trial| DetectorFinding {
                name: trial.detector.name().to_owned(),
                mean_auroc: trial.mean_auroc,
            })
            .collect(),
        detector: criterion.detector.name().to_owned(),
        genres: (0..n_genres).map(genre).collect(),
        false_alarm: FALSE_ALARM,
        n_test: found.n_rows,
        n_unknown: found.n_wrong,
        unknown: found.risk().unwrap_or(0.0),
        unknown_interval: found.interval.map(Ends::from),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use cratedigger_learn::{Matrix, Splitter};
    use cratedigger_stats::SeededRng;

    #[test]
    fn genres_are_left_out_of_the_training_tracks_and_test_tracks_are_seldom_unknown() {
        let mut rng = SeededRng::new(2);
        let y: Vec<usize> = (0..600).map(|row| row / 4 % 3).collect();
        let values = y
            .iter()
            .flat_map(|&class| {
                let mut value = |own: bool| (if own { 8.0 } else { 0.0 } + rng.uniform(-1.0, 1.0)) as f32;
                [value(class == 0), value(class == 1)]
            })
            .collect();
        let names = ["Folk", "Jazz", "Rock"].map(str::to_owned).to_vec();
        let mut data = Dataset::new(Matrix::new(600, 2, values).unwrap(), y, names).unwrap();
        data.groups = Some((0..600).map(|row| row / 4).collect());
        let fold = Splitter::Artist.hold_out(&data, 0.4, 0).unwrap();
        let found = unknown(&StudyOptions::default(), &data, &fold).unwrap();
        assert_eq!((found.n_tracks, found.n_test), (360, 240));
        assert_eq!(
            (found.detectors.len(), found.genres.len(), found.by_artist),
            (4, 3, true)
        );
        let at = found
            .detectors
            .iter()
            .position(|one| one.name == found.detector)
            .unwrap();
        assert!(
            found.genres.iter().all(|genre| genre.auroc[at].unwrap() > 0.99),
            "{found:?}"
        );
        assert_eq!(found.genres.iter().map(|genre| genre.n_tracks).sum::<u64>(), 360);
        assert_eq!(found.unknown, found.n_unknown as f64 / 240.0);
        assert!(
            found.unknown < 0.05 && found.unknown_interval.is_some(),
            "{found:?}"
        );
    }
}
