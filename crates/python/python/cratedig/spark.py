"""cratedigger as a step of a Spark job, by ``mapInArrow``.

Each task analyses its rows in a Python worker of the executor; decoders run in helper processes beside it. A model is sent with the
task and read once in each worker. A recording that fails is a row with ``failure``, never a failed task.

Examples
--------
>>> from cratedig.spark import features  # doctest: +SKIP
>>> features(spark.createDataFrame([("a.mp3",)], "uri string"), "uri").write.parquet("features")  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from . import _cluster

if TYPE_CHECKING:
    import pyarrow
    from pyspark.sql import DataFrame

__all__ = ["classify", "features"]


def features(
    df: DataFrame,
    uri_column: str = "uri",
    recipe: str = "fma",
    *,
    batch_rows: int = _cluster.BATCH_ROWS,
    memory: int | None = None,
    n_jobs: int = 1,
) -> DataFrame:
    """The features of the recordings that the rows name.

    Parameters
    ----------
    df : pyspark.sql.DataFrame
        Rows with a column of locations that every executor can read. Recordings are long work: give the frame as many partitions
        as the job has tasks at a time, or more (``df.repartition(n)``).
    uri_column : str, default="uri"
        The column.
    recipe : {"fma", "librosa"}, default="fma"
        Whose numbers.
    batch_rows : int, default=64
        Recordings that are handed over at a time.
    memory : int, optional
        Bytes that one helper process may take. A recording that would need more is a row with ``failure``. Beside them a task needs
        what a Python worker takes by itself, about 200 MiB: set ``spark.executor.memoryOverhead`` to both, times the executor's
        cores.
    n_jobs : int, default=1
        Threads, and helpers, of a task: what ``spark.task.cpus`` says.

    Returns
    -------
    pyspark.sql.DataFrame
        The columns of `df`, and ``failure`` (null, or the stage and the reason), ``duration_s``, ``lost_share``, ``features`` (518
        numbers in the order of :data:`cratedig.FEATURE_NAMES`, null where there are none).
    """
    _cluster.limits_of(memory)  # before any task begins

    def of_batches(batches: Iterable[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
        work = _cluster.Features(uri_column, recipe, memory, n_jobs)
        return _cluster.in_batches(batches, batch_rows, work)

    return df.mapInArrow(of_batches, schema_with(df, _cluster.Features.columns))


def classify(
    df: DataFrame,
    model: _cluster.AnyModel,
    uri_column: str = "uri",
    *,
    threshold: float | None = None,
    batch_rows: int = _cluster.BATCH_ROWS,
    memory: int | None = None,
    n_jobs: int = 1,
) -> DataFrame:
    """The genres of the recordings that the rows name.

    Parameters
    ----------
    df : pyspark.sql.DataFrame
        As for :func:`features`.
    model : path-like, bytes or cratedig.Model
        Read here, and sent to the workers.
    uri_column : str, default="uri"
        The column of locations.
    threshold : float, optional
        The probability below which no genre is named. Default: the model's own, where it has one.
    batch_rows, memory, n_jobs
        As for :func:`features`.

    Returns
    -------
    pyspark.sql.DataFrame
        The columns of `df`, and ``failure``, ``genre``, ``verdict``, ``score``, ``scores`` (a map by genre).
    """
    _cluster.limits_of(memory)
    content = _cluster.model_bytes(model)
    sent = df.sparkSession.sparkContext.broadcast(content)

    def of_batches(batches: Iterable[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
        work = _cluster.Genres(uri_column, sent.value, threshold, memory, n_jobs)
        return _cluster.in_batches(batches, batch_rows, work)

    return df.mapInArrow(of_batches, schema_with(df, _cluster.Genres.columns))


def schema_with(df: DataFrame, more: str) -> str:
    """The columns of a frame and more, as Spark reads them."""
    fields = [f"`{field.name.replace('`', '``')}` {field.dataType.simpleString()}" for field in df.schema.fields]
    return ", ".join([*fields, more])
