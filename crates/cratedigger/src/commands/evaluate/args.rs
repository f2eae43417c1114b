//! The arguments of `cratedigger evaluate`.

use std::path::PathBuf;
use std::str::FromStr;

use cratedigger_collection::rows::kinds::TrackKind;
use cratedigger_learn::{LearnError, Method, ParamValue, Pipeline, parse_param};

use super::perturb::Changes;
use super::sets::Sources;
use crate::commands::data::DataArgs;
use crate::commands::folds::FoldArgs;
use crate::commands::numbers::at_least_one;
use crate::commands::promises::PromiseArgs;

/// Score classifiers, or a saved model, on tracks that they were not trained on, and compare them
///
/// By default five folds that keep artists apart: with an artist on both sides a score says little about music of others.
/// `--test-size` holds out one part instead, and `--split official` tests on the dataset's own test part. Features are
/// standardised on the training tracks where a method wants it. Several methods see the same tracks and folds, and are
/// compared by paired tests.
///
/// With `--labels genres_all` (or `genres`) a track has several genres: each is ranked, and claimed from a probability on that is
/// chosen on other artists; scores are areas and average precisions per genre and level of the tree, and hierarchical precision,
/// recall and F1.
///
/// With `--model FILE` nothing is fitted: the saved model is scored on all rows whose genre it knows. Where DATA is what it
/// was trained on, only the rows that its own split held out are scored, without those that calibrated it; where that cannot be
/// told, a warning says so. What it promises (`train --max-risk`, `--coverage`) is held against these rows.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cratedigger evaluate fma_metadata --method mlp --genres top:3
  cratedigger evaluate fma_metadata --method all --genres top:8 --split official
  cratedigger evaluate fma_metadata --method linear-svc,mlp --cv 10
  cratedigger evaluate fma_metadata --method mlp --test-size 0.25 --split stratified
  cratedigger evaluate fma_metadata --method mlp --max-risk 0.05 --coverage 0.9
  cratedigger evaluate fma_metadata --model sure.cdmodel --by continent,language,year,bit_rate
  cratedigger evaluate fma_metadata --features mfcc,chroma_cens --genres Rock,Jazz
  cratedigger evaluate fma_metadata --features echonest --json
  cratedigger evaluate fma_metadata --method mlp --param alpha=0.01 --pipeline outliers=clip:5,standard
  cratedigger evaluate fma_metadata --inputs place,year,language --method logistic-regression --sources each
  cratedigger evaluate fma_metadata --inputs place,year --method stacking \
    --param estimators='gradient-boosting@518; logistic-regression@place,year'
  cratedigger evaluate fma_metadata --labels genres_all --method logistic-regression     all genres of each track
  cratedigger evaluate features.parquet --labels genres.csv --method linear-svc
  cratedigger evaluate music/ --labels genres.csv --features-out features.parquet
  cratedigger evaluate fma_metadata --model rock.cdmodel     the rows that it was not fitted on
  cratedigger evaluate new/ --labels new.csv --model rock.cdmodel
  cratedigger evaluate new/ --labels new.csv --model rock.cdmodel --perturb gain,lowpass:4000,codec
  cratedigger evaluate fma_metadata --model rock.cdmodel --perturb all --audio fma_small/

Exit codes: 0 all done; 1 some inputs failed, they are listed; 2 nothing could be done.")]
pub(crate) struct Args {
    #[command(flatten)]
    pub(super) data: DataArgs,

    /// The classifiers, with commas between them, or `all`
    #[arg(long, value_name = "NAMES", value_delimiter = ',', default_value = "mlp")]
    pub(super) method: Vec<Methods>,

    /// A parameter of the one method under scikit-learn's (or XGBoost's) name, such as `alpha=0.01`; repeatable
    ///
    /// Parameters that `tune` found on these rows flatter themselves here, on folds of another seed too: their choice knew all
    /// rows. Rows that took no part in it score them honestly: `tune --split official --score-test`, or other data.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parse_param)]
    pub(super) params: Vec<(String, ParamValue)>,

    /// Preprocessing, fitted on the training rows of each fold; default: `standard` for the methods that want it
    ///
    /// Steps with commas between them, as `train` has them: encode, impute, outliers, log, quantile, standard, robust, none.
    #[arg(long, value_name = "STEPS")]
    pub(super) pipeline: Option<Pipeline>,

