"""How importance flows from atoms to those they are connected with.

Two kinds of ties carry it: Hebbian links, by strength and confidence, and incidence (the links
that an atom is in, and the atoms that a link is of), in equal parts. All amounts are fixed before
anything moves, so the order of the atoms does not matter. What no target takes stays where it was.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .errors import InvalidAmount
from .parameters import Profile
from .rounding import apportion_rows, sums_by
from .units import Floats, Ints, real


@dataclass(frozen=True, slots=True, eq=False)
class HebbianTies:
    """Hebbian links of some sources; every column has shape ``(m,)``."""

    rows: Ints
    """Which source: its place among the sources, not its handle."""
    targets: Ints
    strengths: Floats
    confidences: Floats


@dataclass(frozen=True, slots=True, eq=False)
class IncidentTies:
    """Incidence of some sources, each pair once; shape ``(m,)``."""

    rows: Ints
    targets: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Routes:
    """What part of its amount each source sends where, ordered by row and target."""

    rows: Ints
    targets: Ints
    shares: Floats


def spread_amounts(balances: Ints, share: float, turns: float = 1.0) -> Ints:
    """What atoms set in motion: ``sti * (1 - (1 - share)**turns)``.

    Args:
        balances: µSTI, not negative; shape ``(n,)``.
        share: Largest part of it in one turn, from 0 to 1.
        turns: How many turns at once; 1 in the focus, more for atoms that are visited rarely.

    Returns:
        µSTI; shape ``(n,)``.

    Raises:
        InvalidAmount: The share is none, or there are less than no turns.

    Source: opencog/attention, the two importance diffusion agents.
    """
    real(share, "share", low=0, high=1)
    real(turns, "turns", low=0)
    return np.asarray(np.rint(balances * (1 - (1 - share) ** turns)), dtype=np.int64)


def routes(
    hebbian: HebbianTies,
    incident: IncidentTies,
    sources: int,
    *,
    hebbian_share_max: float,
    profile: Profile,
) -> Routes:
    """Where the sources send their amounts.

    With n Hebbian links of strength s and confidence c a link gets ``share_max * s * c / n``;
    incident atoms divide the rest equally. Where we differ from upstream:

    * upstream divides a Hebbian link's part by n a second time;
    * upstream drops the incident part of a target that is a Hebbian target too; here it gets both;
    * upstream's agent outside the focus reads a wrong parameter, 5, as ``share_max``; here it must
      be from 0 to 1, so that no share is negative.

    Args:
        hebbian: Links of the sources.
        incident: Neighbours of the sources.
        sources: How many sources there are.
        hebbian_share_max: Largest part that Hebbian links carry.
        profile: Documented or upstream.

    Returns:
        Shares; those of one source add up to at most 1.

    Raises:
        InvalidAmount: A strength or confidence is not from 0 to 1; or ``hebbian_share_max``, in
            the documented profile.

    Source: opencog/attention, ``ImportanceDiffusionBase`` (rows D1, D2, D3, D4).
    """
    if profile is Profile.DOCUMENTED and not 0 <= hebbian_share_max <= 1:
        raise InvalidAmount(
            f"hebbian_share_max: a share from 0 to 1 is needed, not {hebbian_share_max:g}: more "
            "would take STI away from neighbours"
        )
    real(hebbian_share_max, "hebbian_share_max")
    strengths = real(hebbian.strengths, "strengths", low=0, high=1)
    confidences = real(hebbian.confidences, "confidences", low=0, high=1)
    order = np.lexsort((hebbian.targets, hebbian.rows))
    rows = hebbian.rows[order]
    count = np.bincount(rows, minlength=sources)
    learnt = hebbian_share_max * (strengths * confidences)[order] / count[rows]
    if profile is Profile.UPSTREAM:
        learnt /= count[rows]
    neighbours = np.bincount(incident.rows, minlength=sources)
    rest = 1 - sums_by(rows, learnt, sources)
    equal = (rest / np.maximum(neighbours, 1))[incident.rows]
    learnt_pairs = _pairs(rows, hebbian.targets[order])
    equal_pairs = _pairs(incident.rows, incident.targets)
    if profile is Profile.UPSTREAM:
        is_free = ~np.isin(equal_pairs, learnt_pairs)
        equal_pairs, equal = equal_pairs[is_free], equal[is_free]
    pairs, where = np.unique(np.concatenate([learnt_pairs, equal_pairs]), return_inverse=True)
    shares = sums_by(where, np.concatenate([learnt, equal]), len(pairs))
    return Routes(pairs >> 32, pairs & 0xFFFFFFFF, shares)


def flows(amounts: Ints, ways: Routes) -> Ints:
    """What travels along each route, in whole µSTI.

    The flows of one source add up to its amount times its shares, rounded once: they are divided
    by the largest remainder.

    Args:
        amounts: µSTI that each source sets in motion; shape ``(sources,)``.
        ways: Shape ``(m,)``.

    Returns:
        µSTI; shape ``(m,)``.
    """
    quotas = amounts[ways.rows] * ways.shares
    totals = sums_by(ways.rows, quotas, len(amounts))
    whole = np.minimum(
        np.rint(totals).astype(np.int64), amounts
    )  # shares may add up to a hair more
    return apportion_rows(whole, ways.rows, quotas, ways.targets)


def _pairs(rows: Ints, targets: Ints) -> Ints:
    return np.asarray((rows << 32) | targets)
