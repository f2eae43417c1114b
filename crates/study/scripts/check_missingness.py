#!/usr/bin/env python3
"""Missing values and phi coefficients of an archive by pandas and numpy, to compare a study's findings with.

    check_missingness.py DIR FINDINGS     compares DIR/tracks.csv with findings.json; exit code 1 where they differ
    check_missingness.py --golden DIR     prints the values as JSON, for the golden files of tests/golden

`tracks.csv` is read as `load` of the dataset's own utils.py does it (https://github.com/mdeff/fma): lists parsed, dates
parsed, categories. Proportions are `isnull().mean()`, phi is `numpy.corrcoef` of the indicators.

Needs pandas and numpy; made with pandas 3.1.1 and numpy 2.4.6.
"""
import ast
import json
import os
import sys

import numpy as np
import pandas as pd

TOLERANCE = 1e-12


def load(path):
    tracks = pd.read_csv(path, index_col=0, header=[0, 1], low_memory=False)
    for column in [("track", "tags"), ("album", "tags"), ("artist", "tags"), ("track", "genres"), ("track", "genres_all")]:
        tracks[column] = tracks[column].map(ast.literal_eval, na_action="ignore")
    for column in [
        ("track", "date_created"), ("track", "date_recorded"), ("album", "date_created"), ("album", "date_released"),
        ("artist", "date_created"), ("artist", "active_year_begin"), ("artist", "active_year_end"),
    ]:
        tracks[column] = pd.to_datetime(tracks[column])
    for column in [
        ("track", "genre_top"), ("track", "license"), ("album", "type"), ("album", "information"), ("artist", "bio"),
        ("set", "subset"),
    ]:
        tracks[column] = tracks[column].astype("category")
    return tracks


def reference(directory):
    tracks = load(os.path.join(directory, "tracks.csv"))
    missing = tracks.isnull()
    names = [".".join(column) for column in missing.columns]
    indicators = missing.to_numpy().astype(float)
    varies = [k for k in range(len(names)) if 0 < indicators[:, k].sum() < len(indicators)]
    correlation = np.atleast_2d(np.corrcoef(indicators[:, varies], rowvar=False)) if len(varies) > 1 else None
    pairs = [
        [names[varies[i]], names[varies[j]], float(correlation[i, j])]
        for i in range(len(varies)) for j in range(i + 1, len(varies))
    ]
    return {
        "n_tracks": len(tracks),
        "columns": {
            name: [int(missing[column].sum()), float(missing[column].mean())] for name, column in zip(names, missing.columns)
        },
        "phi": pairs,
    }


def compare(want, findings):
    problems, worst = [], 0.0
    got = {entry["column"]: entry for entry in findings["missingness"]["columns"]}
    if set(got) != set(want["columns"]):
        problems.append(f"columns differ: {sorted(set(got) ^ set(want['columns']))}")
    for name, (n_missing, proportion) in want["columns"].items():
        if name in got:
            difference = abs(got[name]["proportion"] - proportion)
            worst = max(worst, difference)
            if got[name]["n_missing"] != n_missing or not difference <= TOLERANCE:
                problems.append(f"{name}: {got[name]['n_missing']} {got[name]['proportion']}, pandas {n_missing} {proportion}")
    phi = {(entry["a"], entry["b"]): entry["phi"] for entry in findings["missingness"]["phi"]}
    if set(phi) != {(a, b) for a, b, _ in want["phi"]}:
        problems.append(f"{len(phi)} pairs with a phi, numpy has {len(want['phi'])}, or their names differ")
    for a, b, value in want["phi"]:
        difference = abs(phi.get((a, b), np.inf) - value)
        worst = max(worst, difference)
        if not difference <= TOLERANCE:
            problems.append(f"phi of {a} and {b}: {phi.get((a, b))}, numpy {value}")
    values = [entry["phi"] for entry in findings["missingness"]["phi"]]
    if values != sorted(values, reverse=True):
        problems.append("phi is not sorted")
    return problems, worst


def print_golden(values):
    """One column or pair on a line, so that a change is read easily."""
    columns = ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in values["columns"].items())
    pairs = ",\n".join(json.dumps(pair) for pair in values["phi"])
    print(f'{{"n_tracks": {values["n_tracks"]},\n"columns": {{\n{columns}\n}},\n"phi": [\n{pairs}\n]}}')


def main(arguments):
    if len(arguments) == 2 and arguments[0] == "--golden":
        print_golden(reference(arguments[1]))
        return 0
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    want = reference(arguments[0])
    with open(arguments[1]) as file:
        problems, worst = compare(want, json.load(file))
    for problem in problems:
        print(problem)
    print(
        f"{len(want['columns'])} proportions and {len(want['phi'])} phi coefficients of {want['n_tracks']} tracks: "
        f"{'DIFFERENT' if problems else 'equal'}, greatest difference {worst:.1e} (tolerance {TOLERANCE:.0e})"
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
