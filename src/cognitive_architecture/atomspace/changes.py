"""What happened to a space, as its listeners are told."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from cognitive_architecture.atomspace.atoms import Atom
from cognitive_architecture.atomspace.values import Value


class Added(msgspec.Struct, frozen=True, gc=False):
    """An atom is in the space now; the atoms it goes to were told before."""

    atom: Atom


class Removed(msgspec.Struct, frozen=True, gc=False):
    """An atom and the values on it are gone; the links that held it were told before."""

    atom: Atom


class ValueSet(msgspec.Struct, frozen=True, gc=False):
    """What is kept on an atom under a key has changed; ``None``: nothing is."""

    atom: Atom
    key: str
    value: Value | None


Change = Added | Removed | ValueSet
Listener = Callable[[Change], None]
