from pathlib import Path

import numpy as np
import pytest

from cognitive_architecture.attention import (
    MICRO,
    AttentionBank,
    Currency,
    InvalidAmount,
    Parameters,
)
from cognitive_architecture.attention.history import History, history_of
from cognitive_architecture.drawing import attention
from cognitive_architecture.drawing.attention import draw_focus, draw_funds, draw_graph, draw_sti
from cognitive_architecture.foundation.errors import ConfigurationError


@pytest.fixture
def journal() -> bytes:
    written = bytearray()
    bank = AttentionBank(
        Parameters(focus_size=2, forget_size=4, forget_spread=1), journal=written.extend
    )
    atoms = bank.open_atoms(
        "open", ["$x", "lamp", "a name that is far too long for a picture", "d"]
    )
    for number in range(5):
        bank.stimulate(f"s{number}", atoms[number % 3 :], 1)
    bank.open_atoms("more", ["e"])
    bank.forget("f")
    return bytes(written)


def test_a_history_says_what_the_journal_says(journal: bytes) -> None:
    history = history_of(journal, atoms_max=2, focus_size=2)
    assert history.laws == ("genesis", "open", *["stimulate"] * 5, "open", "forget")
    assert history.names == ("a name that is far too long for a picture", "d")
    assert history.balances[:4].tolist() == [
        [0, 0], [0, 0], [20 * MICRO] * 2, [40 * MICRO] * 2,
    ]  # fmt: skip
    assert history.in_focus[:4].tolist() == [[0, 0], [0, 0], [0, 0], [1, 0]]
    assert history.funds[:3].tolist() == [100_000 * MICRO, 100_000 * MICRO, 99_920 * MICRO]


def test_moments_are_thinned_out_but_the_last_is_there(journal: bytes) -> None:
    assert history_of(journal, moments_max=4).moments.tolist() == [3, 6, 9]


def test_a_history_needs_something_to_follow(journal: bytes) -> None:
    with pytest.raises(InvalidAmount, match="atoms_max"):
        history_of(journal, atoms_max=0)


def test_a_handle_that_is_given_again_does_not_mix_two_accounts() -> None:
    written = bytearray()
    bank = AttentionBank(
        Parameters(forget_size=2, forget_spread=0, focus_size=5), journal=written.extend
    )
    (first, _) = bank.open_atoms("open", ["first", "second"]).tolist()
    bank.stimulate("rich", [first], 10)
    bank.ledger.transfer("back", [first], [0], [bank.ledger.balance(first)])
    bank.ledger.transfer(
        "LTI", [first], [0], [bank.ledger.balance(first, Currency.LTI)], Currency.LTI
    )
    bank.ledger.close("close", [first])
    bank.ledger.checkpoint()
    (third,) = bank.open_atoms("again", ["third"]).tolist()
    bank.stimulate("poor", [third], 1)
    bank.open_atoms("back again", ["first"])

    history = history_of(bytes(written))

    assert third == first
    assert history.names == ("first", "third", "second")
    assert history.balances.max(axis=0).tolist() == [200 * MICRO, 20 * MICRO, 0]
    assert history.balances[-1].tolist() == [0, 20 * MICRO, 0]


class TestPictures:
    @pytest.mark.parametrize("suffix", ["png", "svg"])
    @pytest.mark.parametrize("name", ["sti", "focus", "funds"])
    def test_of_a_history(self, journal: bytes, tmp_path: Path, name: str, suffix: str) -> None:
        path = tmp_path / f"picture.{suffix}"
        getattr(attention, f"draw_{name}")(history_of(journal), path)
        assert path.read_bytes()[:5] in {b"\x89PNG\r", b"<?xml"}

    def test_of_nothing(self, tmp_path: Path) -> None:
        written = bytearray()
        bank = AttentionBank(journal=written.extend)
        history: History = history_of(bytes(written))
        draw_sti(history, tmp_path / "sti.svg")
        draw_focus(history, tmp_path / "focus.svg")
        draw_graph(bank, tmp_path / "graph.svg")
        assert len(list(tmp_path.iterdir())) == 3

    def test_of_atoms_and_links(self, tmp_path: Path) -> None:
        bank = AttentionBank(Parameters(focus_size=3))
        atoms = bank.open_atoms("open", ["$x", "lamp", "gold", "rope"])
        bank.stimulate("s", atoms, [1, 2, 3, 4])
        bank.learn(np.random.default_rng(0))
        draw_graph(bank, tmp_path / "graph.svg")
        assert "<svg" in (tmp_path / "graph.svg").read_text()

    def test_no_picture(self, journal: bytes, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError, match=r"ends in \.png or \.svg"):
            draw_funds(history_of(journal), tmp_path / "picture.txt", target=10_000)
