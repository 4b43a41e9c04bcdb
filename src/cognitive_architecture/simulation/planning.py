"""Makes a plan out of a seed: a mesh, its weather, its work and its troubles."""

from __future__ import annotations

from random import Random  # noqa: TID251 - the type alone; every draw comes from the seed
from typing import Any, Final

from .chance import Chance
from .plan import NodePlan, Plan, Step

KINDS: Final = ("alpha", "beta", "tale", "gamma")
"""Capabilities of the simulated nodes; everybody offers the first."""

_SETTINGS: Final[dict[str, Any]] = {
    "node.lookahead_max": 4,
    "client.answer_timeout_s": 10.0,
    "node.drain_timeout_s": 8.0,
}


_FORESEEABLE: Final[dict[str, Any]] = {
    "recovery.on_task_timeout": ["redistribute"],
    "recovery.on_task_failure": ["redistribute"],
    "dispatch.novelty_levels": 0.0,
    "dispatch.failure_levels": 0.0,
}
"""What the judge of calm runs does not see from outside is left out there: handlers fail in them
too, but a node which fails often is asked no less, and neither failures nor being the first of its
kind make a task more urgent than its priority and its waiting say."""


_HEDGING: Final[dict[str, Any]] = {
    "recovery.hedge_after_s": 1.0,
    "recovery.hedge_factor": 1.5,
    "recovery.hedge_samples_min": 3,
    "recovery.hedge_share": 0.5,
}
"""A run is too short to earn second attempts at the usual rate."""


def plan_of(
    seed: int, *, nodes: int | None = None, lasts_s: float | None = None, calm: bool | None = None
) -> Plan:
    """The plan of a seed.

    Args:
        seed: Decides everything.
        nodes: How many; 1 to 5 if left out.
        lasts_s: Seconds in which steps are done; 20 to 60 if left out.
        calm: Whether nothing is to break; one seed in six if left out.
    """
    draw = Chance(seed).of("plan")
    is_calm = draw.random() < 1 / 6 if calm is None else calm
    count = draw.choice((1, 2, 2, 3, 3, 4, 5)) if nodes is None else nodes
    lasts = draw.uniform(20.0, 60.0) if lasts_s is None else lasts_s
    members = [_node(draw, number) for number in range(1, count + 1)]
    clients = [f"c{number}" for number in range(1, draw.choice((1, 2, 3)) + 1)]
    hosts = ["o", *(node.host for node in members), *clients]
    work = _work(draw, members, clients, lasts)
    troubles = [] if is_calm else _troubles(draw, hosts, lasts)
    steps = sorted(work + troubles, key=lambda step: step.at)
    return Plan(
        seed=seed,
        nodes=members,
        clients=clients,
        lasts_s=lasts,
        steps=steps,
        settings=_settings(draw, is_calm=is_calm),
        weather=_weather(draw, is_calm=is_calm),
        rates={} if is_calm else _rates(draw, hosts),
        turns_s={} if is_calm else _turns(draw, hosts),
        commit_s=draw.choice((0.0002, 0.001, 0.005, 0.02)),
    )


def _node(draw: Random, number: int) -> NodePlan:
    offers = [KINDS[0], *(kind for kind in KINDS[1:] if number == 1 or draw.random() < 0.5)]
    return NodePlan(f"n{number}", offers, draw.choice((1, 1, 2, 3)))


def _settings(draw: Random, *, is_calm: bool) -> dict[str, Any]:
    chosen = dict(_SETTINGS)
    chosen["dispatch.ageing_s"] = draw.choice((2.0, 10.0, 30.0))
    chosen["node.lookahead_max"] = draw.choice((0, 1, 4))
    if is_calm:
        chosen |= _FORESEEABLE
    else:
        chosen["dispatch.queue_tasks_max"] = draw.choice((8, 20, 100, 1000))
        chosen["dispatch.node_losses_max"] = draw.choice((2, 3, 10))
        chosen |= _HEDGING
        chosen["dispatch.rejoin_grace_s"] = draw.choice((0.0, 0.5, 2.0))
    return chosen


def _weather(draw: Random, *, is_calm: bool) -> dict[str, float]:
    weather = {"delay_s": draw.choice((0.0001, 0.0005, 0.005))}
    if is_calm:
        return weather
    weather["jitter_s"] = draw.choice((0.0, 0.0005, 0.01, 0.05))
    weather["loss"] = draw.choice((0.0, 0.0, 0.01, 0.05))
    weather["overtaking"] = draw.choice((0.0, 0.3, 0.7))
    weather["late_notice"] = draw.choice((0.0, 0.2))
    return weather


def _rates(draw: Random, hosts: list[str]) -> dict[str, float]:
    if draw.random() < 0.5:
        return {}
    return {host: draw.uniform(0.98, 1.02) for host in hosts}


def _turns(draw: Random, hosts: list[str]) -> dict[str, float]:
    if draw.random() < 0.6:
        return {}
    return {host: draw.choice((0.0001, 0.001, 0.01)) for host in hosts if draw.random() < 0.5}


# -- work ----------------------------------------------------------------------------------------


