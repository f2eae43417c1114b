"""Recordings to features and frames."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any, Union

import numpy as np
import numpy.typing as npt

from . import _native
from ._errors import CratediggerError
from ._program import program
from ._table import Table

#: Names of the 518 features, in the order of :meth:`Extractor.extract`.
FEATURE_NAMES: tuple[str, ...] = tuple(_native.feature_names())

#: Names of the 74 descriptors of a frame, in the order of the columns of :meth:`Extractor.frames`.
FRAME_NAMES: tuple[str, ...] = tuple(_native.frame_names())

#: What a recording can be given as.
Audio = Union[str, "os.PathLike[str]", bytes, bytearray, memoryview, npt.NDArray[Any]]


def samples_of(audio: npt.NDArray[Any], sample_rate: int | None) -> tuple[npt.NDArray[np.float32], int]:
    """Samples as Rust takes them; an error in words where they are none."""
    if sample_rate is None:
        raise CratediggerError("an array of samples needs its sample_rate, in Hz")
    if audio.ndim != 1:
        raise CratediggerError(
            f"an array of samples has one dimension, and this one has the shape {audio.shape}: mix channels to one first"
        )
    if audio.dtype == np.int16:
        return audio.astype(np.float32) / np.float32(32768), int(sample_rate)
    if audio.dtype.kind != "f":
        raise CratediggerError(f"samples are floating-point numbers from -1 to 1 or int16, not {audio.dtype}")
    return np.ascontiguousarray(audio, dtype=np.float32), int(sample_rate)


def n_threads(n_jobs: int | None) -> int | None:
    """Threads as Rust takes them: None for all processors."""
    if n_jobs is None or n_jobs == -1:
        return None
    if n_jobs < 1:
        raise CratediggerError(f"n_jobs is {n_jobs}, expected 1 or more, or None or -1 for all processors")
    return int(n_jobs)


class Extractor:
    """Makes features and frames of recordings.

    Files and bytes are decoded in helper processes of the command, whose memory and time are limited: one that brings a decoder
    down is an :class:`AudioError`, and nothing else. The helpers are kept for the next recording. An extractor can be shared by
    threads, pickled, and used after a fork.

    Parameters
    ----------
    recipe : {"fma", "librosa"}, default="fma"
        Whose numbers: those of the dataset's ``features.csv``, or what librosa 0.11 gives at 22,050 Hz.
    in_process : bool, default=False
        Decode in this process. It is a little faster, and a file that brings a decoder down ends it.
    max_duration : float, optional
        Refuse recordings that are longer, in seconds. Default: 6 hours.
    max_bytes : int, optional
        Refuse files that are larger. Default: 4 GiB.
    max_lost : float, optional
        Refuse recordings of which a larger share is damaged or lost, 0 to 1. Default: 0.01.
    max_work : float, optional
        Seconds that the work on one recording may take. Default: 3600.

    Examples
    --------
    >>> import numpy as np
    >>> from cratedig import Extractor
    >>> tone = np.sin(np.arange(44_100) * 2 * np.pi * 440 / 22_050) / 2
    >>> Extractor("fma").extract(tone, sample_rate=22_050).shape
    (518,)
    """

    def __init__(
        self,
        recipe: str = "fma",
        *,
        in_process: bool = False,
        max_duration: float | None = None,
        max_bytes: int | None = None,
        max_lost: float | None = None,
        max_work: float | None = None,
    ) -> None:
        self._said: dict[str, Any] = {
            "recipe": recipe,
            "in_process": in_process,
            "max_duration": max_duration,
            "max_bytes": max_bytes,
            "max_lost": max_lost,
            "max_work": max_work,
        }
        self._native = _native.Extraction(
            recipe, None if in_process else program(), max_duration, max_bytes, max_lost, max_work
        )

    @property
    def recipe(self) -> str:
        """The recipe's name."""
        return str(self._said["recipe"])

    @property
    def recipe_version(self) -> str:
        """The recipe's version, which belongs beside every value."""
        return _native.recipe_version(self.recipe)

    def __repr__(self) -> str:
        said = ", ".join(f"{name}={value!r}" for name, value in self._said.items() if value not in (None, False))
        return f"Extractor({said})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _extractor, (self._said,)

    def extract(self, audio: Audio, sample_rate: int | None = None) -> npt.NDArray[np.float64]:
        """The 518 features of a recording.

        Parameters
        ----------
        audio : path-like, bytes, or array of shape (n_samples,)
            A file, the content of one, or mono samples: floating-point numbers from -1 to 1, or int16. Samples are used as they
            are; those of files are rounded to 16 bits and mixed to one channel, as the dataset's were.
        sample_rate : int, optional
            The rate of samples, in Hz.

        Returns
        -------
        ndarray of shape (518,), float64
            In the order of :data:`FEATURE_NAMES`.

        Raises
        ------
        AudioError
            The recording cannot be read, decoded or analysed.
        """
        if isinstance(audio, np.ndarray):
            return self._native.samples(*samples_of(audio, sample_rate))
        if isinstance(audio, (bytes, bytearray, memoryview)):
            return self._native.bytes(bytes(audio))
        return self._native.path(os.fspath(audio))

    def frames(self, audio: Audio, sample_rate: int | None = None) -> npt.NDArray[np.float32]:
        """The 74 descriptors of each frame of a recording (2048 samples every 512).

        Parameters
        ----------
        audio, sample_rate
            As for :meth:`extract`.

        Returns
        -------
        ndarray of shape (n_frames, 74), float32
            Columns in the order of :data:`FRAME_NAMES`.
        """
        return self._frames(_native.descriptors_recipe(self.recipe), audio, sample_rate)

    def mel_spectrogram(
        self,
        audio: Audio,
        sample_rate: int | None = None,
        *,
        sr: int | None = None,
        n_fft: int | None = None,
        hop_length: int | None = None,
        n_mels: int | None = None,
        f_min: float | None = None,
        f_max: float | None = None,
        pad_mode: str | None = None,
        log: str | None = None,
    ) -> npt.NDArray[np.float32]:
        """A log-mel spectrogram, as ``cratedigger mel`` makes it.

        Parameters
        ----------
        audio, sample_rate
            As for :meth:`extract`.
        sr : int, default=16000
            Rate that recordings are resampled to, in Hz.
        n_fft : int, default=512
            Length of a frame, a power of two.
        hop_length : int, default=256
            Samples between frames.
        n_mels : int, default=96
            Number of bands.
        f_min : float, default=0
            Lower edge of the lowest band, in Hz.
        f_max : float, optional
            Upper edge of the highest band, in Hz. Default: half of `sr`.
        pad_mode : {"reflect", "constant"}, default="reflect"
            What lies beyond the ends.
        log : {"log10(1+10000x)", "db"}, default="log10(1+10000x)"
            The logarithm.

        Returns
        -------
        ndarray of shape (n_frames, n_mels), float32
        """
        recipe = _native.mel_recipe(sr, n_fft, hop_length, n_mels, f_min, f_max, pad_mode, log)
        return self._frames(recipe, audio, sample_rate)

    def _frames(self, recipe: str, audio: Audio, sample_rate: int | None) -> npt.NDArray[np.float32]:
        if isinstance(audio, np.ndarray):
            return self._native.frames_samples(recipe, *samples_of(audio, sample_rate))
        if isinstance(audio, (bytes, bytearray, memoryview)):
            return self._native.frames_bytes(recipe, bytes(audio))
        return self._native.frames_path(recipe, os.fspath(audio))

    def extract_many(self, uris: Iterable[str | os.PathLike[str]], n_jobs: int | None = None) -> Table:
        """The features of many recordings, a row for each, in their order.

        Parameters
        ----------
        uris : iterable of path-like
            The files.
        n_jobs : int, optional
            Threads; None or -1 for one for each processor.

        Returns
        -------
        Table
            ``uri``; ``failure``, null or the stage and the reason; ``duration_s``, ``lost_share``; and the 518 features, null where
            there are none. Its metadata has the recipe's version.

        Notes
        -----
        A file that fails is a row, never an exception. Ctrl-C ends the work; nothing is kept then. For jobs that are to go on after
        an interruption there is ``cratedigger extract``.
        """
        return Table(self._native.many([os.fspath(uri) for uri in uris], n_threads(n_jobs)))


def _extractor(said: dict[str, Any]) -> Extractor:
    return Extractor(**said)


def extract_many(
    uris: Iterable[str | os.PathLike[str]], n_jobs: int | None = None, *, recipe: str = "fma", **limits: Any
) -> Table:
    """The features of many recordings; :meth:`Extractor.extract_many` of a new extractor.

    Parameters
    ----------
    uris : iterable of path-like
        The files.
    n_jobs : int, optional
        Threads; None or -1 for one for each processor.
    recipe : {"fma", "librosa"}, default="fma"
        Whose numbers.
    **limits
        Other parameters of :class:`Extractor`.

    Returns
    -------
    Table
        A row for each recording, with ``failure`` as a column.

    Examples
    --------
    >>> import cratedig
    >>> table = cratedig.extract_many(["no such file.mp3"])
    >>> table.to_arrow()["failure"][0].as_py()[:5]
    'open:'
    """
    return Extractor(recipe, **limits).extract_many(uris, n_jobs)
