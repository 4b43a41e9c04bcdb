"""The law of contact over arrays: whose contact is lost, and at which look.

``Contact`` is told contact by contact and asked look by look, ten times a second each. Nearly
always nothing is to be said. Here only the silences are looked at in which something could be:
those longer than the least that counts. ``tests/unit/benchmarks/test_lost_contact.py`` plays the
same contacts to the real one and demands the same verdicts at the same looks.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cognitive_architecture.distributed_mesh.policies.detection.contact import (
    BOUND,
    FEW,
    NEWCOMER,
    PAUSES,
    REMEMBERED,
)

from .heartbeats import Floats


def lost_at(made_at: Floats, told_at: Floats, looks: Floats, *, floor_s: float) -> Floats:
    """When one side takes one process for lost that lives on: the first look of each silence.

    Args:
        made_at: Of shape (contacts,): the instants of contact, each later than the one before.
        told_at: When this side learnt of each, ascending and not before the contact itself. The
            last one is the end of the trace.
        looks: When it looks, ascending; after what it is told at the same instant.
        floor_s: The least silence that counts, in seconds.
    """
    places = np.flatnonzero(told_at[1:] - made_at[:-1] > floor_s)
    made = made_at[places]
    patience_s = _patience_s(made_at, places, floor_s)
    look = np.maximum(
        np.searchsorted(looks, told_at[places]),
        np.searchsorted(looks, made + patience_s) - 1,
    )
    # What is added here is subtracted there: the last digit may differ.
    for _ in range(2):
        look += ~(_at(looks, look) - made > patience_s)
    at = _at(looks, look)
    return at[at < told_at[places + 1]]


def _patience_s(made_at: Floats, places: NDArray[np.intp], floor_s: float) -> Floats:
    """``Contact.patience_s`` after the contacts at these places."""
    pauses = np.diff(made_at)
    longest = np.array(
        [pauses[max(0, place - REMEMBERED) : place].max(initial=0.0) for place in places]
    )
    unknown = np.maximum(0.0, 1.0 - places / FEW)
    granted = np.maximum(np.maximum(floor_s, PAUSES * longest), NEWCOMER * floor_s * unknown)
    patience_s: Floats = np.minimum(granted, BOUND * floor_s)
    return patience_s


def _at(looks: Floats, places: NDArray[np.intp]) -> Floats:
    """Instants of these looks; of those after the last one, never."""
    return np.append(looks, np.inf)[np.clip(places, 0, len(looks))]