    /// What each source of information adds to the one method: sets of families with `;` between them, or `each`
    ///
    /// Each set, such as `518+place+year`, is fitted to the same rows and folds and compared with the first one, by a paired test over
    /// artists. Families are the first parts of columns' names, as in --features and --inputs; `518` are the features of frames,
    /// `features` all that are not inputs. `each`: the features, then with each of --inputs, then with all.
    #[arg(long, value_name = "SETS", conflicts_with_all = ["model", "max_risk", "coverage"])]
    pub(super) sources: Option<Sources>,

    /// Score this saved model instead, without fitting anything
    ///
    /// Its recipe must be that of the features; audio is analysed by it. Rows of genres that it does not know are counted
    /// and left out.
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["method", "params", "pipeline", "features", "cv", "test_size", "split", "folds", "max_risk", "coverage"]
    )]
    pub(super) model: Option<PathBuf>,

    /// Scores by kinds of track: continent, language, year, bit_rate, with commas between them
    ///
    /// Out of the dataset's tables (DATA, or --labels): the accuracy, what is answered and what of it is wrong (--max-risk, or the model's
    /// threshold), and how many sets hold the genre (--coverage, or the model's), with intervals over artists. Tracks of which it is not
    /// known are a line of their own. A year stands with its four neighbours, bit rates are in five bands.
    #[arg(long, value_name = "KINDS", value_delimiter = ',', conflicts_with = "sources")]
    pub(super) by: Vec<TrackKind>,

    /// Change the tested recordings in ways that leave their genre as it was, and answer again: is it the music that it hears?
    ///
    /// Changes with commas between them, or `all`: `gain` (dB), `eq` (dB, darker above 0), `lowpass` (Hz), `noise` (dB below the
    /// recording), `resample` (Hz, down and up again), `excerpt` (the share from the middle), `codec` (Opus, kbit/s), `none`. A strength
    /// stands after a colon, as in `lowpass:4000,lowpass:8000`; without one, two are tried. The accuracy before and after is told with an
    /// interval of the difference over artists, and which answers become others. DATA must be audio, or --audio name the recordings of
    /// its rows.
    #[arg(long, value_name = "CHANGES", conflicts_with = "sources")]
    pub(super) perturb: Option<Changes>,

    /// With --perturb: the recordings of the rows, where DATA is tables or files of features; a file, a folder or a pattern, repeatable
    ///
    /// Names of rows are compared as `cratedigger extract` gives them. What changes by the way itself, from these recordings to features, is
    /// told as `none`.
    #[arg(long, value_name = "PATH", requires = "perturb")]
    pub(super) audio: Vec<PathBuf>,

    /// With --labels genres_all or genres: tracks with features that a genre must have at least to be learnt
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = at_least_one::<usize>)]
    pub(super) min_support: usize,

    #[command(flatten)]
    pub(super) promises: PromiseArgs,

    #[command(flatten)]
    pub(super) folds: FoldArgs,

    /// Print one JSON object
    #[arg(long)]
    pub(super) json: bool,
}

/// A method, or all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Methods {
    All,
    One(Method),
}

impl FromStr for Methods {
    type Err = LearnError;

    fn from_str(text: &str) -> std::result::Result<Self, LearnError> {
        match text.trim() {
            "all" => Ok(Self::All),
            name => name.parse().map(Self::One),
        }
    }
}

/// The methods asked for, each once.
pub(super) fn methods(asked: &[Methods]) -> Vec<Method> {
    let mut methods: Vec<Method> = Vec::new();
    for choice in asked {
        let named = match choice {
            Methods::All => Method::ALL,
            Methods::One(method) => std::slice::from_ref(method),
        };
        for method in named {
            if !methods.contains(method) {
                methods.push(*method);
            }
        }
    }
    methods
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn methods_are_listed_once_in_the_order_asked_for() {
        let parse = |text: &str| -> Vec<Method> {
            methods(
                &text
                    .split(',')
                    .map(|name| name.parse().unwrap())
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(parse("mlp,linear-svc,mlp"), [Method::MLP, Method::LINEAR_SVC]);
        assert_eq!(parse("all"), Method::ALL);
        assert_eq!(parse("mlp,all")[..2], [Method::MLP, Method::ALL[0]]);
        assert!(
            "svm"
                .parse::<Methods>()
                .unwrap_err()
                .to_string()
                .contains("linear-svc")
        );
    }
}
