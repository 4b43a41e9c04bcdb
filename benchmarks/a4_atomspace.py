"""How fast atoms are added, matched and joined, and what they weigh.

Links `(Inheritance n7 m7)`, each with a new node, are added one by one. Each is looked up by its
first node, in the index (`matches`) and by a query that was compiled once (`query_matches`). Then,
beside as many `(Member n7 k0)`, a query finds everything that inherits from m7 and is a member of
k3: 2 clauses over 100,000 + 100,000 links, 143 results. The time to compile it and to make the
atoms' texts is within, for every store alike.

Bytes are the growth of resident memory (RSS) of a fresh process for 500,000 links and as many new
nodes, a million atoms, divided by their number; of other stores the same, though they may keep no
nodes. Hyperon is 0.2.6, which does not abort; Oxigraph keeps RDF quads.

Then a million atoms, half nodes and half links, are written to a store on disk beside them
(`kept_atoms` a second, 10,000 in a commit; `lone_commits` a second), loaded from its log
(`log_load_s`), folded into a snapshot (`fold_s`) and loaded from that (`load_s`). Every commit is
on disk when it is counted. No goal speaks of these.
"""

from __future__ import annotations

import gc
import statistics
import subprocess
import sys
from collections.abc import Callable

import psutil
from rich.console import Console

from .atom_stores import AtomStore, OurSpace, peers, store
from .kept_atoms import kept_round
from .report import Options, Report, installed
from .systems import Unavailable

LINKS = 100_000
LINKS_WEIGHED = 500_000
ATOMS_KEPT = 1_000_000
GROUPS, OTHER_GROUPS = 100, 7
JOINS = 11
GOAL_LINKS, GOAL_MATCHES, GOAL_JOIN_MS, GOAL_BYTES = 250_000.0, 300_000.0, 3.0, 400.0

Figures = dict[str, list[float]]


def measure(options: Options) -> Report:
    """Alternate all stores and report."""
    console = Console()
    ours = OurSpace()
    stores = _installed([ours, *(peers() if options.peers else [])], console.print)
    figures: dict[str, Figures] = {one.name: {} for one in stores}
    for number in range(1, options.pairs + 1):
        for one in stores:
            rates = _round(one, options.scaled(LINKS))
            if one is ours:
                rates["query_matches"] = _query_matches(ours, options.scaled(LINKS))
            for name, rate in rates.items():
                figures[one.name].setdefault(name, []).append(rate)
            console.print(
                f"round {number}/{options.pairs}  {one.name:<10} {rates['links']:>9,.0f} links/s  "
                f"{rates['matches']:>9,.0f} matches/s  join {rates['join_ms']:.3g} ms"
            )
    for one in stores:
        weight = _weighed(one.name, options.scaled(LINKS_WEIGHED))
        figures[one.name]["bytes_per_atom"] = [weight]
        console.print(f"{one.name:<10} {weight:.0f} bytes/atom")
    kept = _kept(options, console.print)
    return _report(options, figures, kept)


def print_weight(name: str, links: int) -> None:
    """Of a process of its own: bytes of resident memory for each link and each new node."""
    one = store(name)
    one.open()
    one.add("Inheritance", "m", 1000, GROUPS)  # what is loaded late is loaded now
    one.open()
    before = _resident()
    one.add("Inheritance", "m", links, GROUPS)
    print((_resident() - before) / (2 * links + GROUPS))


def _resident() -> int:
    gc.collect()
    return int(psutil.Process().memory_info().rss)


def _weighed(name: str, links: int) -> float:
    command = f"from benchmarks.a4_atomspace import print_weight; print_weight({name!r}, {links})"
    answer = subprocess.run(
        [sys.executable, "-c", command], capture_output=True, text=True, check=True
    )
    return float(answer.stdout)


def _round(one: AtomStore, links: int) -> dict[str, float]:
    one.open()
    gc.collect()
    added_s = one.add("Inheritance", "m", links, GROUPS)
    matched_s = one.match("Inheritance", links)
    one.add("Member", "k", links, OTHER_GROUPS)
    joins = [one.join(("Inheritance", "m7"), ("Member", "k3")) for _ in range(JOINS)]
    expected = sum(1 for number in range(7, links, GROUPS) if number % OTHER_GROUPS == 3)
    assert {count for count, _ in joins} == {expected}
    join_s = statistics.median(seconds for _, seconds in joins)
    return {"links": links / added_s, "matches": links / matched_s, "join_ms": join_s * 1000}


def _query_matches(ours: OurSpace, links: int) -> float:
    return links / ours.match_by_query("Inheritance", links)


def _kept(options: Options, say: Callable[[str], None]) -> Figures:
    kept: Figures = {}
    for number in range(1, options.pairs + 1):
        found = kept_round(options.scaled(ATOMS_KEPT))
        for name, figure in found.items():
            kept.setdefault(name, []).append(figure)
        say(
            f"round {number}/{options.pairs}  on disk    {found['kept_atoms']:>9,.0f} atoms/s  "
            f"{found['lone_commits']:>6,.0f} lone commits/s  load {found['log_load_s']:.2f} s, "
            f"fold {found['fold_s']:.2f} s, load {found['load_s']:.2f} s"
        )
    return kept


def _installed(stores: list[AtomStore], say: Callable[[str], None]) -> list[AtomStore]:
    there = []
    for one in stores:
        try:
            one.open()
        except Unavailable as why:
            say(f"{one.name} is left out: {why}")
        else:
            there.append(one)
    return there


def _report(options: Options, figures: dict[str, Figures], kept: Figures) -> Report:
    ours = figures.pop("atomspace")
    rounds = ours | kept
    ratios = {}
    for peer, theirs in figures.items():
        for name, values in theirs.items():
            rounds[f"{peer}_{name}"] = values
            pairs = zip(ours[name], values, strict=True)
            is_more_better = name in ("links", "matches")
            ratios[f"{peer}_{name}"] = statistics.median(
                a / b if is_more_better else b / a for a, b in pairs
            )
    middle = {name: statistics.median(values) for name, values in ours.items()}
    met = (
        middle["links"] >= GOAL_LINKS
        and min(middle["matches"], middle["query_matches"]) >= GOAL_MATCHES
        and middle["join_ms"] <= GOAL_JOIN_MS
        and middle["bytes_per_atom"] <= GOAL_BYTES
    )
    return Report(
        "links",
        "links/s",
        rounds,
        met=met,
        ratios=ratios,
        config={
            "pairs": options.pairs,
            "links": options.scaled(LINKS),
            "atoms_weighed": 2 * options.scaled(LINKS_WEIGHED) + GROUPS,
            "atoms_kept": options.scaled(ATOMS_KEPT),
            "memory": "growth of RSS in a fresh process",
            "versions": {name: installed(name) for name in ("msgspec", "hyperon", "pyoxigraph")},
        },
    )
