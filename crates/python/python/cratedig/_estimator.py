"""What all estimators of :mod:`cratedig.sklearn` have in common."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from . import _native
from ._extractor import n_threads
from ._model import Model


class Estimator(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A method of cratedigger as scikit-learn's estimators are.

    Rows are numbers of single precision, as the FMA's features are: others are rounded to that. The same rows, parameters and
    `random_state` give the same model, bit by bit, whatever `n_jobs` is.
    """

    _method: str

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Estimator:
        """Fit the method to rows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,)
        sample_weight : array-like of shape (n_samples,), optional
            A row of weight 2 counts as two rows.

        Returns
        -------
        self
        """
        X, y = validate_data(self, X, y, dtype=[np.float32, np.float64])
        check_classification_targets(y)
        self.classes_, classes = np.unique(y, return_inverse=True)
        if sample_weight is not None:
            sample_weight = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        names = getattr(self, "feature_names_in_", None)
        native = _native.fit(
            self._method,
            self._params(),
            single(X),
            classes.astype(np.int64),
            [str(label) for label in self.classes_],
            [str(name) for name in names] if names is not None else [f"x{at}" for at in range(X.shape[1])],
            sample_weight,
            n_threads(self.n_jobs),
        )
        self.model_ = Model(native)
        if native.n_iter is not None:
            self.n_iter_ = native.n_iter
        if not native.converged:
            warnings.warn(
                f"{type(self).__name__} stopped at its limit of iterations before it converged", ConvergenceWarning, stacklevel=2
            )
        return self

    def _params(self) -> dict[str, Any]:
        """The parameters as Rust takes them."""
        params = self.get_params(deep=False)
        del params["n_jobs"]
        if "random_state" in params:
            seed = params["random_state"]
            if seed is None:
                seed = 0
            elif not isinstance(seed, (int, np.integer)):
                seed = check_random_state(seed).randint(np.iinfo(np.int32).max)
            params["random_state"] = int(seed)
        weights = params.get("class_weight")
        if isinstance(weights, dict):
            params["class_weight"] = [float(weights.get(label, 1.0)) for label in self.classes_]
        return {name: plain(value) for name, value in params.items()}

    def _rows(self, X: Any) -> npt.NDArray[np.float32]:
        check_is_fitted(self)
        return single(validate_data(self, X, dtype=[np.float32, np.float64], reset=False))

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """The class of each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,)
        """
        X = self._rows(X)
        found: npt.NDArray[Any] = self.classes_[self.model_._native.predict(X, n_threads(self.n_jobs))]
        return found

    def to_model(self, recipe: str | None = None) -> Model:
        """The fitted method as a model, which can be saved and given to the command.

        Parameters
        ----------
        recipe : {"fma", "librosa"}, optional
            The recipe of the features that it was fitted on. With it, and where the columns were named by
            :data:`cratedig.FEATURE_NAMES`, the model classifies recordings.

        Returns
        -------
        Model
        """
        check_is_fitted(self)
        native = self.model_._native
        return Model(native if recipe is None else native.with_recipe(recipe))


class WithProbabilities(Estimator):
    """Estimators whose methods give probabilities."""

    def predict_proba(self, X: Any) -> npt.NDArray[np.float64]:
        """The probability of each class for each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
        """
        X = self._rows(X)
        found = self.model_._native.predict_proba(X, n_threads(self.n_jobs))
        assert found is not None, "the method gives probabilities"
        return found


class WithDecision(Estimator):
    """Estimators whose methods give distances from the decision boundary."""

    def decision_function(self, X: Any) -> npt.NDArray[np.float64]:
        """Signed distances from the decision boundary.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,) for two classes, else (n_samples, n_classes)
        """
        X = self._rows(X)
        found = self.model_._native.decision_function(X, n_threads(self.n_jobs))
        assert found is not None, "the method gives distances"
        return found[:, 0] if found.shape[1] == 1 else found


class WithImportances(Estimator):
    """Estimators whose methods know how much each feature matters."""

    @property
    def feature_importances_(self) -> npt.NDArray[np.float64]:
        """How much each feature matters, as shares of 1."""
        check_is_fitted(self)
        found = self.model_._native.feature_importances()
        if found is None:
            raise AttributeError("this fit does not know how much each feature matters")
        return found


def single(x: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """Rows in single precision, in C order."""
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(x, dtype=np.float32)


def plain(value: Any) -> Any:
    """A value without numpy's types."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, tuple):
        return list(value)
    return value
