"""How quickly the simulation passes the time: five nodes, an hour of virtual time each.

The mesh is idle but for a task every few seconds, a node that is killed now and then, and a link
that is cut: what a mesh at home does all day. Beats, watchdogs and tasks are all played, nothing is
left out; only the waiting in between takes no time. The same seed is played twice, and must give
the same bytes. What counts is the processor's time, for a run waits for nothing: a machine that is
busy with other things makes it longer, not more work. What share of planted bugs is found stands in
docs/simulation.md.
"""

from __future__ import annotations

import time

from rich.console import Console

from cognitive_architecture.simulation import NodePlan, Plan, Step, play

from .report import Options, Report

NODES = 5
HOURS = 1.0


def measure(options: Options) -> Report:
    out = Console()
    hours = HOURS / 10 if options.quick else HOURS
    speeds = []
    fingerprints = set()
    for _ in range(2 if options.quick else max(2, options.pairs)):
        began = time.process_time()
        verdict = play(plan(hours), keeps_notes=False)
        speeds.append(verdict.virtual_s / (time.process_time() - began))
        fingerprints.add(verdict.fingerprint)
        out.print(f"{speeds[-1]:,.0f} times real time, {verdict.frames:,} frames")
        assert verdict.is_sound, verdict.breaches
    assert len(fingerprints) == 1, "the same seed gave different histories"
    return Report(
        "times_real_time",
        "x",
        {"times_real_time": speeds},
        met=min(speeds) >= 1000.0,
        config={"nodes": NODES, "virtual_hours": hours, "fingerprint": fingerprints.pop()},
    )


def plan(hours: float) -> Plan:
    lasts_s = 3600.0 * hours
    payload = {"does": "return", "s": 0.5}
    steps = [
        Step(float(at), "submit", "c1", {"tag": at, "how": "wait", "type": "a", "payload": payload})
        for at in range(5, int(lasts_s), 5)
    ]
    steps += [
        Step(float(at), "kill", f"n{1 + at % NODES}", {"for_s": 5.0})
        for at in range(301, int(lasts_s), 600)
    ]
    steps += [
        Step(float(at), "cut", f"n{1 + at % NODES}", {"other": "o", "for_s": 5.0})
        for at in range(602, int(lasts_s), 600)
    ]
    return Plan(
        seed=1,
        nodes=[NodePlan(f"n{number}", ["a"], 1) for number in range(1, NODES + 1)],
        clients=["c1"],
        lasts_s=lasts_s,
        steps=sorted(steps, key=lambda step: step.at),
    )
