"""Who is served next, so that everybody gets his share to within one task.

Give each requester an income of its share of every unit that is served to anybody, and charge it
what it is served itself. Then its balance is what it is owed, its *lag*, and all lags add up to
nothing: the conservation of funds is the fairness of a queue. Two rules do the rest (earliest
eligible virtual deadline first, Stoica and Abdel-Wahab 1995):

* only who is owed something, or nothing, may be served: so nobody is ever ahead by a whole task;
* of those, the one whose next task should end first at its own pace: so nobody falls behind by
  more than a task either.

Virtual time is what one unit of weight has earned; a requester may be served while what it has had
for each unit of its weight does not exceed it. A decision takes O(log n), not a booking for each
of n requesters. Everything is whole numbers: the same calls give the same answers everywhere.

The most that a task may cost is reserved when it is handed out, and what it did not use is given
back when it is charged. So with m tasks at work at once, what they have reserved and may not need
comes on top: the bound is 1 + m tasks.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from itertools import count
from typing import Final

import numpy as np

from cognitive_architecture.foundation.sentences import shown

from .errors import EntryConflict, InvalidAmount, UnknownRequester
from .units import AMOUNT_MAX, Floats, Ints

_SHIFT: Final = 64
"""Binary places of virtual time: exact to far less than any cost."""

_WEIGHT_UNIT: Final = 2**48
"""Weights are whole multiples of its inverse, so that even a small one is kept to nine digits."""

_WEIGHT_MIN: Final = 1e-6
_WEIGHT_MAX: Final = 1e6


@dataclass(slots=True, eq=False)
class _Account:
    name: str
    serial: int
    weight: int
    base: int = 0
    """Virtual time at which ``served`` began to count."""
    served: int = 0
    debt: int = 0
    """What it had been served too much when it fell idle, in the units of ``_lag``."""
    eligible_at: int = 0
    """Virtual time from which on it may be served."""
    maximum: int | None = None
    """Of its next task; ``None``: it has none."""
    at_work: int = 0
    version: int = 0
    """Places in the heaps that say an older one are void."""

    @property
    def is_active(self) -> bool:
        return self.maximum is not None or self.at_work > 0

    @property
    def deadline(self) -> int:
        return self.eligible_at + ((self.maximum or 0) << _SHIFT) // self.weight


class FairShares:
    """Weighted shares among requesters that come and go.

    Costs are whole numbers of whatever is shared: tokens, µSTI, milliseconds. A requester that has
    nothing to do saves nothing up; what it was served too much before, it still owes.
    """

    def __init__(self) -> None:
        self._accounts: dict[str, _Account] = {}
        self._serials = count()
        self._reserved: dict[str, tuple[_Account, int]] = {}
        self._waiting: list[tuple[int, int, int, _Account]] = []
        self._eligible: list[tuple[int, int, int, _Account]] = []
        self._weight = 0
        """Of all active requesters."""
        self._base = 0
        self._served = 0
        """Since virtual time was ``_base``."""

    def __contains__(self, requester: str) -> bool:
        return requester in self._accounts

    def __len__(self) -> int:
        return len(self._accounts)

    def join(self, requester: str, weight: float = 1.0) -> None:
        """Give a requester a share, or another one from now on.

        Args:
            requester: Its name.
            weight: From a millionth to a million; only proportions matter.

        Raises:
            InvalidAmount: The weight is out of range.
        """
        if not _WEIGHT_MIN <= weight <= _WEIGHT_MAX:  # NaN fails it too
            raise InvalidAmount(
                f"weight: from {_WEIGHT_MIN:g} to {_WEIGHT_MAX:g} is allowed, not {shown(weight)}"
            )
        account = self._accounts.get(requester)
        if account is None:
            account = _Account(requester, next(self._serials), round(weight * _WEIGHT_UNIT))
            self._accounts[requester] = account
        elif account.is_active:
            lag = self._deactivate(account)
            account.weight = round(weight * _WEIGHT_UNIT)
            self._activate(account, lag)
        else:
            account.weight = round(weight * _WEIGHT_UNIT)

    def leave(self, requester: str) -> None:
        """Take a requester's share away. Its tasks at work are charged to nobody.

        Raises:
            UnknownRequester: It has none.
        """
        account = self._account(requester)
        if account.is_active:
            self._deactivate(account)
        del self._accounts[requester]
        account.version += 1
        self._reserved = {
            task: (owner, maximum)
            for task, (owner, maximum) in self._reserved.items()
            if owner is not account
        }

    def offer(self, requester: str, maximum: int | None) -> None:
        """Say what the next task of a requester may cost; ``None``: it has no task.

        Raises:
            UnknownRequester: It has no share.
            InvalidAmount: The maximum is not a whole number above 0.
        """
        account = self._account(requester)
        if maximum is not None:
            _require_cost("maximum", maximum, low=1)
        was_active = account.is_active
        account.maximum = maximum
        if account.is_active and not was_active:
            self._activate(account, -account.debt)
        elif was_active and not account.is_active:
            self._fall_idle(account)
        elif was_active:
            self._place(account)

    def choose(self) -> str | None:
        """Whose task is next; ``None`` if nobody has one. Nothing is reserved yet."""
        now = self._now
        while self._waiting:
            eligible_at, _, version, account = self._waiting[0]
            if version == account.version and eligible_at > now:
                break
            heapq.heappop(self._waiting)
            if version == account.version:
                entry = (account.deadline, account.serial, version, account)
                heapq.heappush(self._eligible, entry)
        while self._eligible:
            _, _, version, account = self._eligible[0]
            if version == account.version and account.eligible_at <= now:
                return account.name
            heapq.heappop(self._eligible)
            if version == account.version:  # a refund has turned virtual time back
                entry = (account.eligible_at, account.serial, version, account)
                heapq.heappush(self._waiting, entry)
        # Whoever is owed something has no task ready: work goes on with who is owed next.
        return self._first_waiting()

    def reserve(self, requester: str, task: str) -> int:
        """Hand out the task that a requester has offered, and reserve the most it may cost.

        Args:
            requester: Usually the one that ``choose`` named.
            task: Its id, for ``charge``.

        Returns:
            What is reserved. Offer the requester's next task afterwards.

        Raises:
            UnknownRequester: It has no share.
            InvalidAmount: It has offered no task.
            EntryConflict: This task is at work already.
        """
        account = self._account(requester)
        if account.maximum is None:
            raise InvalidAmount(f"requester {shown(requester)} has offered no task to hand out")
        if task in self._reserved:
            raise EntryConflict(
                f"task {shown(task)} is at work already; attempts need their own id"
            )
        maximum = account.maximum
        self._reserved[task] = (account, maximum)
        account.at_work += 1
        account.maximum = None
        self._serve(account, maximum)
        return maximum

    def charge(self, task: str, actual: int) -> bool:
        """Charge what a task has cost, and give the rest back.

        Returns:
            ``False`` if it was charged before or was never handed out: nothing changes.

        Raises:
            InvalidAmount: Negative, or more than was reserved.
        """
        if task not in self._reserved:
            return False
        account, maximum = self._reserved[task]
        _require_cost("actual", actual, low=0, high=maximum)
        del self._reserved[task]
        account.at_work -= 1
        self._serve(account, actual - maximum)
        if not account.is_active:
            self._fall_idle(account)
        return True

    def lag(self, requester: str) -> float:
        """What a requester is owed, in units of cost; negative: it was served too much.

        Raises:
            UnknownRequester: It has no share.
        """
        account = self._account(requester)
        lag = self._lag(account) if account.is_active else -account.debt
        return lag / (1 << _SHIFT)

    def lags(self) -> dict[str, float]:
        """What each active requester is owed; they add up to nothing."""
        one = 1 << _SHIFT
        return {
            name: self._lag(account) / one
            for name, account in self._accounts.items()
            if account.is_active
        }

    @property
    def _now(self) -> int:
        if not self._weight:
            return self._base
        return self._base + (self._served << _SHIFT) // self._weight

    def _account(self, requester: str) -> _Account:
        account = self._accounts.get(requester)
        if account is None:
            raise UnknownRequester(
                f"requester {shown(requester)} has no share: let it join with a weight first"
            )
        return account

    def _lag(self, account: _Account) -> int:
        """In units of cost times two to the power of ``_SHIFT``."""
        earned = account.weight * self._served << _SHIFT
        since = account.weight * (self._base - account.base)
        return since + earned // self._weight - (account.served << _SHIFT)

    def _serve(self, account: _Account, cost: int) -> None:
        account.served += cost
        self._served += cost
        self._place(account)

    def _place(self, account: _Account) -> None:
        account.version += 1
        account.eligible_at = account.base + (account.served << _SHIFT) // account.weight
        if account.maximum is not None:
            entry = (account.eligible_at, account.serial, account.version, account)
            heapq.heappush(self._waiting, entry)
        if len(self._waiting) + len(self._eligible) > 64 + 4 * len(self._accounts):
            self._drop_void_places()

    def _drop_void_places(self) -> None:
        for heap in (self._waiting, self._eligible):
            heap[:] = [entry for entry in heap if entry[2] == entry[3].version]
            heapq.heapify(heap)

    def _first_waiting(self) -> str | None:
        while self._waiting:
            _, _, version, account = self._waiting[0]
            if version == account.version:
                return account.name
            heapq.heappop(self._waiting)
        return None

    def _fall_idle(self, account: _Account) -> None:
        lag = self._deactivate(account)
        account.debt = max(0, -lag)

    def _activate(self, account: _Account, lag: int) -> None:
        """Let it take part with a lag, in the units of ``_lag``; the others make up for it."""
        now = self._now
        account.base = now - lag // account.weight
        account.served = account.debt = 0
        self._weight += account.weight
        self._base, self._served = now - lag // self._weight, 0
        self._place(account)

    def _deactivate(self, account: _Account) -> int:
        """Take it out; the others divide what it was owed. Returns that."""
        now, lag = self._now, self._lag(account)
        self._weight -= account.weight
        self._base = now + (lag // self._weight if self._weight else 0)
        self._served = 0
        account.version += 1
        return lag


def starvation_free(balances: Ints) -> Floats:
    """Weights in proportion to STI, but never so small that somebody starves.

    Each is its part of all STI, raised to half of an equal part where it is less. Since at most
    half is added to the whole, everybody gets at least a third of an equal part.

    Args:
        balances: µSTI of the requesters; negative counts as nothing; shape ``(n,)``.

    Returns:
        Weights; shape ``(n,)``.
    """
    parts = np.maximum(balances, 0).astype(np.float64)
    whole = math.fsum(parts)
    if whole > 0:
        parts /= whole
    return np.maximum(parts, 0.5 / max(1, len(parts)))


def _require_cost(name: str, cost: int, *, low: int, high: int = AMOUNT_MAX) -> None:
    if type(cost) is not int or not low <= cost <= high:  # JSON true is a Python int
        raise InvalidAmount(
            f"{name}: a whole number from {low} to {high:,} is needed, not {shown(cost)}"
        )
