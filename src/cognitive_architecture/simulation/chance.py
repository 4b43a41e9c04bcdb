"""Chance, by purpose: a new draw for one purpose shifts no other."""

from __future__ import annotations

from random import Random  # noqa: TID251 - the type alone; every draw comes from a World

from cognitive_architecture.foundation.world import simulated_world


class Chance:
    """Every draw of a run, from its seed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._world = simulated_world(seed)

    def of(self, purpose: str) -> Random:
        """A generator of its own; the same purpose gives the same draws again."""
        return self._world.rng(purpose)
