"""``docs/scheduling.md`` compares ways to share; its maker is run here on a small part."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from benchmarks.turns import L
from docs import make_scheduling as maker

PAGE = Path(__file__).parents[2] / "docs/scheduling.md"


def test_the_page_has_a_place_for_the_table_and_shows_the_pictures() -> None:
    page = PAGE.read_text("utf-8")
    assert page.index(maker.BEGIN) < page.index(maker.END)
    for picture in ("scheduling-shares.svg", "scheduling-waits.svg"):
        assert f"pictures/{picture}" in page
        assert (PAGE.parent / "pictures" / picture).is_file()


def test_every_way_has_a_row_and_its_lines(tmp_path: Path) -> None:
    outcomes = maker.compared(10, 800, 7)
    rows = maker.table(outcomes).splitlines()
    assert [row.split("|")[1].strip(" *") for row in rows[2:]] == list(maker.TITLES.values())
    assert rows[-1].endswith("| never | never |")
    maker.draw_shares(outcomes, 800, tmp_path / "shares.svg")
    maker.draw_waits(outcomes, tmp_path / "waits.svg")
    assert "<svg" in (tmp_path / "shares.svg").read_text("utf-8")


def test_the_lines_show_who_is_farthest() -> None:
    weights = np.array([0.5, 0.5])
    order = np.zeros(800, dtype=np.int64)
    ahead, behind = maker.extremes(weights, np.full(800, L, dtype=np.int64), order)
    assert (ahead[0], ahead[-1]) == (0.0, 400.0)
    assert (behind[0], behind[-1]) == (0.0, 400.0)
