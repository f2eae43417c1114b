//! Parameters by name: for the command line, search spaces, model files and model cards.

mod param;
mod value;

use std::collections::BTreeMap;

use crate::error::{LearnError, Result};

pub use param::Param;
pub(crate) use param::words;
pub use value::ParamValue;

/// Parameters by name, in alphabetical order.
pub type Params = BTreeMap<String, ParamValue>;

/// Splits `name=value`, as given to `--param`. The value is read as by [`ParamValue`]'s `FromStr`.
///
/// # Errors
/// `InvalidParameter` where there is no `=` or no name.
pub fn parse_param(text: &str) -> Result<(String, ParamValue)> {
    let bad = || LearnError::parameter("param", text, "must have the form name=value, as in alpha=0.01");
    let (name, value) = text.split_once('=').ok_or_else(bad)?;
    let name = name.trim();
    if name.is_empty() {
        return Err(bad());
    }
    Ok((name.to_owned(), value.parse()?))
}
