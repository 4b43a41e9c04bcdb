from __future__ import annotations

import json
import subprocess
import sys

import pytest

from cognitive_architecture.cli.outcomes import ExitCode
from cognitive_architecture.distributed_mesh.messages import PROTOCOL_VERSION

from .conftest import Run

COMMANDS = [
    "up", "node", "submit", "task", "tasks", "cancel", "status", "nodes", "handlers", "drain",
    "doctor", "simulate", "settings", "version", "explain", "reprioritise", "match", "weigh",
    "failures", "replay",
]  # fmt: skip
GROUPS = {
    "atoms": ["add", "query", "show", "remove", "stats", "dismiss"],
    "attention": ["show", "stimulate", "plot"],
}


@pytest.mark.parametrize("words", [["--help"], ["-h"], []])
def test_help_names_every_command_and_every_exit_code(run: Run, words: list[str]) -> None:
    result = run(*words)

    assert result.exit_code == 0
    for command in [*COMMANDS, *GROUPS]:
        assert f" {command} " in result.stdout
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    for code in ExitCode:
        assert f"{code.value} {code.meaning}" in lines


IN_GROUPS = [f"{group} {command}" for group, commands in GROUPS.items() for command in commands]


@pytest.mark.parametrize("command", COMMANDS + IN_GROUPS)
def test_every_command_explains_itself(run: Run, command: str) -> None:
    result = run(*command.split(), "--help")

    assert result.exit_code == 0
    assert f"Usage: cogmesh {command}" in result.stdout
    assert "--json" in result.stdout
    assert "--as-child" not in result.stdout


def test_asking_for_help_loads_nothing_of_the_mesh() -> None:
    program = (
        "import sys, cognitive_architecture.cli.app; "
        "print([name for name in ('zenoh', 'sqlalchemy', 'pydantic', 'structlog', 'asyncpg', "
        "'psutil', 'prometheus_client', 'alembic') if name in sys.modules])"
    )

    said = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)

    assert said.stdout.decode().strip() == "[]"


def test_a_node_loads_nothing_that_only_orchestrators_and_clients_need() -> None:
    mesh = "cognitive_architecture.distributed_mesh"
    program = (
        "import sys; from cognitive_architecture.cli.commands import node; "
        "from cognitive_architecture.composition import network_node; "
        "print([name for name in ('sqlalchemy', 'numpy', 'cognitive_architecture.capabilities', "
        f"'{mesh}.client.client', '{mesh}.machines.dispatch', '{mesh}.orchestrator') "
        "if name in sys.modules])"
    )

    said = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)

    assert said.stdout.decode().strip() == "[]"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["fly"], "no such command 'fly'"),
        (["task"], "missing argument 'ID'"),
        (["status", "--colour"], "no such option: --colour"),
        (["tasks", "--limit", "0"], "--limit"),
        (["tasks", "--status", "lost"], "--status"),
    ],
)
def test_wrong_words_are_answered_with_a_sentence(
    run: Run, words: list[str], sentence: str
) -> None:
    result = run(*words)

    assert result.exit_code == ExitCode.WRONG_USAGE
    assert result.stdout == ""
    assert result.stderr.startswith("cogmesh: ")
    assert sentence in result.stderr
    assert "--help" in result.stderr


def test_wrong_words_are_answered_in_json_where_json_was_asked_for(run: Run) -> None:
    result = run("task", "--json")

    assert result.exit_code == ExitCode.WRONG_USAGE
    assert result.stderr == ""
    assert json.loads(result.stdout)["error"]["code"] == "wrong_usage"


def test_the_version_is_a_flag_and_a_command(run: Run) -> None:
    from cognitive_architecture import __version__

    assert run("--version").stdout == f"cogmesh {__version__}\n"
    assert f"cogmesh {__version__} · protocol {PROTOCOL_VERSION}" in run("version").stdout
    assert json.loads(run("version", "--json").stdout)["cogmesh"] == __version__
