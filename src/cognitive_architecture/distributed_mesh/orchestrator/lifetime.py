"""An orchestrator's coming and going: in what order all that it is made of begins, and ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

import structlog

from cognitive_architecture.distributed_mesh.client import MeshClient
from cognitive_architecture.distributed_mesh.fault_tolerance import FaultToleranceManager
from cognitive_architecture.distributed_mesh.machines.effects import Incident
from cognitive_architecture.distributed_mesh.messages import Message
from cognitive_architecture.foundation.errors import MeshError, StoreError

from .companions import Companions
from .direct import ADDRESS as DIRECT_ADDRESS
from .doors import Doors
from .hosting import HostedNodes
from .parts import OrchestratorParts
from .reception import Judge
from .tenure import Tenure

if TYPE_CHECKING:
    from cognitive_architecture.distributed_mesh.economy.economy import MeshEconomy

_log = structlog.get_logger(__name__)


class Lifetime:
    """Of one orchestrator; it may start and stop again and again.

    Args:
        parts: What the orchestrator is made of.
        hosted: The nodes that live and end with it.
        judge: How healthy a node is that sent its vitals.
        on_incident: Told what an operator would want to know.
        economy: The one that steers the mesh, if any.
        failures: Who keeps their history.
    """

    def __init__(
        self,
        parts: OrchestratorParts,
        hosted: HostedNodes,
        *,
        judge: Judge,
        on_incident: Callable[[Incident], None],
        economy: Callable[[], MeshEconomy | None],
        failures: Callable[[], FaultToleranceManager],
    ) -> None:
        self._parts = parts
        self._hosted = hosted
        self._judge = judge
        self._on_incident = on_incident
        self._economy = economy
        self._failures = failures
        self.is_running = False
        self.companions = Companions(parts.companions, self.begin)
        self.tenure_so_far: Tenure | None = None
        """While it owns its store."""
        self._doors: Doors | None = None
        self._background: set[asyncio.Task[Any]] = set()
        self._fatal: StoreError | None = None
        self._has_stopped = asyncio.Event()

    @property
    def tenure(self) -> Tenure:
        """What works while the store is its own; whoever asks first takes it over.

        Raises:
            StoreLocked: A living orchestrator of this machine holds it.
            StoreNotWritable: The place cannot be written.
            StoreTooNew: A newer version of this program wrote it.
        """
        if self.tenure_so_far is None:
            self.tenure_so_far = Tenure(
                self._parts,
                self._tell,
                on_incident=self._on_incident,
                on_fatal=self._on_fatal,
                economy=self._economy,
                failures=self._failures,
            )
        return self.tenure_so_far

    @property
    def client(self) -> MeshClient:
        """The orchestrator's own.

        Raises:
            MeshError: It is not running.
        """
        if self._doors is None or self._doors.client is None:
            raise MeshError(
                "the orchestrator is not running: await start_enhanced_orchestration() first"
            )
        return self._doors.client

    async def start(self) -> None:
        """Take over the store, open the doors, begin to hand out tasks. Idempotent.

        Raises:
            EndpointInUse: Another process listens where this one should.
            StoreError: The store cannot be taken over.
        """
        if self.is_running:
            return
        tenure = self.tenure
        self._doors = doors = Doors(self._parts, inquire=tenure.inquiries.answer, judge=self._judge)
        self._has_stopped.clear()
        self._fatal = None
        try:
            await doors.connect()
        except MeshError:
            tenure.dispatcher.release()
            self.tenure_so_far = self._doors = None
            raise
        await doors.open(tenure.dispatcher)
        self.is_running = True
        await self._hosted.start()
        tenure.dispatcher.start()
        try:
            await self.companions.start()
        except MeshError:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop the hosted nodes, close the doors, let go of the store. Idempotent."""
        doors = self._doors
        if not self.is_running or doors is None:
            return
        self.is_running = False
        await self.companions.stop()
        await self._hosted.stop()
        await asyncio.sleep(0)  # let their goodbyes arrive
        for task in self._background:
            if task is not asyncio.current_task():  # one that was deposed stops itself
                task.cancel()
        doors.close()
        await self.tenure.dispatcher.stop()
        self.tenure_so_far = self._doors = None
        await doors.disconnect()
        self._has_stopped.set()

    async def until_stopped(self) -> None:
        """Return when it has stopped.

        Raises:
            Deposed: It had to stop, because another one took over its store.
        """
        await self._has_stopped.wait()
        if self._fatal is not None:
            raise self._fatal

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Let something be done in the background, until it is done or everything stops."""
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)  # the loop itself keeps no hold on it
        task.add_done_callback(self._background.discard)

    def _on_fatal(self, error: StoreError) -> None:
        _log.error("orchestrator_must_stop", why=str(error))
        self._fatal = error
        self.begin(self.stop())

    def _tell(self, address: str, message: Message, *, can_wait: bool = False) -> None:
        if address == DIRECT_ADDRESS:
            self.tenure.direct.hear(message)
        elif self._doors is not None:
            self._doors.tell(address, message, can_wait=can_wait)
