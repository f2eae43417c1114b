"""What can go wrong, in the words of the command."""

from __future__ import annotations

from typing import Any


class CratediggerError(ValueError):
    """Anything that cratedigger refuses or cannot do."""


class AudioError(CratediggerError):
    """A recording that gives no features.

    Parameters
    ----------
    message : str
        Why, in words.
    stage : str
        Where it failed: ``open``, ``probe``, ``decode``, ``features`` or ``internal``.
    """

    def __init__(self, message: str, stage: str = "internal") -> None:
        super().__init__(message)
        self.stage = stage

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.stage)


class ModelError(CratediggerError):
    """A model that is none, or that does not fit what it is given."""


class LearnError(CratediggerError):
    """Parameters or rows that nothing can be learnt with."""
