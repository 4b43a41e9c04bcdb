"""Spreading tokens as the attention broker of the Distributed AtomSpace does, without its leaks.

A context has one token, divided among its nodes. Each stimulus collects a rent from everybody and
pays it to the nodes that were named, by how often; then every node passes a part on to its
neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .errors import InvalidAmount
from .parameters import Profile
from .rounding import apportion, apportion_rows, sums_by
from .units import MICRO, Ints

RENT_SHARE = 0.75
"""Of what each node has; singnet/das, ``AttentionBrokerServer.cc``."""
SPREAD_SHARE = 0.10
"""Of what each node has afterwards; the broker's lowest and highest share are the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """Directed edges with how often they were seen, each pair at most once; shape ``(m,)``."""

    sources: Ints
    targets: Ints
    counts: Ints
    """Above 0."""


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """One context: µ-tokens by node, and what no node has."""

    importance: Ints
    undistributed: int = MICRO
    """A fresh context has its whole token here."""


def stimulated(tokens: Tokens, counts: Ints, neighbours: Neighbours, profile: Profile) -> Tokens:
    """One stimulus: rent, wages, spreading.

    The documented profile keeps the sum of importance and of the undistributed for ever. Upstream
    loses two things: what a node without neighbours passes on to nobody, and what would be paid to
    nodes that the network does not know (an all-zero ``counts``).

    Args:
        tokens: Before.
        counts: How often each node was named; 0 for the others; shape ``(n,)``.
        neighbours: Who passes on to whom.
        profile: With or without the leaks.

    Returns:
        Tokens afterwards. Wages are divided by the largest remainder, so they are exact.

    Raises:
        InvalidAmount: A count is negative, or an edge leads out of the network.

    Source: singnet/das af58a5a2, ``TokenSpreader``, read and not run (rows S1, S2, S3).
    """
    nodes = np.arange(len(tokens.importance))
    ends = np.concatenate([neighbours.sources, neighbours.targets])
    if np.any((ends < 0) | (ends >= len(nodes))):
        raise InvalidAmount(f"neighbours: nodes from 0 to {len(nodes) - 1} are known")
    if len(counts) != len(nodes) or np.any(counts < 0) or np.any(neighbours.counts <= 0):
        raise InvalidAmount("counts: one for each node, not negative; of an edge, above 0")
    rents = np.floor(tokens.importance * RENT_SHARE).astype(np.int64)
    pot = int(rents.sum()) + tokens.undistributed
    paid = apportion(pot, counts, nodes)
    kept_back = pot - int(paid.sum())
    importance = tokens.importance - rents + paid
    passed_on = np.floor(importance * SPREAD_SHARE).astype(np.int64)
    has_neighbour = np.bincount(neighbours.sources, minlength=len(nodes)) > 0
    delivered = np.where(has_neighbour, passed_on, 0)
    importance = importance - (delivered if profile is Profile.DOCUMENTED else passed_on)
    np.add.at(importance, neighbours.targets, _deliveries(delivered, neighbours))
    return Tokens(importance, kept_back if profile is Profile.DOCUMENTED else 0)


def _deliveries(passed_on: Ints, neighbours: Neighbours) -> Ints:
    """What travels along each edge, in the ratio of the counts; exact for each source."""
    sums = sums_by(neighbours.sources, neighbours.counts, len(passed_on))
    share = neighbours.counts / sums[neighbours.sources]
    quotas = passed_on[neighbours.sources] * share
    return apportion_rows(passed_on, neighbours.sources, quotas, neighbours.targets)
