"""The tasks of one requester in one lane, the one to go next in front."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from cognitive_architecture.distributed_mesh.policies.scheduling import is_interactive

from .entry import Entry, Phase
from .nearly_sorted import NearlySorted

if TYPE_CHECKING:
    from .accounts import Account
    from .lanes import Lane

_SPARE_PLACES: Final = 63
"""So many void places a line may keep before it is worth the trouble to clear it."""

_LOOKS: Final = 4
"""At so many places it looks for each one that became void: of twice as many places as tasks, half
are void, so that each look pays for itself and a sweep is over long before it is needed again."""


class Place(Struct, order=True, gc=False):
    """Where an entry stands in a line. Compared field by field, and tickets differ.

    Not a tuple, which the garbage collector would look at, and which is half as large again.
    """

    order: float
    """Of ``TaskOrder.key``; the smallest goes first."""
    serial: int
    """Of those with the same order the oldest goes first, however often it has come back."""
    ticket: int
    """Of its entry; when that has another one, this place is void."""
    entry: Entry


class Line:
    """Those who wait for the same, on behalf of the same requester."""

    __slots__ = ("_places", "account", "interactive", "lane", "next", "waiting")

    next: Entry
    """The task that ``front`` found last."""

    def __init__(self, lane: Lane, account: Account) -> None:
        self.lane = lane
        self.account = account
        self.waiting = 0
        self.interactive = 0
        """How many of those who wait have somebody waiting for them; they stand in front."""
        self._places: NearlySorted[Place] = NearlySorted()

    def push(self, order: float, ticket: int, entry: Entry) -> bool:
        """Let ``entry`` wait; ``ticket`` must be larger than any before.

        Returns:
            Whether somebody of another kind waits here now than before: anybody, or somebody
            interactive.
        """
        entry.phase = Phase.QUEUED
        entry.ticket = ticket
        self.waiting += 1
        self.lane.waiting += 1
        self._places.push(Place(order, entry.serial, ticket, entry))
        if entry.spec.options is not None and is_interactive(entry.spec):
            self.interactive += 1
            return self.waiting == 1 or self.interactive == 1
        return self.waiting == 1

    def front(self) -> tuple[float, int] | None:
        """The place of the task to go next, comparable with those of other lines."""
        places = self._places
        while (place := places.first) is not None:
            if place.entry.ticket == place.ticket:
                self.next = place.entry
                return place.order - self.lane.shift_s, place.serial
            places.pop()  # it left the queue by another door
        return None

    def pop(self) -> Entry:
        """Take out the task that ``front`` found; whoever calls looks at ``waiting`` afterwards."""
        entry = self._places.pop().entry
        self.waiting -= 1
        self.lane.waiting -= 1
        if self.interactive and is_interactive(entry.spec):
            self.interactive -= 1
        return entry

    def leave(self, entry: Entry) -> None:
        """``entry`` no longer waits; its place is void and cleared in passing."""
        entry.ticket = 0
        self.waiting -= 1
        self.lane.waiting -= 1
        if self.interactive and is_interactive(entry.spec):
            self.interactive -= 1
        self._sweep(1)

    def move(self, places: list[Place]) -> None:
        """Give entries that wait here other places, each with a ticket larger than any before."""
        for place in places:
            place.entry.ticket = place.ticket
        self._places.push_all(places)
        self._sweep(len(places))

    def _sweep(self, voided: int) -> None:
        most = 2 * self.waiting + _SPARE_PLACES
        self._places.sweep(_is_valid, _LOOKS * voided, most=most)

    def standing(self) -> list[tuple[float, int, Entry]]:
        """Everybody who waits, in no order, and the place of each."""
        shift_s = self.lane.shift_s
        return [
            (place.order - shift_s, place.serial, place.entry)
            for place in self._places
            if _is_valid(place)
        ]


def _is_valid(place: Place) -> bool:
    return place.entry.ticket == place.ticket
