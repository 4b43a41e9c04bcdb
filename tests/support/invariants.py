"""What must hold of the board at every instant, whatever has happened.

The board keeps the same facts in several places so that each question is one look-up: an entry
knows its lease, the lease table knows the entry, the seat knows the lease. Here they are compared.
"""

from __future__ import annotations

from collections import Counter

from cognitive_architecture.distributed_mesh.machines.board import Board
from cognitive_architecture.distributed_mesh.machines.entry import Entry, Phase
from cognitive_architecture.distributed_mesh.machines.lanes import Lane
from cognitive_architecture.distributed_mesh.machines.lines import Line
from cognitive_architecture.distributed_mesh.machines.roster import Seat
from cognitive_architecture.distributed_mesh.machines.shares import Shares
from cognitive_architecture.distributed_mesh.policies.scheduling import is_interactive
from cognitive_architecture.distributed_mesh.policies.scoring import WARM


def check_invariants(board: Board) -> None:
    """Fail with a sentence if any two books disagree."""
    _check_entries(board)
    _check_leases(board)
    _check_lanes(board)
    _check_accounts(board)
    _check_quotas(board)
    _check_resting(board)
    _check_seats(board)
    _check_writes(board)
    _check_circuits(board)


def _check_entries(board: Board) -> None:
    weighed = sum(len(entry.spec.payload) for entry in board.entries.values())
    assert board.open_bytes == weighed, f"open_bytes says {board.open_bytes}, it is {weighed}"
    serials = Counter(entry.serial for entry in board.entries.values())
    assert all(count == 1 for count in serials.values()), f"serials used twice: {serials}"
    for task_id, entry in board.entries.items():
        assert entry.spec.task_id == task_id
        assert (entry.lease != 0) == (entry.phase is Phase.LEASED), (
            f"{task_id} is {entry.phase.name} with lease {entry.lease}"
        )
        assert (entry.ticket != 0) == (entry.phase in (Phase.QUEUED, Phase.RESTING)), (
            f"{task_id} is {entry.phase.name} with ticket {entry.ticket}"
        )
        assert entry.losses == sum(a.is_loss for a in entry.attempts)
        assert entry.excused == sum(a.is_excused for a in entry.attempts)
        numbers = [a.number for a in entry.attempts]
        assert numbers == sorted(set(numbers)), f"{task_id} has the attempts {numbers}"
        if entry.is_hedged:
            assert entry.phase is Phase.LEASED, f"{task_id} is {entry.phase.name} and hedged"
            assert entry.chunks is None, f"{task_id} streams from one of two nodes"
        if entry.phase is not Phase.LEASED:
            assert entry.chunks is None
            assert entry.chunk_bytes == 0
        else:
            assert entry.chunk_bytes == sum(len(chunk) for chunk in entry.chunks or ())


def _check_leases(board: Board) -> None:
    held: dict[int, Entry] = board.leases._held
    under_lease = {lease: entry for entry in board.entries.values() for lease, _, _ in _runs(entry)}
    assert held == under_lease, (
        f"valid leases are {sorted(held)}, entries hold {sorted(under_lease)}"
    )
    deadlines = {lease for _, lease in board.leases._deadlines}
    assert set(held) <= deadlines, "a lease without a deadline would never expire"
    for lease, entry in held.items():
        seat = next(seat for own, seat, _ in _runs(entry) if own == lease)
        assert seat is not None
        assert lease in seat.leases, f"{seat.node_id} does not know lease {lease}"
        assert board.roster.by_node.get(seat.node_id) is seat, (
            f"lease {lease} is held by {seat.node_id}, which has no seat"
        )
        assert lease not in board.leases._revoked


def _runs(entry: Entry) -> list[tuple[int, Seat | None, int]]:
    """Leases that an entry is under, with who holds each and what is reserved for it."""
    if entry.phase is not Phase.LEASED:
        return []
    runs = [(entry.lease, entry.seat, entry.reserved)]
    if entry.hedge is not None and entry.hedge.lease:
        runs.append((entry.hedge.lease, entry.hedge.seat, entry.hedge.reserved))
        assert entry.hedge.seat is not entry.seat, f"{entry.spec.task_id} runs twice on one node"
    return runs


def _check_lanes(board: Board) -> None:
    queued = Counter(
        board.classes.key(entry.spec)
        for entry in board.entries.values()
        if entry.phase is Phase.QUEUED
    )
    for key, lane in board.lanes.items():
        names = frozenset(part for part in key if isinstance(part, str))
        assert lane.needs.capabilities == names
        assert lane.waiting == queued.pop(key, 0), f"lane {key} miscounts who waits"
        assert sum(line.waiting for line in lane.lines.values()) == lane.waiting
        for name, line in lane.lines.items():
            _check_line(board, name, line)
        able = {s.node_id for s in board.roster if board.classes.refusal(s, lane.needs) is None}
        here = {seat.node_id for seat in lane.seats}
        assert here == able, f"lane {key} has {sorted(here)}, able {sorted(able)}"
        _check_best(board, lane)
    assert not queued, f"queued in lanes that do not exist: {queued}"


