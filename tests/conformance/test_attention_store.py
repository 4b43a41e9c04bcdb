"""What every store of an economy does."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cognitive_architecture.attention import (
    AccountKind,
    AttentionBank,
    HebbianLinks,
    JournalDamaged,
)
from cognitive_architecture.attention_store import (
    AttentionStore,
    Keepsakes,
    Kept,
    past_of,
    restored_bank,
)
from cognitive_architecture.attention_store.beliefs import packed, unpacked
from cognitive_architecture.foundation.errors import Deposed, StoreError

from .attention_store_writer import play
from .attention_stores import PARAMETERS, AttentionPlace, content, content_of


class Owner:
    """An economy and what keeps it."""

    def __init__(self, store: AttentionStore) -> None:
        self.store = store
        self.records: list[bytes] = []
        self.kept = store.open()
        self.bank = restored_bank(self.kept, PARAMETERS, journal=self.records.append)

    def keepsakes(self, at: float = 0.0, *, folds: bool = False) -> Keepsakes:
        records, self.records[:] = tuple(self.records), []
        sources = np.unique(self.bank.links.all().sources)
        return Keepsakes(
            at,
            records,
            packed(self.bank.links, sources),
            replaces_beliefs=True,
            checkpoint=self.bank.ledger.checkpoint() if folds else None,
        )

    def keep(self, at: float = 0.0, *, folds: bool = False) -> None:
        self.store.commit_now(self.keepsakes(at, folds=folds))

    def played(self, rounds: Sequence[int]) -> None:
        for number in rounds:
            play(self.bank, number)


class TestGoingOn:
    def test_with_nothing_kept_is_a_new_bank(self, attention_place: AttentionPlace) -> None:
        assert attention_place.store().open() == Kept()

    @pytest.mark.parametrize("folds", [False, True])
    def test_books_and_links_come_back_as_they_were(
        self, attention_place: AttentionPlace, *, folds: bool
    ) -> None:
        owner = Owner(attention_place.store())
        owner.played(range(12))
        owner.keep(folds=folds)
        owner.played(range(12, 14))
        owner.keep()
        owner.store.close()

        found = Owner(attention_place.store())

        assert content(found.bank) == content(owner.bank)
        assert len(found.kept.records) == (8 if folds else owner.bank.ledger.entry_count)
        found.played([14])
        found.keep()

    def test_what_is_not_committed_is_not_kept(self, attention_place: AttentionPlace) -> None:
        owner = Owner(attention_place.store())
        owner.played(range(3))
        owner.keep()
        expected = content(owner.bank)
        owner.played(range(3, 5))
        owner.store.close()

        assert content_of(attention_place.store().open()) == expected

    def test_a_source_whose_piece_is_empty_has_no_links(
        self, attention_place: AttentionPlace
    ) -> None:
        store = attention_place.store()
        store.open()
        store.commit_now(Keepsakes(0.0, beliefs={3: b"old", 4: b"stays"}))
        store.commit_now(Keepsakes(0.0, beliefs={3: b"", 5: b"new"}))
        store.close()

        assert attention_place.store().open().beliefs == {4: b"stays", 5: b"new"}

    def test_whoever_is_not_named_has_none_when_all_are_replaced(
        self, attention_place: AttentionPlace
    ) -> None:
        store = attention_place.store()
        store.open()
        store.commit_now(Keepsakes(0.0, beliefs={3: b"old"}))
        store.commit_now(Keepsakes(0.0, beliefs={4: b"new"}, replaces_beliefs=True))
        store.close()

        assert attention_place.store().open().beliefs == {4: b"new"}


class TestPast:
    def test_before_the_first_checkpoint_is_everything(
        self, attention_place: AttentionPlace
    ) -> None:
        owner = Owner(attention_place.store())
        owner.played([0])
        owner.keep(at=7.0)

        past = owner.store.past()

        assert past.checkpoint is None
        assert past.instants == (7.0,) * owner.bank.ledger.entry_count
        assert content_of(past) == content(owner.bank)

    def test_is_bounded_by_two_checkpoints_and_reaches_back_at_least_one(
        self, attention_place: AttentionPlace
    ) -> None:
        owner = Owner(attention_place.store())
        past, counts = Kept(), []
        for number in range(20):
            owner.played([number])
            owner.keep(at=float(number), folds=number % 5 == 4)
            past = owner.store.past()
            assert content_of(past) == content(owner.bank)
            counts.append(len(past.records))
        per_round = owner.bank.ledger.entry_count / 20
        assert max(counts[10:]) <= 11 * per_round
        assert min(counts[10:]) >= 4 * per_round

        history = past_of(past, kinds=[AccountKind.ATOM], accounts_max=3)
        assert history.instants is not None
        assert history.instants.tolist() == sorted(set(past.instants))
        assert history.moments[-1] == owner.bank.ledger.entry_count
        last = dict(zip(history.names, history.balances[-1].tolist(), strict=True))
        atoms = {name: sti[0] for (kind, name), sti in content(owner.bank)[0].items()}
        assert last == {name: atoms[name] for name in last}

    def test_of_a_closed_store_is_refused(self, attention_place: AttentionPlace) -> None:
        store = attention_place.store()
        store.open()
        store.close()
        with pytest.raises(StoreError, match="closed"):
            store.past()


class TestOwners:
    def test_one_that_was_deposed_may_not_write(self, attention_place: AttentionPlace) -> None:
        first = Owner(attention_place.store())
        first.keep()
        second = Owner(attention_place.rival())
        first.played([0])

        with pytest.raises(Deposed, match=r"epoch \d+, this one has \d+"):
            first.keep()

        second.played([0])
        second.keep()
        assert content_of(second.store.past()) == content(second.bank)

    def test_the_answer_to_a_commit_is_its_error(self, attention_place: AttentionPlace) -> None:
        owner = Owner(attention_place.store())
        owner.keep()
        attention_place.rival().open()

        async def committing() -> None:
            await owner.store.commit(owner.keepsakes())

        with pytest.raises(Deposed):
            asyncio.run(committing())


class TestCommitting:
    def test_many_at_once_are_written_in_their_order(self, attention_place: AttentionPlace) -> None:
        owner = Owner(attention_place.store())

        async def committing() -> None:
            futures = []
            for number in range(30):
                owner.played([number])
                futures.append(owner.store.commit(owner.keepsakes(folds=number % 4 == 0)))
            await asyncio.gather(*futures)

        asyncio.run(committing())
        expected = content(owner.bank)
        owner.store.close()

        assert content_of(attention_place.store().open()) == expected


class TestBeliefs:
    @settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.dictionaries(
            st.tuples(st.integers(1, 9), st.integers(1, 9)).filter(lambda pair: pair[0] != pair[1]),
            st.tuples(st.floats(0, 1), st.floats(0, 1)),
        )
    )
    def test_come_back_as_they_were(
        self, links: dict[tuple[int, int], tuple[float, float]]
    ) -> None:
        made = HebbianLinks(10)
        made.load(
            np.array([pair[0] for pair in links], dtype=np.int64),
            np.array([pair[1] for pair in links], dtype=np.int64),
            np.array([belief[0] for belief in links.values()], dtype=np.float64),
            np.array([belief[1] for belief in links.values()], dtype=np.float64),
        )

        found = unpacked(packed(made, np.arange(12)), 10).all()

        assert {
            (source, target): (strength, confidence)
            for source, target, strength, confidence in zip(
                found.sources.tolist(),
                found.targets.tolist(),
                found.strengths.tolist(),
                found.confidences.tolist(),
                strict=True,
            )
        } == links

    def test_more_than_are_allowed_now_keep_the_strongest(self) -> None:
        made = HebbianLinks(5)
        targets = np.arange(2, 7)
        strengths = np.array([0.1, 0.9, 0.5, 0.8, 0.2])
        made.load(np.ones(5, dtype=np.int64), targets, strengths, np.ones(5))

        found = unpacked(packed(made, np.array([1])), 2).all()

        assert found.targets.tolist() == [3, 5]

    @pytest.mark.parametrize("piece", [b"x", b"\1\0\0\0", b"\1\0\0\0" + bytes(4) + b"\xff" * 16])
    def test_that_nobody_wrote_are_refused(self, piece: bytes) -> None:
        with pytest.raises(JournalDamaged, match="links of account 3"):
            unpacked({3: piece}, 10)


def test_a_damaged_checkpoint_is_said(attention_place: AttentionPlace) -> None:
    store = attention_place.store()
    store.open()
    store.commit_now(Keepsakes(0.0, checkpoint=b"x" * 100))
    store.close()

    with pytest.raises(JournalDamaged, match="checkpoint is not the one that was written"):
        restored_bank(attention_place.store().open(), PARAMETERS)


def test_ids_are_forgotten_as_a_checkpoint_says() -> None:
    bank = AttentionBank(PARAMETERS)
    for number in range(10):
        bank.open_atoms(f"e{number}", [f"a{number}"])
    bank.ledger.checkpoint(ids_kept=3)

    assert [f"e{number}" in bank.ledger for number in (6, 7, 9)] == [False, True, True]
