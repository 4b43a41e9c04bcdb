"""What an atom is called everywhere: the digest of its content, and the shard that follows from it.

Python's own hash differs from process to process. The digest is taken of the atom written as a
table: every atom inside it once, those a link goes to before the link. So it is the same in every
process, and what is shared inside an atom costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

import msgspec

from cognitive_architecture.atomspace import Atom, Link, Node
from cognitive_architecture.atomspace.atoms import inside

from .errors import NestedTooDeep

SHARDS: Final = 64
"""Fixed for ever: it decides where every atom is kept."""

DIGEST_BYTES: Final = 16

NESTING_MAX: Final = 100
"""How deep links may nest in the mesh. A space alone has no such limit; here every link inside a
link is kept with all that is inside it, which costs the square of the depth."""

Row = tuple[str, str | list[int]]
"""Type and name of a node; type of a link and the places of the rows it goes to."""

_encode: Final = msgspec.msgpack.Encoder().encode


class Table:
    """Atoms as rows: each once, those a link goes to before it."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._places: dict[Atom, int] = {}
        self._depths: list[int] = []

    def place(self, atom: Atom) -> int:
        """The place of an atom's row; it and all inside it are added where they are missing.

        Raises:
            NestedTooDeep: Its links nest deeper than ``NESTING_MAX``. Nothing says so of atoms
                that no link of the table holds, and what was added stays.
        """
        found = self._places.get(atom)
        if found is not None:
            return found
        for part in inside(atom):
            if part not in self._places:
                self._add(part)
        return self._places[atom]

    def _add(self, part: Atom) -> None:
        if isinstance(part, Node):
            self.rows.append((part.type, part.name))
            depth = 0
        else:
            out = [self._places[target] for target in part.out]
            depth = 1 + max((self._depths[place] for place in out), default=0)
            if depth > NESTING_MAX:
                raise NestedTooDeep(
                    f"links nest at most {NESTING_MAX} deep in the mesh: nest less, or keep this "
                    "one in a space of your own"
                )
            self.rows.append((part.type, out))
        self._depths.append(depth)
        self._places[part] = len(self._places)


def atoms_of(rows: Iterable[Row]) -> list[Atom]:
    """The atoms of a table, by place.

    Raises:
        ValueError: A link goes to a row that does not come before it.
    """
    atoms: list[Atom] = []
    for type_name, content in rows:
        if isinstance(content, str):
            atoms.append(Node(type_name, content))
            continue
        if any(not 0 <= place < len(atoms) for place in content):
            raise ValueError(f"row {len(atoms)} goes to a row that does not come before it")
        atoms.append(Link(type_name, tuple([atoms[place] for place in content])))
    return atoms


def digest_of(atom: Atom) -> bytes:
    """The digest of an atom whose unordered links are in canonical order; 16 bytes.

    Raises:
        NestedTooDeep: Its links nest deeper than ``NESTING_MAX``.
    """
    table = Table()
    table.place(atom)
    return blake2b(_encode(table.rows), digest_size=DIGEST_BYTES).digest()


def shard_of(digest: bytes) -> int:
    """The shard of what has this digest, 0 to ``SHARDS`` - 1."""
    return digest[0] % SHARDS
