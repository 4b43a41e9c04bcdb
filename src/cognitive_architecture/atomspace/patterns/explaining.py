"""Saying in sentences how a query would be searched."""

from __future__ import annotations

from cognitive_architecture.atomspace.atoms import Atom
from cognitive_architecture.atomspace.patterns.goals import (
    AbsentGoal,
    AtomGoal,
    ChoiceGoal,
    Goal,
    LinkGoal,
    Registers,
    Space,
)
from cognitive_architecture.atomspace.patterns.query import Query
from cognitive_architecture.atomspace.patterns.searching import Stage
from cognitive_architecture.atomspace.patterns.steps import Opening
from cognitive_architecture.foundation.sentences import shown


def explain(query: Query, space: Space) -> str:
    """The plan of a query for a space, one sentence a line; nothing is searched.

    The first step is the one that will be taken. Later ones are chosen anew for each partial
    answer; here they are those that would be best on average.
    """
    return "\n".join(
        f"{number}. {sentence}"
        for number, sentence in enumerate(_Plan(query, space).sentences(), start=1)
    )


class _Plan:
    def __init__(self, query: Query, space: Space) -> None:
        self._query = query
        self._space = space
        self._registers: Registers = query.search.registers
        self._names = {number: name.name for name, number in self._registers.variables.items()}

    def sentences(self) -> list[str]:
        search = self._query.search
        stage = search.stage(search.goals, self._registers.filled())
        said = [self._checked(goal) for goal in stage.checked]
        while not stage.is_last:
            costs = [(self._least(opening, stage), opening) for opening in stage.openings]
            if costs:
                cost, best = min(costs, key=lambda pair: pair[0])
                said.append(self._opened(best, cost, stage))
                stage = stage.after(best.goal)
            else:
                choice = stage.choices[0]
                said.append(
                    f"Try each of {len(choice.alternatives)} alternatives; what follows is said "
                    "for the first."
                )
                stage = stage.after(choice, choice.alternatives[0])
            said += [self._checked(goal) for goal in stage.checked]
        if self._query.is_universal:
            said.append("Keep all that was found, and give it only if Always holds for each.")
        return said

    def _least(self, opening: Opening, stage: Stage) -> int:
        """How many atoms it looks at, at most; 1 where that follows from the steps before."""
        start, goal = self._registers.start, opening.goal
        if isinstance(goal, AtomGoal):
            return opening.cost(self._space, start)
        known = [slot for slot in goal.slots if stage.filled >> slot & 1]
        if stage.filled >> goal.result & 1 or any(start[slot] is None for slot in known):
            return 1
        return opening.cost(self._space, start)

    def _opened(self, opening: Opening, cost: int, stage: Stage) -> str:
        goal = opening.goal
        if isinstance(goal, AtomGoal):
            return f"Look at every atom that {self._term(goal.result)} may be: {cost:,}."
        if stage.filled >> goal.result & 1:
            return f"Try every way in which {self._link(goal)}."
        known = [slot for slot in goal.slots if stage.filled >> slot & 1]
        if not known:
            return f"Look at every link for {self._link(goal)}: {cost:,} of the type."
        names = " and ".join(dict.fromkeys(self._term(slot) for slot in known))
        if any(self._registers.start[slot] is None for slot in known):
            return f"Look for {self._link(goal)} among the links of {names}, whichever are fewest."
        return f"Look for {self._link(goal)} among the links of {names}: {cost:,}."

    def _checked(self, goal: Goal) -> str:
        match goal:
            case LinkGoal():
                return f"Check {self._link(goal)}."
            case AtomGoal():
                return f"Check that {self._term(goal.result)} is there."
            case AbsentGoal():
                inner = " and ".join(
                    self._link(one) for one in goal.goals if isinstance(one, LinkGoal)
                )
                return f"Check that nothing satisfies {inner or 'what must be absent'}."
            case ChoiceGoal():
                return f"Check one of {len(goal.alternatives)} alternatives."

    def _link(self, goal: LinkGoal) -> str:
        inner = ", ".join(self._term(slot) for slot in goal.slots)
        return f"{self._term(goal.result)} = {goal.type}({inner})"

    def _term(self, number: int) -> str:
        value: Atom | None = self._registers.start[number]
        if value is not None:
            return shown(value, 80)
        return self._names.get(number, f"#{number}")
