"""A requester: submits tasks and hears what becomes of them.

The same class serves a program that connects over the network and the orchestrator's own process.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import replace
from typing import Any

import msgspec

from cognitive_architecture.distributed_mesh import messages as m
from cognitive_architecture.distributed_mesh.model import (
    Change,
    DistributedTask,
    Ending,
    TaskEvent,
    TaskSpec,
    TaskStatus,
)
from cognitive_architecture.distributed_mesh.policies.admission import specify
from cognitive_architecture.distributed_mesh.policies.steering import portions, wrong_change
from cognitive_architecture.distributed_mesh.ports import Fabric
from cognitive_architecture.distributed_mesh.views import task_from_json
from cognitive_architecture.foundation.errors import (
    MeshError,
    MeshUnreachable,
)
from cognitive_architecture.foundation.settings import Settings
from cognitive_architecture.foundation.world import World

from .conversation import Conversation
from .listening import Arrivals, Listening
from .results import resolve, result_of
from .submitting import Submitting


class MeshClient:
    """One requester."""

    def __init__(self, world: World, settings: Settings, fabric: Fabric, name: str) -> None:
        self.name = name
        self._ids = world.ids
        self._payload_bytes_max = settings.dispatch.payload_bytes_max
        incarnation = world.ids.next_id("i").removeprefix("i-")
        self._listening = Listening(self._say, self._tasks_on_their_way)
        self._talk = Conversation(
            world.clock,
            settings,
            fabric,
            f"client/{name}~{incarnation}",
            on_news=self._listening.hear,
            on_reunion=self._listening.ask_again,
        )
        self._submitting = Submitting(
            self._talk, self._listening, in_flight_max=settings.client.in_flight_max
        )

    async def open(self) -> None:
        """Find the orchestrator.

        Raises:
            MeshUnreachable: There is none, or it does not answer.
        """
        await self._talk.open()

    def close(self) -> None:
        """Leave; the tasks go on without this requester."""
        self._talk.close()
        self._listening.end(
            MeshUnreachable("this client was closed before the task ended; the task goes on")
        )

    def _say(self, message: m.Message) -> None:
        if not self._talk.is_closed:
            self._talk.say(message)

    def _tasks_on_their_way(self) -> set[str]:
        return self._talk.tasks_on_their_way()

    # -- submitting ----------------------------------------------------------------------------

    async def submit(self, task: DistributedTask) -> str:
        """Hand a task over; it is durable on return.

        Returns:
            Its id; that of the earlier task if it repeats one (same idempotency key).

        Raises:
            InvalidTask: A field is wrong.
            UnknownCapability: No node has ever offered what it needs.
            NoCapableNode: No node offers all it needs together.
            QueueFull: Come back later.
            StoreFull: The disk of the orchestrator is full.
            MeshUnreachable: No answer.
        """
        return await self._submitting.submit(self._specify(task))

    async def submit_many(self, tasks: Iterable[DistributedTask]) -> list[str]:
        """Hand many tasks over, in few messages; all are durable on return.

        Returns:
            Their ids, in order.

        Raises:
            MeshError: One was refused; the error is that of the first, all others are in.
        """
        return await self._submitting.submit_many([self._specify(task) for task in tasks])

    def _specify(self, task: DistributedTask) -> TaskSpec:
        if not task.task_id:
            task.task_id = self._ids.next_id("task")
        return specify(task, requester=self.name, payload_bytes_max=self._payload_bytes_max)

    # -- results -------------------------------------------------------------------------------

    async def run(self, task: DistributedTask) -> Any:
        """Submit a task and wait for its result.

        Raises:
            TaskFailed: Every attempt failed; the reason is the last one's.
            TaskCancelled: Somebody cancelled it.
            MeshError: It was refused, as by ``submit``.
        """
        spec = self._specify(task)
        over: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self._submitting.run(spec, lambda ending: resolve(over, ending))
        return result_of(await over)

    async def run_many(self, tasks: Iterable[DistributedTask]) -> AsyncIterator[Ending]:
        """Submit many tasks; how each of them ended, as it ends, in whatever order.

        ``result_of(ending)`` is what its handler returned.

        Raises:
            MeshError: One was refused; those after it may not have been submitted.
        """
        specs = [self._specify(task) for task in tasks]
        arrivals = Arrivals()
        submitting = asyncio.create_task(self._submit_to_run(specs, arrivals))
        try:
            left = len(specs)
            while left:
                for ending in await arrivals.take():
                    if isinstance(ending, MeshError):
                        raise ending
                    left -= 1
                    yield ending
        finally:
            submitting.cancel()
            for spec in specs:
                self._listening.give_up(spec.task_id, arrivals.add)

    async def _submit_to_run(self, specs: list[TaskSpec], arrivals: Arrivals) -> None:
        try:
            await self._submitting.run_many(specs, arrivals.add)
        except MeshError as error:
            arrivals.add(error)

    async def result(self, task_id: str) -> Any:
        """Wait until the task has ended; what its handler returned.

        Raises:
            TaskFailed: Every attempt failed; the reason is the last one's.
            TaskCancelled: Somebody cancelled it.
            UnknownTask: There is no such task, or its retention time is over.
        """
        return result_of(await self.ending(task_id))

    async def ending(self, task_id: str) -> Ending:
        """Wait until the task has ended; how it did.

        Raises:
            UnknownTask: There is no such task, or its retention time is over.
        """
        over: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self._listening.ask_for(task_id, lambda ending: resolve(over, ending))
        return await over

    def events(self, task_id: str) -> AsyncIterator[TaskEvent]:
        """Everything that happens to the task until it has ended, the ending included.

        What was streamed before is told first.

        Raises:
            UnknownTask: There is no such task, or its retention time is over.
        """
        return self._listening.events(task_id)

    # -- everything else -----------------------------------------------------------------------

    async def cancel(self, task_id: str) -> bool:
        """End a task wherever it is.

        Returns:
            Whether this call ended it; not if it had ended before.

        Raises:
            UnknownTask: There is no such task.
        """
        answer = await self._talk.request(lambda number: m.Cancel(number, [task_id]))
        if answer.stopped[0]:
            return True
        await self.task(task_id)
        return False

    async def reprioritise(
        self,
        *,
        tasks: Mapping[str, int] | None = None,
        types: Mapping[str, float] | None = None,
        concepts: Mapping[str, float] | None = None,
        requesters: Mapping[str, float] | None = None,
    ) -> dict[str, Any]:
        """Let some of what waits matter more, or less, from the next decision on.

        New priorities of tasks survive a restart of the orchestrator; the rest is gone with it.
        Those of very many tasks are told in portions, so that nobody else waits for all of them;
        where one fails, those before it hold.

        Args:
            tasks: Priorities, 1 to 10, by task id.
            types: By task type, by how many levels all its tasks are raised, -20 to 20.
            concepts: Likewise by concept, for all tasks that declare it.
            requesters: Weights by requester, a millionth to a million; 1 is the usual one.

        Returns:
            ``waiting``: how many waiting tasks have another place; ``unknown``: ids of tasks that
            have ended or were never known.

        Raises:
            InvalidTask: A value is out of its range.
        """
        change = Change(
            dict(tasks or {}), dict(types or {}), dict(concepts or {}), dict(requesters or {})
        )
        orders = list(portions(change))
        for order in orders:
            if (refusal := wrong_change(order)) is not None:
                raise refusal  # nothing of it is done
        said = [await self._order(order) for order in orders]
        unknown = [task_id for answer in said for task_id in answer["unknown"]]
        return {"waiting": sum(answer["waiting"] for answer in said), "unknown": unknown}

    async def _order(self, change: Change) -> dict[str, Any]:
        answer: dict[str, Any] = await self._talk.request(
            lambda number: m.Reprioritise(number, change)
        )
        return answer

    async def explain(self, task_id: str) -> dict[str, Any]:
        """Why a task waits, what is ahead of it, what it would need, and when it may begin.

        Returns:
            ``sentences``; and for programs ``phase``, ``ahead`` (tasks by requester), ``nodes``
            (each with its refusal or its score), ``begins_in_s`` and ``error_s`` (both ``None`` if
            too little was measured).

        Raises:
            UnknownTask: There is no such task, or its retention time is over.
        """
        found: dict[str, Any] = await self.ask("explain", task_id=task_id)
        return found

    async def task(self, task_id: str) -> DistributedTask:
        """A task as it is now.

        Raises:
            UnknownTask: There is no such task, or its retention time is over.
        """
        return task_from_json(await self.ask("task", task_id=task_id))

    async def tasks(
        self,
        *,
        status: TaskStatus | str | None = None,
        task_type: str | None = None,
        requester: str | None = None,
        limit: int = 50,
        before_serial: int | None = None,
    ) -> list[dict[str, Any]]:
        """The youngest tasks that pass, youngest first, without payloads and results."""
        found: list[dict[str, Any]] = await self.ask(
            "tasks",
            status=None if status is None else str(status),
            task_type=task_type,
            requester=requester,
            limit=limit,
            before_serial=before_serial,
        )
        return found

    async def nodes(self) -> list[dict[str, Any]]:
        """The nodes of the mesh."""
        found: list[dict[str, Any]] = await self.ask("nodes")
        return found

    async def capabilities(self) -> list[dict[str, Any]]:
        """What can be asked for, and which nodes offer it now."""
        found: list[dict[str, Any]] = await self.ask("capabilities")
        return found

    async def match(self, task: DistributedTask) -> list[dict[str, Any]]:
        """Every node as a candidate for the task, which is not submitted; the best first.

        Returns:
            Of each node ``node_id``, ``refusal`` (why it cannot do it, or ``None``),
            ``waiting_for`` (why not now, or ``None``), ``score`` and its ``factors``.

        Raises:
            InvalidTask: A field is wrong.
        """
        task = replace(task, task_id=task.task_id or "would-be")
        spec = msgspec.to_builtins(self._specify(task), builtin_types=(bytes,))
        found: list[dict[str, Any]] = await self.ask("match", spec=spec)
        return found

    async def weigh(self, **weights: float) -> dict[str, float]:
        """Change how much each factor counts when nodes are chosen, until the mesh is restarted.

        Args:
            weights: Exponents of ``fit``, ``load``, ``success``, ``speed``, ``health`` and
                ``affinity``, 0 to 16; those left out stay as they are.

        Returns:
            All of them, as they are now.

        Raises:
            ConfigurationError: There is no such weight, or it is out of its range.
        """
        now: dict[str, float] = await self.ask("weigh", weights=weights)
        return now

    async def status(self) -> dict[str, Any]:
        """The state of the mesh in numbers."""
        found: dict[str, Any] = await self.ask("status")
        return found

    async def failures(self, limit: int = 20) -> dict[str, Any]:
        """What has gone wrong, what was done about it, and how long that took.

        Args:
            limit: So many of the youngest are told one by one, 1 to 1000.
        """
        found: dict[str, Any] = await self.ask("failures", limit=limit)
        return found

    async def drain(self, node_id: str) -> dict[str, Any]:
        """Let a node finish what it has and leave."""
        found: dict[str, Any] = await self.ask("drain", node_id=node_id)
        return found

    async def attention(self, *, top: int = 10) -> dict[str, Any]:
        """The books of attention in numbers: see ``shown_economy``.

        Args:
            top: How many accounts of each kind, and how many pairs.

        Raises:
            MeshError: Attention is switched off in this mesh.
        """
        found: dict[str, Any] = await self.ask("attention", top=top)
        return found

    async def stimulate(self, kind: str, name: str, by: float) -> dict[str, Any]:
        """Give STI to somebody, or take some back; see ``MeshEconomy.stimulate``.

        Args:
            kind: ``requester``, ``capability``, ``node`` or ``concept``.
            name: Whose account.
            by: STI; negative lowers.

        Raises:
            MeshError: Attention is switched off in this mesh, or it refuses.
        """
        found: dict[str, Any] = await self.ask(
            "attention_order", kind=kind, name=name, by=by, order=self._ids.next_id("order")
        )
        return found

    async def attention_past(self) -> dict[str, Any]:
        """What is kept of the past of attention: checkpoint, records, instants, beliefs.

        Raises:
            MeshError: Attention is switched off in this mesh.
        """
        found: dict[str, Any] = await self.ask("attention_past")
        return found

    async def ask(self, subject: str, **arguments: Any) -> Any:
        """Ask the orchestrator something; see ``inquiries`` for the subjects."""
        return await self._talk.request(lambda number: m.Ask(number, subject, arguments))
