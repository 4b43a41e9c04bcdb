"""How long one task takes from submit to result.

The same three processes as in P1. First nothing else is under way: a task is submitted when the
result of the one before is there. Then 5,000 tasks arrive each second, each at its own instant,
and the time is counted from that instant, so a mesh that falls behind is not spared.

Two commits to disk lie on the way of each task: its submission's before it is acknowledged, its
result's before it is told.
"""

from __future__ import annotations

import statistics

from rich.console import Console

from .cogmesh_system import Cogmesh
from .report import Options, Report, percentile
from .systems import System, available, peers

SINGLES = 2000
SINGLES_OF_PEERS = 300
RATE = 5000.0
AT_RATE = 20_000
GOALS_MS = {"p50": 1.0, "p99": 2.5, "p99_at_5000_per_s": 5.0}


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
    rounds: dict[str, list[float]] = {}
    for number in range(1, options.pairs + 1):
        for system in systems:
            tasks = options.scaled(SINGLES if system is ours else SINGLES_OF_PEERS)
            prefix = "" if system is ours else f"{system.name}_"
            p50, p99 = _percentiles_ms(system.one_by_one(tasks))
            rounds.setdefault(f"{prefix}p50", []).append(p50)
            rounds.setdefault(f"{prefix}p99", []).append(p99)
            line = f"{system.name:<13} one by one p50 {p50:7.3f} ms  p99 {p99:7.3f} ms"
            if system is ours:
                at_rate = _percentiles_ms(ours.at_rate(options.scaled(AT_RATE), RATE))
                rounds.setdefault("p50_at_5000_per_s", []).append(at_rate[0])
                rounds.setdefault("p99_at_5000_per_s", []).append(at_rate[1])
                line += f"   at {RATE:,.0f}/s p50 {at_rate[0]:.2f} ms  p99 {at_rate[1]:.2f} ms"
            console.print(f"round {number}/{options.pairs}  {line}")
    met = all(statistics.median(rounds[name]) <= goal for name, goal in GOALS_MS.items())
    ratios = {
        system.name: statistics.median(
            theirs / mine
            for theirs, mine in zip(rounds[f"{system.name}_p50"], rounds["p50"], strict=True)
        )
        for system in systems[1:]
    }
    return Report("p50", "ms", rounds, met=met, ratios=ratios, config={"pairs": options.pairs})


def _percentiles_ms(took: list[float]) -> tuple[float, float]:
    took = sorted(took)
    return percentile(took, 0.50) * 1e3, percentile(took, 0.99) * 1e3
