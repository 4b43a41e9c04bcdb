"""``docs/simulation.md`` tells of the planted bugs what was found."""

from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_table_of_planted_bugs_is_the_one_that_was_made() -> None:
    spec = importlib.util.spec_from_file_location(
        "make_simulation", ROOT / "docs" / "make_simulation.py"
    )
    assert spec is not None
    assert spec.loader is not None
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)

    assert maker.page() == maker.PAGE.read_text("utf-8"), "run: make docs"
