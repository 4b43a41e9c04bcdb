"""Slots, or a whole node, in a test's hands: time stands still, and the orchestrator is played."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from cognitive_architecture.distributed_mesh import messages as m
from cognitive_architecture.distributed_mesh.adapters.local_fabric import LocalFabric, LocalHub
from cognitive_architecture.distributed_mesh.handlers import Handler, declared_handler, handles
from cognitive_architecture.distributed_mesh.node import NodeRuntime
from cognitive_architecture.distributed_mesh.node.loading import by_capability
from cognitive_architecture.distributed_mesh.node.requests import NodeRequests
from cognitive_architecture.distributed_mesh.node.slots import SlotPool
from cognitive_architecture.distributed_mesh.node.vitals import SteadyVitals
from cognitive_architecture.distributed_mesh.payloads import decode_value
from cognitive_architecture.foundation.settings import NodeSettings
from cognitive_architecture.foundation.world import CountedIds, SimulatedClock, World
from tests.support.asynchronous import turns
from tests.support.builders import an_assignment
from tests.support.fabrics import Peer

KIB = 1024
M = TypeVar("M", bound=m.Message)


def serving(**functions: Callable[..., Any]) -> list[Handler]:
    """Handlers by the names of their capabilities."""
    declared = [declared_handler(handles(name)(does)) for name, does in functions.items()]
    return [handler for handler in declared if handler is not None]


async def advance(clock: SimulatedClock, seconds: float, *, step_s: float = 0.1) -> None:
    """Let time pass, and whoever waits for it act."""
    end = clock.now() + seconds
    while clock.now() < end:
        clock.jump_to(min(end, clock.now() + step_s))
        await turns()


class Notes:
    """Writes down what is reported of the slots."""

    def __init__(self) -> None:
        self.outcomes: list[m.Outcome] = []
        self.chunks: list[tuple[int, int, Any]] = []
        """Lease, place and value."""
        self.checkpoints: list[tuple[int, Any]] = []
        self.words: list[tuple[int, float, str]] = []
        self.freed = 0
        self.room = asyncio.Event()
        self.room.set()

    def attempt_ended(self, outcome: m.Outcome) -> None:
        self.outcomes.append(outcome)

    def slot_freed(self) -> None:
        self.freed += 1

    def slot_idles(self) -> None:
        pass

    def chunk(self, lease: int, index: int, data: bytes) -> None:
        self.chunks.append((lease, index, decode_value(data)))

    def checkpoint(self, lease: int, data: bytes) -> None:
        self.checkpoints.append((lease, decode_value(data)))

    def progressed(self, lease: int, fraction: float, note: str) -> None:
        self.words.append((lease, fraction, note))

    async def room_for_chunks(self) -> None:
        await asyncio.sleep(0)
        await self.room.wait()


class Slots:
    """A pool of slots that is at work."""

    def __init__(self, handlers: list[Handler], slots: int, result_bytes_max: int) -> None:
        self.clock = SimulatedClock()
        self.notes = Notes()
        self.pool = SlotPool(
            slots,
            by_capability(handlers),
            self.clock,
            result_bytes_max=result_bytes_max,
            checkpoint_bytes_max=1024,
            requests=NodeRequests(World(self.clock, CountedIds(), 0), None),
        )

    def give(self, lease: int, task_type: str, **of_spec: Any) -> None:
        """Let an assignment wait for a slot."""
        self.pool.put([an_assignment(lease, task_type=task_type, **of_spec)])

    @property
    def results(self) -> dict[int, Any]:
        """What the completed attempts gave, by lease."""
        return {
            outcome.lease: decode_value(outcome.result)
            for outcome in self.notes.outcomes
            if outcome.kind == m.OutcomeKind.COMPLETED
        }

    @property
    def reasons(self) -> dict[int, tuple[int, str | None]]:
        """Kind and sentence of the other attempts, by lease."""
        return {
            outcome.lease: (outcome.kind, outcome.reason)
            for outcome in self.notes.outcomes
            if outcome.kind != m.OutcomeKind.COMPLETED
        }


@asynccontextmanager
async def slots_for(
    handlers: list[Handler] | None = None,
    *,
    slots: int = 1,
    result_bytes_max: int = 64 * KIB,
    **functions: Callable[..., Any],
) -> AsyncIterator[Slots]:
    """Slots that work, and are closed afterwards."""
    bench = Slots([*(handlers or ()), *serving(**functions)], slots, result_bytes_max)
    bench.pool.start(bench.notes)
    try:
        yield bench
    finally:
        await bench.pool.close()


class PlayedOrchestrator:
    """Says what the test wants; of itself it answers every hello, and keeps every report.

    An empty report is kept whatever the test wants: a node that leaves waits for that.
    """

    def __init__(self, hub: LocalHub, name: str = "o1") -> None:
        self.peer = Peer(hub, f"orchestrator/{name}")
        self.peer.on_message = self._on_message
        self.answer_to_hello: m.Message | None = m.Welcome(1)
        self.keeps_reports = True
        self.node = ""
        """Address of the node that said hello."""
        self._leases = itertools.count(1)

    async def open(self) -> PlayedOrchestrator:
        await self.peer.open("node")
        return self

    async def close(self) -> None:
        await self.peer.close()
        await turns()

    def _on_message(self, sender: str, message: m.Message) -> None:
        if isinstance(message, m.NodeHello):
            self.node = sender
            if self.answer_to_hello is not None:
                self.tell(self.answer_to_hello)
        elif isinstance(message, m.Report) and (self.keeps_reports or not message.outcomes):
            self.tell(m.Kept(message.number))

    def tell(self, *messages: m.Message) -> None:
        self.peer.tell(self.node, *messages)

    def assign(self, *task_types: str, **of_spec: Any) -> list[int]:
        """Give out a task of each type; the leases."""
        given = []
        for task_type in task_types:
            lease = next(self._leases)
            given.append(
                an_assignment(lease, task_id=f"task-{lease}", task_type=task_type, **of_spec)
            )
        self.tell(m.Assign(given))
        return [assignment.lease for assignment in given]

    def heard(self, kind: type[M]) -> list[M]:
        """Everything of one kind that was said to it."""
        return [said for _, said in self.peer.heard if isinstance(said, kind)]

    def last(self, kind: type[M]) -> M:
        return self.heard(kind)[-1]

    @property
    def outcomes(self) -> list[m.Outcome]:
        """Of all reports, those that were said again included."""
        return [outcome for report in self.heard(m.Report) for outcome in report.outcomes]

    @property
    def results(self) -> dict[int, Any]:
        return {outcome.lease: decode_value(outcome.result) for outcome in self.outcomes}

    @property
    def granted(self) -> int:
        """How many assignments the node is willing to receive, by all that it has said."""
        granted = 0
        for _, message in self.peer.heard:
            if isinstance(message, m.NodeHello | m.Report | m.NodeHealth):
                granted = max(granted, message.granted)
            elif isinstance(message, m.HandBack):
                granted = message.granted
        return granted


class Stand:
    """A node, its clock, and the orchestrator that it talks to."""

    def __init__(
        self,
        handlers: list[Handler],
        slots: int,
        settings: NodeSettings,
        stuck_s: float | None = None,
    ) -> None:
        self.clock = SimulatedClock()
        self.hub = LocalHub()
        self.orchestrator = PlayedOrchestrator(self.hub)
        self.node = NodeRuntime(
            World(self.clock, CountedIds(), 0),
            settings,
            LocalFabric(self.hub),
            handlers,
            SteadyVitals(),
            node_id="n1",
            slots=slots,
            metadata={"room": "kitchen"},
            stuck_s=stuck_s,
        )

    async def advance(self, seconds: float) -> None:
        await advance(self.clock, seconds)

    async def replaced(self) -> PlayedOrchestrator:
        """The orchestrator goes, and another one comes."""
        await self.orchestrator.close()
        self.orchestrator = await PlayedOrchestrator(self.hub, "o2").open()
        await turns()
        return self.orchestrator


@asynccontextmanager
async def a_node(
    handlers: list[Handler] | None = None,
    *,
    slots: int = 1,
    settings: NodeSettings | None = None,
    joins: bool = True,
    stuck_s: float | None = None,
    **functions: Callable[..., Any],
) -> AsyncIterator[Stand]:
    """A node that has joined, and leaves afterwards."""
    stand = Stand(
        [*(handlers or ()), *serving(**functions)], slots, settings or NodeSettings(), stuck_s
    )
    await stand.orchestrator.open()
    await stand.node.start()
    try:
        if joins:
            await stand.node.joined()
        yield stand
    finally:
        await stand.node.stop()
        await stand.orchestrator.close()
