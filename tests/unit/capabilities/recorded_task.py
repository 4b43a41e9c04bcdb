"""A running task that remembers what a handler says to it."""

from __future__ import annotations

from typing import Any

from cognitive_architecture.distributed_mesh.handlers import MeshAccess


class RecordedTask:
    """Stops itself, if asked to, when it has heard of progress so many times."""

    def __init__(self, *, stopped_after: int | None = None) -> None:
        self.heard: list[tuple[float, str]] = []
        self._stopped_after = stopped_after

    @property
    def task_id(self) -> str:
        return "task-1"

    @property
    def attempt(self) -> int:
        return 1

    @property
    def priority(self) -> int:
        return 5

    @property
    def is_cancelled(self) -> bool:
        return self._stopped_after is not None and len(self.heard) >= self._stopped_after

    @property
    def mesh(self) -> MeshAccess:
        raise NotImplementedError("this task is in no mesh")

    def count_tokens(self, count: int) -> None:
        pass

    @property
    def checkpoint(self) -> Any:
        return None

    def save_checkpoint(self, state: Any) -> None:
        pass

    def progress(self, fraction: float, note: str = "") -> None:
        self.heard.append((fraction, note))
