"""How much one requester may have running, open, and submitted in a time."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from cognitive_architecture.foundation.errors import QuotaExceeded
from cognitive_architecture.foundation.settings import Quota, QuotaSettings

_BUCKETS_MAX: Final = 100_000
"""Requesters whose rate is followed; the one longest unheard of begins anew with a full bucket."""


class Quotas:
    """What the settings allow each requester, and how often it has submitted lately.

    The rate is a token bucket: it holds ``burst_max`` tokens, gains ``rate_per_s``, and every
    admitted task takes one. So in any t seconds a requester gets at most ``burst_max + t *
    rate_per_s`` tasks admitted.
    """

    def __init__(self, settings: QuotaSettings) -> None:
        self._usual = Quota(**{name: getattr(settings, name) for name in Quota.model_fields})
        self._by_name = settings.requesters
        self.are_any = any(
            bound is not None
            for quota in (self._usual, *self._by_name.values())
            for bound in (quota.running_max, quota.open_max, quota.rate_per_s)
        )
        """Whether anybody is bounded at all."""
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """Tokens, and the instant at which there were so many, by requester."""

    def of(self, requester: str) -> Quota:
        """What a requester is allowed; ``""`` stands for all tasks that name none."""
        return self._by_name.get(requester, self._usual)

    def refusal(
        self, requester: str, *, open_now: int, next_free_s: float, now: float
    ) -> QuotaExceeded | None:
        """Why it may not have one more task, or ``None``; then one token is taken.

        Args:
            requester: Its name.
            open_now: How many of its tasks are open.
            next_free_s: When the next of them will probably have ended, from now.
            now: Instant.
        """
        quota = self.of(requester)
        named = f"requester {requester}" if requester else "tasks without a requester"
        if quota.open_max is not None and open_now >= quota.open_max:
            return QuotaExceeded(
                f"{named} may have {quota.open_max:,} tasks open at once, and has {open_now:,}",
                next_free_s,
            )
        if quota.rate_per_s is None:
            return None
        tokens, at = self._buckets.get(requester, (float(quota.burst_max), now))
        tokens = min(float(quota.burst_max), tokens + max(0.0, now - at) * quota.rate_per_s)
        if tokens < 1.0:
            return QuotaExceeded(
                f"{named} may submit {quota.rate_per_s:g} tasks a second, and "
                f"{quota.burst_max:,} at once",
                (1.0 - tokens) / quota.rate_per_s,
            )
        self._buckets[requester] = tokens - 1.0, now
        self._buckets.move_to_end(requester)
        if len(self._buckets) > _BUCKETS_MAX:
            self._buckets.popitem(last=False)
        return None
