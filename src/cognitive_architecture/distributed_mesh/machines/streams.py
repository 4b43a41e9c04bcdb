"""What attempts say before they end: how far they are, pieces of a result, checkpoints."""

from __future__ import annotations

from cognitive_architecture.distributed_mesh.messages import (
    Outcome,
    OutcomeKind,
    Stop,
)
from cognitive_architecture.distributed_mesh.model import (
    TaskEvent,
    TaskEventKind,
)
from cognitive_architecture.distributed_mesh.policies.detection.stall import StreamPace
from cognitive_architecture.distributed_mesh.records import Checkpoint, WriteBatch

from . import hedging, leasing
from .aftermath import Aftermath
from .board import Board
from .effects import Effect, Tell
from .entry import Entry
from .events import (
    AttemptProgressed,
    CheckpointSaved,
    ChunkArrived,
)
from .outcomes import fail
from .recovery import (
    stage_of,
)
from .writing import PendingWrite


def on_progressed(board: Board, event: AttemptProgressed, now: float) -> list[Effect]:
    """Pass on how far an attempt is."""
    entry = _streaming(board, event.address, event.lease)
    if entry is None:
        return []
    if entry.is_hedged and entry.progress is not None and event.fraction < entry.progress[0]:
        return []  # the other one is further
    if entry.seat is not None and (entry.progress is None or event.fraction > entry.progress[0]):
        entry.seat.progressed_at = now
    entry.progress = (event.fraction, event.note)
    task_id = entry.spec.task_id
    if not board.watchers.wants_news(task_id):
        return []
    return list(
        board.watchers.news(
            TaskEvent(
                task_id,
                TaskEventKind.PROGRESS,
                entry.attempt,
                note=event.note,
                fraction=event.fraction,
            )
        )
    )


def on_chunk(board: Board, event: ChunkArrived, now: float) -> list[Effect]:
    """Keep a piece of a streamed result, and pass it on."""
    entry = _streaming(board, event.address, event.lease)
    if entry is None or entry.seat is None:
        return []
    effects: list[Effect] = []
    if entry.is_hedged and event.index == 0:
        # A stream is told as it comes, so it can be told of one run only.
        effects += hedging.call_off(board, entry, f"{entry.seat.node_id} began to stream", now)
        leasing.settle(board, now)
    if entry.chunks is None:
        entry.chunks = []
    if event.index < len(entry.chunks):
        return []  # a returning node says again what it is not sure was heard
    entry.chunk_bytes += len(event.data)
    reason = None
    if event.index != len(entry.chunks):
        reason = f"chunk {event.index} came where chunk {len(entry.chunks)} was due"
    elif entry.chunk_bytes > board.settings.payload_bytes_max:
        reason = f"streamed more than {board.settings.payload_bytes_max:,} bytes"
    if reason is not None:
        aftermath = Aftermath()
        aftermath.effects += [*effects, Tell(event.address, Stop([(event.lease, reason)]))]
        void = Outcome(event.lease, OutcomeKind.FAILED, None, now - entry.leased_at, reason)
        fail(board, entry, entry.seat, void, now, aftermath)
        return aftermath.write(board, [], now)
    entry.chunks.append(event.data)
    pace = board.streams.get(event.lease)
    if pace is None:
        pace = board.streams[event.lease] = StreamPace(entry.leased_at)
    pace.piece(now)
    entry.seat.progressed_at = now
    task_id = entry.spec.task_id
    if not board.watchers.wants_news(task_id):
        return effects
    said = TaskEvent(
        task_id, TaskEventKind.CHUNK, entry.attempt, index=event.index, chunk=event.data
    )
    return [*effects, *board.watchers.news(said)]


def on_checkpoint(board: Board, event: CheckpointSaved, now: float) -> list[Effect]:
    """Keep what the next attempt may go on from, should this one not end well."""
    entry = _streaming(board, event.address, event.lease)
    if entry is None or len(event.data) > board.settings.payload_bytes_max:
        return []
    if not board.checkpoints.keep(entry.serial, event.data):
        return []
    kept = Checkpoint(entry.serial, event.data, stage_of(entry.attempts))
    return [board.writes.order(PendingWrite(WriteBatch(checkpoints=[kept])))]


def _streaming(board: Board, address: str, lease: int) -> Entry | None:
    """The entry of a valid lease that is this node's."""
    entry = board.leases.holder(lease)
    if entry is None or entry.seat is None or entry.seat.address != address:
        return None
    return entry
