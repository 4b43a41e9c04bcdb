"""Finding everything that satisfies a conjunction of goals.

It goes depth first, with a stack of its own. After every step, whatever can be checked is checked;
then, of the goals that are left, the one is opened that would look at the fewest atoms for just
this partial answer. What can be checked and opened depends only on which goals are left and which
registers are filled, so it is worked out once for each such *stage* and kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cognitive_architecture.atomspace.patterns.goals import (
    AbsentGoal,
    AtomGoal,
    Binding,
    ChoiceGoal,
    Goal,
    LinkGoal,
    Registers,
    Space,
    filled_by,
    named_in,
)
from cognitive_architecture.atomspace.patterns.steps import (
    AtomScan,
    Check,
    LinkScan,
    LooseScan,
    Opening,
    is_there,
    looked_up,
    taken_apart,
)
from cognitive_architecture.atomspace.patterns.watching import Watched


class Search:
    """A conjunction of goals, ready to be searched again and again.

    Args:
        goals: What is to be satisfied.
        registers: Of the whole pattern.
        outside: Registers that the goals around this conjunction fill, as bits. An Absent waits
            for those and for what its own conjunction fills; any other variable in it is its own.
    """

    def __init__(self, goals: Sequence[Goal], registers: Registers, outside: int = 0) -> None:
        self.goals = tuple(goals)
        self.registers = registers
        self._filled_in_the_end = outside | filled_by(goals) | registers.filled()
        self._stages: dict[tuple[tuple[Goal, ...], int], Stage] = {}
        self._absents: dict[AbsentGoal, Search] = {}

    def solutions(
        self, space: Space, binding: Binding, filled: int, watched: Watched
    ) -> Iterator[Binding]:
        """Every way to satisfy all goals.

        Args:
            space: Where.
            binding: What the registers hold before; it may be changed.
            filled: Which of them hold something, as bits.
            watched: What every loop goes through.
        """
        stage = self.stage(self.goals, filled)
        if not stage.passes(space, binding, watched):
            return
        if stage.is_last:
            yield binding
            return
        stack = list(stage.ways(space, binding, watched))
        while stack:
            ways, stage = stack[-1]
            checks, is_last = stage.checks, stage.is_last
            for way in ways:
                for check in checks:
                    if not check(space, way, watched):
                        break
                else:
                    if is_last:
                        yield way
                        continue
                    stack += stage.ways(space, way, watched)
                    break
            else:
                stack.pop()

    def stage(self, goals: tuple[Goal, ...], filled: int) -> Stage:
        """What is to be done for these goals when these registers are filled."""
        found = self._stages.get((goals, filled))
        if found is None:
            found = self._stages[goals, filled] = Stage(self, goals, filled)
        return found

    def check(self, goal: Goal, filled: int) -> Check | None:
        """How a goal is checked when these registers are filled; ``None`` if it is not yet."""
        match goal:
            case AtomGoal():
                return is_there(goal) if filled >> goal.result & 1 else None
            case LinkGoal():
                if filled >> goal.result & 1 and not goal.is_loose:
                    return taken_apart(goal, filled, self.registers)
                is_known = all(filled >> slot & 1 for slot in goal.slots)
                if is_known and not goal.has_glob and not filled >> goal.result & 1:
                    return looked_up(goal)
                return None
            case AbsentGoal():
                needed = named_in(goal.goals) & self._filled_in_the_end
                return self._absence(goal, filled) if needed & ~filled == 0 else None
            case ChoiceGoal():
                return None

    def _absence(self, goal: AbsentGoal, filled: int) -> Check:
        search = self._absents.get(goal)
        if search is None:
            search = Search(goal.goals, self.registers, self._filled_in_the_end)
            self._absents[goal] = search

        def check(space: Space, binding: Binding, watched: Watched) -> bool:
            found = search.solutions(space, binding.copy(), filled, watched)
            return next(found, None) is None

        return check

    def opening(self, goal: LinkGoal | AtomGoal, filled: int) -> Opening:
        """How a goal is opened that cannot be checked."""
        if isinstance(goal, AtomGoal):
            return AtomScan(goal, self.registers)
        kind = LooseScan if goal.is_loose else LinkScan
        return kind(goal, filled, self.registers)


class Stage:
    """What a search does next.

    Attributes:
        checks: First, one after the other.
        openings: Then one of these, or of the choices.
        goals: Those that are left after the checks.
        filled: The registers that are filled after the checks, as bits.
        is_last: Nothing is left after the checks.
        is_bare: Nothing is to be done at all.
    """

    def __init__(self, search: Search, goals: tuple[Goal, ...], filled: int) -> None:
        self._search = search
        self.checks: list[Check] = []
        self.checked: list[Goal] = []
        left = list(goals)
        while found := self._first_check(left, filled):
            goal, check = found
            left.remove(goal)
            self.checked.append(goal)
            self.checks.append(check)
            if isinstance(goal, LinkGoal | AtomGoal):
                filled |= goal.registers
        self.goals = tuple(left)
        self.filled = filled
        self.openings = [
            search.opening(goal, filled) for goal in left if isinstance(goal, LinkGoal | AtomGoal)
        ]
        self.choices = [goal for goal in left if isinstance(goal, ChoiceGoal)]
        self.is_last = not left
        self.is_bare = not left and not self.checks
        self._next: dict[tuple[Goal, tuple[Goal, ...]], Stage] = {}

    def _first_check(self, left: Sequence[Goal], filled: int) -> tuple[Goal, Check] | None:
        for goal in left:
            check = self._search.check(goal, filled)
            if check is not None:
                return goal, check
        return None

    def passes(self, space: Space, binding: Binding, watched: Watched) -> bool:
        """Whether all checks hold; they may fill registers."""
        return all(check(space, binding, watched) for check in self.checks)

    def ways(
        self, space: Space, binding: Binding, watched: Watched
    ) -> list[tuple[Iterator[Binding], Stage]]:
        """The ways on through the goal that costs least, with the stage that follows each."""
        best = self.cheapest(space, binding)
        if isinstance(best, ChoiceGoal):
            return [
                (iter((binding.copy(),)), self.after(best, alternative))
                for alternative in reversed(best.alternatives)
            ]
        return [(best.ways(space, binding, watched), self.after(best.goal))]

    def cheapest(self, space: Space, binding: Binding) -> Opening | ChoiceGoal:
        """What to open next."""
        if len(self.openings) == 1 and not self.choices:
            return self.openings[0]
        costs: list[tuple[int, Opening | ChoiceGoal]] = [
            (opening.cost(space, binding), opening) for opening in self.openings
        ]
        costs += [(self.cost_of(choice, space, binding), choice) for choice in self.choices]
        return min(costs, key=lambda cost: cost[0])[1]

    def cost_of(self, choice: ChoiceGoal, space: Space, binding: Binding) -> int:
        """What it would look at first in all its alternatives together."""
        total = 0
        for alternative in choice.alternatives:
            first = self._search.stage(alternative, self.filled)
            if not first.checks and (first.openings or first.choices):
                costs = [opening.cost(space, binding) for opening in first.openings]
                costs += [first.cost_of(inner, space, binding) for inner in first.choices]
                total += min(costs)
        return total

    def after(self, goal: Goal, instead: tuple[Goal, ...] = ()) -> Stage:
        """The stage that follows once a goal was opened.

        Args:
            goal: Of those that are left.
            instead: The goals of the alternative that was chosen, if it is a choice.
        """
        found = self._next.get((goal, instead))
        if found is None:
            left = tuple(other for other in self.goals if other is not goal) + instead
            filled = self.filled
            if isinstance(goal, LinkGoal | AtomGoal):
                filled |= goal.registers
            found = self._next[goal, instead] = self._search.stage(left, filled)
        return found
