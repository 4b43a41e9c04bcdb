"""What every store of atoms does."""

from __future__ import annotations

import asyncio
import threading

import pytest

from cognitive_architecture.atomspace import (
    Added,
    AtomSpace,
    AtomTypeError,
    AttentionValue,
    FloatValue,
    Link,
    LinkValue,
    Node,
    Provenance,
    Removed,
    StringValue,
    TruthValue,
    UnknownAtom,
    Value,
    ValueSet,
    standard_types,
)
from cognitive_architecture.atomspace_store import KeptSpace, SqlAtomStore
from cognitive_architecture.foundation.errors import Deposed, StoreError
from tests.support.asynchronous import async_test

from .atom_stores import AtomPlace, content, kept_content, kept_on

CAT, DOG = Node("Concept", "cat"), Node("Concept", "dog")
LINK = Link("Inheritance", (CAT, DOG))
VALUES: list[Value] = [
    TruthValue(0.25, 1.0),
    AttentionValue(-1.5, 1e300, 2**200),
    FloatValue((-0.0, 5e-324, 0.1)),
    FloatValue(()),
    StringValue(("", "ä\x00\U0001f600")),
    Provenance("L1", 3, 2**64, 0.5, "spaCy 3.8"),
    LinkValue((LinkValue(()), TruthValue(1.0, 0.0), StringValue(("x",)))),
]


class TestLoading:
    def test_an_empty_store_is_an_empty_space(self, atom_place: AtomPlace) -> None:
        assert kept_content(atom_place) == {}

    @pytest.mark.parametrize("is_compacted", [False, True])
    @pytest.mark.parametrize("value", VALUES, ids=repr)
    def test_a_value_comes_back_as_it_was(
        self, atom_place: AtomPlace, value: Value, *, is_compacted: bool
    ) -> None:
        kept, store = kept_on(atom_place)
        kept.space.set_value(kept.space.add(LINK), "ключ", value)
        kept.commit_now()
        if is_compacted:
            assert store.compact() == 4
        store.close()

        found = kept_content(atom_place)

        assert found == {CAT: {}, DOG: {}, LINK: {"ключ": value}}
        assert repr(found[LINK]["ключ"]) == repr(value), "0 and -0 are equal"

    def test_texts_of_derived_classes_are_kept_as_texts(self, atom_place: AtomPlace) -> None:
        class Label(str):
            __slots__ = ()

        kept, store = kept_on(atom_place)
        cat = kept.space.node("Concept", Label("cat"))
        kept.space.set_value(cat, Label("key"), StringValue((Label("text"),)))
        kept.commit_now()
        store.close()

        assert kept_content(atom_place) == {CAT: {"key": StringValue(("text",))}}

    def test_nesting_has_no_limit(self, atom_place: AtomPlace) -> None:
        kept, store = kept_on(atom_place)
        atom = kept.space.add(CAT)
        for _ in range(20_000):
            atom = kept.space.link("List", atom, atom)
        kept.commit_now()
        store.compact()
        store.close()

        assert atom in kept_on(atom_place)[0].space

    def test_only_an_empty_space_is_filled(self, atom_place: AtomPlace) -> None:
        store = atom_place.store()
        store.open()
        space = AtomSpace()
        space.add(CAT)

        with pytest.raises(StoreError, match=r"empty space.*has 1 atoms: load first"):
            store.load(space)

    def test_a_space_that_lacks_a_type_is_told_which(self, atom_place: AtomPlace) -> None:
        types = standard_types()
        types.declare("Gene", "Concept")
        store = atom_place.store()
        store.open()
        kept = KeptSpace(AtomSpace(types), store)
        kept.space.node("Gene", "BRCA1")
        kept.commit_now()
        store.close()
        store = atom_place.store()
        store.open()

        with pytest.raises(AtomTypeError, match="type 'Gene' is unknown"):
            store.load(AtomSpace())
        assert store.load(AtomSpace(types)) == 1


class TestAppending:
    def test_what_is_not_committed_is_not_kept(self, atom_place: AtomPlace) -> None:
        kept, store = kept_on(atom_place)
        kept.space.add(CAT)
        kept.commit_now()
        kept.space.add(DOG)
        assert kept.backlog == 1
        store.close()

        assert kept_content(atom_place) == {CAT: {}}

    def test_an_atom_that_comes_again_has_none_of_its_old_values(
        self, atom_place: AtomPlace
    ) -> None:
        kept, store = kept_on(atom_place)
        space = kept.space
        space.set_value(space.add(CAT), "key", TruthValue(1.0, 1.0))
        kept.commit_now()
        space.remove(CAT)
        space.add(CAT)
        space.remove(CAT)
        space.add(LINK)
        kept.commit_now()
        store.close()

        assert kept_content(atom_place) == {CAT: {}, DOG: {}, LINK: {}}

    @pytest.mark.parametrize(
        "change", [Added(LINK), Removed(DOG), ValueSet(DOG, "key", None)], ids=repr
    )
    def test_what_speaks_of_an_unknown_atom_is_refused_with_all_around_it(
        self, atom_place: AtomPlace, change: Added | Removed | ValueSet
    ) -> None:
        store = atom_place.store()
        store.open()
        store.append_now([Added(CAT)])
        bird = Node("Concept", "bird")

        with pytest.raises(UnknownAtom, match="is not kept here: append that it was added"):
            store.append_now([Removed(CAT), Added(bird), change])
        assert store.log_length() == 1
        store.append_now([ValueSet(CAT, "key", TruthValue(1.0, 1.0))])
        store.close()

        assert kept_content(atom_place) == {CAT: {"key": TruthValue(1.0, 1.0)}}

    def test_what_is_kept_must_be_known_to_whoever_changes_it(self, atom_place: AtomPlace) -> None:
        kept, store = kept_on(atom_place)
        kept.space.add(CAT)
        kept.commit_now()
        store.close()
        store = atom_place.store()
        store.open()

        with pytest.raises(StoreError, match="not empty: load it before"):
            store.append_now([Added(DOG)])

    def test_adding_what_is_there_changes_nothing(self, atom_place: AtomPlace) -> None:
        store = atom_place.store()
        store.open()
        store.append_now([Added(CAT), ValueSet(CAT, "key", TruthValue(1.0, 1.0)), Added(CAT)])
        store.append_now([Added(CAT)])
        store.close()

        assert kept_content(atom_place) == {CAT: {"key": TruthValue(1.0, 1.0)}}

    def test_a_million_bytes_more_than_a_row_may_have_are_kept_in_several(
        self, atom_place: AtomPlace
    ) -> None:
        kept, store = kept_on(atom_place)
        text = "x" * 1_000_000
        for number in range(18):
            atom = kept.space.node("Concept", f"{number}")
            kept.space.set_value(atom, "text", StringValue((text,)))
        kept.commit_now()
        store.compact()
        expected = content(kept.space)
        store.close()

        assert kept_content(atom_place) == expected


