"""What Spark and Ray add to a local batch: python crates/python/scripts/measure_clusters.py spark|ray FOLDER [BATCH_ROWS [N_ROUNDS [N_TIMES]]]

The recordings of FOLDER, N_TIMES (32) over, by `extract_many` with two threads and by Spark with two executors, or Ray with two nodes,
of one processor each, all on this machine, turn by turn. The cluster's start, with a first small job, is told apart.
`cratedigger synth FOLDER --clips 128 --seconds 30` makes a job of a minute or more.
"""

from __future__ import annotations

import contextlib
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import clusters

import cratedig

#: Partitions or blocks of a job: eight for each task that runs at a time.
N_PARTS = 16

#: A job: recordings, and how many are handed over at a time, to rows.
Job = Callable[[list[str], int], int]


@contextlib.contextmanager
def by_ray() -> Iterator[Job]:
    """Jobs of Ray."""
    with clusters.ray() as ray:
        from cratedig.ray import features

        def job(uris: list[str], batch_rows: int) -> int:
            rows = ray.data.from_items([{"uri": uri} for uri in uris], override_num_blocks=min(N_PARTS, len(uris)))
            return int(features(rows, batch_rows=batch_rows).materialize().count())

        yield job


@contextlib.contextmanager
def by_spark() -> Iterator[Job]:
    """Jobs of Spark."""
    with clusters.spark() as spark:
        from cratedig.spark import features

        def job(uris: list[str], batch_rows: int) -> int:
            rows = spark.createDataFrame([(uri,) for uri in uris], "uri string").repartition(N_PARTS)
            made = features(rows, batch_rows=batch_rows).selectExpr("count(failure) + count(features) as n")
            return int(made.collect()[0]["n"])

        yield job


def seconds(work: Callable[[], int], n_rows: int) -> float:
    """The seconds of a job that gives so many rows."""
    started = time.perf_counter()
    n_found = work()
    assert n_found == n_rows, n_found
    return time.perf_counter() - started


def measure(name: str, uris: list[str], batch_rows: int, n_rounds: int) -> None:
    """Both ways turn by turn."""
    started = time.perf_counter()
    with {"spark": by_spark, "ray": by_ray}[name]() as job:
        job(uris[:4], batch_rows)
        start = time.perf_counter() - started
        local, found = [], []
        for _ in range(n_rounds):
            local.append(seconds(lambda: len(cratedig.extract_many(uris, n_jobs=2)), len(uris)))
            found.append(seconds(lambda: job(uris, batch_rows), len(uris)))
    for what, of in (("medians", statistics.median), ("minima", min)):
        here, there = of(local), of(found)
        print(
            f"{name}, {len(uris)} recordings in batches of {batch_rows}, {what} of {n_rounds}: {there:.2f} s, local {here:.2f} s, "
            f"ratio {there / here:.3f}; with {start:.1f} s of start {(there + start) / here:.3f}",
            flush=True,
        )


def main() -> None:
    """Measures what is asked."""
    match sys.argv[1:]:
        case ["spark" | "ray" as name, folder, *numbers] if len(numbers) <= 3:
            batch_rows, n_rounds, n_times = [*map(int, numbers), *(64, 1, 32)[len(numbers) :]]
            uris = [str(path) for path in sorted(Path(folder).rglob("*.wav"))] * n_times
            measure(name, uris, batch_rows, n_rounds)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
