"""What fires together: how strong Hebbian links become, and which are made."""

from __future__ import annotations

from typing import Final

import numpy as np

from .parameters import Profile
from .units import Floats, Ints

_EVIDENCE_SCALE: Final = 800.0
"""K of the count-to-confidence law ``c = N / (N + K)`` in the MeTTa port's PLN."""

_OVERLAP: Final = 0.2
"""Part of the smaller evidence that two opinions are taken to share (CVAL)."""

_CONFIDENCE_MAX: Final = 1 - 2.0**-24
"""Certainty would be infinite evidence; this is what revision reads it as."""


def normalised(balances: Ints, lowest: int, highest: int) -> Floats:
    """Importance from 0, the lowest, to 1, the highest; clipped. All 0 if these two are equal.

    Args:
        balances: µSTI; shape ``(n,)``.
        lowest: µSTI.
        highest: µSTI.
    """
    if highest <= lowest:
        return np.zeros(len(balances))
    return np.clip((balances - lowest) / (highest - lowest), 0.0, 1.0)


def conjunction(source: Floats, target: Floats) -> Floats:
    """How much two atoms are important together.

    ``(s t + (t - s) |t - s| + 1) / 2``: 1 if both are, also if the target is without the source;
    0 if the source is without the target; 1/2 if neither is.

    Args:
        source: Normalised importance; shape ``(m,)``.
        target: The same of the other ends; shape ``(m,)``.

    Returns:
        From 0 to 1; shape ``(m,)``.

    Source: opencog/attention, ``HebbianUpdatingAgent`` (rows H1, H3).
    """
    gain = target - source
    return np.asarray((source * target + gain * np.abs(gain) + 1) / 2)


def decayed(strengths: Floats, observed: Floats, decay: float | Floats) -> Floats:
    """A running mean: ``decay * observed + (1 - decay) * strengths``; shape as given.

    Source: opencog/attention, ``HebbianUpdatingAgent`` (row H2).
    """
    return np.asarray(decay * observed + (1 - decay) * strengths)


def revised(
    strengths: Floats, confidences: Floats, other: Floats, other_confidence: float | Floats
) -> tuple[Floats, Floats]:
    """Two opinions become one, each weighted by its evidence.

    With ``N = K c / (1 - c)`` the strength is the mean weighted by N, and the evidence is
    ``N1 + N2 - overlap * min(N1, N2)``.

    Args:
        strengths: From 0 to 1; shape ``(m,)``.
        confidences: From 0 to 1; shape ``(m,)``. 1 is read as a little less.
        other: Strengths of the second opinion; shape ``(m,)``.
        other_confidence: Of the second opinion.

    Returns:
        Strengths and confidences, shape ``(m,)``. Where nobody has evidence the strength is the
        first opinion's.

    Source: the revision of iCog-Labs-Dev/metta-attention (row H4); K 800, overlap 0.2.
    """
    first, second = _evidence(confidences), _evidence(np.asarray(other_confidence))
    both = first + second
    weight = np.divide(second, both, out=np.zeros_like(both), where=both > 0)
    evidence = both - _OVERLAP * np.minimum(first, second)
    return (
        np.asarray(strengths + weight * (other - strengths)),
        np.asarray(evidence / (evidence + _EVIDENCE_SCALE)),
    )


def learnt(
    strengths: Floats,
    confidences: Floats,
    observed: Floats,
    *,
    decay: float,
    confidence: float,
    profile: Profile,
) -> tuple[Floats, Floats]:
    """What links believe after one more observation.

    Upstream computes the running mean and does not write it back (that line is commented out), so
    its links never learn. The documented profile revises the old belief by the running mean.

    Args:
        strengths: From 0 to 1; shape ``(m,)``.
        confidences: From 0 to 1; shape ``(m,)``.
        observed: Conjunctions; shape ``(m,)``.
        decay: Weight of the newest conjunction in the running mean.
        confidence: Of one observation.
        profile: Whether anything is learnt.

    Returns:
        Strengths and confidences, shape ``(m,)``.
    """
    if profile is Profile.UPSTREAM:
        return strengths, confidences
    return revised(strengths, confidences, decayed(strengths, observed, decay), confidence)


def new_pairs(
    entrants: Ints, focus: Ints, atoms: Ints, far_ratio: float, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Between whom links are made when atoms enter the focus.

    Each entrant is linked both ways with everybody in the focus, and to
    ``round(links / far_ratio)`` atoms drawn from everywhere.

    Args:
        entrants: Who came in; shape ``(e,)``.
        focus: Who is in, the entrants included; shape ``(k,)``.
        atoms: All atoms; shape ``(n,)``.
        far_ratio: Links within the focus for each far one; above 0.
        rng: Draws the far ones. An atom of the focus that is drawn is linked already.

    Returns:
        Sources and targets; a pair may come twice.

    Source: opencog/attention, ``HebbianCreationAgent``. Upstream lists all atoms outside the focus
    for each draw; here a draw costs the same however many atoms there are.
    """
    entrants, focus, atoms = np.sort(entrants), np.sort(focus), np.sort(atoms)
    near, far = _grid(entrants, focus)
    count = round(max(0, len(focus) - 1) / far_ratio)
    drawn = atoms[rng.integers(0, max(1, len(atoms)), size=count * len(entrants))]
    return (
        np.concatenate([near, far, np.repeat(entrants, count)]),
        np.concatenate([far, near, drawn]),
    )


def _grid(first: Ints, second: Ints) -> tuple[Ints, Ints]:
    return np.repeat(first, len(second)), np.tile(second, len(first))


def _evidence(confidences: Floats) -> Floats:
    clipped = np.minimum(confidences, _CONFIDENCE_MAX)
    return np.asarray(_EVIDENCE_SCALE * clipped / (1 - clipped))
