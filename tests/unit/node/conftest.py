"""No test of the node may leave anything behind."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Iterator

import pytest

from cognitive_architecture.foundation.world import RealClock

_PATIENCE_S = 10.0


@pytest.fixture(autouse=True)
def _nothing_is_left_behind() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    clock, pause = RealClock(), threading.Event()
    deadline = clock.now() + _PATIENCE_S
    while set(threading.enumerate()) - before or multiprocessing.active_children():
        left = [*(set(threading.enumerate()) - before), *multiprocessing.active_children()]
        assert clock.now() < deadline, f"the test leaves behind: {left}"
        pause.wait(0.002)
