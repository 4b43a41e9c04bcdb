"""What is to be written and told after several attempts are over."""

from __future__ import annotations

from cognitive_architecture.distributed_mesh.model import (
    Ending,
)
from cognitive_architecture.distributed_mesh.records import FailedAttempt, WriteBatch

from . import leasing
from .board import Board
from .effects import Effect, Tell
from .entry import Entry
from .writing import PendingWrite


class Completed:
    """Attempts of one task type and requester that went well, in one report."""

    __slots__ = ("cost", "most", "runs")

    def __init__(self) -> None:
        self.runs: list[float] = []
        """How long each ran; seconds."""
        self.cost = 0
        self.most = 0
        """The largest cost among them."""


class Aftermath:
    """What is to be written and told after several attempts are over."""

    def __init__(self) -> None:
        self.effects: list[Effect] = []
        self.closed: list[tuple[Entry, Ending]] = []
        self.attempts: list[FailedAttempt] = []
        self.completed: dict[tuple[str, str | None], Completed] = {}
        """What went well, by task type and requester."""

    def add(self, attempt: FailedAttempt, entry: Entry, ending: Ending | None) -> None:
        """An attempt went wrong, and perhaps its task with it."""
        self.attempts.append(attempt)
        if ending is not None:
            self.closed.append((entry, ending))

    def write(self, board: Board, replies: list[Tell], now: float) -> list[Effect]:
        """Order the write; nothing of it is told before it is durable."""
        if not self.closed and not self.attempts:
            leasing.settle(board, now)
            return [*self.effects, *replies]
        batch = WriteBatch(
            endings=[ending for _, ending in self.closed],
            attempts=self.attempts,
            balances=leasing.settle(board, now),
        )
        pending = PendingWrite(batch, closed=self.closed, replies=replies)
        return [*self.effects, board.writes.order(pending)]
