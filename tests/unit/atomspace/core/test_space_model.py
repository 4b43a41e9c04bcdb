"""A space against a plain set of atoms, whatever is done to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from cognitive_architecture.atomspace import (
    Added,
    Atom,
    AtomInUse,
    AtomSpace,
    AtomSpaceView,
    Change,
    Link,
    Node,
    Removed,
    TruthValue,
    ValueSet,
)
from cognitive_architecture.atomspace.atoms import inside, with_canonical_order
from tests.support.examples import quick

nodes = st.builds(Node, st.just("Concept"), st.sampled_from("abc"))
atoms: st.SearchStrategy[Atom] = st.recursive(
    nodes,
    lambda inner: st.builds(
        Link, st.sampled_from(["List", "Set"]), st.lists(inner, max_size=3).map(tuple)
    ),
    max_leaves=4,
)


def canonical(atom: Atom) -> Atom:
    return with_canonical_order(atom, lambda name: name == "Set")


def holders(model: set[Atom], atom: Atom) -> set[Atom]:
    return {one for one in model if isinstance(one, Link) and atom in one.out}


class SpaceMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.space = AtomSpace()
        self.model: set[Atom] = set()
        self.values: dict[Atom, TruthValue] = {}
        self.snapshots: list[tuple[AtomSpaceView, set[Atom], dict[Atom, TruthValue]]] = []
        self.replayed: set[Atom] = set()
        self.replayed_values: dict[Atom, TruthValue] = {}
        self.space.subscribe(self.replay)

    def replay(self, change: Change) -> None:
        match change:
            case Added(atom):
                assert atom not in self.replayed
                assert isinstance(atom, Node) or self.replayed.issuperset(atom.out)
                self.replayed.add(atom)
            case Removed(atom):
                assert not holders(self.replayed, atom)
                self.replayed.remove(atom)
                self.replayed_values.pop(atom, None)
            case ValueSet(atom, _, None):
                del self.replayed_values[atom]
            case ValueSet(atom, _, value):
                assert isinstance(value, TruthValue)
                self.replayed_values[atom] = value

    @initialize(count=st.integers(0, 20))
    def begin_with_a_hub(self, count: int) -> None:
        for number in range(count):
            self.add(Link("List", (Node("Concept", "a"), Node("Concept", f"n{number}"))))

    @rule(atom=atoms)
    def add(self, atom: Atom) -> None:
        assert self.space.add(atom) == canonical(atom)
        self.model |= {*inside(canonical(atom))}

    @rule(atom=atoms)
    def remove(self, atom: Atom) -> None:
        own = canonical(atom)
        if held_by := holders(self.model, own):
            with pytest.raises(AtomInUse) as caught:
                self.space.remove(atom)
            assert caught.value.count == len(held_by)
        else:
            assert self.space.remove(atom) == (own in self.model)
            self.forget({own})

    @rule(atom=atoms)
    def remove_with_incoming(self, atom: Atom) -> None:
        own = canonical(atom)
        doomed = {one for one in self.model if own in {*inside(one)}}
        assert self.space.remove(atom, with_incoming=True) == len(doomed)
        self.forget(doomed)

    def forget(self, doomed: set[Atom]) -> None:
        self.model -= doomed
        for one in doomed:
            self.values.pop(one, None)

    @rule(data=st.data(), strength=st.none() | st.sampled_from([0.0, 0.5, 1.0]))
    def set_value(self, data: st.DataObject, strength: float | None) -> None:
        if not self.model:
            return
        atom = data.draw(st.sampled_from(sorted(self.model, key=repr)))
        value = None if strength is None else TruthValue(strength, 1.0)
        self.space.set_value(atom, "tv", value)
        if value is None:
            self.values.pop(atom, None)
        else:
            self.values[atom] = value

    @rule()
    def take_a_snapshot(self) -> None:
        self.snapshots.append((self.space.snapshot(), {*self.model}, {**self.values}))

    @rule()
    def let_a_snapshot_go(self) -> None:
        if self.snapshots:
            self.snapshots.pop(0)

    @invariant()
    def space_and_snapshots_say_what_the_model_says(self) -> None:
        assert self.replayed == self.model
        assert self.replayed_values == self.values
        for space, model, values in self.states():
            assert {*space} == model
            assert len(space) == len(model) == len([*space])
            for atom in model:
                assert atom in space
                assert space.value(atom, "tv") == values.get(atom)
                incoming = [*space.incoming(atom)]
                assert {*incoming} == holders(model, atom)
                assert len({*incoming}) == len(incoming)

    @invariant()
    def every_place_is_indexed(self) -> None:
        for space, model, _ in self.states():
            for link in model:
                for position, target in enumerate(link.out if isinstance(link, Link) else ()):
                    place = (link.type, position, len(link.out))  # type: ignore[union-attr]
                    found = [*space.links_at(*place, target)]
                    expected = {
                        one
                        for one in model
                        if isinstance(one, Link)
                        and (one.type, len(one.out)) == (link.type, place[2])
                        and one.out[position] == target
                    }
                    assert {*found} == expected
                    assert len(found) == len(expected) == space.count_at(*place, target)

    @invariant()
    def every_link_is_found_by_what_it_holds(self) -> None:
        known = {atom for _, model, _ in self.states() for atom in model}
        for space, model, _ in self.states():
            for link in known:
                if isinstance(link, Link):
                    found = space.find_link(link.type, link.out)
                    assert found == (link if link in model else None)

    def states(
        self,
    ) -> Iterator[tuple[AtomSpace | AtomSpaceView, set[Atom], dict[Atom, TruthValue]]]:
        yield self.space, self.model, self.values
        yield from self.snapshots[-2:]


def test_a_space_is_a_set_of_atoms_whatever_is_done_to_it() -> None:
    run_state_machine_as_test(SpaceMachine, settings=quick(40, steps=25))
