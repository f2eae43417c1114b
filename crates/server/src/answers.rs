//! Answers as they are sent. `openapi.json` describes them, and a test compares the two.

use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use cratedigger_collection::neighbours::Near;
use cratedigger_collection::styles::Styles;
use cratedigger_features::{AudioInfo, Features, columns};
use cratedigger_learn::ModelCard;
use serde::Serialize;

use crate::classifier::{Classifier, Verdict};
use crate::problem::{Problem, ProblemDetails};
use crate::state::App;

/// Which model answered.
#[derive(Serialize)]
pub(crate) struct ModelRef<'a> {
    id: &'a str,
    method: &'a str,
    recipe: &'static str,
    cratedigger: &'a str,
}

/// `POST /v1/classify`.
#[derive(Serialize)]
pub(crate) struct Classified<'a> {
    pub(crate) model: ModelRef<'a>,
    pub(crate) threshold: f64,
    pub(crate) results: Vec<FileResult<Genres>>,
    pub(crate) seconds: f64,
}

/// `POST /v1/features`.
#[derive(Serialize)]
pub(crate) struct Extracted {
    recipe: &'static str,
    columns: Vec<&'static str>,
    results: Vec<FileResult<Values>>,
    seconds: f64,
}

/// What came of one file.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum FileResult<T> {
    Done {
        file: Option<String>,
        #[serde(flatten)]
        outcome: T,
        audio: Audio,
        seconds: f64,
    },
    Failed {
        file: Option<String>,
        problem: ProblemDetails,
    },
}

/// What was decoded.
#[derive(Serialize, Clone, Copy)]
pub(crate) struct Audio {
    duration_seconds: f64,
    sample_rate_hz: u32,
    n_channels: usize,
    n_bad_packets: u64,
    n_samples: u64,
    n_lost: u64,
    lost_share: f64,
    n_trimmed: u64,
    n_told: Option<u64>,
}

/// The genres of one file.
#[derive(Serialize)]
pub(crate) struct Genres {
    pub(crate) genre: Option<String>,
    abstained: bool,
    verdict: &'static str,
    novelty: Option<f64>,
    set: Option<GenreSet>,
    styles: Option<Vec<Style>>,
    probabilities: Vec<GenreProbability>,
    families: Option<Vec<FamilyEffect>>,
    neighbours: Option<Vec<Near>>,
}

#[derive(Serialize)]
struct GenreSet {
    coverage: f64,
    genres: Vec<String>,
    genres_per_class: Vec<String>,
}

/// One of all genres of a recording.
#[derive(Serialize)]
struct Style {
    genre: String,
    parent: Option<String>,
    probability: f64,
    named: bool,
}

#[derive(Serialize)]
struct GenreProbability {
    genre: String,
    probability: f64,
}

#[derive(Serialize)]
struct FamilyEffect {
    family: &'static str,
    effect: f64,
}

/// The features of one file.
#[derive(Serialize)]
pub(crate) struct Values {
    tuning_semitones: f64,
    values: Vec<f64>,
}

/// `GET /v1/model`.
#[derive(Serialize)]
pub(crate) struct ModelAnswer<'a> {
    #[serde(flatten)]
    model: ModelRef<'a>,
    threshold: f64,
    genres: &'a [String],
    limits: LimitsAnswer,
    report: bool,
    neighbours: Option<usize>,
    card: &'a ModelCard,
}

#[derive(Serialize)]
struct LimitsAnswer {
    max_body_bytes: u64,
    max_files: usize,
    max_duration_seconds: f64,
}

impl<'a> ModelRef<'a> {
    pub(crate) fn of(classifier: &'a Classifier) -> Self {
        Self {
            id: classifier.id(),
            method: &classifier.card().method,
            recipe: classifier.recipe().version(),
            cratedigger: &classifier.card().cratedigger,
        }
    }
}

