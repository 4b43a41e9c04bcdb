"""Whether clients say again what was not answered, and believe only what can be known."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from cognitive_architecture.distributed_mesh import messages as m
from cognitive_architecture.simulation.agenda import Agenda

from .breaches import Breaches
from .meetings import Hindrances, Meetings
from .rules import DRIFT, PROMPT_S, Rules

_SWEEP_S: Final = 0.5
"""How often a client looks for requests that were never answered."""

_Request = m.Submit | m.Cancel | m.Reprioritise | m.Ask
_ANSWERS: Final = (m.Accepted, m.Cancelled, m.Answer, m.Denied)


@dataclass(slots=True)
class _Open:
    """What one client's process has asked for and not heard the answer of."""

    requests: dict[int, tuple[_Request, float]] = field(default_factory=dict)
    """By number: and since when, as far as anybody heard."""
    owed: set[int] = field(default_factory=set)
    """Those that the orchestrator it talks with now has not been asked."""
    has_just_met: bool = True
    """It may have asked long before, when nobody was there whom it could tell."""
    unknown_yet: set[str] = field(default_factory=set)
    """Tasks of which it heard that nobody knows them while they were on their way."""


@dataclass(slots=True)
class Requests:
    """All requests of all clients."""

    breaches: Breaches
    rules: Rules
    agenda: Agenda
    meetings: Meetings
    hindrances: Hindrances
    _open: dict[str, _Open] = field(default_factory=dict)
    """By process."""

    def said(self, process: str, receiver: str, messages: Iterable[m.Message]) -> None:
        """A client says something, all of it in one frame."""
        mine = self._open.setdefault(process, _Open())
        # If it was told in the same turn that this one is gone, it owes all of it to the next.
        is_heard = self.meetings.are_talking(process, receiver)
        is_new = False
        for message in messages:
            if isinstance(message, _Request):
                if message.request not in mine.requests:
                    is_new = True
                    since = -math.inf if mine.has_just_met else self.agenda.now
                    mine.requests[message.request] = (message, since)
                    mine.owed.add(message.request)
                if is_heard:
                    mine.owed.discard(message.request)
        if not is_heard:
            return
        mine.has_just_met = False
        if is_new and mine.owed:
            self._forget_overdue(mine)
            self.breaches.demand(
                not mine.owed,
                f"{process} asks a new orchestrator for more, and not again for what was not "
                f"answered: {sorted(mine.owed)}",
            )

    def _forget_overdue(self, mine: _Open) -> None:
        """Leave out what a client may have given up by now."""
        patience_s = self.rules.answer_timeout_s / DRIFT
        for number, (_, since) in list(mine.requests.items()):
            if self.agenda.now - since >= patience_s:
                del mine.requests[number]
                mine.owed.discard(number)

    def met(self, process: str) -> None:
        """A client begins to talk anew with an orchestrator."""
        mine = self._open.setdefault(process, _Open())
        self._forget_overdue(mine)
        mine.owed = set(mine.requests)
        mine.has_just_met = True

    def heard(self, process: str, sender: str, message: m.Message) -> None:
        """A client hears something."""
        mine = self._open.setdefault(process, _Open())
        if isinstance(message, _ANSWERS):
            asked = mine.requests.pop(message.request, None)
            mine.owed.discard(message.request)
            if asked is not None and isinstance(asked[0], m.Submit):
                mine.unknown_yet.difference_update(spec.task_id for spec in asked[0].tasks)
        elif isinstance(message, m.NotFound) and self.meetings.are_talking(process, sender):
            self._forget_overdue(mine)
            on_their_way = {
                spec.task_id
                for request, _ in mine.requests.values()
                if isinstance(request, m.Submit)
                for spec in request.tasks
            }
            mine.unknown_yet.update(on_their_way.intersection(message.task_ids))
            mine.unknown_yet.difference_update(set(message.task_ids) - on_their_way)
        elif isinstance(message, m.Introduce) and self.meetings.are_talking(process, sender):
            self.met(process)

    def believed_unknown(self, process: str, task_id: str) -> None:
        """A client's program was told that nobody knows a task."""
        mine = self._open.setdefault(process, _Open())
        self.breaches.demand(
            task_id not in mine.unknown_yet,
            f"{process} is told that nobody knows {task_id}, which it is submitting",
        )

    def waited(self, process: str, what: str, since: float, requests: int) -> None:
        """A client's program has the answer to the last of its requests, or hears of none."""
        patience_s = requests * DRIFT * (self.rules.answer_timeout_s + _SWEEP_S) + PROMPT_S
        waited_s = self.agenda.now - since
        self.breaches.demand(
            waited_s <= patience_s or self.hindrances.were_there(process.partition(".")[0], since),
            f"{process} hears after {waited_s:.1f} s that nobody answers: {what}",
        )
