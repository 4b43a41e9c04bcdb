"""Records as they travel: JSON values, so that they fit into a task's payload and result.

{"rows":     [["Concept", "cat"], ["Inheritance", [0, 1]]],   every atom once
 "records":  [[1, added, removed, {"truth": [stamp, value]}]],  by the place of its row
 "gone":     [[digest, added, removed]]}                        tombstones

A bundle without values says only what is there; who is asked for more sends the records whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from cognitive_architecture.atomspace import AtomSpaceError, Node, TypeHierarchy, Value
from cognitive_architecture.atomspace.atoms import Atom, with_canonical_order
from cognitive_architecture.atomspace.types import Kind
from cognitive_architecture.atomspace_store.portions import plain, read_value, stored_value
from cognitive_architecture.foundation.sentences import shown

from .errors import BadBundle, NestedTooDeep
from .identity import DIGEST_BYTES, Table, atoms_of, digest_of
from .records import Record
from .stamps import require_stamp

RECORDS_MAX: Final = 2_000
"""The most that anybody may be asked for at once."""

RECORDS_USUAL: Final = 500
"""In one bundle that is sent: some 50 ms of work for the node that gets it."""


class _Bundle(msgspec.Struct):
    rows: list[tuple[str, str | list[int]]] = []
    records: list[tuple[int, str, str, dict[str, tuple[str, list[Any] | None]]]] = []
    gone: list[tuple[str, str, str]] = []


class _Atoms(msgspec.Struct):
    rows: list[tuple[str, str | list[int]]] = []
    atoms: list[int] = []


def bundled(records: Iterable[Record], *, with_values: bool = True) -> dict[str, Any]:
    """Records as JSON values.

    Args:
        records: Which.
        with_values: Without them, a bundle says only what is there.
    """
    table = Table()
    said: list[list[Any]] = []
    gone: list[list[str]] = []
    for record in records:
        if record.atom is None or not record.is_there:
            gone.append([record.digest.hex(), record.added, record.removed])
            continue
        values = record.values.items() if with_values else ()
        written = {plain(key): [stamp, stored_value(value)] for key, (stamp, value) in values}
        said.append([table.place(record.atom), record.added, record.removed, written])
    return {"rows": table.rows, "records": said, "gone": gone}


def in_bundles(records: Iterable[Record]) -> Iterable[list[Record]]:
    """Records in portions for one bundle each."""
    portion: list[Record] = []
    for record in records:
        portion.append(record)
        if len(portion) == RECORDS_USUAL:
            yield portion
            portion = []
    if portion:
        yield portion


def unbundled(said: object, types: TypeHierarchy) -> list[Record]:
    """The records of a bundle.

    Args:
        said: What came; it is trusted in nothing.
        types: Which types there are.

    Raises:
        BadBundle: It is none.
        NestedTooDeep: Links of it nest too deep.
    """
    try:
        bundle = msgspec.convert(said, _Bundle)
        atoms = [_canonical(atom, types) for atom in atoms_of(bundle.rows)]
        found = [_record(entry, atoms) for entry in bundle.records]
        found += [_tombstone(*entry) for entry in bundle.gone]
    except NestedTooDeep:
        raise
    except (msgspec.ValidationError, AtomSpaceError, LookupError, TypeError, ValueError) as error:
        raise BadBundle(f"this is no bundle of records: {shown(str(error), 300)}") from error
    return found


def said_atoms(atoms: Iterable[Atom]) -> dict[str, Any]:
    """Atoms alone as JSON values: ``{"rows": […], "atoms": [places]}``.

    Raises:
        NestedTooDeep: Their links nest too deep.
    """
    table = Table()
    places = [table.place(atom) for atom in atoms]
    return {"rows": table.rows, "atoms": places}


def heard_atoms(said: object, types: TypeHierarchy) -> list[Atom]:
    """The atoms that ``said_atoms`` wrote, whatever their types: a question may hold any.

    Raises:
        BadBundle: It is not what ``said_atoms`` gives.
        NestedTooDeep: Links of it nest too deep.
    """

    def is_unordered(name: str) -> bool:
        return name in types and types.kind(name) is Kind.UNORDERED

    try:
        table = msgspec.convert(said, _Atoms)
        found = [with_canonical_order(one, is_unordered) for one in atoms_of(table.rows)]
        chosen = [found[place] for place in table.atoms if place >= 0]
        for atom in chosen:
            digest_of(atom)  # raises where it nests too deep
    except NestedTooDeep:
        raise
    except (msgspec.ValidationError, AtomSpaceError, LookupError, TypeError, ValueError) as error:
        raise BadBundle(f"these are no atoms: {shown(str(error), 300)}") from error
    return chosen


def _canonical(atom: Atom, types: TypeHierarchy) -> Atom:
    if (types.kind(atom.type) is Kind.NODE) is not isinstance(atom, Node):
        raise ValueError(f"a row is not what its type {atom.type} says: a node or a link")

    def is_unordered(name: str) -> bool:
        return types.kind(name) is Kind.UNORDERED

    return with_canonical_order(atom, is_unordered)


def _record(
    entry: tuple[int, str, str, Mapping[str, tuple[str, list[Any] | None]]], atoms: list[Atom]
) -> Record:
    place, added, removed, written = entry
    if not 0 <= place < len(atoms):
        raise ValueError(f"there is no row {place}")
    if not added > removed:
        raise ValueError("what is gone is said under gone")
    _require_stamps(added, removed, *(stamp for stamp, _ in written.values()))
    values: dict[str, tuple[str, Value | None]] = {
        key: (stamp, None if stored is None else read_value(stored))
        for key, (stamp, stored) in written.items()
    }
    atom = atoms[place]
    return Record(digest_of(atom), atom, added, removed, values)


def _tombstone(digest: str, added: str, removed: str) -> Record:
    if len(digest) != 2 * DIGEST_BYTES or added > removed:
        raise ValueError("a tombstone is a digest of 32 hexadecimal digits, and two stamps")
    _require_stamps(added, removed)
    return Record(bytes.fromhex(digest), None, added, removed)


def _require_stamps(*stamps: str) -> None:
    for stamp in stamps:
        require_stamp(stamp)