impl<'a> ModelAnswer<'a> {
    pub(crate) fn of(app: &'a App) -> Self {
        Self {
            model: ModelRef::of(&app.classifier),
            threshold: app.classifier.threshold(),
            genres: &app.classifier.card().labels,
            limits: LimitsAnswer {
                max_body_bytes: app.settings.max_body,
                max_files: app.settings.max_files,
                max_duration_seconds: app.settings.max_duration_s,
            },
            report: app.site.has_report(),
            neighbours: app.classifier.n_neighbours(),
            card: app.classifier.card(),
        }
    }
}

impl Extracted {
    pub(crate) fn new(app: &App, results: Vec<FileResult<Values>>, seconds: f64) -> Self {
        Self {
            recipe: app.classifier.recipe().version(),
            columns: columns().iter().map(|c| c.name.as_str()).collect(),
            results,
            seconds,
        }
    }
}

impl<T> FileResult<T> {
    /// The result with the file's name.
    pub(crate) fn named(mut self, name: Option<String>) -> Self {
        match &mut self {
            Self::Done { file, .. } | Self::Failed { file, .. } => *file = name,
        }
        self
    }
}

impl From<AudioInfo> for Audio {
    fn from(info: AudioInfo) -> Self {
        Self {
            duration_seconds: info.duration_s(),
            sample_rate_hz: info.sample_rate,
            n_channels: info.n_channels,
            n_bad_packets: info.n_bad_packets,
            n_samples: info.n_samples,
            n_lost: info.n_lost,
            lost_share: info.lost_share(),
            n_trimmed: info.n_trimmed,
            n_told: info.n_told,
        }
    }
}

impl From<&Features> for Values {
    fn from(features: &Features) -> Self {
        Self {
            tuning_semitones: features.tuning(),
            values: features.values().to_vec(),
        }
    }
}

impl Genres {
    /// Probabilities from the largest down; equal ones in the order of the labels.
    pub(crate) fn new(verdict: Verdict, labels: &[String]) -> Self {
        let mut order: Vec<usize> = (0..labels.len()).collect();
        order.sort_by(|&a, &b| verdict.probabilities[b].total_cmp(&verdict.probabilities[a]));
        let probabilities = order
            .into_iter()
            .map(|i| GenreProbability {
                genre: labels[i].clone(),
                probability: verdict.probabilities[i],
            })
            .collect();
        let families = verdict.families.map(|families| {
            families
                .into_iter()
                .map(|(family, effect)| FamilyEffect {
                    family: family.name(),
                    effect,
                })
                .collect()
        });
        let set = verdict.sets.map(|sets| {
            let names = |rows: &[Vec<usize>]| {
                rows.iter()
                    .flatten()
                    .map(|&class| labels[class].clone())
                    .collect()
            };
            GenreSet {
                coverage: sets.coverage,
                genres: names(&sets.plain),
                genres_per_class: names(&sets.per_class),
            }
        });
        let style = |styles: &Styles, at: usize| Style {
            genre: styles.names[at].clone(),
            parent: styles.parent(at).map(str::to_owned),
            probability: styles.row(0)[at],
            named: styles.named[0].contains(&at),
        };
        let styles = verdict.styles.map(|styles| {
            let ranked = styles.ranked(0).into_iter();
            ranked.map(|at| style(&styles, at)).collect()
        });
        let genre = verdict.said.genre();
        Self {
            genre: genre.map(|class| labels[class].clone()),
            abstained: genre.is_none(),
            verdict: verdict.said.word(),
            novelty: verdict.novelty,
            set,
            styles,
            probabilities,
            families,
            neighbours: verdict.neighbours,
        }
    }
}

/// A JSON answer.
pub(crate) fn json(value: &impl Serialize) -> Result<Response, Problem> {
    let Ok(body) = serde_json::to_vec(value) else {
        return Err(Problem::internal());
    };
    let kind = HeaderValue::from_static("application/json");
    Ok(([(CONTENT_TYPE, kind)], body).into_response())
}
