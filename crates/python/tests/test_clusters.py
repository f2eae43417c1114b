"""Spark and Ray give the rows of a local extraction, value by value, also where a worker is killed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import clusters
import numpy as np
import pytest
from conftest import tone, write

import cratedig
from cratedig import FEATURE_NAMES, Model
from cratedig._cluster import limits_of

Rows = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def uris(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Forty clips, and two that fail, in no order."""
    folder = tmp_path_factory.mktemp("many")
    paths = [write(folder / f"{at}.wav", tone(100.0 + 40 * at, seconds=8 + at % 5, seed=at)) for at in range(40)]
    (folder / "noise.mp3").write_bytes(b"this is no audio" * 100)
    paths[7:7] = [folder / "noise.mp3", folder / "absent.mp3"]
    return [str(path) for path in paths]


@pytest.fixture(scope="module")
def local(uris: list[str]) -> Rows:
    """What is extracted here."""
    table = cratedig.extract_many(uris).to_arrow()
    rows = np.column_stack([table[name].to_numpy() for name in FEATURE_NAMES])
    named = table.select(["uri", "failure", "duration_s", "lost_share"]).to_pylist()
    return {row["uri"]: {**row, "features": None if row["failure"] else list(rows[at])} for at, row in enumerate(named)}


@pytest.fixture(scope="module")
def genres(uris: list[str], model: Path) -> Rows:
    """What is classified here."""
    rows = Model.load(model).classify(uris).to_arrow().to_pylist()
    return {row["uri"]: row for row in rows}


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    pytest.importorskip("pyspark")
    if shutil.which("java") is None:
        pytest.skip("there is no java")
    with clusters.spark() as session:
        yield session


@pytest.fixture(scope="module")
def ray() -> Iterator[Any]:
    pytest.importorskip("ray.data")
    with clusters.ray() as found:
        yield found


def check_features(rows: list[dict[str, Any]], local: Rows) -> None:
    """Each row once, with all bits of the local one."""
    assert sorted(row["uri"] for row in rows) == sorted(local)
    for row in rows:
        want = local[row["uri"]]
        assert row["failure"] == want["failure"]
        assert row["duration_s"] == want["duration_s"] and row["lost_share"] == want["lost_share"]
        found = row["features"]
        assert (found is None) == (want["features"] is None)
        if found is not None:
            np.testing.assert_array_equal(list(found), want["features"])


def check_genres(rows: list[dict[str, Any]], genres: Rows) -> None:
    """Each row once, with all bits of the local one."""
    assert sorted(row["uri"] for row in rows) == sorted(genres)
    for row in rows:
        want = genres[row["uri"]]
        assert [row[name] for name in ("failure", "genre", "verdict")] == [
            want[name] for name in ("failure", "genre", "verdict")
        ]
        assert row["score"] == want["probability"]
        if row["failure"] is None:
            assert dict(row["scores"]) == {name: want[name] for name in ("Low", "High")}
        else:
            assert row["scores"] is None


def frame(spark: Any, uris: list[str]) -> Any:
    """Rows in six partitions, with a column besides."""
    return spark.createDataFrame(list(enumerate(uris)), "at long, uri string").repartition(6)


def dataset(ray: Any, uris: list[str]) -> Any:
    """Rows in six blocks, with a column besides."""
    return ray.data.from_items([{"at": at, "uri": uri} for at, uri in enumerate(uris)], override_num_blocks=6)


def test_spark_features_and_genres(spark: Any, uris: list[str], local: Rows, genres: Rows, model: Path) -> None:
    from cratedig.spark import classify, features

    rows = [row.asDict() for row in features(frame(spark, uris), batch_rows=5).collect()]
    check_features(rows, local)
    assert [uris[row["at"]] for row in rows] == [row["uri"] for row in rows]
    check_genres([row.asDict() for row in classify(frame(spark, uris), model, batch_rows=5).collect()], genres)


def test_spark_goes_on_when_an_executor_is_killed(spark: Any, uris: list[str], local: Rows) -> None:
    from cratedig.spark import features

    with clusters.Killer(clusters.busy_executors, after=0.3) as killer:
        rows = [row.asDict() for row in features(frame(spark, uris), batch_rows=3).collect()]
    assert len(killer.killed) == 1
    check_features(rows, local)


def test_ray_features_and_genres(ray: Any, uris: list[str], local: Rows, genres: Rows, model: Path) -> None:
    from cratedig.ray import classify, features

    rows = features(dataset(ray, uris), batch_rows=5).take_all()
    check_features(rows, local)
    assert [uris[row["at"]] for row in rows] == [row["uri"] for row in rows]
    check_genres(classify(dataset(ray, uris), model, batch_rows=5).take_all(), genres)


def test_ray_goes_on_when_a_worker_is_killed(ray: Any, uris: list[str], local: Rows) -> None:
    from cratedig.ray import features

    before = set(clusters.all_actors())
    with clusters.Killer(lambda: [pid for pid in clusters.busy_actors() if pid not in before], after=0.1) as killer:
        rows = features(dataset(ray, uris), batch_rows=3).take_all()
    assert len(killer.killed) == 1
    check_features(rows, local)


def test_a_workers_memory_is_bounded_by_an_option(uris: list[str]) -> None:
    limits = limits_of(1 << 30)
    assert limits == {"max_bytes": 64 << 20, "max_duration": (192 << 20) / 400_000}
    short = cratedig.Extractor(**limits_of((768 + 64) << 20))
    with pytest.raises(cratedig.AudioError):
        cratedig.Extractor(max_duration=1.0).extract(uris[0])
    assert short.extract(uris[0]).shape == (518,)
    with pytest.raises(cratedig.CratediggerError, match="memory is 1000 bytes, expected 872415232 or more"):
        limits_of(1000)
