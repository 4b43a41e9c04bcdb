"""What every store of atoms refuses, in the same words."""

from __future__ import annotations

from cognitive_architecture.atomspace import Atom, AtomSpace, UnknownAtom
from cognitive_architecture.foundation.errors import StoreError
from cognitive_architecture.foundation.sentences import shown


def refuse_if_not_empty(space: AtomSpace) -> None:
    """A space that has atoms of its own cannot become the one that is kept."""
    if len(space):
        raise StoreError(
            f"a store is loaded into an empty space, and this one has {len(space):,} atoms: "
            "load first, then add them"
        )


def not_loaded() -> StoreError:
    """An owner must know what is kept before it says how that changes."""
    return StoreError("the store is not empty: load it before you append to it")


def unknown_atom(atom: Atom) -> UnknownAtom:
    """A change speaks of an atom that is not kept."""
    return UnknownAtom(f"{shown(atom, 200)} is not kept here: append that it was added first")
