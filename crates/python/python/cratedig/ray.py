"""cratedigger as a step of a Ray Data job, by ``map_batches``.

Each worker is an actor that keeps its helpers and its model. A recording that fails is a row with ``failure``, never a failed task.

Examples
--------
>>> from cratedig.ray import features  # doctest: +SKIP
>>> features(ray.data.from_items([{"uri": "a.mp3"}]), "uri").write_parquet("features")  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _cluster

if TYPE_CHECKING:
    from ray.data import Dataset

__all__ = ["classify", "features"]


def features(
    ds: Dataset,
    uri_column: str = "uri",
    recipe: str = "fma",
    *,
    concurrency: int | tuple[int, int] | None = None,
    batch_rows: int = _cluster.BATCH_ROWS,
    memory: int | None = None,
    n_jobs: int = 1,
) -> Dataset:
    """The features of the recordings that the rows name.

    Parameters
    ----------
    ds : ray.data.Dataset
        Rows with a column of locations that every node can read.
    uri_column : str, default="uri"
        The column.
    recipe : {"fma", "librosa"}, default="fma"
        Whose numbers.
    concurrency : int or (int, int), optional
        Workers. Default: as many as the cluster has processors for, by `n_jobs`.
    batch_rows : int, default=64
        Recordings that are handed over at a time.
    memory : int, optional
        Bytes that one helper process may take. A recording that would need more is a row with ``failure``. Ray is told to keep so
        much for each worker.
    n_jobs : int, default=1
        Processors, and helpers, of a worker.

    Returns
    -------
    ray.data.Dataset
        The columns of `ds`, and ``failure`` (null, or the stage and the reason), ``duration_s``, ``lost_share``, ``features`` (518
        numbers in the order of :data:`cratedig.FEATURE_NAMES`, null where there are none).
    """
    _cluster.limits_of(memory)  # before any task begins
    return _map(ds, _cluster.Features, (uri_column, recipe, memory, n_jobs), concurrency, batch_rows, memory, n_jobs)


def classify(
    ds: Dataset,
    model: _cluster.AnyModel,
    uri_column: str = "uri",
    *,
    threshold: float | None = None,
    concurrency: int | tuple[int, int] | None = None,
    batch_rows: int = _cluster.BATCH_ROWS,
    memory: int | None = None,
    n_jobs: int = 1,
) -> Dataset:
    """The genres of the recordings that the rows name.

    Parameters
    ----------
    ds : ray.data.Dataset
        As for :func:`features`.
    model : path-like, bytes or cratedig.Model
        Read here, and sent to the workers.
    uri_column : str, default="uri"
        The column of locations.
    threshold : float, optional
        The probability below which no genre is named. Default: the model's own, where it has one.
    concurrency, batch_rows, memory, n_jobs
        As for :func:`features`.

    Returns
    -------
    ray.data.Dataset
        The columns of `ds`, and ``failure``, ``genre``, ``verdict``, ``score``, ``scores`` (a map by genre).
    """
    _cluster.limits_of(memory)
    said = (uri_column, _cluster.model_bytes(model), threshold, memory, n_jobs)
    return _map(ds, _cluster.Genres, said, concurrency, batch_rows, memory, n_jobs)


def _map(
    ds: Dataset,
    work: type,
    said: tuple[Any, ...],
    concurrency: int | tuple[int, int] | None,
    batch_rows: int,
    memory: int | None,
    n_jobs: int,
) -> Dataset:
    import ray
    from ray.data import ActorPoolStrategy

    if concurrency is None:
        concurrency = max(1, int(ray.cluster_resources().get("CPU", 1)) // n_jobs)
    least, most = (concurrency, concurrency) if isinstance(concurrency, int) else concurrency
    # Of an actor that is killed Ray begins another, and gives its batch to it.
    return ds.map_batches(
        work,
        fn_constructor_args=said,
        batch_size=batch_rows,
        batch_format="pyarrow",
        compute=ActorPoolStrategy(min_size=least, max_size=most),
        num_cpus=n_jobs,
        memory=memory,
    )
