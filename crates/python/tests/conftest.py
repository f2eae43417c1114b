"""Recordings, features and a model to try things on."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

RATE = 22_050


def tone(hz: float, seconds: float = 1.5, seed: int = 0) -> np.ndarray:
    """A tone with a little noise, as int16."""
    time = np.arange(int(seconds * RATE)) / RATE
    noise = np.random.default_rng(seed).normal(scale=0.02, size=time.size)
    return np.round((0.5 * np.sin(2 * np.pi * hz * time) + noise) * 20_000).astype(np.int16)


def write(path: Path, samples: np.ndarray, rate: int = RATE) -> Path:
    """A WAV file of one channel."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return path


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Twelve tones: six low, six high."""
    folder = tmp_path_factory.mktemp("clips")
    heights = [110.0 + 7 * at for at in range(6)] + [880.0 + 31 * at for at in range(6)]
    return [write(folder / f"tone-{at}.wav", tone(hz, seed=at)) for at, hz in enumerate(heights)]


@pytest.fixture(scope="session")
def bad(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A file that is no audio, and one that is not there."""
    folder = tmp_path_factory.mktemp("bad")
    (folder / "noise.mp3").write_bytes(b"this is no audio" * 100)
    return [folder / "noise.mp3", folder / "absent.mp3"]


@pytest.fixture(scope="session")
def model(clips: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that tells low tones from high ones."""
    from cratedig import FEATURE_NAMES, extract_many
    from cratedig.sklearn import DecisionTreeClassifier

    rows = extract_many(clips).to_pandas()
    fitted = DecisionTreeClassifier().fit(rows[list(FEATURE_NAMES)], np.array(["Low"] * 6 + ["High"] * 6))
    path = tmp_path_factory.mktemp("model") / "tones.cdmodel"
    fitted.to_model(recipe="fma").save(path)
    return path
