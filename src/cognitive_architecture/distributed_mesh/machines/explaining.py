"""Why a task waits, what is ahead of it, what it would need, and when it may begin.

Asked by people, one task at a time: it looks at everything that waits.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from cognitive_architecture.distributed_mesh.policies.charging import COSTS_PER_S
from cognitive_architecture.distributed_mesh.policies.scheduling import is_interactive

from . import degradation, resting
from .accounts import Account
from .board import Board
from .candidates import Candidate, explain_placement, why_blocked
from .entry import Entry, Phase
from .lanes import Lane
from .lines import Line
from .roster import Seat

_ENOUGH: Final = 5
"""So many attempts of a type must have been measured before anything is predicted from them."""

_NAMED_MAX: Final = 10
"""So many nodes, or requesters, are named; the others are counted."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What can be said of a task."""

    task_id: str
    phase: str
    """``writing``, ``queued``, ``resting``, ``leased``, ``closing`` or ``ended``."""
    sentences: list[str]
    ahead: dict[str, int] = field(default_factory=dict)
    """Waiting tasks that will probably go first, by requester; ``""`` is nobody."""
    nodes: list[Candidate] = field(default_factory=list)
    begins_in_s: float | None = None
    """``None``: too little was measured to say."""
    error_s: float | None = None
    """Mean error to be expected of ``begins_in_s``."""

    def as_json(self) -> dict[str, Any]:
        """As JSON can say it."""
        return asdict(self)


def explain(board: Board, entry: Entry, now: float) -> Explanation:
    """Everything that can be said of an open task, now."""
    phase = entry.phase.name.lower()
    task_id = entry.spec.task_id
    if entry.phase is not Phase.QUEUED:
        return Explanation(task_id, phase, [_elsewhere(board, entry, now)])
    lane = board.lane(entry.spec)
    line = lane.lines[entry.spec.requester or ""]
    nodes = explain_placement(board, entry.spec, entry)
    sentences = [_urgency(board, entry, lane, now), _nodes(board, lane, nodes)]
    if len(lane.seats) == 0:
        return Explanation(task_id, phase, sentences, nodes=nodes)
    if degradation.holds(board, entry):
        sentences.append(board.overload.sentence)
        return Explanation(task_id, phase, sentences, nodes=nodes)
    rivals = _rivals(board, lane)
    ahead = _ahead(board, entry, line, rivals)
    begins_in_s, error_s = _beginning(board, lane, ahead, rivals)
    if line.account.running >= line.account.running_max:
        sentences.append(
            f"{_named(line.account.name)} has {line.account.running:,} tasks running, and may "
            "have no more"
        )
    sentences += [_turn(board, line.account, rivals), _in_words(ahead)]
    sentences.append(_when(begins_in_s, error_s))
    return Explanation(task_id, phase, sentences, ahead, nodes, begins_in_s, error_s)


def _elsewhere(board: Board, entry: Entry, now: float) -> str:
    match entry.phase:
        case Phase.WRITING:
            return "is being written to the store; nothing begins before it is durable"
        case Phase.RESTING:
            until = resting.rests_until(board, entry)
            again = f" for another {max(0.0, until - now):.1f} s" if until is not None else ""
            if not entry.attempts:
                return f"waits{again} for nodes that may still work on it, after a restart"
            last = entry.attempts[-1]
            return f"pauses{again} after attempt {last.number}, which {last.reason}"
        case Phase.LEASED if entry.seat is not None:
            return _under_lease(entry, entry.seat, now)
        case _:
            return "is over; its ending is being written"


def _under_lease(entry: Entry, seat: Seat, now: float) -> str:
    if entry.is_hedged:
        (first, began_at), (second, followed_at) = entry.runs
        return (
            f"is late on {first}, attempt {entry.attempt}, for {now - began_at:.1f} s, and is "
            f"on {second} too for {now - followed_at:.1f} s: the first result counts"
        )
    where = f"{seat.node_id}, attempt {entry.attempt}, for {now - entry.leased_at:.1f} s"
    if len(seat.leases) <= seat.slots:
        return f"runs on {where}"
    return f"is with {where}: it runs there, or is held ready behind what runs"


# -- its own place -------------------------------------------------------------------------------


def _urgency(board: Board, entry: Entry, lane: Lane, now: float) -> str:
    spec = entry.spec
    waited_s = max(0.0, now - entry.queued_at)
    parts = [f"priority {spec.priority}"]
    if is_interactive(spec):
        parts = [f"somebody waits for it, and hopes for {spec.rare.latency_target_s:g} s"]
    parts += board.urgency.reasons(entry)
    if levels := board.urgency.of_type(lane.needs.task_type):
        parts.append(f"{levels:+g} levels for its type")
    if (deadline_s := spec.rare.deadline_s) is not None:
        parts.append(f"deadline in {deadline_s - waited_s:.1f} s")
    return f"has waited {waited_s:.1f} s ({'; '.join(parts)})"


# -- nodes ---------------------------------------------------------------------------------------


def _nodes(board: Board, lane: Lane, nodes: list[Candidate]) -> str:
    able = [one for one in nodes if one.refusal is None]
    if not able:
        return why_blocked(board, lane)
    busy = [one for one in able if one.waiting_for is not None]
    reasons = "; ".join(f"{one.node_id} {one.waiting_for}" for one in busy[:_NAMED_MAX])
    more = f"; and {len(busy) - _NAMED_MAX:,} more" if len(busy) > _NAMED_MAX else ""
    count = "1 node" if len(able) == 1 else f"{len(able):,} nodes"
    if len(busy) < len(able):
        return f"{count} could do it, and {len(able) - len(busy):,} of them would take it now"
    return f"{count} could do it, and none takes it now: {reasons}{more}"


