#!/usr/bin/env python3
"""How much of the styles of synthetic clips can be learned, and from what.

    cratedigger synth music --clips 400 --seconds 5
    cratedigger extract music/clips --out music.csv
    python crates/synth/scripts/check_clips.py music/tracks.csv music.csv

Prints accuracies over five folds with no artist in two of them: LinearSVC on all 518 features, which should be near 1, and
random forests on single families, which should be lower, loudness (rmse) far lower. Ends with 1 where LinearSVC is below 0.97
or loudness alone above 0.8. Needs pandas and scikit-learn.
"""

import sys

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score, confusion_matrix
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC


def main():
    tracks = pd.read_csv(sys.argv[1], index_col=0, header=[0, 1])
    features = pd.read_csv(sys.argv[2], index_col=0, header=[0, 1, 2])
    features.index = features.index.astype(int)
    tracks = tracks.loc[features.index]
    genre, artist = tracks[("track", "genre_top")], tracks[("artist", "id")]
    family = features.columns.get_level_values(0)
    statistic = features.columns.get_level_values(1)

    def predict(columns, model):
        return cross_val_predict(model, features.values[:, columns], genre, groups=artist, cv=GroupKFold(5))

    print(f"{len(features)} clips of {artist.nunique()} artists")
    svc = make_pipeline(StandardScaler(), LinearSVC(max_iter=5000, random_state=0))
    got = predict(np.ones(len(family), bool), svc)
    score = accuracy_score(genre, got)
    print(f"{'all features, LinearSVC':32} {score:.4f}")
    titles = sorted(genre.unique())
    print(pd.DataFrame(confusion_matrix(genre, got, labels=titles), titles, [t[:6] for t in titles]).to_string())
    ok = score >= 0.97
    loudness = ("rmse, mean alone", (family == "rmse") & (statistic == "mean"))
    for name, columns in [loudness] + [(f, family == f) for f in family.unique()]:
        score = accuracy_score(genre, predict(columns, RandomForestClassifier(200, random_state=0, n_jobs=2)))
        print(f"{name + ', random forest':32} {score:.4f}")
        ok = ok and (not name.startswith("rmse") or score < 0.8)
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
