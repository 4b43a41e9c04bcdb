"""Atoms filed so that they are found by content, by type, and by what holds them where.

    tables   type ─▶ TypeTable   atom ─▶ itself, as it is filed
    held                         atom ─▶ the links that hold it

What holds an atom is kept once for it, in one of three forms. Most atoms are held by a single
link, and that is all there is. Up to ``_LIST_MAX`` links are a list, and which of them hold the
atom at some place is seen by looking at each. What more links hold is a hub: a dict from places
(type, position, arity) to links. So every question about a place takes the same time however many
links there are, and of a million links one goes at once.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import chain
from typing import Final

from cognitive_architecture.atomspace.atoms import Atom, Link
from cognitive_architecture.atomspace.errors import AtomTypeError
from cognitive_architecture.atomspace.types import Kind
from cognitive_architecture.foundation.sentences import shown

_LIST_MAX: Final = 16

Place = tuple[str, int, int]
"""Type of the link, position in it from 0, arity."""
Hub = dict[Place, dict[Link, None]]
Held = Link | list[Link] | Hub


class TypeTable:
    """The atoms of one type, each filed under itself."""

    __slots__ = ("atoms", "kind", "name")

    def __init__(self, name: str, kind: Kind) -> None:
        self.name = name
        self.kind = kind
        self.atoms: dict[Atom, Atom] = {}


class AtomTable:
    """Atoms, each once. Whoever files them makes links canonical and a type of one kind."""

    __slots__ = ("held", "tables")

    def __init__(self) -> None:
        self.tables: dict[str, TypeTable] = {}
        self.held: dict[Atom, Held] = {}

    def __len__(self) -> int:
        return sum(len(table.atoms) for table in self.tables.values())

    def get(self, atom: Atom) -> Atom | None:
        """The filed atom that is equal to this one, whose links are canonical.

        Raises:
            AtomTypeError: It is no atom.
        """
        try:
            table = self.tables.get(atom.type)
            return table.atoms.get(atom) if table is not None else None
        except (AttributeError, TypeError):
            raise AtomTypeError(f"an atom is a Node or a Link, not {shown(atom)}") from None

    def put(self, atom: Atom, kind: Kind) -> None:
        """File an atom that is not there yet."""
        table = self.tables.get(atom.type)
        if table is None:
            table = self.tables[atom.type] = TypeTable(atom.type, kind)
        table.atoms[atom] = atom
        if isinstance(atom, Link):
            self.hold(atom)

    def hold(self, link: Link) -> None:
        """File a link under what it holds."""
        out = link.out
        held_by = self.held
        for position, target in enumerate(out):
            held = held_by.setdefault(target, link)
            if held is link:
                continue
            if isinstance(held, dict):
                place = (link.type, position, len(out))
                linked = held.get(place)
                if linked is None:
                    held[place] = {link: None}
                else:
                    linked[link] = None
            else:
                held_by[target] = _with_one_more(held, target, link)

    def drop(self, atom: Atom) -> None:
        """Take out an atom that is there, and that no link there holds."""
        del self.tables[atom.type].atoms[atom]
        if isinstance(atom, Link):
            for target in set(atom.out):
                self._let_go(target, atom)

    def _let_go(self, target: Atom, link: Link) -> None:
        held = self.held[target]
        if isinstance(held, dict):
            for place in _places(target, link):
                del held[place][link]
                if not held[place]:
                    del held[place]
        elif isinstance(held, list):
            # A new one: a snapshot's reader in another thread may be half way through the old.
            held = self.held[target] = [one for one in held if one is not link]
        if isinstance(held, Link) or not held:
            del self.held[target]

    def of_type(self, type_name: str) -> list[Atom]:
        """The atoms of exactly this type, the oldest first."""
        table = self.tables.get(type_name)
        return list(table.atoms) if table is not None else []

    def count(self, type_name: str) -> int:
        """How many atoms of exactly this type there are."""
        table = self.tables.get(type_name)
        return len(table.atoms) if table is not None else 0

    def incoming(self, target: Atom) -> list[Link]:
        """The links that hold an atom, once each."""
        held = self.held.get(target)
        if held is None:
            return []
        if isinstance(held, Link):
            return [held]
        return list(held if isinstance(held, list) else _all_of(held))

    def at(self, place: Place, target: Atom) -> Collection[Link]:
        """The links that hold an atom at a place; a dict is not to be kept over a change."""
        held = self.held.get(target)
        if held is None:
            return ()
        type_name, position, arity = place
        if isinstance(held, Link):  # first, and written out: most questions end here
            out = held.out
            if held.type == type_name and len(out) == arity > position >= 0:
                return (held,) if out[position] == target else ()
            return ()
        if isinstance(held, dict):
            return held.get(place, ())
        return [
            link
            for link in held
            if link.type == type_name
            and len(link.out) == arity > position >= 0
            and link.out[position] == target
        ]

    def link(self, type_name: str, out: tuple[Atom, ...]) -> Link | None:
        """The filed link of this type to just these atoms, which are canonical.

        To make the link and look for an equal one takes three times as long. So what holds one of
        the atoms is looked through, and a link is made only where each is held by very many.
        """
        for target in out:
            held = self.held.get(target)
            if held is None:
                return None
            if isinstance(held, Link):
                return held if held.out == out and held.type == type_name else None
            if isinstance(held, list):
                for link in held:
                    if link.out == out and link.type == type_name:
                        return link
                return None
        table = self.tables.get(type_name)
        found = None if table is None else table.atoms.get(Link(type_name, out))
        return found if isinstance(found, Link) else None


def _with_one_more(held: Link | list[Link], target: Atom, link: Link) -> list[Link] | Hub:
    """What holds an atom, and one more; a link that holds it twice comes twice, and is there."""
    if isinstance(held, Link):
        return [held, link]
    if held[-1] is link:
        return held
    if len(held) < _LIST_MAX:
        held.append(link)
        return held
    hub: Hub = {}
    for one in (*held, link):
        for place in _places(target, one):
            hub.setdefault(place, {})[one] = None
    return hub


def _places(target: Atom, link: Link) -> list[Place]:
    arity = len(link.out)
    found = enumerate(link.out)
    return [(link.type, position, arity) for position, atom in found if atom == target]


def _all_of(hub: Hub) -> dict[Link, None]:
    return dict.fromkeys(chain.from_iterable(list(linked) for linked in list(hub.values())))
