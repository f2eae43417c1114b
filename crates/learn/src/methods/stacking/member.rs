//! The text that names members, and what it means.

use crate::data::columns::columns_of;
use crate::error::{LearnError, Result};
use crate::estimator::{Classifier, Method};
use crate::params::{Params, parse_param};
use crate::preprocess::Pipeline;

/// A member before it is fitted.
#[derive(Debug)]
pub(super) struct Member {
    /// As it was written.
    pub(super) text: String,
    pub(super) classifier: Box<dyn Classifier>,
    /// Families of columns; `None` for all columns.
    families: Option<Vec<String>>,
    /// `None` for what the method gets unless told otherwise.
    pub(super) pipeline: Option<Pipeline>,
}

/// The family of what a network hears: the recordings of the rows, not columns.
const FRAMES: &str = "frames";

const FORM: &str = "must be members with `;` between them, each METHOD, METHOD(PARAM=VALUE, …), METHOD@FAMILY,… or all of it, as in \
                    `gradient-boosting(max_depth=4)@518; logistic-regression@place,year`";

/// The members of a text.
///
/// # Errors
/// `InvalidParameter` for a text that cannot be read; that of the method or parameter that there is not.
pub(super) fn members(text: &str, seed: u64) -> Result<Vec<Member>> {
    let members: Vec<Member> = outside(text, ';')
        .into_iter()
        .map(str::trim)
        .filter(|member| !member.is_empty())
        .map(|member| Member::read("estimators", member, seed))
        .collect::<Result<_>>()?;
    match members.is_empty() {
        true => Err(LearnError::parameter("estimators", text, FORM)),
        false => Ok(members),
    }
}

impl Member {
    /// One method with what belongs to it. `name`: of the parameter that it stands in.
    pub(super) fn read(name: &'static str, text: &str, seed: u64) -> Result<Self> {
        let bad = || LearnError::parameter(name, text, FORM);
        let (head, pipeline) = match text.split_once('|') {
            Some((head, pipeline)) => (head, Some(pipeline.parse()?)),
            None => (text, None),
        };
        let (method, families) = match outside(head, '@').as_slice() {
            [method] => (*method, None),
            [method, families] => {
                let families: Vec<String> = families
                    .split(',')
                    .map(|family| family.trim().to_owned())
                    .collect();
                if families.iter().any(String::is_empty) {
                    return Err(bad());
                }
                (*method, Some(families))
            }
            _ => return Err(bad()),
        };
        let (method, params) = match method.trim().split_once('(') {
            Some((method, params)) => (method, params.strip_suffix(')').ok_or_else(bad)?),
            None => (method.trim(), ""),
        };
        let method: Method = method.trim().parse()?;
        if method == Method::STACKING {
            return Err(LearnError::parameter(
                name,
                text,
                "a stack of methods cannot be a member of another",
            ));
        }
        let mut named = Params::new();
        for param in outside(params, ',')
            .into_iter()
            .filter(|param| !param.trim().is_empty())
        {
            let (param, value) = parse_param(param)?;
            if named.insert(param, value).is_some() {
                return Err(bad());
            }
        }
        Ok(Self {
            text: text.to_owned(),
            classifier: method.classifier_with(&named, seed)?,
            families,
            pipeline,
        })
    }

    /// Whether it has columns or a pipeline of its own.
    pub(super) fn is_plain(&self) -> bool {
        self.families.is_none() && self.pipeline.is_none()
    }

    /// The columns that it sees.
    ///
    /// # Errors
    /// `UnknownFamily`; `InvalidParameter` where families are named and columns have no names.
    pub(super) fn columns(&self, names: Option<&[String]>, n_cols: usize) -> Result<Vec<usize>> {
        // Frames are no columns: recordings go with their rows whatever columns are taken.
        let columns = |families: &Vec<String>| -> Vec<String> {
            let families = families.iter().filter(|family| *family != FRAMES);
            families.cloned().collect()
        };
        match (self.families.as_ref().map(columns), names) {
            (None, _) => Ok((0..n_cols).collect()),
            (Some(families), _) if families.is_empty() => Ok(Vec::new()),
            (Some(families), Some(names)) => columns_of(names, &families),
            (Some(_), None) => Err(LearnError::parameter(
                "estimators",
                &self.text,
                "families of columns need rows whose columns have names",
            )),
        }
    }
}

/// The parts of a text between separators that stand outside of parentheses and brackets.
fn outside(text: &str, separator: char) -> Vec<&str> {
    let (mut depth, mut start) = (0_i64, 0);
    let mut parts = Vec::new();
    for (at, character) in text.char_indices() {
        match character {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            _ if character == separator && depth == 0 => {
                parts.push(&text[start..at]);
                start = at + character.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::params::ParamValue;

    #[test]
    fn members_are_read_as_they_are_written() {
        let text = "gradient-boosting(max_depth=4, class_weight=[1,2])@518; mlp(hidden_layer_sizes=[8, 4]); \
                    logistic-regression( C = 0.1 )@place, year|impute=median,standard;";
        let members = members(text, 7).unwrap();
        let names: Vec<&str> = members
            .iter()
            .map(|member| member.classifier.method().name())
            .collect();
        assert_eq!(names, ["gradient-boosting", "mlp", "logistic-regression"]);
        let value = |at: usize, name: &str| {
            let params = members[at].classifier.params();
            params.into_iter().find(|(known, _)| *known == name).unwrap().1
        };
        assert_eq!(value(0, "max_depth"), ParamValue::Int(4));
        assert_eq!(value(1, "hidden_layer_sizes"), ParamValue::IntList(vec![8, 4]));
        assert_eq!(value(1, "random_state"), ParamValue::Int(7));
        assert_eq!(value(2, "C"), ParamValue::Float(0.1));
        assert_eq!(
            members[2].pipeline.as_ref().unwrap().to_string(),
            "impute=median,standard"
        );
        assert!(members[1].is_plain() && !members[0].is_plain() && !members[2].is_plain());
        let columns: Vec<String> = ["mfcc.mean.01", "place.region", "year"]
            .map(str::to_owned)
            .to_vec();
        assert_eq!(members[0].columns(Some(&columns), 3).unwrap(), [0]);
        assert_eq!(members[1].columns(Some(&columns), 3).unwrap(), [0, 1, 2]);
        assert_eq!(members[2].columns(Some(&columns), 3).unwrap(), [1, 2]);
        assert!(members[0].columns(None, 3).is_err());
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        for (text, hint) in [
            ("", "must be members"),
            (" ; ", "must be members"),
            ("svm", "unknown method `svm`"),
            ("mlp(alpha=1", "must be members"),
            ("mlp(alfa=1)", "no parameter `alfa`"),
            ("mlp(alpha=-1)", "not negative"),
            ("mlp(alpha=1, alpha=2)", "must be members"),
            ("mlp@", "must be members"),
            ("mlp@a@b", "must be members"),
            ("mlp|impute=mode", "impute=mean"),
            ("stacking", "cannot be a member"),
        ] {
            let error = members(text, 0).unwrap_err().to_string();
            assert!(error.contains(hint), "{text}: {error}");
        }
    }
}
