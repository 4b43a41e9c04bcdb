"""Dask distributed on this machine: one worker process. It keeps nothing on disk."""

from __future__ import annotations

import itertools
import logging
import time
from typing import Any

from benchmarks.systems import Unavailable


class DaskLocal:
    """``LocalCluster`` with one worker process, and a function that does nothing."""

    name = "dask"
    durable = False

    def __init__(self) -> None:
        self._cluster: Any = None
        self._client: Any = None
        self._as_completed: Any = None
        self._numbers = itertools.count()

    def start(self) -> None:
        """Start the scheduler and the worker."""
        try:
            from distributed import Client, LocalCluster, as_completed
        except ImportError:
            raise Unavailable("install the extra: pip install -e '.[bench]'") from None
        self._cluster = LocalCluster(
            n_workers=1, threads_per_worker=4, dashboard_address=None, silence_logs=logging.ERROR
        )
        self._client = Client(self._cluster)
        self._as_completed = as_completed
        self.burst(500)

    def stop(self) -> None:
        """Close both."""
        self._client.close()
        self._cluster.close()

    def _submit(self) -> Any:
        # Dask takes equal calls for one task unless they are declared impure.
        return self._client.submit(_noop, next(self._numbers), pure=False)

    def burst(self, tasks: int) -> float:
        """``map`` over all, then gather."""
        began = time.perf_counter()
        numbers = [next(self._numbers) for _ in range(tasks)]
        self._client.gather(self._client.map(_noop, numbers, pure=False))
        return time.perf_counter() - began

    def in_flight(self, tasks: int, window: int) -> float:
        """``as_completed``, adding one for each that ends."""
        began = time.perf_counter()
        submitted = min(window, tasks)
        running = self._as_completed([self._submit() for _ in range(submitted)], with_results=True)
        for _ in running:
            if submitted < tasks:
                submitted += 1
                running.add(self._submit())
        return time.perf_counter() - began

    def one_by_one(self, tasks: int) -> list[float]:
        """Submit and wait, again and again."""
        took = []
        for _ in range(tasks):
            began = time.perf_counter()
            self._submit().result()
            took.append(time.perf_counter() - began)
        return took


def _noop(_: int) -> None:
    return None
