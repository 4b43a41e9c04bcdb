"""Node processes that are started here and looked after: a node that dies is started again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from cognitive_architecture.distributed_mesh.machines.supervision import (
    GiveUp,
    Restart,
    Supervision,
)
from cognitive_architecture.foundation.world import Clock

from .outcomes import ExitCode

if TYPE_CHECKING:
    from cognitive_architecture.foundation.settings import SupervisionSettings

_KILL_AFTER_S: Final = 5.0
"""A node gives up by itself after ``node.drain_timeout_s``; so much later it is ended by force."""

_SPARE_AFTER_S: Final = 2.0

_APART: Final[dict[str, Any]] = (
    {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    if sys.platform == "win32"
    else {"start_new_session": True}
)
"""Ctrl-C at the terminal reaches the parent alone, and the parent decides what its nodes do."""

_HOPELESS: Final = frozenset({ExitCode.WRONG_USAGE})
"""Exit codes after which a node would only end like that again."""


class ChildNodes:
    """Some node processes, and a spare.

    A node ends when its standard input is closed, so none outlives its parent, whatever happens
    to that; and it works on every system. The spare has loaded what all nodes load, which takes
    the better part of a second, but no handlers of a user's own, for their modules may hold a GPU.
    It waits for a name, and takes the place of one that died.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        settings: SupervisionSettings,
        clock: Clock,
        drain_timeout_s: float,
        report: Callable[[str], None],
    ) -> None:
        """Prepare.

        Args:
            arguments: Of ``cogmesh node``, for every one of them.
            settings: How often one that died is started again.
            clock: Counts the restarts within the period.
            drain_timeout_s: How long a node may finish what it has.
            report: Told in a sentence when one ends that should not.
        """
        self._has_spare = settings.restarts_max > 0
        self._spare: asyncio.subprocess.Process | None = None
        self._spare_words: list[str] | None = None
        """The further arguments it was given, and takes the place of nodes of the same."""
        self._preparing: asyncio.Task[None] | None = None
        self._arguments = list(arguments)
        self._settings = settings
        self._clock = clock
        self._patience_s = drain_timeout_s + _KILL_AFTER_S
        self._report = report
        self._more: dict[str, list[str]] = {}
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._watchers: dict[str, asyncio.Task[ExitCode]] = {}
        self._stopping = asyncio.Event()

    async def start(self, names: Iterable[str], more: Sequence[str] = ()) -> None:
        """Start a node of each name, and look after it from now on.

        Args:
            names: Their ids.
            more: Further arguments of these; ``{name}`` in one of them stands for the id.
        """
        for name in names:
            self._more[name] = [word.replace("{name}", name) for word in more]
            process = await self._spawn(name)
            self._watchers[name] = asyncio.create_task(self._look_after(name, process))
            self._spare_words = None if any("{name}" in word for word in more) else list(more)
        self._prepare_spare()

    async def _spawn(self, name: str) -> asyncio.subprocess.Process:
        if self._spare is not None and self._spare.returncode is not None:
            self._spare = None  # it died before it was needed
        spare = self._spare if self._more[name] == self._spare_words else None
        if spare is not None and spare.stdin is not None:
            self._spare = None
            spare.stdin.write(f"{name}\n".encode())
            process = spare
        else:
            process = await self._execute("--id", name, *self._more[name])
        self._processes[name] = process
        if self._stopping.is_set():  # while it was being started
            _ask_to_end(process)
        return process

    async def _execute(self, *words: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "cognitive_architecture.cli", "node", "--as-child", *words),
            *self._arguments,
            stdin=subprocess.PIPE,
            **_APART,
        )

    def _prepare_spare(self) -> None:
        if self._has_spare and self._spare is None and self._spare_words is not None:
            self._preparing = asyncio.create_task(self._make_spare())

    async def _make_spare(self) -> None:
        # Not before those that have work to do are up: loading takes a core.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), _SPARE_AFTER_S)
        if not self._stopping.is_set() and self._spare is None:
            self._spare = await self._execute("--standby", *(self._spare_words or ()))
            if self._stopping.is_set():
                _ask_to_end(self._spare)

    async def _look_after(self, name: str, process: asyncio.subprocess.Process) -> ExitCode:
        """Start it again whenever it dies, until that is asked too much; how it came to an end."""
        history = Supervision(self._settings)
        while True:
            code = await process.wait()
            del self._processes[name]
            if self._stopping.is_set():
                return ExitCode.OK
            if code == ExitCode.OK:
                self._report(f"{name} has left the mesh, as it was asked to")
                return ExitCode.OK
            decision = history.died(self._clock.now(), is_hopeless=code in _HOPELESS)
            self._report(
                f"{name} (process {process.pid}) ended unexpectedly with {exit_in_words(code)}; "
                f"its tasks go to other nodes; {self._in_words(name, decision)}"
            )
            if isinstance(decision, GiveUp):
                return ExitCode(code) if code in _HOPELESS else ExitCode.GIVEN_UP
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), decision.pause_s)
            if self._stopping.is_set():
                return ExitCode.OK
            process = await self._spawn(name)
            self._prepare_spare()

    def _in_words(self, name: str, decision: Restart | GiveUp) -> str:
        if isinstance(decision, GiveUp):
            return (
                f"it is left alone: {decision.reason}. To have it back: cogmesh node --id {name} "
                f"{' '.join([*self._arguments, *self._more[name]])}"
            )
        when = f"in {decision.pause_s:g} s" if decision.pause_s else "now"
        limits = self._settings
        return (
            f"it is started again {when} ({decision.number} of at most {limits.restarts_max} times "
            f"within {limits.period_s:g} s)"
        )

    async def until_over(self) -> ExitCode:
        """Return when none is left; how the first of them ended that did not end well."""
        codes = await asyncio.gather(*self._watchers.values())
        return next((code for code in codes if code), ExitCode.OK)

    async def stop(self) -> None:
        """Let all finish what they have; those that take too long are ended."""
        self._stopping.set()
        for process in self._everybody():
            _ask_to_end(process)
        if self._watchers:
            _, late = await asyncio.wait(self._watchers.values(), timeout=self._patience_s)
            if late:
                await self.kill()

    async def kill(self) -> None:
        """End all that still run, now."""
        self._stopping.set()
        for process in self._everybody():
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        if self._watchers:
            await asyncio.wait(self._watchers.values())
        if self._preparing is not None:
            await asyncio.wait([self._preparing])
        if self._spare is not None:
            with contextlib.suppress(ProcessLookupError):
                self._spare.kill()
            await self._spare.wait()

    def _everybody(self) -> list[asyncio.subprocess.Process]:
        spare = [self._spare] if self._spare is not None else []
        return [*self._processes.values(), *spare]


def _ask_to_end(process: asyncio.subprocess.Process) -> None:
    if process.stdin is not None:
        process.stdin.close()


def name_from_parent() -> str | None:
    """What a spare is to be called, in the process of the spare; it waits until it is needed.

    Returns:
        ``None`` if the parent is gone, or has no use for it.
    """
    name = b""
    while not name.endswith(b"\n"):
        read = os.read(0, 1)
        if not read:
            return None
        name += read
    return name.decode().strip()


def exit_in_words(code: int) -> str:
    """What an exit code means."""
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"signal {signal.Signals(-code).name}"
    with contextlib.suppress(ValueError):
        return f"exit code {code} ({ExitCode(code).meaning})"
    return f"exit code {code}"
