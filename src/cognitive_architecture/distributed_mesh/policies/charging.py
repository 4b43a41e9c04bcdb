"""What an attempt costs its requester: what is reserved for it, and what it is charged.

One cost for everything, so that shares can be compared: the microsecond of a slot. A task type may
have a price instead, and what a handler counts in tokens may be charged by the token.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from cognitive_architecture.distributed_mesh.model import TaskSpec
from cognitive_architecture.foundation.settings import ShareSettings

COSTS_PER_S: Final = 1_000_000
_RUN_MAX_S: Final = 1e9
"""Thirty years of a slot; what a node says beyond is not believed."""

_NEWS: Final = 0.1
"""How much one attempt counts against what is known of its kind."""

_FADES: Final = 0.001
"""How much of the way to the mean the largest cost falls with each attempt: half in 700."""

_KINDS_MAX: Final = 10_000
"""Task types whose durations are remembered; the one longest unheard of is forgotten."""


class Durations:
    """How long attempts of one task type take and what they cost, as measured."""

    __slots__ = ("_mean_cost", "_most", "count", "error_s", "mean_s", "most", "reserve")

    def __init__(self) -> None:
        self.mean_s = 0.0
        self.error_s = 0.0
        """Mean distance from the mean."""
        self.count = 0
        self.reserve = 1
        """What the next one is expected to cost, at least 1."""
        self.most = 1
        """What the next one may cost: the largest so far, which fades."""
        self._mean_cost = 0.0
        self._most = 0.0

    def observe(self, run_s: float, cost: float, most: int, times: int) -> None:
        """Note that so many attempts took so long and cost so much on average, and one the most."""
        news = 1.0 if not self.count else 1.0 - (1.0 - _NEWS) ** times
        if self.count:
            self.error_s += news * (abs(run_s - self.mean_s) - self.error_s)
        self.mean_s += news * (run_s - self.mean_s)
        self._mean_cost += news * (cost - self._mean_cost)
        self.reserve = int(self._mean_cost) or 1
        self._most += min(1.0, _FADES * times) * (self._mean_cost - self._most)
        self._most = max(self._most, most)
        self.most = int(self._most) or 1
        self.count += times


class Charges:
    """Reserves and charges, from the settings and from what was measured."""

    def __init__(self, settings: ShareSettings) -> None:
        self._settings = settings
        self._has_token_price = settings.token_s > 0.0
        self._first = cost_of_run(settings.first_cost_s)
        self._prices = {kind: cost_of_run(price) for kind, price in settings.prices.items()}
        self._durations: OrderedDict[str, Durations] = OrderedDict()

    def durations(self, task_type: str) -> Durations | None:
        """What was measured of a task type, if anything was."""
        return self._durations.get(task_type)

    def reserve(self, spec: TaskSpec) -> int:
        """What the next attempt is expected to cost, at least 1.

        The price of its type, or what the task itself declares, or the mean of those before it, or
        what the settings say of the first.
        """
        if (self._prices or spec.options is not None) and (said := self._said(spec)) is not None:
            return said
        known = self._durations.get(spec.task_type)
        return self._first if known is None else known.reserve

    def most(self, spec: TaskSpec) -> int:
        """What the next attempt may cost, at least 1; for virtual deadlines.

        Deadlines from the mean cannot all be kept: what tasks cost beyond it adds up over all
        requesters, and whoever has the largest share falls behind by several tasks. Where a price
        or the task itself says what it costs, that is the most.
        """
        if (said := self._said(spec)) is not None:
            return said
        known = self._durations.get(spec.task_type)
        return self._first if known is None else known.most

    def _said(self, spec: TaskSpec) -> int | None:
        if self._prices and (price := self._prices.get(spec.task_type)) is not None:
            return price
        if spec.options is not None and spec.options.cost_s is not None:
            return cost_of_run(spec.options.cost_s)
        return None

    def of_result(self, spec: TaskSpec, run_s: float, tokens: int) -> int:
        """What an accepted result costs: its type's price, its tokens, or the time it took.

        Args:
            spec: The task.
            run_s: Of the attempt, as ``plausible_s`` lets it through.
            tokens: As its handler counted them; 0 if it did not.
        """
        if self._prices and (price := self._prices.get(spec.task_type)) is not None:
            return price
        if self._has_token_price and tokens > 0:
            return cost_of_run(tokens * self._settings.token_s)
        return int(run_s * COSTS_PER_S) or 1

    def of_failure(self, run_s: float) -> int:
        """What a failed or cancelled attempt costs, by the time it took."""
        share = self._settings.failed_share
        return cost_of_run(share * run_s) if share > 0.0 else 0

    def observe(self, task_type: str, run_s: float, cost: int, *, most: int, times: int) -> None:
        """Note how long so many attempts of a type ran and what they cost, together and at most."""
        known = self._durations.get(task_type)
        if known is None:
            known = self._durations[task_type] = Durations()
            if len(self._durations) > _KINDS_MAX:
                self._durations.popitem(last=False)
        known.observe(run_s / times, cost / times, most, times)


def plausible_s(run_s: float) -> float:
    """The same, or 0 where a node says what is no duration."""
    return run_s if 0.0 <= run_s < _RUN_MAX_S else 0.0  # NaN fails it too


def cost_of_run(run_s: float) -> int:
    """Seconds of a slot as a cost, at least 1; what is no duration counts as none."""
    if 0.0 <= run_s < _RUN_MAX_S:  # NaN fails it too
        return int(run_s * COSTS_PER_S) or 1
    return 1
