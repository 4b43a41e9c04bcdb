"""What happens in the slots, as the orchestrator is told it.

Everything of one turn of the loop is one report, and every report is repeated until the
orchestrator says that it is kept, so nothing is lost when either of them is restarted.
"""

from __future__ import annotations

import asyncio
from typing import Final

from cognitive_architecture.distributed_mesh.messages import (
    Checkpoint,
    Chunk,
    Outcome,
    OutcomeKind,
    Progress,
)
from cognitive_architecture.foundation.world import Clock

from .account import Account
from .conversation import NodeConversation
from .grants import Grants
from .slots import SlotPool

_REPEAT_AFTER_S: Final = 2.0


class Reporting:
    """Tells what the slots say (``Reporter``), and again what may not have been heard."""

    def __init__(
        self,
        clock: Clock,
        talk: NodeConversation,
        account: Account,
        grants: Grants,
        pool: SlotPool,
    ) -> None:
        self._clock = clock
        self._talk = talk
        self._account = account
        self._grants = grants
        self._pool = pool
        self._progress: dict[int, Progress] = {}
        self._checkpoints: dict[int, bytes] = {}
        """The latest of each attempt that was not told yet, by lease."""
        self._flush_is_due = False

    # -- what the slots say (Reporter) ---------------------------------------------------------

    def attempt_ended(self, outcome: Outcome) -> None:
        """Report the outcome with the others of this turn."""
        if self._checkpoints:
            kept = self._checkpoints.pop(outcome.lease, None)
            if kept is not None and outcome.kind != OutcomeKind.COMPLETED:
                self._talk.tell(Checkpoint(outcome.lease, kept))
        self._account.add_outcome(outcome)
        if self._progress:
            self._progress.pop(outcome.lease, None)
        self._grants.observe(outcome)
        self.flush_soon()

    def slot_freed(self) -> None:
        """Grant one more."""
        self._account.done += 1
        self.flush_soon()

    def slot_idles(self) -> None:
        """Report at once when nothing runs and nothing waits: nothing else will join it."""
        if self._account.has_outcomes and not self._pool.queued and not self._pool.running():
            self.flush()

    def chunk(self, lease: int, index: int, data: bytes) -> None:
        """Send a piece of a streamed result."""
        self._account.add_chunk(lease, data)
        if self._talk.is_welcome:
            self._talk.tell(Chunk(lease, index, data))

    def progressed(self, lease: int, fraction: float, note: str) -> None:
        """Send the latest word of each attempt with the reports; a flood of them costs nothing."""
        self._progress[lease] = Progress(lease, fraction, note)
        self.flush_soon()

    def checkpoint(self, lease: int, data: bytes) -> None:
        """Send the latest of each attempt with the next heartbeat, or before its report."""
        self._checkpoints[lease] = data

    async def room_for_chunks(self) -> None:
        """Return when the orchestrator keeps up with what it is sent."""
        await self._talk.room_for_more()

    # -- what the orchestrator is told ---------------------------------------------------------

    def flush_soon(self) -> None:
        """Report at the end of this turn."""
        if not self._flush_is_due:
            self._flush_is_due = True
            asyncio.get_running_loop().call_soon(self.flush)

    def flush(self) -> None:
        """Report what there is."""
        self._flush_is_due = False
        if self._progress:
            for progress in self._progress.values():
                self._talk.tell(progress)
            self._progress.clear()
        grown = self._grants.has_grown()
        if not self._account.has_outcomes and not grown:
            return
        report = self._account.report(self._clock.now())
        # Before it is welcome, it is told with the chunks before it.
        if self._talk.is_welcome or not report.outcomes:
            self._talk.tell(report)
        self._talk.flush()

    def tell_again(self) -> None:
        """An orchestrator has met the node that may have missed what was said before."""
        for chunk in self._account.chunks:
            self._talk.tell(chunk)
        for report in self._account.unkept:
            self._talk.tell(report)

    def tell_what_is_due(self, now: float) -> None:
        """Repeat what was not answered, and send the latest checkpoints."""
        for report in self._account.overdue(now, after_s=_REPEAT_AFTER_S):
            self._talk.tell(report)
        held = self._account.held if self._checkpoints else ()
        while self._checkpoints:  # one at a time, for threads go on putting them in
            lease, data = self._checkpoints.popitem()
            if lease in held:
                self._talk.tell(Checkpoint(lease, data))
