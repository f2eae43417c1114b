#!/usr/bin/env python3
"""Writes the golden file of the tests of outliers.

    pip install scipy
    python3 check_outliers.py ../tests/golden

`outliers.json`: scipy.stats.zscore and median_abs_deviation.

Made with scipy 1.17.1.
"""
import json
import os
import sys

import numpy as np
from scipy import stats


def main(out):
    # Columns on formulas that the test knows.
    k = np.arange(1, 401)
    columns = {
        "normal-like": np.sin(k * 12.9898) + np.sin(k * 78.233) + np.sin(k * 37.719),
        "heavy tail": 1.0 / (np.abs(np.sin(k * 0.7)) + 1e-3),
        "half constant": np.where(k % 2 == 0, 1.0, (k % 7) * 0.5),
        "mostly constant": np.where(k % 10 == 0, k * 0.25, 2.0),
    }
    found = {}
    for name, values in columns.items():
        z, mad = stats.zscore(values), stats.median_abs_deviation(values, scale="normal")
        robust = (values - np.median(values)) / mad if mad > 0 else None
        found[name] = {
            "mean": values.mean(), "std": values.std(), "median": float(np.median(values)), "mad": float(stats.median_abs_deviation(values)),
            "min": values.min(), "max": values.max(), "n_above": int((z > 3).sum()), "n_below": int((z < -3).sum()),
            "max_z": z.max(), "min_z": z.min(), "n_robust": None if robust is None else int((np.abs(robust) > 3).sum()),
        }
    with open(os.path.join(out, "outliers.json"), "w") as file:
        json.dump(found, file, indent=0)
        file.write("\n")


main(sys.argv[1])
