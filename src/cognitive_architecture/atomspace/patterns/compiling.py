"""Making goals of clauses.

What a clause says:

    Present t…     each of these terms is in the space; any other link means the same of itself
    And c…         all of these clauses; what several clauses beside each other mean too
    Choice c…      at least one of these clauses; Or means the same
    Absent c       nothing satisfies this clause (negation as failure)
    Always c…      whatever satisfies the rest satisfies these too, or nothing is found at all

Inside a term every link is only a link: ``Present(And(a, b))`` looks for an And. ``Quote t`` is the
term itself, variables and all, and ``LocalQuote t`` a term whose own type says nothing more.

Variables of Absent and Always that no other clause grounds are their own: "no atom at all that …",
"at least one atom that …". They are in no grounding.

Source: the wiki of OpenCog, pages PresentLink, AbsentLink, ChoiceLink, AlwaysLink, GlobNode and
QuoteLink, for what they mean. We differ: a Variable that is not declared while others are is
refused rather than taken literally; Absent takes one clause, since of several it does not say
whether each or not all together are absent; what OpenCog evaluates (Not, GreaterThan, Equal …) is
refused as a clause rather than looked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from cognitive_architecture.atomspace.atoms import (
    Atom,
    Link,
    Node,
    last_first,
    with_canonical_order,
)
from cognitive_architecture.atomspace.errors import AtomTypeError, PatternError
from cognitive_architecture.atomspace.patterns.declaring import GLOB, add_variable, is_variable
from cognitive_architecture.atomspace.patterns.goals import (
    AbsentGoal,
    AtomGoal,
    ChoiceGoal,
    Goal,
    LinkGoal,
    Registers,
)
from cognitive_architecture.atomspace.types import Kind, TypeHierarchy
from cognitive_architecture.foundation.sentences import shown

_CLAUSES_DEEP_MAX: Final = 50
_LINKS_MAX: Final = 256
"""Links with variables in one pattern; each may be opened while all others are looked at."""
_QUOTES: Final = frozenset({"Quote", "LocalQuote"})
_EVALUATED: Final = frozenset(
    {"Not", "GreaterThan", "LessThan", "Equal", "Identical", "SequentialAnd", "SequentialOr"}
)


class Compiler:
    """Goals and registers of one pattern.

    Args:
        types: Which links are unordered, and which types there are.
        registers: With the declared variables.
        is_open: Whether variables that are not declared are variables too.
    """

    def __init__(self, types: TypeHierarchy, registers: Registers, *, is_open: bool) -> None:
        self.types = types
        self.registers = registers
        self._is_open = is_open
        self._links = 0
        self._constants: dict[Atom, int] = {}
        self._glob_in_set: dict[int, bool] = {}
        """Of every Glob, whether it stands in unordered links."""

    def goals(self, clauses: Iterable[Atom], depth: int = 0) -> tuple[Goal, ...]:
        """The goals of clauses that must all hold.

        Raises:
            PatternError: A clause cannot be asked; the sentence says why.
        """
        if depth > _CLAUSES_DEEP_MAX:
            raise PatternError(
                f"clauses are nested deeper than {_CLAUSES_DEEP_MAX}: And and Present in each "
                "other can be written beside each other"
            )
        goals: list[Goal] = []
        terms: list[Atom] = []
        for clause in clauses:
            match clause:
                case Link("Present", out):
                    terms += out
                case Link("And", out):
                    goals += self.goals(out, depth + 1)
                case Link("Choice" | "Or"):
                    goals.append(self._choice(clause, depth))
                case Link("Absent"):
                    goals.append(self._absent(clause, depth))
                case Link("Always"):
                    raise PatternError(
                        "Always speaks of all groundings, so it stands beside the other clauses, "
                        "not inside of Absent, Choice or And"
                    )
                case Link(kind) if kind in _EVALUATED:
                    raise PatternError(
                        f"{kind} is not evaluated here: write Absent for what must not be there, "
                        f"or Present({kind} …) to look for such a link itself"
                    )
                case _:
                    terms.append(clause)
        goals += self._term_goals(terms)
        return tuple(goals)

    def _choice(self, clause: Link, depth: int) -> ChoiceGoal:
        if not clause.out:
            raise PatternError("a Choice of nothing cannot hold: give it a clause")
        return ChoiceGoal(tuple(self.goals((one,), depth + 1) for one in clause.out))

    def _absent(self, clause: Link, depth: int) -> AbsentGoal:
        if len(clause.out) != 1:
            raise PatternError(
                f"Absent takes one clause, not {len(clause.out)}: write one Absent for each, or "
                "Absent(And …) if only all of them together must not be there"
            )
        return AbsentGoal(self.goals(clause.out, depth + 1))

    def _term_goals(self, terms: Sequence[Atom]) -> list[Goal]:
        goals: list[Goal] = []
        open_parts: dict[Atom, int] = {}
        literals: dict[Atom, Atom] = {}
        for term in terms:
            for part in last_first(term, _parts_of_term):
                if part not in open_parts and part not in literals:
                    self._place(part, open_parts, literals, goals)
            if term in literals:
                goals.append(AtomGoal(self._constant(literals[term])))
            elif is_variable(term):
                if term.type == GLOB:
                    raise PatternError(
                        f"{_name(term)} stands for several atoms, so it cannot be a clause: put "
                        "it into a link"
                    )
                goals.append(AtomGoal(open_parts[term]))
        return goals

    def _place(
        self,
        part: Atom,
        open_parts: dict[Atom, int],
        literals: dict[Atom, Atom],
        goals: list[Goal],
    ) -> None:
        """Say of one part of a term, after those inside it, what it is."""
        kind = self._kind(part)
        if isinstance(part, Node):
            if is_variable(part):
                open_parts[part] = self._variable(part)
            else:
                literals[part] = part
        elif part.type in _QUOTES or part.type == "Unquote":
            self._place_quote(part, open_parts, literals)
        elif any(inner in open_parts for inner in part.out):
            slots = tuple(
                open_parts[inner] if inner in open_parts else self._constant(literals[inner])
                for inner in part.out
            )
            goal = self._link_goal(part.type, slots, is_unordered=kind is Kind.UNORDERED)
            goals.append(goal)
            open_parts[part] = goal.result
        else:
            same = all(literals[inner] is inner for inner in part.out)
            out = tuple(literals[inner] for inner in part.out)
            literals[part] = part if same else Link(part.type, out)

    def _place_quote(
        self, part: Link, open_parts: dict[Atom, int], literals: dict[Atom, Atom]
    ) -> None:
        if part.type == "Unquote" or len(part.out) != 1:
            raise PatternError(
                f"{shown(part, 200)}: a quote holds one atom, and nothing in it can be unquoted "
                "again"
            )
        inner = part.out[0]
        if part.type == "Quote":
            literals[part] = inner
        elif inner in open_parts:
            open_parts[part] = open_parts[inner]
        else:
            literals[part] = literals[inner]

    def _kind(self, part: Atom) -> Kind:
        try:
            kind = self.types.kind(part.type)
        except AtomTypeError as error:
            raise PatternError(f"in a pattern: {error}") from error
        if (kind is Kind.NODE) is not isinstance(part, Node):
            made, of = ("node", "links") if isinstance(part, Node) else ("link", "nodes")
            raise PatternError(f"in a pattern: a {made} cannot be {part.type}, a type of {of}")
        return kind

    def _link_goal(self, type_name: str, slots: tuple[int, ...], *, is_unordered: bool) -> LinkGoal:
        self._links += 1
        if self._links > _LINKS_MAX:
            raise PatternError(
                f"a pattern has at most {_LINKS_MAX} links with variables, nested ones counted: "
                "ask in several queries"
            )
        globs = [slot for slot in slots if slot in self.registers.spans]
        for glob in globs:
            if self._glob_in_set.setdefault(glob, is_unordered) is not is_unordered:
                raise PatternError(
                    "a Glob stands for atoms in order or for atoms without: use two, one for "
                    "ordered and one for unordered links"
                )
        result = self.registers.add(allowed=frozenset({type_name}))
        return LinkGoal(result, type_name, slots, is_unordered, bool(globs))

    def _variable(self, variable: Node) -> int:
        number = self.registers.variables.get(variable)
        if number is None:
            if not self._is_open:
                raise PatternError(
                    f"{variable.name} is not declared, but others are: declare it too, or write "
                    "Quote around it to look for the Variable itself"
                )
            number = add_variable(variable, self.registers, None, self.types)
        return number

    def _constant(self, atom: Atom) -> int:
        number = self._constants.get(atom)
        if number is None:
            ordered = with_canonical_order(atom, self._is_unordered)
            number = self._constants[atom] = self.registers.add(ordered)
        return number

    def _is_unordered(self, type_name: str) -> bool:
        return type_name in self.types and self.types.kind(type_name) is Kind.UNORDERED


def _parts_of_term(atom: Atom) -> Sequence[Atom]:
    if isinstance(atom, Link):
        return () if atom.type == "Quote" else atom.out
    if isinstance(atom, Node):
        return ()
    raise PatternError(f"a pattern is made of nodes and links, not of {shown(atom)}")


def _name(atom: Atom) -> str:
    return atom.name if isinstance(atom, Node) else shown(atom)
