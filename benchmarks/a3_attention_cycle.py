"""How long one attention cycle takes with 100,000 atoms and 1,000,000 Hebbian links.

A cycle is everything: 1,000 atoms are stimulated and paid in STI and LTI, the focus of 100 pays
rent, *all* atoms pass STI on along all links in one multiplication, the links within the focus
learn and those who entered it are linked, and the memory looks whether it must forget. Each step is
an entry of the journal, encoded and hashed; the journal is kept in memory.

The same is measured from 10^3 to 10^6 atoms, ten links each. The exponent is the slope of
log(time) against log(atoms): 1 is proportional.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
from rich.console import Console

from cognitive_architecture.attention import BANK, MICRO, AttentionBank, HebbianLinks, Parameters

from .report import Options, Report, percentile

SIZES = (1_000, 10_000, 100_000, 1_000_000)
SIZE = 100_000
DEGREE = 10
STIMULI = 1_000
CYCLES = 100
GOAL_MS = 20.0


def measure(options: Options) -> Report:
    """Measure every size in every round, so that a slow minute slows all of them."""
    console = Console()
    sizes = SIZES[:-1] if options.quick else SIZES
    economies = {}
    for size in sizes:
        console.print(f"making {size:,} atoms with {DEGREE * size:,} links")
        economies[size] = Economy(size, np.random.default_rng(size))
    rounds: dict[str, list[float]] = {"cycle": []}
    for number in range(1, options.pairs + 1):
        for size, economy in economies.items():
            cycles = options.scaled(CYCLES if size <= SIZE else CYCLES // 5)
            economy.measure(max(3, cycles), rounds, size)
            name = "cycle" if size == SIZE else f"cycle_{size}"
            console.print(
                f"round {number}/{options.pairs}  {size:>9,} atoms  {rounds[name][-1]:8.2f} ms"
            )
    times = [statistics.median(rounds["cycle" if s == SIZE else f"cycle_{s}"]) for s in sizes]
    exponents = np.diff(np.log(times)) / np.diff(np.log(sizes))
    for small, large, exponent in zip(sizes, sizes[1:], exponents, strict=False):
        console.print(f"exponent from {small:,} to {large:,} atoms: {exponent:.2f}")
    slope = float(np.polyfit(np.log(sizes), np.log(times), 1)[0])
    console.print(f"exponent over all: {slope:.2f}")
    rounds["exponent"] = [slope]
    rounds["exponent_of_the_last_step"] = [float(exponents[-1])]
    return Report(
        "cycle",
        "ms",
        rounds,
        met=statistics.median(rounds["cycle"]) <= GOAL_MS,
        config={"atoms": SIZE, "links": DEGREE * SIZE, "stimuli": STIMULI, "sizes": sizes},
    )


class Economy:
    """A bank with atoms of very different importance, and random links among them."""

    def __init__(self, size: int, rng: np.random.Generator) -> None:
        self.rng = rng
        self.journal_bytes = 0
        links = HebbianLinks()
        self.bank = AttentionBank(
            Parameters(focus_size=100, forget_size=2 * size), journal=self._write, links=links
        )
        self.atoms = self.bank.open_atoms("open", [f"a{n}" for n in range(size)])
        wealth = rng.pareto(1.2, size)
        amounts = np.floor(wealth / wealth.sum() * 95_000 * MICRO).astype(np.int64)
        self.bank.ledger.transfer("fund", np.full(size, BANK), self.atoms, amounts)
        sources = np.repeat(self.atoms, DEGREE)
        targets = rng.choice(self.atoms, len(sources))
        pairs = np.unique((sources << 32) | targets)
        links.load(pairs >> 32, pairs & 0xFFFFFFFF, rng.random(len(pairs)), rng.random(len(pairs)))
        self.serial = 0
        for _ in range(3):
            self.cycle({})

    def cycle(self, spent: dict[str, list[float]]) -> None:
        """One of everything; how long each step took, in ms."""
        self.serial += 1
        number = self.serial
        chosen = self.rng.choice(self.atoms, STIMULI)
        steps: dict[str, Callable[[], object]] = {
            "stimulate": lambda: self.bank.stimulate(f"s{number}", chosen, 0.01),
            "rent": lambda: self.bank.collect_rent(f"r{number}"),
            "spread": lambda: self.bank.spread(f"d{number}"),
            "learn": lambda: self.bank.learn(self.rng),
            "forget": lambda: self.bank.forget(f"f{number}"),
        }
        began = time.perf_counter()
        for name, step in steps.items():
            at = time.perf_counter()
            step()
            spent.setdefault(name, []).append((time.perf_counter() - at) * 1e3)
        spent.setdefault("cycle", []).append((time.perf_counter() - began) * 1e3)

    def measure(self, cycles: int, rounds: dict[str, list[float]], size: int) -> None:
        """Some cycles; the median of each step is a figure, at the size of the goal."""
        spent: dict[str, list[float]] = {}
        for _ in range(cycles):
            self.cycle(spent)
        if size != SIZE:
            rounds.setdefault(f"cycle_{size}", []).append(statistics.median(spent["cycle"]))
            return
        for name, values in spent.items():
            rounds.setdefault(name, []).append(statistics.median(values))
        rounds.setdefault("cycle_p99", []).append(percentile(sorted(spent["cycle"]), 0.99))

    def _write(self, record: bytes) -> None:
        self.journal_bytes += len(record)
