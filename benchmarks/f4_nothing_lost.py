"""Acknowledged tasks lost, and results accepted twice, under every fault the simulation knows.

Seeds are played one after the other: kills, stops, cuts in one direction or both, clogged links, a
disk that is slow, full or broken, clocks that jump, starved processes, nodes that report twice and
under leases of others. A judge follows what is on the disk, what is said and what handlers live
through. The goal asks for 10^7 attempts; how many were played is said.
"""

from __future__ import annotations

import time

from rich.console import Console

from cognitive_architecture.simulation import plan_of, play

from .report import Options, Report

ATTEMPTS = 100_000


def measure(options: Options) -> Report:
    out = Console()
    wanted = options.scaled(ATTEMPTS)
    attempts = seed = frames = 0
    virtual_s = 0.0
    broken: list[str] = []
    began = told = time.monotonic()
    while attempts < wanted:
        verdict = play(plan_of(seed, calm=False), keeps_notes=False)
        attempts += verdict.tally.attempts
        frames += verdict.frames
        virtual_s += verdict.virtual_s
        if verdict.breaches:
            broken.append(f"seed {seed}: {verdict.breaches[0]}")
            out.print(broken[-1])
        seed += 1
        if time.monotonic() - told > 10.0:
            told = time.monotonic()
            out.print(f"{attempts:,} of {wanted:,} attempts, {seed} seeds, {len(broken)} broken")
    real_s = time.monotonic() - began
    return Report(
        "broken_seeds",
        "seeds",
        {
            "broken_seeds": [float(len(broken))],
            "attempts": [float(attempts)],
            "attempts_per_real_s": [attempts / real_s],
            "times_real_time": [virtual_s / real_s],
        },
        met=not broken and attempts >= 10**7,
        config={"seeds": seed, "frames": frames, "virtual_hours": round(virtual_s / 3600.0, 2)},
    )
