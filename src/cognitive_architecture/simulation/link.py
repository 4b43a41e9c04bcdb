"""One link: two paths, and what each end believes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .fabric import SimulatedFabric
    from .network import Network

RETRANSMITTED_AFTER_S: Final = (0.01, 0.21, 0.61, 1.41, 3.01, 6.21)
"""How late a frame is that was lost once, twice, … on the way: TCP's tail loss probe first, then
its timeout of 0.2 s, doubled each time (RFC 8985 and RFC 6298, with the least values of Linux)."""

_MEETING_S: Final = (0.001, 0.003)
_MEETING_AGAIN_S: Final = (0.05, 0.5)
_LATE: Final = 5.0
_NEWS_LATE_S: Final = (0.0, 4.0)


@dataclass(slots=True, eq=False)
class Path:
    """One direction of a link."""

    source: SimulatedFabric
    target: SimulatedFabric
    blocks: int = 0
    clogged_s: float = 0.0
    frames_until: float = 0.0
    """When the last frame on its way arrives; the next one comes no earlier."""
    news_until: float = 0.0
    kept: list[Item] = field(default_factory=list)
    """What waits because nothing gets through, or the target takes nothing."""
    buffered: list[Item] = field(default_factory=list)
    """What has arrived at the target's machine while the target took nothing."""
    sent: int = 0
    lost_from: int | None = None
    """Of a sender that was killed: from this one on nothing left it."""

    @property
    def is_blocked(self) -> bool:
        """Whether nothing gets through now."""
        return self.blocks > 0 or not self.target.process.hears


@dataclass(slots=True, eq=False)
class Item:
    """A frame, a word about a presence, or the end of the link."""

    session: int
    address: str | None
    frame: bytes | None = None
    is_there: bool = False
    number: int = 0

    @property
    def is_news(self) -> bool:
        """Whether it says of somebody that he is there, or gone."""
        return self.frame is None and self.address is not None


