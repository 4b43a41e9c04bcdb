"""The commands that ask one thing and show it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cognitive_architecture.cli.outcomes import ExitCode
from cognitive_architecture.distributed_mesh.model import Attempt, DistributedTask, TaskStatus
from cognitive_architecture.foundation.errors import MeshError, UnknownTask

from .conftest import FakeClient, Run

STATUS: dict[str, Any] = {
    "mesh": "home",
    "version": "0.1.0",
    "store": ".cogmesh",
    "epoch": 3,
    "uptime_s": 75.0,
    "nodes": {"total": 3, "active": 2, "draining": 1, "slots": 12},
    "tasks": {"pending": 5, "running": 2, "completed": 1234, "failed": 1, "cancelled": 4},
    "kept": {"completed": 5000},
    "statistics": {"nodes_lost": 2, "found_at_start": 7},
    "blocked": [{"needs": ["haiku"], "waiting": 5, "reason": "waits for a node that offers haiku"}],
}

NODE: dict[str, Any] = {
    "node_id": "kitchen",
    "node_type": "agent",
    "capabilities": ["dialogue", "reasoning"],
    "slots": 4,
    "current_load": 3,
    "room": 1,
    "status": "active",
    "health_score": 0.93,
    "heard_s_ago": 0.4,
    "in_contact": True,
    "joined_s_ago": 75.0,
    "vitals": {"cpu_usage": 0.42, "memory_usage": 0.2, "uptime_s": 80.0, "stuck_slots": 1},
    "metadata": {"host": "pi"},
}

TASK: dict[str, Any] = {
    "task_id": "task-9",
    "task_type": "haiku",
    "status": "failed",
    "priority": 5,
    "assigned_node": "kitchen",
    "created_at": 100.0,
    "started_at": 100.25,
    "completed_at": 102.75,
    "error": "no rhyme\nwas found",
    "attempts": [],
    "serial": 42,
}


def lines(text: str) -> list[str]:
    """The printed lines with single spaces."""
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def test_status_for_people(run: Run, client: FakeClient) -> None:
    client.answers["status"] = STATUS

    assert lines(run("status").stdout) == [
        "home · cogmesh 0.1.0 · up 1 min 15 s · owner 3 of .cogmesh",
        "nodes 2 active · 1 draining · 12 slots · 2 lost",
        "open 2 running · 5 waiting · 7 found at the start",
        "ended since start 1,234 completed · 1 failed · 4 cancelled",
        "kept in the store 5,000 completed · 0 failed",
        "waiting in vain tasks why",
        "haiku 5 waits for a node that offers haiku",
    ]


def test_status_for_programs_is_what_the_orchestrator_says(run: Run, client: FakeClient) -> None:
    client.answers["status"] = STATUS

    assert json.loads(run("status", "--json").stdout) == STATUS


def test_nodes_for_people(run: Run, client: FakeClient) -> None:
    client.answers["nodes"] = [NODE, NODE | {"node_id": "attic", "heard_s_ago": 9.0}]

    assert lines(run("nodes").stdout) == [
        "node state busy health cpu here for heard host offers",
        "kitchen active 3 of 4 (1 stuck) 0.93 42% 1 min 15 s 400 ms ago pi dialogue, reasoning",
        "attic active 3 of 4 (1 stuck) 0.93 42% 1 min 15 s 9.0 s ago pi dialogue, reasoning",
    ]


def test_without_nodes_it_is_said_how_to_start_one(run: Run, client: FakeClient) -> None:
    client.answers["nodes"] = []

    result = run("nodes")

    assert result.stdout == ""
    assert result.stderr == "no nodes yet; start one with: cogmesh node\n"
    assert json.loads(run("nodes", "--json").stdout) == []


def test_a_narrow_terminal_gets_fewer_columns_and_no_broken_name(
    run: Run, client: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    offers = ["dialogue", "reasoning", "text_processing"]
    client.answers["nodes"] = [NODE | {"capabilities": offers, "node_id": "n" * 26}]
    monkeypatch.setenv("COLUMNS", "80")

    printed = run("nodes").stdout

    assert all(len(line.rstrip()) <= 80 for line in printed.splitlines())
    for name in ("n" * 26, *offers):
        assert name in printed
    assert "health" not in printed


def test_tasks_for_people(run: Run, client: FakeClient) -> None:
    attempt = {"number": 1, "outcome": "timed_out", "reason": "timed out after 3 s"}
    young = TASK | {
        "task_id": "task-10",
        "status": "pending",
        "assigned_node": None,
        "started_at": None,
        "completed_at": None,
        "error": None,
        "attempts": [attempt],
    }
    client.answers["tasks"] = [young, TASK]

    assert lines(run("tasks").stdout) == [
        "task type status prio node waited ran note",
        "task-10 haiku pending 5 attempt 1 timed_out: timed out after 3 s",
        "task-9 haiku failed 5 kitchen 250 ms 2.5 s no rhyme was found",
    ]


def test_tasks_are_asked_for_as_the_flags_say(run: Run, client: FakeClient) -> None:
    client.answers["tasks"] = []

    run("tasks", "-s", "failed", "-t", "haiku", "--requester", "me", "-n", "7", "--before", "42")

    (_, wanted) = client.asked[-1]
    assert dict(wanted) == {
        "status": TaskStatus.FAILED,
        "task_type": "haiku",
        "requester": "me",
        "limit": 7,
        "before_serial": 42,
    }


def test_a_full_page_says_how_to_turn_it(run: Run, client: FakeClient) -> None:
    client.answers["tasks"] = [TASK | {"serial": 44}, TASK]

    assert run("tasks", "--limit", "2").stderr == "\nolder ones: the same with --before 42\n"
    assert run("tasks", "--limit", "3").stderr == ""
    assert run("tasks", "--limit", "2", "--json").stderr == ""


def test_no_tasks_are_said_to_be_none(run: Run, client: FakeClient) -> None:
    client.answers["tasks"] = []

    assert run("tasks").stderr == "no such tasks\n"


def test_a_task_for_people(run: Run, client: FakeClient) -> None:
    client.answers["task"] = DistributedTask(
        task_id="task-9",
        task_type="haiku",
        payload={"about": "rain"},
        requester_node="cli",
        required_capabilities=frozenset({"gpu"}),
        idempotency_key="k",
        status=TaskStatus.COMPLETED,
        assigned_node="kitchen",
        created_at=1_700_000_000.0,
        started_at=1_700_000_000.25,
        completed_at=1_700_000_002.75,
        result={"text": "so much rain"},
        attempts=[Attempt(1, "attic", "node_lost", "its link is gone", 1.0, 2.5)],
    )

    said = lines(run("task", "task-9").stdout)

    assert said[0] == "task-9 · haiku · completed · priority 5"
    assert 'payload {"about": "rain"}' in said
    assert "needs too gpu" in said
    assert "key k" in said
    assert "begun after 250 ms · on kitchen" in said
    assert "1 attic node lost 1.5 s its link is gone" in said
    assert said[-2:] == ["result", '{"text": "so much rain"}']


def test_a_task_for_programs(run: Run, client: FakeClient) -> None:
    client.answers["task"] = DistributedTask(task_id="task-9", task_type="haiku", result=[1])

    said = json.loads(run("task", "task-9", "--json").stdout)

    assert said["status"] == "pending"
    assert said["result"] == [1]
    assert said["required_capabilities"] == []


def test_a_task_nobody_knows(run: Run, client: FakeClient) -> None:
    client.answers["task"] = UnknownTask("task-0")

    result = run("task", "task-0")

    assert result.exit_code == ExitCode.NOT_FOUND
    assert result.stderr.startswith("cogmesh: task task-0 is not known here")


def test_cancelling_several(run: Run, client: FakeClient) -> None:
    client.answers["cancel"] = {"a": True, "b": False}

    result = run("cancel", "a", "b")

    assert result.exit_code == ExitCode.OK
    assert lines(result.stdout) == ["a · cancelled", "b · had ended before"]


def test_cancelling_goes_on_after_one_that_is_not_known(run: Run, client: FakeClient) -> None:
    client.answers["cancel"] = {"a": UnknownTask("a"), "b": True}

    result = run("cancel", "a", "b", "--json")

    assert result.exit_code == ExitCode.NOT_FOUND
    assert json.loads(result.stdout) == [
        {"task_id": "a", "cancelled": False, "known": False},
        {"task_id": "b", "cancelled": True, "known": True},
    ]


@pytest.mark.parametrize(
    ("running", "words"), [(0, "kitchen · leaves"), (2, "kitchen · finishes 2 tasks and leaves")]
)
def test_draining(run: Run, client: FakeClient, running: int, words: str) -> None:
    client.answers["drain"] = {"node_id": "kitchen", "running": running}

    assert lines(run("drain", "kitchen").stdout) == [words]


def test_draining_a_node_that_is_not_there(run: Run, client: FakeClient) -> None:
    client.answers["drain"] = MeshError("there is no node 'cellar' in the mesh (there are: none)")

    result = run("drain", "cellar", "--json")

    assert result.exit_code == ExitCode.NOT_FOUND
    assert json.loads(result.stdout)["error"]["code"] == "unknown_node"


def test_handlers_of_the_mesh(run: Run, client: FakeClient) -> None:
    client.answers["capabilities"] = [
        {"capability": "haiku", "nodes": []},
        {"capability": "shout", "nodes": ["kitchen"]},
        {"capability": "text_processing", "nodes": ["a", "b", "c", "d"]},
    ]
    told: list[object] = [{"descriptions": {"shout": "Say it louder."}}, {"descriptions": "none"}]
    client.answers["nodes"] = [NODE | {"metadata": metadata} for metadata in told]

    header, haiku, shout, text = lines(run("handlers").stdout)

    assert header == "capability nodes what it does"
    assert haiku == "haiku nobody now"
    assert shout == "shout kitchen Say it louder."
    assert text.startswith("text_processing a, b and 2 others Find the sentences")


def test_handlers_of_a_file_need_no_mesh(run: Run) -> None:
    Path("mine.py").write_text(
        "from cognitive_architecture.distributed_mesh.handlers import handles\n"
        "@handles('haiku')\n"
        "async def haiku(payload, task):\n"
        "    '''Write a small poem.\n\n    More.'''\n"
        "    yield 'so '\n"
    )

    assert lines(run("handlers", "--file", "mine.py").stdout) == [
        "capability runs as what it does",
        "haiku stream, chunk by chunk Write a small poem.",
    ]
    assert json.loads(run("handlers", "--file", "mine.py", "--json").stdout) == [
        {
            "capability": "haiku",
            "kind": "stream",
            "function": "haiku",
            "description": "Write a small poem.",
        }
    ]


def test_a_broken_handlers_file_names_the_line(run: Run) -> None:
    Path("broken.py").write_text("x = 1\ndef f(:\n")

    result = run("handlers", "--file", "broken.py")

    assert result.exit_code == ExitCode.WRONG_USAGE
    assert "broken.py: line 2: " in result.stderr


def test_where_and_which_mesh_are_flags_of_every_question(run: Run, client: FakeClient) -> None:
    client.answers["status"] = STATUS

    run("status", "-c", "tcp/pi:1", "--connect", "tcp/pi:2", "--mesh", "attic")

    assert client.settings.mesh.connect == ["tcp/pi:1", "tcp/pi:2"]
    assert client.settings.mesh.name == "attic"
    assert client.requester == "cli"


FACTORS = {
    "fit": 1.0,
    "load": 0.5,
    "success": 0.9,
    "speed": 1.25,
    "health": 1.0,
    "affinity": 2.0,
}
CANDIDATES: list[dict[str, Any]] = [
    {
        "node_id": "attic",
        "refusal": None,
        "waiting_for": None,
        "score": 1.125,
        "factors": FACTORS,
    },
    {
        "node_id": "kitchen",
        "refusal": None,
        "waiting_for": "is draining",
        "score": 0.5,
        "factors": FACTORS,
    },
    {
        "node_id": "cellar",
        "refusal": "does not offer haiku",
        "waiting_for": None,
        "score": 0.0,
        "factors": {},
    },
]


class TestMatch:
    def test_every_node_is_shown_with_what_speaks_for_and_against_it(
        self, run: Run, client: FakeClient
    ) -> None:
        client.answers["match"] = CANDIDATES
        result = run("match", "haiku", "--requires", "gpu == 'x'", "--prefers", "2:has(disk)")
        assert result.exit_code == ExitCode.OK
        (asked,) = client.tasks_given
        assert (asked.requirements, asked.preferences) == (["gpu == 'x'"], {"has(disk)": 2.0})
        scores, reasons = result.stdout.split("\n\n")
        attic, kitchen = (line.split() for line in lines(scores)[-2:])
        assert attic == ["attic", "1.125", "1.00", "0.50", "0.90", "1.25", "1.00", "2.00"]
        assert kitchen[0] == "kitchen"
        assert [line.split(maxsplit=1) for line in lines(reasons)[-2:]] == [
            ["kitchen", "is draining"],
            ["cellar", "does not offer haiku"],
        ]

    def test_it_is_no_success_if_none_can(self, run: Run, client: FakeClient) -> None:
        client.answers["match"] = CANDIDATES[-1:]
        assert run("match", "haiku").exit_code == ExitCode.UNSUCCESSFUL

    def test_as_json_it_is_a_list(self, run: Run, client: FakeClient) -> None:
        client.answers["match"] = CANDIDATES
        assert json.loads(run("match", "haiku", "--json").stdout) == CANDIDATES


class TestWeigh:
    def test_weights_are_changed_and_shown(self, run: Run, client: FakeClient) -> None:
        client.answers["weigh"] = {"fit": 1.0, "load": 2.0}
        result = run("weigh", "load=2")
        assert client.asked == [("weigh", (("load", 2.0),))]
        assert [line.split() for line in lines(result.stdout)] == [["fit", "1"], ["load", "2"]]

    def test_what_is_no_number_is_refused(self, run: Run) -> None:
        result = run("weigh", "load=much")
        assert result.exit_code == ExitCode.WRONG_USAGE
        assert "load: a number is required, not 'much'" in result.stderr


@pytest.mark.parametrize(
    ("words", "change", "waiting", "said"),
    [
        (["task", "a", "9"], {"tasks": {"a": 9}}, 1, "a · has priority 9 now"),
        (
            ["task", "a", "9"],
            {"tasks": {"a": 9}},
            0,
            "a · has priority 9 now; it is not waiting, so this counts for its next attempt",
        ),
        (
            ["type", "sum", "2"],
            {"types": {"sum": 2.0}},
            1200,
            "sum · is raised by 2 levels; 1,200 waiting tasks have another place",
        ),
        (
            ["concept", "dragon", "--", "-1.5"],
            {"concepts": {"dragon": -1.5}},
            1,
            "dragon · is lowered by 1.5 levels; 1 waiting task has another place",
        ),
        (
            ["type", "sum", "0"],
            {"types": {"sum": 0.0}},
            2,
            "sum · stands where its tasks say; 2 waiting tasks have another place",
        ),
        (
            ["concept", "dragon", "-3", "--mesh", "home"],
            {"concepts": {"dragon": -3.0}},
            1,
            "dragon · is lowered by 3 levels; 1 waiting task has another place",
        ),
        (
            ["type", "sum", "--", "-.5"],
            {"types": {"sum": -0.5}},
            1,
            "sum · is lowered by 0.5 levels; 1 waiting task has another place",
        ),
        (["requester", "ann", "2"], {"requesters": {"ann": 2.0}}, 0, "ann · has weight 2 now"),
    ],
)
def test_reprioritising(
    run: Run, client: FakeClient, words: list[str], change: dict[str, Any], waiting: int, said: str
) -> None:
    client.answers["reprioritise"] = {"waiting": waiting, "unknown": []}

    result = run("reprioritise", *words)

    assert result.exit_code == 0
    assert client.asked == [("reprioritise", str(change))]
    assert " ".join(result.stdout.split()) == said


def test_reprioritising_what_has_ended(run: Run, client: FakeClient) -> None:
    client.answers["reprioritise"] = {"waiting": 0, "unknown": ["a"]}

    result = run("reprioritise", "task", "a", "9")

    assert result.exit_code == 5
    assert lines(result.stdout) == ["a · has ended, or was never submitted"]


def test_explaining(run: Run, client: FakeClient) -> None:
    answer = {"task_id": "a", "phase": "queued", "sentences": ["waits", "nothing is ahead of it"]}
    client.answers["explain"] = answer

    result = run("explain", "a")

    assert result.exit_code == 0
    assert result.stdout.splitlines() == ["a", "  waits", "  nothing is ahead of it"]
    assert json.loads(run("explain", "a", "--json").stdout) == answer


def test_in_a_terminal_the_rest_of_a_sentence_stands_below_its_beginning(
    run: Run, client: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    sentence = "1 node could do it, and none takes it now: cellar has no room"
    client.answers["explain"] = {"task_id": "a", "phase": "queued", "sentences": [sentence]}
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "40")

    shown = [line.rstrip() for line in run("explain", "a").stdout.splitlines()]

    assert shown[1:] == ["  1 node could do it, and none takes it", "  now: cellar has no room"]
