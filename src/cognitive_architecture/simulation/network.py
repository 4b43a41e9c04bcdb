"""The network between simulated processes: who is linked with whom, and how well.

It keeps what ``ports.Fabric`` promises and nothing more: in order and without loss on a link while
both ends believe in it, and news of who is there. It may delay, keep frames back, cut a link at
one end long before the other notices, and let news overtake frames: Zenoh was seen to do each of
these (``docs/decisions/0006-the-fabric.md``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .agenda import Agenda
from .chance import Chance
from .link import Link

if TYPE_CHECKING:
    from .fabric import SimulatedFabric

OnFrame = Callable[["SimulatedFabric", str, bytes], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """How the network is when nothing in particular is wrong with it."""

    delay_s: float = 0.0003
    """Shortest time a frame travels."""
    jitter_s: float = 0.0
    """Mean of what is added by chance."""
    loss: float = 0.0
    """Share of frames that have to be sent again, each time; see ``link.RETRANSMITTED_AFTER_S``."""
    overtaking: float = 0.0
    """Share of goodbyes that overtake the last frames before them."""
    lease_s: float = 2.0
    """A link on which nothing gets through for so long is cut: as by ``MeshSettings.link_lease_s``,
    or because contact is lost, whichever is shorter."""
    late_notice: float = 0.0
    """Share of cuts that one end notices five times later than it should."""
    late_news: float = 0.0
    """Share of cuts of which an end is told late who was behind them, and later still who is there
    again: frames over the new link come first."""


class Network:
    """All fabrics of one mesh. Those that listen are linked with those that connect."""

    def __init__(self, agenda: Agenda, chance: Chance, weather: Weather | None = None) -> None:
        self.agenda = agenda
        self.chance = chance
        self.weather = weather or Weather()
        self.where: dict[str, SimulatedFabric] = {}
        """Who listens at an address."""
        self.links: list[Link] = []
        self.on_frame: OnFrame = lambda _fabric, _address, _frame: None
        """Told every frame when it is sent."""
        self.on_hearing: OnFrame = lambda _fabric, _address, _frame: None
        """Told every frame when it is heard, by whom, and at which address."""
        self.on_news: Callable[[SimulatedFabric, str, bool], None] = (
            lambda _fabric, _address, _is_there: None
        )
        """Told who hears of whom that he is there, or gone."""
        self.on_withdrawal: Callable[[SimulatedFabric, str], None] = lambda _fabric, _address: None
        """Told who says of himself that he is no longer there."""
        self.tamper: Callable[[SimulatedFabric, str, bytes], list[bytes]] = (
            lambda _fabric, _address, frame: [frame]
        )
        """What is sent in the place of a frame."""
        self._fabrics: list[SimulatedFabric] = []
        self._troubles: dict[tuple[str, str], int] = {}
        """How often the path from one host to another is blocked now."""
        self._clogs: dict[tuple[str, str], float] = {}

    # -- members -------------------------------------------------------------------------------

    def join(self, fabric: SimulatedFabric) -> None:
        """Link a fabric with every other it can reach."""
        others, self._fabrics = self._fabrics, [*self._fabrics, fabric]
        for other in others:
            if other.listens != fabric.listens:
                ends = (other, fabric) if other.listens else (fabric, other)
                link = Link(self, *ends)
                self.links.append(link)
                for path in link.paths:
                    key = (path.source.host, path.target.host)
                    path.blocks = self._troubles.get(key, 0)
                    path.clogged_s = self._clogs.get(key, 0.0)
                link.review()

    def leave(self, fabric: SimulatedFabric) -> None:
        """The fabric was stopped: what it has sent arrives, then its goodbye."""
        self._remove(fabric)
        for link in self.links_of(fabric):
            link.say_goodbye(fabric)

    def vanish(self, fabric: SimulatedFabric, *, silently: bool) -> None:
        """The fabric's process was killed; silently if its machine died with it."""
        self._remove(fabric)
        for link in self.links_of(fabric):
            link.break_off(fabric, silently=silently)

    def _remove(self, fabric: SimulatedFabric) -> None:
        if fabric in self._fabrics:
            self._fabrics.remove(fabric)
        for address in [address for address, there in self.where.items() if there is fabric]:
            del self.where[address]

    def has(self, fabric: SimulatedFabric) -> bool:
        """Whether the fabric is a member now."""
        return fabric in self._fabrics

    def links_of(self, fabric: SimulatedFabric) -> list[Link]:
        """The links with one end here."""
        return [link for link in self.links if fabric in link.ends]

    def forget(self, link: Link) -> None:
        """A link that neither end believes in, and that will not come back."""
        if link in self.links:
            self.links.remove(link)

    # -- trouble -------------------------------------------------------------------------------

    def block(self, source: str, target: str) -> None:
        """Let nothing through from one host to another, until ``unblock`` is called as often."""
        self._change_blocks(source, target, 1)

    def unblock(self, source: str, target: str) -> None:
        """Undo ``block``; what was kept back goes on."""
        self._change_blocks(source, target, -1)

    def _change_blocks(self, source: str, target: str, change: int) -> None:
        key = (source, target)
        self._troubles[key] = self._troubles.get(key, 0) + change
        for link in list(self.links):
            for path in link.paths:
                if (path.source.host, path.target.host) == key:
                    path.blocks += change
                    link.review()

    def clog(self, source: str, target: str, delay_s: float) -> None:
        """Let everything from one host to another take so much longer; 0 ends it."""
        self._clogs[source, target] = delay_s
        for link in self.links:
            for path in link.paths:
                if (path.source.host, path.target.host) == (source, target):
                    path.clogged_s = delay_s

    def review(self, host: str) -> None:
        """A process of this host was stopped or goes on."""
        for link in list(self.links):
            if any(end.host == host for end in link.ends):
                link.review()
