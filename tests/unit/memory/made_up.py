"""Atoms, records and histories for properties."""

from __future__ import annotations

from hypothesis import strategies as st

from cognitive_architecture.atomspace import Atom, Link, Node, StringValue, TruthValue, Value
from cognitive_architecture.atomspace.atoms import canonical
from cognitive_architecture.memory.identity import digest_of
from cognitive_architecture.memory.records import Record

NODES = [Node("Concept", name) for name in "abc"]
FLAT: list[Atom] = [
    *NODES,
    Link("Inheritance", (NODES[0], NODES[1])),
    Link("Inheritance", (NODES[1], NODES[2])),
    Link("Set", canonical((NODES[2], NODES[0]))),
]
ATOMS: list[Atom] = [*FLAT, Link("List", (FLAT[3], NODES[0])), Link("List", (FLAT[5], FLAT[3]))]

STAMPS = [f"{instant:014x}~{writer}" for instant in range(1, 5) for writer in "xy"]
stamps = st.sampled_from(["", *STAMPS])
values: st.SearchStrategy[Value | None] = st.sampled_from(
    [None, TruthValue(0.5, 0.5), TruthValue(1.0, 0.5), StringValue(("word",))]
)


@st.composite
def records(draw: st.DrawFn, atoms: list[Atom] = ATOMS) -> Record:
    """One write of somebody: an addition with values, or a removal."""
    atom = draw(st.sampled_from(atoms))
    stamp = draw(st.sampled_from(STAMPS))
    if draw(st.integers(0, 2)) == 0:
        return Record(digest_of(atom), draw(st.sampled_from([atom, None])), "", stamp)
    written = draw(st.dictionaries(st.sampled_from(["truth", "note"]), values, max_size=2))
    return Record(digest_of(atom), atom, stamp, "", {k: (stamp, v) for k, v in written.items()})
