"""The estimators: scikit-learn's own checks, and the methods' promises."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("sklearn", minversion="1.6")
from sklearn.datasets import make_classification
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from cratedig import LearnError, _native
from cratedig import sklearn as estimators

ALL = [getattr(estimators, name) for name in estimators.__all__]

#: Checks that a method is excused from, and why.
WEIGHTS = "check_sample_weight_equivalence_on_dense_data"
EXCUSED: dict[str, dict[str, str]] = {
    "KNeighborsClassifier": {
        WEIGHTS: "a weight weighs a row's vote; how many rows vote, n_neighbors, counts each once (docs/classifiers.md)"
    },
    "LinearSVC": {WEIGHTS: "the solver ends within tol=1e-4 of the optimum, and the check wants 1e-7; scikit-learn's is excused, too"},
    "MLPClassifier": {WEIGHTS: "single precision: the largest difference is 2e-7, and the check wants 1e-9"},
    "RandomForestClassifier": {WEIGHTS: "which rows a tree draws depends on their number; scikit-learn's is excused, too"},
    "SVC": {WEIGHTS: "the solver ends within tol=1e-3 of the optimum, and the check wants 1e-7; scikit-learn's is excused, too"},
    "StackingClassifier": {WEIGHTS: "which fold a row is in depends on the number of rows"},
}


def excused(estimator: Any) -> dict[str, str]:
    """The checks that are expected to fail for an estimator."""
    return EXCUSED.get(type(estimator).__name__, {})


@parametrize_with_checks([estimator() for estimator in ALL], expected_failed_checks=excused)
def test_scikit_learns_checks(estimator: Any, check: Any) -> None:
    check(estimator)


def test_every_method_has_an_estimator_as_the_script_writes_it(tmp_path: Path) -> None:
    script = Path(__file__).parent.parent / "scripts" / "make_estimators.py"
    subprocess.run([sys.executable, str(script), str(tmp_path)], check=True)
    texts = [
        {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.py")}
        for folder in (tmp_path, Path(estimators.__file__).parent)
    ]
    assert texts[0] == texts[1] and len(texts[0]) == 4


@pytest.mark.parametrize("estimator", ALL)
def test_fits_do_not_depend_on_threads_and_go_through_pickle(estimator: Any) -> None:
    x, y = make_classification(200, 12, n_informative=6, n_classes=3, random_state=1)
    x = StandardScaler().fit_transform(x)
    fits = [estimator(n_jobs=n_jobs).fit(x, y) for n_jobs in (1, 3)]
    assert fits[0].model_.to_bytes() == fits[1].model_.to_bytes()
    again = pickle.loads(pickle.dumps(fits[0]))
    np.testing.assert_array_equal(again.predict(x), fits[0].predict(x))
    if estimator is not estimators.MajorityClassifier:
        assert fits[0].score(x, y) > 0.65


def test_a_weight_of_two_counts_as_two_rows() -> None:
    x, y = make_classification(80, 5, random_state=2)
    weights = np.where(np.arange(80) < 20, 2.0, 1.0)
    twice = np.concatenate([np.arange(80), np.arange(20)])
    method = estimators.LogisticRegression(tol=1e-10, max_iter=1000)
    weighted = method.fit(x, y, sample_weight=weights).predict_proba(x)
    np.testing.assert_allclose(weighted, method.fit(x[twice], y[twice]).predict_proba(x), atol=1e-4)


def test_pipelines_and_searches_take_them() -> None:
    x, y = make_classification(150, 10, n_informative=5, random_state=3)
    y = np.array(["Folk", "Rock"])[y]
    search = GridSearchCV(
        make_pipeline(StandardScaler(), estimators.MLPClassifier(max_iter=30)),
        {"mlpclassifier__alpha": [1e-4, 1e-2]},
        cv=3,
    )
    with pytest.warns(UserWarning, match="limit of iterations"):
        search.fit(x, y)
    assert search.best_score_ > 0.7
    assert set(search.predict(x)) == {"Folk", "Rock"}


def test_parameters_are_refused_in_the_methods_words() -> None:
    x, y = make_classification(40, 5, random_state=4)
    with pytest.raises(LearnError, match="parameter alpha = -1: must be finite and not negative"):
        estimators.MLPClassifier(alpha=-1).fit(x, y)
    with pytest.raises(LearnError, match="criterion"):
        estimators.DecisionTreeClassifier(criterion="taste").fit(x, y)
    with pytest.raises(LearnError, match="at least two classes"):
        estimators.SVC().fit(x, np.zeros(40))


def test_defaults_are_the_methods_own() -> None:
    found = {method: defaults for method, defaults in _native.methods()}
    for estimator in ALL:
        params = estimator().get_params()
        assert params.pop("n_jobs") is None
        assert {name: list(v) if isinstance(v, tuple) else v for name, v in params.items()} == found[estimator._method]
