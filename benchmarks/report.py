"""What a benchmark says at its end, in one line of JSON."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from .catalogue import Benchmark


@dataclass(frozen=True, slots=True)
class Options:
    """How to run it."""

    peers: bool = True
    pairs: int = 5
    quick: bool = False
    size: float | None = None
    """How much of what the benchmark counts; its usual amount if left out."""
    first: int = 0
    """Seed to begin with, where there are seeds."""
    keep: Path | None = None
    """File in which what was reached is kept, and from which it goes on."""

    def scaled(self, count: int) -> int:
        """An amount of work, or a tenth of it."""
        if self.size is not None:
            return max(1, round(self.size))
        return max(1, count // 10) if self.quick else count


@dataclass(slots=True)
class Report:
    """Figures, each a list of what the rounds measured."""

    value: str
    """Name of the figure that the goal names first."""
    unit: str
    rounds: dict[str, list[float]]
    met: bool
    ratios: dict[str, float] = field(default_factory=dict)
    """Ours over theirs, the median over the rounds; above 1 we are better."""
    config: dict[str, Any] = field(default_factory=dict)

    def as_json_line(self, benchmark: Benchmark) -> str:
        """The last line of the output."""
        values = self.rounds[self.value]
        return json.dumps(
            {
                "id": benchmark.id,
                "value": _rounded(statistics.median(values)),
                "unit": self.unit,
                "spread": [_rounded(min(values)), _rounded(max(values))],
                "figures": {
                    name: {
                        "median": _rounded(statistics.median(some)),
                        "spread": [_rounded(min(some)), _rounded(max(some))],
                    }
                    for name, some in self.rounds.items()
                    if name != self.value
                },
                "goal": benchmark.goal,
                "met": self.met,
                "ratios": {peer: _rounded(ratio) for peer, ratio in self.ratios.items()},
                "config": machine() | self.config,
            }
        )


def machine() -> dict[str, Any]:
    """What it ran on."""
    return {
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "cogmesh": installed("cogmesh"),
    }


def installed(distribution: str) -> str:
    """The version of a distribution."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "not installed"


def percentile(sorted_values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` of all do not exceed (nearest rank)."""
    rank = max(0, min(len(sorted_values) - 1, round(share * len(sorted_values) + 0.5) - 1))
    return sorted_values[rank]


def _rounded(number: float) -> float:
    return float(f"{number:.4g}")
