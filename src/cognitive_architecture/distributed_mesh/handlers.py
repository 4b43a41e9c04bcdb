"""How a program says "I can do this": the ``@handles`` decorator.

    @handles("summarize")
    async def summarize(payload, task):
        task.progress(0.5, "read it")
        return {"summary": payload["text"][:80]}

A handler takes the payload (a JSON object) and the running task, and returns what JSON can say.
It may be

* ``async def``: runs on the node's event loop;
* plain ``def``: runs in a thread, so it may block;
* plain ``def`` with ``process=True``: runs in another process, so it may use a whole core; it
  gets the payload alone, and must live in an importable module;
* an async generator: every value it yields is streamed as a chunk, and the result is their list.

All but those in another process may ask the mesh for what others can do: ``task.mesh``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from cognitive_architecture.distributed_mesh.model import DistributedTask
from cognitive_architecture.foundation.errors import HandlersFileError
from cognitive_architecture.foundation.sentences import shown

HandlerFunction = Callable[..., Any]
T = TypeVar("T")
_F = TypeVar("_F", bound=HandlerFunction)


class HandlerKind(StrEnum):
    """Where a handler runs."""

    COROUTINE = "coroutine"
    STREAM = "stream"
    THREAD = "thread"
    PROCESS = "process"


class MeshAccess(Protocol):
    """What a handler may ask of the mesh while it works on a task.

    Whatever it asks for ends with the attempt: when the attempt is stopped, times out or returns,
    the tasks it has asked for and not received are cancelled.
    """

    async def run(self, task: DistributedTask) -> Any:
        """Submit a task and wait for its result.

        It gets the priority of the task that asks, and no more time than that has left.

        Raises:
            TaskFailed: Every attempt failed; the reason is the last one's.
            TaskCancelled: Somebody cancelled it.
            MeshError: It was refused, or no orchestrator answers.
        """
        ...

    async def cancel(self, task_id: str) -> bool:
        """End a task wherever it is.

        Returns:
            Whether this call ended it; not if it had ended before.

        Raises:
            UnknownTask: There is no such task.
        """
        ...

    async def nodes(self) -> list[dict[str, Any]]:
        """The nodes of the mesh.

        Raises:
            MeshError: No orchestrator answers.
        """
        ...

    def wait(self, question: Coroutine[Any, Any, T]) -> T:
        """Let the node await something for a handler that blocks a thread.

            result = task.mesh.wait(task.mesh.run(DistributedTask(task_type="…")))

        Raises:
            TaskCancelled: The attempt was stopped meanwhile.
            HandlerError: It was called on the event loop, which would wait for itself.
            MeshError: Whatever the question raises.
        """
        ...


class RunningTask(Protocol):
    """What a handler may know of, and say to, the task it works on."""

    @property
    def task_id(self) -> str:
        """The task's id."""
        ...

    @property
    def attempt(self) -> int:
        """1 for the first attempt, one more for each retry."""
        ...

    @property
    def priority(self) -> int:
        """1 to 10, 10 most urgent."""
        ...

    @property
    def is_cancelled(self) -> bool:
        """Whether the attempt was stopped; a handler in a thread should look and return."""
        ...

    @property
    def mesh(self) -> MeshAccess:
        """Where a handler asks for what others can do."""
        ...

    def count_tokens(self, count: int) -> None:
        """Say that so many more tokens were used; its requester may be charged by them.

        Callable from a thread too. What is not a whole number above 0 is ignored.
        """
        ...

    @property
    def checkpoint(self) -> Any:
        """What an earlier attempt has saved last, as JSON can say it; ``None`` if none has.

        The attempt may have failed, timed out, been lost with its node or been stopped for another
        task, and this one may run on another node. The latest that reached the store counts.
        """
        ...

    def save_checkpoint(self, state: Any) -> None:
        """Save what another attempt may go on from; callable from a thread too.

        It replaces the one before, travels with the next heartbeat, and is written to the store.

        Args:
            state: What JSON can say, of ``node.checkpoint_bytes_max`` bytes at most.

        Raises:
            UnencodableResult: JSON cannot say it.
            OutputTooLarge: It is too large.
        """
        ...

    def progress(self, fraction: float, note: str = "") -> None:
        """Tell whoever watches the task how far it is; callable from a thread too.

        Args:
            fraction: 0 to 1; values outside are clipped.
            note: A few words for people.
        """
        ...