def _check_best(board: Board, lane: Lane) -> None:
    """The index finds what looking at every node would find."""
    board.classes.take_in_records()
    weights = board.matcher.score_weights
    merit = board.classes.merit(lane.needs)
    able = [s for s in board.roster if board.classes.refusal(s, lane.needs) is None and s.room > 0]
    asking = [entry for line in lane.lines.values() for _, _, entry in line.standing()]
    for entry in (None, *asking[:8]):
        key = None if entry is None else entry.spec.rare.affinity
        warm = board.classes.warmth.seats(key) if key is not None else ()
        shunned = {node_id for node_id, _ in entry.refusals} if entry is not None else set()
        by_looking = min(
            (
                (
                    -merit(seat)
                    / (1.0 + seat.load) ** weights.load
                    * (WARM**weights.affinity if seat in warm else 1.0),
                    seat.node_id,
                )
                for seat in able
                if seat.node_id not in shunned
            ),
            default=(0.0, None),
        )[1]
        best = lane.seats.best(entry)
        assert (best and best.node_id) == by_looking, (
            f"lane {lane.needs} would take {best and best.node_id}, the best is {by_looking}"
        )


def _check_line(board: Board, name: str, line: Line) -> None:
    standing = [entry for _, _, entry in line.standing()]
    assert len(standing) == line.waiting
    assert sum(is_interactive(entry.spec) for entry in standing) == line.interactive
    assert {entry.spec.requester or "" for entry in standing} <= {name}
    assert len(line._places) <= 2 * line.waiting + 65, (
        f"a line of {name!r} keeps {len(line._places)} places for {line.waiting} who wait"
    )
    if line.waiting:
        assert board.shares.accounts[name] is line.account
        assert line.account.lines.get(line.lane) is line or line in board.overload.held


def _check_accounts(board: Board) -> None:
    """Every requester is charged for what it has running, and has its place where it waits."""
    assert not board.dues, f"charges were forgotten: {board.dues}"
    under_lease = [e for e in board.entries.values() if e.phase is Phase.LEASED]
    running = Counter(e.spec.requester or "" for e in under_lease for _ in _runs(e))
    escrow: Counter[str] = Counter()
    for entry in board.entries.values():
        assert (entry.reserved != 0) == (entry.phase is Phase.LEASED)
        escrow[entry.spec.requester or ""] += sum(reserved for _, _, reserved in _runs(entry))
    assert board.resumable == {
        entry.serial: entry
        for entry in under_lease
        if entry.spec.rare.resumable and not is_interactive(entry.spec)
    }
    for name, account in board.shares.accounts.items():
        assert account.running == running.pop(name, 0), f"{name!r} miscounts what it has running"
        assert account.escrow == escrow[name], f"{name!r} miscounts what is reserved for it"
        waits_in = {id(lane) for lane in board.lanes.values() if _waits(name, lane)}
        held = [line for line in board.overload.held if line.account is account]
        assert account.held == len(held)
        held_in = {id(line.lane) for line in held if line.lane not in account.lines}
        assert waits_in - held_in == {id(lane) for lane in account.lines}
        assert (account in board.shares._contending) == account.contends
    assert not +running, f"running for nobody: {running}"
    check_groups(board.shares)


def _check_quotas(board: Board) -> None:
    if board.quotas.are_any:
        is_open = Counter(entry.spec.requester or "" for entry in board.entries.values())
        assert +board.open_by_requester == is_open


def _waits(name: str, lane: Lane) -> bool:
    line = lane.lines.get(name)
    return line is not None and line.waiting > 0


def check_groups(shares: Shares) -> None:
    """Groups add up to their members, and all lags to nothing."""
    for group in shares._groups.values():
        members = [a for a in shares.accounts.values() if a.group is group]
        assert group.members == len(members)
        assert group.weight == sum(account.weight for account in members)
        assert group.work == sum(account.work for account in members)
    assert sum(shares.exact_lags().values()) == 0


def _check_resting(board: Board) -> None:
    places = {ticket for _, ticket, _ in board.resting}
    for entry in board.entries.values():
        if entry.phase is Phase.RESTING:
            assert entry.ticket in places, f"{entry.spec.task_id} rests and nobody will wake it"


def _check_seats(board: Board) -> None:
    assert list(board.roster.by_address.values()) == list(board.roster.by_node.values())
    for address, seat in board.roster.by_address.items():
        assert seat.address == address
        for lease in seat.leases:
            entry = board.leases._held.get(lease)
            assert entry is not None, f"{seat.node_id} keeps lease {lease}, which is not valid"
            assert any(own == lease and holder is seat for own, holder, _ in _runs(entry))


def _check_writes(board: Board) -> None:
    pending = [*board.writes._on_their_way.values(), *board.writes._refused]
    being_written = {
        entry.spec.task_id
        for write in pending
        if write.submission is not None
        for _, entry in write.submission.entries
    }
    being_closed = {entry.spec.task_id for write in pending for entry, _ in write.closed}
    for task_id, entry in board.entries.items():
        assert (entry.phase is Phase.WRITING) == (task_id in being_written), (
            f"{task_id} is {entry.phase.name}, being written: {task_id in being_written}"
        )
        assert (entry.phase is Phase.CLOSING) == (task_id in being_closed), (
            f"{task_id} is {entry.phase.name}, being closed: {task_id in being_closed}"
        )


def _check_circuits(board: Board) -> None:
    """Whatever anybody offers, one node is given it, however often all of them have failed."""
    offered = {capability for seat in board.roster for capability in seat.offered}
    for capability in offered:
        assert any(
            capability in seat.offered and capability not in seat.shut for seat in board.roster
        ), f"every node that offers {capability} is left alone with it"