# -- others --------------------------------------------------------------------------------------


def _rivals(board: Board, lane: Lane) -> list[Lane]:
    """The lanes in which somebody waits for a node that this lane waits for too."""
    seats = set(lane.seats)
    return [
        other
        for other in board.lanes.values()
        if other.waiting and (other is lane or any(seat in seats for seat in other.seats))
    ]


def _lines(account: Account, lanes: list[Lane]) -> list[Line]:
    return [account.lines[lane] for lane in lanes if lane in account.lines]


def _accounts(board: Board, lanes: list[Lane]) -> list[Account]:
    return [a for a in board.shares.accounts.values() if _lines(a, lanes)]


def _ahead(board: Board, entry: Entry, line: Line, rivals: list[Lane]) -> dict[str, int]:
    """Who goes first: in its own requester's lines exactly, of the others by their shares."""
    mine = next((place, serial) for place, serial, who in line.standing() if who is entry)
    own = line.account
    before = sum(
        (place, serial) < mine
        for other in _lines(own, rivals)
        for place, serial, _ in other.standing()
    )
    cost = board.charges.reserve(entry.spec)
    # When its turn comes, its requester will have been served so much more.
    needed = (before + 1) * cost - max(0, board.shares.lag(own))
    ahead = {own.name: before} if before else {}
    for account in _accounts(board, rivals):
        if account is own:
            continue
        waiting = sum(other.waiting for other in _lines(account, rivals))
        hurried = sum(other.interactive for other in _lines(account, rivals))
        due = needed * account.weight / own.weight + board.shares.lag(account)
        theirs = min(waiting, math.ceil(max(0.0, due) / _mean_cost(board, account, rivals)))
        if is_interactive(entry.spec):
            theirs = min(theirs, hurried)
        if theirs := max(theirs, 0 if is_interactive(entry.spec) else hurried):
            ahead[account.name] = theirs
    return ahead


def _mean_cost(board: Board, account: Account, rivals: list[Lane]) -> float:
    lines = _lines(account, rivals)
    costs = [board.charges.reserve(line.next.spec) * line.waiting for line in lines if line.front()]
    return max(1.0, sum(costs) / max(1, sum(line.waiting for line in lines)))


def _turn(board: Board, account: Account, rivals: list[Lane]) -> str:
    others = [other for other in _accounts(board, rivals) if other is not account]
    if not others:
        return f"nobody but {_named(account.name)} waits for these nodes"
    whole = account.weight + sum(other.weight for other in others)
    owed_s = board.shares.lag(account) / COSTS_PER_S
    said = f"is owed {owed_s:.2f} s" if owed_s >= 0 else f"is {-owed_s:.2f} s ahead of it"
    count = "1 other requester waits" if len(others) == 1 else f"{len(others):,} others wait"
    share = 100.0 * account.weight / whole
    mine = f"the share of {_named(account.name)} is {share:.0f} %, and it {said}"
    return f"{count} for these nodes; {mine}"


def _in_words(ahead: dict[str, int]) -> str:
    if not ahead:
        return "nothing is ahead of it"
    most = sorted(ahead.items(), key=lambda item: (-item[1], item[0]))
    parts = [f"{count:,} of {_named(name)}" for name, count in most[:_NAMED_MAX]]
    if len(most) > _NAMED_MAX:
        parts.append(f"{sum(count for _, count in most[_NAMED_MAX:]):,} of others")
    return f"probably ahead of it: {', '.join(parts)}"


def _named(name: str) -> str:
    return name or "nobody in particular"


# -- when ----------------------------------------------------------------------------------------


def _beginning(
    board: Board, lane: Lane, ahead: dict[str, int], rivals: list[Lane]
) -> tuple[float | None, float | None]:
    """In how many seconds it may begin, and the error; ``None`` if too little was measured.

    What is ahead and what runs is divided among the slots of the nodes that could do it. The error
    is that of a sum of so many durations, each with the mean error that was measured.
    """
    slots = sum(seat.slots for seat in lane.seats)
    mean_s, error_s, measured = 0.0, 0.0, True
    weight = 0
    for other in rivals:
        durations = board.charges.durations(other.needs.task_type)
        measured = measured and durations is not None and durations.count >= _ENOUGH
        if durations is not None:
            mean_s += durations.mean_s * other.waiting
            error_s += durations.error_s * other.waiting
            weight += other.waiting
    if not measured or not weight:
        return None, None
    mean_s, error_s = mean_s / weight, error_s / weight
    running = sum(len(seat.leases) for seat in lane.seats)
    # Of what runs, half is over on average; what a node holds ready has not begun.
    rounds = (sum(ahead.values()) + max(0, running - slots) + 0.5 * min(running, slots)) / slots
    begins_in_s = rounds * mean_s
    return begins_in_s, math.sqrt(max(1.0, rounds)) * error_s + mean_s / (2.0 * slots)


def _when(begins_in_s: float | None, error_s: float | None) -> str:
    if begins_in_s is None or error_s is None:
        return "too few of what is ahead have been measured to say when it will begin"
    return f"at this pace it begins in about {begins_in_s:.1f} s, give or take {error_s:.1f} s"
