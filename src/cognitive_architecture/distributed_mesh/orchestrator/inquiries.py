"""Answers to whoever asks the orchestrator something, and operators' orders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import msgspec

from cognitive_architecture import __version__
from cognitive_architecture.distributed_mesh import messages as m
from cognitive_architecture.distributed_mesh.fault_tolerance import FaultToleranceManager
from cognitive_architecture.distributed_mesh.machines.candidates import (
    Candidate,
    explain_placement,
    why_blocked,
)
from cognitive_architecture.distributed_mesh.machines.entry import Phase
from cognitive_architecture.distributed_mesh.machines.explaining import Explanation, explain
from cognitive_architecture.distributed_mesh.model import (
    DistributedTask,
    MeshNode,
    TaskSpec,
    TaskStatus,
)
from cognitive_architecture.distributed_mesh.policies.admission import inadmissible, specify
from cognitive_architecture.distributed_mesh.ports import TaskStore
from cognitive_architecture.distributed_mesh.records import StoredTask, TaskFilter
from cognitive_architecture.distributed_mesh.views import (
    node_to_json,
    seat_to_node,
    stored_task_view,
    task_to_json,
)
from cognitive_architecture.foundation.errors import (
    ConfigurationError,
    InvalidTask,
    MeshError,
    UnknownTask,
)
from cognitive_architecture.foundation.sentences import sentence_of, shown
from cognitive_architecture.foundation.telemetry import Sample
from cognitive_architecture.foundation.world import Clock

from .dispatcher import Dispatcher

if TYPE_CHECKING:
    from cognitive_architecture.distributed_mesh.economy.economy import MeshEconomy

_PAGE_MAX = 1000


class Inquiries:
    """What an orchestrator can say of itself."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        store: TaskStore,
        clock: Clock,
        tell: Callable[[str, m.Message], None],
        *,
        mesh: str,
        store_name: str,
        failures: Callable[[], FaultToleranceManager],
        economy: Callable[[], MeshEconomy | None] = lambda: None,
    ) -> None:
        self._dispatcher = dispatcher
        self._store = store
        self._clock = clock
        self._tell = tell
        self._mesh = mesh
        self._store_name = store_name
        self._economy = economy
        self._failures = failures
        self._began = clock.now()

    async def answer(self, subject: str, arguments: dict[str, Any]) -> Any:
        """Answer an Ask.

        Raises:
            MeshError: The subject is not known, or what it asks for does not exist.
        """
        match subject:
            case "status":
                counts = await self._dispatcher.read(self._store.counts)
                return self.status() | {"kept": counts.ended}
            case "nodes":
                return self.nodes()
            case "failures":
                return self.failures(arguments)
            case "members":
                return self._dispatcher.board.membership.to_json(self._clock.now())
            case "performance":
                return self._dispatcher.board.performance.to_json()
            case "capabilities":
                return self.capabilities()
            case "tasks":
                return await self._tasks(arguments)
            case "task":
                task = await self.task(str(arguments.get("task_id", "")))
                return task_to_json(task)
            case "match":
                return self.match(arguments.get("spec"))
            case "weigh":
                return self.weigh(arguments.get("weights") or {})
            case "explain":
                return await self._explain(str(arguments.get("task_id", "")))
            case "drain":
                return self.drain(str(arguments.get("node_id", "")))
            case "attention" | "attention_order" | "attention_past":
                # The laws need numpy and scipy, and an orchestrator may do without them.
                from cognitive_architecture.distributed_mesh.economy.answers import (
                    answer_about_attention,
                )

                return await answer_about_attention(self._economy(), subject, arguments)
            case _:
                raise MeshError(f"nobody here knows the subject {subject!r}")

    def status(self) -> dict[str, Any]:
        """Nodes, tasks and what has happened, in numbers."""
        board = self._dispatcher.board
        running = len(board.leases)
        return {
            "mesh": self._mesh,
            "version": __version__,
            "store": self._store_name,
            "epoch": self._dispatcher.epoch,
            "uptime_s": round(self._clock.now() - self._began, 3),
            "nodes": {
                "total": len(board.roster),
                "active": sum(not seat.is_draining and not seat.withheld for seat in board.roster),
                "suspect": sum(bool(seat.withheld) for seat in board.roster),
                "draining": sum(seat.is_draining for seat in board.roster),
                "slots": sum(seat.slots for seat in board.roster),
            },
            "tasks": {
                "pending": len(board.entries) - running,
                "running": running,
                "completed": board.tally.completed,
                "failed": board.tally.failed,
                "cancelled": board.tally.cancelled,
            },
            "statistics": asdict(board.tally) | {"found_at_start": self._dispatcher.found},
            "blocked": [
                {
                    "needs": sorted(lane.needs.capabilities),
                    "waiting": lane.waiting,
                    "reason": why_blocked(board, lane),
                }
                for lane in board.lanes.values()
                if lane.waiting and not lane.seats
            ],
        }

    def figures(self) -> list[Sample]:
        """The same for Prometheus, which calls from a thread of its own."""
        board = self._dispatcher.board
        tally = {
            "tasks_submitted": board.tally.submitted,
            "tasks_repeated": board.tally.repeated,
            "tasks_completed": board.tally.completed,
            "tasks_failed": board.tally.failed,
            "tasks_cancelled": board.tally.cancelled,
            "attempts_failed": board.tally.attempts_failed,
            "attempts_hedged": board.tally.hedged,
            "results_refused": board.tally.stale_refused,
            "nodes_joined": board.tally.nodes_joined,
            "nodes_lost": board.tally.nodes_lost,
        }
        return [
            Sample("nodes", len(board.roster)),
            Sample("tasks_open", len(board.entries)),
            Sample("tasks_running", len(board.leases)),
            Sample("payload_bytes_open", board.open_bytes),
            Sample("writes_pending", len(board.writes)),
            *(Sample(name, value, only_grows=True) for name, value in tally.items()),
        ]

    def failures(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Statistics of failures, the youngest of them, and what is left alone or left out now."""
        limit = arguments.get("limit", 20)
        if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= _PAGE_MAX:
            raise InvalidTask(f"limit: an integer from 1 to {_PAGE_MAX}, not {limit!r}")
        board, now = self._dispatcher.board, self._clock.now()
        manager = self._failures()
        return manager.get_failure_statistics() | {
            "recent_failures": [event.to_dict() for event in manager.recent_failures(limit)],
            "node_circuits": board.circuits.to_json(now),
            "members": board.membership.to_json(now),
            "overload": board.overload.to_json(now),
        }

    def nodes(self) -> list[dict[str, Any]]:
        """The nodes, by id."""
        now = self._clock.now()
        seats = sorted(self._dispatcher.board.roster, key=lambda seat: seat.node_id)
        return [node_to_json(seat, now=now) for seat in seats]

    def nodes_now(self) -> list[MeshNode]:
        """The nodes, by id, for a caller in this process."""
        now, wall = self._clock.now(), self._clock.wall()
        seats = sorted(self._dispatcher.board.roster, key=lambda seat: seat.node_id)
        return [seat_to_node(seat, now=now, wall=wall) for seat in seats]

    def capabilities(self) -> list[dict[str, Any]]:
        """Everything ever offered, and who offers it now."""
        board = self._dispatcher.board
        return [
            {
                "capability": name,
                "nodes": sorted(seat.node_id for seat in board.roster if name in seat.offered),
            }
            for name in sorted(board.ever_offered)
        ]

    async def task(self, task_id: str) -> DistributedTask:
        """One task.

        Raises:
            UnknownTask: There is none with this id.
        """
        return self._view(task_id, await self._dispatcher.read(lambda: self._store.task(task_id)))

    def task_now(self, task_id: str) -> DistributedTask:
        """One task, for a caller that cannot wait.

        Raises:
            UnknownTask: There is none with this id.
        """
        return self._view(task_id, self._store.task(task_id))

    async def _explain(self, task_id: str) -> dict[str, Any]:
        if task_id not in self._dispatcher.board.entries:
            return _ended(await self.task(task_id))
        return self.explain_now(task_id)

    def explain_now(self, task_id: str) -> dict[str, Any]:
        """Why a task waits, what is ahead of it, and when it may begin.

        Raises:
            UnknownTask: There is none with this id.
        """
        entry = self._dispatcher.board.entries.get(task_id)
        if entry is None:
            return _ended(self.task_now(task_id))
        return explain(self._dispatcher.board, entry, self._clock.now()).as_json()

    def _view(self, task_id: str, stored: StoredTask | None) -> DistributedTask:
        if stored is None:
            raise UnknownTask(task_id)
        return stored_task_view(stored, self._dispatcher.board.entries.get(task_id))

    async def _tasks(self, arguments: dict[str, Any]) -> list[dict[str, Any]]:
        wanted = _filter(arguments)
        entries = self._dispatcher.board.entries
        if wanted.status is TaskStatus.RUNNING:
            running = [e.spec.task_id for e in entries.values() if e.phase is Phase.LEASED]
            found = await self._dispatcher.read(
                lambda: [self._store.task(task_id) for task_id in running[: wanted.limit]]
            )
            stored = [task for task in found if task is not None]
        else:
            stored = await self._dispatcher.read(lambda: self._store.tasks(wanted))
        views = [stored_task_view(task, entries.get(task.task.spec.task_id)) for task in stored]
        return [
            task_to_json(view, with_data=False) | {"serial": task.task.serial}
            for view, task in zip(views, stored, strict=True)
        ]

    def match(self, said: object) -> list[dict[str, Any]]:
        """Every node as a candidate for a task that is not submitted.

        Args:
            said: A ``TaskSpec`` as it travels.

        Raises:
            InvalidTask: It is none, or could not be submitted.
        """
        try:
            spec = msgspec.convert(said, TaskSpec)
        except msgspec.ValidationError as error:
            raise InvalidTask(f"spec: {sentence_of(error)}") from None
        board = self._dispatcher.board
        wrong = inadmissible(spec, payload_bytes_max=board.settings.payload_bytes_max)
        if wrong is not None:
            raise wrong
        return [candidate.as_json() for candidate in explain_placement(board, spec)]

    def placement_now(self, task: DistributedTask) -> list[Candidate]:
        """Every node as a candidate for a task that is not submitted, for a caller in this process.

        Raises:
            InvalidTask: A field is wrong.
        """
        board = self._dispatcher.board
        spec = specify(
            replace(task, task_id=task.task_id or "would-be"),
            requester=None,
            payload_bytes_max=board.settings.payload_bytes_max,
        )
        return explain_placement(board, spec)

    def weigh(self, weights: object) -> dict[str, float]:
        """Change how much the factors of the score count; how much they count now.

        Raises:
            ConfigurationError: There is no such weight, or it is out of its range.
        """
        matcher = self._dispatcher.board.matcher
        if not isinstance(weights, dict) or not all(isinstance(name, str) for name in weights):
            raise ConfigurationError(f"weights: names and numbers, not {shown(weights)}")
        if weights:
            matcher.set_score_weights(**weights)
            self._dispatcher.settle()
        return asdict(matcher.score_weights)

    def drain(self, node_id: str) -> dict[str, Any]:
        """Ask a node to leave when it has finished what it has.

        Raises:
            MeshError: There is no such node.
        """
        seat = self._dispatcher.board.roster.by_node.get(node_id)
        if seat is None:
            known = ", ".join(sorted(self._dispatcher.board.roster.by_node)) or "none"
            raise MeshError(f"there is no node {node_id!r} in the mesh (there are: {known})")
        self._tell(seat.address, m.PleaseDrain())
        return {"node_id": node_id, "running": len(seat.leases)}


def _ended(task: DistributedTask) -> dict[str, Any]:
    said = f"has ended: {task.status}" + (f" on {task.assigned_node}" if task.assigned_node else "")
    reason = f", {task.error}" if task.error else ""
    return Explanation(task.task_id, "ended", [said + reason]).as_json()


def _filter(arguments: dict[str, Any]) -> TaskFilter:
    status = arguments.get("status")
    limit = arguments.get("limit", 50)
    if status is not None and status not in list(TaskStatus):
        raise InvalidTask(f"status: one of {', '.join(TaskStatus)}, not {status!r}")
    if not isinstance(limit, int) or not 1 <= limit <= _PAGE_MAX:
        raise InvalidTask(f"limit: an integer from 1 to {_PAGE_MAX}, not {limit!r}")
    return TaskFilter(
        status=None if status is None else TaskStatus(status),
        task_type=arguments.get("task_type"),
        requester=arguments.get("requester"),
        before_serial=arguments.get("before_serial"),
        limit=limit,
    )
