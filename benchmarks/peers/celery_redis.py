"""Celery with Redis as broker and result store, made as durable as we are.

Redis (Debian: ``apt-get install redis-server``) appends every write to its log and syncs it.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque
from typing import Any

from benchmarks.systems import Unavailable


class CeleryRedis:
    """One Redis, one prefork worker with as many processes as there are cores."""

    name = "celery_redis"
    durable = True

    def __init__(self) -> None:
        self._processes: list[subprocess.Popen[bytes]] = []
        self._folder = tempfile.TemporaryDirectory(prefix="cogmesh-bench-redis-")
        self._noop: Any = None

    def start(self) -> None:
        """Start Redis, then the worker."""
        redis = shutil.which("redis-server")
        if redis is None:
            raise Unavailable("redis-server is missing: apt-get install redis-server")
        try:
            from .celery_app import PORT, noop
        except ImportError:
            raise Unavailable("install the extra: pip install -e '.[bench]'") from None
        self._noop = noop
        self._spawn(
            redis, "--port", PORT, "--bind", "127.0.0.1", "--dir", self._folder.name,
            "--appendonly", "yes", "--appendfsync", "always", "--save", "",
        )  # fmt: skip
        self._spawn(
            sys.executable, "-m", "celery", "-A", "benchmarks.peers.celery_app", "worker",
            "--concurrency", str(os.cpu_count()), "--loglevel", "ERROR",
            "--without-gossip", "--without-mingle", "--without-heartbeat",
        )  # fmt: skip
        _wait_for_port(int(PORT))
        self._noop.delay(1).get(timeout=30)
        self.burst(200)

    def _spawn(self, *command: str) -> None:
        quiet = subprocess.DEVNULL
        self._processes.append(subprocess.Popen(command, stdout=quiet, stderr=quiet))

    def stop(self) -> None:
        """End both."""
        for process in reversed(self._processes):
            process.terminate()
            process.wait(30.0)
        self._folder.cleanup()

    def burst(self, tasks: int) -> float:
        """A group of all, then its results."""
        from celery import group

        began = time.perf_counter()
        group(self._noop.s(1) for _ in range(tasks)).apply_async().get()
        return time.perf_counter() - began

    def in_flight(self, tasks: int, window: int) -> float:
        """Wait for the oldest, submit one more."""
        began = time.perf_counter()
        running = deque(self._noop.delay(1) for _ in range(min(window, tasks)))
        submitted = len(running)
        while running:
            running.popleft().get()
            if submitted < tasks:
                submitted += 1
                running.append(self._noop.delay(1))
        return time.perf_counter() - began

    def one_by_one(self, tasks: int) -> list[float]:
        """Delay and get, again and again."""
        took = []
        for _ in range(tasks):
            began = time.perf_counter()
            self._noop.delay(1).get()
            took.append(time.perf_counter() - began)
        return took


def _wait_for_port(port: int) -> None:
    deadline = time.perf_counter() + 10.0
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
        except OSError as error:
            if time.perf_counter() > deadline:
                raise Unavailable("redis-server does not answer") from error
            time.sleep(0.02)
        else:
            return
