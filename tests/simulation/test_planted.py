"""Bugs that are planted are found; see ``hunt.py`` and the table in ``docs/simulation.md``."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from .hunt import FOUND, breaches_of, known, moved
from .planted import BUGS, is_planted
from .planted.planting import function_of

QUICKLY_FOUND = (
    "on_submitted: a task is acknowledged before it is durable",
    "write: a node may forget its report before it is durable",
    "retry_pause_s: a task has one attempt too many",
    "_commit_returned: what became durable waits for the next event",
    "kept: a node claims for ever what it has reported",
    "_hello: a returning node does not say what it works on",
    "until_heard: a leaving node does not wait until its goodbye is heard",
    "put: of several idle slots only one is woken",
    "_begin_anew: what was not answered is not said again to a new orchestrator",
)
SEEDS = 30


@pytest.mark.parametrize("name", QUICKLY_FOUND)
def test_a_planted_bug_is_found(name: str) -> None:
    with is_planted(BUGS[name]):
        assert any(breaches_of(seed) for seed in range(SEEDS))


def test_a_bug_is_gone_when_its_time_is_over() -> None:
    bug = BUGS[QUICKLY_FOUND[0]]
    sound = function_of(bug).__code__
    with is_planted(bug):
        assert function_of(bug).__code__ is not sound
    assert function_of(bug).__code__ is sound


def test_after_a_move_a_bug_stays_known_if_its_seed_shows_what_it_showed() -> None:
    name = QUICKLY_FOUND[0]
    kept = json.loads(FOUND.read_text("utf-8"))
    kept[name] |= {"what": "of another place", "with_what": "of another judge"}
    assert known(name, kept).seeds is None

    carried = moved(name, kept)

    assert carried is not None
    assert (carried.seeds, carried.breach) == (kept[name]["seeds"], kept[name]["breach"])
    assert known(name, {name: asdict(carried)}) == carried
    kept[name]["breach"] = "something else"
    assert moved(name, kept) is None


def test_at_least_forty_bugs_can_be_planted() -> None:
    # Whoever changes a function that has one plants it anew; until then it rests.
    plantable = 0
    for bug in BUGS.values():
        try:
            with is_planted(bug):
                plantable += 1
        except (AssertionError, AttributeError):
            continue
    assert plantable >= 40
