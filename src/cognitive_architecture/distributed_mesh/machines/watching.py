"""Who hears of which task."""

from __future__ import annotations

from typing import Final

from cognitive_architecture.distributed_mesh.messages import Ended, Happened
from cognitive_architecture.distributed_mesh.model import Ending, TaskEvent, TaskEventKind

from .effects import Tell
from .entry import Entry, Phase

NOTHING: Final[list[Tell]] = []
"""Returned where there is nothing to tell; never changed."""


class Watchers:
    """Addresses that asked to hear of a task: of its ending, or of everything on the way."""

    def __init__(self) -> None:
        self._by_task: dict[str, dict[str, bool]] = {}
        self._by_address: dict[str, set[str]] = {}

    def add(self, task_id: str, address: str, *, stream: bool) -> None:
        """Let ``address`` hear of the task; asking for more wins over asking for less."""
        known = self._by_task.setdefault(task_id, {})
        known[address] = stream or known.get(address, False)
        self._by_address.setdefault(address, set()).add(task_id)

    def remove(self, address: str, task_ids: list[str] | None = None) -> None:
        """Let ``address`` hear no more of these, or of anything."""
        mine = self._by_address.get(address, set())
        for task_id in list(mine) if task_ids is None else task_ids:
            mine.discard(task_id)
            if watching := self._by_task.get(task_id):
                watching.pop(address, None)
                if not watching:
                    del self._by_task[task_id]
        if not mine:
            self._by_address.pop(address, None)

    @property
    def are_any(self) -> bool:
        """Whether anybody watches anything: mostly nobody does, and nothing need be told."""
        return bool(self._by_task)

    def streamed(self) -> list[str]:
        """The tasks that somebody streams."""
        return [task_id for task_id, known in self._by_task.items() if any(known.values())]

    def watching(self, task_id: str) -> list[str]:
        """The addresses that asked about the task; also of one that is looked for in the store."""
        return list(self._by_task.get(task_id, ()))

    def _forget(self, address: str, task_id: str) -> None:
        mine = self._by_address.get(address)
        if mine is not None:
            mine.discard(task_id)
            if not mine:
                del self._by_address[address]

    def wants_news(self, task_id: str) -> bool:
        """Whether anybody streams this task: most are streamed by nobody."""
        return bool(self._by_task) and any(self._by_task.get(task_id, {}).values())

    def news(self, event: TaskEvent) -> list[Tell]:
        """Tell everybody who streams the task."""
        return [
            Tell(address, Happened([event]))
            for address, stream in self._by_task.get(event.task_id, {}).items()
            if stream
        ]

    def news_of(self, entry: Entry, kind: TaskEventKind, *, note: str | None = None) -> list[Tell]:
        """Tell whoever streams the task of an entry what has happened to it."""
        task_id = entry.spec.task_id
        if not self.wants_news(task_id):
            return NOTHING
        node_id = entry.seat.node_id if kind is TaskEventKind.ASSIGNED and entry.seat else None
        return self.news(TaskEvent(task_id, kind, entry.attempt, node_id, note))

    def endings(self, closed: list[tuple[Entry, Ending]]) -> list[Tell]:
        """Tell everybody concerned, and forget the tasks."""
        owed: dict[str, list[Ending]] = {}
        tells: list[Tell] = []
        for entry, ending in closed:
            listeners = self._by_task.pop(ending.task_id, None) if self._by_task else None
            teller = entry.teller
            if teller is not None and (listeners is None or not listeners.get(teller)):
                owed.setdefault(teller, []).append(ending)
            if listeners is None:
                continue
            for address, stream in listeners.items():
                self._forget(address, ending.task_id)
                if stream:
                    over = TaskEvent(ending.task_id, TaskEventKind.ENDED, ending=ending)
                    tells.append(Tell(address, Happened([over])))
                elif address != teller:
                    owed.setdefault(address, []).append(ending)
        tells += [Tell(address, Ended(endings)) for address, endings in owed.items()]
        return tells


def story_so_far(entry: Entry, *, blocked: str | None = None) -> list[TaskEvent]:
    """What somebody who begins to stream now has missed and still matters.

    Nothing of a task that is being written, for it may never be durable, or closed, for its ending
    tells all. ``blocked`` is why no node can do it.
    """
    task_id = entry.spec.task_id
    if entry.phase in (Phase.WRITING, Phase.CLOSING):
        return []
    if entry.phase is not Phase.LEASED or entry.seat is None:
        events = [TaskEvent(task_id, TaskEventKind.QUEUED, entry.attempt)]
        if blocked is not None:
            events.append(TaskEvent(task_id, TaskEventKind.BLOCKED, entry.attempt, note=blocked))
        return events
    events = [
        TaskEvent(task_id, TaskEventKind.ASSIGNED, entry.attempt, node_id=node_id)
        for node_id, _ in entry.runs
    ]
    for index, chunk in enumerate(entry.chunks or ()):
        events.append(
            TaskEvent(task_id, TaskEventKind.CHUNK, entry.attempt, index=index, chunk=chunk)
        )
    if entry.progress is not None:
        fraction, note = entry.progress
        events.append(
            TaskEvent(task_id, TaskEventKind.PROGRESS, entry.attempt, fraction=fraction, note=note)
        )
    return events
