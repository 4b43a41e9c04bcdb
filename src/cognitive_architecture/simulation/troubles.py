"""Draws what breaks in a simulated mesh: what kinds, how often, for how long, what together."""

from __future__ import annotations

from collections.abc import Callable
from random import Random  # noqa: TID251 - the type alone; every draw comes from the seed
from typing import Any, Final

from .chance import Chance
from .plan import Step

_LASTING: Final[tuple[tuple[float, ...], ...]] = (
    (0.02, 0.3, 1.0, 4.0, 9.0),
    (0.02, 0.3, 1.0, 4.0, 9.0),
    (0.02, 0.3),
    (1.0, 1.5, 2.5),
    (4.0, 9.0),
)
"""For how many seconds something is broken; a seed has one of these."""


_SPARED_CONGESTIONS: Final = 0.75
"""Share of seeds that have none of it; likewise the next, of those with rivals."""
_SPARED_SHORT_REIGNS: Final = 0.5


class _Fate:
    """Draws for one seed."""

    def __init__(self, draw: Random, hosts: list[str]) -> None:
        self.draw = draw
        self.orchestrators = [host for host in hosts if host in ("o", "p")]
        self.nodes = [host for host in hosts if host.startswith("n")]
        self.others = [host for host in hosts if host not in self.orchestrators]
        self.hosts = hosts
        self._lasting = draw.choice(_LASTING)
        self._target = draw.choice((None, None, "orchestrator", "node", "client"))

    def anybody(self) -> str:
        """A host; the orchestrator's more often, and more often still one kind in some seeds."""
        if self._target is not None and self.draw.random() < 0.7:
            if self._target == "orchestrator":
                return self.orchestrator()
            return self.draw.choice([h for h in self.others if h.startswith(self._target[0])])
        return self.draw.choice(["o", *self.hosts])

    def orchestrator(self) -> str:
        """A host of an orchestrator."""
        return self.draw.choice(self.orchestrators)

    def path(self) -> tuple[str, str]:
        """From a host to another; one of them is an orchestrator's."""
        other = self.anybody()
        if other in self.orchestrators:
            other = self.draw.choice(self.others)
        ends = (self.orchestrator(), other)
        return ends if self.draw.random() < 0.5 else (ends[1], ends[0])

    def for_s(self) -> float:
        """How long something is broken."""
        return self.draw.choice(self._lasting) * self.draw.uniform(0.5, 1.5)


def draw_troubles(draw: Random, hosts: list[str], lasts_s: float) -> list[Step]:
    """The troubles of a run: a few kinds of them, one of which may be frequent.

    Args:
        draw: Of the plan.
        hosts: All hosts, orchestrators in front.
        lasts_s: No trouble begins later.
    """
    fate = _Fate(draw, hosts)
    kinds = draw.sample(sorted(_TROUBLES), k=draw.choice((1, 2, 3, 3, 4, 6, len(_TROUBLES))))
    if len(fate.orchestrators) > 1:
        kinds.append("usurp")
    if draw.random() < 0.3:
        kinds += [draw.choice(kinds)] * len(kinds)
    gap = draw.choice((1.5, 4.0, 10.0))
    together = draw.choice((0.0, 0.2, 0.6))
    steps: list[Step] = []
    now = draw.uniform(0.5, gap)
    while now < lasts_s:
        kind = draw.choice(kinds)
        steps += _usurp(fate, now) if kind == "usurp" else _TROUBLES[kind](fate, now)
        is_alone = draw.random() >= together
        now += draw.expovariate(1.0 / gap) if is_alone else draw.uniform(0.0, 1.0)
    return steps


def draw_rare_troubles(
    chance: Chance, nodes: list[str], rivals: list[str], lasts_s: float
) -> list[Step]:
    """What goes wrong together for one reason, and hardly ever for several.

    Each has chance of its own, so that a seed which is spared is as if there were none.

    Args:
        chance: Of the seed.
        nodes: Their hosts.
        rivals: Hosts of orchestrators beside the first.
        lasts_s: No trouble begins later.
    """
    steps = _congestions(chance.of("congestions"), nodes, lasts_s)
    for rival in rivals:
        steps += _short_reigns(chance.of("short reigns"), rival, lasts_s)
    return steps


