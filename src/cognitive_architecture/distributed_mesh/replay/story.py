"""What a journal tells of one task: when it moved, where to, and why just then and there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from cognitive_architecture.distributed_mesh.machines.board import Board
from cognitive_architecture.distributed_mesh.machines.candidates import explain_placement
from cognitive_architecture.distributed_mesh.machines.entry import Entry, Phase
from cognitive_architecture.distributed_mesh.machines.explaining import explain

from .journal import Call, Journal, Step
from .player import Difference, Player


@dataclass(frozen=True, slots=True)
class Moment:
    """A step after which the task stood elsewhere."""

    step: int
    at: float
    """Seconds since the journal began."""
    sentence: str
    why: list[str] = field(default_factory=list)
    """Of a hand-out: what could have been said of the task just before."""
    nodes: list[dict[str, Any]] = field(default_factory=list)
    """Of a hand-out: every node with its score and factors, or its refusal."""

    def as_json(self) -> dict[str, Any]:
        """As JSON can say it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of replaying a journal."""

    steps: int
    assignments: int
    """Tasks that were handed out."""
    differences: int
    first_difference: Difference | None
    moments: list[Moment]
    """Of the task that was asked about."""


def verdict_of(read: Callable[[], Journal], *, task_id: str | None = None) -> Verdict:
    """Replay a journal, and tell the story of a task if one is named.

    Played once to compare; where a task is named and was handed out, once more up to each of those
    steps, to say what could be said before them.

    Args:
        read: Reads the journal from its beginning.
        task_id: Whose story is wanted.

    Raises:
        JournalUnreadable: It is no journal of this version.
    """
    plain = _Watch(task_id)
    verdict = plain.play(read())
    if not plain.handed_out:
        return verdict
    told = _Watch(task_id, explained=plain.handed_out).play(read())
    return replace(verdict, moments=told.moments)


class _Watch:
    """Looks at one task after every step."""

    def __init__(self, task_id: str | None, *, explained: frozenset[int] = frozenset()) -> None:
        self._task_id = task_id
        self._explained = explained
        self._handed_out: set[int] = set()
        self._moments: list[Moment] = []
        self._why: list[str] = []
        self._nodes: list[dict[str, Any]] = []
        self._before: tuple[Phase | None, int, int] = (None, 0, 0)

    @property
    def handed_out(self) -> frozenset[int]:
        """Steps at which the task was given to a node."""
        return frozenset(self._handed_out)

    def play(self, journal: Journal) -> Verdict:
        """Play all of it."""
        player = Player(journal)
        began_at: float | None = None
        steps = assignments = differences = 0
        first: Difference | None = None

        def before(number: int, step: Step) -> None:
            if number in self._explained:
                self._say_why(player.board, step.now)

        for played in player.play(before):
            steps, step = played.number, played.step
            if began_at is None and step.call == Call.HANDLE:
                began_at = step.now
            if step.call == Call.ASSIGN:
                assignments += _given_in(played.effects)
            if played.difference is not None:
                differences += 1
                first = first or played.difference
            if self._task_id is not None:
                self._look(player.board, played.number, step.now - (began_at or step.now))
        return Verdict(steps, assignments, differences, first, self._moments)

    def _say_why(self, board: Board, now: float) -> None:
        entry = board.entries.get(self._task_id or "")
        if entry is not None and entry.phase is Phase.QUEUED:
            self._why = explain(board, entry, now).sentences
            self._nodes = [asdict(one) for one in explain_placement(board, entry.spec, entry)]

    def _look(self, board: Board, number: int, at: float) -> None:
        entry = board.entries.get(self._task_id or "")
        # Of two leases the sum: which of them the entry speaks of changes, and means nothing.
        second = 0 if entry is None or entry.hedge is None else entry.hedge.lease
        after = (
            (None, 0, 0)
            if entry is None
            else (entry.phase, entry.lease + second, len(entry.attempts))
        )
        if after == self._before:
            return
        if entry is not None and entry.phase is Phase.LEASED and after[1] != self._before[1]:
            self._handed_out.add(number)
        sentence = _sentence(entry)
        self._moments.append(Moment(number, at, sentence, self._why, self._nodes))
        self._before, self._why, self._nodes = after, [], []


def _sentence(entry: Entry | None) -> str:
    if entry is None:
        return "its ending is durable and was told"
    match entry.phase:
        case Phase.WRITING:
            return f"submitted as {entry.spec.task_type}, and on its way to the disk"
        case Phase.QUEUED:
            return "durable, and waits for a node" if not entry.attempts else "waits again"
        case Phase.RESTING:
            return f"pauses: {entry.attempts[-1].reason}" if entry.attempts else "pauses"
        case Phase.LEASED:
            if entry.is_hedged:
                (first, _), (second, _) = entry.runs
                return f"late at {first}, and begun on {second} too in attempt {entry.attempt}"
            node = entry.seat.node_id if entry.seat is not None else "a node"
            return f"given to {node} as attempt {entry.attempt}"
        case Phase.CLOSING:
            return "over; its ending is on its way to the disk"


def _given_in(effects: list[Any]) -> int:
    return sum(
        len(getattr(effect.message, "assignments", ()))
        for effect in effects
        if hasattr(effect, "message")
    )
