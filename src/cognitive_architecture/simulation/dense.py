"""Makes plans that are dense in work: thousands of short tasks handed over in bulk under trouble.

The plans of ``plan_of`` are wide: every kind of task, one at a time, so that a seed says much with
few attempts. These are deep: whatever breaks catches hundreds of attempts at once, and millions of
attempts can be played. What breaks, what the weather is like and who judges is the same.
"""

from __future__ import annotations

from random import Random  # noqa: TID251 - the type alone; every draw comes from the seed
from typing import Any, Final

from msgspec.structs import replace

from .chance import Chance
from .plan import NodePlan, Plan, Step
from .planning import plan_of

_PAYLOADS: Final = 40
"""Different payloads in one bulk; task ``i`` has the one at ``i`` modulo their number."""


_TASKS_A_NODE_MAX: Final = 4_000
"""More than so many on average a slow node could not finish before the run must be quiet."""


def dense_plan_of(seed: int) -> Plan:
    """The plan of a seed, never calm, with larger nodes and with bulks in the place of its work."""
    wide = plan_of(seed, calm=False)
    draw = Chance(seed).of("dense plan")
    nodes = [replace(node, slots=draw.choice((8, 16, 32, 64))) for node in wide.nodes]
    work = _work(draw, nodes, wide.clients, wide.lasts_s)
    troubles = [step for step in wide.steps if step.is_trouble]
    return replace(
        wide,
        nodes=nodes,
        steps=sorted(work + troubles, key=lambda step: step.at),
        settings=_settings(draw, wide.settings),
    )


def _settings(draw: Random, wide: dict[str, Any]) -> dict[str, Any]:
    """As in the wide plan, but there is room for a bulk."""
    kept = {name: value for name, value in wide.items() if not name.startswith("quotas.")}
    return kept | {
        "dispatch.queue_tasks_max": draw.choice((3_000, 20_000, 20_000, 1_000_000)),
        "node.lookahead_max": draw.choice((4, 64, 1024)),
    }


def _work(draw: Random, nodes: list[NodePlan], clients: list[str], lasts_s: float) -> list[Step]:
    offered = sorted({offer for node in nodes for offer in node.offers})
    pace = min(
        draw.choice((4.0, 8.0, 16.0)) * sum(node.slots for node in nodes),
        _TASKS_A_NODE_MAX * len(nodes) / lasts_s,
    )
    """Tasks a second."""
    steps: list[Step] = []
    now, tag = 0.5, 1
    while now < lasts_s:
        count = draw.choice((1, 50, 200, 500, 1000))
        bulk = _bulk(draw, now, tag, count, draw.choice(clients), offered)
        steps += [bulk, *_afterthoughts(draw, bulk, lasts_s)]
        tag += count
        now += draw.expovariate(pace / count)
    node = draw.choice(nodes).host
    at = draw.uniform(1.0, lasts_s)
    steps.append(Step(at, "drain", draw.choice(clients), {"node": node}))
    steps.append(Step(min(lasts_s, at + draw.uniform(0.5, 15.0)), "join", node))
    return steps


def _bulk(draw: Random, at: float, tag: int, count: int, client: str, offered: list[str]) -> Step:
    kind = draw.choice(offered)
    what: dict[str, Any] = {
        "tag": tag,
        "count": count,
        "how": draw.choice(("bulk", "bulk run", "bulk run")),
        "type": kind,
        "payloads": [_payload(draw, kind) for _ in range(min(count, _PAYLOADS))],
        "timeout": draw.choice((1.0, 3.0)),
        "backoff_s": draw.choice((0.05, 0.5)),
        "max_attempts": draw.choice((1, 2, 3, 3)),
    }
    if draw.random() < 0.3:
        what["priority"] = draw.randint(1, 10)
    return Step(at, "submit", client, what)


def _payload(draw: Random, kind: str) -> dict[str, Any]:
    does = draw.choices(
        ("return", "instant", "fail", "for good", "garbage", "hang", "ignore"),
        (200, 600, 60, 10, 5, 1, 0.5),
    )[0]
    payload: dict[str, Any] = {"does": does, "s": draw.choice((0.005, 0.02, 0.1))}
    if does == "instant":
        payload["s"] = 0.0
    elif does == "fail":
        payload["fails"] = draw.choice((1, 1, 2, 5))
    elif does in ("hang", "ignore"):
        payload["s"] = 12.0
        if does == "ignore":
            payload["ignores_s"] = draw.choice((0.5, 3.0))
    if kind.startswith("tale"):
        payload["chunks"] = draw.choice((1, 1, 3))
    if draw.random() < 0.02:
        payload["pad"] = draw.choice((1_000, 20_000))
    if draw.random() < 0.05:
        payload["progress"] = True
    return payload


def _afterthoughts(draw: Random, bulk: Step, lasts_s: float) -> list[Step]:
    """A few cancellations, of tasks anywhere in the bulk."""
    if bulk.what["how"] != "bulk" or draw.random() < 0.5:
        return []
    tag, count = bulk.what["tag"], bulk.what["count"]
    return [
        Step(
            min(lasts_s, bulk.at + draw.uniform(0.002, 2.0)),
            "cancel",
            bulk.who,
            {"tag": tag + draw.randrange(count)},
        )
        for _ in range(draw.randint(1, min(10, count)))
    ]
