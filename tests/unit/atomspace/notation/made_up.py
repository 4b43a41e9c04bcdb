"""Atoms and values for properties: every type, any name, any nesting."""

from __future__ import annotations

from hypothesis import strategies as st

from cognitive_architecture.atomspace import (
    Atom,
    AttentionValue,
    FloatValue,
    Kind,
    Link,
    LinkValue,
    Node,
    Provenance,
    StringValue,
    TruthValue,
    Value,
    standard_types,
)
from cognitive_architecture.atomspace.atoms import canonical, inside
from cognitive_architecture.atomspace.notation import ATTENTION, REPLACED, TRUTH

TYPES = standard_types()
NODE_TYPES = sorted(TYPES.subtypes("Node"))
LINK_TYPES = sorted(TYPES.subtypes("Link") - REPLACED.keys())

_TELLING = st.sampled_from(
    ["cat", "$x", "42", "-1.5e3", "#|", ";", "(", '"', "\\", "a b", "!", "&self", "Concept", "List"]
)
_ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=6)
names = st.one_of(_TELLING, _ANY_TEXT, st.builds("".join, st.lists(_TELLING, max_size=3)))
texts = st.text(max_size=6)

nodes = st.builds(Node, st.sampled_from(NODE_TYPES), names)


def _link(type_name: str, out: list[Atom]) -> Link:
    is_unordered = TYPES.kind(type_name) is Kind.UNORDERED
    return Link(type_name, canonical(out) if is_unordered else tuple(out))


atoms: st.SearchStrategy[Atom] = st.recursive(
    nodes,
    lambda inner: st.builds(_link, st.sampled_from(LINK_TYPES), st.lists(inner, max_size=4)),
    max_leaves=12,
)

_shares = st.floats(0, 1)
_numbers = st.floats(allow_nan=False, allow_infinity=False)
_counts = st.integers(0, 10**30)
_plain_values = st.one_of(
    st.builds(TruthValue, _shares, _shares),
    st.builds(AttentionValue, _numbers, _numbers, _counts),
    st.builds(FloatValue, st.lists(_numbers, max_size=3).map(tuple)),
    st.builds(StringValue, st.lists(texts, max_size=3).map(tuple)),
    st.builds(
        lambda layer, start, length, confidence, tool: Provenance(
            layer, start, start + length, confidence, tool
        ),
        texts,
        _counts,
        _counts,
        _shares,
        texts,
    ),
)
some_values: st.SearchStrategy[Value] = st.recursive(
    _plain_values,
    lambda inner: st.builds(LinkValue, st.lists(inner, max_size=3).map(tuple)),
    max_leaves=4,
)
_keys = st.one_of(st.sampled_from([TRUTH, ATTENTION]), names)
_kept = st.dictionaries(_keys, some_values, min_size=1, max_size=3)


@st.composite
def atoms_with_values(draw: st.DrawFn) -> tuple[Atom, dict[Atom, dict[str, Value]]]:
    """An atom, and values on some of the atoms in it."""
    atom = draw(atoms)
    owners = draw(st.lists(st.sampled_from(list(inside(atom))), max_size=3))
    return atom, {owner: draw(_kept) for owner in owners}
