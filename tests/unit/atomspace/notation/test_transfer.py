import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.atomspace import (
    Atom,
    AtomSpace,
    AtomSpaceError,
    FloatValue,
    Link,
    Node,
    NotationError,
    Value,
)
from cognitive_architecture.atomspace.notation import CannotSay, dump, load
from tests.support.examples import quick
from tests.unit.atomspace.notation.made_up import atoms_with_values

CAT = Node("Concept", "cat")
ONE = FloatValue((1.0,))


def contents(space: AtomSpace) -> dict[Atom, dict[str, Value]]:
    return {atom: dict(space.values(atom)) for atom in space}


@pytest.mark.parametrize("dialect", ["classic", "2026"])
@given(some=st.lists(atoms_with_values(), max_size=3))
@quick(30)
def test_a_space_comes_back(
    dialect: str, some: list[tuple[Atom, dict[Atom, dict[str, Value]]]]
) -> None:
    space = AtomSpace()
    for atom, values in some:
        try:
            space.add(atom)
            for owner, kept in values.items():
                for key, value in kept.items():
                    space.set_value(owner, key, value)
        except AtomSpaceError:
            pass  # a name or a key with half a character
    lines = list(dump(space, dialect=dialect))
    assert all(line.endswith("\n") and line.count("\n") == 1 for line in lines)
    copy = AtomSpace()
    assert load(copy, lines, dialect=dialect) == len(lines)
    assert contents(copy) == contents(space)


def test_an_atom_has_a_line_if_nothing_holds_it_or_a_value_is_on_it() -> None:
    space = AtomSpace()
    space.add(Link("List", (CAT, Node("Concept", "dog"))))
    space.set_value(CAT, "k", ONE)
    assert sorted(dump(space)) == [
        '(Concept "cat" (alist (cons (Predicate "k") (FloatValue 1.0))))\n',
        '(List (Concept "cat") (Concept "dog"))\n',
    ]
    assert sorted(dump(space.snapshot())) == sorted(dump(space))


def test_writers_go_on_while_a_space_is_dumped() -> None:
    space = AtomSpace()
    space.node("Concept", "cat")
    lines = dump(space)
    space.node("Concept", "dog")
    space.remove(CAT)
    assert list(lines) == ['(Concept "cat")\n']


def test_types_of_ones_own_are_loaded_and_dumped() -> None:
    space = AtomSpace()
    space.types.declare("Gene", "Node")
    assert load(space, '(GeneNode "g")') == 1
    assert list(dump(space, dialect="classic")) == ['(GeneNode "g")\n']


def test_the_key_of_a_value_is_no_atom_of_the_space() -> None:
    space = AtomSpace()
    load(space, '(Concept "cat" (alist (cons (Predicate "k") (FloatValue 1))))')
    assert contents(space) == {CAT: {"k": ONE}}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('(Concept "cat")\n (Concep "dog")', "line 2, column 3: .* did you mean Concept"),
        (
            '(Concept "cat")\n (List\n (Concept "\\xd800;"))',
            "line 2, column 2: .* whole characters",
        ),
        (
            '(Concept "cat")\n (List (alist (cons (Predicate "\\xd800;") (FloatValue))))',
            "line 2, column 2: a key is a text of whole characters",
        ),
    ],
)
def test_a_mistake_leaves_what_stands_before_it(text: str, words: str) -> None:
    space = AtomSpace()
    with pytest.raises(NotationError, match=words):
        load(space, text)
    assert CAT in space


def test_a_word_that_a_space_does_not_take_has_its_place() -> None:
    with pytest.raises(NotationError, match=r"line 2, column 5: .* whole characters"):
        load(AtomSpace(), 'cat\ndog "\\xd800;"', dialect="metta")


def test_metta_says_atoms_but_no_values() -> None:
    space = AtomSpace()
    assert load(space, "(Inheritance cat animal)", dialect="metta") == 1
    assert list(dump(space, dialect="metta")) == ["(Inheritance cat animal)\n"]
    space.set_value(CAT, "k", ONE)
    with pytest.raises(CannotSay, match="metta has no words for values"):
        list(dump(space, dialect="metta"))
