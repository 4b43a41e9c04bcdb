from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import pytest

from cognitive_architecture.atomspace import (
    Added,
    Atom,
    AtomInUse,
    AtomSpace,
    AtomTypeError,
    Change,
    InvalidValue,
    Kind,
    Link,
    Node,
    Removed,
    StringValue,
    TruthValue,
    UnknownAtom,
    ValueSet,
)

from .test_atoms import a_chain, a_doubling, rebuilt

SURE = TruthValue(1.0, 0.9)


@pytest.fixture
def space() -> AtomSpace:
    return AtomSpace()


def people(space: AtomSpace, count: int) -> list[Atom]:
    return [space.node("Concept", f"p{number}") for number in range(count)]


def test_an_atom_is_there_once_whoever_makes_it(space: AtomSpace) -> None:
    cat, animal = space.node("Concept", "cat"), space.node("Concept", "animal")
    link = space.link("Inheritance", cat, animal)
    assert space.node("Concept", "cat") is cat
    assert space.link("Inheritance", cat, animal) is link
    foreign = Link("Inheritance", (Node("Concept", "cat"), Node("Concept", "animal")))
    assert foreign in space
    assert space.find(foreign) is link
    assert space.add(foreign) is link
    assert space.link("List", rebuilt(link)).out[0] is link
    assert len(space) == 4
    assert set(space) == {cat, animal, link, Link("List", (link,))}


def test_adding_an_atom_adds_everything_in_it(space: AtomSpace) -> None:
    a, b = Node("Concept", "a"), Node("Concept", "b")
    outer = space.add(Link("List", (Link("Set", (b, a)), Link("List", ()), a)))
    assert outer == Link("List", (Link("Set", (a, b)), Link("List", ()), a))
    assert len(space) == 5


def test_an_unordered_link_is_the_same_in_any_order_however_deep_it_lies(space: AtomSpace) -> None:
    a, b = people(space, 2)
    inner = space.link("Set", b, a)
    assert inner.out == (a, b)
    assert space.link("Set", a, b) is inner
    outer = space.link("List", inner, a)
    foreign = Link("List", (Link("Set", (b, a)), a))
    assert foreign in space
    assert space.add(foreign) is outer
    space.set_value(foreign, "tv", SURE)
    assert space.value(outer, "tv") == SURE
    assert [*space.incoming(Link("Set", (b, a)))] == [outer]
    assert space.count_at("List", 0, 2, Link("Set", (b, a))) == 1
    assert space.remove(foreign) == 1
    assert outer not in space


def test_deep_atoms_are_added_found_and_removed(space: AtomSpace) -> None:
    chain = a_chain(100_000)
    assert space.add(chain) == chain
    assert len(space) == 100_001
    assert rebuilt(chain) in space
    assert space.add(a_doubling(2000)) == a_doubling(2000)
    assert space.remove(Node("Concept", "a"), with_incoming=True) == 102_001
    assert len(space) == 0


def refusals() -> list[tuple[Callable[[AtomSpace], object], type[Exception], str]]:
    stranger = Node("Concept", "stranger")
    anything: Any = object()
    return [
        (lambda s: s.node("Concpt", "a"), AtomTypeError, "did you mean Concept"),
        (lambda s: s.node("List", "a"), AtomTypeError, "a node cannot be List, .* type of links"),
        (lambda s: s.node("Atom", "a"), AtomTypeError, "name a type under it"),
        (lambda s: s.node("Concept", 3), AtomTypeError, "whole characters, not 3"),  # type: ignore[arg-type]
        (lambda s: s.node("Concept", "\udc00"), AtomTypeError, "whole characters"),
        (lambda s: s.link("Concept"), AtomTypeError, "a link cannot be Concept"),
        (lambda s: s.link("Nope"), AtomTypeError, "'Nope' is unknown"),
        (lambda s: s.link("List", stranger), UnknownAtom, "'stranger'.* not in this space"),
        (lambda s: s.link("List", [stranger]), AtomTypeError, "a Node or a Link, not"),  # type: ignore[arg-type]
        (lambda s: s.link("List", "ab"), AtomTypeError, "not 'ab'"),  # type: ignore[arg-type]
        (lambda s: s.add(anything), AtomTypeError, "a Node or a Link, not"),
        (lambda s: s.add(Link("List", (stranger, anything))), AtomTypeError, "a Node or a Link"),
        (lambda s: s.add(Link("List", (stranger, Node("Nope", "")))), AtomTypeError, "unknown"),
        (lambda s: s.add(Link("List", (stranger, Link("Word", ())))), AtomTypeError, "link cannot"),
        (lambda s: anything in s, AtomTypeError, "not <object"),
        (lambda s: s.remove(None), AtomTypeError, "not None"),  # type: ignore[arg-type]
        (lambda s: s.set_value(stranger, "tv", SURE), UnknownAtom, "add it first"),
        (lambda s: s.atoms("Nope"), AtomTypeError, "unknown"),
        (lambda s: s.count("Nope"), AtomTypeError, "unknown"),
    ]


@pytest.mark.parametrize(("act", "error", "sentence"), refusals())
def test_what_cannot_be_is_refused_and_changes_nothing(
    space: AtomSpace, act: Callable[[AtomSpace], object], error: type[Exception], sentence: str
) -> None:
    told: list[Change] = []
    space.subscribe(told.append)
    with pytest.raises(error, match=sentence):
        act(space)
    assert told == []
    assert len(space) == 0


def test_a_name_of_a_class_derived_from_text_becomes_plain_text(space: AtomSpace) -> None:
    node = space.node("Concept", Kind.LINK)
    assert type(node.name) is str
    assert node == Node("Concept", "link")


