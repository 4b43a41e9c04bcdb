"""How many assignments a node is willing to have received in all.

A running total, so that nothing is counted twice when it is said again: what is done with, what
runs, and what is held ready ahead of need.
"""

from __future__ import annotations

from cognitive_architecture.distributed_mesh.messages import Outcome, OutcomeKind
from cognitive_architecture.distributed_mesh.policies.concurrency import Concurrency
from cognitive_architecture.distributed_mesh.policies.pace import Pace
from cognitive_architecture.foundation.settings import NodeSettings

from .account import Account
from .slots import SlotPool


class Grants:
    """Grants them as the node's pace allows."""

    def __init__(self, settings: NodeSettings, account: Account, pool: SlotPool) -> None:
        self._account = account
        self._pool = pool
        self._pace = Pace(settings.lookahead_s, settings.lookahead_max)
        self._concurrency = Concurrency(len(pool.slots)) if settings.adapts_concurrency else None

    def observe(self, outcome: Outcome) -> None:
        """An attempt is over; its slot still has it."""
        if self._concurrency is not None and outcome.kind == OutcomeKind.COMPLETED:
            self._learn(self._concurrency, outcome)
        self._pace.observe(outcome.run_s)

    def observe_unfinished(self, run_s: float) -> None:
        """An attempt has taken so long, in seconds, and is not over."""
        self._pace.observe(run_s)

    def _learn(self, concurrency: Concurrency, outcome: Outcome) -> None:
        running = [slot.work.assignment for slot in self._pool.slots if slot.work is not None]
        for assignment in running:
            if assignment.lease == outcome.lease:
                concurrency.observe(assignment.spec.task_type, outcome.run_s, at_once=len(running))

    def grant(self, *, anew: bool = False) -> int:
        """How many it is willing to have received in all; it falls only ``anew``."""
        account = self._account
        if not account.is_draining:
            # A stuck slot's assignment is not done, so nothing more is granted for that slot.
            slots = len(self._pool.slots)
            if self._concurrency is not None and self._concurrency.limit < slots:
                # Nothing ahead of need either: idle slots would begin it at once.
                slots, ahead = self._concurrency.limit, 0
            else:
                ahead = self._pace.lookahead(slots - self._pool.stuck())
            granted = account.done + slots + ahead
            account.granted = granted if anew else max(account.granted, granted)
        return account.granted

    def has_grown(self) -> bool:
        """Whether more is granted than was."""
        before = self._account.granted
        return self.grant() > before
