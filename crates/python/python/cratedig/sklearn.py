"""cratedigger's methods as scikit-learn's estimators: pipelines, grid searches and cross-validation take them.

Parameters have the names, meanings and defaults of scikit-learn (of XGBoost for boosting) but where ``docs/classifiers.md`` says
otherwise; a wrong one is an error that says what it takes. Nothing is standardised unasked: put a ``StandardScaler`` before the
methods that want one.

Written by ``scripts/make_estimators.py``.
"""

from __future__ import annotations

from typing import Any

from ._estimator import Estimator, WithDecision, WithImportances, WithProbabilities

__all__ = [
    "DecisionTreeClassifier",
    "GradientBoostingClassifier",
    "KNeighborsClassifier",
    "LinearSVC",
    "LogisticRegression",
    "MLPClassifier",
    "MajorityClassifier",
    "RandomForestClassifier",
    "SVC",
    "StackingClassifier",
]


class LinearSVC(WithDecision):
    """A linear support vector machine, one class against the rest.

    Parameters
    ----------
    penalty : default="l2"
    loss : default="squared_hinge"
    dual : default="auto"
    tol : default=0.0001
    C : default=1.0
    fit_intercept : default=True
    intercept_scaling : default=1.0
    class_weight : default=None
    random_state : default=0
    max_iter : default=1000
    n_jobs : int, optional
        Threads; None or -1 for one for each processor. It changes no bit of the model.
    """

    _method = "linear-svc"

    def __init__(
        self,
        *,
        penalty: Any = "l2",
        loss: Any = "squared_hinge",
        dual: Any = "auto",
        tol: Any = 0.0001,
        C: Any = 1.0,
        fit_intercept: Any = True,
        intercept_scaling: Any = 1.0,
        class_weight: Any = None,
        random_state: Any = 0,
        max_iter: Any = 1000,
        n_jobs: Any = None,
    ) -> None:
        self.penalty = penalty
        self.loss = loss
        self.dual = dual
        self.tol = tol
        self.C = C
        self.fit_intercept = fit_intercept
        self.intercept_scaling = intercept_scaling
        self.class_weight = class_weight
        self.random_state = random_state
        self.max_iter = max_iter
        self.n_jobs = n_jobs


