"""Kernels, neighbours, networks, and what is made of other methods. Written by ``scripts/make_estimators.py``."""

from __future__ import annotations

from typing import Any

from .._estimator import WithDecision, WithProbabilities


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


class MajorityClassifier(WithProbabilities):
    """Always the most frequent class: what others must beat.

    Parameters
    ----------
    n_jobs : int, optional
        Threads; None or -1 for one for each processor. It changes no bit of the model.
    """

    _method = "majority"
    _poor_score = True

    def __init__(
        self,
        *,
        n_jobs: Any = None,
    ) -> None:
        self.n_jobs = n_jobs
