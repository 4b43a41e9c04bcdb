"""Ray on this machine: remote functions. It keeps nothing on disk."""

from __future__ import annotations

import os
import time
from typing import Any

from benchmarks.systems import Unavailable


class RayLocal:
    """``ray.init`` with as many CPUs as there are, and a function that does nothing."""

    name = "ray"
    durable = False

    def __init__(self) -> None:
        self._ray: Any = None
        self._noop: Any = None

    def start(self) -> None:
        """Start the local cluster and its workers."""
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        try:
            import ray
        except ImportError:
            raise Unavailable("install the extra: pip install -e '.[bench]'") from None
        self._ray = ray
        ray.init(num_cpus=os.cpu_count(), include_dashboard=False, logging_level="ERROR")
        self._noop = ray.remote(_noop)
        self.burst(500)

    def stop(self) -> None:
        """Shut the cluster down."""
        self._ray.shutdown()

    def burst(self, tasks: int) -> float:
        """Submit all, then get all."""
        began = time.perf_counter()
        self._ray.get([self._noop.remote(1) for _ in range(tasks)])
        return time.perf_counter() - began

    def in_flight(self, tasks: int, window: int) -> float:
        """``ray.wait`` for whichever is ready, submit as many again."""
        began = time.perf_counter()
        pending = [self._noop.remote(1) for _ in range(min(window, tasks))]
        submitted, ended = len(pending), 0
        while ended < tasks:
            ready, pending = self._ray.wait(pending, num_returns=1, timeout=None)
            more, pending = (
                self._ray.wait(pending, num_returns=len(pending), timeout=0)
                if (pending)
                else ([], pending)
            )
            done = ready + more
            self._ray.get(done)
            ended += len(done)
            again = min(len(done), tasks - submitted)
            pending += [self._noop.remote(1) for _ in range(again)]
            submitted += again
        return time.perf_counter() - began

    def one_by_one(self, tasks: int) -> list[float]:
        """Submit and get, again and again."""
        took = []
        for _ in range(tasks):
            began = time.perf_counter()
            self._ray.get(self._noop.remote(1))
            took.append(time.perf_counter() - began)
        return took


def _noop(_: int) -> None:
    return None
