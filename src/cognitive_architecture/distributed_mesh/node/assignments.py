"""Which assignments a node keeps, and which it hands back untried."""

from __future__ import annotations

from typing import Final

from cognitive_architecture.distributed_mesh.messages import Assignment, HandBack, Stop, Vitals
from cognitive_architecture.foundation.world import Clock

from .account import Account
from .conversation import NodeConversation
from .grants import Grants
from .reporting import Reporting
from .serving import ServiceTerms
from .slots import SlotPool

_QUEUED_TOO_LONG_S: Final = 0.5
_LEAVING: Final = "the node is leaving"


class Assignments:
    """Takes them in, and out again before they were begun."""

    def __init__(
        self,
        clock: Clock,
        talk: NodeConversation,
        account: Account,
        grants: Grants,
        pool: SlotPool,
        reporting: Reporting,
        terms: ServiceTerms,
    ) -> None:
        self._clock = clock
        self._talk = talk
        self._account = account
        self._grants = grants
        self._pool = pool
        self._reporting = reporting
        self._terms = terms
        self._queued_since = 0.0

    def take(self, assignments: list[Assignment], vitals: Vitals) -> None:
        """Let them wait for a slot, or send them back."""
        self._account.take(assignments)
        if self._account.is_draining:
            self._hand_back([item.lease for item in assignments], _LEAVING)
        else:
            if not self._pool.queued:
                self._queued_since = self._clock.now()
            self._pool.put(self._accepted(assignments, vitals))

    def _accepted(self, assignments: list[Assignment], vitals: Vitals) -> list[Assignment]:
        """Those that it will do; the others go back at once."""
        accepted = []
        refused: dict[str, list[int]] = {}
        for assignment in assignments:
            reason = self._terms.refusal(assignment, vitals)
            if reason is None:
                accepted.append(assignment)
            else:
                refused.setdefault(reason, []).append(assignment.lease)
        for reason, leases in refused.items():
            self._hand_back(leases, reason, refused=True)
        return accepted

    def stop(self, order: Stop) -> None:
        """End those whose leases are void."""
        for lease, reason in order.leases:
            self._account.let_go(lease)
            self._count_done(self._pool.stop(lease, reason))

    def close(self) -> None:
        """Take nothing more; what waits goes back, what runs goes on."""
        self._account.is_draining = True
        self._hand_back_queued(_LEAVING)

    def abandon(self) -> None:
        """Hand back everything, what runs as well."""
        leases = self._account.held
        if leases:
            self._talk.tell(HandBack(leases, _LEAVING, self._account.granted))

    def hand_back_what_waits_too_long(self, now: float) -> None:
        """A long task came among short ones: what was fetched ahead of need is better elsewhere."""
        if not self._pool.queued:
            return
        busy = self._pool.busy()  # the stuck ones too: nobody can say when they return
        if not busy:
            return
        began = max(slot.began for slot in busy)
        if now - max(began, self._queued_since) >= _QUEUED_TOO_LONG_S:
            self._grants.observe_unfinished(now - began)
            # What was granted ahead of need was meant for short tasks. Unless it is taken back,
            # the same task would come and go until all of that is used up.
            self._hand_back_queued("it waited for a long task", grants_anew=True)

    def _hand_back_queued(self, reason: str, *, grants_anew: bool = False) -> None:
        leases = [waiting.lease for waiting in self._pool.take_queued()]
        self._hand_back(leases, reason, grants_anew=grants_anew)

    def _hand_back(
        self, leases: list[int], reason: str, *, refused: bool = False, grants_anew: bool = False
    ) -> None:
        if leases:
            for lease in leases:
                self._account.let_go(lease)
            self._count_done(len(leases))
            granted = self._grants.grant(anew=grants_anew)
            self._talk.tell(HandBack(leases, reason, granted, refused))

    def _count_done(self, count: int) -> None:
        self._account.done += count
        if count:
            self._reporting.flush_soon()
