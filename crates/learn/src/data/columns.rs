//! What the names of columns say: which family a column is of, and whether its numbers are codes of categories or may be missing.

use crate::error::{LearnError, Result};

/// What the numbers of a column are, which the last part of its name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Numbers, all of them known.
    Number,
    /// `….optional`: numbers that may be missing (NaN) in any row.
    Optional,
    /// `….category`: codes of categories ([`category_code`]), whose order means nothing; NaN is a category too, that of rows of
    /// which nothing is known.
    Category,
}

impl ColumnKind {
    /// The kind of a column of this name.
    pub fn of(name: &str) -> Self {
        match name.rsplit('.').next() {
            Some("category") => Self::Category,
            Some("optional") => Self::Optional,
            _ => Self::Number,
        }
    }
}

/// The code of a category: the first 24 bits of a hash of its name, which `f32` holds exactly. The same name has the same code in
/// every data set and model, whatever other names there are.
///
/// Two names may share a code; of 1,000 names any two do with a probability of 3 %, and are then one category.
pub fn category_code(name: &str) -> f32 {
    let hash = blake3::hash(name.as_bytes());
    let bytes = hash.as_bytes();
    (u32::from(bytes[0]) << 16 | u32::from(bytes[1]) << 8 | u32::from(bytes[2])) as f32
}

/// The statistics of the 518 features: a column of theirs is called `FAMILY.STATISTIC.NN`.
const STATISTICS: [&str; 7] = ["kurtosis", "max", "mean", "median", "min", "skew", "std"];

/// Whether a family holds a column: the first part of its name, or several (`mfcc`, `echonest`, `echonest.social_features`);
/// Echonest's also without `echonest`; `518` for all columns that are statistics of frames; `features` for all that are neither
/// categories nor may be missing: what is not there of every row stands beside the features.
pub fn is_of_family(column: &str, family: &str) -> bool {
    let below = |column: &str| {
        let rest = column.strip_prefix(family);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    if family == "518" {
        let parts: Vec<&str> = column.split('.').collect();
        return parts.len() == 3 && STATISTICS.contains(&parts[1]);
    }
    if family == "features" {
        return ColumnKind::of(column) == ColumnKind::Number;
    }
    below(column) || column.strip_prefix("echonest.").is_some_and(below)
}

/// The columns of any of these families, in their order; `all` stands for every column.
///
/// # Errors
/// `UnknownFamily` for one without a column, with the families that there are.
pub fn columns_of(names: &[String], families: &[String]) -> Result<Vec<usize>> {
    let is_known = |family: &String| family == "all" || names.iter().any(|name| is_of_family(name, family));
    if let Some(unknown) = families.iter().find(|family| !is_known(family)) {
        let mut available: Vec<&str> = Vec::new();
        for name in names {
            let family = name.split('.').next().unwrap_or_default();
            if !available.contains(&family) {
                available.push(family);
            }
        }
        return Err(LearnError::UnknownFamily {
            family: unknown.clone(),
            available: available.join(", "),
        });
    }
    let is_asked = |name: &str| {
        families
            .iter()
            .any(|family| family == "all" || is_of_family(name, family))
    };
    Ok((0..names.len()).filter(|&at| is_asked(&names[at])).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn families_are_the_first_parts_of_names() {
        let names: Vec<String> = [
            "mfcc.mean.01",
            "mfcc.std.01",
            "mfccs.mean.01",
            "echonest.audio_features.tempo",
            "place.region.category",
            "place.latitude.optional",
            "year.optional",
        ]
        .map(str::to_owned)
        .to_vec();
        let of = |families: &[&str]| {
            let families: Vec<String> = families.iter().map(|family| (*family).to_owned()).collect();
            columns_of(&names, &families)
        };
        assert_eq!(of(&["mfcc"]).unwrap(), [0, 1]);
        assert_eq!(of(&["518"]).unwrap(), [0, 1, 2]);
        assert_eq!(of(&["echonest"]).unwrap(), [3]);
        assert_eq!(of(&["audio_features", "mfcc.std"]).unwrap(), [1, 3]);
        assert_eq!(of(&["year", "place"]).unwrap(), [4, 5, 6]);
        assert_eq!(of(&["features"]).unwrap(), [0, 1, 2, 3]);
        assert_eq!(of(&["all"]).unwrap(), [0, 1, 2, 3, 4, 5, 6]);
        let error = of(&["year", "mfc"]).unwrap_err().to_string();
        assert!(
            error.contains("`mfc`") && error.contains("mfccs, echonest, place, year"),
            "{error}"
        );
    }

    #[test]
    fn kinds_stand_at_the_end_of_names() {
        assert_eq!(ColumnKind::of("place.region.category"), ColumnKind::Category);
        assert_eq!(ColumnKind::of("year.optional"), ColumnKind::Optional);
        assert_eq!(ColumnKind::of("mfcc.mean.01"), ColumnKind::Number);
        assert_eq!(ColumnKind::of("category.mean"), ColumnKind::Number);
    }

    #[test]
    fn a_code_is_a_number_that_single_precision_holds() {
        let code = category_code("USA, New York");
        assert_eq!(code, f64::from(code) as u32 as f32);
        assert_ne!(code, category_code("USA, New Jersey"));
        assert!((0.0..16_777_216.0).contains(&code));
    }
}