class Link:
    """Two fabrics; the first listens. Every meeting of theirs is a session."""

    def __init__(self, network: Network, listener: SimulatedFabric, other: SimulatedFabric) -> None:
        self.ends = (listener, other)
        self.paths = (Path(listener, other), Path(other, listener))
        """By the end they begin at."""
        self.session = 0
        self._network = network
        self._agenda = network.agenda
        self._believes = [False, False]
        self._silent_since: list[float | None] = [None, None]
        self._will_meet = False
        self._news_held_until = [0.0, 0.0]
        """By end: nobody there is told earlier who is behind the link, or no longer."""
        self._draw = network.chance.of(f"link {listener.name} {other.name}")
        self._draw_news = network.chance.of(f"news of {listener.name} {other.name}")

    def path_from(self, fabric: SimulatedFabric) -> Path:
        """The direction that begins at one end."""
        return self.paths[self.ends.index(fabric)]

    def is_open_at(self, fabric: SimulatedFabric) -> bool:
        """Whether this end believes in the link."""
        return self._believes[self.ends.index(fabric)]

    @property
    def is_in_contact(self) -> bool:
        """Whether pings would get there and back: they wait for no frame before them."""
        return not any(path.is_blocked for path in self.paths)

    # -- carrying ------------------------------------------------------------------------------

    def carry_frame(self, fabric: SimulatedFabric, address: str, frame: bytes) -> None:
        """Take a frame from one end to the other."""
        path = self.path_from(fabric)
        self._carry(path, Item(self.session, address, frame))

    def carry_presence(self, fabric: SimulatedFabric, address: str, *, is_there: bool) -> None:
        """Tell the other end that somebody at this end is there, or goes."""
        if self.is_open_at(fabric):
            self._carry(self.path_from(fabric), Item(self.session, address, is_there=is_there))

    def _carry(self, path: Path, item: Item) -> None:
        path.sent += 1
        item.number = path.sent
        if path.is_blocked:
            path.kept.append(item)
        else:
            self._launch(path, item)

    def _launch(self, path: Path, item: Item) -> None:
        weather = self._network.weather
        delay = weather.delay_s + path.clogged_s
        if weather.jitter_s:
            delay += self._draw.expovariate(1.0 / weather.jitter_s)
        if weather.loss:
            delay += self._retransmissions_s(weather.loss)
        arrival = max(self._agenda.now + delay, path.news_until)
        is_goodbye = item.is_news and not item.is_there
        if not (is_goodbye and self._draw.random() < weather.overtaking):
            arrival = max(arrival, path.frames_until)
            path.frames_until = arrival
        if item.frame is None:
            path.news_until = arrival
        self._agenda.at(arrival, self._arrive, path, item)

    def _retransmissions_s(self, loss: float) -> float:
        losses = 0
        while losses < len(RETRANSMITTED_AFTER_S) and self._draw.random() < loss:
            losses += 1
        return RETRANSMITTED_AFTER_S[losses - 1] if losses else 0.0

    def _arrive(self, path: Path, item: Item) -> None:
        target = path.target
        if path.lost_from is not None and item.frame is not None and item.number >= path.lost_from:
            return
        if item.session != self.session or not self.is_open_at(target):
            return
        held_until = self._news_held_until[self.ends.index(target)]
        if not target.process.hears:
            path.buffered.append(item)
        elif item.is_news and self._agenda.now < held_until:
            self._agenda.at(held_until, self._arrive, path, item)
        elif item.frame is not None and item.address is not None:
            path.source.was_taken(item.address, len(item.frame))
            target.arrive(item.address, item.frame)
        elif item.address is not None:
            target.learn(self, item.address, is_there=item.is_there)
        else:
            self._close(target)

    # -- what the ends believe -----------------------------------------------------------------

    def review(self) -> None:
        """Something has changed: pass on what was kept, begin to doubt, or look for each other."""
        for path in self.paths:
            if path.buffered and path.target.process.hears:
                buffered, path.buffered = path.buffered, []
                for item in buffered:  # before what is still underway, and what was kept
                    self._agenda.at(self._agenda.now, self._arrive, path, item)
            if path.kept and not path.is_blocked:
                kept, path.kept = path.kept, []
                for item in kept:
                    self._launch(path, item)
        for end in (0, 1):
            if not self._believes[end] or self._hears(end):
                self._silent_since[end] = None
            elif self._silent_since[end] is None:
                self._silent_since[end] = self._agenda.now
                self._agenda.after(self._patience_s(), self._doubt, end, self._agenda.now)
        if not any(self._believes):
            self._look_for_each_other()

    def _hears(self, end: int) -> bool:
        """Whether the other end's signs of life arrive here."""
        path, other = self.paths[1 - end], self.ends[1 - end]
        return self._believes[1 - end] and path.blocks == 0 and other.process.hears

    def _patience_s(self) -> float:
        weather = self._network.weather
        patience = weather.lease_s * self._draw.uniform(1.0, 1.3)
        return patience * _LATE if self._draw.random() < weather.late_notice else patience

    def _doubt(self, end: int, since: float) -> None:
        if self._silent_since[end] != since or not self._believes[end]:
            return
        if self.ends[end].process.hears:
            self._close(self.ends[end])
        elif self.ends[end].process.is_alive:  # it cannot notice before it goes on
            self._agenda.after(0.05, self._doubt, end, since)

    def _close(self, fabric: SimulatedFabric) -> None:
        """This end gives the link up, and lets the other know if it can."""
        end = self.ends.index(fabric)
        if not self._believes[end]:
            return
        path = self.paths[end]
        kept, path.kept = path.kept, []
        buffered, path.buffered = path.buffered, []
        self._believes[end] = False
        self._tell_whom_it_lost(end)
        # A path that lets nothing through keeps the word for itself: the other end has to doubt.
        if self._believes[1 - end] and self._network.has(fabric) and path.blocks == 0:
            # What waits in the buffers of the other machine may or may not be read there.
            if self._draw.random() < 0.5:
                path.kept, path.buffered = kept, buffered
            self._carry(path, Item(self.session, None))
        self.review()

    def _tell_whom_it_lost(self, end: int) -> None:
        """Let who is at this end know that nobody behind the link is there; not always at once."""
        weather, now = self._network.weather, self._agenda.now
        if weather.late_news and self._draw_news.random() < weather.late_news:
            late = now + self._draw_news.uniform(*_NEWS_LATE_S)
            self._news_held_until[end] = max(late, self._news_held_until[end])
        if self._news_held_until[end] > now:
            self._agenda.at(self._news_held_until[end], self._lose, self.ends[end])
        else:
            self.ends[end].lose(self)

    def _lose(self, fabric: SimulatedFabric) -> None:
        if self._network.has(fabric):
            fabric.lose(self)

    def _look_for_each_other(self) -> None:
        if not all(self._network.has(end) for end in self.ends):
            self._network.forget(self)
        elif self._could_meet() and not self._will_meet:
            self._will_meet = True
            soon = _MEETING_AGAIN_S if self.session else _MEETING_S
            self._agenda.after(self._draw.uniform(*soon), self._meet)

    def _could_meet(self) -> bool:
        return all(path.blocks == 0 and path.target.process.hears for path in self.paths)

    def _meet(self) -> None:
        self._will_meet = False
        if any(self._believes) or not all(self._network.has(end) for end in self.ends):
            return
        if not self._could_meet():
            return  # whoever unblocks it lets them look again
        self.session += 1
        self._believes = [True, True]
        self._silent_since = [None, None]
        for path in self.paths:
            path.kept, path.buffered = [], []
            path.frames_until = path.news_until = self._agenda.now
        for end in self.ends:
            for address in end.announced:
                self.carry_presence(end, address, is_there=True)

    # -- endings -------------------------------------------------------------------------------

    def say_goodbye(self, fabric: SimulatedFabric) -> None:
        """This end leaves in good order: what it has sent arrives first."""
        end = self.ends.index(fabric)
        if self._believes[end]:
            for address in fabric.announced:
                self.carry_presence(fabric, address, is_there=False)
            self._carry(self.paths[end], Item(self.session, None))
            self._believes[end] = False
        self.review()

    def break_off(self, fabric: SimulatedFabric, *, silently: bool) -> None:
        """This end is dead; a beginning of what it has sent arrives."""
        end = self.ends.index(fabric)
        path = self.paths[end]
        path.lost_from = max(0, path.sent - self._draw.choice((0, 0, 1, 2, 5))) + 1
        if self._believes[end]:
            self._believes[end] = False
            if not silently and not path.blocks:
                for address in fabric.announced:
                    self._carry(path, Item(self.session, address, is_there=False))
                self._carry(path, Item(self.session, None))
        self.review()
