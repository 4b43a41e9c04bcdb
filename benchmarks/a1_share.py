"""How far requesters get from their shares, always in units of L, the most that one task may cost.

One dispatcher, 50, 200 and 1,000 requesters that always have another task, weights by Zipf's law,
log-normal costs, L = 1,024 tokens. The cost of a task is known only when it is over. After every
task each requester's due is compared with what it had: the farthest ahead and the farthest behind
of all requesters and all moments count, and Jain's index of what each had for each unit of weight.

Ours is the whole dispatch machine, with a node of one slot and a disk that takes no time: tasks are
submitted, handed out, reported, charged. Beside it, on the same tasks: weighted virtual token
counters (VTC, whoever had least for his weight), lottery (a draw by weight), round robin, and
strict priority. docs/scheduling.md shows them drawn.
"""

from __future__ import annotations

import statistics
import time

import numpy as np
from rich.console import Console

from .report import Options, Report
from .turns import WAYS, L, Maker, drawn_costs, errors_of, order_of, zipf

TASKS = 40_000
CROWDS = (50, 200, 1_000)
GOAL_L = 1.0
GOAL_JAIN = 0.999


def measure(options: Options) -> Report:
    """Share in every way on the same tasks, for each crowd, with another seed each round."""
    console = Console()
    rounds: dict[str, list[float]] = {}
    crowds = CROWDS[:2] if options.quick else CROWDS
    for seed in range(1, options.pairs + 1):
        for crowd in crowds:
            for name, maker in WAYS.items():
                if name == "ours" or options.peers:
                    _run_one(name, maker, crowd, seed, options, rounds, console)
    ahead = max(max(rounds[f"ours_ahead_{crowd}"]) for crowd in crowds)
    behind = max(max(rounds[f"ours_behind_{crowd}"]) for crowd in crowds)
    jain = min(min(rounds[f"ours_jain_{crowd}"]) for crowd in crowds)
    most = crowds[-1]
    ratios = {
        name: statistics.median(rounds[f"{name}_behind_{most}"])
        / statistics.median(rounds[f"ours_behind_{most}"])
        for name in WAYS
        if name != "ours" and options.peers
    }
    rounds["worst"] = [max(ahead, behind)]
    return Report(
        "worst",
        "L",
        rounds,
        met=max(ahead, behind) < GOAL_L and jain >= GOAL_JAIN,
        ratios=ratios,
        config={"L_tokens": L, "tasks": {crowd: _tasks(crowd, options) for crowd in crowds}},
    )


def _run_one(
    name: str,
    maker: Maker,
    crowd: int,
    seed: int,
    options: Options,
    rounds: dict[str, list[float]],
    console: Console,
) -> None:
    rng = np.random.default_rng([seed, crowd])
    weights = zipf(crowd)
    tasks = _tasks(crowd, options)
    costs = drawn_costs(rng, tasks)
    way = maker(weights, rng)
    began = time.perf_counter()
    order = order_of(way, crowd, costs)
    rate = tasks / (time.perf_counter() - began)
    errors = errors_of(weights, costs, order)
    console.print(
        f"{seed}/{options.pairs} n={crowd:<5}{name:<12} ahead {errors.ahead_l:>9.4f} L  "
        f"behind {errors.behind_l:>9.4f} L  {rate:>9,.0f}/s"
    )
    figures = (
        ("ahead", errors.ahead_l),
        ("behind", errors.behind_l),
        ("jain", errors.jain),
        ("starved", float(errors.starved)),
        ("per_s", rate),
    )
    for figure, value in figures:
        rounds.setdefault(f"{name}_{figure}_{crowd}", []).append(value)


def _tasks(crowd: int, options: Options) -> int:
    return options.scaled(max(TASKS, 400 * crowd))
