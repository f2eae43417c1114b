#!/usr/bin/env python3
"""Reads one FMA-shaped features.csv with this crate, pandas and pyarrow, each in a process of its own, in turn.

    cargo build --release -p cratedigger-catalog --no-default-features --example csv_speed
    venv/bin/python crates/catalog/benches/csv_vs_pandas.py target/release/examples/csv_speed FOLDER [--rounds 3]

FOLDER holds features.csv (`cratedigger synth` makes one). Prints for each the best and the median wall-clock time of the
reading, the processor time of the whole process (which a busy machine distorts less), the peak resident memory and the ratio
to this crate's best time. Needs pandas and pyarrow in the Python that runs it.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
from pathlib import Path

CHILD = """
import json, resource, sys, time
kind, path = sys.argv[1:]
if kind == "pandas":
    import pandas as pd
    start = time.perf_counter()
    rows = len(pd.read_csv(path, index_col=0, header=[0, 1, 2]))
elif kind == "pyarrow":
    import pyarrow.csv as csv
    start = time.perf_counter()
    names = ["track_id"] + [f"c{i}" for i in range(int(open(path).readline().count(",")))]
    rows = csv.read_csv(path, csv.ReadOptions(skip_rows=4, column_names=names)).num_rows
elif kind == "pandas to parquet":
    import pandas as pd
    start = time.perf_counter()
    frame = pd.read_csv(path, index_col=0, header=[0, 1, 2])
    frame.columns = [".".join(c) for c in frame.columns]
    frame.to_parquet(path + ".pandas.parquet", compression="zstd")
    rows = len(frame)
elif kind == "pyarrow to parquet":
    import pyarrow.csv as csv, pyarrow.parquet as pq
    start = time.perf_counter()
    names = ["track_id"] + [f"c{i}" for i in range(int(open(path).readline().count(",")))]
    table = csv.read_csv(path, csv.ReadOptions(skip_rows=4, column_names=names))
    pq.write_table(table, path + ".pyarrow.parquet", compression="zstd")
    rows = table.num_rows
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps({"rows": rows, "seconds": round(seconds, 3), "peak_mb": peak}))
"""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("csv_speed", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    path = args.folder / "features.csv"
    ours = [str(args.csv_speed.resolve())]
    threads = str(args.threads)
    groups = {
        "CSV to Arrow": {
            "cratedigger": ours + ["arrow", "features", str(path), threads],
            "pandas": [sys.executable, "-c", CHILD, "pandas", str(path)],
            "pyarrow": [sys.executable, "-c", CHILD, "pyarrow", str(path)],
        },
        "CSV to Parquet": {
            "cratedigger": ours + ["store", "features", str(args.folder), threads],
            "pandas": [sys.executable, "-c", CHILD, "pandas to parquet", str(path)],
            "pyarrow": [sys.executable, "-c", CHILD, "pyarrow to parquet", str(path)],
        },
    }
    print(f"{path}: {path.stat().st_size / 1e6:.0f} MB, {args.rounds} rounds, {args.threads} threads")
    for group, commands in groups.items():
        results = {name: [] for name in commands}
        for _ in range(args.rounds):
            for name, command in commands.items():
                before = resource.getrusage(resource.RUSAGE_CHILDREN)
                run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
                results[name].append({**json.loads(run.stdout), "cpu": cpu})
        rows = {result["rows"] for runs in results.values() for result in runs}
        assert len(rows) == 1, f"they do not agree on the number of rows: {rows}"
        base = min(r["seconds"] for r in results["cratedigger"])
        print(f"\n{group} ({rows.pop()} rows)\n{'':<12} {'best s':>8} {'median s':>9} {'CPU s':>7} {'peak MB':>8} {'ratio':>6}")
        for name, runs in results.items():
            seconds = [r["seconds"] for r in runs]
            peak = max(r["peak_mb"] for r in runs)
            cpu = min(r["cpu"] for r in runs)
            best = min(seconds)
            print(f"{name:<12} {best:8.2f} {statistics.median(seconds):9.2f} {cpu:7.2f} {peak:8} {best / base:6.2f}")
    for rest in args.folder.glob("features.csv.*.parquet"):
        rest.unlink()


if __name__ == "__main__":
    main()
