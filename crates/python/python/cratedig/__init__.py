"""Audio features and music genres that a person can trust.

The same Rust code as the command ``cratedigger``, which this package brings with it: audio files become the 518 features of the FMA
dataset, features become genres by models that the command or :mod:`cratedig.sklearn` trained.

Recordings are decoded in processes of their own, whose memory and time are limited, so that a file that brings a decoder down
ends none of yours.

Examples
--------
>>> import cratedig
>>> extractor = cratedig.Extractor("fma")
>>> vector = extractor.extract("song.mp3")  # doctest: +SKIP
>>> len(cratedig.FEATURE_NAMES)
518
"""

from ._errors import AudioError, CratediggerError, LearnError, ModelError
from ._extractor import FEATURE_NAMES, FRAME_NAMES, Extractor, extract_many
from ._model import Model, Verdict
from ._program import program, set_program
from ._study import Study, study
from ._table import Table
from ._version import __version__

__all__ = [
    "FEATURE_NAMES",
    "FRAME_NAMES",
    "AudioError",
    "CratediggerError",
    "Extractor",
    "LearnError",
    "Model",
    "ModelError",
    "Study",
    "Table",
    "Verdict",
    "__version__",
    "extract_many",
    "program",
    "set_program",
    "study",
]
