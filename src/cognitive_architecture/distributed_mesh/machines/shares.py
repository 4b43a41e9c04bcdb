"""Whose task is next: everybody gets his share to within about one task.

Earliest eligible virtual deadline first (Stoica and Abdel-Wahab 1995), in a form that can be asked
about a part of the requesters. What a requester has been served for each unit of its weight is its
*start*. Among those who could be served now, the average of the starts, by weight, is what each of
them should have had: the distance to it is the *lag*, and all lags add up to nothing by
construction. Only who is owed something, or nothing, is eligible: so nobody is ever ahead by a
whole task. Of those goes first whose next task should end first at its own pace, even if it costs
the most that it may: so nobody falls behind by more than a task either.

"Could be served now" means: has a task waiting in a lane that has an open seat. Requesters who
wait in the same lanes form a *group*, so that a lane without room shuts out whole groups, and a
decision looks at groups, never at all requesters. While a group is shut out and others are served,
it is moved along with them (``_clock``): it saves nothing up, and the lags within it stay.

All sums are whole numbers. What a task is expected to cost is reserved when it is handed out and
counts as served; the difference to what it did cost is settled when it is over.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping

from cognitive_architecture.distributed_mesh.policies.steering import WEIGHT_MAX, WEIGHT_MIN

from .accounts import SHIFT, WEIGHT_UNIT, Account
from .groups import Group
from .lanes import Lane

_Lanes = tuple[frozenset[Lane], frozenset[Lane]]
"""The lanes in which a requester waits, and those in which somebody waits for it."""


class Shares:
    """Weighted shares among requesters that come and go.

    Costs are whole numbers. A requester that waits for nothing saves nothing up; what it was
    served too much before, it still owes until the others have had as much.
    """

    def __init__(
        self,
        next_cost: Callable[[Account, set[Lane]], int],
        *,
        burst: int = 0,
        running_max: Callable[[str], float] = lambda _: math.inf,
    ) -> None:
        """Nobody has been served yet.

        Args:
            next_cost: The most that the next task of a requester may cost that waits in one of
                these lanes.
            burst: How far, in cost, a requester may be ahead of its share with what somebody
                waits for.
            running_max: How many tasks a requester may have running, by name.
        """
        self._next_cost = next_cost
        self._burst = burst
        self._running_max = running_max
        self._weights: dict[str, int] = {}
        """Of those whose weight is not 1."""
        self.accounts: dict[str, Account] = {}
        self._serial = 0
        self._contending: dict[Account, None] = {}
        self._moved: dict[Account, None] = {}
        """Whose group may be another one by now; put right before the next choice, so that a
        requester who is alone costs nothing."""
        self._groups: dict[_Lanes, Group] = {}
        self._open_lanes: set[Lane] = set()
        self._open: list[Group] = []
        self._open_weight = 0
        self._now = 0
        """Average start of those who could be served, when it was last looked at."""
        self._clock = 0
        """What everybody who could be served has earned for each unit of weight, ever."""

    # -- accounts ------------------------------------------------------------------------------

    def account(self, name: str) -> Account:
        """The account of a requester, opened when first asked for; ``""`` is nobody's."""
        return self.accounts.get(name) or self._open_account(name)

    def _open_account(self, name: str) -> Account:
        self._serial += 1
        weight = self._weights.get(name, WEIGHT_UNIT)
        account = Account(name, self._serial, weight, running_max=self._running_max(name))
        account.work = self._now * account.weight
        self.accounts[name] = account
        return account

    def restore(self, lags: Mapping[str, int]) -> None:
        """Take over what an earlier owner has written down, before anybody is served."""
        for name, lag in lags.items():
            account = self.account(name)
            account.work = -lag << SHIFT
            account.is_restored = True

    def set_weights(self, weights: Mapping[str, float]) -> None:
        """Let requesters have other shares from now on; their lags stay.

        A weight out of its range is taken for the nearest that is in it.
        """
        for name, weight in weights.items():
            units = round(min(max(weight, WEIGHT_MIN), WEIGHT_MAX) * WEIGHT_UNIT)
            if units == WEIGHT_UNIT:
                self._weights.pop(name, None)
            else:
                self._weights[name] = units
            if (account := self.accounts.get(name)) is not None and account.weight != units:
                self._set_weight(account, units)

    def _set_weight(self, account: Account, units: int) -> None:
        group = account.group
        before, work = account.weight, account.work
        now = self._now - self._offset(group) if group is not None else self._now
        account.weight = units
        account.work = work + now * (units - before)
        if group is not None:
            group.weight += units - before
            group.work += account.work - work
            group.put(account, self._burst)
            self._sum_up()

    def weight(self, name: str) -> float:
        """The weight of a requester, known or not."""
        return self._weights.get(name, WEIGHT_UNIT) / WEIGHT_UNIT

    def forget_idle(self) -> None:
        """Close the accounts of which nothing need be remembered; they open anew by themselves."""
        self._place_all()
        self.accounts = {
            name: account
            for name, account in self.accounts.items()
            if account.lines
            or account.held
            or account.running
            or account.is_restored
            or account.start > self._now
        }

    # -- waiting -------------------------------------------------------------------------------

    def touch(self, account: Account) -> None:
        """Note that it waits elsewhere than before, or for something else, or for nothing."""
        self._moved[account] = None
        if account.contends:
            self._contending[account] = None
        elif account in self._contending:
            del self._contending[account]
            if not self._contending:
                self._nobody_waits(account)

    def _nobody_waits(self, last: Account) -> None:
        """Nobody is kept waiting by what the last one was served, so it owes nothing for that."""
        self._place(last)
        self._moved.pop(last, None)
        self._now = max(self._now, last.start)

    @property
    def only(self) -> Account | None:
        """The only one who has something waiting, if there is just one: then it is next."""
        return next(iter(self._contending)) if len(self._contending) == 1 else None

    # -- choosing ------------------------------------------------------------------------------

    def open(self, lanes: set[Lane]) -> None:
        """Say which lanes have room; ``choose`` is about those who wait in one of them."""
        self._place_all()
        self._open_lanes = lanes
        self._open = []
        for key, group in list(self._groups.items()):
            if not group.members:
                del self._groups[key]
            elif group.lanes.isdisjoint(lanes):
                if group.shut_at is None:
                    group.shut_at = self._clock
            else:
                self._let_in(group)
        self._sum_up()

    def _let_in(self, group: Group) -> None:
        group.offset = self._offset(group)
        group.shut_at = None
        self._open.append(group)

    def _sum_up(self) -> None:
        self._open_weight = sum(group.weight for group in self._open)

    def choose(self) -> Account | None:
        """Whose task is next; ``None`` if nobody waits where there is room."""
        if self._moved:
            self._place_all()
            self._sum_up()
        if not self._open_weight:
            return None
        work = sum(group.work + group.weight * group.offset for group in self._open)
        self._now = now = work // self._open_weight
        return self._interactive(now) or self._eligible(now)

    def _cost(self, account: Account) -> int:
        return self._next_cost(account, self._open_lanes)

    def _interactive(self, now: int) -> Account | None:
        """Whoever has somebody waiting for him, and is not too far ahead of his share."""
        first: tuple[int, int, Account] | None = None
        for group in self._open:
            if not group.interactive_lanes or group.interactive_lanes.isdisjoint(self._open_lanes):
                continue
            if (found := group.first_interactive()) is not None:
                start, serial, account = found
                start += group.offset
                if start <= now and (first is None or (start, serial) < first[:2]):
                    first = start, serial, account
        return None if first is None else first[2]

    def _eligible(self, now: int) -> Account | None:
        first: tuple[int, int, Account] | None = None
        for group in self._open:
            if (found := group.first_eligible(now - group.offset, self._cost)) is not None:
                deadline, serial, account = found
                deadline += group.offset
                if first is None or (deadline, serial) < first[:2]:
                    first = deadline, serial, account
        return None if first is None else first[2]

    # -- serving -------------------------------------------------------------------------------

    def reserve(self, account: Account, cost: int, *, attempts: int = 1) -> None:
        """Tasks of its are handed out and may cost so much together; that counts as served."""
        account.escrow += cost
        account.running += attempts
        if account.group is None and self._contending:
            account.work += cost << SHIFT  # alone, or not in a group yet: nobody's turn changes
        else:
            self._serve(account, cost << SHIFT)
        if account.running >= account.running_max:
            self.touch(account)

    def settle(self, account: Account, reserved: int, actual: int, *, attempts: int) -> None:
        """Attempts are over: charge what they have cost, and give back what they have not.

        ``reserved`` is what was reserved for them; they may have cost more.
        """
        was_full = account.running >= account.running_max
        account.escrow -= reserved
        account.served += actual
        account.running -= attempts
        if actual != reserved:
            self._serve(account, (actual - reserved) << SHIFT)
        if was_full:
            self.touch(account)

    def _serve(self, account: Account, amount: int) -> None:
        account.work += amount
        group = account.group
        if group is not None:
            group.work += amount
            group.put(account, self._burst)
            if group.shut_at is None and self._open_weight:
                self._clock += amount // self._open_weight
        elif not self._contending:
            self._now = max(self._now, account.start)

    def lag(self, account: Account) -> int:
        """What it is owed, in units of cost; negative: it was served too much.

        What is reserved for running tasks is not charged yet and does not count. A requester that
        waits for nothing is owed nothing; one that waits alone neither is owed nor owes.
        """
        group = account.group
        if group is None and account in self._contending:
            return 0
        offset = 0 if group is None else self._offset(group)
        lag = account.weight * (self._now - offset) - account.work
        lag = (lag >> SHIFT) + account.escrow
        return lag if group is not None else min(0, lag)

    def may_hurry(self, name: str) -> bool:
        """Whether a requester is not too far ahead of its share to go before the others."""
        account = self.accounts.get(name)
        return account is not None and account.contends and self.lag(account) >= -self._burst

    def exact_lags(self) -> dict[str, int]:
        """Lag of everybody who could be served, reserves included, times their whole weight.

        They add up to exactly nothing.
        """
        accounts = [a for a in self.accounts.values() if a.group in self._open]
        weight = sum(account.weight for account in accounts)
        works = {a.name: a.work + a.weight * self._offset(a.group) for a in accounts if a.group}
        total = sum(works.values())
        return {a.name: a.weight * total - weight * works[a.name] for a in accounts}

    # -- groups --------------------------------------------------------------------------------

    def _offset(self, group: Group) -> int:
        """Where its starts begin to count now: a group that is shut out moves with the clock."""
        return group.offset + (0 if group.shut_at is None else self._clock - group.shut_at)

    def _place_all(self) -> None:
        for account in self._moved:
            self._place(account)
        self._moved.clear()

    def _place(self, account: Account) -> None:
        """Put it into the group to which it belongs now."""
        old, new = account.group, self._group_of(account)
        if old is new:
            return
        work = account.work
        if old is not None:
            work += account.weight * self._offset(old)
            old.members -= 1
            old.weight -= account.weight
            old.work -= account.work
        elif new is not None:
            work = self._on_joining(account, new)
        account.group = new
        account.work = work
        if new is not None:
            account.work -= account.weight * self._offset(new)
            new.members += 1
            new.weight += account.weight
            new.work += account.work
            new.put(account, self._burst)

    def _group_of(self, account: Account) -> Group | None:
        if not account.contends:
            return None
        lanes = frozenset(account.lines)
        interactive = frozenset(lane for lane, line in account.lines.items() if line.interactive)
        group = self._groups.get((lanes, interactive))
        if group is None:
            group = self._groups[lanes, interactive] = Group(lanes, interactive)
            if not lanes.isdisjoint(self._open_lanes):
                self._open.append(group)
            else:
                group.shut_at = self._clock
        return group

    def _on_joining(self, account: Account, group: Group) -> int:
        """The work with which it begins: owed nothing, and owing what it has had too much."""
        if account.is_restored:
            account.is_restored = False
            return account.work + account.weight * self._now
        rivals = [g for g in self._groups.values() if not g.lanes.isdisjoint(group.lanes)]
        here = self._average(rivals)
        if here is None:
            here = self._average(self._open)
        if here is None:
            here = self._average(self._groups.values())
        if here is None:  # it may have been alone for long
            here = self._now = max(self._now, account.start)
        return max(account.work, account.weight * here)

    def _average(self, groups: Iterable[Group]) -> int | None:
        """Average start of everybody in these groups, or ``None`` if there is nobody."""
        weight = work = 0
        for group in groups:
            weight += group.weight
            work += group.work + group.weight * self._offset(group)
        return work // weight if weight else None
