/// A parameter of a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Param {
    /// The name in scikit-learn or XGBoost.
    pub name: &'static str,
    /// Other names for it, for example XGBoost's own beside those of its scikit-learn interface.
    pub aliases: &'static [&'static str],
    /// The values it takes, in words.
    pub accepts: &'static str,
}

/// What the tables of the methods are written with.
pub(crate) mod words {
    use super::Param;

    pub(crate) const fn param(name: &'static str, accepts: &'static str) -> Param {
        Param {
            name,
            aliases: &[],
            accepts,
        }
    }

    pub(crate) const fn also(
        name: &'static str,
        aliases: &'static [&'static str],
        accepts: &'static str,
    ) -> Param {
        Param {
            name,
            aliases,
            accepts,
        }
    }

    pub(crate) const POSITIVE: &str = "must be a number above 0";
    pub(crate) const NOT_NEGATIVE: &str = "must be a number, at least 0";
    pub(crate) const COUNT: &str = "must be a whole number, at least 1";
    pub(crate) const LIMIT: &str = "must be a whole number, or none for no limit";
    pub(crate) const YES_NO: &str = "must be true or false";
    pub(crate) const SHARE: &str = "must be above 0 and at most 1";
    pub(crate) const OPEN_SHARE: &str = "must be above 0 and below 1";
    pub(crate) const CLASS_WEIGHT: &str = "must be none, balanced or a list of weights, one per class";
    pub(crate) const SEED: Param = also("random_state", &["seed"], "must be a whole number, at least 0");
}
