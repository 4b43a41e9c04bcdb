"""What tasks need of a node: tasks that need the same are of one class."""

from __future__ import annotations

from dataclasses import dataclass

from cognitive_architecture.distributed_mesh.model import TaskSpec, Wishes

NeedsKey = tuple[str | Wishes | int | None, ...]
"""The name of a class: capabilities, the task type first, and where there are any, wishes, and the
rules of nodes that its tasks break."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What every task of a class needs."""

    task_type: str
    capabilities: frozenset[str]
    """``task_type`` is one of them."""
    wishes: Wishes | None = None
    broken_rules: int = 0
    """The rules of nodes that the tasks break, as bits; see ``RuleBook``."""

    def __str__(self) -> str:
        said = ", ".join(sorted(self.capabilities))
        if self.wishes is not None and self.wishes.requirements:
            said += f" where {' && '.join(self.wishes.requirements)}"
        return said


def key_of(spec: TaskSpec, broken_rules: int = 0) -> NeedsKey:
    """The class of a task."""
    options = spec.options
    if options is None:
        return (spec.task_type, None, broken_rules) if broken_rules else (spec.task_type,)
    others = options.capabilities
    names = (
        (spec.task_type, *sorted(set(others) - {spec.task_type})) if others else (spec.task_type,)
    )
    if options.wishes is None and not broken_rules:
        return names
    return (*names, options.wishes, broken_rules)


def needs_of(spec: TaskSpec, broken_rules: int = 0) -> Needs:
    """What a task needs."""
    rare = spec.rare
    capabilities = frozenset((spec.task_type, *rare.capabilities))
    return Needs(spec.task_type, capabilities, rare.wishes, broken_rules)