def _congestions(draw: Random, nodes: list[str], lasts_s: float) -> list[Step]:
    """An orchestrator writes over the network: what keeps it from its disk cuts off its nodes too.

    What was done waits for the disk, and those who did it are taken for gone meanwhile.
    """
    steps: list[Step] = []
    if draw.random() < _SPARED_CONGESTIONS:
        return steps
    now = draw.uniform(1.0, 8.0)
    while now < lasts_s:
        how, for_s = draw.choice(("slow", "full")), draw.uniform(4.0, 12.0)
        steps.append(Step(now, "disk", "o", {"how": how, "for_s": for_s}))
        for node in draw.sample(nodes, k=draw.randint(1, len(nodes))):
            cut = {"other": "o", "for_s": draw.uniform(0.5, 3.0)}
            steps.append(Step(now + draw.uniform(0.2, 2.0), "cut", node, cut))
        now += for_s + draw.expovariate(1.0 / 5.0)
    return steps


def _short_reigns(draw: Random, rival: str, lasts_s: float) -> list[Step]:
    """A rival takes the store over, accepts what it is given, and dies.

    Whoever owned the store before has had nothing to write meanwhile, and does not know that it no
    longer does when everybody returns.
    """
    steps: list[Step] = []
    if draw.random() < _SPARED_SHORT_REIGNS:
        return steps
    now = draw.uniform(1.0, 8.0)
    while now < lasts_s:
        what = {"how": "dies", "for_s": draw.uniform(0.3, 2.0)}
        steps.append(Step(now, "usurp", rival, what))
        now += draw.uniform(4.0, 12.0)
    return steps


def _kill(fate: _Fate, at: float) -> list[Step]:
    what: dict[str, Any] = {"for_s": fate.for_s()}
    if fate.draw.random() < 0.3:
        what["silently"] = True
    return [Step(at, "kill", fate.anybody(), what)]


def _leave(fate: _Fate, at: float) -> list[Step]:
    host = fate.anybody()
    if host.startswith("c"):
        host = fate.draw.choice(fate.nodes)
    return [Step(at, "leave", host, {"for_s": fate.for_s()})]


def _pause(fate: _Fate, at: float) -> list[Step]:
    return [Step(at, "pause", fate.anybody(), {"for_s": fate.for_s()})]


def _cut(fate: _Fate, at: float) -> list[Step]:
    who, other = fate.path()
    what: dict[str, Any] = {"other": other, "for_s": fate.for_s()}
    if fate.draw.random() < 0.5:
        what["one_way"] = True
    return [Step(at, "cut", who, what)]


def _split(fate: _Fate, at: float) -> list[Step]:
    """Many hosts are cut off at the same instant."""
    what = {"for_s": fate.for_s()}
    who = fate.orchestrator()
    share = fate.draw.choice((0.5, 0.8, 1.0))
    gone = [host for host in fate.others if fate.draw.random() < share]
    return [Step(at, "cut", who, what | {"other": other}) for other in gone]


def _clog(fate: _Fate, at: float) -> list[Step]:
    who, other = fate.path()
    delay = fate.draw.choice((0.05, 0.5, 2.5, 5.0))
    return [Step(at, "clog", who, {"other": other, "delay_s": delay, "for_s": fate.for_s()})]


def _disk(fate: _Fate, at: float) -> list[Step]:
    how = fate.draw.choice(("slow", "slow", "full", "broken"))
    return [Step(at, "disk", "o", {"how": how, "for_s": fate.for_s()})]


def _jump(fate: _Fate, at: float) -> list[Step]:
    seconds = fate.draw.choice((-3600.0, -5.0, 5.0, 3600.0))
    return [Step(at, "jump", fate.anybody(), {"seconds": seconds})]


def _starve(fate: _Fate, at: float) -> list[Step]:
    what = {"turn_s": fate.draw.choice((0.02, 0.1, 0.4)), "for_s": fate.for_s()}
    return [Step(at, "starve", fate.anybody(), what)]


def _lie(fate: _Fate, at: float) -> list[Step]:
    for_s = fate.draw.choice((1.0, 4.0)) * fate.for_s()
    return [Step(at, "lie", fate.draw.choice(fate.nodes), {"for_s": for_s})]


def _ail(fate: _Fate, at: float) -> list[Step]:
    how = fate.draw.choice(("fails", "slow"))
    return [Step(at, "ail", fate.draw.choice(fate.nodes), {"how": how, "for_s": 2 * fate.for_s()})]


def _usurp(fate: _Fate, at: float) -> list[Step]:
    how = fate.draw.choice(("pause", "cut", "none", "return"))
    return [Step(at, "usurp", fate.orchestrator(), {"how": how, "for_s": fate.for_s()})]


_TROUBLES: Final[dict[str, Callable[[_Fate, float], list[Step]]]] = {
    "kill": _kill,
    "leave": _leave,
    "pause": _pause,
    "cut": _cut,
    "split": _split,
    "clog": _clog,
    "disk": _disk,
    "jump": _jump,
    "starve": _starve,
    "lie": _lie,
    "ail": _ail,
}