def test_types_may_be_declared_when_atoms_are_there(space: AtomSpace) -> None:
    tom = space.node("Concept", "Tom")
    space.types.declare("Cat", "Concept")
    cat = space.node("Cat", "Tom")
    assert tom != cat
    assert [*space.atoms("Concept")] == [tom]
    assert {*space.atoms("Concept", subtypes=True)} == {tom, cat}
    assert (space.count("Concept"), space.count("Concept", subtypes=True)) == (1, 2)
    assert {*space.atoms("Atom", subtypes=True)} == {tom, cat}


@pytest.mark.parametrize("count", [1, 2, 16, 17, 18, 100])
def test_links_are_found_by_what_they_hold_where_however_many(space: AtomSpace, count: int) -> None:
    hub, *others = people(space, count + 1)
    links = [space.link("Inheritance", other, hub) for other in others]
    assert {*space.links_at("Inheritance", 1, 2, hub)} == {*links}
    assert space.count_at("Inheritance", 1, 2, hub) == count
    for place in (("Inheritance", 0, 2), ("Inheritance", 1, 3), ("List", 1, 2)):
        assert space.count_at(*place, hub) == 0
    for place in (("Inheritance", -1, 2), ("Inheritance", 2, 2)):
        assert [*space.links_at(*place, hub)] == []
    assert [*space.links_at("Inheritance", 0, 2, others[0])] == [links[0]]
    triple = space.link("List", hub, others[0], hub)
    assert [*space.incoming(hub)].count(triple) == 1
    assert len([*space.incoming(hub)]) == count + 1
    assert [*space.incoming(hub, "List")] == [triple]
    assert [*space.links_at("List", 0, 3, hub)] == [*space.links_at("List", 2, 3, hub)] == [triple]
    for number, link in enumerate([triple, *links]):
        assert space.remove(link) == 1
        assert len([*space.incoming(hub)]) == count - number
    assert space.remove(hub) == 1


def test_an_atom_in_use_is_not_removed_and_its_holders_are_named(space: AtomSpace) -> None:
    hub, *others = people(space, 8)
    for other in others:
        space.link("Member", other, hub)
    with pytest.raises(AtomInUse, match="and 2 more: remove those first") as caught:
        space.remove(hub)
    assert len(caught.value.holders) == 5
    assert caught.value.count == 7
    assert "Node('Concept', 'p1')" in caught.value.holders[0]
    travelled = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own bytes
    assert str(travelled) == str(caught.value)
    assert len(space) == 15


def test_removal_takes_what_holds_the_atom_and_nothing_else(space: AtomSpace) -> None:
    a, b, c = people(space, 3)
    inner = space.link("List", a, b)
    twice = space.link("Set", inner, a)
    other = space.link("List", b, c)
    assert space.remove(a, with_incoming=True) == 3
    assert {*space} == {b, c, other}
    assert [*space.incoming(b)] == [other]
    assert space.remove(a) == 0
    with pytest.raises(UnknownAtom):
        space.link("List", twice)
    again = space.link("List", space.node("Concept", "p0"), b)
    assert again == inner
    assert {*space.incoming(b)} == {other, again}


def test_an_iterator_shows_what_was_there_when_it_was_asked_for(space: AtomSpace) -> None:
    hub, *others = people(space, 40)
    links = {space.link("Member", other, hub) for other in others}
    running = [
        space.links_at("Member", 1, 2, hub),
        space.incoming(hub),
        space.atoms("Member"),
    ]
    seen: list[set[Atom]] = [{next(iterator)} for iterator in running]
    for link in links:
        space.remove(link)
    space.link("Member", hub, hub)
    assert [one | {*rest} for one, rest in zip(seen, running, strict=True)] == [links] * 3


def test_values_are_kept_under_keys_and_go_with_their_atom(space: AtomSpace) -> None:
    (a,) = people(space, 1)
    assert space.value(a, "tv") is None
    space.set_value(a, "tv", SURE)
    space.set_value(Node("Concept", "p0"), "words", StringValue(("one", "two")))
    assert space.values(a) == {"tv": SURE, "words": StringValue(("one", "two"))}
    space.set_value(a, "words", None)
    assert space.values(a) == {"tv": SURE}
    space.remove(a)
    assert space.value(a, "tv") is None
    space.add(a)
    assert space.values(a) == {}
    for key, value in ((1, SURE), ("\ud800", SURE), ("tv", 0.5)):
        with pytest.raises(InvalidValue):
            space.set_value(a, key, value)  # type: ignore[arg-type]


def test_listeners_hear_every_change_once_in_an_order_that_can_be_repeated(
    space: AtomSpace,
) -> None:
    told: list[Change] = []
    unsubscribe = space.subscribe(told.append)
    a, b = Node("Concept", "a"), Node("Concept", "b")
    link = Link("List", (a, b))
    space.add(link)
    space.add(link)
    space.node("Concept", "a")
    space.link("List", a, b)
    space.set_value(a, "tv", SURE)
    space.set_value(a, "tv", SURE)
    space.set_value(a, "tv", None)
    space.set_value(a, "tv", None)
    space.remove(a, with_incoming=True)
    unsubscribe()
    space.add(a)
    assert told == [
        Added(a),
        Added(b),
        Added(link),
        ValueSet(a, "tv", SURE),
        ValueSet(a, "tv", None),
        Removed(link),
        Removed(a),
    ]


def test_what_a_listener_raises_reaches_the_writer_and_the_change_stays(space: AtomSpace) -> None:
    def refuse(_change: Change) -> None:
        raise RuntimeError("full")

    space.subscribe(refuse)
    with pytest.raises(RuntimeError, match="full"):
        space.node("Concept", "a")
    assert len(space) == 1
