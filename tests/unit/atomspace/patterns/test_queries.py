"""What each kind of pattern finds."""

from __future__ import annotations

import pytest

from cognitive_architecture.atomspace import Atom, AtomSpace, Link, Node
from cognitive_architecture.atomspace.patterns import Query, ask, read_query

from .words import G, H, X, Y, Z, concept, interval, link, typed

LIKES = Node("Predicate", "likes")


@pytest.fixture
def space() -> AtomSpace:
    space = AtomSpace()
    for name in ("cat", "dog", "rose"):
        space.add(link("Inheritance", name, "plant" if name == "rose" else "animal"))
    for one, other in (("cat", "milk"), ("dog", "bone"), ("dog", "cat")):
        space.add(link("Evaluation", LIKES, link("List", one, other)))
    space.add(link("Set", "milk", "bone"))
    space.add(link("List", "i", "really", "do", "like", "tea"))
    return space


def found(space: AtomSpace, *clauses: Atom, variables: Atom | None = None) -> list[list[str]]:
    query = Query(clauses, space.types, variables=variables)
    values = [
        [grounding[name] for name in query.variables] for grounding in query.groundings(space)
    ]
    return sorted([names(value) for value in row] for row in values)


def names(atom: Atom) -> str:
    return atom.name if isinstance(atom, Node) else " ".join(names(inner) for inner in atom.out)


def test_one_clause(space: AtomSpace) -> None:
    assert found(space, link("Inheritance", X, "animal")) == [["cat"], ["dog"]]


def test_clauses_share_variables_and_reach_into_nested_links(space: AtomSpace) -> None:
    liking = link("Evaluation", LIKES, link("List", X, Y))

    assert found(space, liking, link("Inheritance", Y, "animal")) == [["dog", "cat"]]
    assert found(space, link("Inheritance", Y, "animal"), liking) == [["cat", "dog"]]


def test_all_that_is_known_of_a_link_is_compared(space: AtomSpace) -> None:
    for out in (("cat", "eats", "fish"), ("cat", "fears", "dog"), ("dog", "eats", "meat")):
        space.add(link("List", *out))
    animal = link("Inheritance", X, "animal")

    assert found(space, animal, link("List", X, "eats", Y)) == [["cat", "fish"], ["dog", "meat"]]
    assert found(space, link("List", X, "fears", Y), animal) == [["cat", "dog"]]


def test_a_variable_that_stands_twice_is_one_thing(space: AtomSpace) -> None:
    space.add(link("Evaluation", LIKES, link("List", "cat", "cat")))

    assert found(space, link("Evaluation", LIKES, link("List", X, X))) == [["cat"]]


def test_a_variable_may_stand_for_a_link(space: AtomSpace) -> None:
    assert ["cat milk"] in found(space, link("Evaluation", LIKES, X))


def test_a_clause_without_variables_must_be_there(space: AtomSpace) -> None:
    assert found(space, link("Inheritance", "cat", "animal")) == [[]]
    assert found(space, link("Inheritance", "cat", "plant")) == []
    assert found(space, link("Set", "bone", "milk")) == [[]]


def test_a_clause_may_be_a_variable_of_a_type(space: AtomSpace) -> None:
    assert found(space, X, variables=typed(X, "Predicate")) == [["likes"]]
    assert len(found(space, X)) == len(space)
    assert found(space, X, link("Inheritance", X, "plant")) == [["rose"]]


def test_types_of_variables(space: AtomSpace) -> None:
    clause = link("Evaluation", X, Y)

    assert len(found(space, clause, variables=link("VariableList", X, typed(Y, "List")))) == 3
    assert found(space, clause, variables=link("VariableList", X, typed(Y, "Concept"))) == []
    either = typed(Y, "Concept", "List")
    assert len(found(space, clause, variables=link("VariableList", X, either))) == 3


def test_a_type_is_exact_unless_it_is_inherited(space: AtomSpace) -> None:
    space.types.declare("Food", "Concept")
    space.types.declare("TypeInh", "Type")
    space.add(link("Inheritance", Node("Food", "tea"), "plant"))
    clause = link("Inheritance", X, "plant")

    assert found(space, clause, variables=typed(X, "Concept")) == [["rose"]]
    assert found(space, clause, variables=typed(X, "Concept", by="TypeInh")) == [["rose"], ["tea"]]


def test_present_takes_links_as_they_are(space: AtomSpace) -> None:
    space.add(link("And", "cat", "dog"))

    assert found(space, link("Present", link("And", X, "dog"))) == [["cat"]]
    both = link("Present", link("Inheritance", X, "animal"), link("Set", "milk", "bone"))
    assert found(space, both) == [["cat"], ["dog"]]


