"""Makes a plan out of a seed: a mesh, its settings and its weather, its work and its troubles.

Every seed is of another temper: it leaves most kinds of trouble and work out and overdoes a few
others. Where everything is equally likely, nothing comes together often enough to matter.

Source: A. Groce et al., Swarm Testing, ISSTA 2012. We differ: what is left in gets weights too.
"""

from __future__ import annotations

from random import Random  # noqa: TID251 - the type alone; every draw comes from the seed
from typing import Any, Final

from .chance import Chance
from .plan import NodePlan, Plan
from .troubles import draw_rare_troubles, draw_troubles
from .workload import draw_work

KINDS: Final = ("alpha", "beta", "tale", "gamma")
"""Capabilities of the simulated nodes; everybody offers the first."""

_SETTINGS: Final[dict[str, Any]] = {
    "client.answer_timeout_s": 10.0,
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


_HEDGING: Final[dict[str, tuple[Any, ...]]] = {
    "recovery.hedge_after_s": (0.1, 0.3, 1.0),
    "recovery.hedge_factor": (1.0, 1.5),
    "recovery.hedge_samples_min": (1, 3),
    "recovery.hedge_share": (0.1, 0.5, 1.0),
}
"""A run is too short to earn second attempts at the usual rate."""

_UNCALM: Final[dict[str, tuple[Any, ...]]] = {
    "dispatch.queue_tasks_max": (8, 20, 100, 1000),
    "dispatch.node_losses_max": (2, 3, 10),
    "dispatch.rejoin_grace_s": (0.0, 0.5, 2.0),
    "dispatch.node_silence_s": (1.0, 1.5, 3.0),
    "dispatch.node_silence_max_s": (1.0, 3.0, 10.0),
    "dispatch.node_mute_max_s": (2.0, 8.0, 40.0),
    "dispatch.preemptions_max": (0, 1, 2),
    "recovery.poison_nodes_max": (1, 2, 3),
    "recovery.partition_grace_s": (0.0, 2.0),
    "recovery.flapping_losses_max": (3, 3, 1000),
    "node.lookahead_s": (0.02, 0.02, 1.0),
    "node.rejoin_s": (10.0, 10.0, 10.0, 0.5),
    "client.answer_timeout_s": (10.0, 10.0, 2.0),
}
"""Settings that are drawn where something may break."""


_COMMITS_S: Final = (0.0002, 0.001, 0.005, 0.02)
_SLOW_COMMIT_S: Final = 0.3
"""As over a network to a database that is busy: much happens while something is being written."""


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
    rivals = [] if is_calm or draw.random() < 0.75 else ["p"]
    hosts = ["o", *rivals, *(node.host for node in members), *clients]
    work = draw_work(draw, members, clients, lasts, is_calm=is_calm)
    troubles = [] if is_calm else draw_troubles(draw, hosts, lasts)
    if not is_calm:
        node_hosts = [node.host for node in members]
        troubles += draw_rare_troubles(Chance(seed), node_hosts, rivals, lasts)
    steps = sorted(work + troubles, key=lambda step: step.at)
    return Plan(
        seed=seed,
        nodes=members,
        clients=clients,
        rivals=rivals,
        lasts_s=lasts,
        steps=steps,
        settings=_settings(draw, is_calm=is_calm),
        weather=_weather(draw, is_calm=is_calm) | ({} if is_calm else _late_news(seed)),
        rates={} if is_calm else _rates(draw, hosts),
        turns_s={} if is_calm else _turns(draw, hosts),
        commit_s=draw.choice(_COMMITS_S if is_calm else (*_COMMITS_S, _SLOW_COMMIT_S)),
    )


def _node(draw: Random, number: int) -> NodePlan:
    offers = [KINDS[0], *(kind for kind in KINDS[1:] if number == 1 or draw.random() < 0.5)]
    return NodePlan(f"n{number}", offers, draw.choice((1, 1, 2, 3)))


def _settings(draw: Random, *, is_calm: bool) -> dict[str, Any]:
    chosen = dict(_SETTINGS)
    chosen["dispatch.ageing_s"] = draw.choice((2.0, 10.0, 30.0))
    chosen["node.lookahead_max"] = draw.choice((0, 1, 4))
    chosen["node.rejoin_s"] = draw.choice((0.5, 3.0, 10.0))
    chosen["node.drain_timeout_s"] = draw.choice((0.5, 2.0, 8.0))
    chosen["shares.failed_share"] = draw.choice((0.0, 0.5, 1.0))
    if is_calm:
        return chosen | _FORESEEABLE
    drawn = _UNCALM | (_HEDGING if draw.random() < 0.8 else {})
    for name, choices in drawn.items():
        chosen[name] = draw.choice(choices)
    if draw.random() < 0.2:
        chosen["quotas.running_max"] = draw.choice((4, 8))
    if draw.random() < 0.2:
        chosen["quotas.open_max"] = draw.choice((4, 12))
    return chosen


def _weather(draw: Random, *, is_calm: bool) -> dict[str, float]:
    weather = {"delay_s": draw.choice((0.0001, 0.0005, 0.005))}
    if is_calm:
        return weather
    weather["jitter_s"] = draw.choice((0.0, 0.0005, 0.01, 0.05))
    weather["loss"] = draw.choice((0.0, 0.0, 0.01, 0.05))
    weather["overtaking"] = draw.choice((0.0, 0.3, 0.7))
    weather["late_notice"] = draw.choice((0.0, 0.2, 0.6))
    weather["lease_s"] = draw.choice((0.5, 1.0, 2.0))
    return weather


def _late_news(seed: int) -> dict[str, float]:
    """Drawn by itself, so that all else of a seed is as it was before there were late news."""
    share = Chance(seed).of("late news").choice((0.0, 0.0, 0.9))
    return {"late_news": share} if share else {}


def _rates(draw: Random, hosts: list[str]) -> dict[str, float]:
    if draw.random() < 0.5:
        return {}
    return {host: draw.uniform(0.98, 1.02) for host in hosts}


def _turns(draw: Random, hosts: list[str]) -> dict[str, float]:
    if draw.random() < 0.6:
        return {}
    return {host: draw.choice((0.0001, 0.001, 0.01)) for host in hosts if draw.random() < 0.5}
