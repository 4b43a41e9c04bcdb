"""The AtomSpace: a set of atoms, found by content, type and place, with values on them.

It is written by one thread at a time. Whatever it returns is the caller's own: an iterator shows
what was there when it was asked for, whatever is added and removed while it runs. To read one
state for longer, or from another thread while the writer goes on, take a snapshot.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from cognitive_architecture.atomspace.atoms import (
    Atom,
    Link,
    Node,
    canonical,
    inside,
    last_first,
    with_canonical_order,
)
from cognitive_architecture.atomspace.changes import Added, Change, Listener, Removed, ValueSet
from cognitive_architecture.atomspace.errors import (
    AtomInUse,
    AtomTypeError,
    InvalidValue,
    UnknownAtom,
)
from cognitive_architecture.atomspace.snapshot import AtomSpaceView, ValuesByKey
from cognitive_architecture.atomspace.table import AtomTable, TypeTable
from cognitive_architecture.atomspace.types import Kind, TypeHierarchy, standard_types
from cognitive_architecture.atomspace.values import Value, is_sayable, require_value
from cognitive_architecture.foundation.sentences import shown

_HOLDERS_NAMED: Final = 5


class AtomSpace:
    """A set of atoms.

    Args:
        types: The types it knows, which may be extended at any time; the standard ones if left
            out. Spaces may share them.
    """

    def __init__(self, types: TypeHierarchy | None = None) -> None:
        self.types = standard_types() if types is None else types
        self._filed = AtomTable()
        self._tables = self._filed.tables
        self._values: ValuesByKey = {}
        self._listeners: tuple[Listener, ...] = ()
        self._views: list[weakref.ref[AtomSpaceView]] = []

    def node(self, type: str, name: str) -> Node:  # noqa: A002 - the field's own name
        """Make a node and add it.

        Returns:
            The one of this space.

        Raises:
            AtomTypeError: The type is unknown or none of nodes, or the name is not a text of whole
                characters.
        """
        table = self._tables.get(type)
        if table is None or table.kind is not Kind.NODE:
            table = self._table_of(type, is_node=True)
        if name.__class__ is not str or not name.isascii():
            name = _checked_name(type, name)
        node = Node(table.name, name)
        if self._views and node not in table.atoms:
            self._tell_views_of(node)
        found = table.atoms.setdefault(node, node)
        if found is node and self._listeners:
            self._tell(Added(node))
        return found  # type: ignore[return-value]  # a table of nodes has nodes alone

    def link(self, type: str, *out: Atom) -> Link:  # noqa: A002 - the field's own name
        """Make a link and add it.

        Args:
            type: Of the link.
            out: Atoms of this space. Where their order does not count they are sorted.

        Returns:
            The one of this space.

        Raises:
            AtomTypeError: The type is unknown or none of links.
            UnknownAtom: One of ``out`` is not in this space.
        """
        tables = self._tables
        own: tuple[Atom, ...] | None = out
        try:
            for atom in out:
                if tables[atom.type].atoms[atom] is not atom:
                    own = None  # an equal one from elsewhere
        except (KeyError, AttributeError, TypeError):
            own = None
        if own is None:
            own = tuple([self._known(atom) for atom in out])  # it finds more, or says what is wrong
        table = tables.get(type)
        if table is None or table.kind is Kind.NODE:
            table = self._table_of(type, is_node=False)
        if table.kind is Kind.UNORDERED:
            own = canonical(own)
        link = Link(table.name, own)
        if self._views and link not in table.atoms:
            self._tell_views_of(link)
        found = table.atoms.setdefault(link, link)
        if found is link:
            self._filed.hold(link)
            if self._listeners:
                self._tell(Added(link))
        return found  # type: ignore[return-value]  # a table of links has links alone

    def add(self, atom: Atom) -> Atom:
        """Add an atom and everything in it.

        Returns:
            The one of this space.

        Raises:
            AtomTypeError: It is no atom, a type is unknown, or an atom does not fit its type.
                Nothing was added that was not there then.
        """
        if isinstance(atom, Node):
            return self.node(atom.type, atom.name)
        if isinstance(atom, Link):
            own = [found for target in atom.out if (found := self.find(target)) is not None]
            if len(own) == len(atom.out):
                return self.link(atom.type, *own)
        parts = list(inside(atom))
        for part in parts:
            self._require_fitting(part)
        added: dict[Atom, Atom] = {}
        for part in parts:
            if isinstance(part, Link):
                added[part] = self.link(part.type, *[added[inner] for inner in part.out])
            else:
                added[part] = self.node(part.type, part.name)
        return added[atom]

    def remove(self, atom: Atom, *, with_incoming: bool = False) -> int:
        """Take an atom out, with the values on it.

        Args:
            atom: Which; one that is not there is no error.
            with_incoming: Take every link that holds it out too, and what holds those.

        Returns:
            How many atoms went.

        Raises:
            AtomInUse: Links hold it, and ``with_incoming`` was not said. Nothing was removed.
        """
        found = self.find(atom)
        if found is None:
            return 0
        is_held = found in self._filed.held
        if is_held and not with_incoming:
            holders = self._filed.incoming(found)
            named = [shown(holder, 200) for holder in holders[:_HOLDERS_NAMED]]
            raise AtomInUse(shown(found, 200), named, len(holders))
        doomed = list(last_first(found, self.incoming)) if is_held else [found]
        for one in doomed:
            self._drop(one)
        return len(doomed)

    def find(self, atom: Atom) -> Atom | None:
        """The atom of this space that is equal to this one; ``None`` if there is none.

        Raises:
            AtomTypeError: It is no atom.
        """
        found = self._filed.get(atom)
        if found is None and isinstance(atom, Link):
            found = self._filed.get(with_canonical_order(atom, self._is_unordered))
        return found

    def find_link(self, type: str, out: tuple[Atom, ...]) -> Link | None:  # noqa: A002
        """The link of exactly a type that goes to just these atoms; ``None`` if there is none.

        As :meth:`find`, for those who have the atoms and not the link: none is made.

        Args:
            type: Its name.
            out: Atoms of this space, or equal to such; in canonical order where theirs does not
                count.
        """
        return self._filed.link(type, out)

    def __contains__(self, atom: Atom) -> bool:
        return self.find(atom) is not None

    def __len__(self) -> int:
        return len(self._filed)

    def __iter__(self) -> Iterator[Atom]:
        return iter([atom for table in self._tables.values() for atom in table.atoms])

    def atoms(self, type: str, *, subtypes: bool = False) -> Iterator[Atom]:  # noqa: A002
        """The atoms of a type.

        Args:
            type: Its name.
            subtypes: Those of the types under it too.

        Raises:
            AtomTypeError: The type is unknown.
        """
        below = self.types.subtypes(type)
        names = sorted(below) if subtypes else [type]
        return iter([atom for name in names for atom in self._filed.of_type(name)])

    def count(self, type: str, *, subtypes: bool = False) -> int:  # noqa: A002
        """How many atoms :meth:`atoms` gives, without looking at them.

        Raises:
            AtomTypeError: The type is unknown.
        """
        below = self.types.subtypes(type)
        return sum(map(self._filed.count, below)) if subtypes else self._filed.count(type)

    def incoming(self, atom: Atom, type: str | None = None) -> Iterator[Link]:  # noqa: A002
        """The links that hold an atom, once each; none if it is not in this space.

        Args:
            atom: Which.
            type: Only links of exactly this type.
        """
        held = self._filed.incoming(self._own(atom))
        return iter(held if type is None else [link for link in held if link.type == type])

    def links_at(
        self,
        type: str,  # noqa: A002 - the field's own name
        position: int,
        arity: int,
        target: Atom,
    ) -> Iterator[Link]:
        """The links of exactly a type and arity that hold an atom at a position, from 0."""
        own = target if target.__class__ is Node else self._own(target)
        held = self._filed.at((type, position, arity), own)
        return iter([*held] if held.__class__ is dict else held)

    def count_at(self, type: str, position: int, arity: int, target: Atom) -> int:  # noqa: A002
        """How many links :meth:`links_at` gives, without looking at them."""
        return len(self._filed.at((type, position, arity), self._own(target)))

    def value(self, atom: Atom, key: str) -> Value | None:
        """What is kept on an atom under a key; ``None`` if nothing is, or it is not here."""
        kept = self._values.get(key)
        return kept.get(self._own(atom)) if kept else None

    def values(self, atom: Atom) -> Mapping[str, Value]:
        """All that is kept on an atom, as a dict of the caller's own; empty if it is not here."""
        own = self._own(atom)
        return {key: kept[own] for key, kept in self._values.items() if own in kept}

    def set_value(self, atom: Atom, key: str, value: Value | None) -> None:
        """Keep a value on an atom, instead of what was there.

        Args:
            atom: Of this space.
            key: Under which; a space is made for few keys on many atoms.
            value: ``None``: keep nothing.

        Raises:
            UnknownAtom: The atom is not in this space.
            InvalidValue: The key is not a text of whole characters, or the value is none.
        """
        own = self._known(atom)
        _require_key(key)
        if value is not None:
            require_value(f"under {shown(key)}", value)
        before = self.value(own, key)
        if value is before:
            return
        for view in self._live_views():
            view.keep_value(own, key, before)
        if value is None:
            self._forget_value(own, key)
        else:
            self._values.setdefault(key, {})[own] = value
        if self._listeners:
            self._tell(ValueSet(own, key, value))

    def snapshot(self) -> AtomSpaceView:
        """The space as it is now, to be read while writers go on.

        It costs nothing until the space is written, then about as much as each change does, for as
        long as somebody holds it. Take it between two writes; then any thread may read it.
        """
        view = AtomSpaceView(self.types, self._filed, self._values)
        self._views.append(weakref.ref(view, self._views.remove))
        return view

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Have every change told to a listener, in order, after it was made.

        A listener must not write to the space. What it raises reaches whoever made the change,
        which stays made.

        Returns:
            A call that ends it.
        """
        self._listeners = (*self._listeners, listener)

        def unsubscribe() -> None:
            self._listeners = tuple(one for one in self._listeners if one is not listener)

        return unsubscribe

    def _table_of(self, type_name: str, *, is_node: bool) -> TypeTable:
        """The table of a type, made when its first atom comes."""
        kind = self.types.kind(type_name)
        if is_node is not (kind is Kind.NODE):
            made, of = ("node", "links") if is_node else ("link", "nodes")
            raise AtomTypeError(f"a {made} cannot be {type_name}, which is a type of {of}")
        return self._tables.setdefault(type_name, TypeTable(type_name, kind))

    def _require_fitting(self, part: Atom) -> None:
        is_node = isinstance(part, Node)
        table = self._tables.get(part.type)
        if table is None or is_node is not (table.kind is Kind.NODE):
            self._table_of(part.type, is_node=is_node)
        if isinstance(part, Node):
            _checked_name(part.type, part.name)

    def _is_unordered(self, type_name: str) -> bool:
        table = self._tables.get(type_name)
        return table is not None and table.kind is Kind.UNORDERED

    def _own(self, atom: Atom) -> Atom:
        """The one of this space, or the atom itself, under which nothing is filed then."""
        if isinstance(atom, Node):
            return atom
        found = self.find(atom)
        return atom if found is None else found

    def _known(self, atom: Atom) -> Atom:
        found = self.find(atom)
        if found is None:
            raise UnknownAtom(f"{shown(atom, 200)} is not in this space: add it first")
        return found

    def _drop(self, atom: Atom) -> None:
        keys = [key for key, kept in self._values.items() if atom in kept]
        for view in self._live_views():
            view.keep(atom)
            for key in keys:
                view.keep_value(atom, key, self._values[key][atom])
        for key in keys:
            self._forget_value(atom, key)
        self._filed.drop(atom)
        if self._listeners:
            self._tell(Removed(atom))

    def _forget_value(self, atom: Atom, key: str) -> None:
        kept = self._values[key]
        del kept[atom]
        if not kept:
            del self._values[key]

    def _live_views(self) -> Iterator[AtomSpaceView]:
        for reference in tuple(self._views):
            view = reference()
            if view is not None:
                yield view

    def _tell_views_of(self, atom: Atom) -> None:
        for view in self._live_views():
            view.hide(atom)

    def _tell(self, change: Change) -> None:
        for listener in self._listeners:
            listener(change)


def _checked_name(type_name: str, name: object) -> str:
    if not isinstance(name, str) or not is_sayable(name):
        raise AtomTypeError(
            f"the name of a {type_name} is a text of whole characters, not {shown(name)}"
        )
    return str.__str__(name)  # of a class derived from str, the plain text


def _require_key(key: object) -> None:
    if not isinstance(key, str) or not is_sayable(key):
        raise InvalidValue(f"a key is a text of whole characters, not {shown(key)}")