def test_absent_over_what_is_grounded(space: AtomSpace) -> None:
    clause = link("Inheritance", X, "animal")
    likes_cat = link("Evaluation", LIKES, link("List", X, "cat"))

    assert found(space, clause, link("Absent", likes_cat)) == [["cat"]]
    assert found(space, link("Absent", likes_cat), clause) == [["cat"]]


def test_a_variable_that_only_absent_has_is_any_atom(space: AtomSpace) -> None:
    liked = link("Evaluation", LIKES, link("List", Y, X))

    assert found(space, link("Inheritance", X, "animal"), link("Absent", liked)) == [["dog"]]


def test_absent_alone_is_one_empty_grounding_or_none(space: AtomSpace) -> None:
    assert found(space, link("Absent", link("Inheritance", X, "stone"))) == [[]]
    assert found(space, link("Absent", link("Inheritance", X, "animal"))) == []


def test_absent_of_several_is_not_all_together(space: AtomSpace) -> None:
    both = link("And", link("Inheritance", X, "animal"), link("Inheritance", X, "plant"))

    assert found(space, link("Absent", both)) == [[]]


def test_choice_gives_each_grounding_once(space: AtomSpace) -> None:
    liker, liked = (link("Evaluation", LIKES, link("List", *pair)) for pair in ((X, Y), (Y, X)))
    animal = link("Inheritance", X, "animal")

    assert found(space, link("Choice", animal, link("Inheritance", X, "plant"))) == [
        ["cat"],
        ["dog"],
        ["rose"],
    ]
    assert found(space, animal, link("Or", animal, animal)) == [["cat"], ["dog"]]
    assert found(space, link("Inheritance", Y, "plant"), link("Choice", liker, liked)) == []


def test_always_holds_for_all_or_nothing_is_found(space: AtomSpace) -> None:
    animal = link("Inheritance", X, "animal")
    likes_something = link("Evaluation", LIKES, link("List", X, Y))

    assert found(space, animal, link("Always", likes_something)) == [["cat"], ["dog"]]
    space.add(link("Inheritance", "eel", "animal"))
    assert found(space, animal, link("Always", likes_something)) == []


def test_a_glob_is_one_or_more(space: AtomSpace) -> None:
    assert found(space, link("List", "i", G, "like", H)) == [["really do", "tea"]]
    assert found(space, link("List", "i", "really", "do", "like", "tea", G)) == []
    assert [g for (g,) in found(space, link("List", G, "cat"))] == ["dog"]


def test_two_globs_share_in_every_way(space: AtomSpace) -> None:
    assert len(found(space, link("List", "i", G, H))) == 3


def test_an_interval_bounds_a_glob(space: AtomSpace) -> None:
    clause = link("List", "i", G, H)

    for bounds, count in (((2, 3), 2), ((0, 0), 1), ((0, -1), 4), ((5, 9), 0)):
        glob = link("TypedVariable", G, interval(*bounds))
        assert len(found(space, clause, variables=link("VariableList", glob, H))) == count


def test_a_glob_has_a_type(space: AtomSpace) -> None:
    space.add(link("List", "i", LIKES))

    assert found(space, link("List", "i", G), variables=typed(G, "Predicate")) == [["likes"]]


def test_an_unordered_link_fits_in_every_order(space: AtomSpace) -> None:
    assert found(space, link("Set", X, Y)) == [["bone", "milk"], ["milk", "bone"]]
    assert found(space, link("Set", "milk", X)) == [["bone"]]
    assert found(space, link("Set", X, X)) == []
    space.add(link("Set", "tea", "tea"))
    assert found(space, link("Set", "tea", X)) == [["tea"]]
    assert found(space, link("Set", X, X)) == [["tea"]]


def test_a_glob_in_a_set_takes_any_of_it() -> None:
    space = AtomSpace()
    space.add(link("Set", *"abcdefghijklmnopqrstuvwxyz"))

    assert found(space, link("Set", "a", "z", G)) == [[" ".join("bcdefghijklmnopqrstuvwxy")]]
    one = link("VariableList", link("TypedVariable", H, interval(1, 1)), G)
    assert len(found(space, link("Set", H, G), variables=one)) == 26


def test_quotes_take_variables_as_they_are(space: AtomSpace) -> None:
    space.add(link("Inheritance", Y, "animal"))
    space.add(link("List", link("Inheritance", Y, "animal"), "rule"))

    assert found(space, link("List", link("Quote", link("Inheritance", Y, "animal")), X)) == [
        ["rule"]
    ]
    space.add(link("Choice", "cat", "dog"))
    assert found(space, link("LocalQuote", link("Choice", "cat", X))) == [["dog"]]


