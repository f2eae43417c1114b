use std::fmt;
use std::str::FromStr;

use crate::error::{LearnError, Result};

/// What missing values become.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fill {
    /// The mean of the column's training values.
    Mean,
    /// The median of the column's training values.
    Median,
    /// This number.
    Constant(f64),
}

/// What becomes of outliers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Treatment {
    /// They stay.
    Keep,
    /// They become missing.
    Nan,
    /// They become the mean of the column's training values, outliers included.
    Mean,
    /// They become the median of the column's training values, outliers included.
    Median,
    /// They become the nearest value that is no outlier.
    Clip,
}

/// How far out a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OutlierScore {
    /// Population standard deviations from the mean (scipy, `stats.zscore`).
    #[default]
    Z,
    /// Deviations from the median in units of the median absolute deviation, scaled to agree with the standard deviation
    /// of a normal distribution (Iglewicz and Hoaglin 1993; scipy, `stats.median_abs_deviation(scale="normal")`).
    Robust,
}

/// What the ranks of a quantile transformation are spread to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distribution {
    /// Shares from 0 to 1.
    Uniform,
    /// Standard normal scores, from -5.2 to 5.2.
    Normal,
}

/// How much a category with few rows is drawn towards all rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Smooth {
    /// By an empirical Bayes estimate: the more, the less the classes of the category's own rows agree. Where they all do, not at all.
    Auto,
    /// As if the category had this many more artists (rows, where there are no groups) that are like all of them.
    Rows(f64),
}

/// What becomes of a category.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Encoding {
    /// The share of each class among its rows, smoothed; `None` for no such numbers.
    pub target: Option<Smooth>,
    /// Whether the share of all rows that are of it is a number too.
    pub count: bool,
}

impl Default for Encoding {
    /// `encode=target`: a category with one artist, whose tracks agree, is not to be believed, as [`Smooth::Auto`] would.
    fn default() -> Self {
        Self {
            target: Some(Smooth::Rows(10.0)),
            count: false,
        }
    }
}

/// One step of a [`crate::Pipeline`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Step {
    /// Columns of categories (`….category`, [`crate::data::ColumnKind`]) become numbers; other columns stay as they are. Always
    /// the first step. Source: scikit-learn, `TargetEncoder`.
    Encode(Encoding),
    /// Missing values are filled. Source: scikit-learn, `SimpleImputer(keep_empty_features=True)`.
    Impute(Fill),
    /// Values whose score is larger than `threshold` are treated; a column whose spread is zero has no outliers.
    Outliers {
        /// What becomes of them.
        treatment: Treatment,
        /// The largest score that is no outlier. Default: 3.
        threshold: f64,
        /// How far out a value is. Default: z-scores.
        score: OutlierScore,
    },
    /// `sign(x) * ln(1 + abs(x))`, for columns with long tails on either side.
    Log,
    /// Each value becomes its place among the training values. Source: scikit-learn,
    /// `QuantileTransformer(subsample=None)`.
    Quantile {
        /// What the places are spread to.
        output: Distribution,
        /// Number of landmarks; no more are used than there are training rows. Default: 1000.
        n_quantiles: usize,
    },
    /// Mean 0 and standard deviation 1 ([`crate::StandardScaler`]).
    Standard,
    /// Median 0 and interquartile range 1. Source: scikit-learn, `RobustScaler`.
    Robust,
}

/// Landmarks of a quantile transformation unless told otherwise.
const N_QUANTILES: usize = 1000;

/// The most landmarks there may be: more would only make model files large.
const MAX_QUANTILES: usize = 10_000;

/// Outliers lie beyond this score unless told otherwise.
const THRESHOLD: f64 = 3.0;

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encode(encoding) => {
                f.write_str("encode=")?;
                match encoding.target {
                    Some(Smooth::Auto) => f.write_str("target:auto")?,
                    Some(Smooth::Rows(rows)) => write!(f, "target:{rows}")?,
                    None => return f.write_str("count"),
                }
                f.write_str(if encoding.count { ":count" } else { "" })
            }
            Self::Impute(Fill::Mean) => f.write_str("impute=mean"),
            Self::Impute(Fill::Median) => f.write_str("impute=median"),
            Self::Impute(Fill::Constant(value)) => write!(f, "impute=constant:{value}"),
            Self::Outliers {
                treatment,
                threshold,
                score,
            } => {
                let treatment = match treatment {
                    Treatment::Keep => "keep",
                    Treatment::Nan => "nan",
                    Treatment::Mean => "mean",
                    Treatment::Median => "median",
                    Treatment::Clip => "clip",
                };
                write!(f, "outliers={treatment}:{threshold}")?;
                match score {
                    OutlierScore::Z => Ok(()),
                    OutlierScore::Robust => f.write_str(":robust"),
                }
            }
            Self::Log => f.write_str("log"),
            Self::Quantile { output, n_quantiles } => {
                f.write_str(match output {
                    Distribution::Uniform => "quantile=uniform",
                    Distribution::Normal => "quantile=normal",
                })?;
                match *n_quantiles {
                    N_QUANTILES => Ok(()),
                    n => write!(f, ":{n}"),
                }
            }
            Self::Standard => f.write_str("standard"),
            Self::Robust => f.write_str("robust"),
        }
    }
}

