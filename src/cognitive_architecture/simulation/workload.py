"""Draws what users want of a simulated mesh: tasks, and what they do about them afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random  # noqa: TID251 - the type alone; every draw comes from the seed
from typing import Any, Final

from .plan import NodePlan, Step

_DEEDS: Final = ("return", "instant", "fail", "for good", "garbage", "hang", "ignore")

_TRADES: Final[tuple[tuple[int, ...], ...]] = (
    (50, 15, 15, 4, 3, 6, 5),
    (50, 15, 15, 4, 3, 6, 5),
    (90, 5, 5, 0, 0, 0, 0),
    (20, 60, 10, 5, 5, 0, 0),
    (30, 0, 60, 5, 5, 0, 0),
    (40, 0, 10, 0, 0, 25, 25),
    (80, 6, 4, 0, 0, 8, 2),
    (60, 0, 5, 0, 0, 20, 15),
)
"""How often each deed is drawn; a seed has one of these."""


_URGENCIES: Final[tuple[dict[str, Any], ...]] = (
    {"latency_target_s": 1.0},
    {"resumable": True},
    {"exclusive": True},
)


@dataclass(frozen=True, slots=True)
class _Temper:
    """What is likely in the work of one seed."""

    kinds: list[str]
    """Task types, as often as they are wanted."""
    deeds: tuple[int, ...]
    takes_s: tuple[float, ...]
    timeouts_s: tuple[float, ...]
    attempts_max: tuple[int, ...]
    pace: float
    """Tasks a second."""
    bursts: tuple[int, ...]
    cancelled: float
    """Share of tasks that somebody cancels; likewise the following."""
    watched: float
    raised: float
    hurried: float
    urgencies: tuple[dict[str, Any], ...]
    """What a hurried task asks for: one of these."""
    repeated: float
    falling_back: float
    priorities: float


def draw_work(
    draw: Random, nodes: list[NodePlan], clients: list[str], lasts_s: float, *, is_calm: bool
) -> list[Step]:
    """The steps of all users.

    Args:
        draw: Of the plan.
        nodes: All of them.
        clients: Their hosts.
        lasts_s: No step comes later.
        is_calm: Nothing breaks; then nothing jumps its queue either.
    """
    temper = _temper(draw, nodes, is_calm=is_calm)
    hangs = sum(temper.deeds[-2:]) / sum(temper.deeds)
    tasks_max = lasts_s * min(2.5, 0.25 * sum(node.slots for node in nodes) / max(hangs, 0.01))
    steps: list[Step] = []
    now, tag = 0.5, 0
    while now < lasts_s and tag < tasks_max:
        burst = draw.choice(temper.bursts)
        for _ in range(burst):
            tag += 1
            submit = _submission(draw, temper, now, tag, draw.choice(clients), nodes)
            steps.append(submit)
            steps += _afterthoughts(draw, temper, submit, clients, lasts_s)
        now += draw.expovariate(temper.pace / burst / 2.4)
    drained = [draw.choice(nodes).host for _ in range(draw.choice((0, 0, 1, 2, 5)))]
    for node in drained:
        at = draw.uniform(1.0, lasts_s)
        steps.append(Step(at, "drain", draw.choice(clients), {"node": node}))
        steps.append(Step(min(lasts_s, at + draw.uniform(0.5, 15.0)), "join", node))
    stays = [node.host for node in nodes if node.host not in drained]
    if is_calm and stays and draw.random() < 0.3:  # elsewhere it might get in
        steps.append(Step(draw.uniform(1.0, lasts_s), "twin", draw.choice(stays)))
    return steps


def _temper(draw: Random, nodes: list[NodePlan], *, is_calm: bool) -> _Temper:
    offered = sorted({offer for node in nodes for offer in node.offers})
    slots = sum(node.slots for node in nodes)
    favourite = draw.choice(offered)
    return _Temper(
        kinds=offered if draw.random() < 0.7 else [*offered, *[favourite] * 6],
        deeds=draw.choice(_TRADES),
        takes_s=draw.choice(((0.01, 0.1, 0.3, 0.8, 2.5), (0.01, 0.02), (0.8, 2.5))),
        timeouts_s=draw.choice(((1.0, 3.0, 10.0), (1.0, 3.0, 10.0), (10.0,))),
        attempts_max=draw.choice(((1, 2, 3, 3), (1, 2, 3, 3), (1,), (3, 5))),
        pace=slots * draw.choice((0.2, 0.6, 1.5)),
        bursts=draw.choice(((1, 1, 1, 1, 2, 5, 12), (1,), (12, 25))),
        cancelled=draw.choice((0.0, 0.12, 0.12, 0.5)),
        watched=draw.choice((0.0, 0.1, 0.4)),
        raised=draw.choice((0.0, 0.0, 0.2)) * (not is_calm),
        hurried=draw.choice((0.0, 0.0, 0.4, 0.7)) * (not is_calm),
        urgencies=draw.choice((_URGENCIES, _URGENCIES, _URGENCIES[-1:])),
        repeated=draw.choice((0.0, 0.15, 0.5)),
        falling_back=draw.choice((0.0, 0.0, 0.5)),
        priorities=draw.choice((0.0, 0.4, 1.0)),
    )


def _submission(
    draw: Random, temper: _Temper, at: float, tag: int, client: str, nodes: list[NodePlan]
) -> Step:
    kind = draw.choice(temper.kinds)
    payload = _payload(draw, temper, kind)
    what: dict[str, Any] = {
        "tag": tag,
        "how": draw.choice(("wait", "wait", "run", "run", "forget", "stream")),
        "type": kind,
        "payload": payload,
        "timeout": draw.choice((1.0, 3.0) if payload["s"] > 5.0 else temper.timeouts_s),
        "backoff_s": draw.choice((0.05, 0.5, 1.0)),
        "max_attempts": draw.choice(temper.attempts_max),
    }
    if draw.random() < temper.priorities:
        what["priority"] = draw.randint(1, 10)
    if draw.random() < temper.repeated:
        what["idempotency_key"] = f"key {draw.randint(1, 6)}"
    if draw.random() < 0.1:
        what["needs"] = [draw.choice(draw.choice(nodes).offers)]
        what["wait_for_node"] = True
    if draw.random() < temper.falling_back and not kind.startswith("tale"):
        what["fallback_capabilities"] = [draw.choice(("alpha", "beta", "gamma"))]
    if draw.random() < temper.hurried:
        what |= draw.choice(temper.urgencies)
    return Step(at, "submit", client, what)


def _payload(draw: Random, temper: _Temper, kind: str) -> dict[str, Any]:
    does = draw.choices(_DEEDS, temper.deeds)[0]
    payload: dict[str, Any] = {"does": does, "s": draw.choice(temper.takes_s)}
    if does == "instant":
        payload["s"] = 0.0
    elif does == "fail":
        payload["fails"] = draw.choice((1, 1, 2, 5))
    elif does in ("hang", "ignore"):
        payload["s"] = 1000.0 if draw.random() < 0.5 else 12.0
        if does == "ignore":
            payload["ignores_s"] = draw.choice((0.5, 3.0, 10.0))
    if kind.startswith("tale"):
        payload["chunks"] = draw.choice((1, 3, 8))
    if draw.random() < 0.1:
        payload["pad"] = draw.choice((1_000, 50_000))
    if draw.random() < 0.2:
        payload["progress"] = True
    return payload


def _afterthoughts(
    draw: Random, temper: _Temper, submit: Step, clients: list[str], lasts_s: float
) -> list[Step]:
    tag = {"tag": submit.what["tag"]}

    def later() -> float:
        pause_s = draw.choice((0.0, 0.001, 0.05, 0.5, 2.0)) * draw.uniform(0.5, 2.0)
        return min(lasts_s, submit.at + pause_s)

    steps: list[Step] = []
    if draw.random() < temper.cancelled:
        steps.append(Step(later(), "cancel", submit.who, tag))
        if draw.random() < 0.3:
            steps.append(Step(later(), "cancel", draw.choice(clients), tag))
    if draw.random() < temper.watched:
        how = draw.choice(("wait", "stream"))
        if draw.random() < 0.3:
            # The one who submits it asks for it first, and it crosses the answer.
            before = submit.at - draw.choice((0.0001, 0.001, 0.005))
            steps.append(Step(before, "watch", submit.who, tag | {"how": how}))
        else:
            steps.append(Step(later(), "watch", draw.choice(clients), tag | {"how": how}))
    if draw.random() < temper.raised:
        priority = draw.randint(1, 10)
        steps.append(Step(later(), "raise", submit.who, tag | {"priority": priority}))
    return steps
