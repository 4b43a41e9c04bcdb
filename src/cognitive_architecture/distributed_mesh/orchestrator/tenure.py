"""The time during which an orchestrator owns its store, and what works only then."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cognitive_architecture.distributed_mesh.fault_tolerance import FaultToleranceManager
from cognitive_architecture.distributed_mesh.machines.effects import Incident
from cognitive_architecture.distributed_mesh.machines.events import Event
from cognitive_architecture.foundation.errors import StoreError

from .direct import DirectRequests
from .dispatcher import Dispatcher, TellSomebody
from .inquiries import Inquiries
from .parts import OrchestratorParts

if TYPE_CHECKING:
    from cognitive_architecture.distributed_mesh.economy.economy import MeshEconomy


class Tenure:
    """Decisions, answers, and requests that cannot wait; it begins when it is made."""

    def __init__(
        self,
        parts: OrchestratorParts,
        tell: TellSomebody,
        *,
        on_incident: Callable[[Incident], None],
        on_fatal: Callable[[StoreError], None],
        economy: Callable[[], MeshEconomy | None],
        failures: Callable[[], FaultToleranceManager],
    ) -> None:
        """Take the store over.

        Args:
            parts: What the orchestrator is made of.
            tell: However messages leave.
            on_incident: Told what an operator would want to know.
            on_fatal: Told that the store is lost to it.
            economy: The one that steers the mesh, if any.
            failures: Who keeps their history.

        Raises:
            StoreLocked: A living orchestrator of this machine holds it.
            StoreNotWritable: The place cannot be written.
            StoreTooNew: A newer version of this program wrote it.
        """
        self.dispatcher = Dispatcher(
            parts.world,
            parts.settings,
            parts.store,
            parts.matcher,
            parts.metrics,
            tell=tell,
            on_incident=on_incident,
            on_fatal=on_fatal,
            recording=parts.recording,
        )
        self.inquiries = Inquiries(
            self.dispatcher,
            parts.store,
            parts.world.clock,
            tell,
            mesh=parts.settings.mesh.name,
            store_name=parts.store_name,
            economy=economy,
            failures=failures,
        )
        self.direct = DirectRequests(
            parts.world,
            self.dispatcher,
            payload_bytes_max=parts.settings.dispatch.payload_bytes_max,
        )

    def feed(self, event: Event) -> None:
        """Let the machine decide on this at once."""
        self.dispatcher.feed(event)
        self.dispatcher.settle()
