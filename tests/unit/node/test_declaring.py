"""What ``@handles`` takes and refuses; its names are in ``tests/unit/mesh/test_handlers.py``."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from cognitive_architecture.distributed_mesh.handlers import (
    HandlerKind,
    declared_handler,
    handles,
)
from cognitive_architecture.foundation.errors import HandlersFileError


async def coroutine(payload: dict[str, Any], task: object) -> None: ...


async def stream(payload: dict[str, Any], task: object) -> AsyncIterator[int]:
    yield 1


def thread(payload: dict[str, Any], task: object) -> None: ...


def generator(payload: dict[str, Any], task: object) -> Iterator[int]:
    yield 1


def alone(payload: dict[str, Any]) -> None: ...


BY_NAME = (
    "<lambda>: with process=True another process imports it by its name, so it must be a function "
    "at the top of a module"
)
NOT_HERE = "nothing can be written on it; put @handles before a function that calls it"


class Method:
    def work(self, payload: dict[str, Any], task: object) -> None: ...


@pytest.mark.parametrize(
    ("function", "kind"),
    [
        (coroutine, HandlerKind.COROUTINE),
        (stream, HandlerKind.STREAM),
        (thread, HandlerKind.THREAD),
        (functools.partial(coroutine), HandlerKind.COROUTINE),
    ],
)
def test_a_function_is_taken_as_what_it_is(function: Callable[..., Any], kind: HandlerKind) -> None:
    assert handles("x")(function) is function
    handler = declared_handler(function)
    assert handler is not None
    assert (handler.kind, handler.function) == (kind, function)


def test_a_plain_function_may_ask_for_a_process() -> None:
    handler = declared_handler(handles("x", process=True)(alone))
    assert handler is not None
    assert handler.kind is HandlerKind.PROCESS


@pytest.mark.parametrize(
    ("function", "process", "said"),
    [
        (coroutine, True, "coroutine: process=True needs a plain function, not an async one"),
        (stream, True, "stream: process=True needs a plain function, not an async one"),
        (generator, True, "generator: process=True cannot stream"),
        (generator, False, "generator: a stream needs an async generator (async def with yield)"),
        (
            lambda payload: payload,
            True,
            BY_NAME,
        ),
        (42, False, "@handles belongs before a function, not 42"),
        (None, False, "@handles belongs before a function, not None"),
        (Method().work, False, f"Method.work: {NOT_HERE}"),
        (print, False, f"print: {NOT_HERE}"),
    ],
)
def test_what_cannot_be_served_is_refused(function: Any, process: bool, said: str) -> None:
    with pytest.raises(HandlersFileError) as refused:
        handles("x", process=process)(function)
    assert str(refused.value) == said


def test_a_class_is_refused() -> None:
    with pytest.raises(HandlersFileError, match="belongs before a function, not <class"):
        handles("x")(Method)


def test_a_function_within_another_cannot_be_found_by_a_process() -> None:
    def inner(payload: dict[str, Any]) -> None: ...

    with pytest.raises(HandlersFileError, match="at the top of a module"):
        handles("x", process=True)(inner)


def test_a_function_serves_one_capability() -> None:
    def work(payload: dict[str, Any], task: object) -> None: ...

    handles("one")(work)
    handles("one")(work)
    with pytest.raises(HandlersFileError) as refused:
        handles("two")(work)
    assert "serves 'one' already: give 'two' a function of its own" in str(refused.value)


def test_what_was_never_declared_is_no_handler() -> None:
    assert declared_handler(alone.__name__) is None
    assert declared_handler(None) is None
