"""Long benchmarks are counted in portions, stopped, and go on."""

from __future__ import annotations

import signal
from collections import Counter
from pathlib import Path

from benchmarks.portions import Portions


def ten_a_seed(seed: int) -> tuple[Counter[str], list[str]]:
    return Counter(things=10), [f"seed {seed} is odd"] if seed == 3 else []


def test_seeds_are_played_until_enough_is_counted() -> None:
    portions = Portions(None, 0)
    portions.run(ten_a_seed, counted="things", wanted=45)

    assert (portions.seeds, portions.counts["things"]) == (5, 50)
    assert portions.faults == ["seed 3 is odd"]


def test_what_was_kept_counts_and_the_next_seed_follows_on(tmp_path: Path) -> None:
    file = tmp_path / "kept.jsonl"
    Portions(file, 0).run(ten_a_seed, counted="things", wanted=45)

    portions = Portions(file, 0)
    assert portions.next_seed == 5
    portions.run(ten_a_seed, counted="things", wanted=70)

    assert (portions.seeds, portions.counts["things"]) == (7, 70)
    assert portions.faults == ["seed 3 is odd"]
    assert portions.codes == 1


def test_two_who_begin_elsewhere_share_a_file(tmp_path: Path) -> None:
    file = tmp_path / "kept.jsonl"
    Portions(file, 0).run(ten_a_seed, counted="things", wanted=20)
    other = Portions(file, 1000)
    assert other.next_seed == 1000
    other.run(ten_a_seed, counted="things", wanted=40)

    both = Portions(file, 0)
    assert (both.next_seed, both.counts["things"]) == (2, 40)


def test_ctrl_c_keeps_what_was_reached(tmp_path: Path) -> None:
    def stopped_at_the_third(seed: int) -> tuple[Counter[str], list[str]]:
        if seed == 2:
            signal.raise_signal(signal.SIGINT)
        return ten_a_seed(seed)

    file = tmp_path / "kept.jsonl"
    portions = Portions(file, 0)
    portions.run(stopped_at_the_third, counted="things", wanted=100)

    assert portions.counts["things"] == 30
    assert Portions(file, 0).next_seed == 3
