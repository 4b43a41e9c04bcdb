"""Acknowledged tasks lost, and results accepted twice, under every fault the simulation knows.

Dense seeds are played one after the other: thousands of tasks handed over in bulk, and kills,
stops, cuts in one direction or both, clogged links, a disk that is slow, full or broken, clocks
that jump, starved processes, nodes that report twice and under leases of others. A judge follows
what is on the disk, what is said and what handlers live through; every broken promise is a fault,
not only a loss. An attempt counts when it is durable how it went, and for each kind of trouble that
there was while it was underway. ``--size 1e7`` plays what the goal asks for; ``--keep FILE`` lets
it go on where it was stopped.
"""

from __future__ import annotations

from collections import Counter

from cognitive_architecture.simulation import dense_plan_of, play

from .portions import Portions
from .report import Options, Report

ATTEMPTS = 100_000
GOAL = 10**7


def measure(options: Options) -> Report:
    portions = Portions(options.keep, options.first)
    portions.run(play_seed, counted="attempts", wanted=options.scaled(ATTEMPTS))
    counts, cpu_s = portions.counts, portions.cpu_s
    return Report(
        "broken_seeds",
        "seeds",
        {
            "broken_seeds": [float(len(portions.faults))],
            "attempts": [float(counts["attempts"])],
            "attempts_per_cpu_s": [counts["attempts"] / max(cpu_s, 1e-9)],
            "times_real_time": [counts["virtual_ms"] / 1e3 / max(cpu_s, 1e-9)],
        },
        met=not portions.faults and counts["attempts"] >= GOAL and portions.codes == 1,
        config={
            "seeds": portions.seeds,
            "versions_of_the_code": portions.codes,
            "faults": portions.faults[:20],
            "virtual_hours": round(counts["virtual_ms"] / 3.6e6, 2),
            "cpu_minutes": round(cpu_s / 60.0, 1),
        }
        | {name: count for name, count in sorted(counts.items()) if name != "virtual_ms"},
    )


def play_seed(seed: int) -> tuple[Counter[str], list[str]]:
    """What came of a seed, and what it broke."""
    plan = dense_plan_of(seed)
    verdict = play(plan, keeps_notes=False)
    tally = verdict.tally
    counts = Counter(
        attempts=tally.attempts,
        tasks_acknowledged=tally.acknowledged,
        tasks_completed=tally.completed,
        attempts_lost_with_a_node=tally.nodes_lost,
        orchestrators=tally.orchestrators,
        troubles=sum(step.is_trouble for step in plan.steps),
        frames=verdict.frames,
        virtual_ms=round(1e3 * verdict.virtual_s),
    )
    for kind, attempts in tally.under.items():
        counts[f"attempts_under_{kind}"] = attempts
    again = f"cogmesh simulate --dense --seed {seed}"
    return counts, [f"{again}: {verdict.breaches[0]}"] if verdict.breaches else []
