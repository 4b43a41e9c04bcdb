"""Puts the house together: settings in, running objects out.

The only file that knows every concrete class. Everything else names what it needs and is handed
it from here, so the same rooms run in one process, on a network and in a simulation.
"""

from __future__ import annotations

import platform
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cognitive_architecture.distributed_mesh.adapters.zenoh_fabric import ZenohFabric
from cognitive_architecture.distributed_mesh.handlers import Handler
from cognitive_architecture.distributed_mesh.model import MeshNodeType
from cognitive_architecture.distributed_mesh.node import NodeRuntime
from cognitive_architecture.distributed_mesh.node.equipment import Equipment
from cognitive_architecture.distributed_mesh.node.vitals import MachineVitals, machine_attributes
from cognitive_architecture.distributed_mesh.ports import Fabric, TaskStore
from cognitive_architecture.foundation.settings import MIB, Settings
from cognitive_architecture.foundation.settings_check import amended_settings
from cognitive_architecture.foundation.world import World

# The rest is loaded where it is needed: a node, which may have to take the place of one that died,
# does without what only orchestrators and clients need, and a client without what only they need.
if TYPE_CHECKING:
    from cognitive_architecture.attention_store import AttentionStore
    from cognitive_architecture.distributed_mesh.adapters.decision_file import DecisionFile
    from cognitive_architecture.distributed_mesh.client import MeshClient
    from cognitive_architecture.distributed_mesh.economy.economy import MeshEconomy
    from cognitive_architecture.distributed_mesh.orchestrator import CognitiveMeshOrchestrator
    from cognitive_architecture.distributed_mesh.orchestrator.parts import OrchestratorParts
    from cognitive_architecture.distributed_mesh.policies.matching import CapabilityMatcher


IN_MEMORY: Final = ":memory:"
"""Instead of a folder: what is kept ends with the process."""


def local_parts(
    settings: Settings | None = None,
    *,
    matcher: CapabilityMatcher | None = None,
    handlers: Iterable[Handler] | None = None,
) -> OrchestratorParts:
    """An orchestrator that lives in this process alone.

    Tasks are kept in memory, unless ``settings.store.directory`` says where.

    Args:
        settings: All of them; the usual ones if left out.
        matcher: Which node is best for a task; one that knows nothing yet if left out.
        handlers: Of nodes that run in this process; the built-in ones if left out.
    """
    from cognitive_architecture.capabilities import BUILT_IN_HANDLERS, MEMORY_CAPABILITIES
    from cognitive_architecture.distributed_mesh.adapters.local_fabric import LocalFabric, LocalHub
    from cognitive_architecture.distributed_mesh.orchestrator.parts import OrchestratorParts
    from cognitive_architecture.distributed_mesh.policies.matching import CapabilityMatcher
    from cognitive_architecture.distributed_mesh.replay.recorded import RecordedMatcher, Recording
    from cognitive_architecture.foundation.metrics_page import MetricsPage
    from cognitive_architecture.foundation.telemetry import PrometheusMetrics

    settings = settings or Settings()
    recording = None
    if matcher is None:
        matcher = CapabilityMatcher()
        if settings.store.directory and settings.store.decisions_mib_max:
            matcher = RecordedMatcher()
            recording = Recording(matcher, partial(_decision_file, settings))
        given = settings.matching.model_dump()
        matcher.set_score_weights(
            **{name.removesuffix("_weight"): weight for name, weight in given.items()}
        )
    world = World()
    hub = LocalHub()
    metrics = PrometheusMetrics()
    page = settings.metrics.listen
    return OrchestratorParts(
        world=world,
        settings=settings,
        store=_store(settings, world),
        store_name=settings.store.directory or "memory",
        local_fabric=lambda: LocalFabric(hub),
        network=None,
        handlers=tuple(BUILT_IN_HANDLERS if handlers is None else handlers),
        vitals=MachineVitals(world.clock),
        machine=machine_attributes(),
        equip=dict.fromkeys(MEMORY_CAPABILITIES, partial(_hosted_memory, settings, world)),
        matcher=matcher,
        metrics=metrics,
        recording=recording,
        companions=[MetricsPage(metrics, page)] if page is not None else [],
    )


def network_parts(settings: Settings) -> OrchestratorParts:
    """What ``network_orchestrator`` is made of, for those who want to look into the store."""
    parts = local_parts(settings)
    parts.network = ZenohFabric(settings.mesh, listens=True, world=parts.world)
    if settings.attention.is_on:
        parts.economy = mesh_economy(parts.world, settings)
    return parts


def mesh_economy(world: World, settings: Settings) -> MeshEconomy:
    """An economy of attention; its books are kept where the tasks are."""
    # The laws load numpy and scipy, a third of a second; nodes and clients do without them.
    from cognitive_architecture.distributed_mesh.economy.economy import MeshEconomy

    return MeshEconomy(world, settings.attention, _attention_store(settings, world))


def network_orchestrator(settings: Settings) -> CognitiveMeshOrchestrator:
    """An orchestrator that nodes and clients of other processes reach at ``mesh.listen``."""
    from cognitive_architecture.distributed_mesh.orchestrator import CognitiveMeshOrchestrator

    return CognitiveMeshOrchestrator(network_parts(settings))


