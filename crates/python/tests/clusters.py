"""Small clusters on this machine, jobs on them, and processes that are killed in the middle: for tests and measurements."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
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


def above(word: str, below: str) -> list[int]:
    """Processes with `word` in their command line that have one with `below` among their descendants, and descend from this one."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    found = [line.split(None, 2) for line in listed.splitlines()]
    parents = {int(line[0]): int(line[1]) for line in found}
    words = {int(line[0]): line[2] for line in found if len(line) == 3}
    above: set[int] = set()
    for pid in (pid for pid, args in words.items() if below in args):
        way = []
        while pid in parents and pid != os.getpid():
            pid = parents[pid]
            way.append(pid)
        if os.getpid() in way:
            above.update(pid for pid in way if word in words.get(pid, ""))
    return sorted(above)


class Killer:
    """Kills one process that `find` gives, with SIGKILL, so many seconds after there is one."""

    def __init__(self, find: Callable[[], list[int]], after: float) -> None:
        self.killed: list[int] = []
        self._find, self._after = find, after
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        while not self._done.is_set() and not self._find():
            time.sleep(0.1)
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
    """Executors of Spark that have a helper."""
    return above("CoarseGrainedExecutorBackend", "decode-helper")


def busy_actors() -> list[int]:
    """Workers of Ray that have a helper."""
    listed = subprocess.run(["ps", "-eo", "ppid=,args="], capture_output=True, text=True, check=True).stdout
    parents = {int(line.split()[0]) for line in listed.splitlines() if "decode-helper" in line}
    return [pid for pid in all_actors() if pid in parents]


def all_actors() -> list[int]:
    """Workers of Ray with a part of a job: processes of this cluster, which are not all our children."""
    found = subprocess.run(["pgrep", "-f", "^ray::.*MapBatches"], capture_output=True, text=True, check=False).stdout
    return [int(pid) for pid in found.split()]
