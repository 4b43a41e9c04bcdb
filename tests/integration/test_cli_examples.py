"""What the README shows works as it is shown."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from cognitive_architecture.cli.outcomes import ExitCode

from .cli_processes import CommandLine, command_line, free_endpoint

pytestmark = pytest.mark.processes

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def commands(tmp_path: Path) -> Iterator[CommandLine]:
    with command_line(tmp_path) as made:
        yield made


def first_run(commands: CommandLine) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(EXAMPLES / "first_run.py"), "--once"],
        cwd=commands.folder,
        env=commands.environment | {"COLUMNS": "120"},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def test_the_first_run_reads_the_story_and_a_second_one_finds_its_tasks(
    commands: CommandLine,
) -> None:
    said = first_run(commands)

    assert said.returncode == 0, said.stdout + said.stderr
    assert "a new mesh" in said.stdout
    assert "Abel Skeat & Ewart Pym" in said.stdout
    lines = [line.split() for line in said.stdout.splitlines()]
    (total,) = [line for line in lines if line[:1] == ["all"]]
    assert total[1:3] == ["570", "0"]
    assert sum(int(count) for count in total[5:]) == 570
    assert not [process for process in psutil.process_iter() if _works_in(process, commands.folder)]

    again = first_run(commands)

    assert again.returncode == 0
    assert "found again from before: 570 ended tasks" in again.stdout


def test_the_first_run_says_why_it_cannot_start(commands: CommandLine) -> None:
    commands.start("up", "--memory", "--json").says('"pid"')

    said = first_run(commands)

    assert said.returncode == ExitCode.TAKEN
    assert f"another process listens at {commands.endpoint}" in said.stderr


def _works_in(process: psutil.Process, folder: Path) -> bool:
    try:
        return process.cwd() == str(folder)
    except psutil.Error:
        return False


def test_the_handlers_of_the_tour(commands: CommandLine) -> None:
    file = str(EXAMPLES / "my_handlers.py")
    commands.start("up", "--memory").says("ready")
    commands.start("node", "--handlers", file, "--id", "mine").says("joined home")

    counted = commands.run("submit", "word_count", "--wait", "-p", '{"text": "one two two"}')
    streamed = commands.run("submit", "haiku", "--follow", "-p", '{"about": "rain"}')
    sieved = commands.run("submit", "primes", "--wait", "-p", '{"below": 100000}')
    refused = commands.json("submit", "word_count", "--wait")

    assert json.loads(counted.stdout)["words"] == 3
    assert streamed.stdout == (
        "so much rain tonight\neach node hears it, none alone\na task finds its end\n"
    )
    assert json.loads(sieved.stdout) == {"below": 100000, "primes": 9592}
    assert "text: a string is required, not None" in refused["error"]["message"]


def test_every_test_has_a_port_of_its_own() -> None:
    assert free_endpoint() != free_endpoint()
