"""However a process of the command line ends, nobody is left behind and nothing is lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cognitive_architecture.cli.outcomes import ExitCode

from .cli_processes import CommandLine, Process, command_line, eventually

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals to send"),
]


@pytest.fixture
def commands(tmp_path: Path) -> Iterator[CommandLine]:
    with command_line(tmp_path) as made:
        yield made


def up_with_nodes(commands: CommandLine) -> Process:
    """An orchestrator with two nodes of its own."""
    process = commands.start("up", "--nodes", "2", "--slots", "1")
    process.children(2)  # the spare comes later
    commands.until_nodes("node-1", "node-2")
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_orchestrator_and_its_nodes(
    commands: CommandLine, number: signal.Signals
) -> None:
    process = up_with_nodes(commands)

    process.popen.send_signal(number)

    assert process.ended() == ExitCode.OK
    process.leaves_nobody_behind()
    assert "Traceback" not in process.stderr
    assert "unexpectedly" not in process.stderr


def test_a_second_signal_does_not_wait_for_running_tasks(commands: CommandLine) -> None:
    process = up_with_nodes(commands)
    rule = "if (n ?a) and (n ?b) and (n ?c) and (n ?d) then (m ?a ?b ?c ?d)"
    endless = {
        "facts": [["n", number] for number in range(200)],
        "rules": [rule],
        "limits": {"facts_max": 1_000_000, "steps_max": 1_000_000_000},
    }
    task_id = commands.run("submit", "reasoning", "-p", json.dumps(endless)).stdout.strip()
    eventually("it runs", lambda: commands.json("task", task_id)["status"] == "running")

    process.interrupt()
    process.says("letting the nodes finish")
    process.interrupt()

    assert process.ended() == ExitCode.INTERRUPTED
    process.leaves_nobody_behind()


def test_nodes_do_not_outlive_an_orchestrator_that_is_killed(commands: CommandLine) -> None:
    process = up_with_nodes(commands)

    process.popen.kill()

    process.ended()
    process.leaves_nobody_behind()


def test_a_node_that_dies_is_reported_and_started_again(commands: CommandLine) -> None:
    process = up_with_nodes(commands)
    victim = process.family[0]

    victim.kill()

    said = process.says("ended unexpectedly with signal SIGKILL")
    assert f"(process {victim.pid})" in said
    assert "it is started again now (1 of at most 5 times within 60 s)" in said
    commands.until_nodes("node-1", "node-2")
    process.children(3)
    process.interrupt()
    assert process.ended() == ExitCode.OK
    process.leaves_nobody_behind()


def test_a_spare_takes_the_place_of_a_node_that_dies(commands: CommandLine) -> None:
    process = up_with_nodes(commands)
    first = {child.pid for child in process.family}
    (spare,) = (child for child in process.children(3) if child.pid not in first)

    process.family[0].kill()

    process.says("it is started again now")
    commands.until_nodes("node-1", "node-2")
    assert spare.pid in {child.pid for child in process.children(3)}
    process.popen.kill()
    process.ended()
    process.leaves_nobody_behind()


def test_a_node_that_dies_too_often_is_left_alone(commands: CommandLine) -> None:
    (commands.folder / "cogmesh.toml").write_text("[supervision]\nrestarts_max = 1\n")
    process = up_with_nodes(commands)
    process.family[0].kill()
    process.says("it is started again now (1 of at most 1 times")
    commands.until_nodes("node-1", "node-2")

    for child in process.children(3):
        child.kill()

    said = process.says("it was started again 1 times within 60 s (supervision.restarts_max)")
    assert "To have it back: cogmesh node --id node-" in said
    assert process.is_alive


def joined(node: Process, times: int) -> list[int]:
    """Wait until processes of a node with ``--json`` have joined so many times; their ids."""
    eventually(f"it has joined {times} times", lambda: node.stdout.count('"pid"') == times)
    return [json.loads(line)["pid"] for line in node.stdout.splitlines()]


def test_a_supervised_node_outlives_its_process(commands: CommandLine) -> None:
    commands.start("up")
    node = commands.start("node", "--id", "steady", "--supervise", "--json")
    (first,) = joined(node, 1)

    os.kill(first, signal.SIGKILL)

    assert joined(node, 2)[1] != first
    node.children(2)  # one works, one is the spare
    node.interrupt()
    assert node.ended() == ExitCode.OK
    node.leaves_nobody_behind()
    assert commands.json("nodes") == []


SAYS_WHO_LOADS_IT = """
import os, pathlib
from cognitive_architecture.distributed_mesh.handlers import handles

with pathlib.Path("loaded").open("a") as loaded:
    loaded.write(f"{os.getpid()}\\n")

@handles("held")
async def held(payload, task):
    return payload
"""


def test_the_spare_of_a_supervised_node_loads_its_handlers_when_it_takes_its_place(
    commands: CommandLine,
) -> None:
    (commands.folder / "costly.py").write_text(SAYS_WHO_LOADS_IT)
    commands.start("up")
    words = ("--supervise", "--handlers", "costly.py", "--json")
    node = commands.start("node", "--id", "steady", *words)
    (first,) = joined(node, 1)
    (spare,) = (child.pid for child in node.children(2) if child.pid != first)

    os.kill(first, signal.SIGKILL)

    assert joined(node, 2) == [first, spare]
    loaded = (commands.folder / "loaded").read_text().split()
    assert [int(pid) for pid in loaded] == [first, spare]
    node.children(2)
    node.interrupt()
    assert node.ended() == ExitCode.OK
    node.leaves_nobody_behind()


def test_a_supervised_node_with_a_broken_handlers_file_is_not_started_again(
    commands: CommandLine,
) -> None:
    (commands.folder / "broken.py").write_text("x = 1\n")

    said = commands.run("node", "--supervise", "--handlers", "broken.py")

    assert said.returncode == ExitCode.WRONG_USAGE
    assert "it is left alone: it would end like that again" in said.stderr
    assert said.stderr.count("broken.py declares no handler") == 1


STUBBORN = """
import asyncio, pathlib, threading
from cognitive_architecture.distributed_mesh.handlers import handles

