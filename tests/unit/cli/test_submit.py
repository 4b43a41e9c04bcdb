from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cognitive_architecture.cli.outcomes import ExitCode
from cognitive_architecture.distributed_mesh.model import TaskEvent, TaskEventKind
from cognitive_architecture.foundation.errors import QueueFull, UnknownCapability

from .conftest import FakeClient, Run, an_ending


def happened(kind: TaskEventKind, **more: Any) -> TaskEvent:
    chunk = more.pop("chunk", None)
    return TaskEvent(
        "task-1", kind, chunk=None if chunk is None else msgspec.msgpack.encode(chunk), **more
    )


def test_the_id_is_printed_and_nothing_else(run: Run, client: FakeClient) -> None:
    result = run("submit", "haiku", "-p", '{"about": "rain"}')

    assert result.exit_code == ExitCode.OK
    assert result.stdout == "task-1\n"
    assert result.stderr == ""
    (task,) = client.tasks_given
    assert task.task_type == "haiku"
    assert task.payload == {"about": "rain"}


def test_the_id_for_programs(run: Run, client: FakeClient) -> None:
    assert json.loads(run("submit", "haiku", "--json").stdout) == {"task_id": "task-1"}


def test_every_flag_reaches_the_task(run: Run, client: FakeClient) -> None:
    run(
        *("submit", "haiku", "--priority", "9", "--timeout", "2.5", "--attempts", "7"),
        *("--needs", "gpu", "--needs", "verse", "--key", "k", "--wait-for-node"),
        *("--requester", "me", "--deadline", "60", "--latency-target", "1.5", "--cost", "0.2"),
        *("--concept", "dragon", "--concept", "storm", "--resumable"),
    )

    (task,) = client.tasks_given
    assert task.priority == 9
    assert task.timeout == 2.5
    assert task.max_attempts == 7
    assert task.required_capabilities == {"gpu", "verse"}
    assert task.idempotency_key == "k"
    assert task.wait_for_node
    assert (task.deadline_s, task.latency_target_s, task.cost_s) == (60.0, 1.5, 0.2)
    assert task.concepts == {"dragon", "storm"}
    assert task.resumable
    assert client.requester == "me"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--priority", "11"], "--priority"),
        (["--wait", "--follow"], "--wait and --follow"),
        (["--lines", "--follow"], "--lines and --follow"),
        (["--lines", "-p", "-"], "--payload - and --lines"),
        (["-p", "rain"], "--payload: this is no JSON"),
    ],
)
def test_what_makes_no_sense_is_refused(
    run: Run, client: FakeClient, words: list[str], sentence: str
) -> None:
    result = run("submit", "haiku", *words)

    assert result.exit_code == ExitCode.WRONG_USAGE
    assert sentence in result.stderr
    assert client.tasks_given == []


def test_a_refusal_is_a_sentence(run: Run, client: FakeClient) -> None:
    client.answers["submit"] = UnknownCapability("no node has ever offered 'haiku'")

    result = run("submit", "haiku")

    assert result.exit_code == ExitCode.REFUSED
    assert result.stderr == "cogmesh: no node has ever offered 'haiku'\n"


# -- waiting ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "printed"),
    [("so much rain", "so much rain\n"), ({"words": 3}, '{"words": 3}\n'), (None, "null\n")],
)
def test_waiting_prints_the_result(
    run: Run, client: FakeClient, value: object, printed: str
) -> None:
    client.endings["task-1"] = an_ending(result=value)

    assert run("submit", "haiku", "--wait").stdout == printed


def test_waiting_for_programs(run: Run, client: FakeClient) -> None:
    client.endings["task-1"] = an_ending(result="so much rain")

    assert json.loads(run("submit", "haiku", "--wait", "--json").stdout) == {
        "task_id": "task-1",
        "status": "completed",
        "result": "so much rain",
        "reason": None,
        "node_id": "kitchen",
        "attempt": 1,
        "started_at": 1_700_000_000.0,
        "ended_at": 1_700_000_002.5,
    }


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_a_task_without_success_ends_the_command_so(
    run: Run, client: FakeClient, status: str
) -> None:
    client.endings["task-1"] = an_ending(status=status, reason="no rhyme")

    result = run("submit", "haiku", "--wait")

    assert result.exit_code == ExitCode.UNSUCCESSFUL
    assert result.stdout == ""
    assert result.stderr == "cogmesh: task task-1: no rhyme\n"


def test_a_task_without_success_for_programs(run: Run, client: FakeClient) -> None:
    client.endings["task-1"] = an_ending(status="failed", reason="no rhyme")

    result = run("submit", "haiku", "--wait", "--json")

    assert result.exit_code == ExitCode.UNSUCCESSFUL
    assert json.loads(result.stdout)["error"] == {
        "code": "task_failed",
        "message": "task task-1: no rhyme",
        "retryable": False,
        "details": {"task_id": "task-1", "reason": "no rhyme"},
    }


# -- following -------------------------------------------------------------------------------------


STREAMED = [
    happened(TaskEventKind.QUEUED),
    happened(TaskEventKind.ASSIGNED, attempt=1, node_id="attic"),
    happened(TaskEventKind.CHUNK, attempt=1, index=0, chunk="so "),
    happened(TaskEventKind.RETRYING, attempt=1, note="its link is gone"),
    happened(TaskEventKind.ASSIGNED, attempt=2, node_id="kitchen"),
    happened(TaskEventKind.PROGRESS, attempt=2, fraction=0.5, note="half"),
    happened(TaskEventKind.CHUNK, attempt=2, index=0, chunk="so much "),
    happened(TaskEventKind.CHUNK, attempt=2, index=1, chunk="rain"),
    happened(TaskEventKind.ENDED, ending=an_ending(result=["so much ", "rain"])),
]


