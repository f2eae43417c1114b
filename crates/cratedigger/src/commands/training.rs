//! What models are trained on: the tables of the dataset, or a file of features with labels from elsewhere.

mod labels;

use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result, bail};
use cratedigger_catalog::feature_table::{self, FeatureFormat, FeatureTable};
use cratedigger_features::Recipe;
use cratedigger_learn::{Dataset, Matrix};
use cratedigger_study::dataset::assemble;
use cratedigger_study::selection::label_tracks;
use cratedigger_study::{DataOptions, FeatureChoice, GenreChoice, LabelRule};

use self::labels::LabelledRows;
use super::source::{self, ReadArgs};
use crate::progress::Progress;

/// Which rows a model is trained on.
#[derive(clap::Args)]
pub(crate) struct DataArgs {
    /// A folder of the dataset's CSV files, a store, or a file of features made by `cratedigger extract`
    #[arg(value_name = "DATA")]
    data: PathBuf,

    /// `all` columns of the features, families of them such as `mfcc,chroma_cens`, or `echonest`
    ///
    /// `auto` takes all features where the table is there, Echonest's audio features otherwise.
    #[arg(long, value_name = "CHOICE", default_value_t = FeatureChoice::Auto)]
    features: FeatureChoice,

    /// `all`, the `top:N` most frequent ones, or names with commas between them
    #[arg(long, value_name = "CHOICE", default_value_t = GenreChoice::All)]
    genres: GenreChoice,

    /// Where a track's genre is taken from: `genre_top`, `unambiguous`, or a file
    ///
    /// With a file of features: the dataset's tracks.csv, a store, or a CSV file with a column `genre`, a column `track_id`,
    /// `id` or `path` that names the rows, and if possible one `artist`, so that artists can be kept apart.
    #[arg(long, value_name = "WHERE", default_value = "genre_top")]
    labels: LabelSource,

    /// The recipe of the features, where the file does not say it: `fma` or `librosa`
    #[arg(long, value_name = "NAME")]
    recipe: Option<Recipe>,

    #[command(flatten)]
    read: ReadArgs,
}

/// Where genres come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LabelSource {
    Rule(LabelRule),
    File(PathBuf),
}

impl FromStr for LabelSource {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        Ok(match text.parse() {
            Ok(rule) => Self::Rule(rule),
            Err(_) => Self::File(text.into()),
        })
    }
}

/// Rows to learn from, and what a model's card tells of them.
pub(crate) struct Training {
    pub(crate) data: Dataset,
    /// Version of the features' recipe, where it is known.
    pub(crate) recipe: Option<String>,
    /// Where the rows come from.
    pub(crate) source: String,
    /// Whether records of the tables could not be read.
    pub(crate) n_rejected: u64,
}

impl DataArgs {
    /// Reads the rows. Rows with missing features stay only where `keep_incomplete`.
    pub(crate) fn load(&self, keep_incomplete: bool, progress: Progress) -> Result<Training> {
        let name = self.data.file_name().unwrap_or(self.data.as_os_str());
        let source = name.to_string_lossy().into_owned();
        if self.data.is_file() && name != "tracks.csv" {
            return self.load_file(source, keep_incomplete, progress);
        }
        let LabelSource::Rule(labels) = self.labels else {
            bail!(
                "--labels FILE is for a file of features; the tables of {} have genres of their own",
                self.data.display()
            );
        };
        let (store, n_rejected) = source::open(&self.data, &self.read, progress)?;
        let options = DataOptions {
            genres: self.genres.clone(),
            labels,
            features: self.features.clone(),
        };
        let (selection, data) = assemble(&store, &options)?.into_data()?;
        let lost = selection.without_features.n + selection.incomplete_features.n;
        if lost > 0 {
            progress.say(&format!(
                "{} of the selected tracks have no row of features and {} have empty cells in it; they take no part",
                selection.without_features.n, selection.incomplete_features.n
            ));
        }
        let of_features = selection
            .features
            .is_some_and(|features| features.table == "features");
        let recipe = of_features.then(|| self.recipe.unwrap_or(Recipe::Fma).version().to_owned());
        Ok(Training {
            data,
            recipe,
            source,
            n_rejected,
        })
    }

