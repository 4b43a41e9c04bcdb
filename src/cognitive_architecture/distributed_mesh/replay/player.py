"""Takes the decisions of a journal again, and compares."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import msgspec

from cognitive_architecture.distributed_mesh.machines.board import Board
from cognitive_architecture.distributed_mesh.machines.dispatch import DispatchMachine
from cognitive_architecture.distributed_mesh.machines.effects import Effect
from cognitive_architecture.distributed_mesh.machines.events import Event
from cognitive_architecture.distributed_mesh.policies.matching import CapabilityMatcher
from cognitive_architecture.foundation.errors import JournalUnreadable, MeshError
from cognitive_architecture.foundation.settings import Settings
from cognitive_architecture.foundation.world import World

from .journal import Call, Journal, Step, Told, digest, event_from_bytes
from .recorded import RecordedMatcher, retry_chance

_TOLD: Final = frozenset(name for name in vars(RecordedMatcher) if not name.startswith("_")) - {
    "hear"
}
"""What a matcher may be told; a journal is a file, and must not call anything else."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A step that came out otherwise than it was recorded."""

    number: int
    """Of the step, from 1."""
    step: Step
    effects: list[Effect]
    """What was decided this time."""

    def __str__(self) -> str:
        what = self.step.event or self.step.call
        return (
            f"step {self.number} ({what} at {self.step.now:.6f} s) gave {len(self.effects)} orders "
            f"that differ from the {self.step.effects} recorded ones"
        )


@dataclass(frozen=True, slots=True)
class Played:
    """A step and what came of it."""

    number: int
    """From 1."""
    step: Step
    event: Event | None
    effects: list[Effect]
    difference: Difference | None


class Player:
    """Tells a fresh machine what the journal tells, step by step.

    Args:
        journal: As ``journal.read`` returned it.

    Raises:
        ConfigurationError: Its settings are none of this version's.
    """

    def __init__(self, journal: Journal) -> None:
        beginning = journal.beginning
        self._matcher = CapabilityMatcher()
        for told in beginning.told:
            self._tell(told)
        self._steps = journal.steps
        self._machine = DispatchMachine.of(
            Settings.model_validate(beginning.settings),
            beginning.owned,
            self._matcher,
            retry_chance(World(seed=beginning.seed)),
        )

    @property
    def board(self) -> Board:
        """The state after the last step, for reading."""
        return self._machine.board

    def play(self, before: Callable[[int, Step], None] | None = None) -> Iterator[Played]:
        """Every step with what came of it; the state may be read in between.

        Args:
            before: Called with the number of each step and the step, before it is taken.

        Raises:
            JournalUnreadable: A step that this version does not know.
        """
        for number, step in enumerate(self._steps, 1):
            if before is not None:
                before(number, step)
            try:
                event, effects = self._take(step)
            except MeshError:
                raise
            except Exception as error:
                raise JournalUnreadable(
                    f"step {number} ({step.event or step.call}) cannot be taken: it does not go "
                    "with those before it. The journal was changed, or another version wrote it"
                ) from error
            same = len(effects) == step.effects and (not effects or digest(effects) == step.answer)
            yield Played(
                number, step, event, effects, None if same else Difference(number, step, effects)
            )

    def _take(self, step: Step) -> tuple[Event | None, list[Effect]]:
        match step.call:
            case Call.HANDLE:
                event = event_from_bytes(step.event, step.told)
                return event, self._machine.handle(event, step.now)
            case Call.ASSIGN:
                return None, self._machine.assign(step.now)
            case Call.TIMER:
                return None, self._machine.on_timer(step.now)
            case Call.ANCHOR:
                self._machine.anchor_wall(step.now)
                return None, []
            case Call.MATCHER:
                self._tell(msgspec.msgpack.decode(step.told, type=Told))
                return None, []
            case _:
                pass
        raise JournalUnreadable(f"the journal tells of a call {step.call!r} that nobody knows")

    def _tell(self, told: Told) -> None:
        if told.what not in _TOLD:
            raise JournalUnreadable(
                f"the journal tells the matcher {told.what!r}: nobody knows how"
            )
        getattr(self._matcher, told.what)(*told.arguments, **told.named)