def test_following_shows_streamed_text_as_it_comes(run: Run, client: FakeClient) -> None:
    client.happenings = STREAMED

    result = run("submit", "haiku", "--follow")

    assert result.exit_code == ExitCode.OK
    assert result.stdout == "so \nso much rain\n"
    assert result.stderr.splitlines() == [
        "task-1 is submitted",
        "waits for a free slot",
        "runs on attic",
        "will be tried again: its link is gone",
        "runs on kitchen, attempt 2",
        " 50% half",
        "completed on kitchen after 2.5 s",
    ]


def test_following_prints_a_result_that_was_not_streamed(run: Run, client: FakeClient) -> None:
    client.happenings = [happened(TaskEventKind.ENDED, ending=an_ending(result={"words": 3}))]

    assert run("submit", "haiku", "--follow").stdout == '{"words": 3}\n'


def test_streamed_values_that_are_no_text_are_lines_of_json(run: Run, client: FakeClient) -> None:
    client.happenings = [
        happened(TaskEventKind.CHUNK, attempt=1, index=0, chunk={"n": 1}),
        happened(TaskEventKind.ENDED, ending=an_ending(result=[{"n": 1}])),
    ]

    assert run("submit", "haiku", "--follow").stdout == '{"n": 1}\n'


def test_following_to_a_bad_end(run: Run, client: FakeClient) -> None:
    client.happenings = [
        happened(TaskEventKind.BLOCKED, note="kitchen does not offer haiku"),
        happened(TaskEventKind.ENDED, ending=an_ending(status="failed", reason="no rhyme")),
    ]

    result = run("submit", "haiku", "--follow")

    assert result.exit_code == ExitCode.UNSUCCESSFUL
    assert "waits for a node that can do it: kitchen does not offer haiku" in result.stderr
    assert result.stderr.endswith("cogmesh: task task-1: no rhyme\n")


def test_following_for_programs_is_an_object_a_line(run: Run, client: FakeClient) -> None:
    client.happenings = STREAMED

    result = run("submit", "haiku", "--follow", "--json")

    said = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.stderr == ""
    assert [event["kind"] for event in said] == [str(event.kind) for event in STREAMED]
    assert [event["chunk"] for event in said if event["chunk"]] == ["so ", "so much ", "rain"]
    assert said[-1]["ending"]["result"] == ["so much ", "rain"]
    assert all(set(event) == set(said[0]) for event in said)


# -- many ------------------------------------------------------------------------------------------


def test_every_line_is_a_task(run: Run, client: FakeClient) -> None:
    result = run(
        *("submit", "haiku", "--lines", "-p", '{"lines": 3}', "--key", "k"),
        stdin='{"about": "rain"}\n\n{"about": "snow", "lines": 5}\n',
    )

    assert result.stdout == "task-1\ntask-2\n"
    assert result.stderr == "2 tasks submitted\n"
    assert [task.payload for task in client.tasks_given] == [
        {"about": "rain", "lines": 3},
        {"about": "snow", "lines": 5},
    ]
    assert [task.idempotency_key for task in client.tasks_given] == ["k:1", "k:3"]


def test_every_line_of_text_is_a_task(run: Run, client: FakeClient) -> None:
    Path("story.txt").write_text("one\ntwo\n")

    result = run("submit", "haiku", "--lines", "--file", "story.txt", "--text-field", "text")

    assert result.exit_code == ExitCode.OK
    assert [task.payload for task in client.tasks_given] == [{"text": "one"}, {"text": "two"}]


def test_ids_of_many_for_programs(run: Run, client: FakeClient) -> None:
    result = run("submit", "haiku", "--lines", "--json", stdin="{}\n\n{}\n")

    assert result.stderr == ""
    assert [json.loads(line) for line in result.stdout.splitlines()] == [
        {"line": 1, "task_id": "task-1"},
        {"line": 3, "task_id": "task-2"},
    ]


def test_waiting_for_many_prints_each_ending(run: Run, client: FakeClient) -> None:
    client.endings = {
        "task-1": an_ending("task-1", result=1),
        "task-2": an_ending("task-2", status="failed", reason="no rhyme"),
    }

    result = run("submit", "haiku", "--lines", "--wait", stdin="{}\n{}\n")

    said = {(line := json.loads(text))["line"]: line for text in result.stdout.splitlines()}
    assert result.exit_code == ExitCode.UNSUCCESSFUL
    assert said[1]["result"] == 1
    assert said[2]["reason"] == "no rhyme"
    assert result.stderr == "2 tasks submitted, 1 completed, 1 without success\n"


def test_a_wrong_line_says_how_much_is_in(
    run: Run, client: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cognitive_architecture.cli.submitting_lines._PORTION", 2)

    result = run("submit", "haiku", "--lines", stdin="{}\n{}\n{}\nrain\n")

    assert result.exit_code == ExitCode.WRONG_USAGE
    assert result.stdout == "task-1\ntask-2\n"
    first, second = result.stderr.splitlines()
    assert first.startswith("cogmesh: standard input, line 4: this is no JSON")
    assert second == "cogmesh: 2 tasks of the lines before are in"


def test_a_refusal_of_many(run: Run, client: FakeClient) -> None:
    client.answers["submit"] = QueueFull("the queue is full", 1.0)

    result = run("submit", "haiku", "--lines", stdin="{}\n")

    assert result.exit_code == ExitCode.REFUSED
    assert result.stderr == "cogmesh: the queue is full; come back in 1 s\n"
