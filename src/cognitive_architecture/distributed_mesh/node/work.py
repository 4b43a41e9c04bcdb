"""What a slot is at: the attempt as the node sees it, and as its handler does."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from cognitive_architecture.distributed_mesh.messages import Assignment
from cognitive_architecture.distributed_mesh.payloads import decode_value
from cognitive_architecture.foundation.sentences import sayable

from .news import News
from .processes import HandlerProcess
from .requests import AttemptRequests, NodeRequests

TOKENS_MAX: Final = 2**53
"""More are not counted; every language that speaks the protocol can say this number."""


class Work:
    """The attempt a slot is at, as its handler sees it (``RunningTask``)."""

    __slots__ = (
        "_deadline",
        "_mesh",
        "_news",
        "_requests",
        "assignment",
        "is_cancelled",
        "is_over",
        "tokens",
    )

    def __init__(
        self, assignment: Assignment, deadline: float, news: News, requests: NodeRequests
    ) -> None:
        self.assignment = assignment
        self.is_cancelled = False
        self.is_over = False
        self.tokens = 0
        self._deadline = deadline
        self._news = news
        self._requests = requests
        self._mesh: AttemptRequests | None = None

    @property
    def task_id(self) -> str:
        """The task's id."""
        return self.assignment.spec.task_id

    @property
    def attempt(self) -> int:
        """1 for the first attempt."""
        return self.assignment.attempt

    @property
    def priority(self) -> int:
        """1 to 10, 10 most urgent."""
        return self.assignment.spec.priority

    @property
    def mesh(self) -> AttemptRequests:
        """Where the handler asks for what others can do; most never do."""
        if self._mesh is None:
            self._mesh = AttemptRequests(self._requests, self.assignment, self._deadline)
            if self.is_over:
                self._mesh.end()
        return self._mesh

    def end(self) -> None:
        """The attempt is over; what it still asks of others is cancelled."""
        self.is_over = True
        if self._mesh is not None:
            self._mesh.end()

    def count_tokens(self, count: int) -> None:
        """Say that so many more tokens were used; callable from a thread too."""
        if type(count) is int and count > 0:  # a handler's slip must not cost its result
            self.tokens = min(self.tokens + count, TOKENS_MAX)

    @property
    def checkpoint(self) -> Any:
        """What an earlier attempt has kept; ``None`` if none did."""
        kept = self.assignment.checkpoint
        return decode_value(kept) if kept else None

    def save_checkpoint(self, state: Any) -> None:
        """Keep a state for the next attempt; callable from a thread too."""
        self._news.save_checkpoint(self.assignment.lease, state)

    def progress(self, fraction: float, note: str = "") -> None:
        """Tell whoever watches the task how far it is; callable from a thread too."""
        clipped = min(1.0, max(0.0, float(fraction)))
        self._news.progressed(self.assignment.lease, clipped, sayable(str(note)[:500]))


class Slot:
    """Room for one running attempt."""

    def __init__(self) -> None:
        self.task: asyncio.Task[None] | None = None
        self.work: Work | None = None
        self.began = 0.0
        self.deadline = 0.0
        self.stop_reason: str | None = None
        self.stopped_at = 0.0
        """Instant at which its attempt was told to stop."""
        self.is_reported = False
        self.process: HandlerProcess | None = None

    @property
    def is_stuck(self) -> bool:
        """Whether a handler goes on although its attempt is over."""
        return self.work is not None and self.stop_reason is not None
