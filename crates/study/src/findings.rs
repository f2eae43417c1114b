//! The findings as a whole: what `findings.json` holds. Its schema is described in `docs/findings.md`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::archive::missingness::Missingness;
use crate::archive::outliers::Outliers;
use crate::archive::overview::Overview;
use crate::archive::sound::Sound;
use crate::continents::independence::ContinentTests;
use crate::error::Result;
use crate::learning::all_genres::AllGenres;
use crate::learning::audit::Audit;
use crate::learning::deep::Deep;
use crate::learning::genre_sets::GenreSet;
use crate::learning::imputation::Imputation;
use crate::learning::inspection::Inspection;
use crate::learning::method_pairs::MethodComparison;
use crate::learning::methods::{ClassifierFinding, ClassifiersSkipped, MethodSkipped};
use crate::learning::selective::Selective;
use crate::learning::sources::Sources;
use crate::learning::split::Split;
use crate::learning::treatment::Treatments;
use crate::learning::tuning::Tuning;
use crate::learning::unknown::Unknown;
use crate::places::geography::Geography;
use crate::provenance::Provenance;
use crate::published::verdicts::Published;
use crate::selection::Selection;

/// The version of the schema: raised when a field is removed, renamed or changes its meaning, not when one is added.
pub const SCHEMA_VERSION: u32 = 2;

/// All findings of a study.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Findings {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// How these findings were made.
    pub provenance: Provenance,
    /// Sections that were left out because it was asked for, in the order of the study: their fields are as empty as if there were
    /// nothing to find. Absent in findings written before there was a choice.
    #[serde(default)]
    pub sections_skipped: Vec<SectionSkipped>,
    /// What is in the archive.
    pub overview: Overview,
    /// What is missing in it, and what is missing together.
    pub missingness: Missingness,
    /// What of the sound was lost when the features were extracted; `null` where no table beside them tells.
    #[serde(default)]
    pub sound: Option<Sound>,
    /// Which tracks were chosen to learn from.
    pub selection: Selection,
    /// Where the music comes from; `null` where no track has coordinates or an artist's location.
    pub geography: Option<Geography>,
    /// Whether continents differ in their genres; `null` where fewer than two continents or genres have tracks.
    pub differences: Option<ContinentTests>,
    /// Outliers among the features; `null` without a table of features.
    pub outliers: Option<Outliers>,
    /// What treatments of outliers do to a classifier's scores; `null` where no classifier was trained.
    pub treatments: Option<Treatments>,
    /// The published study's figures beside these; `null` unless the whole dataset was studied, or it was asked for.
    pub comparison: Option<Published>,
    /// Who trains and who tests; `null` where no classifier could be trained.
    pub split: Option<Split>,
    /// The classifiers that were trained, in the order asked for.
    pub classifiers: Vec<ClassifierFinding>,
    /// Why there is no classifier; `null` where there is one.
    pub classifiers_skipped: Option<ClassifiersSkipped>,
    /// Methods that were asked for and not trained, while the data would have allowed it.
    pub methods_skipped: Vec<MethodSkipped>,
    /// Which differences between the methods are more than chance; `null` without classifiers.
    pub method_comparison: Option<MethodComparison>,
    /// Curves, and what the best method relies on; `null` without classifiers.
    pub inspection: Option<Inspection>,
    /// The methods on fewer and on more genres, each with the same limit of training tracks.
    pub genre_sets: Vec<GenreSet>,
    /// Whether a search for better parameters helped; `null` where none was made.
    pub tuning: Option<Tuning>,
    /// What can be trusted without listening: accuracies of the surest, answers that keep a promise, sets of genres; `null` without
    /// classifiers whose probabilities can be calibrated. Absent in findings written before it was asked.
    #[serde(default)]
    pub selective: Option<Selective>,
    /// What places, years and the like add to the features; `null` unless that was asked for. Absent in findings written before it
    /// could be.
    #[serde(default)]
    pub sources: Option<Sources>,
    /// How well all genres of a track can be named; `null` unless that was asked for. Absent in findings written before it could be.
    #[serde(default)]
    pub all_genres: Option<AllGenres>,
    /// Networks on the frames of recordings beside the features; `null` unless that was asked for. Absent in findings written before it
    /// could be.
    #[serde(default)]
    pub deep: Option<Deep>,
    /// Which labels are doubtful, and which tracks are there more than once; `null` where there is nothing to learn from. Absent in
    /// findings written before it was looked at.
    #[serde(default)]
    pub audit: Option<Audit>,
    /// Whether a genre that was never heard is told to be unknown; `null` where nothing is trained on, or too little. Absent in findings
    /// written before it was asked.
    #[serde(default)]
    pub unknown: Option<Unknown>,
    /// Genres for tracks that have none, and whether they help as training tracks; `null` where no track lacks one, or nothing is trained on.
    /// Absent in findings written before it was asked.
    #[serde(default)]
    pub imputation: Option<Imputation>,
}

/// A section that was left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SectionSkipped {
    /// The section: the field of the findings that it would have filled.
    pub section: String,
    /// A sentence that says why: it was asked for, or it needs one that was left out.
    pub reason: String,
}

impl Findings {
    /// Whether this section was left out because it was asked for.
    pub fn left_out(&self, section: &str) -> bool {
        self.sections_skipped
            .iter()
            .any(|skipped| skipped.section == section)
    }

    /// The findings as JSON with every time taken out, so that two studies of the same data and seed are equal.
    ///
    /// # Errors
    /// `Json`.
    pub fn without_times(&self) -> Result<Value> {
        let mut value = serde_json::to_value(self)?;
        remove_times(&mut value);
        Ok(value)
    }
}

/// Removes every field whose name ends in `_seconds`: the only ones that depend on the clock.
fn remove_times(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !name.ends_with("_seconds"));
            fields.values_mut().for_each(remove_times);
        }
        Value::Array(items) => items.iter_mut().for_each(remove_times),
        _ => {}
    }
}