impl FromStr for Step {
    type Err = LearnError;

    fn from_str(text: &str) -> Result<Self> {
        let bad = |expected| LearnError::UnknownStep {
            step: text.to_owned(),
            expected,
        };
        let (name, rest) = text.split_once('=').unwrap_or((text, ""));
        let mut words = rest.split(':').map(str::trim).filter(|word| !word.is_empty());
        let step = match name.trim() {
            "encode" => encode(&mut words).ok_or_else(|| {
                bad(
                    "`encode=target` or `encode=count`; after `target`, if need be, `auto` or a number of artists that smooth, and \
                     `count`, as in `encode=target:10:count`",
                )
            })?,
            "impute" => {
                const EXPECTED: &str = "`impute=mean`, `impute=median` or `impute=constant:0`";
                Self::Impute(match words.next() {
                    Some("mean") => Fill::Mean,
                    Some("median") => Fill::Median,
                    Some("constant") => {
                        let value = words.next().unwrap_or("0").parse::<f64>();
                        Fill::Constant(
                            value
                                .ok()
                                .filter(|value| value.is_finite())
                                .ok_or_else(|| bad(EXPECTED))?,
                        )
                    }
                    _ => return Err(bad(EXPECTED)),
                })
            }
            "outliers" => outliers(&mut words).ok_or_else(|| {
                bad(
                    "`outliers=` with `keep`, `nan`, `mean`, `median` or `clip`, then if need be a threshold above 0 and \
                     `robust`, as in `outliers=clip:5:robust`",
                )
            })?,
            "quantile" => {
                const EXPECTED: &str =
                    "`quantile=uniform` or `quantile=normal`, then if need be 2 to 10000 landmarks, as in `quantile=normal:100`";
                let output = match words.next() {
                    Some("uniform") => Distribution::Uniform,
                    Some("normal") => Distribution::Normal,
                    _ => return Err(bad(EXPECTED)),
                };
                let n_quantiles = words.next().map_or(Ok(N_QUANTILES), str::parse).ok();
                let n_quantiles = n_quantiles
                    .filter(|n| (2..=MAX_QUANTILES).contains(n))
                    .ok_or_else(|| bad(EXPECTED))?;
                Self::Quantile { output, n_quantiles }
            }
            "log" => Self::Log,
            "standard" => Self::Standard,
            "robust" => Self::Robust,
            _ => {
                return Err(bad(
                    "one of encode, impute, outliers, log, quantile, standard and robust, as in `impute=median,standard`",
                ));
            }
        };
        let no_value = matches!(step, Self::Log | Self::Standard | Self::Robust);
        match words.next() {
            None if !no_value || rest.is_empty() => Ok(step),
            _ => Err(bad("nothing after that")),
        }
    }
}

fn encode<'a>(words: &mut impl Iterator<Item = &'a str>) -> Option<Step> {
    let mut encoding = match words.next()? {
        "target" => Encoding::default(),
        "count" => Encoding {
            target: None,
            count: true,
        },
        _ => return None,
    };
    for word in words {
        match (word, encoding.target) {
            (_, None) => return None,
            ("count", _) => encoding.count = true,
            ("auto", _) => encoding.target = Some(Smooth::Auto),
            (number, _) => {
                let rows = number
                    .parse()
                    .ok()
                    .filter(|rows: &f64| rows.is_finite() && *rows >= 0.0)?;
                encoding.target = Some(Smooth::Rows(rows));
            }
        }
    }
    Some(Step::Encode(encoding))
}

fn outliers<'a>(words: &mut impl Iterator<Item = &'a str>) -> Option<Step> {
    let treatment = match words.next()? {
        "keep" => Treatment::Keep,
        "nan" => Treatment::Nan,
        "mean" => Treatment::Mean,
        "median" => Treatment::Median,
        "clip" => Treatment::Clip,
        _ => return None,
    };
    let (mut threshold, mut score) = (THRESHOLD, OutlierScore::Z);
    for word in words {
        match word {
            "z" => score = OutlierScore::Z,
            "robust" => score = OutlierScore::Robust,
            number => {
                threshold = number.parse().ok().filter(|t: &f64| t.is_finite() && *t > 0.0)?;
            }
        }
    }
    Some(Step::Outliers {
        treatment,
        threshold,
        score,
    })
}