def test_what_is_given_narrows_the_search(space: AtomSpace) -> None:
    query = Query([link("Inheritance", X, Y)], space.types)

    def animals_of(name: str) -> list[Atom]:
        return [found[Y] for found in query.groundings(space, given={X: concept(name)})]

    assert animals_of("cat") == [concept("animal")]
    assert animals_of("rose") == [concept("plant")]
    assert animals_of("stone") == []


def test_what_is_given_must_be_of_the_declared_type(space: AtomSpace) -> None:
    query = Query([link("List", "i", G)], space.types, variables=typed(G, "Concept"))
    rest = link("List", "really", "do", "like", "tea")

    assert [one[G] for one in query.groundings(space, given={G: rest})] == [rest]
    assert list(query.groundings(space, given={G: link("List", LIKES)})) == []


def test_meet_gives_what_the_variables_stand_for(space: AtomSpace) -> None:
    clause = link("Inheritance", X, "animal")

    for kind in ("Meet", "Get"):
        assert set(ask(space, link(kind, clause))) == {concept("cat"), concept("dog")}
        assert set(ask(space, link(kind, X, clause))) == {concept("cat"), concept("dog")}
    lambda_ = link("Lambda", typed(X, "Concept"), clause)
    assert set(ask(space, link("Meet", lambda_))) == {concept("cat"), concept("dog")}
    both = link("Meet", link("VariableList", Y, X), link("Inheritance", X, Y))
    assert link("List", "plant", "rose") in set(ask(space, both))


def test_query_makes_new_atoms_that_the_space_does_not_have(space: AtomSpace) -> None:
    body = link("And", link("Inheritance", X, "animal"), link("Absent", link("Set", X, "milk")))
    before = len(space)

    for kind in ("Query", "Bind"):
        made = set(ask(space, link(kind, X, body, link("Member", X, "zoo"), link("Set", "zoo", X))))
        assert made == {
            link("Member", "cat", "zoo"),
            link("Member", "dog", "zoo"),
            link("Set", "cat", "zoo"),
            link("Set", "dog", "zoo"),
        }
    assert len(space) == before


def test_a_rewrite_spreads_globs_and_keeps_what_is_quoted(space: AtomSpace) -> None:
    body = link("List", "i", G, "like", H)
    template = link("List", "i", G, link("List", link("Quote", X), H))
    nothing_to_fill = concept("yes")

    (made, yes) = ask(space, link("Query", body, template, nothing_to_fill))

    assert made == link("List", "i", "really", "do", link("List", X, "tea"))
    assert yes == nothing_to_fill


def test_a_rewrite_may_be_the_variable_itself_and_each_comes_once(space: AtomSpace) -> None:
    likers = link("Query", link("Evaluation", LIKES, link("List", X, Y)), X)

    assert sorted(map(names, ask(space, likers))) == ["cat", "dog"]


def test_a_query_is_read_once_and_asked_of_many_spaces(space: AtomSpace) -> None:
    query = read_query(link("Meet", link("Inheritance", X, "animal")), space.types)
    other = AtomSpace(space.types)
    other.add(link("Inheritance", "ant", "animal"))

    assert list(query.answers(other)) == [concept("ant")]
    assert len(list(query.answers(space))) == 2


def test_a_query_ends_though_what_it_makes_is_added(space: AtomSpace) -> None:
    query = link("Query", link("Inheritance", X, Y), link("Inheritance", link("List", X), Y))

    for made in ask(space, query):
        space.add(made)

    assert len(list(space.atoms("Inheritance"))) == 6


def test_a_snapshot_is_asked_as_it_was(space: AtomSpace) -> None:
    view = space.snapshot()
    space.remove(link("Inheritance", "cat", "animal"))
    space.add(link("Inheritance", "eel", "animal"))

    answers = ask(view, link("Meet", link("Inheritance", X, "animal")))

    assert set(answers) == {concept("cat"), concept("dog")}


def test_three_clauses_find_a_triangle() -> None:
    space = AtomSpace()
    for pair in ("ab", "bc", "ca", "ad", "de"):
        space.add(link("Edge", *pair))

    triangle = found(space, link("Edge", X, Y), link("Edge", Y, Z), link("Edge", Z, X))

    assert sorted(triangle) == [["a", "b", "c"], ["b", "c", "a"], ["c", "a", "b"]]


def test_deep_constants_are_no_burden() -> None:
    space = AtomSpace()
    deep: Atom = concept("leaf")
    for _ in range(100_000):
        deep = Link("List", (deep,))
    space.add(Link("Member", (deep, concept("all"))))

    assert [one[X] for one in Query([link("Member", deep, X)], space.types).groundings(space)] == [
        concept("all")
    ]
    assert [one[X] for one in Query([link("Member", X, "all")], space.types).groundings(space)] == [
        deep
    ]
