"""How many durable no-op tasks a second pass through the whole mesh.

One client, one orchestrator and one node are three processes on this machine, over Zenoh on
loopback. A task counts when its client has its result: its submission was committed to disk
before it was acknowledged, its result was accepted once and committed before it was told.

Two figures: `batched` submits everything at once in few messages; `in_flight_256` keeps 256
requesters waiting, each submitting its next task when it has a result. Other systems get the same
work in the same round, one after the other, so that a machine that slows down slows all of them.
Celery's Redis is told to sync its log at every write, which is as durable as we are; Ray and Dask
keep nothing.
"""

from __future__ import annotations

import statistics

from rich.console import Console

from .cogmesh_system import Cogmesh
from .report import Options, Report, installed
from .systems import System, available, peers

BURST_OURS = 50_000
IN_FLIGHT_OURS = 30_000
WINDOW = 256
GOAL_BATCHED = 50_000.0
GOAL_IN_FLIGHT = 20_000.0
GOAL_RATIOS = {"ray": 30.0, "celery_redis": 50.0}

_PEER_SECONDS = 4.0
"""How long a peer should be busy in one measurement; the number of its tasks follows."""


def measure(options: Options) -> Report:
    """Alternate all systems and report."""
    console = Console()
    ours = Cogmesh()
    systems = available([ours, *(peers() if options.peers else [])], console.print)
    try:
        return _measure(options, ours, systems, console)
    finally:
        for system in systems:
            system.stop()


def _measure(options: Options, ours: Cogmesh, systems: list[System], console: Console) -> Report:
    batched: dict[str, list[float]] = {system.name: [] for system in systems}
    in_flight: dict[str, list[float]] = {system.name: [] for system in systems}
    amounts = {system.name: _amount(system, ours, options) for system in systems}
    for number in range(1, options.pairs + 1):
        for system in systems:
            burst, windowed = amounts[system.name]
            rate = burst / system.burst(burst)
            batched[system.name].append(rate)
            rate_in_flight = windowed / system.in_flight(windowed, WINDOW)
            in_flight[system.name].append(rate_in_flight)
            console.print(
                f"round {number}/{options.pairs}  {system.name:<13} "
                f"batched {rate:>9,.0f}/s   {WINDOW} in flight {rate_in_flight:>9,.0f}/s"
            )
    ratios = {}
    for system in systems[1:]:
        ratios[system.name] = _median_ratio(batched["cogmesh"], batched[system.name])
        ratios[f"{system.name}_in_flight"] = _median_ratio(
            in_flight["cogmesh"], in_flight[system.name]
        )
    met = (
        statistics.median(batched["cogmesh"]) >= GOAL_BATCHED
        and statistics.median(in_flight["cogmesh"]) >= GOAL_IN_FLIGHT
        and all(ratios[name] >= goal for name, goal in GOAL_RATIOS.items() if name in ratios)
    )
    rounds = {"batched": batched["cogmesh"], "in_flight_256": in_flight["cogmesh"]}
    for system in systems[1:]:
        rounds[f"{system.name}_batched"] = batched[system.name]
        rounds[f"{system.name}_in_flight_256"] = in_flight[system.name]
    return Report(
        "batched",
        "tasks/s",
        rounds,
        met=met,
        ratios=ratios,
        config={
            "pairs": options.pairs,
            "slots": 4,
            "durable": {system.name: system.durable for system in systems},
            "versions": {name: installed(name) for name in ("ray", "dask", "celery", "redis")},
        },
    )


def _amount(system: System, ours: Cogmesh, options: Options) -> tuple[int, int]:
    """Tasks for a burst and for the window: enough to keep the system busy for seconds."""
    if system is ours:
        return options.scaled(BURST_OURS), options.scaled(IN_FLIGHT_OURS)
    pilot = 200
    burst = options.scaled(int(_PEER_SECONDS * pilot / system.burst(pilot)))
    windowed = options.scaled(int(_PEER_SECONDS * pilot / system.in_flight(pilot, WINDOW)))
    return max(pilot, burst), max(pilot, windowed)


def _median_ratio(ours: list[float], theirs: list[float]) -> float:
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
