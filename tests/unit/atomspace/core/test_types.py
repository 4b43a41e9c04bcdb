from __future__ import annotations

import pytest

from cognitive_architecture.atomspace import AtomTypeError, Kind, TypeHierarchy, standard_types


def test_the_standard_types_say_what_atoms_are_made_of() -> None:
    types = standard_types()
    assert types.kind("Concept") is Kind.NODE
    assert types.kind("List") is Kind.LINK
    for unordered in ("Set", "And", "Or", "Similarity", "Equivalence"):
        assert types.kind(unordered) is Kind.UNORDERED
    assert types.is_a("GroundedPredicate", "Predicate")
    assert types.is_a("Concept", "Atom")
    assert not types.is_a("Concept", "Link")
    assert "Node" in types
    assert "Nothing" not in types
    assert types.subtypes("Concept") == {"Concept"}


def test_a_type_inherits_its_kind_and_is_under_all_above() -> None:
    types = standard_types()
    types.declare("Animal", "Concept")
    types.declare("Cat", "Animal", "Word")
    types.declare("Bag", "Set")
    assert types.kind("Cat") is Kind.NODE
    assert types.kind("Bag") is Kind.UNORDERED
    assert types.subtypes("Concept") == {"Concept", "Animal", "Cat"}
    assert types.is_a("Cat", "Word")


def test_a_type_may_get_parents_later_and_what_is_under_it_gets_them_too() -> None:
    types = standard_types()
    types.declare("Thing", kind=Kind.NODE)
    types.declare("Stone", "Thing")
    types.declare("Thing", "Concept")
    assert types.is_a("Stone", "Concept")
    assert types.subtypes("Concept") == {"Concept", "Thing", "Stone"}
    types.declare("Thing", "Concept")  # again is no error


def test_hierarchies_do_not_know_of_each_other() -> None:
    one, other = standard_types(), standard_types()
    one.declare("Cat", "Concept")
    assert "Cat" not in other
    assert "Concept" not in TypeHierarchy()


@pytest.mark.parametrize(
    ("name", "parents", "kind", "sentence"),
    [
        ("", (), Kind.NODE, "English letters"),
        ("two words", (), Kind.NODE, "not 'two words'"),
        (7, (), Kind.NODE, "not 7"),
        ("CatNode", (), Kind.NODE, "has no suffix: not CatNode but Cat"),
        ("Cat", (), None, "its parents, or its kind"),
        ("Cat", ("Concpt",), None, "did you mean Concept"),
        ("Cat", ("Qqqqqq",), None, "declare it first"),
        ("Cat", ("Concept", "List"), None, "not both"),
        ("Cat", ("Atom",), None, "not both or neither"),
        ("Cat", ("Concept",), Kind.LINK, "cannot be link: its parents are node"),
        ("Bag", ("Set",), Kind.LINK, "cannot be link: its parents are unordered"),
        ("Concept", (), Kind.LINK, "there already, as node"),
        ("List", ("Set",), None, "there already, as link"),
        ("Atom", ("Concept",), None, "there already, as the root"),
        ("Node", ("Concept",), None, "cannot be under Concept"),
        ("Concept", ("Concept",), None, "cannot be under Concept"),
    ],
)
def test_what_cannot_be_declared_is_refused_and_leaves_nothing(
    name: str, parents: tuple[str, ...], kind: Kind | None, sentence: str
) -> None:
    types = standard_types()
    before = types.subtypes("Atom")
    with pytest.raises(AtomTypeError, match=sentence):
        types.declare(name, *parents, kind=kind)
    assert types.subtypes("Atom") == before


def test_an_unknown_type_is_an_error_wherever_it_is_asked_for() -> None:
    types = standard_types()
    for ask in (
        lambda: types.kind("Nope"),
        lambda: types.is_a("Nope", "Atom"),
        lambda: types.is_a("Concept", "Nope"),
        lambda: types.subtypes("Nope"),
    ):
        with pytest.raises(AtomTypeError, match="'Nope' is unknown"):
            ask()
    with pytest.raises(AtomTypeError, match="name a type under it"):
        types.kind("Atom")
