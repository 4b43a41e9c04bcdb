from __future__ import annotations

import gc
import sys
import threading

import pytest

from cognitive_architecture.atomspace import (
    Atom,
    AtomSpace,
    AtomSpaceView,
    Link,
    Node,
    TruthValue,
    Value,
)
from cognitive_architecture.atomspace import space as space_module

SURE, DOUBTFUL = TruthValue(1.0, 0.9), TruthValue(0.5, 0.1)


def a_space() -> AtomSpace:
    space = AtomSpace()
    hub = space.node("Concept", "hub")
    for number in range(30):
        space.link("Member", space.node("Concept", f"n{number}"), hub)
    space.set_value(hub, "tv", SURE)
    return space


HUB, N0 = Node("Concept", "hub"), Node("Concept", "n0")


def test_a_snapshot_answers_as_the_space_did_then() -> None:
    space = a_space()
    links = [*space.links_at("Member", 1, 2, HUB)]
    everything = {*space}
    view = space.snapshot()
    assert (len(view), view.count("Member")) == (61, 30)
    assert view.count_at("Member", 1, 2, HUB) == 30
    space.set_value(HUB, "tv", DOUBTFUL)
    space.set_value(HUB, "new", DOUBTFUL)
    space.remove(N0, with_incoming=True)
    space.link("Member", space.node("Concept", "late"), HUB)
    space.link("Member", space.node("Concept", "n0"), HUB)
    space.set_value(N0, "tv", DOUBTFUL)
    space.remove(links[1])
    assert {*view} == everything
    assert len(view) == 61
    assert {*view.links_at("Member", 1, 2, HUB)} == {*links} == {*view.incoming(HUB)}
    assert (view.count_at("Member", 1, 2, HUB), view.count("Node", subtypes=True)) == (30, 31)
    assert view.values(HUB) == {"tv": SURE}
    assert view.value(N0, "tv") is None
    assert N0 in view
    assert view.find(Node("Concept", "late")) is None
    assert [*view.incoming(N0, "Member")] == [links[0]]
    assert [*view.incoming(N0, "List")] == []
    assert {*view.atoms("Member")} == {*links}
    assert space.value(HUB, "tv") == DOUBTFUL
    assert len({*space}) == len(space) == 62


def test_a_snapshot_finds_what_is_gone_in_any_order() -> None:
    space = a_space()
    link = space.link("Set", HUB, N0)
    view = space.snapshot()
    space.remove(link)
    foreign = Link("Set", (N0, HUB))
    assert foreign in view
    assert foreign not in space
    assert view.value(foreign, "tv") is None


def test_each_snapshot_has_its_own_instant() -> None:
    space = AtomSpace()
    views = []
    for number in range(5):
        views.append(space.snapshot())
        space.node("Concept", f"n{number}")
    space.remove(N0)
    assert [len({*view}) for view in views] == [0, 1, 2, 3, 4]
    assert [N0 in view for view in views] == [False, True, True, True, True]


def test_a_snapshot_that_nobody_holds_costs_writers_nothing() -> None:
    space = a_space()
    view = space.snapshot()
    space.node("Concept", "late")
    assert len(space._views) == 1
    del view
    gc.collect()
    assert space._views == []


def test_a_snapshot_is_read_in_one_thread_while_another_writes() -> None:
    space = a_space()
    near = space.node("Concept", "near")
    pair = [space.link("List", near, space.node("Concept", name)) for name in ("first", "second")]
    everything, links = {*space}, {*space.links_at("Member", 1, 2, HUB)}
    view = space.snapshot()
    wrong: list[object] = []
    is_over = threading.Event()

    def read() -> None:
        while not is_over.is_set():
            if {*view} != everything or {*view.links_at("Member", 1, 2, HUB)} != links:
                wrong.append("atoms")
            if view.values(HUB) != {"tv": SURE}:
                wrong.append("values")
            if [view.find_link("List", link.out) for link in pair] != pair:
                wrong.append("links")
            if [*view.links_at("List", 1, 2, pair[1].out[1])] != pair[1:]:
                wrong.append("places")

    patience_s = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # the threads take turns wherever they can
    reader = threading.Thread(target=read)
    reader.start()
    try:
        for number in range(2000):
            link = space.link("Member", space.node("Concept", f"n{number % 60}"), HUB)
            space.set_value(HUB, "tv", TruthValue(0.5, number / 2000))
            space.remove(link)
            space.remove(link.out[0])
            space.remove(pair[0])
            space.add(pair[0])
    finally:
        is_over.set()
        reader.join()
        sys.setswitchinterval(patience_s)
    assert wrong == []


def test_a_snapshot_is_told_of_each_change_before_it_is_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a reader in another thread relies on, and would rarely see broken."""
    space = a_space()
    told: list[str] = []

    class Wary(AtomSpaceView):
        def hide(self, atom: Atom) -> None:
            assert atom not in space
            told.append("hide")
            super().hide(atom)

        def keep(self, atom: Atom) -> None:
            assert atom in space
            told.append("keep")
            super().keep(atom)

        def keep_value(self, atom: Atom, key: str, value: Value | None) -> None:
            assert space.value(atom, key) is value
            told.append("keep_value")
            super().keep_value(atom, key, value)

    monkeypatch.setattr(space_module, "AtomSpaceView", Wary)
    view = space.snapshot()
    link = space.link("List", space.node("Concept", "late"), HUB)
    space.add(Link("Set", (Node("Concept", "later"), link)))
    space.set_value(link, "tv", SURE)
    space.set_value(link, "tv", None)
    space.remove(HUB, with_incoming=True)
    assert told.count("hide") == 4
    assert told.count("keep_value") == 3
    assert told.count("keep") == 33
    assert len({*view}) == 61
