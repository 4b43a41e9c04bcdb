"""How a bug comes into a program that runs, and out of it again."""

from __future__ import annotations

import importlib
import inspect
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FunctionType
from typing import Any

_PACKAGE = "cognitive_architecture.distributed_mesh"


@dataclass(frozen=True, slots=True)
class Bug:
    """A change of shipped code, and what it breaks."""

    where: str
    """``room.module:Class.function`` inside the mesh."""
    old: str
    """Stands once in the function …"""
    new: str
    """… and is replaced by this."""
    breaks: str
    """A sentence for the table."""

    @property
    def name(self) -> str:
        """Where it is, and a few words of what it breaks, as one word."""
        function = self.where.partition(":")[2].rpartition(".")[2]
        return f"{function}: {self.breaks}"


def function_of(bug: Bug) -> FunctionType:
    """The function that the bug is in."""
    module, _, path = bug.where.partition(":")
    found: Any = importlib.import_module(f"{_PACKAGE}.{module}")
    for name in path.split("."):
        found = inspect.getattr_static(found, name)
    if isinstance(found, property):
        found = found.fget
    assert isinstance(found, FunctionType), f"{bug.where} is no function"
    return found


@contextmanager
def is_planted(bug: Bug) -> Iterator[None]:
    """Let the function do what it should not, whoever holds on to it already."""
    function = function_of(bug)
    source = textwrap.dedent(inspect.getsource(function))
    assert source.count(bug.old) == 1, (
        f"{bug.where} has changed: {bug.old!r} stands in it {source.count(bug.old)} times. "
        "Plant the bug anew, so that it breaks what it says"
    )
    lines = source.replace(bug.old, bug.new).splitlines()
    while lines[0].startswith("@"):
        del lines[0]
    scope: dict[str, Any] = {}
    code = "from __future__ import annotations\n" + "\n".join(lines)
    exec(compile(code, f"planted in {bug.where}", "exec"), function.__globals__, scope)
    sound = function.__code__
    function.__code__ = scope[function.__name__].__code__
    try:
        yield
    finally:
        function.__code__ = sound
