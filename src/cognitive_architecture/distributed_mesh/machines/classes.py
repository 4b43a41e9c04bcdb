"""Classes of tasks that need the same, and for each the nodes that meet it.

Whether a node meets a class is asked once for each pair, and again when either changes; decisions
find the answer in the class's index.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from cognitive_architecture.distributed_mesh.model import TaskSpec, Wishes
from cognitive_architecture.distributed_mesh.policies.attributes import Declaration
from cognitive_architecture.distributed_mesh.policies.declared_atoms import pattern_refusal
from cognitive_architecture.distributed_mesh.policies.expressions import read_expression
from cognitive_architecture.distributed_mesh.policies.matching import CapabilityMatcher
from cognitive_architecture.distributed_mesh.policies.scoring import WARM, Factors

from .needs import Needs, NeedsKey, key_of, needs_of
from .roster import Roster, Seat
from .rules import RuleBook
from .seats import SeatIndex
from .warmth import Warmth

IDLE_MAX: Final = 64
"""Classes of which no task waits that are kept, in case one comes."""


class Classes:
    """The index of each class that is in use or was lately."""

    def __init__(self, roster: Roster, matcher: CapabilityMatcher) -> None:
        self.matcher = matcher
        self.rules = RuleBook()
        self.warmth = Warmth()
        self._roster = roster
        self._indexes: dict[NeedsKey, SeatIndex] = {}
        """The one used last comes last."""
        self._records_read = matcher.changes.from_here()

    # -- classes ----------------------------------------------------------------------------

    def key(self, spec: TaskSpec) -> NeedsKey:
        """The class of a task."""
        return key_of(spec, self.rules.broken_by(spec) if self.rules.are_any else 0)

    def needs(self, spec: TaskSpec) -> Needs:
        """What the task needs."""
        return needs_of(spec, self.rules.broken_by(spec))

    def index(self, key: NeedsKey, spec: TaskSpec) -> SeatIndex:
        """The nodes for the class of ``spec``, which is ``key``; looked for when first asked."""
        index = self._indexes.pop(key, None)
        if index is None:
            needs = self.needs(spec)
            able = [seat for seat in self._roster if self.refusal(seat, needs) is None]
            index = SeatIndex(needs, self.merit(needs), self._roster, self.warmth, able)
            self._weigh(index)
        self._indexes[key] = index
        return index

    def clear_unused(self, used: Collection[NeedsKey], *, kept: int = IDLE_MAX) -> None:
        """Keep the classes that are used, and of the others those that were used last."""
        idle = [key for key in self._indexes if key not in used]
        for key in idle[: max(0, len(idle) - kept)]:
            del self._indexes[key]

    # -- who meets a class ------------------------------------------------------------------

    def refusal(self, seat: Seat, needs: Needs) -> str | None:
        """Why the node cannot serve tasks of a class, or ``None``; how busy it is aside."""
        if not needs.capabilities <= seat.offered:
            return self.matcher.refusal(seat.capabilities, needs.capabilities)
        if seat.shut and (shut := needs.capabilities & seat.shut.keys()):
            first = min(shut)
            return f"is left alone with {first} for a while: {seat.shut[first]}"
        if broken := needs.broken_rules & seat.rules:
            return f"serves only tasks with {self.rules.worded(broken)}"
        if needs.wishes is not None and (reason := _unmet(seat, needs.wishes)) is not None:
            return f"is not what is required: {reason}"
        return None

    def factors(self, seat: Seat, needs: Needs) -> Factors:
        """What the node is worth to tasks of a class it can serve, and why."""
        return self.matcher.factors(
            seat.node_id,
            needs.capabilities,
            needs.task_type,
            health=seat.health_score,
            attributes=seat.attributes,
            wishes=needs.wishes,
        )

    def merit(self, needs: Needs) -> Callable[[Seat], float]:
        """What a seat is worth to a class, as one number."""

        def merit(seat: Seat) -> float:
            return self.factors(seat, needs).merit(self.matcher.score_weights)

        return merit

    # -- nodes ------------------------------------------------------------------------------

    def seat(self, seat: Seat, declared: Declaration) -> None:
        """A node has come, or says something new of itself; its rules must be known."""
        self.rules.let_go(seat.rules)
        seat.rules = self.rules.hold(declared.rules)
        seat.attributes = declared.attributes
        seat.atoms = declared.atoms
        self.ask_again(seat)

    def ask_again(self, seat: Seat) -> None:
        """Something about the node has changed that decides what it can serve."""
        for index in self._indexes.values():
            index.remove(seat)
            if self.refusal(seat, index.needs) is None:
                index.add(seat)

    def unseat(self, seat: Seat) -> None:
        """The node is gone."""
        self.rules.let_go(seat.rules)
        seat.rules = 0
        self.warmth.forget(seat)
        for index in self._indexes.values():
            index.remove(seat)

    def take_in_records(self) -> None:
        """Note the seats of the nodes that the matcher judges differently than before."""
        changes = self.matcher.changes
        if self._records_read == changes.end:
            return
        changed = changes.since(self._records_read)
        self._records_read = changes.end
        if changed is None:
            for index in self._indexes.values():
                self._weigh(index)
            self._roster.judged.note_all()
            return
        for node_id in changed:
            if (seat := self._roster.by_node.get(node_id)) is not None:
                self._roster.judged.note(seat)

    def _weigh(self, index: SeatIndex) -> None:
        weights = self.matcher.score_weights
        index.load_weight = weights.load
        index.warm = WARM**weights.affinity


def _unmet(seat: Seat, wishes: Wishes) -> str | None:
    """What of the requirements the node does not meet, or ``None``."""
    for text in wishes.requirements:
        if (reason := read_expression(text).refusal(seat.attributes)) is not None:
            return reason
    if wishes.pattern:
        return pattern_refusal(seat.atoms, wishes.pattern, wishes.atoms)
    return None
