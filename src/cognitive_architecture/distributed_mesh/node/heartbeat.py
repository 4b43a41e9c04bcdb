"""What a heartbeat says: how the machine is, and what the node holds."""

from __future__ import annotations

import structlog
from msgspec.structs import replace

from cognitive_architecture.distributed_mesh.messages import NodeHealth, Vitals
from cognitive_architecture.foundation.sentences import sentence_of
from cognitive_architecture.foundation.world import Clock

from .account import Account
from .conversation import NodeConversation
from .grants import Grants
from .pulse import Pulse
from .slots import SlotPool
from .vitals import VitalsSource

_log = structlog.get_logger(__name__)


class Heartbeat:
    """Measures and tells; once more when the orchestrator has doubts."""

    def __init__(
        self,
        clock: Clock,
        talk: NodeConversation,
        account: Account,
        grants: Grants,
        pool: SlotPool,
        vitals: VitalsSource,
        *,
        node_id: str,
    ) -> None:
        self._clock = clock
        self._talk = talk
        self._account = account
        self._grants = grants
        self._pool = pool
        self._vitals = vitals
        self._node_id = node_id
        self._pulse = Pulse()
        self._started_at = 0.0
        self.latest = Vitals()
        """As they were measured last."""

    def start(self) -> None:
        """The node is there from now on."""
        self._started_at = self._clock.now()

    def tell(self, now: float) -> None:
        """Measure, and tell it with all that the orchestrator compares its own books with."""
        try:
            measured = self._vitals.measure(
                uptime_s=now - self._started_at, stuck_slots=self._pool.stuck()
            )
            self.latest = replace(
                measured, round_trip_s=self._pulse.round_trip_s, queued=self._pool.queued
            )
        except Exception as error:  # noqa: BLE001 - a heart beats whatever a meter says
            _log.warning("vitals_not_measured", node=self._node_id, why=sentence_of(error))
        account = self._account
        self._talk.tell(
            NodeHealth(
                self.latest,
                self._grants.grant(),
                account.received,
                account.held,
                sorted(account.reported),
                self._pulse.beat(now),
                self._pulse.heard,
            )
        )

    def heard(self, beat: int, *, is_suspect: bool) -> None:
        """The orchestrator has answered one."""
        now = self._clock.now()
        self._pulse.answered(beat, now)
        if is_suspect and self._talk.is_welcome:
            self.tell(now)
            self._talk.flush()
