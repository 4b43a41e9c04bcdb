"""The orchestrator: takes tasks, gives them to nodes, accepts each result once.

This is the public face. The journey of a task runs through ``reception`` (what is said to it),
``machines`` (what is decided) and ``dispatcher`` (what is done about it).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import structlog

from cognitive_architecture.distributed_mesh.client import MeshClient
from cognitive_architecture.distributed_mesh.fault_tolerance import FaultToleranceManager
from cognitive_architecture.distributed_mesh.machines.candidates import Candidate
from cognitive_architecture.distributed_mesh.machines.effects import Incident
from cognitive_architecture.distributed_mesh.machines.events import NodeLost
from cognitive_architecture.distributed_mesh.model import (
    Change,
    DistributedTask,
    Ending,
    MeshNode,
    TaskEvent,
    TaskStatus,
)
from cognitive_architecture.distributed_mesh.node import NodeRuntime
from cognitive_architecture.distributed_mesh.policies.recovery import table_of
from cognitive_architecture.foundation.errors import (
    ConfigurationError,
    DuplicateNode,
    MeshError,
)
from cognitive_architecture.foundation.telemetry import Sample

from .dispatcher import Dispatcher
from .hosting import HostedNodes
from .lifetime import Lifetime
from .observation import Observation
from .parts import Companion, LoadTests, OrchestratorParts
from .steering import Steering
from .tenure import Tenure

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
        self._life = Lifetime(
            parts,
            self._hosted,
            judge=self.observation.judge,
            on_incident=self._on_incident,
            economy=lambda: self._economy,
            failures=lambda: self.fault_tolerance,
        )
        self.load_tests: LoadTests | None = None
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
        return self._the_dispatcher.found

    async def start_enhanced_orchestration(self) -> None:
        """Take over the store, open the doors, begin to hand out tasks. Idempotent.

        Raises:
            EndpointInUse: Another process listens where this one should.
            StoreError: The store cannot be taken over.
        """
        await self._life.start()

    async def stop_enhanced_orchestration(self) -> None:
        """Stop the hosted nodes, close the doors, let go of the store. Idempotent.

        Nothing is lost: what was not finished is found by the next owner of the store.
        """
        await self._life.stop()

    async def until_stopped(self) -> None:
        """Return when it has stopped.

        Raises:
            Deposed: It had to stop, because another one took over its store.
        """
        await self._life.until_stopped()

    @property
    def is_running(self) -> bool:
        """Whether it has started and not been stopped."""
        return self._life.is_running

    def accompany(self, companion: Companion) -> None:
        """Let a service run as long as this orchestrator does; at once, if it runs."""
        self._life.companions.add(companion)

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
        if self.fault_tolerance is not manager:
            self._life.companions.remove(self.fault_tolerance)
        self.fault_tolerance = manager
        manager.table = table_of(self._settings.recovery)
        self.observation.observers["fault_tolerance"] = manager
        self.observation.keep_health = manager.update_node_health
        self.accompany(manager)

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
        self._tenure.feed(self._hosted.host(node))
        if self.is_running and (runtime := self._hosted.runtime(node.node_id)) is not None:
            self._life.begin(self._start_hosted(runtime))
        return node.node_id

    async def _start_hosted(self, runtime: NodeRuntime) -> None:
        try:
            await runtime.start()
        except MeshError as error:
            _log.error("hosted_node_not_started", node=runtime.node_id, why=str(error))
            self._tenure.feed(NodeLost(runtime.address, f"it could not start: {error}"))
            await runtime.stop()

    def unregister_node(self, node_id: str) -> None:
        """Let a node finish what it has and leave.

        Raises:
            MeshError: There is no such node.
        """
        runtime = self._hosted.forget(node_id)
        if runtime is None:
            self._tenure.inquiries.drain(node_id)
        elif self.is_running:
            self._life.begin(runtime.drain())
        else:
            self._tenure.feed(NodeLost(runtime.address, "it was unregistered"))

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
        return self._tenure.inquiries.placement_now(task)

    def explain_task(self, task_id: str) -> dict[str, Any]:
        """Why a task waits, what is ahead of it, what it would need, when it may begin.

        Raises:
            UnknownTask: There is no such task, or its retention time is over.
        """
        return self._tenure.inquiries.explain_now(task_id)

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
        self._tenure.direct.reprioritise(
            Change(
                dict(tasks or {}), dict(types or {}), dict(concepts or {}), dict(requesters or {})
            )
        )

    def nodes(self) -> list[MeshNode]:
        """The nodes of the mesh, by id."""
        return self._tenure.inquiries.nodes_now()

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
        return self._tenure.direct.submit(task)

    def cancel_task(self, task_id: str) -> bool:
        """End a task wherever it is.

        Returns:
            Whether this call ended it; not if it had ended before.

        Raises:
            UnknownTask: There is no such task.
        """
        if self._tenure.direct.cancel(task_id):
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
        return self._tenure.inquiries.task_now(task_id)

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
        return self._tenure.inquiries.status() | {"timestamp": self._world.clock.wall()}

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
        tenure = self._life.tenure_so_far
        return [] if tenure is None else tenure.inquiries.figures()

    # -- the rooms behind ----------------------------------------------------------------------

    @property
    def _tenure(self) -> Tenure:
        return self._life.tenure

    @property
    def _the_dispatcher(self) -> Dispatcher:
        return self._tenure.dispatcher

    @property
    def requester(self) -> MeshClient:
        """Its own client, as for a :class:`~cognitive_architecture.hypergraph.Hypergraph`.

        Raises:
            MeshError: It is not running.
        """
        return self._own_client

    @property
    def _own_client(self) -> MeshClient:
        return self._life.client
