"""Python modules of these tests as processes that can be paused and killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.integration.cli_processes import DEADLINE_S

ROOT = Path(__file__).parents[2]


class Child:
    """A running process; its lines are read from ``stdout``."""

    def __init__(self, *words: str) -> None:
        self._popen = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)

    @property
    def pid(self) -> int:
        return self._popen.pid

    def line(self) -> str:
        """The next line it says; empty when it has ended."""
        assert self._popen.stdout is not None
        return self._popen.stdout.readline().strip()

    def rest(self) -> list[str]:
        """What an ended process said and nobody has read; a line cut in half is left out."""
        assert self._popen.stdout is not None
        text = self._popen.stdout.read()
        return text[: text.rfind("\n") + 1].splitlines()

    def pause(self) -> None:
        self._popen.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._popen.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self._popen.kill()
        self._popen.wait(DEADLINE_S)

    def ended(self) -> int:
        return self._popen.wait(DEADLINE_S)

    def clean_up(self) -> None:
        self.kill()
        assert self._popen.stdout is not None
        self._popen.stdout.close()


@contextmanager
def child(module: str, *words: str) -> Iterator[Child]:
    """``python -m module words``, which is gone in the end."""
    process = Child(sys.executable, "-m", module, *words)
    try:
        yield process
    finally:
        process.clean_up()
