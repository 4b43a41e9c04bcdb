from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.atomspace import Atom, AtomTypeError, Link, Node
from cognitive_architecture.atomspace.atoms import canonical, compared, inside
from tests.support.examples import quick

DEEP = 100_000
A, B = Node("Concept", "a"), Node("Concept", "b")

nodes = st.builds(Node, st.sampled_from(["Concept", "Predicate"]), st.text(max_size=3))
atoms: st.SearchStrategy[Atom] = st.recursive(
    nodes,
    lambda inner: st.builds(
        Link, st.sampled_from(["List", "Set"]), st.lists(inner, max_size=3).map(tuple)
    ),
    max_leaves=8,
)


def a_chain(depth: int) -> Atom:
    atom: Atom = A
    for _ in range(depth):
        atom = Link("List", (atom,))
    return atom


def a_doubling(depth: int) -> Atom:
    atom: Atom = A
    for _ in range(depth):
        atom = Link("List", (atom, atom))
    return atom


def rebuilt(atom: Atom) -> Atom:
    """An equal atom that shares nothing with this one."""
    copies: dict[Atom, Atom] = {}
    for part in inside(atom):
        if isinstance(part, Link):
            copies[part] = Link(part.type, tuple(copies[target] for target in part.out))
        else:
            copies[part] = Node(part.type, part.name)
    return copies[atom]


def test_atoms_are_equal_by_content_and_cannot_be_changed() -> None:
    link = Link("List", (A, B))
    assert link == Link("List", (Node("Concept", "a"), Node("Concept", "b")))
    assert link != Link("List", (B, A))
    assert link != Link("Tuple", (A, B))
    assert Node("List", "") != Link("List", ())
    assert link.arity == 2
    for change in ("type", "out"):
        with pytest.raises(AttributeError):
            setattr(link, change, "other")


@pytest.mark.parametrize("out", [[A, B], "ab", None, ([A],), frozenset({A})])
def test_a_link_goes_to_a_tuple(out: object) -> None:
    with pytest.raises(AtomTypeError, match="a tuple of nodes and links, not"):
        Link("List", out)  # type: ignore[arg-type]  # what a stranger may do


@pytest.mark.parametrize("make", [a_chain, a_doubling])
def test_no_depth_is_too_deep(make: type) -> None:
    depth = DEEP if make is a_chain else 3000
    one: Atom = make(depth)
    other: Atom = rebuilt(one)
    assert hash(one) == hash(other)
    assert one == other
    assert compared(one, other) == 0
    assert {one: 1}[other] == 1
    assert len(list(inside(one))) == depth + 1
    assert repr(one).endswith("…")
    assert len(repr(one)) < 3000
    assert copy.deepcopy(one) is one


def test_what_differs_only_at_the_bottom_of_a_deep_atom_is_seen() -> None:
    one: Atom = A
    other: Atom = B
    for _ in range(DEEP):
        one, other = Link("List", (one,)), Link("List", (other,))
    assert one != other
    assert compared(one, other) < 0 < compared(other, one)


def test_repr_is_the_expression_that_makes_it() -> None:
    atom = Link("Set", (A, Link("List", (B,)), Link("List", ())))
    assert repr(atom) == (
        "Link('Set', (Node('Concept', 'a'), Link('List', (Node('Concept', 'b'),)), "
        "Link('List', ())))"
    )


@quick(150)
@given(atoms)
def test_equal_atoms_hash_alike_and_survive_pickle_and_repr(atom: Atom) -> None:
    for other in (rebuilt(atom), pickle.loads(pickle.dumps(atom)), eval(repr(atom))):  # noqa: S301, S307
        assert other == atom
        assert hash(other) == hash(atom)


def shape(atom: Atom) -> Iterator[object]:
    """What an atom is, top down: a plain way to say its order."""
    if isinstance(atom, Node):
        yield from (0, atom.type, atom.name)
    else:
        yield from (1, atom.type, len(atom.out))
        for target in atom.out:
            yield from shape(target)


@quick(200)
@given(atoms, atoms)
def test_the_order_of_atoms_is_that_of_their_texts_top_down(one: Atom, other: Atom) -> None:
    expected = (list(shape(one)) > list(shape(other))) - (list(shape(one)) < list(shape(other)))
    assert (compared(one, other) > 0) - (compared(one, other) < 0) == expected
    assert (one == other) is (expected == 0)


@quick(100)
@given(st.lists(atoms, max_size=5).flatmap(lambda some: st.tuples(*2 * [st.permutations(some)])))
def test_canonical_order_forgets_the_order(orders: tuple[list[Atom], list[Atom]]) -> None:
    one, other = orders
    assert canonical(one) == canonical(other)
    assert sorted(map(repr, canonical(one))) == sorted(map(repr, one))
