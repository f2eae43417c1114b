"""What Spark and Ray have in common: batches of locations to rows, in workers that keep their helpers and models."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Union

import numpy as np

from ._errors import CratediggerError
from ._extractor import FEATURE_NAMES, Extractor
from ._model import Model

if TYPE_CHECKING:
    import pyarrow

#: Recordings of a batch unless told otherwise: enough that what a batch costs by itself is not seen, few enough that little is lost
#: with a worker. ``docs/python.md`` has the measurement.
BATCH_ROWS = 64

#: A model as a caller names it: the file, which every worker can read, its bytes, or the model.
AnyModel = Union[str, "os.PathLike[str]", bytes, Model]

_MEBIBYTE = 1 << 20

#: What a helper takes for itself, as the command limits it, in bytes.
_BASE_MEMORY = 768 * _MEBIBYTE

#: Bytes that each second of the longest recording may take: 100,000 samples of 4 bytes.
_BYTES_A_SECOND = 400_000


def limits_of(memory: int | None) -> dict[str, Any]:
    """The limits by which one helper process never takes more than `memory` bytes.

    Parameters
    ----------
    memory : int or None
        Bytes of address space for one recording that is analysed; None for the command's own limits.

    Returns
    -------
    dict
        Parameters of :class:`cratedig.Extractor`.
    """
    if memory is None:
        return {}
    left = memory - _BASE_MEMORY
    if left < 64 * _MEBIBYTE:
        raise CratediggerError(
            f"memory is {memory} bytes, expected {_BASE_MEMORY + 64 * _MEBIBYTE} or more: {_BASE_MEMORY} are the program's own"
        )
    # A quarter for the file, the rest for its samples.
    return {"max_bytes": left // 4, "max_duration": (left - left // 4) / _BYTES_A_SECOND}


# What this worker keeps from one batch to the next, by what it was made of.
_kept: dict[Any, Any] = {}


def extractor_of(recipe: str, memory: int | None) -> Extractor:
    """The extractor of this worker, with its helpers."""
    key = ("extractor", recipe, memory)
    if key not in _kept:
        _kept[key] = Extractor(recipe, **limits_of(memory))
    found: Extractor = _kept[key]
    return found


def model_bytes(model: AnyModel) -> bytes:
    """A model as what is sent to workers: small, and the same whatever a worker can read."""
    if isinstance(model, Model):
        return model.to_bytes()
    if isinstance(model, (bytes, bytearray, memoryview)):
        return bytes(model)
    with open(model, "rb") as file:
        return file.read()


def model_of(content: bytes) -> Model:
    """The model of this worker: read once."""
    key = ("model", hashlib.blake2b(content).digest())
    if key not in _kept:
        _kept[key] = Model.from_bytes(content)
    found: Model = _kept[key]
    return found


def missing_last(uris: pyarrow.ChunkedArray | pyarrow.Array) -> list[str]:
    """Locations as texts; one that is null is called by the empty text, and fails."""
    return ["" if uri is None else str(uri) for uri in uris.to_pylist()]


def with_results(batch: pyarrow.Table, results: pyarrow.Table) -> pyarrow.Table:
    """The columns of a batch, and those of the results that it has not."""
    for name, column in zip(results.column_names, results.columns):
        if name in batch.column_names:
            raise CratediggerError(f"the rows have a column {name} already, which is a result's: rename it first")
        batch = batch.append_column(results.schema.field(name), column)
    return batch


class Features:
    """Rows to rows with features: what a step of either engine does to a batch.

    Parameters
    ----------
    uri_column : str
        The column of locations.
    recipe : str
        Whose numbers.
    memory : int or None
        Bytes of one helper.
    n_jobs : int
        Helpers of this worker.
    """

    #: Columns of results, as Spark writes them.
    columns = "failure string, duration_s double, lost_share double, features array<double>"

    def __init__(self, uri_column: str, recipe: str, memory: int | None, n_jobs: int) -> None:
        self._uri_column, self._recipe, self._memory, self._n_jobs = uri_column, recipe, memory, n_jobs

    def __call__(self, batch: pyarrow.Table) -> pyarrow.Table:
        """The columns of a batch, and those of results."""
        import pyarrow as pa

        extractor = extractor_of(self._recipe, self._memory)
        table = extractor.extract_many(missing_last(batch[self._uri_column]), n_jobs=self._n_jobs).to_arrow()
        values = np.column_stack([table[name].to_numpy() for name in FEATURE_NAMES]) if len(table) else np.empty((0, 518))
        failed = table["failure"].is_valid().to_numpy(zero_copy_only=False)
        flat = pa.array(values[~failed].ravel(), from_pandas=True)
        lengths = np.where(failed, 0, len(FEATURE_NAMES))
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
        lists = pa.ListArray.from_arrays(pa.array(offsets), flat, mask=pa.array(failed))
        found = table.select(["failure", "duration_s", "lost_share"]).append_column("features", lists)
        return with_results(batch, found)


class Genres:
    """Rows to rows with genres.

    Parameters
    ----------
    uri_column, memory, n_jobs
        As for :class:`Features`.
    content : bytes
        A model's.
    threshold : float or None
        The probability below which no genre is named.
    """

    #: Columns of results, as Spark writes them.
    columns = "failure string, genre string, verdict string, score double, scores map<string, double>"

    def __init__(self, uri_column: str, content: bytes, threshold: float | None, memory: int | None, n_jobs: int) -> None:
        self._uri_column, self._content, self._threshold = uri_column, content, threshold
        self._memory, self._n_jobs = memory, n_jobs

    def __call__(self, batch: pyarrow.Table) -> pyarrow.Table:
        """The columns of a batch, and those of results."""
        import pyarrow as pa

        model = model_of(self._content)
        # Its recipe says nothing: the model knows its own.
        extractor = extractor_of("fma", self._memory)
        uris = missing_last(batch[self._uri_column])
        table = model.classify(uris, threshold=self._threshold, n_jobs=self._n_jobs, extractor=extractor).to_arrow()
        score = "probability" if "probability" in table.column_names else "decision"
        failed = table["failure"].is_valid().to_pylist()
        labels = [str(label) for label in model.classes_]
        columns = [table[label].to_pylist() for label in labels]
        scores = [
            None if is_failed else [(label, column[row]) for label, column in zip(labels, columns)]
            for row, is_failed in enumerate(failed)
        ]
        found = table.select(["failure", "genre", "verdict", score])
        found = found.rename_columns(["failure", "genre", "verdict", "score"])
        return with_results(batch, found.append_column("scores", pa.array(scores, pa.map_(pa.string(), pa.float64()))))


def in_batches(
    batches: Iterable[pyarrow.RecordBatch], rows: int, work: Features | Genres
) -> Iterator[pyarrow.RecordBatch]:
    """Batches of no more than so many rows, each with its results."""
    import pyarrow as pa

    for batch in batches:
        for first in range(0, batch.num_rows, rows):
            part = pa.Table.from_batches([batch.slice(first, rows)])
            yield from work(part).combine_chunks().to_batches()
