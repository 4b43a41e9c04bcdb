"""Attention as people look at it: STI over time, the focus, the funds, the graph of atoms.

Each function writes one picture; the suffix of the path, ``.png`` or ``.svg``, says which kind.
Colours are told apart by colour-blind eyes too (Okabe and Ito).
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, Final

import numpy as np

from cognitive_architecture.attention import MICRO, AccountKind, AttentionBank
from cognitive_architecture.attention.history import History
from cognitive_architecture.foundation.errors import ConfigurationError
from cognitive_architecture.foundation.sentences import shown

_COLOURS: Final = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C6D31",
)  # fmt: skip
_STYLES: Final = ("-", "--", ":")
_GREY: Final = "#888888"
_SIZE_IN: Final = (9.0, 4.8)
_SUFFIXES: Final = (".png", ".svg")


def draw_sti(history: History, path: Path) -> None:
    """STI of the atoms that had most, over the entries of the journal.

    Raises:
        ConfigurationError: matplotlib is missing, or the path is no picture.
    """
    figure, axes = _sheet("STI over time", "entries of the journal", "STI")
    for place, name in enumerate(history.names):
        axes.plot(
            history.moments,
            history.balances[:, place] / MICRO,
            drawstyle="steps-post",
            label=_short(name),
            **_line(place),
        )
    _begin_at_zero(axes, history)
    if history.names:
        axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)
    _save(figure, path)


def draw_focus(history: History, path: Path) -> None:
    """When each of these atoms was in the focus.

    Raises:
        ConfigurationError: matplotlib is missing, or the path is no picture.
    """
    figure, axes = _sheet("In the focus", "entries of the journal", "")
    ends = np.append(history.moments[1:], history.moments[-1:] + 1)
    for place in range(len(history.names)):
        spans = [
            (int(start), int(end - start))
            for start, end, inside in zip(
                history.moments, ends, history.in_focus[:, place], strict=True
            )
            if inside
        ]
        axes.broken_barh(spans, (place - 0.35, 0.7), facecolors=_line(place)["color"])
    axes.set_yticks(range(len(history.names)), [_short(name) for name in history.names])
    axes.set_ylim(max(1, len(history.names)) - 0.5, -0.5)
    axes.set_xlim(0, int(ends.max(initial=1)))
    axes.grid(visible=False, axis="y")
    _save(figure, path)


def draw_funds(history: History, path: Path, *, target: float | None = None) -> None:
    """What the bank had, over the entries of the journal.

    Args:
        history: Of a journal.
        path: Of the picture.
        target: STI that the bank wants to have; drawn as a line.

    Raises:
        ConfigurationError: matplotlib is missing, or the path is no picture.
    """
    figure, axes = _sheet("Funds of the bank", "entries of the journal", "STI")
    axes.plot(history.moments, history.funds / MICRO, drawstyle="steps-post", color=_COLOURS[0])
    if target is not None:
        axes.axhline(target, color=_GREY, linestyle="--", linewidth=1)
        axes.annotate(
            "target",
            (1, target),
            xycoords=("axes fraction", "data"),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            color=_GREY,
        )
    _begin_at_zero(axes, history)
    _save(figure, path)


def draw_graph(bank: AttentionBank, path: Path, *, atoms_max: int = 40) -> None:
    """The atoms with most STI and the Hebbian links among them.

    The focus stands in the inner ring and is filled dark. The area of a disc is its atom's STI, the
    width of a line its link's strength times confidence.

    Args:
        bank: The economy.
        path: Of the picture.
        atoms_max: Most atoms drawn.

    Raises:
        ConfigurationError: matplotlib or networkx is missing, or the path is no picture.
    """
    networkx = _installed("networkx")
    figure, axes = _sheet("Atoms by STI, and Hebbian links", "", "", size_in=(8.0, 8.0))
    accounts, balances = bank.ledger.accounts, bank.ledger.balances()
    atoms = accounts.open_handles(AccountKind.ATOM)
    drawn = atoms[np.argsort(-balances[atoms], kind="stable")][:atoms_max]
    links = bank.links.of(drawn)
    inside = np.isin(links.targets, drawn)
    weights = (links.strengths * links.confidences)[inside]
    graph = networkx.DiGraph()
    graph.add_nodes_from(drawn.tolist())
    ends = zip(links.sources[inside].tolist(), links.targets[inside].tolist(), strict=True)
    graph.add_weighted_edges_from((*end, w) for end, w in zip(ends, weights.tolist(), strict=True))
    focus = bank.focus()
    rings = [np.intersect1d(drawn, focus.atoms), np.setdiff1d(drawn, focus.atoms)]
    # Rings instead of forces: a focus is linked each with each, and forces would heap it up.
    places = networkx.shell_layout(graph, nlist=[ring.tolist() for ring in rings if len(ring)])
    most = max(1, int(balances[drawn].max(initial=1)))
    heaviest = float(weights.max(initial=1e-9))
    networkx.draw_networkx_edges(
        graph,
        places,
        ax=axes,
        width=[0.3 + 2.2 * w / heaviest for _, _, w in graph.edges.data("weight")],
        edge_color=_GREY,
        alpha=0.45,
        arrowsize=7,
        connectionstyle="arc3,rad=0.08",
    )
    networkx.draw_networkx_nodes(
        graph,
        places,
        ax=axes,
        nodelist=drawn.tolist(),
        node_size=[40 + 1400 * int(balances[atom]) / most for atom in drawn.tolist()],
        node_color=[_COLOURS[0] if atom in focus else _COLOURS[5] for atom in drawn.tolist()],
        edgecolors="white",
    )
    for atom in drawn.tolist():
        axes.annotate(
            _short(accounts.name(atom)),
            places[atom],
            xytext=(0, 5 + (10 + 350 * int(balances[atom]) / most) ** 0.5),
            textcoords="offset points",
            ha="center",
            fontsize=8,
            bbox={"boxstyle": "round,pad=0.1", "facecolor": "white", "alpha": 0.7, "linewidth": 0},
        )
    axes.set_axis_off()
    axes.margins(0.1)
    _save(figure, path)


def _sheet(
    title: str, x_label: str, y_label: str, *, size_in: tuple[float, float] = _SIZE_IN
) -> tuple[Any, Any]:
    figure = _installed("matplotlib.figure").Figure(figsize=size_in, layout="constrained")
    axes = figure.subplots()
    axes.set_title(title, loc="left", fontweight="bold")
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(visible=True, color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.ticklabel_format(style="plain")
    return figure, axes


def _begin_at_zero(axes: Any, history: History) -> None:
    axes.set_xlim(0, max(1, int(history.moments.max(initial=1))))
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0] if (history.funds < 0).any() else 0.0))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.6g}")


def _line(place: int) -> dict[str, Any]:
    style = _STYLES[place // len(_COLOURS) % len(_STYLES)]
    return {"color": _COLOURS[place % len(_COLOURS)], "linestyle": style}


def _short(name: str) -> str:
    """Names may hold anything; a picture has room for little, and ``$`` would begin a formula."""
    cut = name if len(name) <= 24 else f"{name[:23]}…"
    return "".join(letter if letter.isprintable() else "·" for letter in cut).replace("$", r"\$")


def _save(figure: Any, path: Path) -> None:
    if path.suffix.lower() not in _SUFFIXES:
        raise ConfigurationError(
            f"path: a picture ends in {' or '.join(_SUFFIXES)}, and {shown(str(path))} does not"
        )
    figure.savefig(path, dpi=150)


def _installed(module: str) -> Any:
    # Late, because pictures are an extra: everything else works without.
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ConfigurationError(
            f"{module.partition('.')[0]} is needed for pictures: pip install 'cogmesh[plots]'"
        ) from error
