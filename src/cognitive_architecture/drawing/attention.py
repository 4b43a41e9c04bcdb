"""Attention as people look at it: STI over time, the focus, the funds, the graph of accounts.

Each function writes one picture; the suffix of the path, ``.png`` or ``.svg``, says which kind.
Colours are told apart by colour-blind eyes too (Okabe and Ito).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np

from cognitive_architecture.attention import MICRO, AccountKind, AttentionBank
from cognitive_architecture.attention.history import History
from cognitive_architecture.attention.units import Floats, Ints

from .sheets import COLOURS, GREY, installed, save, sheet, short

_STYLES: Final = {
    AccountKind.NODE: "-",
    AccountKind.CAPABILITY: "--",
    AccountKind.ATOM: ":",
    AccountKind.REQUESTER: "-.",
}
"""Lines of members of a mesh; where there are atoms only, they all have whole lines."""
_KIND_COLOURS: Final = {
    AccountKind.BANK: "#C9C9C9",
    AccountKind.REQUESTER: COLOURS[3],
    AccountKind.CAPABILITY: COLOURS[1],
    AccountKind.NODE: COLOURS[0],
    AccountKind.ATOM: COLOURS[2],
    AccountKind.TASK: COLOURS[4],
    AccountKind.ESCROW: COLOURS[7],
}
_WORDS: Final = {
    AccountKind.BANK: "bank",
    AccountKind.REQUESTER: "requesters",
    AccountKind.CAPABILITY: "capabilities",
    AccountKind.NODE: "nodes",
    AccountKind.ATOM: "concepts",
    AccountKind.TASK: "tasks",
    AccountKind.ESCROW: "escrow",
}
_UNITS: Final = ((2 * 86_400.0, 86_400.0, "days"), (2 * 3600.0, 3600.0, "hours"),
                 (180.0, 60.0, "minutes"), (0.0, 1.0, "seconds"))  # fmt: skip


def draw_sti(history: History, path: Path) -> None:
    """STI of the accounts that had most, over time, or over the entries if nobody said when.

    Raises:
        ConfigurationError: matplotlib is missing, or the path is no picture.
    """
    across, label = _across(history)
    figure, axes = sheet("STI over time", label, "STI")
    for place, name in enumerate(history.names):
        axes.plot(
            across,
            history.balances[:, place] / MICRO,
            drawstyle="steps-post",
            label=_titled(history, place, name),
            color=COLOURS[place % len(COLOURS)],
            linestyle=_style(history, place),
            linewidth=1.6,
        )
    _begin_at_zero(axes, across, history)
    if history.names:
        axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)
    save(figure, path)


def draw_focus(history: History, path: Path) -> None:
    """When each of these accounts was in the focus; the darker, the more STI it had then.

    Raises:
        ConfigurationError: matplotlib is missing, or the path is no picture.
    """
    across, label = _across(history)
    figure, axes = sheet("In the focus: the darker, the more STI", label, "")
    most = max(1, int(history.balances.max(initial=1)))
    step = float(np.diff(across).mean()) if len(across) > 1 else 1.0
    ends = np.append(across[1:], across[-1:] + step)
    for place in range(len(history.names)):
        is_in = history.in_focus[:, place].astype(np.bool_)
        spans = np.column_stack([across, ends - across])[is_in]
        shades = 0.15 + 0.85 * np.maximum(history.balances[is_in, place], 0) / most
        colour = _bar_colour(history, place)
        axes.broken_barh(
            [(float(start), float(width)) for start, width in spans],
            (place - 0.35, 0.7),
            facecolors=[f"{colour}{round(255 * shade):02x}" for shade in shades],
        )
    labels = [_titled(history, place, name) for place, name in enumerate(history.names)]
    axes.set_yticks(range(len(history.names)), labels)
    axes.set_ylim(max(1, len(history.names)) - 0.5, -0.5)
    axes.set_xlim(0, max(1e-9, float(ends.max(initial=1.0))))
    axes.grid(visible=False, axis="y")
    save(figure, path)


def draw_funds(history: History, path: Path, *, target: float | None = None) -> None:
    """Who held how much of all STI: the bank's funds at the bottom, the others upon them.

    Args:
        history: Of a journal.
        path: Of the picture.
        target: STI that the bank wants to have; drawn as a line.

    Raises:
        ConfigurationError: matplotlib is missing, or the path is no picture.
    """
    across, label = _across(history)
    figure, axes = sheet("Who holds the STI", label, "STI")
    layers = {AccountKind.BANK: history.funds} | dict(history.held)
    lower = np.zeros(len(across))
    for kind, held in layers.items():
        upper = lower + np.maximum(held, 0) / MICRO
        axes.fill_between(
            across, lower, upper, step="post", color=_KIND_COLOURS[kind], linewidth=0,
            label=_WORDS[kind],
        )  # fmt: skip
        lower = upper
    if target is not None:
        axes.axhline(
            target, color="#333333", linestyle="--", linewidth=1, label="target of the bank"
        )
    _begin_at_zero(axes, across, history)
    axes.set_ylim(top=float(lower.max(initial=1.0)))
    # Beside the picture, in the order in which the layers lie upon each other.
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False, reverse=True)
    save(figure, path)


def draw_graph(bank: AttentionBank, path: Path, *, atoms_max: int = 40) -> None:
    """The accounts with most STI and the Hebbian links among them.

    The area of a disc is its account's STI, the width of a line its link's strength times
    confidence. Of atoms alone the focus stands in the inner ring and is filled dark. Members of a
    mesh stand in columns by kind, those outside the focus pale.

    Args:
        bank: The economy.
        path: Of the picture.
        atoms_max: Most accounts drawn, of each kind.

    Raises:
        ConfigurationError: matplotlib or networkx is missing, or the path is no picture.
    """
    networkx = installed("networkx")
    is_of_atoms = bank.kinds == (AccountKind.ATOM,)
    accounts, balances = bank.ledger.accounts, bank.ledger.balances()
    columns = [
        handles[np.argsort(-balances[handles], kind="stable")][:atoms_max]
        for kind in (bank.kinds if is_of_atoms else (AccountKind.REQUESTER, *bank.kinds))
        if len(handles := accounts.open_handles(kind))
    ]
    drawn = np.concatenate([np.zeros(0, dtype=np.int64), *columns])
    graph = networkx.DiGraph()
    graph.add_nodes_from(drawn.tolist())
    graph.add_weighted_edges_from(_edges(bank, drawn))
    tallest = max((len(column) for column in columns), default=1)
    if is_of_atoms:
        figure, axes = sheet("Atoms by STI, and Hebbian links", "", "", size_in=(8.0, 8.0))
        focus = bank.focus()
        rings = [np.intersect1d(drawn, focus.atoms), np.setdiff1d(drawn, focus.atoms)]
        # Rings and not forces: a focus is linked each with each, and forces would heap it up.
        places = networkx.shell_layout(graph, nlist=[ring.tolist() for ring in rings if len(ring)])
    else:
        figure, axes = sheet(
            "Accounts by STI, and Hebbian links", "", "",
            size_in=(2.0 + 2.0 * len(columns), 1.6 + 0.9 * max(3, tallest)),
        )  # fmt: skip
        places = _in_columns(columns)
        graph = graph.to_undirected()  # both ways they are believed the same
    _draw_edges(networkx, axes, graph, places)
    _draw_discs(networkx, axes, bank, graph, places)
    axes.set_axis_off()
    axes.margins(0.14)
    if not is_of_atoms:
        _head_columns(axes, bank, columns, tallest)
    save(figure, path)


def _edges(bank: AttentionBank, drawn: Ints) -> list[tuple[int, int, float]]:
    links = bank.links.of(drawn)
    inside = np.isin(links.targets, drawn)
    weights = (links.strengths * links.confidences)[inside]
    return list(
        zip(
            links.sources[inside].tolist(),
            links.targets[inside].tolist(),
            weights.tolist(),
            strict=True,
        )
    )


def _draw_edges(networkx: Any, axes: Any, graph: Any, places: dict[int, Any]) -> None:
    heaviest = max((weight for _, _, weight in graph.edges.data("weight")), default=0.0) or 1.0
    directed = {"arrowsize": 7, "connectionstyle": "arc3,rad=0.08"} if graph.is_directed() else {}
    networkx.draw_networkx_edges(
        graph,
        places,
        ax=axes,
        width=[0.3 + 2.2 * weight / heaviest for _, _, weight in graph.edges.data("weight")],
        edge_color=GREY,
        alpha=0.45,
        **directed,
    )


def _draw_discs(
    networkx: Any, axes: Any, bank: AttentionBank, graph: Any, places: dict[int, Any]
) -> None:
    accounts, balances, focus = bank.ledger.accounts, bank.ledger.balances(), bank.focus()
    drawn = list(graph.nodes)
    most = max([1, *(int(balances[handle]) for handle in drawn)])
    networkx.draw_networkx_nodes(
        graph,
        places,
        ax=axes,
        nodelist=drawn,
        node_size=[40 + 1400 * int(balances[handle]) / most for handle in drawn],
        node_color=[_disc_colour(bank, handle, is_in=handle in focus) for handle in drawn],
        edgecolors="white",
    )
    for handle in drawn:
        name = short(accounts.name(handle)) or "(nobody)"
        axes.annotate(
            f"{name}\n{balances[handle] / MICRO:,.0f}" if len(bank.kinds) > 1 else name,
            places[handle],
            xytext=(0, 5 + (10 + 350 * int(balances[handle]) / most) ** 0.5),
            textcoords="offset points",
            ha="center",
            fontsize=8,
            bbox={"boxstyle": "round,pad=0.1", "facecolor": "white", "alpha": 0.7, "linewidth": 0},
        )


def _disc_colour(bank: AttentionBank, handle: int, *, is_in: bool) -> str:
    kind = bank.ledger.accounts.kind(handle)
    if bank.kinds == (AccountKind.ATOM,):
        return COLOURS[0] if is_in else COLOURS[5]
    # Requesters are never in the focus, and are not outside it either.
    return _KIND_COLOURS[kind] + ("" if is_in or kind not in bank.kinds else "66")


def _in_columns(columns: list[Ints]) -> dict[int, tuple[float, float]]:
    """Places with the richest of each kind on top, and the columns centred beside each other."""
    return {
        handle: (float(number), (len(column) - 1) / 2 - place)
        for number, column in enumerate(columns)
        for place, handle in enumerate(column.tolist())
    }


def _head_columns(axes: Any, bank: AttentionBank, columns: list[Ints], tallest: int) -> None:
    top = (tallest - 1) / 2 + 1.1
    axes.set_ylim(-(tallest - 1) / 2 - 0.5, top + 0.15)
    axes.set_xlim(-0.5, len(columns) - 0.5)
    for number, column in enumerate(columns):
        kind = bank.ledger.accounts.kind(int(column[0]))
        axes.text(
            number, top, _WORDS[kind],
            ha="center", va="top", color=_KIND_COLOURS[kind], fontweight="bold",
        )  # fmt: skip


def _across(history: History) -> tuple[Floats, str]:
    """Where the moments stand from left to right, and what that is."""
    if history.instants is None or not len(history.instants):
        return history.moments.astype(np.float64), "entries of the journal"
    since = history.instants - history.instants[0]
    span = float(since.max())
    scale, word = next((scale, word) for least, scale, word in _UNITS if span >= least)
    return since / scale, word


def _titled(history: History, place: int, name: str) -> str:
    kinds = set(history.kinds)
    if len(kinds) < 2:
        return short(name)
    kind = history.kinds[place]
    return f"{short(name)} ({'concept' if kind is AccountKind.ATOM else kind})"


def _style(history: History, place: int) -> str:
    if len(set(history.kinds)) < 2:
        return ("-", "--", ":")[place // len(COLOURS) % 3]
    return _STYLES.get(history.kinds[place], "-")


def _bar_colour(history: History, place: int) -> str:
    if len(set(history.kinds)) < 2:
        return COLOURS[place % len(COLOURS)]
    return _KIND_COLOURS[history.kinds[place]]


def _begin_at_zero(axes: Any, across: Floats, history: History) -> None:
    axes.set_xlim(0, max(1e-9, float(across.max(initial=0.0))) if len(across) else 1.0)
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0] if (history.funds < 0).any() else 0.0))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.6g}")
