"""Recordings to features and frames: the same numbers by every way, and the command's."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from conftest import RATE, tone, write

import cratedig


def by_command(paths: list[Path], out: Path, *options: str) -> dict[str, np.ndarray]:
    """The features that the command writes, by file name."""
    import pyarrow.parquet as pq

    command = [cratedig.program(), "--quiet", "extract", f"--out={out}", *options, *map(str, paths)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    table = pq.read_table(out)
    names = table.column_names
    ids = [Path(str(name)).name for name in table[names[0]].to_pylist()]
    rows = np.column_stack([table[name].to_numpy() for name in names[1:]])
    assert tuple(names[1:]) == cratedig.FEATURE_NAMES
    return dict(zip(ids, rows))


@pytest.mark.parametrize("recipe", ["fma", "librosa"])
def test_a_file_has_the_commands_features_bit_by_bit(clips: list[Path], tmp_path: Path, recipe: str) -> None:
    want = by_command(clips[:3], tmp_path / "f.parquet", f"--recipe={recipe}")
    extractor = cratedig.Extractor(recipe)
    for clip in clips[:3]:
        from_path = extractor.extract(clip)
        assert from_path.dtype == np.float64 and from_path.shape == (518,)
        np.testing.assert_array_equal(from_path, want[clip.name])
        np.testing.assert_array_equal(extractor.extract(clip.read_bytes()), from_path)
        in_process = cratedig.Extractor(recipe, in_process=True)
        np.testing.assert_array_equal(in_process.extract(str(clip)), from_path)


def test_samples_are_what_the_file_has(clips: list[Path]) -> None:
    samples = tone(110.0, seed=0)
    extractor = cratedig.Extractor()
    of_file = extractor.extract(clips[0])
    np.testing.assert_array_equal(extractor.extract(samples, RATE), of_file)
    np.testing.assert_array_equal(extractor.extract(samples / 32768.0, sample_rate=RATE), of_file)
    # any step between the samples
    twice = np.repeat(samples, 2)
    np.testing.assert_array_equal(extractor.extract((twice / np.float32(32768))[::2], RATE), of_file)


def test_many_are_a_table_in_the_order_of_the_files_with_failures_as_a_column(
    clips: list[Path], bad: list[Path], tmp_path: Path
) -> None:
    uris = [clips[1], bad[0], clips[0], bad[1], clips[1]]
    want = by_command(clips[:2], tmp_path / "f.parquet")
    for n_jobs in (1, 2, None):
        table = cratedig.extract_many(uris, n_jobs=n_jobs)
        assert table.num_rows == len(table) == 5
        arrow = table.to_arrow()
        assert arrow["uri"].to_pylist() == [str(uri) for uri in uris]
        assert [failure and failure.split(":")[0] for failure in arrow["failure"].to_pylist()] == [
            None,
            "probe",
            None,
            "open",
            None,
        ]
        rows = np.column_stack([arrow[name].to_numpy() for name in cratedig.FEATURE_NAMES])
        np.testing.assert_array_equal(rows[[0, 2, 4]], [want[clips[at].name] for at in (1, 0, 1)])
        assert np.isnan(rows[[1, 3]]).all() and arrow["zcr.mean.01"].null_count == 2
        np.testing.assert_allclose(arrow["duration_s"].to_numpy()[[0, 2]], 1.5)
        assert table.metadata["cratedigger.recipe"] == cratedig.Extractor().recipe_version


def test_arrows_libraries_take_the_table_without_pyarrow_in_between(clips: list[Path]) -> None:
    table = cratedig.extract_many(clips[:2])
    duckdb, polars = pytest.importorskip("duckdb"), pytest.importorskip("polars")
    frame = polars.DataFrame(table)
    assert frame.shape == (2, 522)
    assert duckdb.sql("select count(*) from table where failure is null").fetchone() == (2,)
    # It can be taken more than once, and empty.
    assert polars.DataFrame(table).equals(frame)
    assert cratedig.extract_many([]).to_arrow().num_rows == 0


def test_a_table_of_arrow_shares_its_memory(clips: list[Path]) -> None:
    table = cratedig.extract_many(clips[:2])
    first, second = (table.to_arrow()["mfcc.mean.01"].chunk(0).buffers()[1].address for _ in range(2))
    assert first == second


def test_frames_are_those_that_the_features_summarise(clips: list[Path]) -> None:
    extractor = cratedig.Extractor()
    frames = extractor.frames(clips[0])
    assert frames.shape[1] == len(cratedig.FRAME_NAMES) == 74 and frames.dtype == np.float32
    at = cratedig.FRAME_NAMES.index("zcr.01")
    features = dict(zip(cratedig.FEATURE_NAMES, extractor.extract(clips[0])))
    assert np.isclose(frames[:, at].mean(), features["zcr.mean.01"], rtol=1e-5)
    assert np.isclose(frames[:, at].max(), features["zcr.max.01"], rtol=1e-6)
    np.testing.assert_array_equal(extractor.frames(clips[0].read_bytes()), frames)
    np.testing.assert_array_equal(extractor.frames(tone(110.0, seed=0), RATE), frames)


def test_a_spectrogram_has_its_band_where_the_tone_is(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", tone(440.0, seconds=2.0))
    extractor = cratedig.Extractor()
    mel = extractor.mel_spectrogram(path)
    # 440 Hz are 6.6 mel, and the 97 steps between the edges of 96 bands go up to 45.2.
    assert mel.shape[1] == 96 and mel[mel.shape[0] // 2].argmax() == 13
    assert extractor.mel_spectrogram(path, n_mels=40, sr=22_050, n_fft=1024, hop_length=512, log="db").shape == (87, 40)
    with pytest.raises(cratedig.AudioError, match="n_fft is 1000, expected a power of two"):
        extractor.mel_spectrogram(path, n_fft=1000)


def test_errors_have_the_words_of_the_command(bad: list[Path], clips: list[Path]) -> None:
    extractor = cratedig.Extractor()
    with pytest.raises(cratedig.AudioError, match="noise.mp3") as info:
        extractor.extract(bad[0])
    assert info.value.stage == "probe"
    assert pickle.loads(pickle.dumps(info.value)).stage == "probe"
    with pytest.raises(cratedig.AudioError) as info:
        extractor.extract(bad[1])
    assert info.value.stage == "open"
    with pytest.raises(cratedig.AudioError, match="unknown feature recipe `loud`; known: fma, librosa"):
        cratedig.Extractor("loud")
    with pytest.raises(cratedig.AudioError, match="longer"):
        cratedig.Extractor(max_duration=1.0).extract(clips[0])
    with pytest.raises(cratedig.CratediggerError, match="needs its sample_rate"):
        extractor.extract(np.zeros(100, np.float32))
    with pytest.raises(cratedig.CratediggerError, match=r"shape \(2, 50\)"):
        extractor.extract(np.zeros((2, 50), np.float32), RATE)
    with pytest.raises(cratedig.CratediggerError, match="int64"):
        extractor.extract(np.zeros(50, np.int64), RATE)
    with pytest.raises(cratedig.CratediggerError, match="n_jobs is 0"):
        extractor.extract_many(clips, n_jobs=0)
    assert issubclass(cratedig.CratediggerError, ValueError)


def test_an_extractor_goes_through_pickle_and_a_fork(clips: list[Path]) -> None:
    extractor = cratedig.Extractor(max_duration=60.0)
    want = extractor.extract(clips[0])
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(extractor)).extract(clips[0]), want)
    child = os.fork()
    if child == 0:
        # Its own helpers; those of the parent must live on when it ends as interpreters do.
        same = np.array_equal(extractor.extract(clips[0]), want)
        del extractor
        os._exit(0 if same else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    np.testing.assert_array_equal(extractor.extract(clips[0]), want)


def test_a_killed_helper_is_replaced(clips: list[Path]) -> None:
    extractor = cratedig.Extractor()
    want = extractor.extract(clips[0])
    helpers = children()
    assert helpers
    for helper in helpers:
        os.kill(helper, signal.SIGKILL)
    np.testing.assert_array_equal(extractor.extract(clips[0]), want)


def children() -> list[int]:
    """The helpers of this process."""
    found = subprocess.run(["ps", "-o", "pid=,args=", "--ppid", str(os.getpid())], capture_output=True, text=True, check=True)
    return [int(line.split()[0]) for line in found.stdout.splitlines() if "decode-helper" in line]


def test_other_threads_run_while_files_are_decoded(tmp_path: Path) -> None:
    path = write(tmp_path / "long.wav", tone(200.0, seconds=60.0))
    extractor = cratedig.Extractor(in_process=True)
    n_turns, done = 0, threading.Event()

    def turn() -> None:
        nonlocal n_turns
        while not done.is_set():
            n_turns += 1
            time.sleep(0.001)

    thread = threading.Thread(target=turn)
    thread.start()
    before = n_turns
    extractor.extract(path)
    during = n_turns - before
    done.set()
    thread.join()
    assert during > 3


def test_ctrl_c_ends_a_batch(tmp_path: Path) -> None:
    # Hours of work, so that only the signal can end it.
    path = write(tmp_path / "long.wav", tone(200.0, seconds=120.0))
    script = (
        "import sys, cratedig\n"
        "extractor = cratedig.Extractor()\n"
        "print('begun', flush=True)\n"
        "try:\n"
        f"    extractor.extract_many([{str(path)!r}] * 20_000, n_jobs=1)\n"
        "except KeyboardInterrupt:\n"
        "    sys.exit(42)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "begun\n"
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 42


def test_the_command_is_the_installed_one_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = cratedig.program()
    shown = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    assert shown.split()[0] == "cratedigger"
    monkeypatch.setenv("CRATEDIGGER_PROGRAM", "/from/the/environment")
    assert cratedig.program() == "/from/the/environment"
    cratedig.set_program(tmp_path / "said")
    try:
        assert cratedig.program() == str(tmp_path / "said")
        with pytest.raises(cratedig.CratediggerError, match="cannot start .*said as a helper that decodes"):
            cratedig.Extractor().extract(tmp_path / "x.mp3")
    finally:
        cratedig.set_program(None)
