"""Queries: patterns that were compiled once and can be asked again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from cognitive_architecture.atomspace.atoms import Atom, Link, Node
from cognitive_architecture.atomspace.errors import PatternError
from cognitive_architecture.atomspace.patterns.arranging import GROUP
from cognitive_architecture.atomspace.patterns.compiling import Compiler
from cognitive_architecture.atomspace.patterns.declaring import declare
from cognitive_architecture.atomspace.patterns.goals import (
    AbsentGoal,
    Binding,
    ChoiceGoal,
    Goal,
    Registers,
    Space,
    Types,
    bits,
    filled_by,
    may_repeat,
    named_in,
)
from cognitive_architecture.atomspace.patterns.rewriting import Grounding, Rewrite
from cognitive_architecture.atomspace.patterns.searching import Search
from cognitive_architecture.atomspace.patterns.steps import LinkScan
from cognitive_architecture.atomspace.patterns.watching import Watched, limited, watched
from cognitive_architecture.atomspace.types import TypeHierarchy
from cognitive_architecture.foundation.sentences import shown

Clock = Callable[[], float]
"""Gives the instant, in seconds; only differences mean anything."""


class _Plan(NamedTuple):
    """How a query is asked when some of its variables are given."""

    given: Sequence[tuple[Node, int]]
    """Those, with their registers."""
    restricted: Sequence[tuple[Node, Types | None, bool]]
    """Those of them that may not hold just anything: the types, and whether it is a Glob."""
    filled: int
    """The registers that are filled from the start, as bits."""
    scan: LinkScan | None
    """What alone is to be done, if it is that simple."""
    places: Sequence[tuple[int, Node]]
    """Where in the links of that scan the other variables stand."""


class Query:
    """A pattern, and what to make of what it finds.

    It holds nothing of any space, so it may be kept and asked of every space with the same types.

    Args:
        clauses: All of them must hold, in whatever order they are written; see ``compiling``.
        types: Those of the spaces it will be asked of, as they are now.
        variables: What declares the variables: a Variable, a Glob, a TypedVariable, a
            VariableList. Without it every Variable and Glob of the clauses is one.
        rewrites: Templates of what :meth:`answers` makes of every grounding. Without any, it gives
            what the variables stand for.

    Raises:
        PatternError: It cannot be asked; the sentence says what to change.
    """

    def __init__(
        self,
        clauses: Sequence[Atom],
        types: TypeHierarchy,
        *,
        variables: Atom | None = None,
        rewrites: Sequence[Atom] = (),
    ) -> None:
        if not clauses:
            raise PatternError("a query asks for nothing: give it a clause")
        registers = Registers()
        if variables is not None:
            declare(variables, registers, types)
        compiler = Compiler(types, registers, is_open=variables is None)
        always = [clause for clause in clauses if isinstance(clause, Link) and _is_always(clause)]
        goals = compiler.goals([clause for clause in clauses if clause not in always])
        lasting = compiler.goals([inner for clause in always for inner in clause.out])
        _require_grounded(goals, registers, 0)
        grounded = filled_by(goals)
        _require_grounded(lasting, registers, grounded)
        _require_used(registers, named_in(goals) | named_in(lasting))
        self.search = Search(goals, registers)
        self._always = Search(lasting, registers, grounded) if always else None
        self._registers = registers
        self._numbers = [
            number for number in registers.variables.values() if grounded >> number & 1
        ]
        self.variables = tuple(
            variable for variable, number in registers.variables.items() if grounded >> number & 1
        )
        """What every grounding holds, in the order declared, or else met."""
        self._rewrites = [Rewrite(template, self.variables, types) for template in rewrites]
        self._may_repeat = may_repeat(goals)
        self._filled = registers.filled()
        self._plans: dict[tuple[Node, ...], _Plan] = {}

    def groundings(
        self,
        space: Space,
        *,
        given: Grounding | None = None,
        limit: int | None = None,
        deadline: float | None = None,
        clock: Clock | None = None,
    ) -> Iterator[Grounding]:
        """Everything the variables may stand for, each once, found as it is asked for.

        A space that is written meanwhile may show some of that; ask a snapshot to see one state.
        However it is written, a query comes to its end.

        Args:
            space: A space, or a snapshot of one.
            given: What some of the variables stand for already. A query that is asked of many
                atoms is compiled once and given each.
            limit: At most so many.
            deadline: An instant of ``clock``. It is looked at every 64 steps.
            clock: Asked only where there is a deadline.

        Raises:
            PatternError: ``given`` names what is no variable of this query, the limit is no count,
                or a deadline has no clock.
            DeadlinePassed: While it is asked for the next grounding.
        """
        over = iter if deadline is None else watched(deadline, clock)
        binding = self._registers.start.copy()
        known = dict(given) if given else {}
        plan = self._plans.get(tuple(known)) or self._planned(known)
        for variable, allowed, is_glob in plan.restricted:
            if not _may_hold(variable, known[variable], allowed, is_glob=is_glob):
                return iter(())
        for variable, number in plan.given:
            atom = known[variable]
            binding[number] = atom if type(atom) is Node else space.find(atom) or atom
        if plan.scan is None:
            found = self._found(space, binding, plan.filled, over)
        else:
            found = plan.scan.groundings(space, binding, over, known, plan.places)
        return found if limit is None else limited(found, limit)

    def answers(
        self,
        space: Space,
        *,
        given: Grounding | None = None,
        limit: int | None = None,
        deadline: float | None = None,
        clock: Clock | None = None,
    ) -> Iterator[Atom]:
        """What is made of the groundings, each atom once; the space does not take it in.

        With rewrites, these filled in. Without, what the variable stands for, or of several a
        ``List`` of that.

        Args and errors are those of :meth:`groundings`; the limit counts answers.
        """
        found = self.groundings(space, given=given, deadline=deadline, clock=clock)
        made = self._rewritten(found) if self._rewrites else map(self._answer, found)
        return limited(made, limit)

    @property
    def is_universal(self) -> bool:
        """Whether all must be found before anything is given, as Always asks."""
        return self._always is not None

    def _rewritten(self, found: Iterator[Grounding]) -> Iterator[Atom]:
        made: set[Atom] = set()
        for grounding in found:
            for rewrite in self._rewrites:
                atom = rewrite.atom(grounding)
                if atom not in made:
                    made.add(atom)
                    yield atom

    def _answer(self, grounding: Grounding) -> Atom:
        values = tuple(grounding[variable] for variable in self.variables)
        return values[0] if len(values) == 1 else Link(GROUP, values)

    def _planned(self, given: Grounding) -> _Plan:
        """What is the same whenever just these variables are given."""
        numbers: dict[Node, int] = {}
        for variable in given:
            if variable not in self.variables:
                raise PatternError(
                    f"{shown(variable)} is given, but it is none of this query's variables: "
                    f"{', '.join(known.name for known in self.variables) or 'it has none'}"
                )
            numbers[variable] = self._registers.variables[variable]
        filled = self._filled | bits(numbers.values())
        allowed, spans = self._registers.allowed, self._registers.spans
        restricted = [
            (variable, allowed[number], number in spans)
            for variable, number in numbers.items()
            if allowed[number] is not None or number in spans
        ]
        scan = self._only_scan(filled)
        places: list[tuple[int, Node]] = []
        if scan is not None:
            found = zip(self.variables, self._numbers, strict=True)
            slots = scan.goal.slots
            places = [(slots.index(n), variable) for variable, n in found if variable not in given]
        told = [*numbers.items()]
        plan = self._plans[tuple(given)] = _Plan(told, restricted, filled, scan, places)
        return plan

    def _only_scan(self, filled: int) -> LinkScan | None:
        """The scan that is all there is to do, as in most queries that must be fast."""
        stage = self.search.stage(self.search.goals, filled)
        if self._always is not None or stage.checks or len(stage.goals) != 1 or stage.choices:
            return None
        scan = stage.openings[0]
        is_all = isinstance(scan, LinkScan) and stage.after(scan.goal).is_bare
        return scan if is_all and isinstance(scan, LinkScan) else None

    def _found(
        self, space: Space, binding: Binding, filled: int, over: Watched
    ) -> Iterator[Grounding]:
        solutions = self.search.solutions(space, binding, filled, over)
        if self._may_repeat:
            solutions = self._once_each(solutions)
        if self._always is not None:
            solutions = self._if_always(self._always, solutions, space, over)
        variables, numbers = self.variables, self._numbers
        for solution in solutions:
            yield {
                variable: solution[number]  # type: ignore[misc]  # it is filled now
                for variable, number in zip(variables, numbers, strict=True)
            }

    def _once_each(self, solutions: Iterator[Binding]) -> Iterator[Binding]:
        met: set[tuple[Atom | None, ...]] = set()
        for solution in solutions:
            key = tuple([solution[number] for number in self._numbers])
            if key not in met:
                met.add(key)
                yield solution

    def _if_always(
        self, always: Search, solutions: Iterator[Binding], space: Space, over: Watched
    ) -> Iterator[Binding]:
        """All solutions, if every one satisfies what must always be; else none."""
        kept: list[Binding] = []
        for solution in solutions:
            filled = bits(n for n, value in enumerate(solution) if value is not None)
            if next(always.solutions(space, solution.copy(), filled, over), None) is None:
                return
            kept.append(solution)
        yield from kept


def _may_hold(variable: Node, atom: Atom, allowed: Types | None, *, is_glob: bool) -> bool:
    held: Sequence[Atom] = (atom,)
    if is_glob:
        if not isinstance(atom, Link) or atom.type != GROUP:
            raise PatternError(f"{variable.name} is a Glob: give it a {GROUP} of atoms")
        held = atom.out
    return allowed is None or all(one.type in allowed for one in held)


def _is_always(clause: Atom) -> bool:
    return clause.type == "Always"


def _require_used(registers: Registers, named: int) -> None:
    for variable, number in registers.variables.items():
        if not named >> number & 1:
            raise PatternError(
                f"{variable.name} is declared, but no clause uses it: use it, or do not declare it"
            )


def _require_grounded(goals: Sequence[Goal], registers: Registers, outside: int) -> None:
    """Refuse a variable that some ways to satisfy the goals ground and others do not."""
    filled = filled_by(goals) | outside
    variables: Mapping[Node, int] = registers.variables
    named = named_in(goals, in_absent=False)
    for variable, number in variables.items():
        if named >> number & 1 and not filled >> number & 1:
            raise PatternError(
                f"{variable.name} stands in some alternatives of a Choice, but not in all: what is "
                "it in the others? Use it in each, or in a clause beside the Choice"
            )
    for goal in _absents(goals):
        _require_grounded(goal.goals, registers, filled)


def _absents(goals: Sequence[Goal]) -> Iterator[AbsentGoal]:
    for goal in goals:
        if isinstance(goal, AbsentGoal):
            yield goal
        elif isinstance(goal, ChoiceGoal):
            for alternative in goal.alternatives:
                yield from _absents(alternative)
