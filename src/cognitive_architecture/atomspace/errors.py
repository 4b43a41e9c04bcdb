"""What the AtomSpace raises on purpose.

MeshError
└── AtomSpaceError
    ├── AtomTypeError    a type is unknown, or an atom does not fit its type
    ├── UnknownAtom      the atom is not in this space
    ├── AtomInUse        links hold the atom, so it cannot go alone
    ├── InvalidValue     a value that may not be kept: NaN, infinite, out of range
    ├── NotationError    a text is not Atomese; says line and column
    └── PatternError     a pattern that cannot be asked
"""

from __future__ import annotations

from collections.abc import Sequence

from cognitive_architecture.foundation.errors import MeshError


class AtomSpaceError(MeshError):
    """Catch it to catch everything the AtomSpace raises on purpose."""

    code = "atomspace_error"


class AtomTypeError(AtomSpaceError):
    """A type is unknown or cannot be declared so, or an atom does not fit its type."""

    code = "atom_type_error"


class UnknownAtom(AtomSpaceError):
    """The atom is not in this space; it never was, or it was removed."""

    code = "unknown_atom"


class AtomInUse(AtomSpaceError):
    """Links hold the atom, so it cannot be removed alone."""

    code = "atom_in_use"

    def __init__(self, atom: str, holders: Sequence[str], count: int) -> None:
        super().__init__(atom, list(holders), count)  # all in args, so it pickles
        self.atom = atom
        self.holders = list(holders)
        """Some of the links that hold it, as text; at most five."""
        self.count = count
        """How many links hold it."""

    def __str__(self) -> str:
        more = self.count - len(self.holders)
        rest = f" and {more:,} more" if more > 0 else ""
        return (
            f"{self.atom} is held by {', '.join(self.holders)}{rest}: remove those first, "
            "or all of them with with_incoming=True"
        )


class InvalidValue(AtomSpaceError):
    """A value that may not be kept on an atom: of a wrong kind, NaN, infinite, out of range."""

    code = "invalid_value"


class NotationError(AtomSpaceError):
    """A text that is not in the notation; ``line`` and ``column`` count from 1."""

    code = "notation_error"

    def __init__(self, line: int, column: int, sentence: str) -> None:
        super().__init__(line, column, sentence)
        self.line = line
        self.column = column
        self.sentence = sentence

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.sentence}"


class PatternError(AtomSpaceError):
    """A pattern that cannot be asked; the sentence says what to change."""

    code = "pattern_error"