def network_node(
    settings: Settings,
    handlers: Iterable[Handler],
    *,
    node_id: str | None = None,
    node_type: MeshNodeType = MeshNodeType.AGENT,
    slots: int = 1,
    metadata: dict[str, Any] | None = None,
    is_supervised: bool = False,
    atoms_in: str | None = None,
) -> tuple[NodeRuntime, ZenohFabric]:
    """A node of its own process, and the fabric to start before it and stop after it.

    Args:
        settings: All of them.
        handlers: What it can do.
        node_id: Its name in the mesh; the host's and a number if left out.
        node_type: The part it plays.
        slots: Tasks it works on at a time.
        metadata: What people may want to know of it, besides host and Python.
        is_supervised: Somebody starts it again, so it may end because of a handler that hangs.
        atoms_in: The folder where it keeps atoms, or ``IN_MEMORY``; then it is a memory node, and
            its handlers are those of its memory.
    """
    world = World()
    node_id = node_id or world.ids.next_id(platform.node().split(".")[0] or "node")
    equipment = None
    if atoms_in is not None:
        equipment = _memory(world, None if atoms_in == IN_MEMORY else Path(atoms_in), node_id)
        handlers = equipment.handlers
    fabric = ZenohFabric(settings.mesh, listens=False, world=world)
    runtime = NodeRuntime(
        world,
        settings.node,
        fabric,
        handlers,
        MachineVitals(world.clock),
        node_id=node_id,
        node_type=node_type,
        slots=slots,
        metadata={
            "host": platform.node(),
            "python": platform.python_version(),
            "machine": machine_attributes(),
            "is_supervised": is_supervised,
        }
        | (metadata or {}),
        stuck_s=settings.supervision.stuck_s if is_supervised else None,
        requester=partial(_client_of_a_node, world, settings),
        equipment=equipment,
    )
    return runtime, fabric


@asynccontextmanager
async def connect(
    endpoint: str | None = None,
    *,
    mesh: str | None = None,
    name: str = "client",
    settings: Settings | None = None,
) -> AsyncIterator[MeshClient]:
    """Talk to a mesh from a program that is no node.

        async with connect() as mesh:
            print(await mesh.run(DistributedTask(task_type="text_processing", payload={...})))

    Args:
        endpoint: Of the orchestrator, as ``tcp/ADDRESS:PORT``; this machine if left out.
        mesh: Name of the mesh.
        name: Of this requester, as tasks will show it.
        settings: Everything else.

    Raises:
        MeshUnreachable: No orchestrator answers.
        ConfigurationError: The endpoint or the name is none.
    """
    from cognitive_architecture.distributed_mesh.client import MeshClient

    settings = settings or Settings()
    changes: dict[str, object] = {}
    if endpoint is not None:
        changes["mesh.connect"] = [endpoint]
    if mesh is not None:
        changes["mesh.name"] = mesh
    if changes:
        settings = amended_settings(settings, changes)
    world = World()
    fabric = ZenohFabric(settings.mesh, listens=False, world=world)
    await fabric.start()
    client = MeshClient(world, settings, fabric, name)
    try:
        await client.open()
        yield client
    finally:
        client.close()
        await fabric.stop()


def _client_of_a_node(world: World, settings: Settings, fabric: Fabric, node_id: str) -> MeshClient:
    from cognitive_architecture.distributed_mesh.client import MeshClient

    return MeshClient(world, settings, fabric, node_id)


def _hosted_memory(settings: Settings, world: World, node_id: str) -> Equipment:
    """The memory of a node in the orchestrator's process, where its tasks are kept."""
    directory = settings.store.directory
    return _memory(world, None if directory is None else Path(directory) / node_id, node_id)


def _memory(world: World, folder: Path | None, node_id: str) -> Equipment:
    # Arithmetic of arrays and the database, half a second: other nodes do without them.
    from cognitive_architecture.atomspace_store import MemoryAtomStore, SqlAtomStore
    from cognitive_architecture.capabilities.remembering.equipment import MemoryEquipment
    from cognitive_architecture.memory.atom_memory import AtomMemory

    store = MemoryAtomStore() if folder is None else SqlAtomStore(folder, world.clock)
    return MemoryEquipment(AtomMemory(world, store, name=node_id), world)


def _decision_file(settings: Settings, epoch: int) -> DecisionFile:
    from cognitive_architecture.distributed_mesh.adapters.decision_file import DecisionFile

    path = Path(settings.store.directory or ".") / f"decisions-{epoch}.journal"
    return DecisionFile(path, settings.store.decisions_mib_max * MIB)


def _store(settings: Settings, world: World) -> TaskStore:
    if settings.store.directory is None:
        from cognitive_architecture.distributed_mesh.adapters.memory_store import MemoryTaskStore

        return MemoryTaskStore()
    # The database takes a third of a second to load; nodes and clients do without it.
    from cognitive_architecture.distributed_mesh.adapters.sql_store import SqlTaskStore

    return SqlTaskStore(Path(settings.store.directory), world.clock)


def _attention_store(settings: Settings, world: World) -> AttentionStore:
    # As above, and the database is loaded where it is needed.
    from cognitive_architecture.attention_store import MemoryAttentionStore

    if settings.store.directory is None:
        return MemoryAttentionStore()
    from cognitive_architecture.attention_store.sql import SqlAttentionStore

    return SqlAttentionStore(Path(settings.store.directory), world.clock)
