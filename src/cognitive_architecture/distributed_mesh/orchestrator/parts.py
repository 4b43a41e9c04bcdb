"""What an orchestrator is put together from, and who may be attached to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from cognitive_architecture.distributed_mesh.handlers import Handler
from cognitive_architecture.distributed_mesh.machines.effects import Incident
from cognitive_architecture.distributed_mesh.model import MeshNode
from cognitive_architecture.distributed_mesh.node.equipment import Equip
from cognitive_architecture.distributed_mesh.node.vitals import VitalsSource
from cognitive_architecture.distributed_mesh.policies.matching import CapabilityMatcher
from cognitive_architecture.distributed_mesh.ports import Fabric, TaskStore
from cognitive_architecture.distributed_mesh.replay.recorded import Recording
from cognitive_architecture.foundation.settings import Settings
from cognitive_architecture.foundation.telemetry import Metrics, NoMetrics
from cognitive_architecture.foundation.world import World

if TYPE_CHECKING:
    from cognitive_architecture.distributed_mesh.economy.economy import MeshEconomy


class LoadTests(Protocol):
    """Whoever can run a load test by name."""

    async def run_named(self, config_name: str) -> dict[str, Any]:
        """Run it; see ``LoadTestingFramework``."""
        ...

    def get_test_summary(self) -> dict[str, Any]:
        """What has been run."""
        ...


class Companion(Protocol):
    """A service that is to run as long as the orchestrator does."""

    async def start(self) -> None:
        """Begin, unless it runs."""
        ...

    async def stop(self) -> None:
        """End, if it runs."""
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
    machine: Mapping[str, Any] = field(default_factory=dict)
    """What hosted nodes say of the machine they are on; see ``node.vitals.machine_attributes``."""
    equip: Mapping[str, Equip] = field(default_factory=dict)
    """What hosted nodes can do that hold on to something, and what makes that."""
    matcher: CapabilityMatcher = field(default_factory=CapabilityMatcher)
    metrics: Metrics = field(default_factory=NoMetrics)
    recording: Recording | None = None
    """Keeps a journal of decisions; then ``matcher`` is one that is recorded."""
    economy: MeshEconomy | None = None
    """What decides how much attention everybody deserves."""
    companions: Sequence[Companion] = ()
