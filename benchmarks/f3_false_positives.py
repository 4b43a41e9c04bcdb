"""How often a node that lives is taken for lost, on a bad network and beside busy neighbours.

A mesh of twenty nodes in virtual time: 5 % of all frames are lost on the way and sent again as TCP
does, and every tenth node gets a turn only every so often because others have its CPU. Nothing else
is wrong, and a client submits a task now and then. Every node that is given up as lost is a
false positive. The goal asks for 10^6 node-hours; how many were played is said, and the rate.
"""

from __future__ import annotations

import time

from rich.console import Console

from cognitive_architecture.simulation import NodePlan, Plan, Step, play

from .report import Options, Report

NODES = 20
HOURS = 1.0
RUNS = 10
LOSS = 0.05
TURN_S = 0.25
"""How long a starved node waits for its next turn."""


def measure(options: Options) -> Report:
    out = Console()
    runs = options.scaled(RUNS)
    lost, rates, speeds = 0, [], []
    for seed in range(runs):
        began = time.monotonic()
        verdict = play(plan(seed))
        speeds.append(verdict.virtual_s / (time.monotonic() - began))
        found = sum(
            note.kind == "log" and "node_lost" in note.text for note in verdict.history.notes
        )
        lost += found
        rates.append(found / (NODES * verdict.virtual_s / 3600.0))
        out.print(f"seed {seed}: {found} nodes given up in {verdict.virtual_s / 3600.0:.2f} h")
        if verdict.breaches:
            out.print(f"  and broken: {verdict.breaches[0]}")
    return Report(
        "false_positives",
        "nodes",
        {"false_positives": [float(lost)], "per_node_hour": rates, "times_real_time": speeds},
        met=False,  # 10^6 node-hours are more than this plays
        config={
            "node_hours": runs * NODES * HOURS,
            "nodes": NODES,
            "loss": LOSS,
            "starved": NODES // 10,
            "turn_s": TURN_S,
        },
    )


def plan(seed: int) -> Plan:
    hosts = [f"n{number}" for number in range(1, NODES + 1)]
    payload = {"does": "return", "s": 0.1}
    lasts_s = 3600.0 * HOURS
    submits = [
        Step(float(at), "submit", "c1", {"tag": at, "how": "wait", "type": "a", "payload": payload})
        for at in range(5, int(lasts_s), 10)
    ]
    return Plan(
        seed=seed,
        nodes=[NodePlan(host, ["a"], 1) for host in hosts],
        clients=["c1"],
        lasts_s=lasts_s,
        steps=submits,
        weather={"delay_s": 0.0005, "jitter_s": 0.0005, "loss": LOSS},
        turns_s=dict.fromkeys(hosts[: NODES // 10], TURN_S),
    )
