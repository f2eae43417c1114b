"""cratedigger's methods as scikit-learn's estimators: pipelines, grid searches and cross-validation take them.

Parameters have the names, meanings and defaults of scikit-learn (of XGBoost for boosting) but where ``docs/classifiers.md`` says
otherwise; a wrong one is an error that says what it takes. Nothing is standardised unasked: put a ``StandardScaler`` before the
methods that want one.

Written by ``scripts/make_estimators.py``.
"""

from ._linear import LinearSVC, LogisticRegression
from ._others import KNeighborsClassifier, MLPClassifier, MajorityClassifier, SVC, StackingClassifier
from ._trees import DecisionTreeClassifier, GradientBoostingClassifier, RandomForestClassifier

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