    fn load_file(&self, source: String, keep_incomplete: bool, progress: Progress) -> Result<Training> {
        if FeatureFormat::of(&self.data).is_none() {
            bail!(
                "{} is neither a folder nor a file of features (.parquet, .csv)",
                self.data.display()
            );
        }
        let LabelSource::File(labels) = &self.labels else {
            bail!(
                "a file of features has no genres: name the dataset's tracks.csv, a store, or a CSV file with the columns \
                 path and genre by --labels FILE"
            );
        };
        let table = feature_table::read(&self.data)?;
        let recipe = self.recipe_of(&table)?;
        let (rows, n_rejected) = LabelledRows::read(labels, &self.read, progress)?;
        let data = self
            .join(&table, &rows, keep_incomplete, progress)
            .with_context(|| format!("{} with the genres of {}", self.data.display(), labels.display()))?;
        Ok(Training {
            data,
            recipe,
            source,
            n_rejected,
        })
    }

    /// The recipe that the file or the command line tells; they must not contradict each other.
    fn recipe_of(&self, table: &FeatureTable) -> Result<Option<String>> {
        match (&table.recipe, self.recipe) {
            (Some(found), Some(said)) if found != said.version() => bail!(
                "{} was made by recipe `{found}`, and --recipe says `{}`",
                self.data.display(),
                said.version()
            ),
            (Some(found), _) => Ok(Some(found.clone())),
            (None, said) => Ok(said.map(|recipe| recipe.version().to_owned())),
        }
    }

    /// The rows of features that have one of the selected genres.
    fn join(
        &self,
        table: &FeatureTable,
        labels: &LabelledRows,
        keep_incomplete: bool,
        progress: Progress,
    ) -> Result<Dataset> {
        let options = DataOptions {
            genres: self.genres.clone(),
            labels: LabelRule::GenreTop,
            features: self.features.clone(),
        };
        let found = label_tracks(&labels.genres, None, &options)?;
        let columns = chosen_columns(&table.columns, &self.features)?;
        let mut values = Vec::new();
        let mut rows = Vec::new();
        let (mut n_unlabelled, mut n_incomplete) = (0, 0);
        for (at, id) in table.ids.iter().enumerate() {
            let labelled = labels
                .place
                .get(id)
                .and_then(|&row| Some((row, found.class_of[row]?)));
            let Some((row, class)) = labelled else {
                n_unlabelled += 1;
                continue;
            };
            let of_row = table.row(at);
            let start = values.len();
            values.extend(columns.iter().map(|&column| of_row[column] as f32));
            if !keep_incomplete && values[start..].iter().any(|value| !value.is_finite()) {
                values.truncate(start);
                n_incomplete += 1;
                continue;
            }
            rows.push((at, row, class));
        }
        if n_unlabelled + n_incomplete > 0 {
            progress.say(&format!(
                "{n_unlabelled} of {} rows have none of the selected genres and {n_incomplete} have missing features; they take \
                 no part",
                table.ids.len()
            ));
        }
        if rows.is_empty() {
            bail!(
                "no row has both features and one of the selected genres; ids are compared as they are written, for example `{}` \
                 here and `{}` among the labels",
                table.ids.first().map(ToString::to_string).unwrap_or_default(),
                labels.first_id()
            );
        }
        let names = columns
            .iter()
            .map(|&column| table.columns[column].clone())
            .collect();
        labels.dataset(
            rows,
            Matrix::new(values.len() / columns.len(), columns.len(), values)?,
            &found,
            names,
            &table.ids,
        )
    }
}

/// The columns that the choice means.
fn chosen_columns(names: &[String], choice: &FeatureChoice) -> Result<Vec<usize>> {
    let family = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
    let chosen: Vec<usize> = match choice {
        FeatureChoice::Auto | FeatureChoice::All => (0..names.len()).collect(),
        FeatureChoice::Echonest => bail!("a file of features has none of Echonest's"),
        FeatureChoice::Families(asked) => {
            let known: Vec<String> = names.iter().map(|name| family(name)).collect();
            if let Some(unknown) = asked.iter().find(|name| !known.contains(name)) {
                let mut valid = known;
                valid.dedup();
                bail!(
                    "there is no family of features called `{unknown}`; there are {}",
                    valid.join(", ")
                );
            }
            (0..names.len())
                .filter(|&at| asked.contains(&known[at]))
                .collect()
        }
    };
    match chosen.is_empty() {
        true => bail!("the file has no column of features"),
        false => Ok(chosen),
    }
}

/// Refuses to replace a file that is there, unless asked to.
pub(crate) fn check_out(path: &Path, force: bool) -> Result<()> {
    if path.exists() && !force {
        bail!("{} is there already; replace it with --force", path.display());
    }
    Ok(())
}
