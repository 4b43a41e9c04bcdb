"""By how much tasks are more urgent than their priority says, and why."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping
from typing import Final

from cognitive_architecture.distributed_mesh.model import Change, TaskSpec
from cognitive_architecture.distributed_mesh.policies.steering import LEVELS_MAX
from cognitive_architecture.foundation.errors import QueueFull
from cognitive_architecture.foundation.settings import DispatchSettings

from .entry import Entry

_RAISED_MAX: Final = 10_000
_RETRY_AFTER_S: Final = 60.0

_NEW_MAX: Final = 100

_KINDS_MAX: Final = 10_000
"""Kinds of which it is remembered that there were any; the one longest unheard of is new again."""


class Urgency:
    """What is known of kinds, types and concepts, in levels of priority.

    None of it outlives the orchestrator's process: after a restart every kind is new, and types and
    concepts stand where their tasks say.
    """

    def __init__(self, settings: DispatchSettings) -> None:
        self._novelty = settings.novelty_levels
        self._failure = settings.failure_levels
        self._seen: OrderedDict[tuple[str, str], int] = OrderedDict()
        """How many there were, by task type and concept."""
        self._old: set[str] = set()
        """Task types that are not new any more where no concept is declared; most tasks are of one
        of them, and asked about before anything else is done for them."""
        self._types: dict[str, float] = {}
        self._concepts: dict[str, float] = {}
        self._declaring: dict[str, dict[int, Entry]] = {}
        """Open tasks by concept and serial."""

    def of_a_new(self, spec: TaskSpec) -> float:
        """The bonus of the first tasks of a kind: ``novelty / n`` for the n-th of them.

        A kind is a task type together with a concept; of several concepts the newest counts. After
        the first hundred a kind is not new any more.
        """
        options = spec.options
        if options is None and spec.task_type in self._old:
            return 0.0
        if not self._novelty:
            return 0.0
        if options is None or not options.concepts:
            return self._count(spec.task_type, "")
        return max(self._count(spec.task_type, concept) for concept in options.concepts)

    def _count(self, task_type: str, concept: str) -> float:
        kind = task_type, concept
        there_were = self._seen.get(kind, 0)
        if there_were >= _NEW_MAX:
            if not concept:
                self._old.add(task_type)
            return 0.0
        if there_were:
            self._seen.move_to_end(kind)
        elif len(self._seen) >= _KINDS_MAX:
            (oldest, _), _ = self._seen.popitem(last=False)
            self._old.discard(oldest)
        self._seen[kind] = there_were + 1
        return self._novelty / (there_were + 1)

    def levels(self, entry: Entry) -> float:
        """How many levels are added to the task's priority, those of its type left aside."""
        levels = entry.levels
        if not levels and not entry.attempts and entry.spec.options is None:
            return 0.0
        if entry.attempts:
            levels += self._failure * len(entry.attempts)
        if self._concepts and entry.spec.options is not None:
            levels += sum(self._concepts.get(name, 0.0) for name in entry.spec.options.concepts)
        if -LEVELS_MAX <= levels <= LEVELS_MAX:
            return levels
        return LEVELS_MAX if levels > 0 else -LEVELS_MAX

    def reasons(self, entry: Entry) -> list[str]:
        """What ``levels`` is made of, in words."""
        said = []
        if entry.levels:
            said.append(f"{entry.levels:+.2g} levels as one of the first of its kind")
        if entry.attempts and self._failure:
            count = len(entry.attempts)
            times = "1 attempt" if count == 1 else f"{count} attempts"
            said.append(f"{self._failure * count:+.2g} levels after {times} that went wrong")
        said += [
            f"{self._concepts[name]:+g} levels for {name}"
            for name in entry.spec.rare.concepts
            if name in self._concepts
        ]
        return said

    def of_type(self, task_type: str) -> float:
        """How many levels all tasks of a type were raised by."""
        return self._types.get(task_type, 0.0)

    def of_concept(self, concept: str) -> float:
        """How many levels whatever declares a concept was raised by."""
        return self._concepts.get(concept, 0.0)

    # -- raising and lowering ------------------------------------------------------------------

    def crowded(self, change: Change) -> QueueFull | None:
        """Why so many names more cannot be remembered, or ``None``."""
        for known, new in ((self._types, change.types), (self._concepts, change.concepts)):
            if len(known.keys() | new.keys()) > _RAISED_MAX:
                return QueueFull(
                    f"{len(known):,} types or concepts are raised or lowered, and {_RAISED_MAX:,} "
                    "may be; set some back to 0",
                    _RETRY_AFTER_S,
                )
        return None

    def raise_type(self, task_type: str, levels: float) -> None:
        """Let all tasks of a type be so many levels more urgent."""
        _set(self._types, task_type, levels)

    def raise_concepts(self, levels: Mapping[str, float]) -> Collection[Entry]:
        """Let whatever declares a concept be so many levels more urgent; what is open of that.

        Concepts that stand there already change nothing.
        """
        declaring: dict[int, Entry] = {}
        for concept, value in levels.items():
            if value != self.of_concept(concept):
                _set(self._concepts, concept, value)
                declaring |= self._declaring.get(concept, {})
        return declaring.values()

    def add(self, entry: Entry) -> None:
        """A task is open."""
        if entry.spec.options is not None:
            for concept in entry.spec.options.concepts:
                self._declaring.setdefault(concept, {})[entry.serial] = entry

    def remove(self, entry: Entry) -> None:
        """A task is over."""
        if entry.spec.options is not None:
            for concept in entry.spec.options.concepts:
                declaring = self._declaring.get(concept, {})
                declaring.pop(entry.serial, None)
                if not declaring:
                    self._declaring.pop(concept, None)


def _set(levels: dict[str, float], name: str, value: float) -> None:
    if value:
        levels[name] = value
    else:
        levels.pop(name, None)