class MLPClassifier(WithProbabilities):
    """A multi-layer perceptron.

    Parameters
    ----------
    hidden_layer_sizes : default=(100,)
    activation : default="relu"
    solver : default="adam"
    alpha : default=0.0001
    batch_size : default="auto"
    learning_rate : default="constant"
    learning_rate_init : default=0.001
    power_t : default=0.5
    max_iter : default=200
    shuffle : default=True
    random_state : default=0
    tol : default=0.0001
    momentum : default=0.9
    nesterovs_momentum : default=True
    early_stopping : default=False
    validation_fraction : default=0.1
    beta_1 : default=0.9
    beta_2 : default=0.999
    epsilon : default=1e-08
    n_iter_no_change : default=10
    max_fun : default=15000
    n_jobs : int, optional
        Threads; None or -1 for one for each processor. It changes no bit of the model.
    """

    _method = "mlp"

    def __init__(
        self,
        *,
        hidden_layer_sizes: Any = (100,),
        activation: Any = "relu",
        solver: Any = "adam",
        alpha: Any = 0.0001,
        batch_size: Any = "auto",
        learning_rate: Any = "constant",
        learning_rate_init: Any = 0.001,
        power_t: Any = 0.5,
        max_iter: Any = 200,
        shuffle: Any = True,
        random_state: Any = 0,
        tol: Any = 0.0001,
        momentum: Any = 0.9,
        nesterovs_momentum: Any = True,
        early_stopping: Any = False,
        validation_fraction: Any = 0.1,
        beta_1: Any = 0.9,
        beta_2: Any = 0.999,
        epsilon: Any = 1e-08,
        n_iter_no_change: Any = 10,
        max_fun: Any = 15000,
        n_jobs: Any = None,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.n_jobs = n_jobs


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


class LogisticRegression(WithDecision, WithProbabilities):
    """Multinomial logistic regression.

    Parameters
    ----------
    C : default=1.0
    tol : default=0.0001
    fit_intercept : default=True
    class_weight : default=None
    max_iter : default=100
    n_jobs : int, optional
        Threads; None or -1 for one for each processor. It changes no bit of the model.
    """

    _method = "logistic-regression"

    def __init__(
        self,
        *,
        C: Any = 1.0,
        tol: Any = 0.0001,
        fit_intercept: Any = True,
        class_weight: Any = None,
        max_iter: Any = 100,
        n_jobs: Any = None,
    ) -> None:
        self.C = C
        self.tol = tol
        self.fit_intercept = fit_intercept
        self.class_weight = class_weight
        self.max_iter = max_iter
        self.n_jobs = n_jobs


class KNeighborsClassifier(WithProbabilities):
    """The nearest training rows vote.

    Parameters
    ----------
    n_neighbors : default=5
    weights : default="uniform"
    p : default=2
    n_jobs : int, optional
        Threads; None or -1 for one for each processor. It changes no bit of the model.
    """

    _method = "k-nearest-neighbours"

    def __init__(
        self,
        *,
        n_neighbors: Any = 5,
        weights: Any = "uniform",
        p: Any = 2,
        n_jobs: Any = None,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.weights = weights
        self.p = p
        self.n_jobs = n_jobs


class StackingClassifier(WithProbabilities):
    """Methods whose probabilities another one learns from; `estimators` is text (docs/ensembles.md).

    Parameters
    ----------
    estimators : default="gradient-boosting; logistic-regression"
    final_estimator : default="logistic-regression"
    cv : default=5
    passthrough : default=False
    random_state : default=0
    n_jobs : int, optional
        Threads; None or -1 for one for each processor. It changes no bit of the model.
    """

    _method = "stacking"

    def __init__(
        self,
        *,
        estimators: Any = "gradient-boosting; logistic-regression",
        final_estimator: Any = "logistic-regression",
        cv: Any = 5,
        passthrough: Any = False,
        random_state: Any = 0,
        n_jobs: Any = None,
    ) -> None:
        self.estimators = estimators
        self.final_estimator = final_estimator
        self.cv = cv
        self.passthrough = passthrough
        self.random_state = random_state
        self.n_jobs = n_jobs


class SVC(WithDecision):
    """A support vector machine with a kernel.

    Parameters
    ----------
    C : default=1.0
    kernel : default="rbf"
    degree : default=3
    gamma : default="scale"
    coef0 : default=0.0
    shrinking : default=True
    probability : default=False
    tol : default=0.001
    cache_size : default=200.0
    class_weight : default=None
    max_iter : default=None
    decision_function_shape : default="ovr"
    break_ties : default=False
    random_state : default=0
    n_jobs : int, optional
        Threads; None or -1 for one for each processor. It changes no bit of the model.
    """

    _method = "svc"

    def __init__(
        self,
        *,
        C: Any = 1.0,
        kernel: Any = "rbf",
        degree: Any = 3,
        gamma: Any = "scale",
        coef0: Any = 0.0,
        shrinking: Any = True,
        probability: Any = False,
        tol: Any = 0.001,
        cache_size: Any = 200.0,
        class_weight: Any = None,
        max_iter: Any = None,
        decision_function_shape: Any = "ovr",
        break_ties: Any = False,
        random_state: Any = 0,
        n_jobs: Any = None,
    ) -> None:
        self.C = C
        self.kernel = kernel
        self.degree = degree
        self.gamma = gamma
        self.coef0 = coef0
        self.shrinking = shrinking
        self.probability = probability
        self.tol = tol
        self.cache_size = cache_size
        self.class_weight = class_weight
        self.max_iter = max_iter
        self.decision_function_shape = decision_function_shape
        self.break_ties = break_ties
        self.random_state = random_state
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


class MajorityClassifier(WithProbabilities):
    """Always the most frequent class: what others must beat.

    Parameters
    ----------
    n_jobs : int, optional
        Threads; None or -1 for one for each processor. It changes no bit of the model.
    """

    _method = "majority"

    def __init__(
        self,
        *,
        n_jobs: Any = None,
    ) -> None:
        self.n_jobs = n_jobs
