"""Linear methods. Written by ``scripts/make_estimators.py``."""

from __future__ import annotations

from typing import Any

from .._estimator import WithDecision, WithProbabilities


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
