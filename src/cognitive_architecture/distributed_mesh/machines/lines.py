"""The tasks of one requester in one lane, the one to go next in front."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cognitive_architecture.distributed_mesh.policies.scheduling import is_interactive

from .entry import Entry, Phase
from .nearly_sorted import NearlySorted

if TYPE_CHECKING:
    from .accounts import Account
    from .lanes import Lane

_SPARE_PLACES: Final = 63
"""So many void places a line may keep before it is worth the trouble to clear it."""


class Line:
    """Those who wait for the same, on behalf of the same requester."""

    __slots__ = ("_places", "account", "interactive", "lane", "waiting")

    def __init__(self, lane: Lane, account: Account) -> None:
        self.lane = lane
        self.account = account
        self.waiting = 0
        self.interactive = 0
        """How many of those who wait have somebody waiting for them; they stand in front."""
        self._places: NearlySorted[tuple[float, int, int, Entry]] = NearlySorted()

    def push(self, order: float, ticket: int, entry: Entry) -> bool:
        """Let ``entry`` wait; ``ticket`` must be larger than any before.

        Of those with the same order the oldest goes first, however often it has come back.

        Returns:
            Whether somebody of another kind waits here now than before: anybody, or somebody
            interactive.
        """
        entry.phase = Phase.QUEUED
        entry.ticket = ticket
        self.waiting += 1
        self.lane.waiting += 1
        self._places.push((order, entry.serial, ticket, entry))
        if entry.spec.options is not None and is_interactive(entry.spec):
            self.interactive += 1
            return self.waiting == 1 or self.interactive == 1
        return self.waiting == 1

    def front(self) -> tuple[float, int] | None:
        """The place of the task to go next, comparable with those of other lines."""
        places = self._places
        while (place := places.first) is not None:
            order, serial, ticket, entry = place
            if entry.ticket == ticket:
                return order - self.lane.shift_s, serial
            places.pop()  # it left the queue by another door
        return None

    @property
    def next(self) -> Entry:
        """The task that ``front`` found."""
        place = self._places.first
        assert place is not None  # noqa: S101 - front found it
        return place[3]

    def pop(self) -> Entry:
        """Take out the task that ``front`` found; whoever calls looks at ``waiting`` afterwards."""
        entry = self._places.pop()[3]
        self.waiting -= 1
        self.lane.waiting -= 1
        if self.interactive and is_interactive(entry.spec):
            self.interactive -= 1
        return entry

    def leave(self, entry: Entry) -> None:
        """``entry`` no longer waits; its place in the heap is void and cleared in passing."""
        entry.ticket = 0
        self.waiting -= 1
        self.lane.waiting -= 1
        if self.interactive and is_interactive(entry.spec):
            self.interactive -= 1
        if len(self._places) > 2 * self.waiting + _SPARE_PLACES:
            self._places.keep(_is_valid)

    def move(self, order: float, ticket: int, entry: Entry) -> None:
        """Give ``entry``, which waits here, another place."""
        entry.ticket = ticket
        self._places.push((order, entry.serial, ticket, entry))
        if len(self._places) > 2 * self.waiting + _SPARE_PLACES:
            self._places.keep(_is_valid)

    def standing(self) -> list[tuple[float, int, Entry]]:
        """Everybody who waits, in no order, and the place of each."""
        shift_s = self.lane.shift_s
        return [
            (order - shift_s, serial, entry)
            for order, serial, ticket, entry in self._places
            if entry.ticket == ticket
        ]


def _is_valid(place: tuple[float, int, int, Entry]) -> bool:
    return place[3].ticket == place[2]
