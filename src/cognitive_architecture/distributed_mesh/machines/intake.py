"""What requesters want: submit and watch; and what becomes of it when it is written."""

from __future__ import annotations

import difflib

from cognitive_architecture.distributed_mesh.messages import (
    Accepted,
    Fault,
    Happened,
)
from cognitive_architecture.distributed_mesh.model import (
    Ending,
    TaskEvent,
    TaskSpec,
    TaskStatus,
)
from cognitive_architecture.distributed_mesh.policies.admission import (
    inadmissible,
    which_are_ordinary,
)
from cognitive_architecture.distributed_mesh.policies.scheduling import is_interactive
from cognitive_architecture.distributed_mesh.policies.shedding import SHED_UNTIL, WITHOUT_NODE
from cognitive_architecture.distributed_mesh.records import NewTask, WriteBatch
from cognitive_architecture.foundation.errors import (
    MeshError,
    NoCapableNode,
    QueueFull,
    QuotaExceeded,
    UnknownCapability,
)

from . import cancelling, failing, queueing, resting
from .board import Board
from .candidates import why_blocked
from .degradation import attention_of
from .effects import Effect, LookUp, Tell
from .entry import Entry, Phase
from .events import (
    TasksFound,
    TasksSubmitted,
    WatchEnded,
    WatchRequested,
    WriteFailed,
    Written,
)
from .lanes import Lane
from .recovery import stage_of
from .watching import story_so_far
from .writing import PendingWrite, Submission

_RETRY_AFTER_S = 1.0
_RETRY_SOON_S = 0.05
_RETRY_LATE_S = 60.0


def on_found(board: Board, event: TasksFound, now: float) -> list[Effect]:
    """Take over what the owner before left behind."""
    for found in event.tasks:
        task = found.task
        age = max(0.0, board.wall_offset + now - task.created_at)
        entry = Entry(task.serial, task.spec, task.created_at, now - age)
        if found.attempts:
            entry.attempts = found.attempts
            entry.losses = sum(attempt.is_loss for attempt in found.attempts)
            entry.excused = sum(attempt.is_excused for attempt in found.attempts)
            if stage := stage_of(found.attempts):
                failing.fall_back(board, entry, task.spec.rare.fallback[stage - 1])
        board.restore(entry)
        kept = found.checkpoint
        if kept is not None and kept.stage == stage_of(entry.attempts):
            board.checkpoints.keep(entry.serial, kept.data)
        resting.rest(board, entry, now + board.settings.rejoin_grace_s)
    return []


def on_submitted(board: Board, event: TasksSubmitted, now: float) -> list[Effect]:
    """Admit what may come in, and write it."""
    submission = Submission(event.sender, event.request, event.tell)
    new: list[NewTask] = []
    welcome: dict[str, bool] = {}
    is_roomy = not board.overload.is_on and _has_room_for_all(board, event.tasks)
    are_ordinary = which_are_ordinary(event.tasks, board.settings.payload_bytes_max)
    for place, (spec, is_ordinary) in enumerate(zip(event.tasks, are_ordinary, strict=True)):
        if (earlier := board.entries.get(spec.task_id)) is not None:
            _join(board, earlier, event)
            submission.repeated.append((place, earlier))
            continue
        is_welcome = welcome.get(spec.task_type)
        if is_welcome is None:
            is_welcome = welcome[spec.task_type] = is_roomy and _is_welcome(board, spec.task_type)
        if not (is_welcome and is_ordinary):
            refusal, note = _examine(board, spec, now)
            if refusal is not None:
                submission.refused.append((place, Fault.of(refusal)))
                continue
            if note is not None:
                submission.notes.append((place, note))
        entry = board.admit(spec, now)
        if event.tell:
            entry.teller = event.sender
        submission.entries.append((place, entry))
        new.append(NewTask(entry.serial, spec, entry.created_at))
    # Written even when nothing is new: a repeated task may itself still be on its way to the disk,
    # and writes are answered in order.
    return [board.writes.order(PendingWrite(WriteBatch(tasks=new), submission=submission))]


def _has_room_for_all(board: Board, tasks: list[TaskSpec]) -> bool:
    """Whether so many may come in at once without a look at how full the queue is."""
    settings = board.settings
    return (
        len(board.entries) + len(tasks) <= SHED_UNTIL * settings.queue_tasks_max
        and board.open_bytes + sum([len(spec.payload) for spec in tasks])
        <= settings.queue_bytes_max
    )


def _is_welcome(board: Board, task_type: str) -> bool:
    """Whether nothing can be said against an ordinary task of this type: it has a node."""
    if board.classes.rules.are_any or board.quotas.are_any:
        return False
    lane = board.lanes.get((task_type,))
    return lane is not None and len(lane.seats) > 0


