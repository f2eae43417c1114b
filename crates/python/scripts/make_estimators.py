"""Write the files of `python/cratedig/sklearn`: an estimator for each method of the extension module, with its parameters and defaults.

Run after a method was added, with the wheel installed: python crates/python/scripts/make_estimators.py
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from cratedig import _native

#: The file and the class of a method; what it gives besides classes; the line that says what it is.
CLASSES = {
    "linear-svc": ("_linear", "LinearSVC", ["WithDecision"], "A linear support vector machine, one class against the rest."),
    "mlp": ("_others", "MLPClassifier", ["WithProbabilities"], "A multi-layer perceptron."),
    "decision-tree": ("_trees", "DecisionTreeClassifier", ["WithImportances", "WithProbabilities"], "A decision tree (CART)."),
    "gradient-boosting": (
        "_trees",
        "GradientBoostingClassifier",
        ["WithImportances", "WithProbabilities"],
        "Boosted trees on histograms, with the names and defaults of XGBoost.",
    ),
    "logistic-regression": (
        "_linear",
        "LogisticRegression",
        ["WithDecision", "WithProbabilities"],
        "Multinomial logistic regression.",
    ),
    "k-nearest-neighbours": ("_others", "KNeighborsClassifier", ["WithProbabilities"], "The nearest training rows vote."),
    "stacking": (
        "_others",
        "StackingClassifier",
        ["WithProbabilities"],
        "Methods whose probabilities another one learns from; `estimators` is text (docs/ensembles.md).",
    ),
    "svc": ("_others", "SVC", ["WithDecision"], "A support vector machine with a kernel."),
    "random-forest": (
        "_trees",
        "RandomForestClassifier",
        ["WithImportances", "WithProbabilities"],
        "Trees on samples of rows and features that vote.",
    ),
    "majority": ("_others", "MajorityClassifier", ["WithProbabilities"], "Always the most frequent class: what others must beat."),
}

#: What the files are for.
FILES = {
    "_linear": "Linear methods.",
    "_others": "Kernels, neighbours, networks, and what is made of other methods.",
    "_trees": "Trees, alone and many.",
}

HEAD = '''"""cratedigger's methods as scikit-learn's estimators: pipelines, grid searches and cross-validation take them.

Parameters have the names, meanings and defaults of scikit-learn (of XGBoost for boosting) but where ``docs/classifiers.md`` says
otherwise; a wrong one is an error that says what it takes. Nothing is standardised unasked: put a ``StandardScaler`` before the
methods that want one.

Written by ``scripts/make_estimators.py``.
"""

'''

HEAD_OF_FILE = '''"""{what} Written by ``scripts/make_estimators.py``."""

from __future__ import annotations

from typing import Any

from .._estimator import {bases}

'''


def texts() -> dict[str, str]:
    """The text of each file."""
    classes: dict[str, list[str]] = {file: [] for file in FILES}
    bases_of: dict[str, set[str]] = {file: set() for file in FILES}
    names: dict[str, list[str]] = {file: [] for file in FILES}
    for method, defaults in _native.methods():
        file, name, bases, what = CLASSES[method]
        names[file].append(name)
        bases_of[file].update(bases)
        classes[file].append(class_of(method, name, bases, what, defaults))
    found = {}
    for file, what in FILES.items():
        head = HEAD_OF_FILE.format(what=what, bases=", ".join(sorted(bases_of[file])))
        found[file] = f"{head}\n" + "\n\n".join(classes[file])
    imports = "".join(f"from .{file} import {', '.join(sorted(names[file]))}\n" for file in FILES)
    listed = "".join(f'    "{name}",\n' for name in sorted(sum(names.values(), [])))
    found["__init__"] = f"{HEAD}{imports}\n__all__ = [\n{listed}]\n"
    return found


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
    lines += [f'    _method = "{method}"']
    lines += ["    _poor_score = True"] if method == "majority" else []
    lines += ["", "    def __init__(", "        self,", "        *,"]
    lines += [f"        {param}: Any = {value!r}," for param, value in params.items()]
    lines += ["    ) -> None:"]
    lines += [f"        self.{param} = {param}" for param in params]
    return "\n".join(lines).replace("'", '"') + "\n"


def main() -> None:
    """Write the files, into a folder that is named or where they belong."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "python" / "cratedig" / "sklearn"
    for file, text in texts().items():
        (folder / f"{file}.py").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
