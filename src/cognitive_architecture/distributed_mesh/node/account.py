"""What a node has been given, what it holds, and what it has reported and not yet seen kept.

Every number that matters is a running total, so nothing is counted twice when a message is said
again; and a report stays here until the orchestrator says that it is kept.
"""

from __future__ import annotations

from collections.abc import Iterable

from cognitive_architecture.distributed_mesh.messages import (
    Assignment,
    Chunk,
    Claim,
    Outcome,
    Report,
)


class Account:
    """The books of one node."""

    def __init__(self, slots: int) -> None:
        self.received = 0
        """Assignments ever received."""
        self.done = 0
        """How many of those it has no more to do with."""
        self.granted = slots
        """Assignments it has ever been willing to receive; this never falls."""
        self.is_draining = False
        """Whether it takes nothing more."""
        self._claims: dict[int, str] = {}
        """Task ids by lease, of everything received and not yet known to be dealt with."""
        self._streamed: dict[int, list[bytes]] = {}
        """Chunks of streams that are not known to be kept."""
        self._outcomes: list[Outcome] = []
        """Those that no report tells yet."""
        self._reports = 0
        self._unkept: dict[int, tuple[float, Report]] = {}
        """Reports without an answer, by number, and when they were last said."""

    # -- what it holds -------------------------------------------------------------------------

    def take(self, assignments: Iterable[Assignment]) -> None:
        """Note what was received."""
        for assignment in assignments:
            self.received += 1
            self._claims[assignment.lease] = assignment.spec.task_id

    def let_go(self, lease: int) -> None:
        """It has nothing more to do with this lease, and nothing to report of it."""
        self._claims.pop(lease, None)
        self._streamed.pop(lease, None)

    @property
    def claims(self) -> list[Claim]:
        """For an orchestrator that does not know what this node holds."""
        return [Claim(lease, task_id) for lease, task_id in self._claims.items()]

    @property
    def reported(self) -> set[int]:
        """Leases whose outcome is on its way or not yet answered."""
        if not self._unkept and not self._outcomes:  # asked with every heartbeat of an idle node
            return set()
        unkept = {o.lease for _, report in self._unkept.values() for o in report.outcomes}
        return unkept | {outcome.lease for outcome in self._outcomes}

    @property
    def held(self) -> list[int]:
        """Leases it has still to do."""
        if not self._claims:
            return []
        reported = self.reported
        return [lease for lease in self._claims if lease not in reported]

    # -- streams -------------------------------------------------------------------------------

    def add_chunk(self, lease: int, data: bytes) -> None:
        """Keep a piece of a stream until its result is kept."""
        self._streamed.setdefault(lease, []).append(data)

    @property
    def chunks(self) -> list[Chunk]:
        """Everything streamed, for an orchestrator that may have missed it."""
        return [
            Chunk(lease, index, data)
            for lease, pieces in self._streamed.items()
            for index, data in enumerate(pieces)
        ]

    # -- reports -------------------------------------------------------------------------------

    def add_outcome(self, outcome: Outcome) -> None:
        """An attempt is over."""
        self._outcomes.append(outcome)

    @property
    def has_outcomes(self) -> bool:
        """Whether there is something to report."""
        return bool(self._outcomes)

    def report(self, now: float) -> Report:
        """Everything that is to be reported, under a new number."""
        outcomes, self._outcomes = self._outcomes, []
        self._reports += 1
        report = Report(self._reports, self.granted, outcomes)
        if outcomes:
            self._unkept[report.number] = (now, report)
        return report

    def kept(self, number: int) -> None:
        """The orchestrator will not forget the report; this node may."""
        _, report = self._unkept.pop(number, (0.0, None))
        if report is not None:
            for outcome in report.outcomes:
                self._claims.pop(outcome.lease, None)
            if self._streamed:
                for outcome in report.outcomes:
                    self._streamed.pop(outcome.lease, None)

    @property
    def has_unkept(self) -> bool:
        """Whether a report waits for its answer."""
        return bool(self._unkept)

    @property
    def unkept(self) -> list[Report]:
        """The reports that wait for an answer."""
        return [report for _, report in self._unkept.values()]

    def overdue(self, now: float, *, after_s: float) -> list[Report]:
        """The reports that were last said so long ago; they count as said now."""
        found = [report for at, report in self._unkept.values() if now - at >= after_s]
        for report in found:
            self._unkept[report.number] = (now, report)
        return found