@dataclass(frozen=True, slots=True)
class Handler:
    """A function and the capability it serves."""

    capability: str
    function: HandlerFunction
    kind: HandlerKind
    version: str = ""
    """What a task may ask for as ``versions.CAPABILITY``; empty if it has none."""

    @property
    def description(self) -> str:
        """The first line of the function's docstring."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]


def handles(capability: str, *, process: bool = False, version: str = "") -> Callable[[_F], _F]:
    """Declare that the decorated function serves ``capability``.

    Args:
        capability: The name tasks ask for: letters, digits, ``_``, ``-``, ``.`` and ``:``.
        process: Run a plain function in another process instead of a thread.
        version: Of what it does, as ``1.2.0``; tasks may require one.

    Raises:
        HandlersFileError: The name or the kind of function cannot be served.
    """
    # Whoever forgets the brackets hands over the function.
    if not isinstance(capability, str):
        raise HandlersFileError(f'capability: write @handles("name"), not {shown(capability)}')
    if not capability or not all(char.isalnum() or char in "_-.:" for char in capability):
        raise HandlersFileError(
            f"capability {shown(capability)}: use letters, digits, '_', '-', '.' and ':' only"
        )
    if not isinstance(version, str):
        raise HandlersFileError(f"version of {shown(capability)}: a text, not {shown(version)}")
    plain = str.__str__(capability)  # an enum's member travels as its value

    def declare(function: _F) -> _F:
        if not _is_function(function):
            raise HandlersFileError(f"@handles belongs before a function, not {shown(function)}")
        handler = Handler(plain, function, _kind(function, process=process), version)
        other = declared_handler(function)
        if other is not None and other.function is function and other.capability != plain:
            raise HandlersFileError(
                f"{_name(function)} serves {other.capability!r} already: give {plain!r} a "
                "function of its own"
            )
        try:
            function.__cogmesh_handler__ = handler  # type: ignore[attr-defined]
        except AttributeError:  # a method, or something written in C
            raise HandlersFileError(
                f"{_name(function)}: nothing can be written on it; put @handles before a function "
                "that calls it"
            ) from None
        return function

    return declare


def declared_handler(value: object) -> Handler | None:
    """The handler that ``@handles`` left on a function, if any."""
    try:
        found = getattr(value, "__cogmesh_handler__", None)
    except Exception:  # noqa: BLE001 - any value of a module is asked, a stranger's proxy too
        return None
    return found if isinstance(found, Handler) else None


def _is_function(value: object) -> bool:
    return callable(value) and not isinstance(value, type)


def _name(function: object) -> str:
    return getattr(function, "__qualname__", None) or shown(function)


def _kind(function: HandlerFunction, *, process: bool) -> HandlerKind:
    if process:
        if inspect.isgeneratorfunction(function):
            raise HandlersFileError(f"{_name(function)}: process=True cannot stream")
        if "<" in _name(function):
            raise HandlersFileError(
                f"{_name(function)}: with process=True another process imports it by its name, so "
                "it must be a function at the top of a module"
            )
        if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
            raise HandlersFileError(
                f"{function.__qualname__}: process=True needs a plain function, not an async one"
            )
        return HandlerKind.PROCESS
    if inspect.isasyncgenfunction(function):
        return HandlerKind.STREAM
    if inspect.iscoroutinefunction(function):
        return HandlerKind.COROUTINE
    if inspect.isgeneratorfunction(function):
        raise HandlersFileError(
            f"{function.__qualname__}: a stream needs an async generator (async def with yield)"
        )
    return HandlerKind.THREAD
