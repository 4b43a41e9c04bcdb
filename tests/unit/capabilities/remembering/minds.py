"""A memory in a test's hands, and its handlers, called without a mesh."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from cognitive_architecture.atomspace_store import AtomDisk, AtomStore, MemoryAtomStore
from cognitive_architecture.attention import Parameters
from cognitive_architecture.capabilities.remembering.handlers import memory_handlers
from cognitive_architecture.foundation.world import World
from cognitive_architecture.memory.atom_memory import AtomMemory
from tests.unit.capabilities.recorded_task import RecordedTask


class Mind:
    """One memory node without a node."""

    def __init__(self, memory: AtomMemory) -> None:
        self.memory = memory
        self.handlers = {handler.capability: handler for handler in memory_handlers(memory)}

    async def does(self, capability: str, **payload: Any) -> dict[str, Any]:
        found: dict[str, Any] = await self.handlers[capability].function(payload, RecordedTask())
        return found

    async def atoms(self, **payload: Any) -> dict[str, Any]:
        return await self.does("atomspace", **payload)


@asynccontextmanager
async def a_mind(
    disk: AtomDisk | None = None,
    *,
    store: AtomStore | None = None,
    parameters: Parameters | None = None,
) -> AsyncIterator[Mind]:
    memory = AtomMemory(
        World(seed=7), store or MemoryAtomStore(disk), name="m1", parameters=parameters
    )
    await memory.open()
    try:
        yield Mind(memory)
    finally:
        await memory.close()
