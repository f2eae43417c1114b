"""Trees, alone and many. Written by ``scripts/make_estimators.py``."""

from __future__ import annotations

from typing import Any

from .._estimator import WithImportances, WithProbabilities


class DecisionTreeClassifier(WithImportances, WithProbabilities):
    """A decision tree (CART).

    Parameters
    ----------
    criterion : default="gini"
    splitter : default="best"
    max_depth : default=None
    min_samples_split : default=2
    min_samples_leaf : default=1
    min_weight_fraction_leaf : default=0.0
    max_features : default=None
    random_state : default=0
    max_leaf_nodes : default=None
    min_impurity_decrease : default=0.0
    class_weight : default=None
    ccp_alpha : default=0.0
    n_jobs : int, optional
        Threads; None or -1 for one for each processor. It changes no bit of the model.
    """

    _method = "decision-tree"

    def __init__(
        self,
        *,
        criterion: Any = "gini",
        splitter: Any = "best",
        max_depth: Any = None,
        min_samples_split: Any = 2,
        min_samples_leaf: Any = 1,
        min_weight_fraction_leaf: Any = 0.0,
        max_features: Any = None,
        random_state: Any = 0,
        max_leaf_nodes: Any = None,
        min_impurity_decrease: Any = 0.0,
        class_weight: Any = None,
        ccp_alpha: Any = 0.0,
        n_jobs: Any = None,
    ) -> None:
        self.criterion = criterion
        self.splitter = splitter
        self.max_depth = max_depth
        self.min_samples_split = min_samples_split
        self.min_samples_leaf = min_samples_leaf
        self.min_weight_fraction_leaf = min_weight_fraction_leaf
        self.max_features = max_features
        self.random_state = random_state
        self.max_leaf_nodes = max_leaf_nodes
        self.min_impurity_decrease = min_impurity_decrease
        self.class_weight = class_weight
        self.ccp_alpha = ccp_alpha
        self.n_jobs = n_jobs


class GradientBoostingClassifier(WithImportances, WithProbabilities):
    """Boosted trees on histograms, with the names and defaults of XGBoost.

    Parameters
    ----------
    n_estimators : default=100
    max_depth : default=6
    max_leaves : default=0
    max_bin : default=256
    learning_rate : default=0.3
    gamma : default=0.0
    min_child_weight : default=1.0
    max_delta_step : default=0.0
    subsample : default=1.0
    colsample_bytree : default=1.0
    reg_alpha : default=0.0
    reg_lambda : default=1.0
    random_state : default=0
    early_stopping_rounds : default=None
    validation_fraction : default=0.1
    class_weight : default=None
    n_jobs : int, optional
        Threads; None or -1 for one for each processor. It changes no bit of the model.
    """

    _method = "gradient-boosting"

    def __init__(
        self,
        *,
        n_estimators: Any = 100,
        max_depth: Any = 6,
        max_leaves: Any = 0,
        max_bin: Any = 256,
        learning_rate: Any = 0.3,
        gamma: Any = 0.0,
        min_child_weight: Any = 1.0,
        max_delta_step: Any = 0.0,
        subsample: Any = 1.0,
        colsample_bytree: Any = 1.0,
        reg_alpha: Any = 0.0,
        reg_lambda: Any = 1.0,
        random_state: Any = 0,
        early_stopping_rounds: Any = None,
        validation_fraction: Any = 0.1,
        class_weight: Any = None,
        n_jobs: Any = None,
    ) -> None:
        self.n_estimators = n_estimators
        self.max_depth = max_depth
        self.max_leaves = max_leaves
        self.max_bin = max_bin
        self.learning_rate = learning_rate
        self.gamma = gamma
        self.min_child_weight = min_child_weight
        self.max_delta_step = max_delta_step
        self.subsample = subsample
        self.colsample_bytree = colsample_bytree
        self.reg_alpha = reg_alpha
        self.reg_lambda = reg_lambda
        self.random_state = random_state
        self.early_stopping_rounds = early_stopping_rounds
        self.validation_fraction = validation_fraction
        self.class_weight = class_weight
        self.n_jobs = n_jobs


class RandomForestClassifier(WithImportances, WithProbabilities):
    """Trees on samples of rows and features that vote.

    Parameters
    ----------
    n_estimators : default=100
    criterion : default="gini"
    max_depth : default=None
    min_samples_split : default=2
    min_samples_leaf : default=1
    min_weight_fraction_leaf : default=0.0
    max_features : default="sqrt"
    max_leaf_nodes : default=None
    min_impurity_decrease : default=0.0
    bootstrap : default=True
    oob_score : default=False
    random_state : default=0
    class_weight : default=None
    n_jobs : int, optional
        Threads; None or -1 for one for each processor. It changes no bit of the model.
    """

    _method = "random-forest"

    def __init__(
        self,
        *,
        n_estimators: Any = 100,
        criterion: Any = "gini",
        max_depth: Any = None,
        min_samples_split: Any = 2,
        min_samples_leaf: Any = 1,
        min_weight_fraction_leaf: Any = 0.0,
        max_features: Any = "sqrt",
        max_leaf_nodes: Any = None,
        min_impurity_decrease: Any = 0.0,
        bootstrap: Any = True,
        oob_score: Any = False,
        random_state: Any = 0,
        class_weight: Any = None,
        n_jobs: Any = None,
    ) -> None:
        self.n_estimators = n_estimators
        self.criterion = criterion
        self.max_depth = max_depth
        self.min_samples_split = min_samples_split
        self.min_samples_leaf = min_samples_leaf
        self.min_weight_fraction_leaf = min_weight_fraction_leaf
        self.max_features = max_features
        self.max_leaf_nodes = max_leaf_nodes
        self.min_impurity_decrease = min_impurity_decrease
        self.bootstrap = bootstrap
        self.oob_score = oob_score
        self.random_state = random_state
        self.class_weight = class_weight
        self.n_jobs = n_jobs
