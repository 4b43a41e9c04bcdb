"""One turn of the laws: wages for what was accepted, rent, and what is learnt and passed on.

    earnings ──▶ accounts ──▶ wages ──▶ rent ──▶ links ──▶ spreading ──▶ guidance

Each law posts one entry, whose id begins with the number of entries before the turn, so no turn can
count twice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np

from cognitive_architecture.attention import BANK, MICRO, AccountKind, Currency
from cognitive_architecture.attention.units import Floats, Ints
from cognitive_architecture.attention.wages import wage_rate
from cognitive_architecture.distributed_mesh.machines.earnings import Earnings

from . import affinity
from .books import NOBODY, MeshBooks
from .ports import Guidance


def take_turn(
    books: MeshBooks,
    earnings: Earnings,
    *,
    present: Collection[str],
    now: float,
    rng: np.random.Generator,
) -> Guidance:
    """Let the laws work once.

    Args:
        books: Changed.
        earnings: What has been achieved since the turn before.
        present: Ids of the nodes in the mesh.
        now: Instant.
        rng: Draws which links make room for others.

    Returns:
        What follows for the mesh.
    """
    event = f"turn {books.number}"
    deeds = earnings.accepted.keys() | earnings.failed.keys()
    has_changed = books.welcome(event, sorted({deed.requester or NOBODY for deed in deeds}))
    books.open(event, AccountKind.CAPABILITY, sorted({deed.task_type for deed in deeds}))
    books.open(event, AccountKind.NODE, sorted({deed.node_id for deed in deeds}))
    books.open(event, AccountKind.ATOM, sorted(earnings.concepts))
    _pay(books, event, earnings)
    if _is_short(books):
        books.bank.collect_rent(f"{event} rent")
    pairs = _pairs(earnings)
    affinities = _learn(books, pairs, rng)
    books.bank.learn(rng)
    if len(books.bank.links):
        books.bank.spread(f"{event} spread")
    books.bank.forget(f"{event} forget concepts")
    forgotten = books.forget_absent_nodes(event, present, now)
    return Guidance(books.weights() if has_changed else None, affinities, forgotten)


def _pay(books: MeshBooks, event: str, earnings: Earnings) -> None:
    """One unit of stimulus for each accepted result: to its node, capability and concepts."""
    units: dict[int, float] = {}
    for deed, times in earnings.accepted.items():
        for kind, name in (
            (AccountKind.NODE, deed.node_id),
            (AccountKind.CAPABILITY, deed.task_type),
        ):
            handle = books.handle(kind, name)
            if handle is not None:
                units[handle] = units.get(handle, 0.0) + times
    for concept, times in earnings.concepts.items():
        if (handle := books.handle(AccountKind.ATOM, concept)) is not None:
            units[handle] = float(times)
    if units:
        handles = np.array(list(units), dtype=np.int64)
        stimulus = _affordable(books, np.array(list(units.values())))
        books.bank.stimulate(f"{event} wages", handles, stimulus)


def _affordable(books: MeshBooks, stimulus: Floats) -> Floats:
    """Stimuli that do not take the funds below where wages end.

    The wage of one call has one rate, so a burst of results could otherwise empty the bank, and
    nothing would be left for the endowment of a new requester.
    """
    fund = books.bank.fund(Currency.STI)
    spare = max(0.0, fund.funds - max(0.0, fund.target - fund.buffer))
    owed = wage_rate(fund, books.settings.wage_sti) * float(stimulus.sum())
    return stimulus if owed <= spare else stimulus * (spare / owed)


def _is_short(books: MeshBooks) -> bool:
    target = books.settings.target_sti * MICRO
    return any(
        books.bank.ledger.balance(BANK, currency) < target
        for currency in (Currency.STI, Currency.LTI)
    )


def _pairs(earnings: Earnings) -> dict[tuple[str, str], list[int]]:
    """Accepted and failed attempts by node and capability."""
    pairs: dict[tuple[str, str], list[int]] = {}
    for place, sums in enumerate((earnings.accepted, earnings.failed)):
        for deed, times in sums.items():
            pairs.setdefault((deed.node_id, deed.task_type), [0, 0])[place] += times
    return pairs


def _learn(
    books: MeshBooks, pairs: dict[tuple[str, str], list[int]], rng: np.random.Generator
) -> dict[tuple[str, str], float]:
    """Affinities of the pairs that were tried, by node and capability."""
    known: list[tuple[str, str]] = []
    rows: list[tuple[int, int, int, int]] = []
    for (node, capability), (accepted, failed) in pairs.items():
        node_handle = books.handle(AccountKind.NODE, node)
        capability_handle = books.handle(AccountKind.CAPABILITY, capability)
        if node_handle is not None and capability_handle is not None:
            known.append((node, capability))
            rows.append((capability_handle, node_handle, accepted, failed))
    if not rows:
        return {}
    strengths = affinity.learn(
        books.bank.links,
        affinity.Attempts(*_columns(rows)),
        rate=books.settings.learning_rate,
        rng=rng,
    )
    return dict(zip(known, affinity.affinities(strengths).tolist(), strict=True))


def _columns(rows: Iterable[tuple[int, int, int, int]]) -> tuple[Ints, Ints, Ints, Ints]:
    capabilities, nodes, accepted, failed = np.array(list(rows), dtype=np.int64).T
    return capabilities, nodes, accepted, failed


def all_affinities(books: MeshBooks) -> dict[tuple[str, str], float]:
    """Every affinity that the links hold, by node and capability."""
    accounts, links = books.bank.ledger.accounts, books.bank.links
    found = links.of(accounts.open_handles(AccountKind.CAPABILITY))
    values = affinity.affinities(found.strengths)
    return {
        (accounts.name(node), accounts.name(capability)): value
        for capability, node, value in zip(
            found.sources.tolist(), found.targets.tolist(), values.tolist(), strict=True
        )
        if accounts.kind(node) is AccountKind.NODE
    }
