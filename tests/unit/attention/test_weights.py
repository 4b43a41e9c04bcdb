"""Weights in proportion to STI, and a floor under them."""

import numpy as np

from cognitive_architecture.attention.weights import starvation_free


def test_in_proportion() -> None:
    assert starvation_free(np.array([30, 70])).tolist() == [0.3, 0.7]


def test_nobody_starves() -> None:
    weights = starvation_free(np.array([10**9, 0, 0, -5]))
    assert (weights / weights.sum()).min() >= 1 / (3 * 4)


def test_nobody_has_anything() -> None:
    assert starvation_free(np.array([0, 0])).tolist() == [0.25, 0.25]
