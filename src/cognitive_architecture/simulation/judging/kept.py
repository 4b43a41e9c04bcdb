"""What a disk knows of a task."""

from __future__ import annotations

from cognitive_architecture.distributed_mesh.adapters.memory_store import MemoryDisk
from cognitive_architecture.distributed_mesh.model import Ending


def status_of(disk: MemoryDisk, task_id: str) -> str:
    """``unknown``, ``open``, or how it ended, as the disk has it."""
    serial = disk.serials.get(task_id)
    if serial is None:
        return "unknown"
    ending = disk.endings.get(serial)
    return "open" if ending is None else str(ending.status)


def ending_of(disk: MemoryDisk, task_id: str) -> Ending | None:
    """How the task ended, as the disk has it."""
    serial = disk.serials.get(task_id)
    return None if serial is None else disk.endings.get(serial)