def _work(draw: Random, nodes: list[NodePlan], clients: list[str], lasts_s: float) -> list[Step]:
    offered = sorted({offer for node in nodes for offer in node.offers})
    slots = sum(node.slots for node in nodes)
    pace = draw.choice((0.2, 0.6, 1.5)) * slots
    """Tasks a second."""
    tasks_max = 2.5 * lasts_s
    steps: list[Step] = []
    now, tag = 0.5, 0
    while now < lasts_s and tag < tasks_max:
        burst = draw.choice((1, 1, 1, 1, 2, 5, 12))
        for _ in range(burst):
            tag += 1
            submit = _submission(draw, now, tag, draw.choice(clients), offered)
            steps.append(submit)
            steps += _afterthoughts(draw, submit, lasts_s)
        now += draw.expovariate(pace / burst / 2.4)
    for _ in range(draw.choice((0, 0, 1, 2))):
        node = draw.choice(nodes).host
        at = draw.uniform(1.0, lasts_s)
        steps.append(Step(at, "drain", draw.choice(clients), {"node": node}))
        steps.append(Step(min(lasts_s, at + draw.uniform(0.5, 15.0)), "join", node))
    return steps


def _submission(draw: Random, at: float, tag: int, client: str, offered: list[str]) -> Step:
    kind = draw.choice(offered)
    payload = _payload(draw, kind)
    what: dict[str, Any] = {
        "tag": tag,
        "how": draw.choice(("wait", "wait", "run", "run", "forget", "stream")),
        "type": kind,
        "payload": payload,
        "timeout": draw.choice((1.0, 3.0) if payload["s"] > 5.0 else (1.0, 3.0, 10.0)),
        "backoff_s": draw.choice((0.05, 0.5, 1.0)),
        "max_attempts": draw.choice((1, 2, 3, 3)),
    }
    if draw.random() < 0.4:
        what["priority"] = draw.randint(1, 10)
    if draw.random() < 0.15:
        what["idempotency_key"] = f"key {draw.randint(1, 6)}"
    if draw.random() < 0.1:
        what["needs"] = [draw.choice(offered)]
        what["wait_for_node"] = True
    return Step(at, "submit", client, what)


def _payload(draw: Random, kind: str) -> dict[str, Any]:
    does = draw.choices(
        ("return", "instant", "fail", "for good", "garbage", "hang", "ignore"),
        (50, 15, 15, 4, 3, 6, 5),
    )[0]
    payload: dict[str, Any] = {"does": does, "s": draw.choice((0.01, 0.1, 0.3, 0.8, 2.5))}
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


def _afterthoughts(draw: Random, submit: Step, lasts_s: float) -> list[Step]:
    if draw.random() > 0.12:
        return []
    at = min(lasts_s, submit.at + draw.choice((0.001, 0.05, 0.5, 2.0)) * draw.uniform(0.5, 2.0))
    return [Step(at, "cancel", submit.who, {"tag": submit.what["tag"]})]


# -- troubles ------------------------------------------------------------------------------------


def _troubles(draw: Random, hosts: list[str], lasts_s: float) -> list[Step]:
    kinds = draw.sample(sorted(_TROUBLES), k=draw.randint(1, len(_TROUBLES)))
    gap = draw.choice((1.5, 4.0, 10.0))
    steps: list[Step] = []
    now = draw.uniform(0.5, gap)
    while now < lasts_s:
        steps.append(_TROUBLES[draw.choice(kinds)](draw, now, hosts))
        now += draw.expovariate(1.0 / gap)
    return steps


def _for_s(draw: Random) -> float:
    return draw.choice((0.02, 0.3, 1.0, 4.0, 9.0)) * draw.uniform(0.5, 1.5)


def _kill(draw: Random, at: float, hosts: list[str]) -> Step:
    what: dict[str, Any] = {"for_s": _for_s(draw)}
    if draw.random() < 0.3:
        what["silently"] = True
    return Step(at, "kill", draw.choice(["o", *hosts]), what)


def _pause(draw: Random, at: float, hosts: list[str]) -> Step:
    return Step(at, "pause", draw.choice(["o", *hosts]), {"for_s": _for_s(draw)})


def _cut(draw: Random, at: float, hosts: list[str]) -> Step:
    other = draw.choice(hosts[1:])
    who, other = ("o", other) if draw.random() < 0.5 else (other, "o")
    what: dict[str, Any] = {"other": other, "for_s": _for_s(draw)}
    if draw.random() < 0.5:
        what["one_way"] = True
    return Step(at, "cut", who, what)


def _clog(draw: Random, at: float, hosts: list[str]) -> Step:
    other = draw.choice(hosts[1:])
    who, other = ("o", other) if draw.random() < 0.5 else (other, "o")
    delay = draw.choice((0.05, 0.5, 2.5))
    return Step(at, "clog", who, {"other": other, "delay_s": delay, "for_s": _for_s(draw)})


def _disk(draw: Random, at: float, _hosts: list[str]) -> Step:
    how = draw.choice(("slow", "slow", "full", "broken"))
    return Step(at, "disk", "o", {"how": how, "for_s": _for_s(draw)})


def _jump(draw: Random, at: float, hosts: list[str]) -> Step:
    seconds = draw.choice((-3600.0, -5.0, 5.0, 86_400.0))
    return Step(at, "jump", draw.choice(["o", *hosts]), {"seconds": seconds})


def _starve(draw: Random, at: float, hosts: list[str]) -> Step:
    what = {"turn_s": draw.choice((0.02, 0.1, 0.4)), "for_s": _for_s(draw)}
    return Step(at, "starve", draw.choice(hosts), what)


def _lie(draw: Random, at: float, hosts: list[str]) -> Step:
    nodes = [host for host in hosts if host.startswith("n")]
    return Step(at, "lie", draw.choice(nodes), {"for_s": _for_s(draw)})


_TROUBLES: Final = {
    "kill": _kill,
    "pause": _pause,
    "cut": _cut,
    "clog": _clog,
    "disk": _disk,
    "jump": _jump,
    "starve": _starve,
    "lie": _lie,
}
