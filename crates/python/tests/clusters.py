"""Small clusters on this machine, jobs on them, and processes that are killed in the middle: for tests and measurements."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any


@contextlib.contextmanager
def spark(master: str = "local-cluster[2,1,1024]") -> Iterator[Any]:
    """A Spark session: two executors, each a Java process of its own."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(master)
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.log.level": "ERROR",
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    try:
        yield session
    finally:
        session.stop()


@contextlib.contextmanager
def ray() -> Iterator[Any]:
    """A Ray cluster of two nodes with a processor each."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    import ray
    from ray.cluster_utils import Cluster

    node = {"num_cpus": 1, "object_store_memory": 200 << 20}
    cluster = Cluster(initialize_head=True, head_node_args={**node, "include_dashboard": False})
    cluster.add_node(**node)
    ray.init(address=cluster.address, logging_level="error", log_to_driver=False)
    ray.data.DataContext.get_current().enable_progress_bars = False
    try:
        yield ray
    finally:
        ray.shutdown()
        cluster.shutdown()


def running() -> dict[int, tuple[int, str]]:
    """The parent and the command line of every process."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[1])
            words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (OSError, IndexError, ValueError):
            continue
        found[int(folder.name)] = (parent, words)
    return found


def above(word: str, below: str) -> list[int]:
    """Processes with `word` in their command line that have one with `below` among their descendants."""
    found = running()
    above: set[int] = set()
    for pid in (pid for pid, (_, words) in found.items() if below in words):
        while pid in found:
            pid = found[pid][0]
            if pid in found and word in found[pid][1]:
                above.add(pid)
    return sorted(above)


def is_below(pid: int, top: int) -> bool:
    """Whether a process descends from another."""
    found = running()
    while pid in found and pid != top:
        pid = found[pid][0]
    return pid == top


class Killer:
    """Kills one process that `find` gives, with SIGKILL, so many seconds after there is one."""

    def __init__(self, find: Callable[[], list[int]], after: float) -> None:
        self.killed: list[int] = []
        self._find, self._after = find, after
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        while not self._done.is_set() and not self._find():
            time.sleep(0.02)
        self._done.wait(self._after)
        for pid in self._find()[:1]:
            os.kill(pid, signal.SIGKILL)
            self.killed.append(pid)

    def __enter__(self) -> Killer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()


def busy_executors() -> list[int]:
    """Executors of this session of Spark that have a helper."""
    mine = above("CoarseGrainedExecutorBackend", "decode-helper")
    return [pid for pid in mine if is_below(pid, os.getpid())]


def busy_actors() -> list[int]:
    """Workers of Ray that have a helper."""
    found = running()
    parents = {parent for parent, words in found.values() if "decode-helper" in words}
    return [pid for pid in all_actors() if pid in parents]


def all_actors() -> list[int]:
    """Workers of Ray with a part of a job: processes of this cluster, which are not all our children."""
    return [pid for pid, (_, words) in running().items() if words.startswith("ray::") and "MapBatches" in words]
