"""The node processes that ``cogmesh up --nodes N`` starts and looks after."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final

from .outcomes import ExitCode

_KILL_AFTER_S: Final = 5.0
"""A node gives up by itself after ``node.drain_timeout_s``; so much later it is ended by force."""

_APART: Final[dict[str, Any]] = (
    {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    if sys.platform == "win32"
    else {"start_new_session": True}
)
"""Ctrl-C at the terminal reaches the parent alone, and the parent decides what its nodes do."""


class ChildNodes:
    """Some node processes.

    A node ends when its standard input is closed, so none outlives its parent, whatever happens
    to that.
    """

    def __init__(
        self, arguments: Sequence[str], *, drain_timeout_s: float, report: Callable[[str], None]
    ) -> None:
        """Prepare.

        Args:
            arguments: Of ``cogmesh node``, for every one of them.
            drain_timeout_s: How long a node may finish what it has.
            report: Told in a sentence when one ends that should not.
        """
        self._arguments = list(arguments)
        self._patience_s = drain_timeout_s + _KILL_AFTER_S
        self._report = report
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._watchers: list[asyncio.Task[None]] = []
        self._is_stopping = False

    async def start(self, count: int) -> None:
        """Start ``node-1`` to ``node-count``."""
        for number in range(1, count + 1):
            name = f"node-{number}"
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "cognitive_architecture.cli", "node", "--id", name, "--as-child"),
                *self._arguments,
                stdin=subprocess.PIPE,
                **_APART,
            )
            self._processes[name] = process
            self._watchers.append(asyncio.create_task(self._watch(name, process)))

    async def _watch(self, name: str, process: asyncio.subprocess.Process) -> None:
        code = await process.wait()
        del self._processes[name]
        if self._is_stopping:
            return
        if code == ExitCode.OK:
            self._report(f"{name} has left the mesh, as it was asked to")
            return
        self._report(
            f"{name} (process {process.pid}) ended unexpectedly with {exit_in_words(code)}; "
            "its tasks go to other nodes. To have it back: cogmesh node --id "
            f"{name} {' '.join(self._arguments)}"
        )

    async def stop(self) -> None:
        """Let all finish what they have; those that take too long are ended."""
        self._is_stopping = True
        for process in self._processes.values():
            if process.stdin is not None:
                process.stdin.close()
        if self._watchers:
            _, late = await asyncio.wait(self._watchers, timeout=self._patience_s)
            if late:
                await self.kill()

    async def kill(self) -> None:
        """End all that still run, now."""
        self._is_stopping = True
        for process in list(self._processes.values()):
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        if self._watchers:
            await asyncio.wait(self._watchers)


def exit_in_words(code: int) -> str:
    """What an exit code means."""
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"signal {signal.Signals(-code).name}"
    with contextlib.suppress(ValueError):
        return f"exit code {code} ({ExitCode(code).meaning})"
    return f"exit code {code}"
