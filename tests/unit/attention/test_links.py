import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.attention.errors import InvalidAmount
from cognitive_architecture.attention.links import HebbianLinks
from cognitive_architecture.attention.matrix import DiffusionMatrix
from cognitive_architecture.attention.units import AMOUNT_MAX, Ints
from tests.support.examples import quick

HANDLES = 12
handles = st.integers(1, HANDLES)
Pairs = dict[tuple[int, int], tuple[float, float]]

steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.lists(st.tuples(handles, handles), min_size=1, max_size=20)),
        st.tuples(st.just("remove"), st.lists(handles, min_size=1, max_size=2)),
        st.tuples(st.just("believe"), st.lists(handles, min_size=1, max_size=2, unique=True)),
        st.tuples(st.just("spread"), st.just([])),
    ),
    max_size=20,
)


def ints(values: list[int]) -> Ints:
    return np.array(values, dtype=np.int64)


def found_in(links: HebbianLinks) -> Pairs:
    every = links.all()
    ends = zip(every.sources.tolist(), every.targets.tolist(), strict=True)
    beliefs = zip(every.strengths.tolist(), every.confidences.tolist(), strict=True)
    return dict(zip(ends, beliefs, strict=True))


@quick(80)
@given(steps)
def test_they_are_a_map_of_pairs_and_the_matrix_follows(told: list[tuple[str, list[int]]]) -> None:
    """Against a plain dictionary, and against a matrix that is made anew each time."""
    links, expected = HebbianLinks(), dict[tuple[int, int], tuple[float, float]]()
    follower = DiffusionMatrix(links, spread_max=0.4, funds=AMOUNT_MAX)
    balances = np.arange(HANDLES + 1) * 1_000_003
    for number, (step, what) in enumerate(told):
        if step == "add":
            pairs: list[tuple[int, int]] = what  # type: ignore[assignment]
            new = {pair for pair in pairs if pair[0] != pair[1]} - expected.keys()
            sources, targets = ints([a for a, _ in pairs]), ints([b for _, b in pairs])
            made = links.add(sources, targets, 0.5, 0.25, np.random.default_rng(0))
            assert made == len(new)
            expected |= dict.fromkeys(new, (0.5, 0.25))
        elif step == "remove":
            gone = {pair for pair in expected if set(pair) & set(what)}
            assert links.remove_atoms(ints(what)) == len(gone)
            expected = {pair: b for pair, b in expected.items() if pair not in gone}
        elif step == "believe":
            rows = links.of(ints(what))
            strengths = np.full(len(rows.slots), 1 / (number + 1))
            links.believe(rows.slots, strengths, strengths)
            for pair in zip(rows.sources.tolist(), rows.targets.tolist(), strict=True):
                expected[pair] = (1 / (number + 1), 1 / (number + 1))
        else:
            fresh = DiffusionMatrix(links, spread_max=0.4, funds=AMOUNT_MAX).spread(balances)
            assert follower.spread(balances).tolist() == fresh.tolist()
        assert found_in(links) == expected
        assert len(links) == len(expected)
    fresh = DiffusionMatrix(links, spread_max=0.4, funds=AMOUNT_MAX).spread(balances)
    after = follower.spread(balances)
    assert after.tolist() == fresh.tolist()
    assert int(after.sum()) == int(balances.sum())


def test_a_row_has_room_for_so_many_and_old_ones_go() -> None:
    links = HebbianLinks(links_max=5)
    rng = np.random.default_rng(0)
    links.add(ints([1] * 5), ints([2, 3, 4, 5, 6]), 0.5, 0.1, rng)
    links.add(ints([1] * 2), ints([7, 8]), 0.9, 0.1, rng)
    assert len(links) == 5
    assert {7, 8} <= set(links.of(ints([1])).targets.tolist())


def test_the_pool_is_packed_when_it_is_mostly_blank() -> None:
    links = HebbianLinks()
    rng = np.random.default_rng(0)
    for target in range(2, 301):
        links.add(ints([1, target]), ints([target, 1]), 0.5, 0.1, rng)
    atoms = np.arange(2, 301)
    links.remove_atoms(atoms)
    for target in range(2, 301):
        links.add(ints([1]), ints([target]), 0.5, 0.1, rng)
    assert len(links) == 299
    assert len(links.sources) < 20_000


def test_links_that_cannot_be() -> None:
    links, rng = HebbianLinks(links_max=2), np.random.default_rng(0)
    with pytest.raises(InvalidAmount, match="0 is the bank"):
        links.add(ints([0]), ints([1]), 0.5, 0.1, rng)
    with pytest.raises(InvalidAmount, match="at most once"):
        links.load(ints([1, 1]), ints([2, 2]), np.ones(2), np.ones(2))
    with pytest.raises(InvalidAmount, match="at most 2 from one source"):
        links.load(ints([1, 1, 1]), ints([2, 3, 4]), np.ones(3), np.ones(3))
    assert links.add(ints([3]), ints([3]), 0.5, 0.1, rng) == 0
    assert len(links.of(ints([99])).slots) == 0


def test_overdrafts_beyond_what_a_matrix_was_made_for() -> None:
    matrix = DiffusionMatrix(HebbianLinks(), spread_max=0.4, funds=AMOUNT_MAX)
    with pytest.raises(InvalidAmount, match="overdrafts"):
        matrix.spread(ints([-AMOUNT_MAX, AMOUNT_MAX, AMOUNT_MAX]))


def test_more_funds_than_there_can_be() -> None:
    with pytest.raises(InvalidAmount, match="funds"):
        DiffusionMatrix(HebbianLinks(), spread_max=0.4, funds=AMOUNT_MAX + 1)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -0.1, 1.1])
def test_what_is_no_belief_gets_into_no_link(wrong: float) -> None:
    links, rng = HebbianLinks(), np.random.default_rng(0)
    links.load(ints([1]), ints([2]), np.array([0.5]), np.array([0.25]))
    for strength, confidence in ((wrong, 0.5), (0.5, wrong)):
        one, other = np.array([strength]), np.array([confidence])
        with pytest.raises(InvalidAmount, match=r"strength|confidence"):
            links.add(ints([3]), ints([4]), strength, confidence, rng)
        with pytest.raises(InvalidAmount, match=r"strengths|confidences"):
            links.load(ints([3]), ints([4]), one, other)
        with pytest.raises(InvalidAmount, match=r"strengths|confidences"):
            links.believe(links.all().slots, one, other)
    known = links.all()
    assert (known.strengths.tolist(), known.confidences.tolist()) == ([0.5], [0.25])


def test_columns_of_links_are_equally_long() -> None:
    links = HebbianLinks()
    with pytest.raises(InvalidAmount, match="not 2 and 1"):
        links.load(ints([1, 2]), ints([3]), np.ones(2), np.ones(2))
    with pytest.raises(InvalidAmount, match="as many strengths"):
        links.load(ints([1, 2]), ints([3, 4]), np.ones(1), np.ones(2))


def test_a_belief_that_a_mean_has_missed_by_a_hair_is_set_right() -> None:
    links = HebbianLinks()
    links.load(ints([1]), ints([2]), np.array([1 + 1e-12]), np.array([-1e-12]))
    assert (links.all().strengths.tolist(), links.all().confidences.tolist()) == ([1], [0])
