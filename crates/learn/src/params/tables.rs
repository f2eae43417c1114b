//! The parameters of every method. A test holds them against the fields of the classifiers.

use super::Param;
use crate::estimator::Method;

const fn param(name: &'static str, accepts: &'static str) -> Param {
    Param {
        name,
        aliases: &[],
        accepts,
    }
}

const fn also(name: &'static str, aliases: &'static [&'static str], accepts: &'static str) -> Param {
    Param {
        name,
        aliases,
        accepts,
    }
}

const POSITIVE: &str = "must be a number above 0";
const NOT_NEGATIVE: &str = "must be a number, at least 0";
const COUNT: &str = "must be a whole number, at least 1";
const LIMIT: &str = "must be a whole number, or none for no limit";
const YES_NO: &str = "must be true or false";
const SHARE: &str = "must be above 0 and at most 1";
const OPEN_SHARE: &str = "must be above 0 and below 1";
const CLASS_WEIGHT: &str = "must be none, balanced or a list of weights, one per class";
const SEED: Param = also("random_state", &["seed"], "must be a whole number, at least 0");

pub(super) fn of(method: Method) -> &'static [Param] {
    match method {
        Method::LinearSvc => LINEAR_SVC,
        Method::Mlp => MLP,
        Method::DecisionTree => DECISION_TREE,
        Method::GradientBoosting => GRADIENT_BOOSTING,
        Method::LogisticRegression => LOGISTIC_REGRESSION,
        Method::Majority => &[],
    }
}

const LINEAR_SVC: &[Param] = &[
    param("penalty", "must be l1 or l2"),
    param("loss", "must be hinge or squared_hinge"),
    param("dual", "must be auto, true or false"),
    param("tol", POSITIVE),
    param("C", POSITIVE),
    param("fit_intercept", YES_NO),
    param("intercept_scaling", POSITIVE),
    param("class_weight", CLASS_WEIGHT),
    SEED,
    param("max_iter", COUNT),
];

const MLP: &[Param] = &[
    param(
        "hidden_layer_sizes",
        "must be a list of whole numbers, as in [100, 50]",
    ),
    param("activation", "must be relu, tanh or logistic"),
    param("solver", "must be adam, sgd or lbfgs"),
    param("alpha", NOT_NEGATIVE),
    param("batch_size", "must be auto or a whole number, at least 1"),
    param("learning_rate", "must be constant, invscaling or adaptive"),
    param("learning_rate_init", POSITIVE),
    param("power_t", NOT_NEGATIVE),
    param("max_iter", COUNT),
    param("shuffle", YES_NO),
    SEED,
    param("tol", NOT_NEGATIVE),
    param("momentum", "must be between 0 and 1"),
    param("nesterovs_momentum", YES_NO),
    param("early_stopping", YES_NO),
    param("validation_fraction", OPEN_SHARE),
    param("beta_1", "must be at least 0 and below 1"),
    param("beta_2", "must be at least 0 and below 1"),
    param("epsilon", POSITIVE),
    param("n_iter_no_change", COUNT),
    param("max_fun", COUNT),
];

const DECISION_TREE: &[Param] = &[
    param("criterion", "must be gini, entropy or log_loss"),
    param("splitter", "must be best"),
    param("max_depth", LIMIT),
    param(
        "min_samples_split",
        "must be a whole number, at least 2, or a share of the rows",
    ),
    param(
        "min_samples_leaf",
        "must be a whole number, at least 1, or a share of the rows",
    ),
    param("min_weight_fraction_leaf", "must be between 0 and 0.5"),
    param(
        "max_features",
        "must be none, sqrt, log2, a whole number or a share of the features",
    ),
    SEED,
    param("max_leaf_nodes", LIMIT),
    param("min_impurity_decrease", NOT_NEGATIVE),
    param("class_weight", CLASS_WEIGHT),
    param("ccp_alpha", NOT_NEGATIVE),
];

const GRADIENT_BOOSTING: &[Param] = &[
    also("n_estimators", &["num_boost_round"], COUNT),
    param("max_depth", "must be a whole number, 0 for no limit"),
    param("max_leaves", "must be a whole number, 0 for no limit"),
    param("max_bin", "must be a whole number between 2 and 60000"),
    also("learning_rate", &["eta"], SHARE),
    also("gamma", &["min_split_loss"], NOT_NEGATIVE),
    param("min_child_weight", NOT_NEGATIVE),
    param("max_delta_step", NOT_NEGATIVE),
    param("subsample", SHARE),
    param("colsample_bytree", SHARE),
    also("reg_alpha", &["alpha"], NOT_NEGATIVE),
    also("reg_lambda", &["lambda"], NOT_NEGATIVE),
    SEED,
    param(
        "early_stopping_rounds",
        "must be a whole number, at least 1, or none",
    ),
    param("validation_fraction", OPEN_SHARE),
    param("class_weight", CLASS_WEIGHT),
];

const LOGISTIC_REGRESSION: &[Param] = &[
    param("C", POSITIVE),
    param("tol", POSITIVE),
    param("fit_intercept", YES_NO),
    param("class_weight", CLASS_WEIGHT),
    param("max_iter", COUNT),
];
