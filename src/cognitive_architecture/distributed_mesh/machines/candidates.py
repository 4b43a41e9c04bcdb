"""Every node as a candidate for a task: why it cannot, or what its score is made of."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from cognitive_architecture.distributed_mesh.model import TaskSpec
from cognitive_architecture.distributed_mesh.policies.scoring import WARM, headroom

from .board import Board
from .entry import Entry
from .lanes import Lane


@dataclass(frozen=True, slots=True)
class Candidate:
    """How one node stands to one task, now."""

    node_id: str
    refusal: str | None = None
    """Why it cannot do it, whenever; ``None`` if it can."""
    waiting_for: str | None = None
    """Why it is not given it now although it can; ``None`` if it might be."""
    score: float = 0.0
    factors: dict[str, float] = field(default_factory=dict)
    """``fit``, ``load``, ``success``, ``speed``, ``health`` and ``affinity``; the score is their
    product, each to the power of its weight."""

    def as_json(self) -> dict[str, Any]:
        """As JSON can say it."""
        return asdict(self)


def explain_placement(board: Board, spec: TaskSpec, entry: Entry | None = None) -> list[Candidate]:
    """Every node and what speaks for and against it: the one that is taken next comes first.

    After those that can take it now come those that could, and then those that cannot, by id. It
    is asked by people: it looks at every node, and uses the formula that the index uses.

    Args:
        board: The state.
        spec: The task, waiting or made up.
        entry: Of the task, if it waits: nodes that refused it are passed over for a while.
    """
    board.classes.take_in_records()
    needs = board.classes.needs(spec)
    weights = board.matcher.score_weights
    key = spec.rare.affinity
    warm = board.classes.warmth.seats(key) if key is not None else ()
    shunned = {node_id for node_id, _ in entry.refusals} if entry is not None else set()
    found = []
    for seat in board.roster:
        refusal = board.classes.refusal(seat, needs)
        if refusal is not None:
            found.append(Candidate(seat.node_id, refusal))
            continue
        factors = board.classes.factors(seat, needs)
        room = headroom(len(seat.leases), seat.slots, weights.load)
        warmth = WARM if seat in warm else 1.0
        waiting_for = None
        if seat.is_draining:
            waiting_for = "is draining"
        elif seat.withheld:
            waiting_for = f"is sent nothing for now: {seat.withheld}"
        elif seat.room <= 0:
            waiting_for = f"has no room: {_room(len(seat.leases), seat.slots)}"
        elif seat.node_id in shunned:
            waiting_for = "refused it a moment ago"
        found.append(
            Candidate(
                seat.node_id,
                None,
                waiting_for,
                factors.merit(weights) * room * warmth**weights.affinity,
                factors._asdict()
                | {
                    "load": headroom(len(seat.leases), seat.slots, 1.0),
                    "affinity": factors.affinity * warmth,
                },
            )
        )
    return sorted(
        found,
        key=lambda one: (
            one.refusal is not None,
            one.waiting_for is not None,
            -one.score,
            one.node_id,
        ),
    )


def why_blocked(board: Board, lane: Lane) -> str:
    """Why no node can do what this lane needs, node by node."""
    needs = str(lane.needs)
    if not len(board.roster):
        return f"waits for a node that offers {needs}: the mesh has no nodes"
    reasons = "; ".join(
        f"{seat.node_id} {board.classes.refusal(seat, lane.needs) or 'can'}"
        for seat in sorted(board.roster, key=lambda seat: seat.node_id)[:20]
    )
    return f"waits for a node that offers {needs}: {reasons}"


def _room(tasks: int, slots: int) -> str:
    have = "1 task" if tasks == 1 else f"{tasks:,} tasks"
    return f"{have} for {'1 slot' if slots == 1 else f'{slots:,} slots'}"
