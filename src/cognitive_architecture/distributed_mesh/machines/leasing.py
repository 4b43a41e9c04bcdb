"""What is under a lease: given to a node, taken back, and charged."""

from __future__ import annotations

from cognitive_architecture.distributed_mesh.messages import Assignment
from cognitive_architecture.distributed_mesh.records import Balance

from . import queueing, seating
from .board import Board, Due
from .entry import Entry, Hedge, Phase
from .roster import Seat


def lease_out(board: Board, entry: Entry, seat: Seat, now: float) -> Assignment:
    """Give the entry, just taken out of its line, to ``seat``.

    Whoever hands out reserves ``entry.reserved``, for all of a line at once.
    """
    deadline = now + entry.spec.timeout_s + board.settings.timeout_grace_s
    lease = board.leases.grant(entry, deadline)
    _put_under_lease(board, entry, seat, lease, now)
    seat.sent += 1
    seat.assigned += 1
    if board.circuits.half_open:
        seating.probe(board, seat, entry.spec.task_type, now)
    if (options := entry.spec.options) is not None and options.affinity is not None:
        board.classes.warmth.served(options.affinity, seat)
    attempt = entry.attempt if entry.attempts else 1
    if board.checkpoints.by_serial:
        return Assignment(lease, attempt, entry.spec, board.checkpoints.of(entry.serial))
    return Assignment(lease, attempt, entry.spec)


def lease_out_again(
    board: Board, entry: Entry, seat: Seat, now: float, *, failure: int
) -> Assignment:
    """Give the entry, which takes long under its lease, to ``seat`` as well."""
    entry.hedge = hedge = Hedge(
        failure,
        now,
        entry.lease,
        entry.seat,
        entry.leased_at,
        entry.started_at,
        entry.reserved,
    )
    assignment = lease_out(board, entry, seat, now)
    entry.turn_to(hedge.lease)
    board.shares.reserve(board.shares.account(entry.spec.requester or ""), hedge.reserved)
    board.hedges.spend()
    board.tally.hedged += 1
    return assignment


def end_run(board: Board, entry: Entry, reason: str) -> int:
    """End and return the lease that a hedged entry speaks of; from now on it has the other.

    Its requester is charged nothing: it asked for one result. Call ``settle`` as for
    ``take_back``.
    """
    hedge = entry.hedge
    if hedge is None or not hedge.lease:
        raise ValueError(f"{entry.spec.task_id} is not hedged, so its only lease is taken back")
    spent = take_back(board, entry, reason)
    entry.lease = hedge.lease
    entry.seat = hedge.seat
    entry.leased_at = hedge.leased_at
    entry.started_at = hedge.started_at
    entry.reserved = hedge.reserved
    hedge.spent, hedge.lease, hedge.seat, hedge.reserved = spent, 0, None, 0
    _note_resumable(board, entry)
    return spent


def _note_resumable(board: Board, entry: Entry) -> None:
    options = entry.spec.options
    if options is not None and options.resumable and options.latency_target_s is None:
        board.resumable[entry.serial] = entry


def reclaim(board: Board, entry: Entry, seat: Seat, lease: int, now: float) -> None:
    """Make the lease valid that a returning node still works under."""
    if entry.phase is Phase.QUEUED:
        queueing.leave_line(board, entry, board.lane(entry.spec))
    board.leases.adopt(lease, entry, now + entry.spec.timeout_s + board.settings.timeout_grace_s)
    _put_under_lease(board, entry, seat, lease, now)
    board.shares.reserve(board.shares.account(entry.spec.requester or ""), entry.reserved)


def _put_under_lease(board: Board, entry: Entry, seat: Seat, lease: int, now: float) -> None:
    entry.reserved = board.charges.reserve(entry.spec)
    entry.phase = Phase.LEASED
    entry.ticket = 0
    entry.lease = lease
    entry.seat = seat
    entry.leased_at = now
    entry.started_at = board.wall_offset + now
    seat.leases.add(lease)
    if entry.spec.options is not None:
        _note_resumable(board, entry)
    if board.recoveries.by_task:
        board.recoveries.given(entry.spec.task_id, seat.node_id, now)


def take_back(board: Board, entry: Entry, reason: str | None = None, *, cost: int = 0) -> int:
    """End and return the entry's lease, if any; with a reason, a late result is told why.

    Call ``settle`` when all that ended together has been taken back.
    """
    lease = entry.lease
    if not lease:
        return 0
    name = entry.spec.requester or ""
    due = board.dues.get(name)
    if due is None:
        due = board.dues[name] = Due()
    due.attempts += 1
    due.reserved += entry.reserved
    due.cost += cost
    entry.reserved = 0
    if (seat := entry.seat) is not None:
        seat.leases.discard(lease)
        board.roster.freed.note(seat)
    if reason is None:
        board.leases.end(lease)
    else:
        board.leases.revoke(lease, reason)
    entry.lease = 0
    if board.resumable:
        board.resumable.pop(entry.serial, None)
    if board.streams:
        board.streams.pop(lease, None)
    if entry.chunks is not None or entry.progress is not None:
        entry.progress = None
        entry.chunks = None
        entry.chunk_bytes = 0
    return lease


def settle(board: Board, now: float) -> list[Balance]:
    """Charge what was taken back; what is to be written together with why it was charged."""
    balances = []
    for name, due in board.dues.items():
        account = board.shares.account(name)
        board.shares.settle(account, due.reserved, due.cost, attempts=due.attempts)
        if due.cost:
            lag = board.shares.lag(account)
            balances.append(Balance(name, due.cost, lag, board.wall_offset + now))
    board.dues.clear()
    return balances
