from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.attention import HebbianLinks
from cognitive_architecture.distributed_mesh.economy.affinity import (
    Attempts,
    affinities,
    learn,
    observed,
)


def attempts(*rows: tuple[int, int, int, int]) -> Attempts:
    """Capability, node, accepted, failed."""
    capabilities, nodes, accepted, failed = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    return Attempts(capabilities, nodes, accepted, failed)


def strengths(links: HebbianLinks) -> dict[tuple[int, int], float]:
    found = links.all()
    return dict(
        zip(
            zip(found.sources.tolist(), found.targets.tolist(), strict=True),
            found.strengths.tolist(),
            strict=True,
        )
    )


def test_what_went_well_together_is_the_conjunction_of_rows_h1() -> None:
    said = observed(attempts((1, 2, 5, 0), (1, 3, 0, 5), (1, 4, 1, 1)))
    assert said.tolist() == [1.0, 0.0, 0.625]


def test_a_new_pair_is_linked_both_ways_and_moves_from_a_half() -> None:
    links = HebbianLinks(10)
    learnt = learn(links, attempts((1, 2, 1, 0)), rate=0.1, rng=np.random.default_rng(0))
    assert learnt.tolist() == pytest.approx([0.55])
    assert strengths(links) == {(1, 2): pytest.approx(0.55), (2, 1): pytest.approx(0.55)}


def test_many_attempts_at_once_count_like_one_after_the_other() -> None:
    one_by_one, at_once = HebbianLinks(10), HebbianLinks(10)
    rng = np.random.default_rng(0)
    for _ in range(7):
        learn(one_by_one, attempts((1, 2, 1, 0)), rate=0.1, rng=rng)
    learn(at_once, attempts((1, 2, 7, 0)), rate=0.1, rng=rng)
    assert strengths(one_by_one) == pytest.approx(strengths(at_once))


def test_a_node_that_fails_loses_what_it_had_within_some_attempts() -> None:
    links, rng = HebbianLinks(10), np.random.default_rng(0)
    learn(links, attempts((1, 2, 1000, 0)), rate=0.1, rng=rng)
    (before,) = learn(links, attempts((1, 2, 1, 0)), rate=0.1, rng=rng).tolist()
    (after,) = learn(links, attempts((1, 2, 0, 20)), rate=0.1, rng=rng).tolist()
    assert before > 0.99
    assert after < 0.15


def test_confidence_grows_with_the_number_of_attempts() -> None:
    links, rng = HebbianLinks(10), np.random.default_rng(0)
    confidences = []
    for _ in range(5):
        learn(links, attempts((1, 2, 100, 0)), rate=0.1, rng=rng)
        confidences.append(float(links.all().confidences[0]))
    assert confidences[0] == pytest.approx(100 / 900)
    assert confidences == sorted(confidences)


def test_a_capability_with_too_many_nodes_forgets_some_and_goes_on() -> None:
    links, rng = HebbianLinks(3), np.random.default_rng(0)
    rows = [(1, node, 1, 0) for node in range(2, 12)]
    assert len(learn(links, attempts(*rows), rate=0.1, rng=rng)) == 10
    assert len(links.of(np.array([1])).targets) == 3


@given(
    st.dictionaries(
        st.tuples(st.integers(1, 4), st.integers(5, 9)),
        st.tuples(st.integers(0, 50), st.integers(0, 50)).filter(any),
        min_size=1,
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_of_pairs_does_not_matter(
    tried: dict[tuple[int, int], tuple[int, int]], chance: object
) -> None:
    rows = [(*pair, *counts) for pair, counts in tried.items()]
    shuffled = list(rows)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = HebbianLinks(50), HebbianLinks(50)
    learn(one, attempts(*rows), rate=0.3, rng=np.random.default_rng(0))
    learn(other, attempts(*shuffled), rate=0.3, rng=np.random.default_rng(0))
    assert strengths(one) == strengths(other)
    assert all(0.0 <= value <= 1.0 for value in strengths(one).values())


def test_strangers_and_those_who_fail_have_no_affinity() -> None:
    said = affinities(np.array([0.0, 0.5, 0.75, 1.0]))
    assert said.tolist() == [0.0, 0.0, 0.5, 1.0]
