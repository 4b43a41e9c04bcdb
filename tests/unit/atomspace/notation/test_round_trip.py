"""What is written is read as the same again."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.atomspace import Atom, Link, Node, TypeHierarchy, Value
from cognitive_architecture.atomspace.notation import Dialect, Expression, read, write
from tests.support.examples import quick
from tests.unit.atomspace.notation.made_up import atoms, atoms_with_values, names, nodes

_SCHEME = [Dialect.CLASSIC, Dialect.MODERN]
_indents = st.none() | st.integers(0, 4)


@pytest.mark.parametrize("dialect", _SCHEME)
@given(said=atoms_with_values(), indent=_indents)
@quick(80)
def test_atoms_and_values_come_back_from_scheme(
    dialect: Dialect, said: tuple[Atom, dict[Atom, dict[str, Value]]], indent: int | None
) -> None:
    atom, values = said
    text = write(atom, values, dialect=dialect, indent=indent)
    assert list(read(text, dialect=dialect)) == [Expression(atom, values)]


@given(atom=atoms, indent=_indents)
@quick(100)
def test_atoms_come_back_from_metta(atom: Atom, indent: int | None) -> None:
    text = write(atom, dialect="metta", indent=indent)
    assert list(read(text, dialect="metta")) == [Expression(atom)]


@pytest.mark.parametrize("dialect", Dialect)
@given(node=nodes)
@quick(100)
def test_a_text_can_be_stored_as_utf8_and_has_nothing_unseen(dialect: Dialect, node: Node) -> None:
    text = write(node, dialect=dialect)
    assert text.isprintable()
    assert text.encode().decode() == text


@pytest.mark.parametrize("dialect", Dialect)
@given(some=st.lists(atoms, max_size=4), cuts=st.lists(st.integers(0, 200), max_size=6))
@quick(100)
def test_a_text_may_come_in_any_pieces(dialect: Dialect, some: list[Atom], cuts: list[int]) -> None:
    text = "\n;(\n".join(write(atom, dialect=dialect, indent=1) for atom in some)
    edges = [0, *sorted(cuts), len(text)]
    pieces = [text[start:end] for start, end in pairwise(edges)]
    assert [expression.atom for expression in read(pieces, dialect=dialect)] == some


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("word", ["stv", "alist", "cons", "TruthValue", "FloatValue", "e1"])
def test_a_type_may_have_the_name_of_another_word(dialect: Dialect, word: str) -> None:
    types = TypeHierarchy()
    types.declare(word, "Node")
    types.declare(f"{word}s", "Link")
    atom = Link(f"{word}s", (Node(word, "a"), Node("Node", "b"), Link("Link", ())))
    text = write(atom, dialect=dialect, types=types)
    assert [expression.atom for expression in read(text, dialect=dialect, types=types)] == [atom]


@given(name=names)
@quick(100)
def test_metta_takes_a_word_for_what_its_writer_meant(name: str) -> None:
    some = [Node("Concept", name), Node("Variable", name), Node("Number", name)]
    text = write(Link("List", tuple(some)), dialect="metta")
    (expression,) = read(text, dialect="metta")
    assert expression.atom == Link("List", tuple(some))
