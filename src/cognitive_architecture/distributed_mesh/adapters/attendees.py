"""Who of one kind is there, told to everybody who asks, each from when it asked.

    a change comes ──▶ kept, and told to those who have been introduced
    somebody asks  ──▶ in a turn of its own: told of everybody who is there, and introduced

A network that is asked a second time who is there may answer after it has reported that one of
them went, and the second watcher would wait for a dead one for ever. So it is asked once, and what
it said is kept here. Introductions have their place among the changes, which is why none is lost or
told twice.
"""

from __future__ import annotations

import asyncio

from cognitive_architecture.distributed_mesh.ports import OnPresence


class Attendees:
    """Runs on the event loop only, as whoever is told does."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.is_closed = False
        self._loop = loop
        self._there: dict[str, None] = {}  # in the order in which they came
        self._introduced: list[OnPresence] = []

    def add(self, on_presence: OnPresence) -> None:
        """Tell ``on_presence`` of those who are there, and of every change from then on."""
        self._loop.call_soon(self._introduce, on_presence)

    def changed(self, address: str, is_there: bool) -> None:
        """The network says so; what it says twice is told once."""
        if is_there == (address in self._there):
            return
        if is_there:
            self._there[address] = None
        else:
            del self._there[address]
        for on_presence in self._introduced:
            self._loop.call_soon(self._tell, on_presence, address, is_there)

    def _introduce(self, on_presence: OnPresence) -> None:
        self._introduced.append(on_presence)
        for address in self._there:
            self._loop.call_soon(self._tell, on_presence, address, True)

    def _tell(self, on_presence: OnPresence, address: str, is_there: bool) -> None:
        # Each in a turn of its own: one who raises keeps nobody else from being told.
        if not self.is_closed:
            on_presence(address, is_there)
