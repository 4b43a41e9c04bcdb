"""Real ``cogmesh`` processes for tests: started on a free port, watched with a deadline."""

from __future__ import annotations

import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import psutil

from cognitive_architecture.foundation.world import RealClock

T = TypeVar("T")

DEADLINE_S = 40.0
"""Nothing may take longer, however busy the machine is; reaching it is a failure."""

_clock = RealClock()


_PORTS: Final = range(10_000, 32_000)
"""Below those that a system gives to outgoing connections: such a one may be free when a test asks
for it, and somebody's by the time its orchestrator listens."""

# Test processes that run at the same time begin at different places.
_turned: Final = os.getpid() * 499 % len(_PORTS)
_ports: Final = itertools.cycle([*_PORTS[_turned:], *_PORTS[:_turned]])


def free_endpoint() -> str:
    """An endpoint at which nobody listens, and no other test of this process will."""
    for port in _ports:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return f"tcp/127.0.0.1:{port}"
    raise AssertionError("a cycle does not end")


def eventually(what: str, condition: Callable[[], T | None], *, within_s: float = DEADLINE_S) -> T:
    """What the condition gives, as soon as it gives something true."""
    pause = threading.Event()
    deadline = _clock.now() + within_s
    while _clock.now() < deadline:
        if found := condition():
            return found
        pause.wait(0.02)
    raise AssertionError(f"after {within_s:g} s still not: {what}")


class Process:
    """A running ``cogmesh`` whose output goes to files."""

    def __init__(self, folder: Path, environment: dict[str, str], words: list[str]) -> None:
        output = Path(tempfile.mkdtemp(prefix="output-", dir=folder))
        self._out, self._err = output / "stdout", output / "stderr"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.popen = subprocess.Popen(
                [sys.executable, "-m", "cognitive_architecture.cli", *words],
                cwd=folder,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        self.family: list[psutil.Process] = []

    @property
    def stdout(self) -> str:
        return self._out.read_text()

    @property
    def stderr(self) -> str:
        return self._err.read_text()

    def says(self, words: str) -> str:
        """Wait until ``words`` were printed anywhere; everything printed so far."""

        def said() -> str | None:
            text = self.stdout + self.stderr
            if words not in text and self.popen.poll() is not None:
                raise AssertionError(f"it ended without {words!r}, and said: {text}")
            return text if words in text else None

        return eventually(f"{words!r} was printed", said)

    def children(self, count: int) -> list[psutil.Process]:
        """Wait for so many child processes; they are remembered."""
        parent = psutil.Process(self.popen.pid)
        eventually(f"{count} children", lambda: len(parent.children()) == count)
        self.family = parent.children()
        return self.family

    def interrupt(self) -> None:
        """Ctrl-C."""
        self.popen.send_signal(signal.SIGINT)

    def ended(self) -> int:
        """Wait for the end; its exit code."""
        return self.popen.wait(DEADLINE_S)

    def leaves_nobody_behind(self) -> None:
        """Wait until no child that was remembered is alive."""
        eventually(
            "all children are gone",
            lambda: not [child for child in self.family if _is_alive(child)],
        )

    def clean_up(self) -> None:
        """Leave nothing, whatever a test did."""
        if self.is_alive:
            self.popen.kill()
        for process in self.family:
            if _is_alive(process):
                process.kill()
        self.popen.wait(DEADLINE_S)
        if self.popen.stdin is not None:
            self.popen.stdin.close()

    @property
    def is_alive(self) -> bool:
        return self.popen.poll() is None


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


class CommandLine:
    """Runs commands in a folder of their own, against a mesh of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.endpoint = free_endpoint()
        outside = {
            name: value for name, value in os.environ.items() if not name.startswith("COGMESH")
        }
        self.environment = outside | {
            "COGMESH_MESH__CONNECT": self.endpoint,
            "COGMESH_MESH__LISTEN": self.endpoint,
            "HOME": str(folder / "home"),
            "XDG_CONFIG_HOME": str(folder / "home"),
        }
        self._processes: list[Process] = []

    def start(self, *words: str) -> Process:
        """A command that keeps running."""
        process = Process(self.folder, self.environment, list(words))
        self._processes.append(process)
        return process

    def run(
        self, *words: str, stdin: str = "", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """A command that ends."""
        return subprocess.run(
            [sys.executable, "-m", "cognitive_architecture.cli", *words],
            cwd=self.folder,
            env=self.environment | variables,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )

    def json(self, *words: str, stdin: str = "") -> Any:
        """What a command says with ``--json``; it may say nothing else."""
        said = self.run(*words, "--json", stdin=stdin)
        assert said.stderr == "", said.stderr
        return json.loads(said.stdout)

    def until_nodes(self, *names: str) -> None:
        """Wait until exactly these nodes are active."""
        eventually(
            f"the nodes are {names}",
            lambda: (
                sorted(node["node_id"] for node in self.json("nodes") if node["status"] == "active")
                == sorted(names)
            ),
        )

    def clean_up(self) -> None:
        """End everything that was started."""
        for process in self._processes:
            process.clean_up()


@contextmanager
def command_line(folder: Path) -> Iterator[CommandLine]:
    """A command line that leaves no process behind."""
    commands = CommandLine(folder)
    try:
        yield commands
    finally:
        commands.clean_up()
