"""Compares ways to share, for ``docs/scheduling.md``: two pictures and a table.

``python -m docs.make_scheduling`` measures (about a minute), draws into ``docs/pictures/`` and
writes the table into the page. Chance is seeded and no time is measured, so the same code makes
the same figures. It needs ``pip install 'cogmesh[plots]'``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from benchmarks.turns import (
    WAYS,
    Costs,
    Errors,
    L,
    Maker,
    Ours,
    Visits,
    Weights,
    drawn_costs,
    errors_of,
    order_of,
    visit,
    zipf,
)
from numpy.typing import NDArray

from cognitive_architecture.drawing.sheets import COLOURS, installed, save, sheet

PAGE: Final = Path(__file__).with_name("scheduling.md")
PICTURES: Final = Path(__file__).with_name("pictures")
BEGIN: Final = "<!-- the table is made by python -m docs.make_scheduling -->\n"
END: Final = "<!-- end of the table -->\n"

CROWD: Final = 50
TASKS: Final = 40_000
VISITOR: Final = 39
"""The fortieth by weight: about half a hundredth of all."""
BUSY: Final = 0.5
"""How much of its share the visitor asks for."""
MINUS: Final = "\N{MINUS SIGN}"
MOMENTS: Final = 400
"""Places of the lines over time."""

PATIENT: Final = "ours, no target"
TITLES: Final = {
    "ours": "ours",
    PATIENT: PATIENT,
    "vtc": "token counters (VTC)",
    "lottery": "lottery",
    "round_robin": "round robin",
    "strict": "strict priority",
}
STYLES: Final[dict[str, dict[str, Any]]] = {
    "ours": {"color": COLOURS[0], "linewidth": 2.6},
    PATIENT: {"color": COLOURS[0], "linewidth": 1.8, "linestyle": (0, (1, 1.2))},
    "vtc": {"color": COLOURS[1], "linewidth": 1.8, "linestyle": (0, (6, 1.5))},
    "lottery": {"color": COLOURS[2], "linewidth": 1.8, "linestyle": (0, (4, 1.5, 1, 1.5))},
    "round_robin": {"color": COLOURS[3], "linewidth": 1.8, "linestyle": (0, (2.5, 1.5))},
    "strict": {"color": COLOURS[6], "linewidth": 1.8, "linestyle": (0, (7, 1.5, 1, 1.5, 1, 1.5))},
}

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one way to share."""

    errors: Errors | None
    """``None`` where only waits were asked for."""
    ahead_l: Floats
    """The farthest ahead of all, at each moment, in ``L``; shape ``(moments,)``."""
    behind_l: Floats
    visits: int
    waits_l: Floats
    """Of the visits that were served, in ``L``; shape ``(<= visits,)``."""


def compared(crowd: int, tasks: int, visitor: int) -> dict[str, Outcome]:
    """Every way on the same tasks."""
    weights = zipf(crowd)
    costs = drawn_costs(np.random.default_rng(1), tasks)
    times = _times(weights, costs, visitor)
    makers: dict[str, tuple[Maker, Maker]] = {name: (way, way) for name, way in WAYS.items()}
    makers["ours"] = Ours, partial(Ours, visitor=visitor)
    outcomes = {}
    for name, (way, way_with_visitor) in makers.items():
        order = order_of(way(weights, np.random.default_rng(2)), crowd, costs)
        ahead, behind = extremes(weights, costs, order)
        visits = Visits(visitor, times)
        visit(way_with_visitor(weights, np.random.default_rng(3)), crowd, costs, visits)
        outcomes[name] = Outcome(
            errors_of(weights, costs, order), ahead, behind, len(times), np.array(visits.waits) / L
        )
    patient = Visits(visitor, times)
    visit(Ours(weights, np.random.default_rng(3)), crowd, costs, patient)
    nothing = np.array([])
    outcomes[PATIENT] = Outcome(None, nothing, nothing, len(times), np.array(patient.waits) / L)
    return {name: outcomes[name] for name in TITLES}


def _times(weights: Weights, costs: Costs, visitor: int) -> list[float]:
    """When the visitor comes: at random, and only for a part of what is his."""
    every = float(costs.mean() / (weights[visitor] * BUSY))
    gaps = np.random.default_rng(4).exponential(every, size=int(2 * costs.sum() / every) + 10)
    times = np.cumsum(gaps)
    # Whoever comes at the very end cannot be served in time, in whatever way.
    return [float(time) for time in times if time < 0.9 * costs.sum()]


def extremes(weights: Weights, costs: Costs, order: Costs) -> tuple[Floats, Floats]:
    """The farthest ahead and behind after each of some moments, in ``L``."""
    moments = np.linspace(0, len(costs), MOMENTS + 1).astype(int)
    had = np.zeros(len(weights))
    ahead, behind = [0.0], [0.0]
    for begin, end in pairwise(moments):
        part = slice(begin, end)
        had += np.bincount(order[part], costs[part], minlength=len(weights))
        lead = had - weights * had.sum()
        ahead.append(float(lead.max()) / L)
        behind.append(float(-lead.min()) / L)
    return np.array(ahead), np.array(behind)


# -- the table ---------------------------------------------------------------------------------


