"""What has failed and is not yet put right: from the decision until the last task is elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field

from .effects import Incident


@dataclass(slots=True)
class OpenRecovery:
    """One failure and the tasks that it left without a node."""

    number: int
    node_id: str
    began_at: float
    tasks: int
    waiting: set[str]
    """Ids of the tasks that no node has yet."""
    heirs: set[str] = field(default_factory=set)
    """The nodes that have the others."""
    first_s: float | None = None


class Recoveries:
    """Follows every failure until its tasks are with another node or over. Bounded by the tasks."""

    def __init__(self) -> None:
        self._numbers = 0
        self.by_task: dict[str, OpenRecovery] = {}
        """Most of the time there is none, and nothing is asked of the others."""
        self._finished: list[Incident] = []

    def __len__(self) -> int:
        return len(self.by_task)

    def begin(self, node_id: str, task_ids: list[str], now: float) -> int:
        """A failure has been decided on; its number, by which it is spoken of."""
        self._numbers += 1
        if task_ids:
            recovery = OpenRecovery(self._numbers, node_id, now, len(task_ids), set(task_ids))
            for task_id in task_ids:
                self.by_task[task_id] = recovery
        return self._numbers

    def given(self, task_id: str, node_id: str, now: float) -> None:
        """A node has the task."""
        recovery = self.by_task.pop(task_id, None)
        if recovery is None:
            return
        recovery.heirs.add(node_id)
        if recovery.first_s is None:
            recovery.first_s = now - recovery.began_at
        self._one_less(recovery, task_id, now)

    def over(self, task_id: str, now: float) -> None:
        """The task has ended without another attempt."""
        recovery = self.by_task.pop(task_id, None)
        if recovery is not None:
            self._one_less(recovery, task_id, now)

    def _one_less(self, recovery: OpenRecovery, task_id: str, now: float) -> None:
        recovery.waiting.discard(task_id)
        if recovery.waiting or recovery.first_s is None:
            return
        last_s = now - recovery.began_at
        heirs = sorted(recovery.heirs)
        with_whom = f"{', '.join(heirs[:5])}{' and others' if len(heirs) > 5 else ''}"
        what = "its task is" if recovery.tasks == 1 else f"its {recovery.tasks} tasks are"
        details = {
            "failure": recovery.number,
            "tasks": recovery.tasks,
            "first_elsewhere_s": round(recovery.first_s, 6),
            "last_elsewhere_s": round(last_s, 6),
        }
        reason = f"{what} with {with_whom} after {last_s:.3f} s"
        self._finished.append(Incident("recovered", recovery.node_id, reason, details=details))

    def take_finished(self) -> list[Incident]:
        """The failures that have been put right since this was last asked."""
        finished, self._finished = self._finished, []
        return finished
