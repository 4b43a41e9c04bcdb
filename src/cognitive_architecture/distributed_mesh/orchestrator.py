"""The orchestrator: takes tasks, gives them to nodes, accepts each result once.

This is the public face. The journey of a task runs through ``reception`` (what is said to it),
``machines`` (what is decided) and ``dispatcher`` (what is done about it).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import structlog

from cognitive_architecture.foundation.errors import (
    ConfigurationError,
    DuplicateNode,
    MeshError,
    StoreError,
    UnknownCapability,
    from_wire,
)
from cognitive_architecture.foundation.settings import Settings
from cognitive_architecture.foundation.telemetry import Metrics, NoMetrics
from cognitive_architecture.foundation.world import World

from .client import MeshClient
from .dispatcher import Dispatcher
from .handlers import Handler
from .inquiries import Inquiries
from .machines.effects import Incident
from .machines.events import CancelRequested, Event, NodeArrived, NodeLost, TasksSubmitted
from .messages import Accepted, Cancelled, Message, Vitals
from .model import DistributedTask, Ending, MeshNode, MeshNodeType, TaskEvent, TaskStatus
from .node import NodeRuntime
from .node.loading import by_capability
from .node.vitals import VitalsSource
from .policies.admission import specify
from .policies.health import HealthMetrics
from .policies.matching import CapabilityMatcher
from .ports import Fabric, TaskStore
from .reception import Reception

_log = structlog.get_logger(__name__)

_DIRECT: Final = "direct"
"""The address of callers of the methods that do not wait."""


class LoadTests(Protocol):
    """Whoever can run a load test by name."""

    async def run_named(self, config_name: str) -> dict[str, Any]:
        """Run it; see ``LoadTestingFramework``."""
        ...

    def get_test_summary(self) -> dict[str, Any]:
        """What has been run."""
        ...


class Observer(Protocol):
    """Whoever wants to hear of nodes that come and go, and of what goes wrong."""

    def observe(self, incident: Incident, node: MeshNode | None) -> None:
        """Take note of one thing that happened; the node, if it is still there."""
        ...

    def summary(self) -> dict[str, Any]:
        """What has been noted."""
        ...


@dataclass(slots=True)
class OrchestratorParts:
    """What an orchestrator is put together from; ``composition`` does it."""

    world: World
    settings: Settings
    store: TaskStore
    store_name: str
    local_fabric: Callable[[], Fabric]
    """Access to a hub inside this process, for hosted nodes and for its own requests."""
    network: Fabric | None
    """How other processes reach it."""
    handlers: Sequence[Handler]
    """What hosted nodes can do."""
    vitals: VitalsSource
    matcher: CapabilityMatcher = field(default_factory=CapabilityMatcher)
    metrics: Metrics = field(default_factory=NoMetrics)


class CognitiveMeshOrchestrator:
    """One orchestrator and the nodes it hosts in its own process.

    Methods with ``async`` wait without keeping the event loop from its work; of each there are as
    many at once as you like. The others return at once, and after a commit where the store is
    durable; all are called on the event loop's thread.
    """

    def __init__(self, parts: OrchestratorParts | None = None) -> None:
        """Put together from parts; without any, in this process and in memory."""
        if parts is None:
            from .shared import default_parts

            parts = default_parts()
        self._parts = parts
        self._world = parts.world
        self._settings = parts.settings
        self._handlers = by_capability(parts.handlers)
        self._hosted: dict[str, NodeRuntime] = {}
        self._health: dict[str, HealthMetrics] = {}
        self._direct_answers: list[Message] = []
        self._dispatcher: Dispatcher | None = None
        self._reception: Reception | None = None
        self._client: MeshClient | None = None
        self._fabrics: list[Fabric] = []
        self._background: set[asyncio.Task[Any]] = set()
        self._fatal: StoreError | None = None
        self._has_stopped = asyncio.Event()
        self.is_running = False
        self.observers: dict[str, Observer] = {}
        """By the key under which ``get_enhanced_mesh_status`` shows their summaries."""
        self.load_tests: LoadTests | None = None

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
            )
            self._inquiries = Inquiries(
                self._dispatcher,
                self._parts.store,
                self._world.clock,
                self._tell,
                mesh=self._settings.mesh.name,
                store_name=self._parts.store_name,
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
            judge=self._judge,
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
        for runtime in self._hosted.values():
            await runtime.start()
            await runtime.joined()
        self._the_dispatcher.start()

    async def stop_enhanced_orchestration(self) -> None:
        """Stop the hosted nodes, close the doors, let go of the store. Idempotent.

        Nothing is lost: what was not finished is found by the next owner of the store.
        """
        if not self.is_running:
            return
        self.is_running = False
        for runtime in self._hosted.values():
            await runtime.stop()
        self._hosted.clear()
        await asyncio.sleep(0)  # let their goodbyes arrive
        for task in self._background:
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
        self._check_node(node)
        if not node.node_id:
            node.node_id = self._world.ids.next_id("node")
        if node.node_id in self._hosted or node.node_id in self._roster_ids():
            raise DuplicateNode(f"a node named {node.node_id!r} is already in the mesh")
        node.created_at = node.created_at or self._world.clock.wall()
        node.last_heartbeat = self._world.clock.wall()
        runtime = NodeRuntime(
            self._world,
            self._settings.node,
            self._parts.local_fabric(),
            [self._handlers[name] for name in node.capabilities],
            self._parts.vitals,
            node_id=node.node_id,
            node_type=node.node_type,
            slots=max(1, int(node.max_load)),
            metadata=node.metadata,
        )
        self._hosted[node.node_id] = runtime
        # So that a task submitted in the next line is not told that nobody can do it.
        self._feed(
            NodeArrived(
                runtime.address,
                node.node_id,
                node.node_type,
                frozenset(node.capabilities),
                max(1, int(node.max_load)),
                granted=0,
                received=0,
                claims=[],
                metadata=node.metadata,
            )
        )
        if self.is_running:
            self._begin(runtime.start())
        return node.node_id

    def _check_node(self, node: MeshNode) -> None:
        unknown = sorted(set(node.capabilities) - set(self._handlers))
        if unknown:
            raise UnknownCapability(
                f"there is no built-in handler for {', '.join(unknown)}; there are "
                f"{', '.join(sorted(self._handlers))}. A node with handlers of its own is a "
                "process: cogmesh node --handlers FILE"
            )
        if not node.capabilities:
            raise ConfigurationError("capabilities: a node without any could do nothing")
        if isinstance(node.max_load, bool) or not 0 < node.max_load <= 10_000:
            raise ConfigurationError(
                f"max_load: a number above 0 and up to 10,000, not {node.max_load!r}"
            )
        if "endpoint" in node.metadata:
            raise ConfigurationError(
                "a node with an endpoint is a process of its own and joins by itself: "
                "cogmesh node --connect ENDPOINT"
            )

    def unregister_node(self, node_id: str) -> None:
        """Let a node finish what it has and leave.

        Raises:
            MeshError: There is no such node.
        """
        runtime = self._hosted.pop(node_id, None)
        if runtime is None:
            self._inquiries_now.drain(node_id)
        elif self.is_running:
            self._begin(runtime.drain())
        else:
            self._feed(NodeLost(runtime.address, "it was unregistered"))

    def hosted(self, node_id: str) -> NodeRuntime | None:
        """The node of this process with that id, for drills."""
        return self._hosted.get(node_id)

    def find_optimal_nodes_for_task(
        self, task: DistributedTask, max_nodes: int = 3
    ) -> list[MeshNode]:
        """The nodes that could do the task, best first."""
        needs = {task.task_type, *task.required_capabilities}
        matcher = self._parts.matcher
        ranked = matcher.rank_nodes(self.nodes(), needs, task.priority)
        able = [node for node, _, _ in ranked if not matcher.refusal(node.capabilities, needs)]
        return able[:max_nodes]

    def nodes(self) -> list[MeshNode]:
        """The nodes of the mesh, by id."""
        clock = self._world.clock
        return [
            MeshNode(
                node_id=seat.node_id,
                node_type=MeshNodeType(seat.node_type),
                capabilities=set(seat.offered),
                current_load=float(len(seat.leases)),
                max_load=float(seat.slots),
                status="draining" if seat.is_draining else "active",
                metadata=dict(seat.metadata),
                created_at=clock.wall() - (clock.now() - seat.joined_at),
                last_heartbeat=clock.wall() - (clock.now() - seat.heard_at),
            )
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
        health = self._health.setdefault(node_id, HealthMetrics(node_id))
        health.update(**metrics)
        seat = self._the_dispatcher.board.roster.by_node.get(node_id)
        if seat is not None:
            seat.health_score = health.health_score
        return health.health_score

    def _judge(self, address: str, vitals: Vitals) -> float:
        seat = self._the_dispatcher.board.roster.by_address.get(address)
        if seat is None:
            return 1.0
        health = self._health.setdefault(seat.node_id, HealthMetrics(seat.node_id))
        health.update(
            cpu_usage=vitals.cpu_usage,
            memory_usage=vitals.memory_usage,
            uptime=vitals.uptime_s,
        )
        return health.health_score

    def _on_incident(self, incident: Incident) -> None:
        _log.info(
            incident.kind,
            node=incident.node_id,
            task=incident.task_id,
            why=incident.reason or None,
        )
        if incident.kind in ("node_left", "node_lost"):
            self._health.pop(incident.node_id, None)
            self._hosted.pop(incident.node_id, None)
        if self.observers:
            node = next((n for n in self.nodes() if n.node_id == incident.node_id), None)
            for observer in self.observers.values():
                observer.observe(incident, node)

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
        if not task.task_id:
            task.task_id = self._world.ids.next_id("task")
        task.created_at = task.created_at or self._world.clock.wall()
        spec = specify(
            task,
            requester=None,
            payload_bytes_max=self._settings.dispatch.payload_bytes_max,
        )
        answer = self._answered_now(TasksSubmitted(_DIRECT, 0, [spec], tell=False))
        if not isinstance(answer, Accepted):
            raise MeshError("the store did not answer; nothing was accepted")
        for _, fault in answer.refused:
            raise from_wire(fault.code, fault.sentence, fault.details)
        return answer.same_as[0][1] if answer.same_as else task.task_id

    def cancel_task(self, task_id: str) -> bool:
        """End a task wherever it is.

        Returns:
            Whether this call ended it; not if it had ended before.

        Raises:
            UnknownTask: There is no such task.
        """
        answer = self._answered_now(CancelRequested(_DIRECT, 0, [task_id]))
        if isinstance(answer, Cancelled) and not answer.stopped[0]:
            self.get_task(task_id)
            return False
        return True  # or it will be ended as soon as it is written

    def _answered_now(self, event: Event) -> Message | None:
        dispatcher = self._the_dispatcher
        self._direct_answers.clear()
        dispatcher.feed(event)
        for _ in range(3):  # a cancellation may have to wait for the task's own write
            if self._direct_answers:
                break
            dispatcher.settle_now()
        return self._direct_answers.pop() if self._direct_answers else None

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

    def run_many(self, tasks: Iterable[DistributedTask]) -> AsyncIterator[tuple[str, Ending]]:
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
        notes = {key: observer.summary() for key, observer in self.observers.items()}
        return (
            {"discovery": {}, "health": {}, "fault_tolerance": {}}
            | status
            | notes
            | {
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
    def _own_client(self) -> MeshClient:
        if self._client is None:
            raise MeshError(
                "the orchestrator is not running: await start_enhanced_orchestration() first"
            )
        return self._client

    def _roster_ids(self) -> set[str]:
        return set(self._the_dispatcher.board.roster.by_node)

    def _feed(self, event: Event) -> None:
        self._the_dispatcher.feed(event)
        self._the_dispatcher.settle()

    def _tell(self, address: str, message: Message) -> None:
        if address == _DIRECT:
            self._direct_answers.append(message)
        elif self._reception is not None:
            self._reception.tell(address, message)
