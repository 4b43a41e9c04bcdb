"""Whom the nodes serve: every rule that a node of the mesh has, and which of them a task breaks.

Rules look at tasks, and a class of tasks must be one that each node treats alike. Were all that
rules look at (requester, priority, labels) part of a class, each requester would be a class of its
own. So a class knows only *which rules its tasks break*: nodes mostly share a few rules, most tasks
break none, and then there is one class as before. With r rules that differ there are at most
``2 ** r`` classes for equal needs, and never more than there are tasks that wait.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final

from cognitive_architecture.distributed_mesh.model import TaskSpec
from cognitive_architecture.distributed_mesh.policies.attributes import task_attributes
from cognitive_architecture.distributed_mesh.policies.expressions import Expression
from cognitive_architecture.foundation.errors import ConfigurationError

DIFFERENT_RULES_MAX: Final = 64
"""Of all nodes together; a node that brings one more is not let in."""
_REMEMBERED: Final = 10_000


class RuleBook:
    """The rules of all seated nodes, each as one bit."""

    def __init__(self) -> None:
        self._bits: dict[str, int] = {}
        self._rules: dict[int, Expression] = {}
        self._holders: Counter[int] = Counter()
        self._answers: dict[tuple[Any, ...], int] = {}
        """What tasks that look alike to rules break."""
        self.are_any = False
        """Whether any node has one; asked for every task, so not a method."""

    def knows(self, rules: Iterable[Expression]) -> bool:
        """Whether each of them has its bit already."""
        return all(rule.text in self._bits for rule in rules)

    def learn(self, rules: Iterable[Expression]) -> None:
        """Give each its bit, and take those back that no node has; classes change with it.

        Raises:
            ConfigurationError: There would be too many; nothing has changed.
        """
        new = {rule.text: rule for rule in rules}
        held = {text: bit for text, bit in self._bits.items() if self._holders[bit] > 0}
        wanted = [rule for text, rule in new.items() if text not in held]
        if len(held) + len(wanted) > DIFFERENT_RULES_MAX:
            raise ConfigurationError(
                f"rules: the nodes of this mesh have {len(held)} that differ, and may have "
                f"{DIFFERENT_RULES_MAX}; use the same rules where you can"
            )
        known = {text: bit for text, bit in self._bits.items() if text in held or text in new}
        free = (1 << place for place in range(DIFFERENT_RULES_MAX * 2))
        taken = set(known.values())
        for rule in wanted:
            if rule.text not in known:
                known[rule.text] = next(bit for bit in free if bit not in taken)
        expressions = {**{rule.text: rule for rule in self._rules.values()}, **new}
        self._bits = known
        self._rules = {bit: expressions[text] for text, bit in known.items()}
        self._answers.clear()
        self.are_any = bool(self._rules)

    def hold(self, rules: Iterable[Expression]) -> int:
        """A node has them, which must be known; their bits."""
        held = 0
        for rule in rules:
            bit = self._bits[rule.text]
            if not held & bit:
                held |= bit
                self._holders[bit] += 1
        return held

    def let_go(self, held: int) -> None:
        """A node that held them is gone. They stay known until others are learned."""
        for bit in _bits_in(held):
            self._holders[bit] -= 1

    def broken_by(self, spec: TaskSpec) -> int:
        """The rules that the task does not meet, as bits."""
        if not self._rules:
            return 0
        rare = spec.rare
        look = (spec.task_type, spec.priority, spec.requester, rare.labels, rare.capabilities)
        broken = self._answers.get(look)
        if broken is None:
            attributes = task_attributes(spec)
            broken = 0
            for bit, rule in self._rules.items():
                if rule.refusal(attributes) is not None:
                    broken |= bit
            if len(self._answers) >= _REMEMBERED:
                self._answers.clear()
            self._answers[look] = broken
        return broken

    def worded(self, broken: int) -> str:
        """The rules in words."""
        return " and ".join(self._rules[bit].text for bit in _bits_in(broken))


def _bits_in(number: int) -> Iterator[int]:
    while number:
        bit = number & -number
        yield bit
        number ^= bit
