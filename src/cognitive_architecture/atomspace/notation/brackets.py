"""What an open bracket waits for, one class for each kind of expression.

A reader has a stack of these, the innermost on top. Each is handed what stands in its bracket,
refuses what may not stand there at the moment it comes, and when its bracket closes hands what it
has become to the one around it.
"""

# ruff: noqa: D102 - what a method of a bracket does stands at Bracket

from __future__ import annotations

import builtins
from collections.abc import Mapping

import msgspec

from cognitive_architecture.atomspace.atoms import Atom, Link, Node, canonical
from cognitive_architecture.atomspace.notation.mistakes import Mistake
from cognitive_architecture.atomspace.notation.words import NUMBER
from cognitive_architecture.atomspace.types import Kind
from cognitive_architecture.atomspace.values import Value
from cognitive_architecture.foundation.sentences import shown

Found = dict[Atom, dict[str, Value]]
"""The values of the atoms in one expression."""


class Bracket:
    """Refuses everything; its children say what they take.

    Args:
        head: The word behind the bracket, for sentences.
    """

    form: str
    """What it takes, for sentences."""

    __slots__ = ("head",)

    def __init__(self, head: str) -> None:
        self.head = head

    @property
    def awaits_head(self) -> bool:
        """Whether a word that comes next says what this is."""
        return False

    def add_atom(self, atom: Atom) -> None:
        """Take an atom."""
        raise self.refused(f"an atom of type {atom.type}")

    def add_string(self, text: str) -> None:
        """Take a text that stood in quotes."""
        raise self.refused(f"the text {shown(text)}")

    def add_word(self, word: str) -> None:
        """Take a word without quotes."""
        raise self.refused(f"the word {shown(word)}")

    def add_value(self, value: Value) -> None:
        """Take a value."""
        raise self.refused(f"a {type(value).__name__}")

    def add_values(self, values: dict[str, Value]) -> None:
        """Take values, each under its key."""
        raise self.refused(f"an alist of {len(values)}")

    def add_pair(self, key: str, value: Value) -> None:
        """Take a value under its key."""
        raise self.refused(f"a {type(value).__name__} under the key {shown(key)}")

    def close_into(self, around: Bracket) -> None:
        """Hand over what has become of it."""
        raise NotImplementedError

    def refused(self, what: str) -> Mistake:
        """Something that may not stand here."""
        return Mistake(f"{what} cannot stand in {self.head}: {self.form}")

    def incomplete(self) -> Mistake:
        """Closed too early."""
        return Mistake(f"something is missing in {self.head}: {self.form}")


class TopLevel(Bracket):
    """The text around all brackets."""

    form = "a text is atoms in brackets, one after the other"

    __slots__ = ("atom",)

    def __init__(self) -> None:
        super().__init__("the text")
        self.atom: Atom | None = None
        """The last one that is whole, until somebody takes it."""

    def add_atom(self, atom: Atom) -> None:
        self.atom = atom

    def close_into(self, around: Bracket) -> None:  # noqa: ARG002 - there is nothing around it
        raise Mistake("a bracket closes here that never opened: take it out")


class HeadlessBracket(Bracket):
    """A bracket with nothing behind it yet; the reader puts another bracket in its place."""

    form = 'a bracket begins with a type, like (Concept "cat")'

    __slots__ = ()

    @property
    def awaits_head(self) -> bool:
        return True

    def close_into(self, around: Bracket) -> None:  # noqa: ARG002 - nothing is handed over
        raise self.incomplete()


class Shape(msgspec.Struct, frozen=True):
    """What all atoms with one head have in common."""

    head: str
    """As it is written."""
    type: str
    kind: Kind
    bare_keys: Mapping[builtins.type, str]
    """Keys of values that may stand in an atom without one, by the class of the value."""


class AtomBracket(Bracket):
    """Gathers the values of an atom.

    Args:
        shape: Of the atom.
        found: Where its values go.
    """

    __slots__ = ("_found", "_values", "shape")

    def __init__(self, shape: Shape, found: Found) -> None:
        self.head = shape.head
        self.shape = shape
        self._found = found
        self._values: dict[str, Value] | None = None

    def add_value(self, value: Value) -> None:
        key = self.shape.bare_keys.get(type(value))
        if key is None:
            raise Mistake(
                f"a {type(value).__name__} on an atom needs a key: "
                '(alist (cons (Predicate "key") (FloatValue 1 2)))'
            )
        self.add_values({key: value})

    def add_values(self, values: dict[str, Value]) -> None:
        if self._values is None:
            self._values = {}
        self._values.update(values)

    def _hand(self, atom: Atom, around: Bracket) -> None:
        if self._values is not None:
            # What comes later counts, as if each had been set in turn.
            self._found.setdefault(atom, {}).update(self._values)
        around.add_atom(atom)


class LinkBracket(AtomBracket):
    """A link: its atoms."""

    form = 'a link takes atoms, like (Concept "cat")'

    __slots__ = ("out",)

    def __init__(self, shape: Shape, found: Found) -> None:
        super().__init__(shape, found)
        self.out: list[Atom] = []

    def add_atom(self, atom: Atom) -> None:
        self.out.append(atom)

    def close_into(self, around: Bracket) -> None:
        shape = self.shape
        out = canonical(self.out) if shape.kind is Kind.UNORDERED else tuple(self.out)
        self._hand(Link(shape.type, out), around)


class NodeBracket(AtomBracket):
    """A node: its name, in quotes; a number may stand without."""

    form = 'a node takes one name in quotes, like (Concept "cat")'

    __slots__ = ("_name",)

    def __init__(self, shape: Shape, found: Found) -> None:
        super().__init__(shape, found)
        self._name: str | None = None

    def add_string(self, text: str) -> None:
        if self._name is not None:
            raise self.refused(f"a second name, {shown(text)},")
        self._name = text

    def add_word(self, word: str) -> None:
        if NUMBER.fullmatch(word) is None:
            raise self.refused(f"the word {shown(word)} without quotes")
        self.add_string(word)

    def close_into(self, around: Bracket) -> None:
        if self._name is None:
            raise self.incomplete()
        self._hand(Node(self.shape.type, self._name), around)
