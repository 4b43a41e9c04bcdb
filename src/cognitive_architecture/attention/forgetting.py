"""Which atoms are forgotten, when the memory holds too many."""

from __future__ import annotations

import numpy as np

from .parameters import Profile
from .units import Bools, Floats, Ints


def surplus(atoms: int, size: int, spread: int) -> int:
    """How many atoms are too many.

    Nothing up to ``size + spread``; from there on as many as are above ``size - spread``, so that
    forgetting comes seldom.

    Source: opencog/attention, ``ForgettingAgent`` (row F1).
    """
    return atoms - (size - spread) if atoms >= size + spread else 0


def forgettable(
    atoms: Ints,
    lti: Ints,
    means: Floats,
    may_go: Bools,
    count: int,
    *,
    threshold: int,
    profile: Profile,
) -> Ints:
    """The atoms with the least LTI that may go.

    Equal LTI goes by the smaller mean of the truth value, then by the older account. Where we
    differ: upstream looks at the last ``count`` atoms and removes those of them that may go; when
    these are all held by others it never removes anything again. Here the last ``count`` *of those
    that may go* are taken.

    Args:
        atoms: Handles; shape ``(n,)``.
        lti: Millionths of one LTI; shape ``(n,)``.
        means: Absolute means of the atoms' truth values; shape ``(n,)``.
        may_go: Not protected by VLTI, and in no link but Hebbian ones; shape ``(n,)``.
        count: How many at most.
        threshold: Atoms with more LTI than this, in millionths, are kept.
        profile: Documented or upstream.

    Returns:
        Handles, least important first; at most ``count``.
    """
    if profile is Profile.UPSTREAM:
        last = _least(atoms, lti, means, count)
        return atoms[last[may_go[last] & (lti[last] <= threshold)]]
    free = np.flatnonzero(may_go & (lti <= threshold))
    return atoms[free[_least(atoms[free], lti[free], means[free], count)]]


def _least(atoms: Ints, lti: Ints, means: Floats, count: int) -> Ints:
    """Places of the least important, without sorting those that stay."""
    if count <= 0 or not len(atoms):
        return np.zeros(0, dtype=np.int64)
    count = min(count, len(atoms))
    bound = np.partition(lti, count - 1)[count - 1]
    last = np.flatnonzero(lti <= bound)
    return last[np.lexsort((atoms[last], means[last], lti[last]))[:count]]
