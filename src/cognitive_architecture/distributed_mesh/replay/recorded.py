"""A dispatch machine, and its matcher, that write down what they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

import msgspec

from cognitive_architecture import __version__
from cognitive_architecture.distributed_mesh.machines.board import Board
from cognitive_architecture.distributed_mesh.machines.dispatch import DispatchMachine
from cognitive_architecture.distributed_mesh.machines.effects import Effect
from cognitive_architecture.distributed_mesh.machines.events import Event
from cognitive_architecture.distributed_mesh.policies.matching import CapabilityMatcher
from cognitive_architecture.distributed_mesh.policies.scoring import MatchingWeights
from cognitive_architecture.distributed_mesh.records import Ownership
from cognitive_architecture.foundation.settings import Settings
from cognitive_architecture.foundation.world import World

from .journal import VERSION, Beginning, Call, Step, Told, digest, event_to_bytes, framed


class Sink(Protocol):
    """Keeps records in order; where it can keep no more, it keeps none from then on."""

    def write(self, record: bytes) -> None:
        """Keep one."""
        ...

    def flush(self) -> None:
        """Let what was kept so far be readable."""
        ...

    def close(self) -> None:
        """Keep nothing more."""
        ...


class RecordedMatcher(CapabilityMatcher):
    """A matcher that remembers what it is told, for whoever tells another one the same."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Told] = []
        """Until ``hear`` says who hears it."""
        self._hear: Callable[[Told], None] = self.told.append

    def hear(self, hear: Callable[[Told], None]) -> None:
        """Let somebody hear everything from now on."""
        self._hear = hear

    def _note(self, what: str, *arguments: Any, **named: Any) -> None:
        self._hear(Told(what, list(arguments), named))

    def add_capability_weight(self, capability: str, weight: float) -> None:
        """See ``CapabilityMatcher``."""
        super().add_capability_weight(capability, weight)
        self._note("add_capability_weight", capability, weight)

    def add_capability_dependency(self, capability: str, needs: Iterable[str]) -> None:
        """See ``CapabilityMatcher``."""
        needs = needs if isinstance(needs, str) else sorted(needs)
        super().add_capability_dependency(capability, needs)
        self._note("add_capability_dependency", capability, needs)

    def add_capability_implication(self, capability: str, implied: Iterable[str]) -> None:
        """See ``CapabilityMatcher``."""
        implied = implied if isinstance(implied, str) else sorted(implied)
        super().add_capability_implication(capability, implied)
        self._note("add_capability_implication", capability, implied)

    def set_affinity(self, node_id: str, capability: str, value: float) -> None:
        """See ``CapabilityMatcher``."""
        super().set_affinity(node_id, capability, value)
        self._note("set_affinity", node_id, capability, value)

    def set_score_weights(self, **weights: float) -> MatchingWeights:
        """See ``CapabilityMatcher``."""
        changed = super().set_score_weights(**weights)
        self._note("set_score_weights", **weights)
        return changed

    def record_performance(
        self, node_id: str, performance: float, capability: str | None = None, *, times: int = 1
    ) -> None:
        """See ``CapabilityMatcher``."""
        super().record_performance(node_id, performance, capability, times=times)
        self._note("record_performance", node_id, performance, capability, times=times)

    def record_run(self, node_id: str, capability: str, run_s: float, *, times: int = 1) -> None:
        """See ``CapabilityMatcher``."""
        super().record_run(node_id, capability, run_s, times=times)
        self._note("record_run", node_id, capability, run_s, times=times)

    def forget_node(self, node_id: str) -> None:
        """See ``CapabilityMatcher``."""
        super().forget_node(node_id)
        self._note("forget_node", node_id)


def retry_chance(world: World) -> Callable[[], float]:
    """The draws from 0 to 1 by which an orchestrator spreads its retries; its seed decides."""
    return world.rng("retry pauses").random


class Recording:
    """What it takes to record the machine of an orchestrator.

    Args:
        matcher: The orchestrator's.
        sink: Where the journal of the owner of this epoch goes.
    """

    def __init__(self, matcher: RecordedMatcher, sink: Callable[[int], Sink]) -> None:
        self._matcher = matcher
        self._sink = sink

    def of(
        self, machine: DispatchMachine, settings: Settings, owned: Ownership, world: World
    ) -> RecordedMachine:
        """The same machine, recorded; nothing may have been told to it yet."""
        beginning = Beginning(
            VERSION,
            __version__,
            settings.model_dump(mode="json"),
            owned,
            world.seed,
            world.clock.wall(),
            list(self._matcher.told),
        )
        return RecordedMachine(machine, self._matcher, beginning, self._sink(owned.epoch))


class RecordedMachine:
    """The face of a ``DispatchMachine``, with a journal of every call.

    What its matcher is told from outside goes into the journal too: it decides with.

    Args:
        machine: A fresh one.
        matcher: The machine's.
        beginning: What the machine was made of.
        sink: Where the journal goes.
    """

    def __init__(
        self,
        machine: DispatchMachine,
        matcher: RecordedMatcher,
        beginning: Beginning,
        sink: Sink,
    ) -> None:
        self._machine = machine
        self._sink = sink
        self._is_inside = False
        sink.write(framed(beginning))
        matcher.hear(self._matcher_was_told)

    @property
    def board(self) -> Board:
        """The state, for reading."""
        return self._machine.board

    @property
    def deadline(self) -> float:
        """As the machine's."""
        return self._machine.deadline

    def handle(self, event: Event, now: float) -> list[Effect]:
        """Take note of a fact."""
        name, told = event_to_bytes(event)  # before: the machine may change what the event holds
        effects = self._inside(lambda: self._machine.handle(event, now))
        self._keep(Call.HANDLE, now, effects, event=name, told=told)
        return effects

    def assign(self, now: float) -> list[Effect]:
        """Hand out what can be handed out."""
        effects = self._inside(lambda: self._machine.assign(now))
        self._keep(Call.ASSIGN, now, effects)
        self._sink.flush()
        return effects

    def on_timer(self, now: float) -> list[Effect]:
        """Do what time alone brings about."""
        effects = self._inside(lambda: self._machine.on_timer(now))
        self._keep(Call.TIMER, now, effects)
        return effects

    def anchor_wall(self, offset: float) -> None:
        """Say what date instant 0 was."""
        self._machine.anchor_wall(offset)
        self._keep(Call.ANCHOR, offset, [])

    def close(self) -> None:
        """The machine is told nothing more."""
        self._sink.close()

    def _inside(self, call: Callable[[], list[Effect]]) -> list[Effect]:
        self._is_inside = True
        try:
            return call()
        finally:
            self._is_inside = False

    def _keep(
        self, call: Call, now: float, effects: list[Effect], *, event: str = "", told: bytes = b""
    ) -> None:
        answer = digest(effects) if effects else b""
        self._sink.write(framed(Step(call.value, now, event, told, answer, len(effects))))

    def _matcher_was_told(self, told: Told) -> None:
        if not self._is_inside:  # what the machine tells it, it will tell it again
            body = msgspec.msgpack.encode(told)
            self._sink.write(framed(Step(Call.MATCHER.value, 0.0, told.what, body)))
