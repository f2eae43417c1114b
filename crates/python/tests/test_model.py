"""Models: what the command says, through Python."""

from __future__ import annotations

import json
import pickle
import subprocess
from pathlib import Path

import numpy as np
import pytest
from conftest import RATE, tone

import cratedig
from cratedig import FEATURE_NAMES, Model


def by_command(model: Path, paths: list[Path]) -> list[dict[str, object]]:
    """What the command says of recordings."""
    command = [cratedig.program(), "--quiet", "classify", f"--model={model}", "--format=json", *map(str, paths)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: list[dict[str, object]] = json.loads(done.stdout)
    return found


def test_a_recording_has_the_commands_verdict_however_it_is_given(model: Path, clips: list[Path]) -> None:
    loaded = Model.load(model)
    (want,) = by_command(model, clips[:1])
    verdict = loaded.classify(clips[0])
    assert (verdict.genre, verdict.verdict) == ("Low", "named") == (want["genre"], "named")
    assert verdict.scores == want["probabilities"] and verdict.score == want["probability"]
    assert verdict.are_probabilities and verdict.set is None
    assert loaded.classify(clips[0].read_bytes()) == verdict
    assert loaded.classify(tone(110.0, seed=0), RATE) == verdict
    assert loaded.classify(tone(1500.0), RATE).genre == "High"


def test_many_are_a_row_each(model: Path, clips: list[Path], bad: list[Path], tmp_path: Path) -> None:
    uris = [clips[7], bad[0], clips[0], tmp_path, bad[1]]
    want = {str(row["id"]): row for row in by_command(model, [clips[7], clips[0]])}
    for n_jobs in (1, 3):
        rows = Model.load(model).classify(uris, n_jobs=n_jobs).to_arrow().to_pylist()
        assert [row["uri"] for row in rows] == [str(uri) for uri in uris]
        assert [row["genre"] for row in rows] == ["High", None, "Low", None, None]
        assert [(row["failure"] or "").split(":")[0] for row in rows] == ["", "probe", "", "open", "open"]
        for row in (rows[0], rows[2]):
            said = want[row["uri"]]
            assert row["probability"] == said["probability"] and row["verdict"] == "named"
            assert {name: row[name] for name in ("Low", "High")} == said["probabilities"]


def test_below_the_threshold_no_genre_is_named(model: Path, clips: list[Path]) -> None:
    verdict = Model.load(model).classify(clips[0], threshold=1.1)
    assert verdict.genre is None and verdict.verdict == "uncertain"


def test_the_one_recording_that_cannot_be_analysed_is_an_error(model: Path, bad: list[Path], clips: list[Path]) -> None:
    loaded = Model.load(model)
    with pytest.raises(cratedig.AudioError) as info:
        loaded.classify(bad[0])
    assert info.value.stage == "probe"
    with pytest.raises(cratedig.AudioError, match="longer"):
        loaded.classify(clips[0], extractor=cratedig.Extractor(max_duration=1.0))


def test_rows_by_place_by_name_and_as_arrow(model: Path, clips: list[Path]) -> None:
    loaded = Model.load(model)
    table = cratedig.extract_many(clips)
    frame = table.to_pandas()
    by_place = frame[list(FEATURE_NAMES)].to_numpy()
    want = loaded.predict_proba(by_place)
    assert want.shape == (12, 2) and np.allclose(want.sum(axis=1), 1.0)
    assert list(loaded.classes_) == ["High", "Low"]
    assert list(loaded.predict(by_place)) == ["Low"] * 6 + ["High"] * 6
    for rows in (frame[frame.columns[::-1]], table, table.to_arrow()):
        np.testing.assert_array_equal(loaded.predict_proba(rows), want)
    for n_jobs in (1, 2):
        np.testing.assert_array_equal(loaded.predict_proba(by_place, n_jobs=n_jobs), want)
    with pytest.raises(cratedig.ModelError, match="517 of the 518 features that the model needs are missing"):
        loaded.predict(frame[["zcr.mean.01"]])
    with pytest.raises(cratedig.CratediggerError, match="expected 518, got 3"):
        loaded.predict(np.zeros((2, 3)))
    with pytest.raises(cratedig.ModelError, match=r"shape \(518,\)"):
        loaded.predict(by_place[0])


def test_a_model_goes_through_bytes_pickle_and_a_file(model: Path, clips: list[Path], tmp_path: Path) -> None:
    loaded = Model.load(model)
    content = loaded.to_bytes()
    assert content == model.read_bytes() == pickle.loads(pickle.dumps(loaded)).to_bytes()
    loaded.save(tmp_path / "again.cdmodel")
    assert (tmp_path / "again.cdmodel").read_bytes() == content
    assert Model.from_bytes(content).card["method"] == "decision-tree"
    assert "decision-tree" in repr(loaded) and "decision-tree" in str(loaded)
    damaged = bytearray(content)
    damaged[-3] ^= 1
    with pytest.raises(cratedig.ModelError, match="the model file is damaged"):
        Model.from_bytes(bytes(damaged))
    with pytest.raises(cratedig.ModelError, match="this is not a cratedigger model"):
        Model.load(clips[0])
