"""Stimulus, and what it earns.

The bank pays for every stimulus, in STI and in LTI. Its wage falls as its funds run out and rises
as they pile up, which keeps them near a target.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from cognitive_architecture.foundation.sentences import shown

from .errors import InvalidAmount
from .rounding import apportion
from .units import AMOUNT_MAX, MICRO, Floats, Ints


@dataclass(frozen=True, slots=True)
class Fund:
    """What a bank has of one currency, and what it wants to have."""

    funds: float
    """In STI (or LTI); below 0 if the bank is overdrawn."""
    target: float
    buffer: float
    """Above 0: how far from the target wages and rents reach their ends."""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.funds) and math.isfinite(self.target)):
            raise InvalidAmount(
                f"funds and target: finite numbers are needed, not {shown(self.funds)} and "
                f"{shown(self.target)}"
            )
        if not 0 < self.buffer < math.inf:
            raise InvalidAmount(f"buffer: a number above 0 is needed, not {shown(self.buffer)}")

    @property
    def surplus(self) -> float:
        """How far the funds are above the target, in buffers."""
        return (self.funds - self.target) / self.buffer


def wage_rate(fund: Fund, base: float) -> float:
    """What one unit of stimulus earns.

    ``base * (1 + clamp(surplus, -1, 1))``: nothing when the funds are a buffer below the target,
    twice the base when they are a buffer above.

    Args:
        fund: Of the currency that is paid.
        base: STI for one unit when the funds are at the target.

    Returns:
        STI for one unit of stimulus.

    Source: opencog/attention, ``AttentionBank.cc`` (conformance rows W1, W2). The paper of 2009
    divides a wage among all cued atoms instead; that form is known to us from memory only, and is
    not here.
    """
    return base * (1 + min(1.0, max(-1.0, fund.surplus)))


def wages(rate: float, stimulus: Floats, available: int, atoms: Ints) -> Ints:
    """What each stimulated atom is paid.

    Where we differ: upstream pays one atom after the other, each at a rate that the last payment
    has changed, and lets the funds fall below zero. Here all stimuli of one call are paid at one
    rate, and if the bank cannot pay them all, each gets the same part of what it is owed.

    Args:
        rate: STI for one unit of stimulus.
        stimulus: Units, not negative; shape ``(n,)``.
        available: µSTI that the bank can pay, its overdraft included.
        atoms: Handles, different; shape ``(n,)``.

    Returns:
        µSTI; shape ``(n,)``. They add up to what is owed, rounded once, or to ``available``.

    Raises:
        InvalidAmount: More than any account can hold is owed.
    """
    owed = rate * math.fsum(stimulus) * MICRO
    if not owed <= AMOUNT_MAX:
        raise InvalidAmount(f"stimulus: it earns {owed / MICRO:g} STI, more than there can be")
    return apportion(max(0, min(round(owed), available)), stimulus, atoms)


def felt_stimulus(
    stimulus: Floats,
    urgency: Floats,
    stimuli_before: Ints,
    *,
    urgency_gain: float,
    novelty_gain: float,
) -> Floats:
    """How strongly stimuli count.

    ``stimulus * (1 + urgency_gain * urgency + novelty_gain * novelty)``, where the novelty of an
    atom is 1 the first time it is stimulated, 1/2 the second, 1/n the n-th. It fades with use and
    not with time, so it needs no clock.

    Args:
        stimulus: Units, not negative; shape ``(n,)``.
        urgency: From 0 to 1; shape ``(n,)``.
        stimuli_before: How often each atom was stimulated before; shape ``(n,)``.
        urgency_gain: How much more something urgent counts.
        novelty_gain: How much more something new counts.

    Returns:
        Units; shape ``(n,)``. As given, if both gains are 0.

    Source: ours. ECAN knows neither; with ``urgency`` 0 and ``novelty_gain`` 0 this is ECAN.
    """
    gain = 1 + urgency_gain * urgency + novelty_gain * novelty(stimuli_before)
    return np.asarray(stimulus * gain)


def novelty(stimuli_before: Ints) -> Floats:
    """From 1, never stimulated, down towards 0; shape as given."""
    return np.asarray(1.0 / (1.0 + stimuli_before), dtype=np.float64)
