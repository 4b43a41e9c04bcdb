"""The fabric of one process: a hub that hands bytes from one address to another."""

from __future__ import annotations

import asyncio

from cognitive_architecture.distributed_mesh.ports import OnPresence, Receive

from .addresses import split_address


class LocalHub:
    """What several local fabrics share: who listens, who is there, who watches."""

    def __init__(self) -> None:
        self._listeners: dict[str, Receive] = {}
        self._waiting: dict[str, list[bytes]] = {}
        self._present: set[str] = set()
        self._watchers: list[tuple[str, OnPresence]] = []

    def listen(self, address: str, receive: Receive) -> None:
        """Deliver to ``receive`` from now on."""
        split_address(address)
        self._listeners[address] = receive

    def ignore(self, address: str) -> None:
        """Deliver no more; what is on its way is lost."""
        self._listeners.pop(address, None)
        self._waiting.pop(address, None)

    def send(self, address: str, frame: bytes) -> None:
        """Deliver in the next turn of the loop, with whatever else arrives in this one."""
        if address not in self._listeners:
            split_address(address)
            return
        waiting = self._waiting.get(address)
        if waiting is None:
            self._waiting[address] = [frame]
            asyncio.get_running_loop().call_soon(self._deliver, address)
        else:
            waiting.append(frame)

    def _deliver(self, address: str) -> None:
        frames = self._waiting.pop(address, None)
        receive = self._listeners.get(address)
        if frames and receive is not None:
            receive(frames)

    def announce(self, address: str) -> None:
        """Tell the watchers, each in a turn of its own."""
        split_address(address)
        if address not in self._present:
            self._present.add(address)
            self._tell_watchers(address, is_there=True)

    def withdraw(self, address: str) -> None:
        """Tell the watchers, each in a turn of its own."""
        if address in self._present:
            self._present.discard(address)
            self._tell_watchers(address, is_there=False)

    def _tell_watchers(self, address: str, *, is_there: bool) -> None:
        for kind, on_presence in self._watchers:
            if address.startswith(f"{kind}/"):
                asyncio.get_running_loop().call_soon(on_presence, address, is_there)

    def watch(self, kind: str, on_presence: OnPresence) -> None:
        """Report those who are there, and every change."""
        self._watchers.append((kind, on_presence))
        for address in sorted(self._present):
            if address.startswith(f"{kind}/"):
                asyncio.get_running_loop().call_soon(on_presence, address, True)

    def unwatch(self, on_presence: OnPresence) -> None:
        """Report no more."""
        self._watchers = [watcher for watcher in self._watchers if watcher[1] != on_presence]


class LocalFabric:
    """One member's access to a hub."""

    def __init__(self, hub: LocalHub) -> None:
        self._hub = hub
        self._listening: set[str] = set()
        self._announced: set[str] = set()
        self._watching: list[OnPresence] = []

    async def start(self) -> None:
        """There is nothing to open."""

    async def stop(self) -> None:
        """Leave the hub; what was sent before is still delivered."""
        for address in sorted(self._announced):
            self.withdraw(address)
        for address in sorted(self._listening):
            self.ignore(address)
        for on_presence in self._watching:
            self._hub.unwatch(on_presence)
        self._watching.clear()

    async def listen(self, address: str, receive: Receive) -> None:
        """Hand frames for ``address`` to ``receive``."""
        self._hub.listen(address, receive)
        self._listening.add(address)

    def ignore(self, address: str) -> None:
        """Undo ``listen``; what others listen at is left alone."""
        if address in self._listening:
            self._listening.discard(address)
            self._hub.ignore(address)

    def send(self, address: str, frame: bytes) -> None:
        """Queue a frame."""
        self._hub.send(address, frame)

    def backlog_bytes(self, address: str) -> int:  # noqa: ARG002 - the hub takes all at once
        """Always 0: the next turn of the loop takes everything."""
        return 0

    async def drained(self, address: str) -> None:  # noqa: ARG002
        """Give the receiver a turn."""
        await asyncio.sleep(0)

    def heard_from(self, address: str) -> None:
        """Nothing is held back here."""

    def announce(self, address: str) -> None:
        """Let watchers know that the owner of ``address`` is there."""
        self._hub.announce(address)
        self._announced.add(address)

    def withdraw(self, address: str) -> None:
        """Undo ``announce``; what others announced is left alone."""
        if address in self._announced:
            self._announced.discard(address)
            self._hub.withdraw(address)

    async def watch(self, kind: str, on_presence: OnPresence) -> None:
        """Report who of ``kind`` is there, and every change."""

        def tell(address: str, is_there: bool) -> None:
            if tell in self._watching:  # else it was on its way when this fabric stopped
                on_presence(address, is_there)

        self._watching.append(tell)
        self._hub.watch(kind, tell)

    def in_contact(self) -> list[str]:
        """Nobody: nothing on a hub waits, so nobody pings."""
        return []