def table(outcomes: dict[str, Outcome]) -> str:
    """A row for each way."""
    rows = [
        "| | farthest ahead | farthest behind | Jain | starved | visitor waits: median | longest |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name, outcome in outcomes.items():
        waits = np.sort(np.append(outcome.waits_l, [np.inf] * _unserved(outcome)))
        cells = ["", "", "", ""]
        if (errors := outcome.errors) is not None:
            cells = [
                _figure(errors.ahead_l),
                _figure(errors.behind_l),
                f"{errors.jain:.4f}",
                f"{errors.starved} of {CROWD}" if errors.starved else "0",
            ]
        cells += [_figure(float(waits[rank])) for rank in (len(waits) // 2, -1)]
        title = f"**{TITLES[name]}**" if name == "ours" else TITLES[name]
        rows.append(f"| {title} | {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def _unserved(outcome: Outcome) -> int:
    return outcome.visits - len(outcome.waits_l)


def _figure(number: float) -> str:
    if np.isinf(number):
        return "never"
    return (
        f"{number:,.0f}" if number >= 100 else f"{number:.2f}" if number < 10 else f"{number:.1f}"
    )


# -- the pictures ------------------------------------------------------------------------------


def draw_shares(outcomes: dict[str, Outcome], tasks: int, path: Path) -> None:
    """How far the farthest are, over time."""
    figure, axes = sheet(
        "How far from its share the farthest requester is",
        "tasks served",
        "ahead of or behind its share,\nin units of the largest task",
        size_in=(9.0, 5.0),
    )
    served = np.linspace(0, tasks, MOMENTS + 1)
    axes.axhspan(-1, 1, color=COLOURS[0], alpha=0.12, linewidth=0)
    axes.axhline(0, color="#555555", linewidth=0.8)
    ends = []
    for name, outcome in reversed(outcomes.items()):
        if outcome.errors is not None:
            axes.plot(served, outcome.ahead_l, **STYLES[name])
            axes.plot(served, -outcome.behind_l, **STYLES[name])
            ends += [
                (outcome.ahead_l[-1], name, outcome.errors.ahead_l),
                (-outcome.behind_l[-1], name, -outcome.errors.behind_l),
            ]
    axes.set_yscale("symlog", linthresh=1.0, linscale=0.8)
    axes.set_ylim(-4e3, 1.5e4)
    axes.set_xlim(0, tasks)
    ticks = [-1000, -100, -10, -1, 0, 1, 10, 100, 1000, 10_000]
    axes.set_yticks(ticks, [_signed(tick) if tick else "0" for tick in ticks])
    axes.set_xticks(np.linspace(0, tasks, 5), [f"{n:,.0f}" for n in np.linspace(0, tasks, 5)])
    axes.minorticks_off()
    _label_ends(axes, ends)
    save(figure, path)


def draw_waits(outcomes: dict[str, Outcome], path: Path) -> None:
    """How long somebody with a small share waits."""
    figure, axes = sheet(
        "How long somebody with a share of 0.6 % waits who comes now and then",
        "until the task begins, in units of the largest task",
        "of his tasks have begun",
        size_in=(9.0, 4.2),
    )
    ends = []
    shortest, longest = 0.01, 1000.0
    for name, outcome in reversed(outcomes.items()):
        waits = np.sort(np.clip(outcome.waits_l, shortest, longest))
        reached = np.arange(1, len(waits) + 1) / outcome.visits
        across = np.concatenate([[shortest], waits, [longest]])
        last = reached[-1] if len(reached) else 0.0
        up = np.concatenate([[0.0], reached, [last]])
        axes.plot(across, up, drawstyle="steps-post", label=TITLES[name], **STYLES[name])
        ends.append((last, name))
    axes.set_xscale("log")
    axes.set_xlim(shortest, longest)
    axes.set_ylim(-0.02, 1.02)
    axes.set_xticks([0.01, 0.1, 1, 10, 100, 1000], ["0.01", "0.1", "1", "10", "100", "1,000"])
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["none", "25 %", "50 %", "75 %", "all"])
    axes.minorticks_off()
    lines, titles = axes.get_legend_handles_labels()
    axes.legend(
        lines[::-1], titles[::-1], loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False,
        handlelength=3.2,
    )  # fmt: skip
    save(figure, path)


def _label_ends(axes: Any, ends: list[tuple[float, str, float]]) -> None:
    """Beside the end of each line its name and how far it went at most, none over another.

    Args:
        axes: Where the lines are.
        ends: Where a line ends, whose it is, and its farthest.
    """
    _, bottom = axes.transAxes.transform((0, 0))
    _, top = axes.transAxes.transform((0, 1))
    lowest = -1.0
    for end, name, farthest in sorted(ends):
        _, height = axes.transData.transform((0, end))
        lowest = max((height - bottom) / (top - bottom), lowest + 0.052)
        axes.annotate(
            f"{TITLES[name]} {_signed(farthest)}",
            (1.015, lowest),
            xycoords="axes fraction",
            va="center",
            color=STYLES[name]["color"],
            fontweight="bold" if name == "ours" else "normal",
            fontsize=9.5,
            annotation_clip=False,
        )


def _signed(number: float) -> str:
    figure = f"{abs(number):,.0f}" if number == round(number) else _figure(abs(number))
    return f"{'+' if number > 0 else MINUS}{figure}"


def main() -> None:
    """Measure, draw, write."""
    outcomes = compared(CROWD, TASKS, VISITOR)
    # The same picture is to be the same file: no date, no ids at random.
    with installed("matplotlib").rc_context({"svg.hashsalt": "cogmesh", "font.size": 11}):
        draw_shares(outcomes, TASKS, PICTURES / "scheduling-shares.svg")
        draw_waits(outcomes, PICTURES / "scheduling-waits.svg")
    page = PAGE.read_text("utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{table(outcomes)}\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
