"""A space as it was at one instant, to be read while its writer goes on.

A view reads the space's own tables. What the writer changes, it first tells every view that
somebody still holds: which atoms are new, and so hidden; which are gone, and so kept here; what a
value was. A view reads the tables first and what it was told second. So a reader in another thread
finds what is just being changed in the one or in the other, and takes it once if in both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from cognitive_architecture.atomspace.atoms import Atom, Link, Node, with_canonical_order
from cognitive_architecture.atomspace.table import AtomTable
from cognitive_architecture.atomspace.types import Kind, TypeHierarchy
from cognitive_architecture.atomspace.values import Value

ValuesByKey = dict[str, dict[Atom, Value]]
_SomeAtom = TypeVar("_SomeAtom", bound=Atom)


class AtomSpaceView:
    """What :meth:`AtomSpace.snapshot` returns; it answers as the space did then.

    Its types are the space's own, and may be extended meanwhile.
    """

    def __init__(self, types: TypeHierarchy, table: AtomTable, values: ValuesByKey) -> None:
        self.types = types
        self._table = table
        self._values = values
        self._size = len(table)
        self._new: set[Atom] = set()
        """Added since, or added again; it never shrinks, as a reader may be half way."""
        self._gone = AtomTable()
        self._values_before: dict[str, dict[Atom, Value | None]] = {}

    def hide(self, atom: Atom) -> None:
        """Of the writer, before it adds an atom."""
        self._new.add(atom)

    def keep(self, atom: Atom) -> None:
        """Of the writer, before it removes an atom."""
        if atom not in self._new:
            self._gone.put(atom, self.types.kind(atom.type))

    def keep_value(self, atom: Atom, key: str, value: Value | None) -> None:
        """Of the writer, before it changes a value."""
        self._values_before.setdefault(key, {}).setdefault(atom, value)

    def find(self, atom: Atom) -> Atom | None:
        """As :meth:`AtomSpace.find`."""
        found = self._get(atom)
        if found is None and isinstance(atom, Link):
            found = self._get(with_canonical_order(atom, self._is_unordered))
        return found

    def _get(self, atom: Atom) -> Atom | None:
        found = self._table.get(atom)
        return found if found is not None and found not in self._new else self._gone.get(atom)

    def find_link(self, type: str, out: tuple[Atom, ...]) -> Link | None:  # noqa: A002
        """As :meth:`AtomSpace.find_link`."""
        found = self._table.link(type, out)
        return found if found is not None and found not in self._new else self._gone.link(type, out)

    def _is_unordered(self, type_name: str) -> bool:
        return type_name in self.types and self.types.kind(type_name) is Kind.UNORDERED

    def __contains__(self, atom: Atom) -> bool:
        return self.find(atom) is not None

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Atom]:
        names = dict.fromkeys([*self._table.tables, *self._gone.tables])
        return iter([atom for name in names for atom in self._of_type(name)])

    def atoms(self, type: str, *, subtypes: bool = False) -> Iterator[Atom]:  # noqa: A002
        """As :meth:`AtomSpace.atoms`."""
        below = self.types.subtypes(type)
        names = sorted(below) if subtypes else [type]
        return iter([atom for name in names for atom in self._of_type(name)])

    def count(self, type: str, *, subtypes: bool = False) -> int:  # noqa: A002
        """As :meth:`AtomSpace.count`; at once until the space is written, then it looks at them."""
        if not self._is_written:
            below = self.types.subtypes(type)
            return sum(map(self._table.count, below)) if subtypes else self._table.count(type)
        return len([*self.atoms(type, subtypes=subtypes)])

    def incoming(self, atom: Atom, type: str | None = None) -> Iterator[Link]:  # noqa: A002
        """As :meth:`AtomSpace.incoming`."""
        own = self._own(atom)
        held = self._table.incoming(own)
        held = self._as_then(held, self._gone.incoming(own))
        return iter(held if type is None else [link for link in held if link.type == type])

    def links_at(
        self,
        type: str,  # noqa: A002 - the field's own name
        position: int,
        arity: int,
        target: Atom,
    ) -> Iterator[Link]:
        """As :meth:`AtomSpace.links_at`."""
        own = self._own(target)
        place = (type, position, arity)
        held = [*self._table.at(place, own)]
        return iter(self._as_then(held, [*self._gone.at(place, own)]))

    def count_at(self, type: str, position: int, arity: int, target: Atom) -> int:  # noqa: A002
        """As :meth:`AtomSpace.count_at`; at once until the space is written."""
        if self._is_written:
            return len([*self.links_at(type, position, arity, target)])
        return len(self._table.at((type, position, arity), self._own(target)))

    def value(self, atom: Atom, key: str) -> Value | None:
        """As :meth:`AtomSpace.value`."""
        own = self._own(atom)
        now = self._values.get(key, {}).get(own)  # first, see above
        return self._values_before.get(key, {}).get(own, now)

    def values(self, atom: Atom) -> Mapping[str, Value]:
        """As :meth:`AtomSpace.values`."""
        keys = dict.fromkeys([*self._values, *self._values_before])
        kept = ((key, self.value(atom, key)) for key in keys)
        return {key: value for key, value in kept if value is not None}

    @property
    def _is_written(self) -> bool:
        return bool(self._new) or bool(self._gone.tables)

    def _own(self, atom: Atom) -> Atom:
        if isinstance(atom, Node):
            return atom
        found = self.find(atom)
        return atom if found is None else found

    def _of_type(self, name: str) -> list[Atom]:
        now = self._table.of_type(name)
        return self._as_then(now, self._gone.of_type(name))

    def _as_then(self, now: list[_SomeAtom], gone: list[_SomeAtom]) -> list[_SomeAtom]:
        """What the tables had, and after that what is gone from them."""
        new = self._new
        if new:
            now = [atom for atom in now if atom not in new]
        return list(dict.fromkeys([*now, *gone])) if gone else now
