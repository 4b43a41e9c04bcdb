"""How well a capability and a node go together, learnt from what became of attempts.

A Hebbian link leads from each to the other. Its strength is a running mean of conjunctions (the law
of ``attention.hebbian``) over attempts, its confidence the evidence of their number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from cognitive_architecture.attention import HebbianLinks
from cognitive_architecture.attention.hebbian import conjunction, decayed, revised
from cognitive_architecture.attention.links import Links
from cognitive_architecture.attention.units import Bools, Floats, Ints

STRENGTH_OF_STRANGERS: Final = 0.5
"""Of a pair that was never tried: neither good nor bad together."""

_EVIDENCE_SCALE: Final = 800.0
"""Attempts that make a confidence of one half; the scale of ``attention.hebbian``."""


def affinities(strengths: Floats) -> Floats:
    """How much a pair has going for it: 0 for strangers and for those who fail, 1 at best."""
    return np.clip(2.0 * strengths - 1.0, 0.0, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Attempts:
    """What became of attempts, by pair of accounts; each column has shape ``(n,)``."""

    capabilities: Ints
    """Handles. A pair of a capability and a node comes once."""
    nodes: Ints
    accepted: Ints
    failed: Ints


def observed(attempts: Attempts) -> Floats:
    """The conjunction of trying and succeeding, 0 to 1; shape ``(n,)``.

    The source of the link is there whenever something was tried, so it counts 1; the target counts
    as the part that went well: 1 if all did, 0 if none.
    """
    tried = attempts.accepted + attempts.failed
    went_well = attempts.accepted / np.maximum(tried, 1)
    return conjunction(np.ones(len(tried)), went_well)


def learn(
    links: HebbianLinks, attempts: Attempts, *, rate: float, rng: np.random.Generator
) -> Floats:
    """Let links believe what attempts have shown, making those that are not there.

    Args:
        links: Changed.
        attempts: Since the last time; at least one of each pair.
        rate: Weight of one attempt in the running mean, 0 to 1. With n of them at once the old
            strength counts ``(1 - rate)**n``, as if they had come one after the other.
        rng: Draws which old links make room where a source has too many.

    Returns:
        Strengths of the links from capability to node, 0 to 1; shape ``(n,)``.
    """
    sources = np.concatenate([attempts.capabilities, attempts.nodes])
    targets = np.concatenate([attempts.nodes, attempts.capabilities])
    _, _, there = _found(links, sources, targets)
    if not there.all():
        links.add(sources[~there], targets[~there], STRENGTH_OF_STRANGERS, 0.0, rng)
    # A source with too many links may have lost some of these again.
    found, places, there = _found(links, sources, targets)
    seen = np.tile(observed(attempts), 2)
    tried = np.tile(attempts.accepted + attempts.failed, 2)
    places, seen, tried = places[there], seen[there], tried[there]
    strengths = found.strengths[places]
    _, confidences = revised(
        strengths, found.confidences[places], seen, tried / (tried + _EVIDENCE_SCALE)
    )
    believed = decayed(strengths, seen, 1.0 - (1.0 - rate) ** tried)
    links.believe(found.slots[places], believed, confidences)
    of_all = np.full(len(sources), STRENGTH_OF_STRANGERS)
    of_all[there] = believed
    return of_all[: len(attempts.nodes)]


def _found(links: HebbianLinks, sources: Ints, targets: Ints) -> tuple[Links, Ints, Bools]:
    """The links of these sources, where among them each pair stands, and whether it does."""
    found = links.of(np.unique(sources))
    keys = (found.sources << 32) | found.targets
    wanted = (sources << 32) | targets
    places = np.minimum(np.searchsorted(keys, wanted), max(0, len(keys) - 1))
    there = keys[places] == wanted if len(keys) else np.zeros(len(wanted), dtype=np.bool_)
    return found, places, there
