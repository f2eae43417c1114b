"""Write `python/cratedig/sklearn.py`: an estimator for each method of the extension module, with its parameters and defaults.

Run after a method was added, with the wheel installed: python crates/python/scripts/make_estimators.py
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from cratedig import _native

#: The class of a method; what it gives besides classes; the line that says what it is.
CLASSES = {
    "linear-svc": ("LinearSVC", ["WithDecision"], "A linear support vector machine, one class against the rest."),
    "mlp": ("MLPClassifier", ["WithProbabilities"], "A multi-layer perceptron."),
    "decision-tree": ("DecisionTreeClassifier", ["WithImportances", "WithProbabilities"], "A decision tree (CART)."),
    "gradient-boosting": (
        "GradientBoostingClassifier",
        ["WithImportances", "WithProbabilities"],
        "Boosted trees on histograms, with the names and defaults of XGBoost.",
    ),
    "logistic-regression": (
        "LogisticRegression",
        ["WithDecision", "WithProbabilities"],
        "Multinomial logistic regression.",
    ),
    "k-nearest-neighbours": ("KNeighborsClassifier", ["WithProbabilities"], "The nearest training rows vote."),
    "stacking": (
        "StackingClassifier",
        ["WithProbabilities"],
        "Methods whose probabilities another one learns from; `estimators` is text (docs/ensembles.md).",
    ),
    "svc": ("SVC", ["WithDecision"], "A support vector machine with a kernel."),
    "random-forest": (
        "RandomForestClassifier",
        ["WithImportances", "WithProbabilities"],
        "Trees on samples of rows and features that vote.",
    ),
    "majority": ("MajorityClassifier", ["WithProbabilities"], "Always the most frequent class: what others must beat."),
}

HEAD = '''"""cratedigger's methods as scikit-learn's estimators: pipelines, grid searches and cross-validation take them.

Parameters have the names, meanings and defaults of scikit-learn (of XGBoost for boosting) but where ``docs/classifiers.md`` says
otherwise; a wrong one is an error that says what it takes. Nothing is standardised unasked: put a ``StandardScaler`` before the
methods that want one.

Written by ``scripts/make_estimators.py``.
"""

from __future__ import annotations

from typing import Any

from ._estimator import Estimator, WithDecision, WithImportances, WithProbabilities

'''


def text() -> str:
    """The whole module."""
    classes: list[str] = []
    names: list[str] = []
    for method, defaults in _native.methods():
        name, bases, what = CLASSES[method]
        names.append(name)
        classes.append(class_of(method, name, bases, what, defaults))
    listed = "".join(f'    "{name}",\n' for name in sorted(names))
    return f"{HEAD}__all__ = [\n{listed}]\n\n\n" + "\n\n".join(classes)


def class_of(method: str, name: str, bases: list[str], what: str, defaults: dict[str, Any]) -> str:
    """The class of one method."""
    # Nothing that a call could change.
    fixed = {param: tuple(value) if isinstance(value, list) else value for param, value in defaults.items()}
    params = {**fixed, "n_jobs": None}
    lines = [f"class {name}({', '.join(bases)}):", f'    """{what}', "", "    Parameters", "    ----------"]
    for param, value in params.items():
        lines.append(f"    {param} : default={value!r}")
    lines[-1] = "    n_jobs : int, optional"
    lines += ["        Threads; None or -1 for one for each processor. It changes no bit of the model.", '    """', ""]
    lines += [f'    _method = "{method}"', "", "    def __init__(", "        self,", "        *,"]
    lines += [f"        {param}: Any = {value!r}," for param, value in params.items()]
    lines += ["    ) -> None:"]
    lines += [f"        self.{param} = {param}" for param in params]
    return "\n".join(lines).replace("'", '"') + "\n"


def main() -> None:
    """Write the module, or print it with `-`."""
    if sys.argv[1:] == ["-"]:
        sys.stdout.write(text())
        return
    (Path(__file__).parent.parent / "python" / "cratedig" / "sklearn.py").write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
