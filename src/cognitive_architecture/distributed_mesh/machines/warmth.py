"""Which nodes served a key lately, and so have what it needs at hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from .roster import Seat

KEYS_PER_NODE: Final = 256
"""So many keys a node is taken to have at hand; the one served longest ago is dropped."""

NODES_PER_KEY: Final = 4
"""So many nodes are remembered for a key; the one that served it longest ago is dropped."""


class Warmth:
    """Affinity keys (a story, a session) and the nodes that are warm for them."""

    def __init__(self) -> None:
        self._seats: dict[str, list[Seat]] = {}
        """By key; the one that served it last comes last."""
        self._keys: dict[Seat, dict[str, None]] = {}
        """By node; the one served last comes last."""

    def seats(self, key: str) -> Sequence[Seat]:
        """The nodes that are warm for a key."""
        return self._seats.get(key, ())

    def served(self, key: str, seat: Seat) -> None:
        """The node works on a task with this key."""
        keys = self._keys.setdefault(seat, {})
        keys.pop(key, None)
        keys[key] = None
        seats = self._seats.setdefault(key, [])
        if seat in seats:
            seats.remove(seat)
        seats.append(seat)
        if len(seats) > NODES_PER_KEY:
            self._keys[seats.pop(0)].pop(key, None)
        if len(keys) > KEYS_PER_NODE:
            self._drop(next(iter(keys)), seat)

    def forget(self, seat: Seat) -> None:
        """The node is gone."""
        for key in list(self._keys.pop(seat, ())):
            self._seats[key].remove(seat)
            if not self._seats[key]:
                del self._seats[key]

    def _drop(self, key: str, seat: Seat) -> None:
        del self._keys[seat][key]
        self._seats[key].remove(seat)
        if not self._seats[key]:
            del self._seats[key]
