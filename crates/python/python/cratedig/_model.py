"""Models that ``cratedigger train`` and :mod:`cratedig.sklearn` made."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from . import _native
from ._errors import ModelError
from ._extractor import Audio, Extractor, n_threads, samples_of
from ._table import Table


@dataclass(frozen=True)
class Verdict:
    """What a model says of one recording.

    Attributes
    ----------
    genre : str or None
        The genre; None where none is likely enough to be named.
    verdict : {"named", "uncertain"}
        Whether one is named.
    score : float
        The likeliest genre's score.
    scores : dict of str to float
        A score for each genre: probabilities, or distances from the decision boundary where the method knows no others.
    are_probabilities : bool
        Which of the two.
    set : list of str or None
        Genres of which the true one is among as often as the model promises, likeliest first; None where it promises nothing.
    """

    genre: str | None
    verdict: str
    score: float
    scores: dict[str, float]
    are_probabilities: bool
    set: list[str] | None


def rows_of(x: Any, feature_names: list[str]) -> npt.NDArray[np.float32]:
    """Rows in the order of the features: by name where there are names, else as they are."""
    if hasattr(x, "__arrow_c_stream__") and not hasattr(x, "columns"):
        import pyarrow

        x = pyarrow.table(x)
    if hasattr(x, "to_pandas") and not hasattr(x, "iloc"):
        x = x.to_pandas()
    if hasattr(x, "iloc"):
        missing = [name for name in feature_names if name not in x.columns]
        if missing:
            more = ", …" if len(missing) > 5 else ""
            raise ModelError(
                f"{len(missing)} of the {len(feature_names)} features that the model needs are missing: "
                f"{', '.join(missing[:5])}{more}"
            )
        x = x[feature_names].to_numpy(dtype=np.float32)
    array = np.ascontiguousarray(x, dtype=np.float32)
    if array.ndim != 2:
        raise ModelError(f"rows of features have two dimensions, and these have the shape {array.shape}")
    return array


class Model:
    """A fitted model with its preprocessing and its card.

    Made by :meth:`load`. It can be pickled, and is a few megabytes then.

    Attributes
    ----------
    classes_ : ndarray of str
        The genres, in the order of the probabilities.
    feature_names_in_ : ndarray of str
        The features, in the order of the columns.
    card : dict
        What is to be known of it: the method, its data, scores, promises (``docs/models.md``).
    """

    def __init__(self, native: _native.Model) -> None:
        self._native = native
        self.card: dict[str, Any] = json.loads(native.card())
        self.classes_ = np.array(self.card["labels"], dtype=object)
        self.feature_names_in_ = np.array(self.card["feature_names"], dtype=object)
        self._features: list[str] = self.card["feature_names"]

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Model:
        """Read a ``.cdmodel`` file.

        Parameters
        ----------
        path : path-like

        Returns
        -------
        Model

        Raises
        ------
        ModelError
            The file is no model, damaged, or of a later version.
        """
        return cls(_native.Model.load(os.fspath(path)))

    @classmethod
    def from_bytes(cls, content: bytes) -> Model:
        """The model of the bytes of a file."""
        return cls(_native.Model.from_bytes(content))

    def to_bytes(self) -> bytes:
        """The bytes of its file; the same model gives the same bytes."""
        return self._native.to_bytes()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a ``.cdmodel`` file, which every command takes."""
        self._native.save(os.fspath(path))

    def __reduce__(self) -> tuple[Any, ...]:
        return _model, (self.to_bytes(),)

    def __repr__(self) -> str:
        return f"<cratedig.Model: {self.card['method']}, {len(self.classes_)} genres, {len(self._features)} features>"

    def __str__(self) -> str:
        return self._native.card_in_words()

    def predict(self, x: Any, n_jobs: int | None = None) -> npt.NDArray[np.object_]:
        """The likeliest genre of each row.

        Parameters
        ----------
        x : array-like of shape (n_rows, n_features), DataFrame or Arrow table
            Columns in the order of ``feature_names_in_``, or by these names.
        n_jobs : int, optional
            Threads; None or -1 for one for each processor.

        Returns
        -------
        ndarray of shape (n_rows,)
        """
        return self.classes_[self._native.predict(rows_of(x, self._features), n_threads(n_jobs))]

    def predict_proba(self, x: Any, n_jobs: int | None = None) -> npt.NDArray[np.float64]:
        """The probability of each genre for each row, calibrated where the model is.

        Parameters
        ----------
        x, n_jobs
            As for :meth:`predict`.

        Returns
        -------
        ndarray of shape (n_rows, n_classes)

        Raises
        ------
        ModelError
            The method knows margins only; ``cratedigger train --calibrate`` makes probabilities of them.
        """
        found = self._native.predict_proba(rows_of(x, self._features), n_threads(n_jobs))
        if found is None:
            raise ModelError(f"a {self.card['method']} has no probabilities; train it with --calibrate")
        return found

    @overload
    def classify(
        self,
        audio: Audio,
        sample_rate: int | None = None,
        *,
        threshold: float | None = None,
        n_jobs: int | None = None,
        extractor: Extractor | None = None,
    ) -> Verdict: ...
    @overload
    def classify(
        self,
        audio: list[Any] | tuple[Any, ...],
        sample_rate: int | None = None,
        *,
        threshold: float | None = None,
        n_jobs: int | None = None,
        extractor: Extractor | None = None,
    ) -> Table: ...
    def classify(
        self,
        audio: Any,
        sample_rate: int | None = None,
        *,
        threshold: float | None = None,
        n_jobs: int | None = None,
        extractor: Extractor | None = None,
    ) -> Verdict | Table:
        """The genre of a recording, or of many, as ``cratedigger classify`` says it.

        Parameters
        ----------
        audio : path-like, bytes, array of shape (n_samples,), or a list of path-like
            One recording, or many files.
        sample_rate : int, optional
            The rate of samples, in Hz.
        threshold : float, optional
            The probability below which no genre is named. Default: the model's own, where it has one.
        n_jobs : int, optional
            Threads for many files; None or -1 for one for each processor.
        extractor : Extractor, optional
            Whose limits and helpers are used. Its recipe says nothing: the model knows its own.

        Returns
        -------
        Verdict or Table
            Of many, a row for each in their order: ``uri``; ``failure``, null or the stage and the reason; ``genre``; ``verdict``;
            ``probability`` (or ``decision``); and a column for each genre.

        Raises
        ------
        AudioError
            The one recording cannot be analysed.
        ModelError
            The model reads something else than recordings have.
        """
        decoder = (extractor or _default())._native
        if isinstance(audio, (bytes, bytearray, memoryview, np.ndarray)):
            if isinstance(audio, np.ndarray):
                audio = _native.Model.wave(*samples_of(audio, sample_rate))
            # Models read files: frames, features and embeddings, each by its own way.
            with tempfile.TemporaryDirectory(prefix="cratedig-") as folder:
                file = Path(folder) / "recording"
                file.write_bytes(audio)
                return Verdict(**self._native.classify_path(decoder, str(file), threshold))
        if isinstance(audio, (str, os.PathLike)):
            return Verdict(**self._native.classify_path(decoder, os.fspath(audio), threshold))
        uris = [os.fspath(uri) for uri in audio]
        return Table(self._native.classify_many(decoder, uris, threshold, n_threads(n_jobs)))


def _model(content: bytes) -> Model:
    return Model.from_bytes(content)


_kept: Extractor | None = None


def _default() -> Extractor:
    """The extractor of who names none, which keeps its helpers."""
    global _kept
    if _kept is None:
        _kept = Extractor()
    return _kept
