"""Reading what a pattern declares of its variables.

    Variable "$x"                                        any atom
    TypedVariable (Variable "$x") (Type "Concept")       of exactly this type
    TypedVariable (Variable "$x") (TypeInh "Node")       of this type or one under it
    TypedVariable (Variable "$x") (TypeChoice …)         of any of several
    TypedVariable (Glob "$g") (Interval (Number "2") (Number "4"))
                                                         two to four atoms; below 0: any number
    VariableList …                                       several of these

Source: the wiki of OpenCog, pages TypedVariableLink and GlobNode, for what they mean.
"""

from __future__ import annotations

from typing import Final

from cognitive_architecture.atomspace.atoms import Atom, Link, Node
from cognitive_architecture.atomspace.errors import AtomTypeError, PatternError
from cognitive_architecture.atomspace.patterns.goals import Registers, Span, Types
from cognitive_architecture.atomspace.types import TypeHierarchy
from cognitive_architecture.foundation.sentences import shown

VARIABLE: Final = "Variable"
GLOB: Final = "Glob"
_DECLARING: Final = frozenset({VARIABLE, GLOB, "TypedVariable", "VariableList"})


def is_variable(atom: Atom) -> bool:
    """Whether an atom stands for others."""
    return isinstance(atom, Node) and atom.type in {VARIABLE, GLOB}


def is_declaration(atom: Atom) -> bool:
    """Whether an atom can declare variables."""
    return atom.type in _DECLARING


def declare(declaration: Atom, registers: Registers, types: TypeHierarchy) -> None:
    """Make a register for every variable that is declared.

    Raises:
        PatternError: It declares nothing, one twice, or a type is unknown.
    """
    several = isinstance(declaration, Link) and declaration.type == "VariableList"
    declared = declaration.out if several and isinstance(declaration, Link) else (declaration,)
    for one in declared:
        _declare_one(one, registers, types)


def _declare_one(declaration: Atom, registers: Registers, types: TypeHierarchy) -> None:
    variable, restriction = declaration, None
    if isinstance(declaration, Link):
        if declaration.type != "TypedVariable" or len(declaration.out) != 2:
            raise PatternError(
                f"{shown(declaration, 200)} declares no variable: write a Variable, a Glob, "
                "or a TypedVariable of one of these and its type"
            )
        variable, restriction = declaration.out
    if not isinstance(variable, Node) or not is_variable(variable):
        raise PatternError(f"only a Variable or a Glob can be declared, not {shown(variable, 200)}")
    if variable in registers.variables:
        raise PatternError(f"{variable.name} is declared twice: once is enough")
    add_variable(variable, registers, restriction, types)


def add_variable(
    variable: Node, registers: Registers, restriction: Atom | None, types: TypeHierarchy
) -> int:
    """Make the register of a variable; returns its number."""
    allowed, span = None, None
    if isinstance(restriction, Link) and restriction.type == "Interval":
        if variable.type != GLOB:
            raise PatternError(
                f"{variable.name} stands for one atom, so it can have no Interval: make it a Glob"
            )
        span = _span(variable, restriction)
    elif restriction is not None:
        allowed = _allowed(variable, restriction, types)
    number = registers.add(allowed=allowed)
    registers.variables[variable] = number
    if variable.type == GLOB:
        registers.spans[number] = Span() if span is None else span
    return number


def _allowed(variable: Node, restriction: Atom, types: TypeHierarchy) -> Types:
    choices = (restriction,)
    if isinstance(restriction, Link) and restriction.type == "TypeChoice":
        choices = restriction.out  # type: ignore[assignment]
        if not choices:
            raise PatternError(f"{variable.name} may be of no type: name one in its TypeChoice")
    allowed: Types = frozenset()
    for choice in choices:
        if not isinstance(choice, Node) or choice.type not in {"Type", "TypeInh"}:
            raise PatternError(
                f"the type of {variable.name} is a Type, a TypeInh, a TypeChoice of these, or of "
                f"a Glob an Interval, not {shown(choice, 200)}"
            )
        try:
            below = types.subtypes(choice.name)
        except AtomTypeError as error:
            raise PatternError(f"the type of {variable.name}: {error}") from error
        allowed |= below if choice.type == "TypeInh" else {choice.name}
    return allowed


def _span(variable: Node, interval: Link) -> Span:
    try:
        least, most = (_count(bound) for bound in interval.out)
    except ValueError:
        raise PatternError(
            f"the Interval of {variable.name} has two Numbers that are whole, the least and the "
            f"most; the most may be below 0 for any number; not {shown(interval, 200)}"
        ) from None
    if least < 0 or 0 <= most < least:
        raise PatternError(
            f"{variable.name} stands for {least} to {most} atoms: the least is 0 or more, and the "
            "most not below it, or below 0 for any number"
        )
    return Span(least, None if most < 0 else most)


def _count(bound: Atom) -> int:
    if not isinstance(bound, Node) or bound.type != "Number":
        raise ValueError
    number = float(bound.name)
    if not number.is_integer():
        raise ValueError
    return int(number)
