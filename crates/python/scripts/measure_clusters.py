"""What Spark and Ray add to a local batch: python crates/python/scripts/measure_clusters.py FOLDER [N_ROUNDS]

The recordings of FOLDER, eight times over, by `extract_many` with two threads, by Spark with two executors and by Ray with two nodes of
one processor each, all on this machine, turn by turn; the cluster is up and its workers have worked before.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import clusters

import cratedig


def seconds(work: Callable[[], int], n_rows: int) -> float:
    """The seconds of a job that gives so many rows."""
    started = time.perf_counter()
    n_found = work()
    assert n_found == n_rows, n_found
    return time.perf_counter() - started


def beside(name: str, job: Callable[[int], int], uris: list[str], n_rounds: int) -> None:
    """The quickest run of a job for each size of a batch, beside the quickest local one of the same rounds."""
    job(64)
    sizes = (4, 16, 64)
    local, found = [], {rows: [] for rows in sizes}
    for _ in range(n_rounds):
        local.append(seconds(lambda: len(cratedig.extract_many(uris, n_jobs=2)), len(uris)))
        for rows in sizes:
            found[rows].append(seconds(lambda rows=rows: job(rows), len(uris)))
    for rows in sizes:
        print(
            f"{name}, batches of {rows}: {min(found[rows]):.2f} s, local {min(local):.2f} s, ratio {min(found[rows]) / min(local):.3f}",
            flush=True,
        )


def main() -> None:
    """Measures both."""
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    uris = [str(path) for path in sorted(Path(sys.argv[1]).rglob("*.wav"))] * 8
    n_rounds = int(sys.argv[2]) if len(sys.argv) == 3 else 3
    with clusters.ray() as ray:
        from cratedig.ray import features as by_ray

        def ray_job(batch_rows: int) -> int:
            rows = ray.data.from_items([{"uri": uri} for uri in uris], override_num_blocks=8)
            return int(by_ray(rows, batch_rows=batch_rows).materialize().count())

        beside("Ray", ray_job, uris, n_rounds)
    with clusters.spark() as spark:
        from cratedig.spark import features as by_spark

        rows = spark.createDataFrame([(uri,) for uri in uris], "uri string").repartition(8).cache()
        rows.count()

        def spark_job(batch_rows: int) -> int:
            made = by_spark(rows, batch_rows=batch_rows).selectExpr("count(failure) + count(features) as n")
            return int(made.collect()[0]["n"])

        beside("Spark", spark_job, uris, n_rounds)


if __name__ == "__main__":
    main()