def _examine(board: Board, spec: TaskSpec, now: float) -> tuple[MeshError | None, str | None]:
    """Why the task is refused, or else why it must wait for a node, or neither."""
    refusal = inadmissible(spec, payload_bytes_max=board.settings.payload_bytes_max) or _crowded(
        board, spec
    )
    if refusal is None and board.quotas.are_any:
        refusal = _beyond_quota(board, spec, now)
    if refusal is not None:
        return refusal, None
    if not board.has_lane_for(spec):
        most = board.settings.classes_max
        return QueueFull(f"tasks of {most:,} kinds wait, the bound", _RETRY_AFTER_S), None
    lane = board.lane(spec)
    if lane.seats:
        if board.overload.is_on and attention_of(board, spec) < board.overload.delay.level:
            return None, board.overload.sentence
        return None, None
    if (hopeless := _hopeless(board, lane, spec)) is not None:
        return hopeless, None
    if board.sheds and (refusal := _in_the_way(board, lane, spec)) is not None:
        return refusal, None
    return None, why_blocked(board, lane)


def _join(board: Board, earlier: Entry, event: TasksSubmitted) -> None:
    if event.tell and earlier.teller is None:
        earlier.teller = event.sender
    elif event.tell and earlier.teller != event.sender:
        board.watchers.add(earlier.spec.task_id, event.sender, stream=False)


def _crowded(board: Board, spec: TaskSpec) -> QueueFull | None:
    settings = board.settings
    fill = len(board.entries) / settings.queue_tasks_max
    worth = attention_of(board, spec)
    if board.sheds and fill < 1.0 and board.overload.shedding.refuses(worth, fill):
        return QueueFull(
            f"the queue holds {len(board.entries):,} tasks of at most "
            f"{settings.queue_tasks_max:,}, and takes no more of priority {spec.priority} so that "
            "there is room for what is more urgent",
            _RETRY_AFTER_S,
        )
    if len(board.entries) >= settings.queue_tasks_max:
        return QueueFull(f"the queue holds {len(board.entries):,} tasks, its bound", _RETRY_AFTER_S)
    if board.open_bytes + len(spec.payload) > settings.queue_bytes_max:
        return QueueFull(
            f"the queue holds {board.open_bytes:,} bytes of payload and may hold "
            f"{settings.queue_bytes_max:,}",
            _RETRY_AFTER_S,
        )
    return None


def _in_the_way(board: Board, lane: Lane, spec: TaskSpec) -> QueueFull | None:
    """Why what no node could do now may not wait too, or ``None``: there is room enough."""
    most = board.settings.queue_tasks_max
    if len(board.entries) < WITHOUT_NODE * most or is_interactive(spec):
        return None
    return QueueFull(
        f"no node is there that offers {lane.needs}, and the queue holds {len(board.entries):,} "
        f"tasks of at most {most:,}: the rest is for what can be done",
        _RETRY_AFTER_S,
    )


def _beyond_quota(board: Board, spec: TaskSpec, now: float) -> QuotaExceeded | None:
    """Why its requester may not have one more task, or ``None``."""
    name = spec.requester or ""
    known = board.charges.durations(spec.task_type)
    running = board.shares.account(name).running
    ends_in_s = known.mean_s / running if known is not None and running else _RETRY_AFTER_S
    return board.quotas.refusal(
        name,
        open_now=board.open_by_requester[name],
        next_free_s=min(max(ends_in_s, _RETRY_SOON_S), _RETRY_LATE_S),
        now=now,
    )


def _hopeless(board: Board, lane: Lane, spec: TaskSpec) -> MeshError | None:
    """Why waiting for a node would be in vain, or ``None``."""
    if spec.rare.wait_for_node:
        return None
    never = sorted(lane.needs.capabilities - board.ever_offered)
    if never:
        return UnknownCapability(_never_offered(board, never[0]))
    offered_now = frozenset().union(*(seat.offered for seat in board.roster))
    if lane.needs.capabilities <= offered_now:  # each is here, but no node that is as required
        return NoCapableNode(
            spec.task_id,
            {seat.node_id: board.classes.refusal(seat, lane.needs) or "" for seat in board.roster},
        )
    return None


