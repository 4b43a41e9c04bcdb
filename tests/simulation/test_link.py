"""A simulated link keeps what the fabric promises, whatever happens to its ends meanwhile."""

from __future__ import annotations

from typing import Any

from cognitive_architecture.simulation.agenda import Agenda
from cognitive_architecture.simulation.chance import Chance
from cognitive_architecture.simulation.fabric import SimulatedFabric
from cognitive_architecture.simulation.network import Network, Weather
from cognitive_architecture.simulation.process import Process


class Pair:
    """An orchestrator and a node, each in a process of its own, and all that one hears."""

    def __init__(self, **weather: float) -> None:
        self.agenda = Agenda()
        self.chance = Chance(7)
        self.network = Network(self.agenda, self.chance, Weather(**weather))
        self.heard: list[Any] = []
        self.o, self.n = self._fabric("o", listens=True), self._fabric("n", listens=False)
        self.o.process.run(self._listen)
        self.n.process.run(self._join)
        self.passes(1.0)

    def _fabric(self, host: str, *, listens: bool) -> SimulatedFabric:
        def on_trouble(_who: str, trouble: dict[str, Any]) -> None:
            raise AssertionError(trouble)

        process = Process(self.agenda, f"{host}.1", self.chance, rate=1.0, on_trouble=on_trouble)
        return SimulatedFabric(self.network, process, listens=listens)

    async def _listen(self) -> None:
        await self.o.start()
        await self.o.listen("orchestrator/o", self.heard.extend)
        await self.o.watch("node", lambda _who, is_there: self.heard.append(is_there))

    async def _join(self) -> None:
        await self.n.start()
        self.n.announce("node/n")

    def says(self, number: int) -> None:
        self.n.process.loop.call_soon(self.n.send, "orchestrator/o", b"%d" % number)
        self.passes(0.001)

    def passes(self, seconds: float) -> None:
        self.agenda.run_until(self.agenda.now + seconds)

    def cut(self, seconds: float) -> None:
        for path in (("o", "n"), ("n", "o")):
            self.network.block(*path)
        self.passes(seconds)
        for path in (("o", "n"), ("n", "o")):
            self.network.unblock(*path)


def test_what_was_underway_when_a_process_stood_still_comes_before_what_was_sent_meanwhile() -> (
    None
):
    pair = Pair()
    pair.network.clog("n", "o", 0.2)
    pair.says(1)
    pair.network.clog("n", "o", 0.3)
    pair.says(2)
    pair.network.clog("n", "o", 0.0)
    pair.o.process.pause()
    pair.says(3)
    pair.passes(0.25)  # 1 has arrived at a process that does not take it, 2 is on its way

    pair.o.process.resume()
    pair.network.review("o")
    pair.passes(1.0)

    assert pair.heard == [True, b"1", b"2", b"3"]


def test_who_is_back_may_be_heard_before_the_news_that_he_was_gone() -> None:
    pair = Pair(lease_s=0.1, late_news=1.0)
    pair.heard.clear()

    pair.cut(0.3)
    for number in range(100):
        pair.says(number)
        pair.passes(0.05)

    gone, back = pair.heard.index(False), pair.heard.index(True)
    assert back == gone + 1, "the news come in their order"
    assert b"99" in pair.heard[back:]
    assert any(isinstance(said, bytes) for said in pair.heard[:gone])


def test_without_late_news_whoever_returns_was_gone_before_he_is_heard() -> None:
    pair = Pair(lease_s=0.1)
    pair.heard.clear()

    pair.cut(0.3)
    for number in range(40):
        pair.says(number)
        pair.passes(0.05)

    assert pair.heard[:2] == [False, True]
