"""The orchestrator: takes tasks, gives them to nodes, accepts each result once.

This is the public face. The journey of a task runs through ``reception`` (what is said to it),
``machines`` (what is decided) and ``dispatcher`` (what is done about it).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import structlog

from cognitive_architecture.distributed_mesh.client import MeshClient
from cognitive_architecture.distributed_mesh.fault_tolerance import FaultToleranceManager
from cognitive_architecture.distributed_mesh.machines.candidates import (
    Candidate,
    explain_placement,
)
from cognitive_architecture.distributed_mesh.machines.effects import Incident
from cognitive_architecture.distributed_mesh.machines.events import Event, NodeLost, Reprioritised
from cognitive_architecture.distributed_mesh.messages import Message
from cognitive_architecture.distributed_mesh.model import (
    Change,
    DistributedTask,
    Ending,
    MeshNode,
    TaskEvent,
    TaskStatus,
)
from cognitive_architecture.distributed_mesh.node import NodeRuntime
from cognitive_architecture.distributed_mesh.policies.admission import specify
from cognitive_architecture.distributed_mesh.policies.recovery import table_of
from cognitive_architecture.distributed_mesh.policies.steering import wrong_change
from cognitive_architecture.distributed_mesh.ports import Fabric
from cognitive_architecture.distributed_mesh.views import seat_to_node
from cognitive_architecture.foundation.errors import (
    ConfigurationError,
    DuplicateNode,
    MeshError,
    StoreError,
)
from cognitive_architecture.foundation.telemetry import Sample

from .direct import ADDRESS as DIRECT_ADDRESS
from .direct import DirectRequests
from .dispatcher import Dispatcher
from .hosting import HostedNodes
from .inquiries import Inquiries
from .observation import Observation
from .parts import Companion, LoadTests, OrchestratorParts
from .reception import Reception
from .steering import Steering

if TYPE_CHECKING:
    from cognitive_architecture.distributed_mesh.economy.economy import MeshEconomy

_log = structlog.get_logger(__name__)


class CognitiveMeshOrchestrator:
    """One orchestrator and the nodes it hosts in its own process.

    Methods with ``async`` wait without keeping the event loop from its work; of each there are as
    many at once as you like. The others return at once, and after a commit where the store is
    durable; all are called on the event loop's thread.
    """

    def __init__(self, parts: OrchestratorParts | None = None) -> None:
        """Put together from parts; without any, in this process and in memory."""
        if parts is None:
            from cognitive_architecture.distributed_mesh.shared import default_parts

            parts = default_parts()
        self._parts = parts
        self._world = parts.world
        self._settings = parts.settings
        self._hosted = HostedNodes(
            parts.world,
            parts.settings,
            parts.local_fabric,
            parts.handlers,
            parts.equip,
            parts.vitals,
            parts.machine,
        )
        self.fault_tolerance = FaultToleranceManager(world=parts.world)
        """Knows what has gone wrong, and what was done about it."""
        self.observation = Observation(
            parts.world.clock,
            lambda: self._the_dispatcher.board.roster,
            lambda: self._the_dispatcher.board.performance,
            self.fault_tolerance.update_node_health,
        )
        self._dispatcher: Dispatcher | None = None
        self._reception: Reception | None = None
        self._client: MeshClient | None = None
        self._fabrics: list[Fabric] = []
        self._background: set[asyncio.Task[Any]] = set()
        self._fatal: StoreError | None = None
        self._has_stopped = asyncio.Event()
        self.is_running = False
        self.load_tests: LoadTests | None = None
        self._companions = list(parts.companions)
        self._economy: MeshEconomy | None = None
        self.report_failures_to(self.fault_tolerance)
        parts.metrics.sample(self._figures)
        if parts.economy is not None:
            self.adopt(parts.economy)

    # -- starting and stopping -----------------------------------------------------------------

    def take_over(self) -> int:
        """Become the owner of the store, if this orchestrator is not yet.

        Returns:
            How many open tasks an earlier owner left behind.

        Raises:
            StoreLocked: A living orchestrator of this machine holds it.
            StoreNotWritable: The place cannot be written.
            StoreTooNew: A newer version of this program wrote it.
        """
        if self._dispatcher is None:
            self._dispatcher = Dispatcher(
                self._world,
                self._settings,
                self._parts.store,
                self._parts.matcher,
                self._parts.metrics,
                tell=self._tell,
                on_incident=self._on_incident,
                on_fatal=self._on_fatal,
                recording=self._parts.recording,
            )
            self._inquiries = Inquiries(
                self._dispatcher,
                self._parts.store,
                self._world.clock,
                self._tell,
                mesh=self._settings.mesh.name,
                store_name=self._parts.store_name,
                economy=lambda: self._economy,
                failures=lambda: self.fault_tolerance,
            )
            self._direct = DirectRequests(
                self._world,
                self._dispatcher,
                payload_bytes_max=self._settings.dispatch.payload_bytes_max,
            )
        return self._dispatcher.found

    async def start_enhanced_orchestration(self) -> None:
        """Take over the store, open the doors, begin to hand out tasks. Idempotent.

        Raises:
            EndpointInUse: Another process listens where this one should.
            StoreError: The store cannot be taken over.
        """
        if self.is_running:
            return
        self.take_over()
        local = self._parts.local_fabric()
        self._fabrics = [local]
        if self._parts.network is not None:
            self._fabrics.append(self._parts.network)
        address = f"orchestrator/{self._world.ids.next_id('o')}"
        self._reception = Reception(
            self._fabrics,
            address,
            self._parts.metrics,
            inquire=self._inquiries.answer,
            judge=self.observation.judge,
        )
        self._has_stopped.clear()
        self._fatal = None
        try:
            for fabric in self._fabrics:
                await fabric.start()
        except MeshError:
            self._the_dispatcher.release()
            self._dispatcher = self._reception = None
            raise
        await self._reception.open(self._the_dispatcher)
        self._client = MeshClient(self._world, self._settings, local, "orchestrator")
        await self._client.open()
        self.is_running = True
        await self._hosted.start()
        self._the_dispatcher.start()
        try:
            for companion in self._companions:
                await companion.start()
        except MeshError:
            await self.stop_enhanced_orchestration()
            raise

    async def stop_enhanced_orchestration(self) -> None:
        """Stop the hosted nodes, close the doors, let go of the store. Idempotent.

        Nothing is lost: what was not finished is found by the next owner of the store.
        """
        if not self.is_running:
            return
        self.is_running = False
        for companion in reversed(self._companions):
            await companion.stop()
        await self._hosted.stop()
        await asyncio.sleep(0)  # let their goodbyes arrive
        for task in self._background:
            if task is not asyncio.current_task():  # one that was deposed stops itself
                task.cancel()
        if self._client is not None:
            self._client.close()
        if self._reception is not None:
            self._reception.close()
        await self._the_dispatcher.stop()
        self._dispatcher = self._reception = self._client = None
        for fabric in reversed(self._fabrics):
            await fabric.stop()
        self._has_stopped.set()

    async def until_stopped(self) -> None:
        """Return when it has stopped.

        Raises:
            Deposed: It had to stop, because another one took over its store.
        """
        await self._has_stopped.wait()
        if self._fatal is not None:
            raise self._fatal

    def accompany(self, companion: Companion) -> None:
        """Let a service run as long as this orchestrator does; at once, if it runs."""
        if companion not in self._companions:
            self._companions.append(companion)
            if self.is_running:
                self._begin(companion.start())

    def adopt(self, economy: MeshEconomy) -> None:
        """Let an economy of attention steer this mesh as long as it runs. Idempotent.

        Raises:
            MeshError: Another one does already.
        """
        if self._economy is economy:
            return
        if self._economy is not None:
            raise MeshError("this orchestrator has an economy of attention already")
        self._economy = economy
        economy.connect(Steering(lambda: self._the_dispatcher, self._parts.matcher))
        self.accompany(economy)

    @property
    def economy(self) -> MeshEconomy | None:
        """The economy of attention that steers this mesh, if any."""
        return self._economy

    def report_failures_to(self, manager: FaultToleranceManager) -> None:
        """Let this one keep the history of failures and the health of nodes, and no other."""
        if (before := self.fault_tolerance) is not manager and before in self._companions:
            self._companions.remove(before)
            if self.is_running:
                self._begin(before.stop())
        self.fault_tolerance = manager
        manager.table = table_of(self._settings.recovery)
        self.observation.observers["fault_tolerance"] = manager
        self.observation.keep_health = manager.update_node_health
        self.accompany(manager)

    def _on_fatal(self, error: StoreError) -> None:
        _log.error("orchestrator_must_stop", why=str(error))
        self._fatal = error
        self._begin(self.stop_enhanced_orchestration())

    def _begin(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    # -- nodes ---------------------------------------------------------------------------------

    def register_node(self, node: MeshNode) -> str:
        """Host a node in this process, with the built-in handlers for its capabilities.

        Args:
            node: ``max_load`` is how many tasks it works on at a time. ``node_id`` and the times
                are stamped on it where they are left out.

        Returns:
            The node's id.

        Raises:
            UnknownCapability: There is no built-in handler for one of its capabilities.
            DuplicateNode: Its id is taken.
            ConfigurationError: ``max_load`` is no number above 0, or it names an endpoint.
        """
        if node.node_id and node.node_id in self._the_dispatcher.board.roster.by_node:
            raise DuplicateNode(f"a node named {node.node_id!r} is already in the mesh")
        # So that a task submitted in the next line is not told that nobody can do it.
        self._feed(self._hosted.host(node))
        if self.is_running and (runtime := self._hosted.runtime(node.node_id)) is not None:
            self._begin(self._start_hosted(runtime))
        return node.node_id

    async def _start_hosted(self, runtime: NodeRuntime) -> None:
        try:
            await runtime.start()
        except MeshError as error:
            _log.error("hosted_node_not_started", node=runtime.node_id, why=str(error))
            self._feed(NodeLost(runtime.address, f"it could not start: {error}"))
            await runtime.stop()

    def unregister_node(self, node_id: str) -> None:
        """Let a node finish what it has and leave.

        Raises:
            MeshError: There is no such node.
        """
        runtime = self._hosted.forget(node_id)
        if runtime is None:
            self._inquiries_now.drain(node_id)
        elif self.is_running:
            self._begin(runtime.drain())
        else:
            self._feed(NodeLost(runtime.address, "it was unregistered"))

    def hosted(self, node_id: str) -> NodeRuntime | None:
        """The node of this process with that id, for drills."""
        return self._hosted.runtime(node_id)

    def find_optimal_nodes_for_task(
        self, task: DistributedTask, max_nodes: int = 3
    ) -> list[MeshNode]:
        """The nodes that could do the task, the one it would be given to first."""
        able = [one.node_id for one in self.explain_placement(task) if one.refusal is None]
        nodes = {node.node_id: node for node in self.nodes()}
        return [nodes[node_id] for node_id in able[:max_nodes]]

    def explain_placement(self, task: DistributedTask) -> list[Candidate]:
        """Every node, and why it cannot do the task or what its score is made of; best first.

        The task is not submitted.

        Raises:
            InvalidTask: A field is wrong.
        """
        spec = specify(
            replace(task, task_id=task.task_id or "would-be"),
            requester=None,
            payload_bytes_max=self._settings.dispatch.payload_bytes_max,
        )
        return explain_placement(self._the_dispatcher.board, spec)

    def explain_task(self, task_id: str) -> dict[str, Any]:
        """Why a task waits, what is ahead of it, what it would need, when it may begin.

        Raises:
            UnknownTask: There is no such task, or its retention time is over.
        """
        return self._inquiries_now.explain_now(task_id)

    def reprioritise(
        self,
        *,
        tasks: Mapping[str, int] | None = None,
        types: Mapping[str, float] | None = None,
        concepts: Mapping[str, float] | None = None,
        requesters: Mapping[str, float] | None = None,
    ) -> None:
        """Let some of what waits matter more, or less, from the next decision on.

        As ``MeshClient.reprioritise``, without waiting for the store.

        Raises:
            InvalidTask: A value is out of its range.
        """
        change = Change(
            dict(tasks or {}), dict(types or {}), dict(concepts or {}), dict(requesters or {})
        )
        if (refusal := wrong_change(change)) is not None:
            raise refusal
        self._feed(Reprioritised(change))

    def nodes(self) -> list[MeshNode]:
        """The nodes of the mesh, by id."""
        clock = self._world.clock
        return [
            seat_to_node(seat, now=clock.now(), wall=clock.wall())
            for seat in sorted(self._the_dispatcher.board.roster, key=lambda seat: seat.node_id)
        ]

    def update_node_health_metrics(self, node_id: str, **metrics: float) -> float:
        """Say how a node is; what its heartbeats measure is updated by them.

        Args:
            node_id: The node.
            metrics: Fields of ``HealthMetrics``.

        Returns:
            Its health score, 0 to 1.

        Raises:
            ConfigurationError: There is no such measure.
        """
        return self.observation.measure(node_id, **metrics)

    def _on_incident(self, incident: Incident) -> None:
        self.observation.note(incident)
        if incident.kind in ("node_left", "node_lost"):
            self._hosted.forget(incident.node_id)

    # -- tasks, without waiting ----------------------------------------------------------------

    def submit_task(self, task: DistributedTask) -> str:
        """Hand a task over; it is durable on return where the store is.

        Args:
            task: ``task_id`` and ``created_at`` are stamped on it where they are left out.

        Returns:
            Its id; that of the earlier task if it repeats one (same idempotency key).

        Raises:
            InvalidTask: A field is wrong.
            UnknownCapability: No node has ever offered what it needs.
            NoCapableNode: No node offers all it needs together.
            QueueFull: Come back later.
            StoreFull: The disk is full.
        """
        return self._direct_now.submit(task)

    def cancel_task(self, task_id: str) -> bool:
        """End a task wherever it is.

        Returns:
            Whether this call ended it; not if it had ended before.

        Raises:
            UnknownTask: There is no such task.
        """
        if self._direct_now.cancel(task_id):
            return True
        self.get_task(task_id)  # raises if there is none
        return False

    def get_task_status(self, task_id: str) -> TaskStatus:
        """Where a task stands.

        Raises:
            UnknownTask: There is no such task, or its retention time is over.
        """
        return self.get_task(task_id).status

    def get_task(self, task_id: str) -> DistributedTask:
        """Everything known of a task.

        Raises:
            UnknownTask: There is no such task, or its retention time is over.
        """
        return self._inquiries_now.task_now(task_id)

    # -- tasks, waiting ------------------------------------------------------------------------

    async def submit(self, task: DistributedTask) -> str:
        """Hand a task over together with others of this moment; see ``MeshClient.submit``."""
        return await self._own_client.submit(task)

    async def submit_many(self, tasks: Iterable[DistributedTask]) -> list[str]:
        """Hand many tasks over; see ``MeshClient.submit_many``."""
        return await self._own_client.submit_many(tasks)

    async def run(self, task: DistributedTask) -> Any:
        """Submit a task and wait for its result; see ``MeshClient.run``."""
        return await self._own_client.run(task)

    def run_many(self, tasks: Iterable[DistributedTask]) -> AsyncIterator[Ending]:
        """Submit many tasks and hear of each as it ends; see ``MeshClient.run_many``."""
        return self._own_client.run_many(tasks)

    async def result(self, task_id: str) -> Any:
        """Wait for a task's result; see ``MeshClient.result``."""
        return await self._own_client.result(task_id)

    def events(self, task_id: str) -> AsyncIterator[TaskEvent]:
        """Hear of everything that happens to a task; see ``MeshClient.events``."""
        return self._own_client.events(task_id)

    async def run_load_test(self, config_name: str) -> dict[str, Any]:
        """Send real tasks through this mesh and measure them.

        Args:
            config_name: A key of ``PREDEFINED_CONFIGS``.

        Raises:
            ConfigurationError: There is no such configuration, or no load tests are attached.
        """
        if self.load_tests is None:
            raise ConfigurationError(
                "no load tests are attached to this orchestrator: "
                "call setup_phase3_integration() first"
            )
        return await self.load_tests.run_named(config_name)

    # -- status --------------------------------------------------------------------------------

    def get_mesh_status(self) -> dict[str, Any]:
        """Nodes, tasks and statistics, in numbers."""
        return self._inquiries_now.status() | {"timestamp": self._world.clock.wall()}

    def get_enhanced_mesh_status(self) -> dict[str, Any]:
        """``get_mesh_status`` and what the attached services have noted."""
        status = self.get_mesh_status()
        tests = self.load_tests.get_test_summary() if self.load_tests is not None else {}
        return (
            {"discovery": {}, "health": {}, "fault_tolerance": {}}
            | status
            | self.observation.summaries()
            | {
                "attention": {"is_on": False} if self._economy is None else self._economy.summary(),
                "load_testing": tests,
                "enhanced_statistics": {
                    "nodes_discovered": status["statistics"]["nodes_joined"],
                    "tasks_completed": status["tasks"]["completed"],
                    "tasks_failed": status["tasks"]["failed"],
                    "failures_detected": status["statistics"]["nodes_lost"]
                    + status["statistics"]["attempts_failed"],
                    "load_tests_completed": tests.get("completed_tests", 0),
                },
            }
        )

    def _figures(self) -> list[Sample]:
        """Read on the thread of whoever asks: numbers only, and nothing of a store not taken."""
        return [] if self._dispatcher is None else self._inquiries.figures()

    # -- the rooms behind ----------------------------------------------------------------------

    @property
    def _the_dispatcher(self) -> Dispatcher:
        self.take_over()
        assert self._dispatcher is not None  # noqa: S101 - take_over made it
        return self._dispatcher

    @property
    def _inquiries_now(self) -> Inquiries:
        self.take_over()
        return self._inquiries

    @property
    def _direct_now(self) -> DirectRequests:
        self.take_over()
        return self._direct

    @property
    def requester(self) -> MeshClient:
        """Its own client, as for a :class:`~cognitive_architecture.hypergraph.Hypergraph`.

        Raises:
            MeshError: It is not running.
        """
        return self._own_client

    @property
    def _own_client(self) -> MeshClient:
        if self._client is None:
            raise MeshError(
                "the orchestrator is not running: await start_enhanced_orchestration() first"
            )
        return self._client

    def _feed(self, event: Event) -> None:
        self._the_dispatcher.feed(event)
        self._the_dispatcher.settle()

    def _tell(self, address: str, message: Message, *, can_wait: bool = False) -> None:
        if address == DIRECT_ADDRESS:
            self._direct_now.hear(message)
        elif self._reception is not None:
            self._reception.tell(address, message, can_wait=can_wait)
