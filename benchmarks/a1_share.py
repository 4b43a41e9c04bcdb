"""How far requesters get from their shares, always in units of L, the most that one task may cost.

One dispatcher, 50, 200 and 1,000 requesters that always have another task, weights by Zipf's law,
log-normal costs, L = 1,024 tokens. The cost of a task is known only when it is over. After every
task each requester's due is compared with what it had: the farthest ahead and the farthest behind
of all requesters and all moments count, and Jain's index of what each had for each unit of weight.

Beside ours, on the same tasks: round robin, lottery (a draw by weight), and weighted virtual token
counters (VTC, whoever had least for his weight).
"""

from __future__ import annotations

import heapq
import statistics
import time
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from cognitive_architecture.attention import FairShares

from .report import Options, Report

L = 1_024
JOBS = 40_000
CROWDS = (50, 200, 1_000)
GOAL_L = 1.0
GOAL_JAIN = 0.999

Weights = NDArray[np.float64]
Costs = NDArray[np.int64]
Policy = Callable[[Weights, Costs, np.random.Generator], Iterator[int]]


def measure(options: Options) -> Report:
    """Run every policy on the same tasks, for each crowd, with another seed each round."""
    console = Console()
    rounds: dict[str, list[float]] = {}
    crowds = CROWDS[:2] if options.quick else CROWDS
    for seed in range(1, options.pairs + 1):
        for crowd in crowds:
            for name, policy in POLICIES.items():
                if name == "ours" or options.peers:
                    _run_one(name, policy, crowd, seed, options, rounds, console)
    ahead = max(max(rounds[f"ours_ahead_{crowd}"]) for crowd in crowds)
    behind = max(max(rounds[f"ours_behind_{crowd}"]) for crowd in crowds)
    jain = min(min(rounds[f"ours_jain_{crowd}"]) for crowd in crowds)
    most = crowds[-1]
    ratios = {
        name: statistics.median(rounds[f"{name}_behind_{most}"])
        / statistics.median(rounds[f"ours_behind_{most}"])
        for name in POLICIES
        if name != "ours" and options.peers
    }
    rounds["worst"] = [max(ahead, behind)]
    return Report(
        "worst",
        "L",
        rounds,
        met=max(ahead, behind) < GOAL_L and jain >= GOAL_JAIN,
        ratios=ratios,
        config={"L_tokens": L, "jobs": {crowd: _jobs(crowd, options) for crowd in crowds}},
    )


def _run_one(
    name: str,
    policy: Policy,
    crowd: int,
    seed: int,
    options: Options,
    rounds: dict[str, list[float]],
    console: Console,
) -> None:
    rng = np.random.default_rng([seed, crowd])
    weights = 1.0 / np.arange(1, crowd + 1)
    weights /= weights.sum()
    jobs = _jobs(crowd, options)
    costs = np.clip(rng.lognormal(5.0, 1.0, jobs).astype(np.int64), 1, L)
    began = time.perf_counter()
    order = np.fromiter(policy(weights, costs, rng), dtype=np.int64, count=jobs)
    rate = jobs / (time.perf_counter() - began)
    ahead, behind, jain = errors(weights, costs, order)
    console.print(
        f"round {seed}/{options.pairs}  n={crowd:<5} {name:<12} ahead {ahead:>8.2f} L   "
        f"behind {behind:>8.2f} L   Jain {jain:.5f}   {rate:>9,.0f} decisions/s"
    )
    for figure, value in (("ahead", ahead), ("behind", behind), ("jain", jain), ("per_s", rate)):
        rounds.setdefault(f"{name}_{figure}_{crowd}", []).append(value)


def _jobs(crowd: int, options: Options) -> int:
    return options.scaled(max(JOBS, 400 * crowd))


def errors(weights: Weights, costs: Costs, order: Costs) -> tuple[float, float, float]:
    """The farthest ahead and behind, in L, and Jain's index at the end.

    A requester's lead changes by little between its own turns and always downwards: so the
    farthest ahead is right after a turn, the farthest behind right before the next, or at the end.
    """
    served_by = np.zeros(len(weights))
    ahead = behind = 0.0
    totals = np.concatenate([[0], np.cumsum(costs)])
    by_requester = np.argsort(order, kind="stable")
    for turns in np.split(by_requester, np.cumsum(np.bincount(order, minlength=len(weights)))[:-1]):
        if not len(turns):
            continue
        who = int(order[turns[0]])
        had = np.cumsum(costs[turns])
        ahead = max(ahead, float((had - weights[who] * totals[turns + 1]).max()))
        before = np.concatenate([[0], had[:-1]])
        behind = max(behind, float((weights[who] * totals[turns] - before).max()))
        behind = max(behind, float(weights[who] * totals[-1] - had[-1]))
        served_by[who] = had[-1]
    missed = np.setdiff1d(np.arange(len(weights)), order)
    behind = max(behind, float((weights[missed] * totals[-1]).max(initial=0)))
    pace = served_by / weights
    return ahead / L, behind / L, float(pace.sum() ** 2 / (len(pace) * (pace**2).sum()))


def ours(weights: Weights, costs: Costs, _: np.random.Generator) -> Iterator[int]:
    """FairShares, as a dispatcher uses it."""
    shares = FairShares()
    for who, weight in enumerate(weights.tolist()):
        shares.join(str(who), weight)
        shares.offer(str(who), L)
    for cost in costs.tolist():
        requester = shares.choose()
        assert requester is not None
        shares.reserve(requester, "task")
        shares.offer(requester, L)
        shares.charge("task", cost)
        yield int(requester)


def round_robin(weights: Weights, costs: Costs, _: np.random.Generator) -> Iterator[int]:
    """One after the other."""
    for number in range(len(costs)):
        yield number % len(weights)


def lottery(weights: Weights, costs: Costs, rng: np.random.Generator) -> Iterator[int]:
    """A draw by weight for every task."""
    yield from rng.choice(len(weights), size=len(costs), p=weights).tolist()


def vtc(weights: Weights, costs: Costs, _: np.random.Generator) -> Iterator[int]:
    """Whoever had least for his weight."""
    heap = [(0.0, who) for who in range(len(weights))]
    for cost in costs.tolist():
        had, who = heap[0]
        heapq.heapreplace(heap, (had + cost / float(weights[who]), who))
        yield who


POLICIES: dict[str, Policy] = {
    "ours": ours,
    "round_robin": round_robin,
    "lottery": lottery,
    "vtc": vtc,
}