@handles("deaf")
async def deaf(payload, task):
    while True:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            pass

@handles("blocking")
async def blocking(payload, task):
    threading.Event().wait()

@handles("idle")
async def idle(payload, task):
    begun = pathlib.Path("begun")
    is_first = not begun.exists()
    begun.touch()
    await asyncio.sleep(60 if is_first else 0)
"""


@pytest.mark.parametrize(
    ("task_type", "said"),
    [
        ("deaf", "the handler of 'deaf' has gone on for"),
        ("blocking", "has kept this node's event loop from turning for 0.5 s"),
    ],
)
def test_a_supervised_node_with_a_handler_that_hangs_is_started_again(
    commands: CommandLine, task_type: str, said: str
) -> None:
    # A handler that blocks ends its node again and again until somebody cancels its task.
    settings = "[supervision]\nstuck_s = 0.5\nrestarts_max = 100\npause_max_s = 1.0\n"
    (commands.folder / "cogmesh.toml").write_text(settings)
    (commands.folder / "stubborn.py").write_text(STUBBORN)
    commands.start("up")
    words = ("--supervise", "--handlers", "stubborn.py", "--slots", "2", "--json")
    node = commands.start("node", "--id", "steady", *words)
    node.says('"pid"')
    innocent = commands.run("submit", "idle", "-p", "{}").stdout.strip()
    eventually("it runs", lambda: commands.json("task", innocent)["status"] == "running")

    hung = commands.run("submit", task_type, "-p", "{}", "--attempts", "1").stdout.strip()
    if task_type == "deaf":  # it hangs when it is told to stop; the other one from the beginning
        eventually("it runs", lambda: commands.json("task", hung)["status"] == "running")
    else:
        node.says(said)
    commands.run("cancel", hung)

    node.says(said)
    node.says("it is started again now")
    eventually(
        "the other one is done",
        lambda: commands.json("task", innocent)["status"] == "completed",
    )
    assert commands.json("task", hung)["status"] == "cancelled"


def test_tasks_are_found_again_after_the_orchestrator_was_killed(commands: CommandLine) -> None:
    first = up_with_nodes(commands)
    commands.run("submit", "text_processing", "--wait", "-p", '{"text": "One."}')
    waiting = commands.run("submit", "later", "--wait-for-node").stdout.strip()
    first.popen.kill()
    first.ended()

    second = commands.start("up", "--json")

    second.says('"pid"')
    said = json.loads(second.stdout)
    assert said["open"] == 1
    assert said["ended"] == {"completed": 1}
    assert commands.json("task", waiting)["status"] == "pending"


def test_tasks_in_memory_leave_nothing_on_the_disk(commands: CommandLine) -> None:
    process = commands.start("up", "--memory", "--json")

    process.says('"pid"')
    assert json.loads(process.stdout)["store"] is None
    process.interrupt()

    assert process.ended() == ExitCode.OK
    assert not (commands.folder / ".cogmesh").exists()


def test_a_node_waits_visibly_for_an_orchestrator(commands: CommandLine) -> None:
    node = commands.start("node", "--id", "early")
    node.says(f"no orchestrator of mesh 'home' answers at {commands.endpoint} yet; waiting")

    commands.start("up")

    node.says("early · joined home")
    node.interrupt()
    assert node.ended() == ExitCode.OK


def test_a_node_that_waits_can_be_interrupted(commands: CommandLine) -> None:
    node = commands.start("node", "--id", "early")
    node.says("yet; waiting for one")

    node.interrupt()

    assert node.ended() == ExitCode.OK
    assert "joined" not in node.stdout


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x = 1\ndef f(:\n", "broken.py: line 2: "),
        ("import no_such_module\n", "there is no module 'no_such_module'"),
        ("x = 1\n", "broken.py declares no handler"),
    ],
)
def test_a_broken_handlers_file_ends_the_node_with_a_sentence(
    commands: CommandLine, text: str, sentence: str
) -> None:
    (commands.folder / "broken.py").write_text(text)

    said = commands.run("node", "--handlers", "broken.py")

    assert said.returncode == ExitCode.WRONG_USAGE
    assert sentence in said.stderr
    assert "Traceback" not in said.stderr


def test_without_a_mesh_a_question_ends_with_what_to_do(commands: CommandLine) -> None:
    said = commands.run("status", COGMESH_MESH__CONNECT_TIMEOUT_S="0.3")

    assert said.returncode == ExitCode.UNREACHABLE
    assert "start one with 'cogmesh up'" in said.stderr


def test_a_reader_that_has_seen_enough_is_no_error(commands: CommandLine) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-m", "cognitive_architecture.cli", "settings", "--example"],
        env=commands.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with writer:
        assert writer.stdout is not None
        assert writer.stderr is not None
        writer.stdout.close()
        assert writer.stderr.read() == b""
    assert writer.returncode == ExitCode.OK


def test_the_log_is_json_where_the_settings_say_so(commands: CommandLine) -> None:
    (commands.folder / "cogmesh.toml").write_text("[log]\nas_json = true\n")
    process = up_with_nodes(commands)

    process.interrupt()
    process.ended()

    events = [json.loads(line) for line in process.stderr.splitlines() if line.startswith("{")]
    assert {event["event"] for event in events} >= {"node_joined"}
    assert all({"at", "level", "event"} <= set(event) for event in events)
