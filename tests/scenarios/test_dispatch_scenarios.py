"""The life of tasks and nodes in words: every file in ``dispatch/`` is a story that must hold.

The form is explained in ``tests/support/scenario_text.py``.
"""

import os
from pathlib import Path

import pytest

from tests.support.scenario_text import ScenarioRunner, read_scenario, write_scenario

STORIES = sorted((Path(__file__).parent / "dispatch").glob("*.txt"))
IS_REWRITING = bool(os.environ.get("COGMESH_REWRITE_SCENARIOS"))


@pytest.mark.parametrize("story", STORIES, ids=lambda path: path.stem)
def test_the_story_holds(story: Path) -> None:
    steps, below = read_scenario(story.read_text())
    runner = ScenarioRunner()
    for step in steps:
        came = runner.run(step.command)
        if IS_REWRITING:
            step.expected = came
        assert came == step.expected, f"{story.name}: {step.command}"
    if IS_REWRITING:
        write_scenario(story, steps, below)


@pytest.mark.parametrize("story", STORIES, ids=lambda path: path.stem)
def test_the_story_says_what_it_proves(story: Path) -> None:
    heading = story.read_text().partition("\n\n")[0].splitlines()
    assert all(line.startswith("# ") for line in heading)
    assert heading[-1].endswith((".", ")"))
