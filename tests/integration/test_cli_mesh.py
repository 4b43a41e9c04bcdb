"""A mesh of real processes, used through the command line alone."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from cognitive_architecture.cli.outcomes import ExitCode

from .cli_processes import CommandLine, command_line, eventually

pytestmark = pytest.mark.processes

HANDLERS = '''
import asyncio
from pathlib import Path
from cognitive_architecture.distributed_mesh.handlers import handles

@handles("count")
async def count(payload, task):
    """Count to a number, aloud; not before the file is there, if one is named."""
    while "after" in payload and not Path(payload["after"]).exists():
        await asyncio.sleep(0.01)
    for number in range(payload.get("to", 3)):
        task.progress(number / payload.get("to", 3), f"at {number}")
        yield number

@handles("sleep")
async def sleep(payload, task):
    """Sleep until cancelled."""
    await asyncio.sleep(payload.get("seconds", 3600))
    return "awake"
'''


@pytest.fixture(scope="module")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    """An orchestrator, a built-in node and one with handlers of its own."""
    folder = tmp_path_factory.mktemp("mesh")
    (folder / "mine.py").write_text(HANDLERS)
    with command_line(folder) as commands:
        commands.start("up", "--nodes", "1", "--slots", "2").says("node joined")
        commands.start("node", "--handlers", "mine.py", "--id", "mine", "--slots", "4").says(
            "joined home"
        )
        commands.until_nodes("mine", "node-1")
        yield commands


def test_submit_and_wait(mesh: CommandLine) -> None:
    said = mesh.run("submit", "text_processing", "--wait", "-p", '{"text": "Hello, mesh."}')

    assert said.returncode == ExitCode.OK
    assert json.loads(said.stdout)["counts"]["words"] == 2
    assert said.stderr == ""


def test_submit_and_look_later(mesh: CommandLine) -> None:
    task_id = mesh.run("submit", "count", "-p", '{"to": 2}').stdout.strip()

    task = eventually(
        "the task is completed",
        lambda: found if (found := mesh.json("task", task_id))["status"] == "completed" else None,
    )

    assert task["result"] == [0, 1]
    assert task["assigned_node"] == "mine"
    assert task["requester_node"] == "cli"
    assert task_id in mesh.run("tasks", "--type", "count").stdout


def test_follow_streams(mesh: CommandLine) -> None:
    payload = json.dumps({"to": 3, "after": "the_start"})
    following = mesh.start("submit", "count", "--follow", "--json", "-p", payload)
    following.says('"assigned"')

    (mesh.folder / "the_start").touch()

    assert following.ended() == ExitCode.OK
    events = [json.loads(line) for line in following.stdout.splitlines()]
    assert [event["chunk"] for event in events if event["kind"] == "chunk"] == [0, 1, 2]
    assert events[-1]["ending"]["result"] == [0, 1, 2]


def test_many_lines(mesh: CommandLine) -> None:
    lines = "".join(json.dumps({"to": number}) + "\n" for number in range(50))

    said = mesh.run("submit", "count", "--lines", "--wait", "--json", stdin=lines)

    endings = [json.loads(line) for line in said.stdout.splitlines()]
    assert said.returncode == ExitCode.OK
    assert {ending["line"]: len(ending["result"]) for ending in endings} == {
        number + 1: number for number in range(50)
    }


def test_the_same_key_is_the_same_task(mesh: CommandLine) -> None:
    first, second = (
        mesh.run("submit", "count", "--key", "once", "-p", '{"to": 1}').stdout for _ in range(2)
    )

    assert first == second


def test_cancel(mesh: CommandLine) -> None:
    task_id = mesh.run("submit", "sleep").stdout.strip()

    (outcome,) = mesh.json("cancel", task_id)

    assert outcome == {"task_id": task_id, "cancelled": True, "known": True}
    assert mesh.json("task", task_id)["status"] == "cancelled"


def test_exit_codes(mesh: CommandLine) -> None:
    for words, code in {
        ("submit", "text_processing", "--wait", "-p", '{"text": 3}'): ExitCode.UNSUCCESSFUL,
        ("submit", "text_processing", "-p", "no json"): ExitCode.WRONG_USAGE,
        ("submit", "text_processing", "--timeout", "0"): ExitCode.WRONG_USAGE,
        ("submit", "never_heard_of"): ExitCode.REFUSED,
        ("task", "task-0"): ExitCode.NOT_FOUND,
        ("cancel", "task-0"): ExitCode.NOT_FOUND,
        ("drain", "cellar"): ExitCode.NOT_FOUND,
        ("node", "--id", "mine"): ExitCode.TAKEN,
    }.items():
        said = mesh.run(*words, COGMESH_NODE__REJOIN_S="0.2")
        assert said.returncode == code, (words, said)
        assert "Traceback" not in said.stderr


def test_everything_with_json_is_json(mesh: CommandLine) -> None:
    for words in (
        ["status"], ["nodes"], ["tasks"], ["handlers"], ["settings"], ["version"], ["doctor"],
        ["task", "task-0"], ["submit", "never_heard_of"], ["submit", "count", "-p", "{"],
        ["drain", "cellar"], ["cancel", "task-0"], ["fly"],
    ):  # fmt: skip
        mesh.json(*words)


def test_doctor_finds_a_mesh_in_good_health(mesh: CommandLine) -> None:
    said = mesh.json("doctor")

    found = {finding["subject"]: finding for finding in said["findings"]}
    assert said["ok"]
    assert "is where an orchestrator listens" in found["port"]["sentence"]
    assert "keeps its tasks there" in found["data"]["sentence"]
    assert found["mesh"]["level"] == "ok"


def test_a_second_orchestrator_in_the_same_folder_is_told_who_lives_there(
    mesh: CommandLine,
) -> None:
    living = (mesh.folder / ".cogmesh" / "orchestrator.pid").read_text()

    said = mesh.run("up")

    assert said.returncode == ExitCode.TAKEN
    assert f"belongs to a running orchestrator (process {living})" in said.stderr


def test_a_second_orchestrator_at_the_same_port_is_refused(mesh: CommandLine) -> None:
    said = mesh.run("up", "--data", "elsewhere")

    assert said.returncode == ExitCode.TAKEN
    assert f"another process listens at {mesh.endpoint}" in said.stderr


def test_an_address_of_another_machine_cannot_be_listened_at(mesh: CommandLine) -> None:
    said = mesh.run("up", "--memory", "--listen", "tcp/192.0.2.1:7464")

    assert said.returncode == ExitCode.TAKEN
    assert "cannot open the network at tcp/192.0.2.1:7464" in said.stderr


def test_drain_sends_a_node_away_when_it_has_finished(mesh: CommandLine) -> None:
    node = mesh.start("node", "--handlers", "mine.py", "--id", "guest")
    node.says("joined home")

    mesh.run("drain", "guest")

    assert node.ended() == ExitCode.OK
    assert "guest has left" in node.stdout
    mesh.until_nodes("mine", "node-1")


def test_a_node_that_is_asked_to_end_finishes_what_it_has(
    mesh: CommandLine, tmp_path: Path
) -> None:
    (mesh.folder / "slow.py").write_text(HANDLERS.replace('"sleep"', '"nap"'))
    node = mesh.start("node", "--handlers", "slow.py", "--id", "guest")
    node.says("joined home")
    task_id = mesh.run("submit", "nap", "-p", '{"seconds": 1}').stdout.strip()
    eventually(
        "the task runs", lambda: mesh.json("task", task_id)["status"] in ("running", "completed")
    )

    node.popen.send_signal(signal.SIGTERM)

    assert node.ended() == ExitCode.OK
    assert mesh.json("task", task_id)["result"] == "awake"


def test_a_waiting_command_that_is_interrupted_says_that_the_task_goes_on(
    mesh: CommandLine,
) -> None:
    waiting = mesh.start("submit", "sleep", "--wait", "--requester", "patient")
    eventually("the task is in", lambda: mesh.json("tasks", "--requester", "patient"))

    waiting.interrupt()

    assert waiting.ended() == ExitCode.INTERRUPTED
    assert "the task goes on: cogmesh task " in waiting.stderr
    assert "Traceback" not in waiting.stderr


def test_a_task_goes_to_a_node_that_is_as_required_and_that_serves_it(mesh: CommandLine) -> None:
    picky = mesh.start(
        *("node", "--id", "picky", "--handlers", "mine.py", "--attribute", "gpu=rtx3060"),
        *("--label", "zone=cellar", "--rule", "priority >= 3", "--atoms", '(Concept "llama")'),
    )
    picky.says("joined home")
    try:
        wanted = ("--requires", 'gpu.startsWith("rtx")', "--pattern", '(Concept "llama")')
        best, *others = json.loads(mesh.run("match", "count", *wanted, "--json").stdout)
        assert (best["node_id"], best["refusal"]) == ("picky", None)
        refusals = {one["node_id"]: one["refusal"] for one in others}
        assert refusals["mine"].endswith("is not met: there is no gpu")
        said = mesh.run("submit", "count", *wanted, "--wait", "--json")
        assert json.loads(said.stdout)["node_id"] == "picky"
        said = mesh.run("submit", "count", *wanted, "--priority", "1")
        assert said.returncode != ExitCode.OK
        assert "picky: serves only tasks with priority >= 3" in said.stderr
        said = mesh.run("submit", "count", "--requires", "gpu >")
        assert "requirements: 'gpu >', at its end: a value is expected here" in said.stderr
    finally:
        mesh.run("drain", "picky")


def test_a_node_that_describes_itself_wrongly_is_told_where(mesh: CommandLine) -> None:
    said = mesh.run("node", "--id", "wrong", "--rule", "gpu == 3")

    assert said.returncode != ExitCode.OK
    assert "rule 1: a task has no gpu; it has capabilities, priority, requester" in said.stderr


def test_what_counts_may_be_changed_while_the_mesh_runs(mesh: CommandLine) -> None:
    assert json.loads(mesh.run("weigh", "load=2", "--json").stdout)["load"] == 2.0
    assert json.loads(mesh.run("weigh", "--json").stdout)["load"] == 2.0
    assert mesh.run("weigh", "load=1").returncode == ExitCode.OK
    assert "loud: no such weight" in mesh.run("weigh", "loud=1").stderr
