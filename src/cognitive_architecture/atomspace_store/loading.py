"""From portions to a space."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from cognitive_architecture.atomspace import Atom, AtomSpace

from .portions import Portion, read_value


class Unreadable(Exception):
    """What is kept cannot be what was written; the sentence says why."""


class Loading:
    """Fills a space, portion after portion, the snapshot first.

    Args:
        space: An empty one.
        removed: Numbers of the atoms that the log removes; they are left out from the beginning.
            So a part of the snapshot may be ahead of the log, as after a fold that was cut short.
    """

    def __init__(self, space: AtomSpace, removed: AbstractSet[int]) -> None:
        self._space = space
        self._removed = removed
        self._atoms: dict[int, Atom] = {}

    def take(self, portion: Portion) -> None:
        """Add the atoms of a portion and set its values.

        Raises:
            AtomTypeError: The space does not know a type.
            Unreadable: The portion is not one that a store has written.
        """
        try:
            self._add(portion)
            self._set_values(portion)
        except (LookupError, TypeError, ValueError) as error:
            raise Unreadable(f"{type(error).__name__}: {error}") from error

    def _add(self, portion: Portion) -> None:
        atoms, removed = self._atoms, self._removed
        node, link = self._space.node, self._space.link
        columns = zip(portion.numbers, portion.type_places, portion.contents, strict=True)
        for number, place, content in columns:
            if number in removed:
                continue
            if isinstance(content, str):
                atoms[number] = node(portion.types[place], content)
            else:
                out = [atoms[target] for target in content]
                atoms[number] = link(portion.types[place], *out)

    def _set_values(self, portion: Portion) -> None:
        for number, place, stored in portion.values:
            if number not in self._removed:
                value = None if stored is None else read_value(stored)
                self._space.set_value(self._atoms[number], portion.keys[place], value)

    def numbers(self) -> dict[Atom, int]:
        """The numbers of the atoms that are in the space now.

        Raises:
            Unreadable: Two numbers have led to one atom.
        """
        numbers = {atom: number for number, atom in self._atoms.items()}
        if len(numbers) != len(self._atoms):
            raise Unreadable(
                "two of its atoms are one in this space: are the same types unordered as then?"
            )
        return numbers