class TestAwaiting:
    @async_test
    async def test_everything_that_is_awaited_is_durable_in_its_order(
        self, atom_place: AtomPlace
    ) -> None:
        kept, store = kept_on(atom_place)

        async def change(number: int) -> None:
            atom = kept.space.node("Concept", f"{number}")
            await kept.commit()
            kept.space.set_value(atom, "key", FloatValue((float(number),)))
            kept.space.link("List", atom, atom)
            await kept.commit()

        await asyncio.gather(*(change(number) for number in range(300)))
        assert kept.backlog == 0
        store.close()

        assert kept_content(atom_place) == content(kept.space)

    @async_test
    async def test_appending_can_fail_later(self, atom_place: AtomPlace) -> None:
        store = atom_place.store()
        store.open()
        many = [Added(Node("Concept", f"{number}")) for number in range(50)]

        first, second = store.append(many), store.append([Removed(CAT)])
        await first
        with pytest.raises(UnknownAtom):
            await second
        store.close()

        assert len(kept_content(atom_place)) == 50


class TestOwners:
    def test_every_owner_is_counted(self, atom_place: AtomPlace) -> None:
        epochs = []
        for _ in range(3):
            store = atom_place.store()
            epochs.append(store.open())
            store.close()

        assert epochs == [epochs[0], epochs[0] + 1, epochs[0] + 2]

    def test_a_deposed_owner_writes_nothing_more(self, atom_place: AtomPlace) -> None:
        kept, store = kept_on(atom_place)
        kept.space.add(CAT)
        kept.commit_now()
        rival = atom_place.rival()
        rival.open()
        kept.space.add(DOG)

        with pytest.raises(Deposed, match=r"this one must stop"):
            kept.commit_now()
        with pytest.raises(Deposed):
            store.compact()
        assert kept.backlog == 1
        assert rival.load(AtomSpace()) == 1

    def test_a_closed_store_refuses_everything(self, atom_place: AtomPlace) -> None:
        store = atom_place.store()
        store.open()
        store.close()
        store.close()

        for ask in (lambda: store.append_now([Added(CAT)]), store.compact):
            with pytest.raises(StoreError, match="closed"):
                ask()
        with pytest.raises(StoreError, match="closed"):
            store.load(AtomSpace())


class TestCompacting:
    def test_an_empty_log_folds_to_nothing(self, atom_place: AtomPlace) -> None:
        _kept, store = kept_on(atom_place)
        assert store.compact() == 0
        assert store.log_length() == 0

    def test_the_log_is_folded_once(self, atom_place: AtomPlace) -> None:
        kept, store = kept_on(atom_place)
        kept.space.add(LINK)
        kept.commit_now()
        assert store.log_length() == 3
        assert store.compact() == 3
        assert store.log_length() == 0
        assert store.compact() == 0
        kept.space.remove(LINK)
        kept.commit_now()
        assert store.compact() == 1
        store.close()

        assert kept_content(atom_place) == {CAT: {}, DOG: {}}

    def test_writers_go_on_while_it_folds(self, atom_place: AtomPlace) -> None:
        kept, store = kept_on(atom_place)
        space = kept.space
        for number in range(12_000):
            space.node("Concept", f"{number}")
        kept.commit_now()
        done = threading.Event()

        def write() -> None:
            number = 0
            while not done.is_set() or number < 20:
                number += 1
                space.set_value(Node("Concept", f"{number}"), "key", FloatValue((1.0,)))
                space.remove(Node("Concept", f"{5000 + number}"))
                space.node("Predicate", f"{number}")
                kept.commit_now()

        writer = threading.Thread(target=write)
        writer.start()
        for _ in range(4):
            store.compact()
        done.set()
        writer.join()
        store.close()

        assert kept_content(atom_place) == content(space)

    def test_the_number_of_what_is_gone_is_not_given_again(self, atom_place: AtomPlace) -> None:
        kept, store = kept_on(atom_place)
        kept.space.add(LINK)
        kept.space.remove(LINK)
        kept.commit_now()
        store.compact()
        if isinstance(store, SqlAtomStore):
            numbers_given = store._numbers._last_number
            store.close()
            kept, store = kept_on(atom_place)
            assert isinstance(store, SqlAtomStore)
            assert store._numbers._last_number == numbers_given == 3
        store.close()
        assert kept_content(atom_place) == {CAT: {}, DOG: {}}
