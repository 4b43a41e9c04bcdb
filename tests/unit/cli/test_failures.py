"""``cogmesh failures`` and the timeline it draws."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.cli.timeline import draw_timeline

from .conftest import FakeClient, Run
from .test_looking import lines

EVENT: dict[str, Any] = {
    "failure_id": "failure-1",
    "failure_type": "node_crash",
    "timestamp": 1_700_000_000.0,
    "severity": 0.8,
    "affected_node_id": "kitchen",
    "affected_task_id": None,
    "description": "node kitchen was lost: its process or its link is gone",
    "metadata": {"failure": 1},
    "recovery_strategy": "redistribute",
    "recovery_status": "its task goes back to the old place in the queue",
    "steps": [
        {"what": "noticed: its process or its link is gone", "after_s": 0.0},
        {"what": "its task is with attic after 0.012 s", "after_s": 0.012},
    ],
    "is_recovered": True,
}

SAID: dict[str, Any] = {
    "total_failures": 2,
    "failures_by_type": {"node_crash": 1, "task_failure": 1, "task_timeout": 0},
    "seconds_until_elsewhere": {"count": 1, "p50": 0.012, "p99": 0.012},
    "not_recovered_yet": 1,
    "recent_failures": [
        EVENT
        | {
            "failure_type": "task_failure",
            "timestamp": 1_700_000_060.0,
            "affected_task_id": "task-9",
            "description": "ValueError: no rhyme",
            "is_recovered": False,
        },
        EVENT,
    ],
    "node_circuits": [
        {
            "node_id": "kitchen",
            "capability": "haiku",
            "state": "open",
            "tried_again_in_s": 9.0,
            "failure_rate": 0.8,
            "why": "it failed too often",
            "on_probation": False,
        },
        {
            "node_id": "cellar",
            "capability": "prose",
            "state": "probing",
            "tried_again_in_s": 9.0,
            "failure_rate": 0.0,
            "why": "one task at a time is enough to see",
            "on_probation": True,
        },
    ],
    "overload": {
        "why": "the store is full",
        "level": 3.0,
        "since_s": 12.0,
        "tasks_held_back": 120,
    },
    "members": [
        {
            "node_id": "attic",
            "state": "suspect",
            "reason": "not heard of for 2 s",
            "left_out_s": 0,
            "gray": ["it is heard and does not hear"],
        },
        {"node_id": "barn", "state": "healthy", "reason": "", "gray": [], "left_out_s": 30.0},
    ],
}


def test_failures_for_people(run: Run, client: FakeClient) -> None:
    client.answers["failures"] = SAID

    printed = lines(run("failures").stdout)

    assert printed[0] == (
        "2 failures · 1 node_crash · 1 task_failure · tasks elsewhere after 12.0 ms, 99 of 100 "
        "after 12.0 ms · 1 not put right yet"
    )
    assert printed[1].startswith("node_crash •")
    assert printed[2].startswith("task_failure ·")
    assert printed[2].endswith("•")
    assert any("ValueError: no rhyme redistribute waiting" in line for line in printed)
    assert any(line.endswith("redistribute 12.0 ms") for line in printed)
    assert printed[-6:] == [
        "overloaded for 12.0 s: the store is full; 120 tasks below level 3 wait",
        "kitchen is left alone with haiku (open): it failed too often; tried again in 9.0 s",
        "cellar gets one prose at a time (probing)",
        "attic is of no use: it is heard and does not hear",
        "attic is suspect: not heard of for 2 s",
        "barn comes and goes too often: it gets nothing for 30.0 s",
    ]


def test_each_step_is_told_where_it_is_asked_for(run: Run, client: FakeClient) -> None:
    client.answers["failures"] = SAID

    printed = lines(run("failures", "--steps", "--limit", "5").stdout)

    assert client.asked == [("failures", 5)]
    assert "+12.0 ms its task is with attic after 0.012 s" in printed
    assert any(line.endswith("node_crash · kitchen · repaired") for line in printed)


def test_it_reads_well_in_80_columns(
    run: Run, client: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.answers["failures"] = SAID
    monkeypatch.setenv("COLUMNS", "80")

    printed = run("failures").stdout

    assert "ValueError: no rhyme" in printed
    assert max(len(line.rstrip()) for line in printed.splitlines()) <= 80


def test_where_nothing_has_failed_it_says_so(run: Run, client: FakeClient) -> None:
    client.answers["failures"] = SAID | {"total_failures": 0}

    result = run("failures")

    assert (result.stdout, result.stderr) == (
        "",
        "nothing has failed since the orchestrator was started\n",
    )


def test_for_programs_it_is_what_the_orchestrator_says(run: Run, client: FakeClient) -> None:
    client.answers["failures"] = SAID

    assert json.loads(run("failures", "--json").stdout) == SAID


@given(
    happened=st.lists(
        st.tuples(st.floats(0.0, 1e9), st.sampled_from(["node_crash", "task_failure"])), max_size=50
    ),
    width=st.integers(40, 120),
)
def test_a_timeline_shows_everything_and_never_runs_over(
    happened: list[tuple[float, str]], width: int
) -> None:
    drawn = [
        line.plain for line in draw_timeline(happened, width=width, clock=lambda _: "12:00:00")
    ]

    assert all(len(line) <= width for line in drawn)
    assert len(drawn) == (len({kind for _, kind in happened}) + 1 if happened else 0)
    for line in drawn[:-1]:
        kind, marks = line.split()
        shown = sum(
            {"•": 1, "+": 10}.get(mark, int(mark) if mark.isdigit() else 0) for mark in marks
        )
        count = sum(one == kind for _, one in happened)
        assert shown == count or ("+" in marks and shown <= count)
