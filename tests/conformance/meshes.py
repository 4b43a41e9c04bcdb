"""The same small mesh on every fabric, and what its members hear."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import Any, Protocol

from cognitive_architecture.distributed_mesh.adapters.local_fabric import LocalFabric, LocalHub
from cognitive_architecture.distributed_mesh.adapters.zenoh_fabric import ZenohFabric
from cognitive_architecture.distributed_mesh.ports import Fabric
from cognitive_architecture.foundation.settings import MeshSettings
from cognitive_architecture.simulation.agenda import Agenda
from cognitive_architecture.simulation.chance import Chance
from cognitive_architecture.simulation.fabric import SimulatedFabric
from cognitive_architecture.simulation.loop import VirtualLoop
from cognitive_architecture.simulation.network import Network
from cognitive_architecture.simulation.process import Process
from tests.integration.cli_processes import free_endpoint
from tests.support.asynchronous import until


class Mesh(Protocol):
    """Makes members. The first is where the others connect, and they reach it and no others: an
    orchestrator among its nodes and clients.
    """

    def member(self) -> Fabric: ...

    def stranger(self) -> Fabric:
        """A member of another mesh, as near as can be."""
        ...


class LocalMesh:
    def __init__(self) -> None:
        self._hub = LocalHub()

    def member(self) -> Fabric:
        return LocalFabric(self._hub)

    def stranger(self) -> Fabric:
        return LocalFabric(LocalHub())


class ZenohMesh:
    def __init__(self, *, link_lease_s: float = 10.0) -> None:
        self.endpoint = free_endpoint()
        self._link_lease_s = link_lease_s
        self._has_listener = False

    def settings(self, name: str = "conformance") -> MeshSettings:
        return MeshSettings(
            name=name,
            listen=[self.endpoint],
            connect=[self.endpoint],
            link_lease_s=self._link_lease_s,
        )

    def member(self) -> Fabric:
        listens, self._has_listener = not self._has_listener, True
        return ZenohFabric(self.settings(), listens=listens)

    def stranger(self) -> Fabric:
        """It connects to the same endpoint."""
        return ZenohFabric(self.settings("another"), listens=False)


class SimulatedMesh:
    """All members live in one simulated process, on whose loop the test runs; see ``run``."""

    _running: SimulatedMesh | None = None
    """The one whose test runs; those that the test makes itself live in the same process."""

    def __init__(self) -> None:
        self._troubles: list[dict[str, Any]] = []
        self._process: Process = (
            self._a_process() if self._running is None else self._running._process
        )
        self._network = Network(self._process.agenda, Chance(0))
        self._has_listener = False

    def _a_process(self) -> Process:
        def on_trouble(_who: str, trouble: dict[str, Any]) -> None:
            self._troubles.append(trouble)

        return Process(Agenda(), "test.1", Chance(0), rate=1.0, on_trouble=on_trouble)

    def member(self) -> Fabric:
        listens, self._has_listener = not self._has_listener, True
        return SimulatedFabric(self._network, self._process, listens=listens)

    def stranger(self) -> Fabric:
        return SimulatedFabric(
            Network(self._process.agenda, Chance(1)), self._process, listens=True
        )

    def run(self, main: Coroutine[Any, Any, None]) -> None:
        """As ``asyncio.run`` does, in virtual time."""
        done: list[asyncio.Task[None]] = []
        loop, agenda = self._process.loop, self._process.agenda
        loop.call_soon(lambda: done.append(loop.create_task(main)))
        SimulatedMesh._running = self
        try:
            while not done or not done[0].done():
                agenda.run_until(agenda.now + 1.0)
        finally:
            SimulatedMesh._running = None
            loop.bury()
        done[0].result()
        assert not self._troubles


@asynccontextmanager
async def started(*fabrics: Fabric) -> AsyncIterator[None]:
    """All of them started, and stopped in the end, the last first."""
    try:
        for fabric in fabrics:
            await fabric.start()
        yield
    finally:
        for fabric in reversed(fabrics):
            await fabric.stop()


@asynccontextmanager
async def members(mesh: Mesh, count: int) -> AsyncIterator[list[Fabric]]:
    fabrics = [mesh.member() for _ in range(count)]
    async with started(*fabrics):
        yield fabrics


class Inbox:
    """Somebody who listens at an address and writes down what comes."""

    def __init__(self, fabric: Fabric, address: str) -> None:
        self.fabric = fabric
        self.address = address
        self.deliveries: list[list[bytes]] = []
        self.threads: set[int] = set()

    async def listen(self) -> Inbox:
        await self.fabric.listen(self.address, self._receive)
        return self

    async def open(self) -> Inbox:
        """Listen, then let others know."""
        await self.listen()
        self.fabric.announce(self.address)
        return self

    def _receive(self, frames: list[bytes]) -> None:
        self.deliveries.append(frames)
        self.threads.add(threading.get_ident())

    @property
    def frames(self) -> list[bytes]:
        return [frame for delivery in self.deliveries for frame in delivery]

    async def has(self, count: int) -> list[bytes]:
        """Wait for so many frames, and look whether there are more."""
        await until(lambda: sum(len(delivery) for delivery in self.deliveries) >= count)
        return self.frames


class Watcher:
    """Somebody who watches a kind and writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, bool]] = []
        self.threads: set[int] = set()

    def on_presence(self, address: str, is_there: bool) -> None:
        self.told.append((address, is_there))
        self.threads.add(threading.get_ident())

    async def hears(self, *told: tuple[str, bool]) -> None:
        """Wait until it was told exactly this, in this order."""
        await until(lambda: len(self.told) >= len(told))
        assert self.told == list(told)


async def sees(fabric: Fabric, *addresses: str) -> None:
    """Wait until ``fabric`` can send to all of them."""
    there: set[str] = set()

    def on_presence(address: str, is_there: bool) -> None:
        (there.add if is_there else there.discard)(address)

    for kind in {address.partition("/")[0] for address in addresses}:
        await fabric.watch(kind, on_presence)
    await until(lambda: there.issuperset(addresses))


@asynccontextmanager
async def sender_and_inbox(mesh: Mesh, address: str = "node/n1") -> AsyncIterator[_Pair]:
    """Two members; the first sees the second's open inbox."""
    async with members(mesh, 2) as (sender, receiver):
        inbox = await Inbox(receiver, address).open()
        await sees(sender, address)
        yield sender, inbox


_Pair = tuple[Fabric, Inbox]


def numbered(number: int, size: int = 4) -> bytes:
    """A frame that says which one it is."""
    return number.to_bytes(4, "big") + bytes(max(0, size - 4))


def numbers(frames: Iterable[bytes]) -> list[int]:
    return [int.from_bytes(frame[:4], "big") for frame in frames]


class TurnCounter:
    """Which turn of the running loop this is."""

    def __init__(self) -> None:
        self.turn = 0
        loop = asyncio.get_running_loop()
        # asyncio has no name of its own for a turn of the loop.
        name = "run_turn" if isinstance(loop, VirtualLoop) else "_run_once"
        run_once = getattr(loop, name)

        def counted() -> None:
            self.turn += 1
            run_once()

        setattr(loop, name, counted)
