"""What atoms pay for being attended to.

Rent brings back to the bank what wages have paid out. The default is ``focus_rents``: it asks for
what is missing, takes it from those who have most to spare, knows no clock, and does not depend on
the order of the atoms. The forms of the C++ program and of the agents before it are here to
compare with.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .errors import InvalidAmount
from .parameters import Profile
from .rounding import apportion
from .units import AMOUNT_MAX, MICRO, Floats, Ints, real
from .wages import Fund

Rate = Callable[[Fund], float]
"""STI (or LTI) for one atom and turn, by the funds of the bank."""


def sti_rent_rate(fund: Fund, base: float) -> float:
    """Rent for one atom and turn, C++ form.

    Nothing while the funds are at their target or above; below it
    ``base * (1 + clamp(-surplus, -0.99, 1))``. So it jumps from 0 to ``base`` at the target.

    Returns:
        STI for one atom.

    Source: opencog/attention, ``RentCollectionBaseAgent`` (row R1).
    """
    if fund.surplus >= 0:
        return 0.0
    return base * (1 + min(1.0, max(-0.99, -fund.surplus)))


def lti_rent_rate(fund: Fund, base: float, profile: Profile) -> float:
    """LTI rent for one atom and turn, C++ form.

    ``base * (1 + clamp(-surplus, -1, 1))``. In the documented profile nothing is asked while the
    funds are at their target or above, as for STI and as the MeTTa port does; upstream asks it.

    Returns:
        LTI for one atom.

    Source: opencog/attention; iCog-Labs-Dev/metta-attention (row R2).
    """
    if profile is Profile.DOCUMENTED and fund.surplus >= 0:
        return 0.0
    return base * (1 + min(1.0, max(-1.0, -fund.surplus)))


def turns(elapsed_s: float, per_second: float) -> float:
    """How many turns of rent the C++ agent collects at once after so long: its only use of a clock.

    Nothing before a whole turn is over, then ``per_second * elapsed_s``.

    Raises:
        InvalidAmount: One of the two is negative, infinite or NaN.

    Source: opencog/attention, ``AFRentCollectionAgent`` (row R4).
    """
    real((elapsed_s, per_second), "seconds and turns a second", low=0)
    counted = elapsed_s * per_second
    return counted if counted >= 1 else 0.0


def flat_rents(balances: Ints, fund: Fund, rate: Rate, turns: float, profile: Profile) -> Ints:
    """Rent of the C++ agent: the same from everybody, never more than he has.

    Upstream reads the funds again for each atom, so that who comes later pays less. In the
    documented profile all pay by the funds at the beginning, and the order does not matter.

    Args:
        balances: µSTI of the atoms, in the order in which they are visited; shape ``(n,)``.
        fund: The bank's before.
        rate: What one atom pays for one turn, by the funds: ``sti_rent_rate`` or
            ``lti_rent_rate``.
        turns: How many are collected at once.
        profile: Whose order dependence.

    Returns:
        µSTI that each pays; shape ``(n,)``.

    Raises:
        InvalidAmount: There are less than no turns.

    Source: opencog/attention, ``AFRentCollectionAgent`` (row R3).
    """
    real(turns, "turns", low=0)
    if profile is Profile.DOCUMENTED:
        asked = round(min(turns * rate(fund) * MICRO, AMOUNT_MAX))
        return np.asarray(np.minimum(np.maximum(balances, 0), asked))
    rents = np.zeros(len(balances), dtype=np.int64)
    collected = 0
    for place, balance in enumerate(balances.tolist()):
        now = Fund(fund.funds + collected / MICRO, fund.target, fund.buffer)
        rents[place] = rent = max(0, min(balance, round(turns * rate(now) * MICRO)))
        collected += rent
    return rents


def focus_rents(balances: Ints, atoms: Ints, missing: int, *, cover: float, share: float) -> Ints:
    """Rent without a clock and without order (AFRent2).

    Each atom can spare what it has above the poorest one here. All together pay
    ``min(cover * missing, share * spare)``, in proportion to what they can spare. So the poorest
    pays nothing, nobody falls below it, and the order of STI stays as it was.

    Args:
        balances: µSTI of the focus, not negative; shape ``(n,)``.
        atoms: Handles; shape ``(n,)``.
        missing: µSTI by which the funds are below their target; 0 or less asks for nothing.
        cover: Share of it that one turn should bring back.
        share: Largest share of what can be spared that one turn takes.

    Returns:
        µSTI that each pays; shape ``(n,)``, adding up to the budget rounded down.

    Source: the redesign note of iCog-Labs-Dev/metta-attention, 2026 (row R5). The note gives no
    numbers for ``cover`` and ``share``.
    """
    if not len(balances) or missing <= 0:
        return np.zeros(len(balances), dtype=np.int64)
    spare = balances - balances.min()
    budget = min(cover * missing, share * int(spare.sum()))
    return apportion(int(budget), spare, atoms)


def logarithmic_rents(balances: Floats, boundary: float, richest: float, base: float) -> Floats:
    """Rent that grows with the logarithm of importance (RENT_LOG).

    ``base * max(0, ln(20 x) / 2)`` with ``x = (sti - boundary) / (richest - boundary)``: nothing
    up to a twentieth of the way from the boundary to the richest.

    Args:
        balances: STI; shape ``(n,)``.
        boundary: STI where the focus begins, below ``richest``.
        richest: The most STI that any atom has.
        base: STI.

    Returns:
        STI; shape ``(n,)``.

    Raises:
        InvalidAmount: A number is infinite or NaN, or ``richest`` is not above the boundary.

    Source: the legacy ``ImportanceUpdatingAgent``, which follows the paper of 2009 (row L1). The
    form printed in the wiki, ``max(0, log2(sti / richest))**2``, is 0 for everybody and must be a
    slip of the pen.
    """
    x = np.maximum(_place(balances, boundary, richest, base), 1e-300)
    return np.asarray(base * np.maximum(0.0, np.log(20 * x) / 2))


def exponential_rents(
    balances: Floats, boundary: float, richest: float, base: float, bend: float
) -> Floats:
    """Rent that grows exponentially with importance (RENT_EXP).

    ``base * max(0, (e**x - (1 - bend)) / (1 + bend))``, with ``x`` as for the logarithm.

    Args:
        balances: STI; shape ``(n,)``.
        boundary: STI where the focus begins, below ``richest``.
        richest: The most STI that any atom has.
        base: STI.
        bend: 0 or more.

    Returns:
        STI; shape ``(n,)``.

    Raises:
        InvalidAmount: A number is infinite or NaN, or ``richest`` is not above the boundary.

    Source: the legacy ``ImportanceUpdatingAgent``.
    """
    real(bend, "bend", low=0)
    x = _place(balances, boundary, richest, base)
    return np.asarray(base * np.maximum(0.0, (np.exp(x) - (1 - bend)) / (1 + bend)))


def _place(balances: Floats, boundary: float, richest: float, base: float) -> Floats:
    """Where each stands: 0 at the boundary of the focus, 1 where the richest is."""
    real((boundary, richest, base), "boundary, richest and base")
    if not richest > boundary:
        raise InvalidAmount(f"richest: more than the boundary, {boundary:g}, not {richest:g}")
    return (real(balances, "balances") - boundary) / (richest - boundary)


def legacy_rent_rate(wage: float, recent_stimulus: float, recent_focus_size: float) -> float:
    """Rent that balances the wages of late: ``ceil(wage * stimulus / size)``, in STI for one atom.

    Source: the legacy ``ImportanceUpdatingAgent``.
    """
    return float(np.ceil(wage * recent_stimulus / max(1.0, recent_focus_size)))


def legacy_tax(fund: Fund, atoms: int) -> float:
    """What each of all atoms pays, or gets back if negative, to bring the funds to their target.

    Source: the legacy ``ImportanceUpdatingAgent``; in STI for one atom.
    """
    return (fund.target - fund.funds) / max(1, atoms)
