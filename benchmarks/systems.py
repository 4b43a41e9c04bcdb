"""The systems that are compared: each takes no-op tasks in three ways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class System(Protocol):
    """A task system with one client (this process) and its workers, on this machine."""

    name: str
    durable: bool
    """Whether a task survives the power cord once its submission is acknowledged."""

    def start(self) -> None:
        """Bring it up and warm it up.

        Raises:
            Unavailable: It cannot run here; the sentence says what is missing.
        """
        ...

    def stop(self) -> None:
        """Take it down, leaving nothing behind."""
        ...

    def burst(self, tasks: int) -> float:
        """Submit all at once and wait for all results; seconds."""
        ...

    def in_flight(self, tasks: int, window: int) -> float:
        """Keep ``window`` tasks under way until ``tasks`` have results; seconds."""
        ...

    def one_by_one(self, tasks: int) -> list[float]:
        """Submit, wait for the result, and again; seconds of each."""
        ...


class Unavailable(Exception):
    """A system cannot run on this machine."""


def available(systems: list[System], say: Callable[[str], None]) -> list[System]:
    """Start those that can be started; say of each other one why not."""
    started = []
    for system in systems:
        say(f"starting {system.name} …")
        try:
            system.start()
        except Unavailable as why:
            say(f"{system.name} is left out: {why}")
        else:
            started.append(system)
    return started


def peers() -> list[System]:
    """The other systems."""
    from .peers.celery_redis import CeleryRedis
    from .peers.dask_local import DaskLocal
    from .peers.ray_local import RayLocal

    return [RayLocal(), DaskLocal(), CeleryRedis()]
