"""Breaks things on purpose."""

from __future__ import annotations

import asyncio
from typing import Any

from cognitive_architecture.distributed_mesh.policies.histogram import FINE, Histogram
from cognitive_architecture.foundation.errors import ConfigurationError, require_number
from cognitive_architecture.foundation.world import World

from .config import ResilienceTestType
from .stage import Stage


class ChaosMonkey:
    """Crashes temporary nodes, one in each turn of ``1 / rate`` s, and hosts a new one for each.

    It touches nothing but the stage it was given: nodes that somebody else brought are safe.
    The node is drawn by chance, among those that work if any does.
    """

    def __init__(self, stage: Stage, *, rate: float, world: World) -> None:
        """Prepare.

        Args:
            stage: Whose nodes may crash.
            rate: Crashes per second, above 0 and up to 1.
            world: Clock and chance.
        """
        require_number("rate", rate, low=0.0, high=1.0, above_low=True)
        self._stage = stage
        self._pause_s = 1.0 / rate
        self._clock = world.clock
        self._chance = world.rng("chaos monkey")
        self._interrupted = 0
        """Tasks that a node held when it crashed."""
        self.noticed = Histogram(parts=FINE)
        """Seconds from each crash until the orchestrator had queued the node's tasks again."""
        self.replaced = Histogram(parts=FINE)
        """Seconds from each crash until a new node took tasks."""

    async def run(self) -> None:
        """Go on until cancelled. A crash that is due while the last is not repaired waits."""
        turn = self._clock.now()
        while True:
            # By chance within its turn: tasks come regularly too, and would always be missed.
            await self._clock.sleep_until(turn + self._chance.random() * self._pause_s)
            injection = asyncio.ensure_future(self.inject(ResilienceTestType.NODE_FAILURE))
            try:
                await asyncio.shield(injection)
            except asyncio.CancelledError:
                await injection  # half a crash would leave threads and processes behind
                raise
            turn += self._pause_s
            await self._clock.sleep_until(turn)

    async def inject(self, kind: ResilienceTestType) -> str | None:
        """Let one thing go wrong, and return when it is repaired.

        Returns:
            The node it hit; ``None`` if there was none to spare.

        Raises:
            ConfigurationError: It cannot do that kind yet.
        """
        if kind is not ResilienceTestType.NODE_FAILURE:
            raise ConfigurationError(
                f"the chaos monkey can do {ResilienceTestType.NODE_FAILURE} and nothing else yet, "
                f"not {kind}"
            )
        candidates = self._stage.nodes
        if not candidates or self._stage.serving() <= 1:
            return None  # without any node a test would merely be halted
        busy = {node_id: load for node_id, load in self._stage.loads().items() if load}
        victim = self._chance.choice(sorted(busy) or candidates)
        self._interrupted += busy.get(victim, 0)
        began = self._clock.now()
        self.noticed.add(await self._stage.crash(victim))
        await self._stage.add_node()
        self.replaced.add(self._clock.now() - began)
        return victim

    def to_dict(self) -> dict[str, Any]:
        """What it has done; durations in seconds."""
        return {
            "failures_injected": self.noticed.count,
            "nodes_replaced": self.replaced.count,
            "tasks_interrupted": self._interrupted,
            "noticed_p50": self.noticed.quantile(0.5),
            "noticed_max": self.noticed.largest,
            "replaced_p50": self.replaced.quantile(0.5),
            "replaced_max": self.replaced.largest,
        }
