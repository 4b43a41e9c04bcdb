"""GPUs, as a library in place of NVIDIA's shows them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from cognitive_architecture.distributed_mesh.node.gpus import Gpus, GpuUsage


class NVMLError(Exception):
    """What the library raises."""


class Library:
    """Two GPUs."""

    NVMLError = NVMLError

    def __init__(self, *, fails_at: str = "") -> None:
        self.fails_at = fails_at

    def _maybe_fail(self, what: str) -> None:
        if what == self.fails_at:
            raise NVMLError(what)

    def nvmlInit(self) -> None:  # noqa: N802 - its name
        self._maybe_fail("init")

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        return 2

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:  # noqa: N802
        return index

    def nvmlDeviceGetUtilizationRates(self, handle: int) -> Any:  # noqa: N802
        self._maybe_fail("rates")
        return SimpleNamespace(gpu=(30, 80)[handle])

    def nvmlDeviceGetMemoryInfo(self, handle: int) -> Any:  # noqa: N802
        return SimpleNamespace(used=(6, 1)[handle], total=8)


def test_the_busiest_and_the_fullest_are_told() -> None:
    assert Gpus(Library()).measure() == GpuUsage(busy=0.8, memory=0.75)


@pytest.mark.parametrize("where", ["init", "rates"])
def test_a_library_that_finds_nothing_is_no_failure(where: str) -> None:
    assert Gpus(Library(fails_at=where)).measure() == GpuUsage(None, None)


def test_this_machine_can_be_asked_whatever_it_has() -> None:
    usage = Gpus().measure()

    assert usage.busy is None or 0.0 <= usage.busy <= 1.0
