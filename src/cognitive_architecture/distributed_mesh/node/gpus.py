"""How busy the GPUs are, where NVIDIA's library can say so (extra ``gpu``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class GpuUsage:
    """Of the busiest and of the fullest GPU, 0 to 1; ``None`` where none can be measured."""

    busy: float | None = None
    memory: float | None = None


class Gpus:
    """The GPUs of this machine that can be measured; none, where there are none."""

    def __init__(self, library: Any = None) -> None:
        """Look for them.

        Args:
            library: What is used in place of ``pynvml``, for tests.
        """
        self._library = library if library is not None else _pynvml()
        self._handles = self._find()

    def _find(self) -> list[Any]:
        library = self._library
        if library is None:
            return []
        try:
            library.nvmlInit()
            count = library.nvmlDeviceGetCount()
            return [library.nvmlDeviceGetHandleByIndex(index) for index in range(count)]
        except library.NVMLError:  # the package is here, and no driver or no GPU
            return []

    def measure(self) -> GpuUsage:
        """How busy they are now."""
        if not self._handles:
            return GpuUsage()
        library = self._library
        try:
            rates = [library.nvmlDeviceGetUtilizationRates(one).gpu for one in self._handles]
            memories = [library.nvmlDeviceGetMemoryInfo(one) for one in self._handles]
        except library.NVMLError:  # it was taken away, or does not say
            return GpuUsage()
        fullest = max(memory.used / memory.total for memory in memories if memory.total)
        return GpuUsage(max(rates) / 100.0, fullest)


def _pynvml() -> Any:
    try:
        import pynvml  # optional, and slow to load
    except ImportError:
        return None
    return pynvml
