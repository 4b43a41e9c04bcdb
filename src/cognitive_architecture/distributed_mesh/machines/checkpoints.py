"""What handlers have kept of tasks that are not done, for the attempt that comes next."""

from __future__ import annotations

from typing import Final

from cognitive_architecture.distributed_mesh.records import Checkpoint

BYTES_MAX: Final = 256 * 1024 * 1024
"""All checkpoints of open tasks together; beyond, a new one is not kept, and the one before is."""


class Checkpoints:
    """The latest checkpoint of each open task that has one, by serial."""

    def __init__(self, bytes_max: int = BYTES_MAX) -> None:
        self._bytes_max = bytes_max
        self.by_serial: dict[int, bytes] = {}
        """Most of the time there is none, and nothing is asked of the others."""
        self.bytes = 0
        """Of all of them."""

    def of(self, serial: int) -> bytes:
        """The checkpoint of a task; empty if it has none."""
        return self.by_serial.get(serial, b"")

    def keep(self, serial: int, data: bytes) -> bool:
        """Keep the latest one of a task; whether there is room for it."""
        grown = self.bytes + len(data) - len(self.of(serial))
        if not data or grown > self._bytes_max:
            return False
        self.by_serial[serial] = data
        self.bytes = grown
        return True

    def drop(self, serial: int) -> list[Checkpoint]:
        """A task needs it no more; what is to be written, if it had one."""
        data = self.by_serial.pop(serial, None)
        if data is None:
            return []
        self.bytes -= len(data)
        return [Checkpoint(serial, b"")]
