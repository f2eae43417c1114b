"""Writes risk.json of this folder: upper ends of Clopper and Pearson's interval. Needs scipy; its version is in the file.

    python crates/stats/tests/golden/make_risk.py
"""
import json
import pathlib

import scipy
from scipy import stats

HERE = pathlib.Path(__file__).parent


def main():
    counts = [(0, 1), (0, 12), (1, 12), (11, 12), (3, 100), (40, 100), (0, 5_000), (250, 5_000), (999, 20_000), (10_000, 20_000)]
    rows = [[k, n, confidence, stats.beta.ppf(confidence, k + 1, n - k)] for k, n in counts for confidence in (0.6, 0.95, 0.9995)]
    content = {"made_by": "make_risk.py", "scipy": scipy.__version__, "binomial_upper": rows}
    (HERE / "risk.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")


main()