def _never_offered(board: Board, capability: str) -> str:
    if not board.ever_offered:
        return (
            f"no node has ever offered {capability!r}: the mesh has had no nodes yet; "
            "start one, or submit with wait_for_node"
        )
    near = difflib.get_close_matches(capability, sorted(board.ever_offered), n=1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    known = ", ".join(sorted(board.ever_offered)[:30])
    return (
        f"no node of this mesh has ever offered {capability!r}{hint}; "
        f"known are {known}; submit with wait_for_node to wait for one"
    )


def on_written(board: Board, event: Written, now: float) -> list[Effect]:
    """Now it is durable: acknowledge, queue, tell."""
    effects: list[Effect] = []
    for ticket in event.tickets:
        pending = board.writes.answered(ticket)
        if pending.submission is not None:
            effects += _admitted(board, pending.submission, event.repeats)
        if pending.closed:
            for entry, _ in pending.closed:
                board.drop(entry)
            if board.checkpoints.by_serial:
                effects += _drop_checkpoints(board, [entry for entry, _ in pending.closed])
            _count(board, pending.closed)
            effects += board.watchers.endings(pending.closed)
        effects += pending.replies
        if pending.awaited_by:
            effects += cancelling.go_on(board, pending, now)
    return effects


def _drop_checkpoints(board: Board, ended: list[Entry]) -> list[Effect]:
    void = [one for entry in ended for one in board.checkpoints.drop(entry.serial)]
    return [board.writes.order(PendingWrite(WriteBatch(checkpoints=void)))] if void else []


def _admitted(board: Board, submission: Submission, repeats: dict[int, str]) -> list[Effect]:
    effects: list[Effect] = []
    if repeats:
        for place, entry in submission.entries:
            if entry.serial in repeats:
                entry.same_as = repeats[entry.serial]
                submission.same_as.append((place, entry.same_as))
                effects += _never_came_to_be(board, entry)
                board.tally.repeated += 1
    admitted = [entry for _, entry in submission.entries if entry.same_as is None]
    effects += queueing.queue(board, admitted)
    board.tally.submitted += len(admitted)
    effects.append(_acknowledge(board, submission))
    return effects


def _never_came_to_be(board: Board, entry: Entry) -> list[Effect]:
    """Forget the entry; who watches it may mean an ended task of that id, and is answered so."""
    board.drop(entry)
    task_id = entry.spec.task_id
    return [LookUp(address, 0, [task_id]) for address in board.watchers.watching(task_id)]


def _acknowledge(board: Board, submission: Submission) -> Tell:
    """Answer a Submit; what repeats a task shares the fate of that task."""
    for place, earlier in submission.repeated:
        board.tally.repeated += 1
        if earlier.fault is not None:
            submission.refused.append((place, earlier.fault))
        elif earlier.same_as is not None:
            submission.same_as.append((place, earlier.same_as))
    answer = Accepted(submission.request, submission.refused, submission.same_as, submission.notes)
    is_patient = submission.tell and not submission.refused and not submission.same_as
    return Tell(submission.sender, answer, can_wait=is_patient)


def _count(board: Board, closed: list[tuple[Entry, Ending]]) -> None:
    statuses = [ending.status for _, ending in closed]
    completed, failed = statuses.count(TaskStatus.COMPLETED), statuses.count(TaskStatus.FAILED)
    board.tally.completed += completed
    board.tally.failed += failed
    board.tally.cancelled += len(statuses) - completed - failed


def on_write_failed(board: Board, event: WriteFailed, now: float) -> list[Effect]:
    """Refuse what was new; keep what has happened until the store takes it."""
    effects: list[Effect] = []
    fault = Fault.of(event.error)
    for ticket in event.tickets:
        pending = board.writes.answered(ticket)
        submission = pending.submission
        if submission is None:
            board.writes.keep_for_later(pending)
            continue
        for place, entry in submission.entries:
            entry.fault = fault
            submission.refused.append((place, fault))
            effects += _never_came_to_be(board, entry)
        effects.append(_acknowledge(board, submission))
        effects += cancelling.go_on(board, pending, now)
    return effects


def on_watch(board: Board, event: WatchRequested, now: float) -> list[Effect]:
    """Let somebody hear of these; of ended ones the store knows."""
    effects: list[Effect] = []
    elsewhere: list[str] = []
    for task_id in event.task_ids:
        # What is not here may come, and end, while the store is asked.
        board.watchers.add(task_id, event.sender, stream=event.stream)
        entry = board.entries.get(task_id)
        if entry is None:
            elsewhere.append(task_id)
            continue
        if event.stream and (story := _story(board, entry)):
            effects.append(Tell(event.sender, Happened(story)))
    if elsewhere:
        effects.append(LookUp(event.sender, event.request, elsewhere, event.stream))
    return effects


def _story(board: Board, entry: Entry) -> list[TaskEvent]:
    if entry.phase is not Phase.QUEUED or (lane := board.lane(entry.spec)).seats:
        return story_so_far(entry)
    return story_so_far(entry, blocked=why_blocked(board, lane))


def on_watch_ended(board: Board, event: WatchEnded, now: float) -> list[Effect]:
    """Let somebody hear no more."""
    board.watchers.remove(event.sender, event.task_ids)
    return []
