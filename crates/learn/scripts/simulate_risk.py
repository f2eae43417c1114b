"""Does selection with guaranteed risk keep its promise on artists as they are? A Markdown table.

    pip install numpy scipy pandas scikit-learn
    python crates/learn/scripts/simulate_risk.py SHARED/fma

Rows with out-of-fold probabilities (logistic regression, 5 folds of whole artists) are taken as the whole world, in which the risk above any
threshold is known. From it half as many artists as there are are drawn, with replacement, 1,000 times; on their tracks the threshold is chosen
(`choose_threshold` of `crates/learn/tests/golden/make_selective.py`, to which the Rust version is equal), with artists as what is independent
and as if tracks were. `broken`: draws in which the risk of the world above the threshold is larger than promised, as a share of those
that chose one; it may be 1 - confidence. `answered`: the mean share of the world that is answered then. Some ten minutes.
"""
import pathlib
import sys

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "tests" / "golden"))
from make_selective import choose_threshold

DRAWS = 1000


def world(folder, name, file):
    tracks = pd.read_csv(f"{folder}/{name}/tracks.csv", index_col=0, header=[0, 1], low_memory=False)
    table = pd.read_csv(f"{folder}/{name}/{file}", index_col=0, header=[0, 1, 2], low_memory=False)
    if file == "echonest.csv":
        table = table["echonest"]["audio_features"]
    table = table.apply(pd.to_numeric, errors="coerce").dropna()
    tracks = tracks[tracks["track"]["genre_top"].notna()]
    both = tracks.index.intersection(table.index)
    tracks, x = tracks.loc[both], table.loc[both].to_numpy()
    y, artists = tracks["track"]["genre_top"].astype("category").cat.codes.to_numpy(), tracks["artist"]["id"].to_numpy()
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=0)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=300))
    proba = cross_val_predict(model, x, y, groups=artists, cv=folds, method="predict_proba")
    return proba.max(axis=1), (proba.argmax(axis=1) != y).astype(int), np.unique(artists, return_inverse=True)[1]


def main():
    folder = sys.argv[1]
    print("| data | artists drawn | max risk | confidence | broken | answered | no threshold | as if tracks were independent: broken | answered |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, file, risks in [("mfcc-2000", "features.csv", (0.05, 0.1)), ("echonest-13129", "echonest.csv", (0.2, 0.3))]:
        confidence, wrong, artists = world(folder, name, file)
        order = np.argsort(-confidence, kind="stable")
        risk_above = np.cumsum(wrong[order]) / np.arange(1, len(wrong) + 1)
        rows_of = [np.flatnonzero(artists == artist) for artist in range(artists.max() + 1)]
        n_drawn = len(rows_of) // 2
        for max_risk in risks:
            for level in (0.9, 0.95):
                rng = np.random.default_rng(0)
                found = {True: [], False: []}
                for _ in range(DRAWS):
                    drawn = rng.integers(0, len(rows_of), n_drawn)
                    rows = np.concatenate([rows_of[artist] for artist in drawn])
                    groups = np.repeat(np.arange(n_drawn), [len(rows_of[artist]) for artist in drawn])
                    for grouped in found:
                        threshold = choose_threshold(confidence[rows], wrong[rows], groups if grouped else None, max_risk, level)[0]
                        if threshold is not None:
                            n = int((confidence >= threshold).sum())
                            found[grouped].append((risk_above[n - 1] > max_risk, n / len(wrong)))
                cells = []
                for grouped in found:
                    broken, answered = np.mean(found[grouped], axis=0) if found[grouped] else (np.nan, np.nan)
                    cells.append((f"{broken:.3f}", f"{answered:.3f}"))
                print(f"| `{name}` ({len(wrong):,} rows, {len(rows_of):,} artists, {wrong.mean():.3f} wrong) | {n_drawn} | {max_risk} | {level} | {cells[0][0]} | {cells[0][1]} | "
                      f"{1 - len(found[True]) / DRAWS:.3f} | {cells[1][0]} | {cells[1][1]} |", flush=True)


main()
