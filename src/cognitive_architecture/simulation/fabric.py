"""A process's access to the simulated network."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from cognitive_architecture.distributed_mesh.adapters.addresses import split_address
from cognitive_architecture.distributed_mesh.ports import OnPresence, Receive

from .network import Network
from .process import Process

if TYPE_CHECKING:
    from .link import Link

_BUFFERED: Final = 256 * 1024
"""Bytes that are underway without counting as a backlog."""
_BACKLOG_SMALL: Final = 1024 * 1024
_OPENING_S: Final = 0.004


class SimulatedFabric:
    """One member of a network.

    Args:
        network: Which one.
        process: Whose access it is.
        listens: An orchestrator listens; everybody else connects.
    """

    def __init__(self, network: Network, process: Process, *, listens: bool) -> None:
        self.network = network
        self.process = process
        self.listens = listens
        self.announced: dict[str, None] = {}
        """In the order in which they were announced."""
        self._receivers: dict[str, Receive] = {}
        self._arrived: dict[str, list[bytes]] = {}
        self._present: dict[str, Link | None] = {}
        """Who is there, and behind which link; who is at this end is behind none."""
        self._gone_at: dict[str, float] = {}
        """When the news came that somebody is gone."""
        self._watchers: list[tuple[str, OnPresence]] = []
        self._underway: dict[str, int] = {}
        self._waiting: dict[str, list[asyncio.Future[None]]] = {}

    @property
    def name(self) -> str:
        """Of its process."""
        return self.process.name

    @property
    def host(self) -> str:
        """The process's name without the number of its life: what a fault is aimed at."""
        return self.process.name.partition(".")[0]

    # -- the port ------------------------------------------------------------------------------

    async def start(self) -> None:
        """Join the network. Idempotent."""
        if not self.network.has(self):
            self.network.join(self)
            await asyncio.sleep(_OPENING_S)  # where nothing is wrong, links are there on return

    async def stop(self) -> None:
        """Leave; what was sent before is still delivered. Idempotent."""
        self.network.leave(self)
        self.announced.clear()
        self._receivers.clear()
        self._arrived.clear()
        self._present.clear()
        self._watchers.clear()
        self._forget_what_is_underway(list(self._underway))

    async def listen(self, address: str, receive: Receive) -> None:
        """Hand frames for ``address`` to ``receive``."""
        split_address(address)
        self._receivers[address] = receive
        self.network.where[address] = self

    def ignore(self, address: str) -> None:
        """Undo ``listen``."""
        if self._receivers.pop(address, None) is not None:
            self._arrived.pop(address, None)
            if self.network.where.get(address) is self:
                del self.network.where[address]

    def send(self, address: str, frame: bytes) -> None:
        """Queue a frame; it is lost if no link leads to who listens there."""
        target = self.network.where.get(address)
        if target is None:
            split_address(address)
            self.network.on_frame(self, address, frame)  # it was said, if to nobody
            return
        for sent in self.network.tamper(self, address, frame):
            self.network.on_frame(self, address, sent)
            if target is self:
                self.network.agenda.after(0.0, self.arrive, address, sent)
                continue
            link = self._link_with(target)
            if link is not None:
                self._underway[address] = self._underway.get(address, 0) + len(sent)
                link.carry_frame(self, address, sent)

    def _link_with(self, target: SimulatedFabric) -> Link | None:
        for link in self.network.links:
            if self in link.ends and target in link.ends and link.is_open_at(self):
                return link
        return None

    def backlog_bytes(self, address: str) -> int:
        """What is underway beyond what buffers hold."""
        return max(0, self._underway.get(address, 0) - _BUFFERED)

    async def drained(self, address: str) -> None:
        """Return when little is underway to ``address``, or its owner is gone."""
        if self.backlog_bytes(address) > _BACKLOG_SMALL:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.setdefault(address, []).append(waiter)
            await waiter

    def heard_from(self, address: str) -> None:
        """Nothing depends on it here."""

    def announce(self, address: str) -> None:
        """Let watchers at the other ends know."""
        split_address(address)
        if address not in self.announced:
            self.announced[address] = None
            self.learn(None, address, is_there=True)
            for link in self.network.links_of(self):
                link.carry_presence(self, address, is_there=True)

    def withdraw(self, address: str) -> None:
        """Undo ``announce``."""
        if address in self.announced:
            del self.announced[address]
            self.network.on_withdrawal(self, address)
            self.learn(None, address, is_there=False)
            for link in self.network.links_of(self):
                link.carry_presence(self, address, is_there=False)

    async def watch(self, kind: str, on_presence: OnPresence) -> None:
        """Report who of ``kind`` is there, and every change."""
        self._watchers.append((kind, on_presence))
        for address in sorted(self._present):
            if address.startswith(f"{kind}/"):
                self.process.loop.call_soon(self._tell, on_presence, address, True)

    def in_contact(self) -> list[str]:
        """Who is there behind a link whose both ends live and could hear each other now."""
        return [
            address
            for address, link in self._present.items()
            if link is not None and link.is_in_contact
        ]

    # -- what the network does to it -----------------------------------------------------------

    def arrive(self, address: str, frame: bytes) -> None:
        """A frame has come; all of this turn are delivered together in the next."""
        if address not in self._receivers:
            return
        frames = self._arrived.get(address)
        if frames is None:
            self._arrived[address] = [frame]
            self.process.loop.call_soon(self._deliver, address)
        else:
            frames.append(frame)

    def _deliver(self, address: str) -> None:
        frames = self._arrived.pop(address, None)
        receive = self._receivers.get(address)
        if frames and receive is not None:
            for frame in frames:
                self.network.on_hearing(self, address, frame)
            receive(frames)

    def learn(self, link: Link | None, address: str, *, is_there: bool) -> None:
        """Somebody is there, or goes; behind a link, or at this end."""
        is_known = address in self._present
        if is_there:
            self._present[address] = link
            if not is_known:
                self._tell_watchers(address, is_there=True)
        elif is_known and self._present[address] is link:
            del self._present[address]
            self._gone_at[address] = self.network.agenda.now
            self._forget_what_is_underway([address])
            self._tell_watchers(address, is_there=False)

    def gone_for_s(self, address: str) -> float:
        """Since when it is known here that somebody is gone, in seconds; 0 of all others."""
        if address in self._present or address not in self._gone_at:
            return 0.0
        return self.network.agenda.now - self._gone_at[address]

    def lose(self, link: Link) -> None:
        """A link is given up: nobody behind it is there any more."""
        for address in [address for address, by in self._present.items() if by is link]:
            self.learn(link, address, is_there=False)

    def _tell_watchers(self, address: str, *, is_there: bool) -> None:
        for kind, on_presence in self._watchers:
            if address.startswith(f"{kind}/"):
                self.process.loop.call_soon(self._tell, on_presence, address, is_there)

    def _tell(self, on_presence: OnPresence, address: str, is_there: bool) -> None:
        if any(watcher is on_presence for _, watcher in self._watchers):
            self.network.on_news(self, address, is_there)
            on_presence(address, is_there)

    def was_taken(self, address: str, size: int) -> None:
        """A frame has arrived at the other end."""
        left = self._underway.get(address, 0) - size
        if left > 0:
            self._underway[address] = left
        else:
            self._underway.pop(address, None)
        if self._waiting and self.backlog_bytes(address) <= _BACKLOG_SMALL:
            self._wake(address)

    def _forget_what_is_underway(self, addresses: list[str]) -> None:
        for address in addresses:
            self._underway.pop(address, None)
            self._wake(address)

    def _wake(self, address: str) -> None:
        for waiter in self._waiting.pop(address, ()):
            if not waiter.done():
                waiter.set_result(None)
